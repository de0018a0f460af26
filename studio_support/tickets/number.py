"""Ticket numbers of OTRS and Znuny: found in text, told from typing errors, always texts and never integers.

Source: the four generators of Znuny (Kernel/System/Ticket/Number). The check digit of DateChecksum rejects typing
errors and proves nothing: some errors of one digit pass it, so whoever acts on a number looks the ticket up first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Generator = Literal["DateChecksum", "Date", "AutoIncrement", "Random"]

# What mail programs put between characters without showing it, right-to-left marks among it.
_UNSEEN = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_GAP = rf"[\s{_UNSEEN}]{{0,3}}"
_MARK = r"(?:#|№|:|n[ro°º]\.?)"
_DIGITS = r"[0-9]"
_PREFIX = re.compile(
    rf"{_GAP}(?:re|aw|antw|antwort|sv|vs|wg|fwd?|tr|rv|rif|enc|res|odp|pd|ynt|ilt|vl|отв|ответ|пересл|回复|答复|转发|返信|転送)(?:\[[0-9]{{1,3}}\]|\([0-9]{{1,3}}\)|\^[0-9]{{1,3}})?{_GAP}[:：]",
    re.IGNORECASE,
)
_LONGEST = 30
# Not within a word or a decimal fraction; "_" is no part of a word here: file names are full of numbers.
_RUN = re.compile(rf"(?<![^\W_])(?<![0-9][.,]){_DIGITS}{{6,{_LONGEST}}}(?![^\W_])")


@dataclass(frozen=True, slots=True)
class NumberPolicy:
    """How an installation numbers its tickets. system_id: digits, any length. hook: as in its settings.

    generators: those whose numbers count; several where an installation has changed it. Raises ValueError for a system
    id that is not made of digits, for no hook, and for no generator.
    """

    system_id: str = "10"
    hook: str = "Ticket#"
    generators: tuple[Generator, ...] = ("DateChecksum",)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]+", self.system_id) or not self.hook.strip() or not self.generators:
            raise ValueError("a policy of ticket numbers needs a system id of digits, a hook and a generator")


@dataclass(frozen=True, slots=True)
class Found:
    """A sound number in a text. hooked: the hook stands before it. start, end: where its digits are."""

    number: str
    generator: Generator
    hooked: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """Digits that were meant as a number and cannot be one. likely: numbers that one slip of the hand makes of it."""

    written: str
    fault: str
    likely: tuple[str, ...]
    start: int
    end: int


def check_digit(digits: str) -> str:
    """The check digit of DateChecksum for the digits before it.

    They are multiplied by 1, 2, 1, 2, … and the products summed; what is missing to the next ten is the digit, and 1
    where that would be 10. It is never 0.
    """
    total = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return str(1 if total % 10 == 0 else 10 - total % 10)


def generator_of(number: str, policy: NumberPolicy) -> Generator | None:
    """The generator that can have made this number; None for no number of this installation."""
    return next((one for one in policy.generators if not _fault(number, one, policy.system_id)), None)


def fault_of(number: str, policy: NumberPolicy) -> str:
    """Why this is no ticket number, in words; "" for a sound one. With several generators: the first one's reason."""
    if generator_of(number, policy) is not None:
        return ""
    return _fault(number, policy.generators[0], policy.system_id)


def find_numbers(text: str, policy: NumberPolicy) -> tuple[Found, ...]:
    """Every sound number in a subject, description, field or letter, each once, in the order of the text.

    After the hook any form counts (`[Ticket#…]`, `ticket № …`, `Ticket#: …`). Without it a number counts if it is the
    whole text, or anywhere in it if it has a check digit: without one, digits that look like a number are too common.
    Numbers of other installations (another system id) do not count.
    """
    found: dict[str, Found] = {}
    for hooked, start, end in _places(text, policy):
        number = text[start:end]
        generator = generator_of(number, policy)
        alone = text.strip() == number
        if generator is not None and (hooked or alone or generator == "DateChecksum"):
            found.setdefault(number, Found(number, generator, hooked, start, end))
    return tuple(found.values())


def find_wrong(text: str, policy: NumberPolicy, known: Collection[str] | None = None) -> tuple[Wrong, ...]:
    """Digits after the hook that are no number here, and bare ones that are a slip away from one with a check digit.

    known: numbers of tickets that exist, if at hand; see likely. Sound numbers of other installations are left out.
    """
    found: dict[str, Wrong] = {}
    for hooked, start, end in _places(text, policy):
        written = text[start:end]
        if generator_of(written, policy) is not None or _foreign(written, policy):
            continue
        dated = len(written) >= len(policy.system_id) + 13 and written[8:].startswith(policy.system_id)
        meant = likely(written, policy, known)
        if hooked or (meant and dated and "DateChecksum" in policy.generators and _is_date(written[:8])):
            found.setdefault(written, Wrong(written, fault_of(written, policy), meant, start, end))
    return tuple(found.values())


