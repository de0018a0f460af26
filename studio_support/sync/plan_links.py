"""Issues that belong to tickets by what people wrote: a number in the field or text of an issue, an issue in a ticket.

A number in the ticket field counts always. A number in subject or description counts if it is the only one there:
"see also Ticket#..." would else tell the wrong client. A ticket merged into another hands its issues over to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from studio_support.otrs.model import Ticket
from studio_support.sync.actions import Connect, Warn
from studio_support.sync.model import IssueSeen, Link, Rules
from studio_support.sync.world import Desk, Office
from studio_support.tickets.number import find_numbers, find_wrong


def numbers_in(issue: IssueSeen, rules: Rules) -> tuple[str, tuple[str, ...]]:
    """By what an issue names tickets (field, text, or "" for not at all), and their numbers."""
    field = tuple(one.number for one in find_numbers(issue.ticket_field, rules.numbers))
    if field:
        return "field", field
    found = find_numbers(f"{issue.subject}\n{issue.description}", rules.numbers)
    text = tuple(dict.fromkeys(one.number for one in found))
    return ("text" if text else ""), text


def issues_in(ticket: Ticket, rules: Rules) -> tuple[int, ...]:
    """Ids of the issues that the ticket's field names."""
    words = ticket.field(rules.fields.issue).replace("#", " ").replace(",", " ").replace(";", " ").split()
    return tuple(dict.fromkeys(int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 10))


def main_number(ticket: Ticket, rules: Rules) -> str:
    """The number of the ticket that a merged one went into, as its last articles tell; "" where they do not."""
    for article in reversed(ticket.articles):
        text = f"{article.subject}\n{article.body}"
        others = [one.number for one in find_numbers(text, rules.numbers) if one.number != ticket.number]
        if others:
            return others[-1]
    return ""


def named(office: Office) -> Mapping[int, list[tuple[IssueSeen, str]]]:
    """Tickets by id with the issues that name them and are not linked to them yet, and by what."""
    rules = office.world.rules
    linked = {(link.ticket_id, link.issue_id) for link in office.world.links}
    any_link = {link.issue_id for link in office.world.links}
    found: dict[int, list[tuple[IssueSeen, str]]] = {}
    for issue in sorted(office.world.issues, key=lambda one: one.id):
        by, numbers = numbers_in(issue, rules)
        if by == "text" and len(numbers) > 1:
            if issue.id not in any_link:
                office.warn(_ambiguous(issue, numbers))
            continue
        for number in numbers:
            ticket_id = office.ids.get(number)
            if ticket_id is None and by == "text" and issue.id in any_link:
                continue  # it has its ticket, and what else its text mentions was not looked up
            if ticket_id is None:
                office.warn(_dangling(issue, number))
            elif (ticket_id, issue.id) not in linked:
                found.setdefault(ticket_id, []).append((issue, by))
        for warning in _typing_errors(issue, office):
            office.warn(warning)
    return found


def connect(desk: Desk, naming: list[tuple[IssueSeen, str]]) -> None:
    """Links what names this ticket, and what its own field names."""
    for issue, by in naming:
        _link(desk, issue, by)
    for issue_id in issues_in(desk.ticket, desk.rules):
        if any(link.issue_id == issue_id for link in desk.links):
            continue
        found = desk.office.issues.get(issue_id)
        if found is not None:
            _link(desk, found, "field")
        elif issue_id in desk.world.gone:
            desk.warn(
                f"names-{issue_id}",
                f"its field names the issue #{issue_id}, which is not there",
                "Correct the field.",
                lasting=False,
            )
    _shared(desk)


def hand_over(desk: Desk) -> None:
    """Plans for a merged ticket: its issues belong to the one that it was merged into from now on."""
    links = [link for link in desk.links if link.state != "gone"]
    if not links:
        return
    number = main_number(desk.ticket, desk.rules)
    main = desk.office.ids.get(number)
    if main is None:
        into = f"ticket {number}, which cannot be seen" if number else "another ticket, and which one is not told"
        desk.warn(
            "merged",
            f"it was merged into {into}; its issues {', '.join(f'#{link.issue_id}' for link in links)} hang in the air",
            "Write the main ticket's number into the issues' ticket field.",
            lasting=False,
        )
        return
    theirs = [link for link in desk.world.links if link.ticket_id == main]
    place = max((link.place for link in theirs), default=0)
    for link in links:
        if all(other.issue_id != link.issue_id for other in theirs):
            place += 1
            # round 0: that the task is set was told by the ticket that is gone
            desk.add(Connect(main, number, link.issue_id, 0, place, "merged", link.state, link.project))


def _link(desk: Desk, issue: IssueSeen, by: str) -> None:
    place = max((link.place for link in desk.links), default=0) + 1
    round_ = desk.promised.round if desk.promised and desk.known.adopted else 0
    state = desk.rules.state_of(issue.status)
    link = Link(desk.ticket.id, issue.id, place, round_, by, state, issue.project)
    desk.links.append(link)
    desk.add(Connect(desk.ticket.id, desk.ticket.number, issue.id, round_, place, by, state, issue.project))
    if place > 1:
        issues = ", ".join(f"#{one.issue_id}" for one in desk.links)
        desk.warn(
            f"two-issues-{place}",
            f"it has several issues: {issues}; its client is told when all of them are done",
            "Nothing needs to be done if that is meant; else take the number out of the wrong one.",
            lasting=False,
        )


def _shared(desk: Desk) -> None:
    mine = {link.issue_id for link in desk.links if link.by != "merged"}
    for link in desk.world.links:
        if link.ticket_id != desk.ticket.id and link.issue_id in mine and link.by != "merged":
            desk.warn(
                f"two-tickets-{link.issue_id}",
                f"its issue #{link.issue_id} belongs to another ticket as well; each client is told when it is done",
                "Nothing needs to be done if that is meant; else correct the issue's ticket field.",
                lasting=False,
            )


def _ambiguous(issue: IssueSeen, numbers: tuple[str, ...]) -> Warn:
    return Warn(
        f"ambiguous:{issue.id}",
        f"issue #{issue.id} names several tickets ({', '.join(numbers)}) and is linked to none",
        "Write the number of the right one into its ticket field.",
        lasting=False,
    )


def _dangling(issue: IssueSeen, number: str) -> Warn:
    return Warn(
        f"dangling:{issue.id}:{number}",
        f"issue #{issue.id} names ticket {number}, which is not there or cannot be seen",
        "Correct the number, or let the agent see the ticket's queue.",
        lasting=False,
    )


def _typing_errors(issue: IssueSeen, office: Office) -> Iterator[Warn]:
    rules = office.world.rules
    known = None if set(rules.numbers.generators) == {"DateChecksum"} else set(office.ids)
    for wrong in find_wrong(issue.ticket_field, rules.numbers, known):
        meant = f"; likely {' or '.join(wrong.likely[:3])}" if wrong.likely else ""
        yield Warn(
            f"typo:{issue.id}:{wrong.written}",
            f"issue #{issue.id} has the ticket number {wrong.written}, which {wrong.fault}{meant}",
            "Correct its ticket field.",
            lasting=False,
        )
