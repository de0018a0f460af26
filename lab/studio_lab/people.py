"""Who is in every lab's Redmine, by login: first and last name."""

from __future__ import annotations

ADMIN = "admin"
BILLING = "billing"  # no admin: the least rights that billing needs, in every project of a client
BRIDGE = "bridge"  # the same and what making issues of tickets needs: to add, edit and comment them
OWN = "own"  # a role that sees only its own entries

SERVICE_USERS = {BILLING: ("Billing", "Robot"), OWN: ("Olga", "Ownova")}

# They book time. The seed renames `renamed`, locks `locked`, and lets `deleted` leave without a trace but Anonymous.
BOOKING = {
    "a.petrova": ("Anna", "Petrova"),
    "i.ivanov": ("Иван", "Иванов"),
    "j.mueller": ("Jürgen", "Müller"),
    "s.orlova": ("Светлана", "Орлова"),
    "m.schmidt": ("Maria", "Schmidt"),
    "p.sokolov": ("Пётр", "Соколов"),
    "d.oneil": ("Dara", "O'Neil"),
    "k.nowak": ("Krzysztof", "Nowak"),
    "e.vasileva": ("Елена", "Васильева"),
    "t.weiss": ("Thomas", "Weiß"),
}

# In this order they are made: who comes last leaves the ids of the others as they are.
EVERYBODY = SERVICE_USERS | BOOKING | {BRIDGE: ("Bridge", "Robot")}
KEY_OWNERS = (ADMIN, BILLING, BRIDGE, OWN, "a.petrova")