def likely(number: str, policy: NumberPolicy, known: Collection[str] | None = None) -> tuple[str, ...]:
    """Sound numbers that differ from a wrong one by one slip of the hand, the likeliest slips first.

    Two neighbouring digits changed places, one digit is another, one is missing, one is too much; those that leave the
    first four digits (the year) as they are come before the others. known: numbers of tickets that exist; only these
    are proposed then, which nearly always leaves one. Without them only numbers with a check digit are proposed: any
    digits would do for the others.
    """
    slips = dict.fromkeys(_slips(number))
    if known is None:
        sound = (slip for slip in slips if generator_of(slip, policy) == "DateChecksum")
    else:
        sound = (slip for slip in slips if slip in known and generator_of(slip, policy) is not None)
    # A slip that changes the year is a rare one: the year is typed all day long.
    return tuple(sorted((slip for slip in sound if slip != number), key=lambda slip: slip[:4] != number[:4]))


def bare_subject(subject: str, policy: NumberPolicy) -> str:
    """A subject without the ticket's tag (`[Ticket#…]`, left or right) and prefixes of replies (Re:, AW:, Отв: …)."""
    tag = re.compile(rf"\[{_GAP}{_hook(policy.hook)}{_DIGITS}{{5,{_LONGEST}}}{_GAP}\]", re.IGNORECASE)
    rest = tag.sub(" ", subject)
    while (prefix := _PREFIX.match(rest)) is not None:
        rest = rest[prefix.end() :]
    return " ".join(rest.split())


def digits_after_hook(text: str, hook: str = "Ticket#") -> str:
    """The 5 to 20 digits after the first hook, whatever made them; "" without one. For where no policy is known."""
    match = re.search(rf"{_hook(hook)}({_DIGITS}{{5,20}})(?!{_DIGITS})", text, re.IGNORECASE)
    return match[1] if match else ""


def _hook(hook: str) -> str:
    """A pattern for what stands before the digits: the hook as set, or its word with another mark."""
    hook = hook.strip()
    word = hook.rstrip("#№:. ")
    forms = re.escape(hook)
    if word:
        words = r"\s{1,3}".join(re.escape(part) for part in word.split())
        forms = rf"(?<!\w)(?:{forms}|{words}{_GAP}{_MARK})"
    return rf"{forms}{_GAP}(?::{_GAP})?"


def _places(text: str, policy: NumberPolicy) -> Iterator[tuple[bool, int, int]]:
    """Runs of digits that may be numbers: whether the hook stands before them, start, end."""
    hooked = re.compile(rf"{_hook(policy.hook)}({_DIGITS}{{5,{_LONGEST}}})(?!{_DIGITS})", re.IGNORECASE)
    places = {match.span(1): True for match in hooked.finditer(text)}
    for match in _RUN.finditer(text):
        places.setdefault(match.span(), False)
    for (start, end), after_hook in sorted(places.items()):
        yield after_hook, start, end


def _fault(number: str, generator: Generator, system_id: str) -> str:
    if not re.fullmatch(r"[0-9]+", number):
        return "not made of digits"
    if generator in ("AutoIncrement", "Random"):
        lengths = (5, 10) if generator == "AutoIncrement" else (10, 10)
        if not number.startswith(system_id):
            return f"does not begin with the system id {system_id}"
        if not lengths[0] <= len(number) - len(system_id) <= lengths[1]:
            return "has the wrong length"
        return ""
    rest = number[8:].removeprefix(system_id)
    if not _is_date(number[:8]):
        return "does not begin with a date"
    if not number[8:].startswith(system_id):
        return f"has another system id than {system_id}"
    if generator == "Date":
        return "" if 1 <= len(rest) <= 10 else "has the wrong length"
    counter = rest[:-1]
    # The counter is padded to five digits: a longer one never begins with 0.
    if not 5 <= len(counter) <= 10 or (len(counter) > 5 and counter.startswith("0")):
        return "has the wrong length"
    return "" if check_digit(number[:-1]) == number[-1] else "has a wrong check digit"


def _is_date(digits: str) -> bool:
    if not digits.startswith("20") or len(digits) != 8:
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _foreign(number: str, policy: NumberPolicy) -> bool:
    """Whether the number would be sound under another system id of the same length, by every generator in use."""
    length = len(policy.system_id)
    others = (number[8:] if generator in ("DateChecksum", "Date") else number for generator in policy.generators)
    return all(
        other[:length] != policy.system_id and not _fault(number, generator, other[:length])
        for generator, other in zip(policy.generators, others, strict=True)
    )


def _slips(number: str) -> Iterator[str]:
    places = range(len(number))
    for place in places[1:]:
        yield number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :]
    for place in places:
        for digit in "0123456789":
            yield number[:place] + digit + number[place + 1 :]
    for place in range(len(number) + 1):
        for digit in "0123456789":
            yield number[:place] + digit + number[place:]
    for place in places:
        yield number[:place] + number[place + 1 :]
