"""TicketSearch of the fake Znuny, with its silences: the unknown is ignored, the malformed finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from studio_support.testing.otrs_records import STATES, FakeAgent, FakeTicket
from studio_support.testing.otrs_world import OtrsWorld

Keeps = Callable[[FakeTicket], bool]
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}:\d{1,2}")
_SORTS: dict[str, Callable[[FakeTicket], Any]] = {
    "Age": lambda ticket: ticket.created_at,
    "Created": lambda ticket: ticket.created_at,
    "Changed": lambda ticket: ticket.changed_at,
    "TicketNumber": lambda ticket: ticket.number,
    "Title": lambda ticket: ticket.title,
}


class _Nothing(Exception):
    """The search is answered with an empty object."""


def search(world: OtrsWorld, agent: FakeAgent, told: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a search."""
    try:
        keeps = [*_plain(world, told), *_times(world, told), *_fields(world, told), *_texts(told)]
        limit = _limit(told.get("Limit"))
        sort = _SORTS[str(told.get("SortBy") or "Age")]
    except (_Nothing, KeyError):
        return {}
    found = [one for one in world.tickets.values() if sees(agent, one) and all(keep(one) for keep in keeps)]
    found.sort(key=sort, reverse=str(told.get("OrderBy") or "Down") == "Down")
    return {"TicketID": [str(one.id) for one in found[:limit]]} if found else {}


def sees(agent: FakeAgent, ticket: FakeTicket) -> bool:
    """Whether an agent may read a ticket."""
    return agent.queues is None or ticket.queue in agent.queues


def _limit(value: Any) -> int:
    if value in (None, "", 0, "0"):
        return 500
    if not re.fullmatch(r"\d+", str(value)):
        raise _Nothing
    return int(value)


def _list(told: Mapping[str, Any], name: str) -> list[str]:
    value = told.get(name)
    if value in (None, "", []):
        return []
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def _like(pattern: str, value: str) -> bool:
    return fnmatchcase(value.casefold(), pattern.casefold().replace("[", "[[]"))


def _plain(world: OtrsWorld, told: Mapping[str, Any]) -> list[Keeps]:
    """Lists of names, ids, numbers; a name that the server does not know finds nothing."""
    keeps: list[Keeps] = []
    if queues := _list(told, "Queues"):
        keeps.append(lambda ticket: ticket.queue in queues)
    if states := _list(told, "States"):
        keeps.append(lambda ticket: ticket.state in states)
    if types := _list(told, "StateType"):
        keeps.append(lambda ticket: STATES[ticket.state] in types)
    if ids := _list(told, "TicketID"):
        keeps.append(lambda ticket: str(ticket.id) in ids)
    if owners := _list(told, "OwnerIDs"):
        keeps.append(lambda ticket: str(ticket.owner) in owners)
    likes: dict[str, Callable[[FakeTicket], str]] = {
        "TicketNumber": lambda ticket: ticket.number,
        "Title": lambda ticket: ticket.title,
        "CustomerID": lambda ticket: ticket.customer,
        "CustomerIDRaw": lambda ticket: ticket.customer,
        "CustomerUserLogin": lambda ticket: ticket.customer_user,
    }
    for name, value_of in likes.items():
        if patterns := _list(told, name):
            keeps.append(_one_of(patterns, value_of, name == "CustomerIDRaw"))
    for names, known in (("Queues", set(world.queues)), ("States", set(STATES)), ("StateType", set(STATES.values()))):
        if not known.issuperset(_list(told, names)):
            raise _Nothing
    return keeps


def _one_of(patterns: list[str], value_of: Callable[[FakeTicket], str], exact: bool) -> Keeps:
    if exact:
        return lambda ticket: value_of(ticket) in patterns
    return lambda ticket: any(_like(one, value_of(ticket)) for one in patterns)


def _times(world: OtrsWorld, told: Mapping[str, Any]) -> list[Keeps]:
    """Times in the server's zone, inclusive, compared as they are written, like the database does."""
    keeps: list[Keeps] = []
    for prefix, value_of in (
        ("TicketCreateTime", lambda ticket: ticket.created_at),
        ("TicketLastChangeTime", lambda ticket: ticket.changed_at),
    ):
        for name, newer in ((f"{prefix}NewerDate", True), (f"{prefix}OlderDate", False)):
            if told.get(name):
                keeps.append(_since(world, str(told[name]), value_of, newer))
    return keeps


def _since(world: OtrsWorld, wall: str, value_of: Callable[[FakeTicket], datetime], newer: bool) -> Keeps:
    if not _DATE.fullmatch(wall):
        raise _Nothing
    try:
        naive = datetime.strptime(wall, "%Y-%m-%d %H:%M:%S").replace(tzinfo=world.zone)
    except ValueError:
        raise _Nothing from None
    there = naive.astimezone(UTC).astimezone(world.zone).replace(tzinfo=None) == naive.replace(tzinfo=None)
    if not there or (newer and naive.astimezone(UTC) > world.now()):
        raise _Nothing
    text = naive.strftime("%Y-%m-%d %H:%M:%S")
    if newer:
        return lambda ticket: world.wall(value_of(ticket)) >= text
    return lambda ticket: world.wall(value_of(ticket)) <= text


def _fields(world: OtrsWorld, told: Mapping[str, Any]) -> list[Keeps]:
    """Dynamic fields: only as an object, hence never from a query; unknown ones are ignored."""
    keeps: list[Keeps] = []
    for name in world.field_names:
        operators = told.get(f"DynamicField_{name}")
        if isinstance(operators, dict):
            keeps += [_field(name, operator, value) for operator, value in operators.items()]
    return keeps


def _field(name: str, operator: str, wanted: Any) -> Keeps:
    def values(ticket: FakeTicket) -> list[str]:
        value = ticket.fields.get(name)
        return [str(one) for one in (value if isinstance(value, list) else [value]) if one not in (None, "")]

    asked = [str(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    if operator == "Equals":
        return lambda ticket: any(value in asked for value in values(ticket))
    if operator == "Like":
        return lambda ticket: any(_like(one, value) for value in values(ticket) for one in asked)
    if operator == "Empty":
        return lambda ticket: bool(values(ticket)) != (str(wanted) == "1")
    return lambda ticket: True


def _texts(told: Mapping[str, Any]) -> list[Keeps]:
    """Full text and the parts of mails; `Body` and `Subject` are no names of parts, so they are ignored."""
    keeps: list[Keeps] = []
    parts: dict[str, Callable[[FakeTicket], str]] = {
        "Fulltext": lambda ticket: "\n".join(
            (ticket.number, ticket.title, *(f"{one.sender} {one.subject} {one.body}" for one in ticket.articles))
        ),
        "MIMEBase_Body": lambda ticket: "\n".join(one.body for one in ticket.articles),
        "MIMEBase_Subject": lambda ticket: "\n".join(one.subject for one in ticket.articles),
        "MIMEBase_From": lambda ticket: "\n".join(one.sender for one in ticket.articles),
    }
    for name, text_of in parts.items():
        if told.get(name):
            keeps.append(_holds(str(told[name]).strip("*"), text_of))
    return keeps


def _holds(text: str, text_of: Callable[[FakeTicket], str]) -> Keeps:
    return lambda ticket: text.casefold() in text_of(ticket).casefold()
