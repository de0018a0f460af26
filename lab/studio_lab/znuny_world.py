"""Who and what is in every lab's Znuny: agents, companies, customers, queues, dynamic fields, filters.

`@studio.test` and the customers' `.test` addresses reach nobody but the lab's mail sink.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WEB_SERVICE = "GenericTicketConnectorREST"
ADDRESS = "support@studio.test"
QUEUES = ("Support", "To Redmine", "Junk")
GROUP = "support"  # of the three queues
TIME_GROUP = "timeaccounting_webservice"  # Znuny asks for it before it tells hours over REST

ROOT = "root@localhost"
ROBOT = "robot"  # the product's agent
# login: first name, last name, groups
AGENTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    ROOT: ("Admin", "OTRS", (GROUP,)),
    "admin": ("Alma", "Admin", ("admin", "users", "stats", GROUP)),
    ROBOT: ("Support", "Robot", (GROUP, TIME_GROUP)),
    "petrova": ("Anna", "Petrova", ("users", GROUP)),
    "sidorov": ("Олег", "Сидоров", ("users", GROUP)),
    "blind": ("Bert", "Blind", ()),
}

COMPANIES = {"ACME": "ACME GmbH", "Beta": "Бета ООО"}
# e-mail address, which is the login too: first name, last name, company or none
CUSTOMERS = {
    "jane@acme.test": ("Jane", "Doe", "ACME"),
    "juergen@acme.test": ("Jürgen", "Groß", "ACME"),
    "reject@acme.test": ("Rita", "Rejected", "ACME"),  # the mail sink refuses what goes to her
    "maria@beta.test": ("Мария", "Иванова", "Beta"),
    "pavel@beta.test": ("Павел", "Орлов", "Beta"),
    "claire@solo.test": ("Claire", "Lefèvre", None),
    "yusuf@solo.test": ("يوسف", "حداد", None),
}

URGENCIES = {"normal": "Normal", "high": "High", "critical": "Critical"}
AUTO_HEADER = "Auto-Submitted"
AUTO_FIELD = "AutoSubmitted"
# The field is the article's: in one ticket a person's mail may follow a machine's.
FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "ToRedmine", "label": "To Redmine", "type": "Checkbox", "object": "Ticket"},
    {"name": "Estimate", "label": "Estimate, hours", "type": "Text", "object": "Ticket"},
    {"name": "Agreed", "label": "Agreed with the client", "type": "Checkbox", "object": "Ticket"},
    {
        "name": "Urgency",
        "label": "Urgency",
        "type": "Dropdown",
        "object": "Ticket",
        "config": {"PossibleNone": 1, "PossibleValues": URGENCIES, "TranslatableValues": 0},
    },
    {"name": "RedmineIssue", "label": "Redmine issue", "type": "Text", "object": "Ticket"},
    {"name": AUTO_FIELD, "label": "Sent by a machine", "type": "Text", "object": "Article"},
)


def content(secret: Callable[[str], str], web_service_yaml: str) -> dict[str, Any]:
    """What content.pl makes of an empty Znuny; `secret` gives the password of an agent or customer."""
    return {
        "groups": [GROUP, TIME_GROUP],
        "queue_group": GROUP,
        "queues": list(QUEUES),
        "address": ADDRESS,
        "realname": "Studio Support",
        "agents": [
            {
                "login": login,
                "first": first,
                "last": last,
                "email": login if "@" in login else f"{login}@studio.test",
                "password": secret(login),
                "groups": list(groups),
            }
            for login, (first, last, groups) in AGENTS.items()
        ],
        "companies": [{"id": identifier, "name": name} for identifier, name in COMPANIES.items()],
        "customers": [
            {"email": email, "first": first, "last": last, "company": company, "password": secret(email)}
            for email, (first, last, company) in CUSTOMERS.items()
        ],
        "fields": list(FIELDS),
        # They run in the order of their names. First every mail gets a "no", so that a filter that is missing shows;
        # then what is anything but "no" (RFC 3834): auto-replied, auto-generated, auto-notified.
        "filters": [
            {"name": "10 a letter", "header": "From", "pattern": ".", "field": AUTO_FIELD, "value": "no"},
            {
                "name": "20 auto submitted",
                "header": AUTO_HEADER,
                "pattern": r"^\s*(auto-[a-z-]+)",
                "field": AUTO_FIELD,
                "value": "[***]",
            },
        ],
        "web_service": {"name": WEB_SERVICE, "yaml": web_service_yaml},
    }
