"""From a ticket to an issue: estimate, creation, link, the letter that the task is set, closing, later letters.

What makes a ticket an issue counts once until it was seen switched off: a ticket that comes back to life in the same
queue is looked at by a person first. An issue that a person made and that bears the number is as good as our own.
"""

from __future__ import annotations

from studio_support.sync.actions import (
    CloseTicket,
    CreateIssue,
    LinkIssue,
    NewIssue,
    NoteOnIssue,
    OrderEnded,
    Recognise,
    TellEstimate,
    TellTaskSet,
)
from studio_support.sync.issue_text import issue_description, issue_subject, note_text
from studio_support.sync.model import Key, Link
from studio_support.sync.plan_intake import article_of_round, facts_of
from studio_support.sync.talk import Said, estimate_minutes, lacking, priority_level, recipient, says_yes, triggered
from studio_support.sync.world import Desk

_MOST_MINUTES = 100_000


def task(desk: Desk, said: tuple[Said, ...]) -> None:
    """Plans everything about the ticket's issue but its end."""
    fires = triggered(desk.ticket, desk.rules)
    if not fires:
        desk.remember(trigger_spent=False)
    fires = fires and not desk.known.trigger_spent and not desk.ticket.closed
    if not desk.known.adopted:
        if fires:
            _too_old(desk)
        return
    _notes(desk, said)
    ordered = desk.ticket.id in desk.world.orders
    if desk.promised is None and not (ordered or any(link.by == "created" for link in live_links(desk))):
        return
    fires = fires or ordered
    made = _create(desk, said) if fires and not desk.links else None
    live = [link for link in desk.links if link.state != "gone"]
    if desk.promised is not None:
        _estimate(desk, quiet=fires or any(link.round == desk.promised.round for link in live))
    _fields(desk, live, made)
    if made is not None or _is_set(desk, live, fires):
        _tell(desk, live, made)


def _round(desk: Desk) -> int:
    """The round that an issue is made in; 0 for an older ticket that a person ordered one for."""
    return desk.promised.round if desk.promised else desk.known.round


def _too_old(desk: Desk) -> None:
    desk.remember(trigger_spent=True)
    desk.warn(
        "old-trigger",
        "it asks for an issue, but it is older than this store, so nothing is written to it",
        f"Make the issue by hand with the number in it, or run `ticket task {desk.ticket.number}`.",
        lasting=False,
    )


def live_links(desk: Desk) -> list[Link]:
    """Links whose issues are there."""
    return [link for link in desk.links if link.state != "gone"]


def _is_set(desk: Desk, live: list[Link], fires: bool) -> bool:
    """Whether the task of this round is set by an issue that exists."""
    begun = desk.intent(desk.key("task_set", _round(desk))) is not None
    if any(link.round == _round(desk) for link in live) or (live and begun):
        return True
    if not fires:
        return False
    if any(link.state == "open" for link in live):
        return True
    issues = ", ".join(f"#{link.issue_id}" for link in desk.links)
    if desk.links and not live:
        desk.warn(
            "gone", f"it asks for an issue, but {issues} is gone", "Make one by hand with the ticket's number in it."
        )
    elif live:
        desk.warn("ended", f"it asks for an issue, but {issues} is ended", "Open it again, or make another one.")
    return False


def _create(desk: Desk, said: tuple[Said, ...]) -> Key | None:
    """Plans the issue; None where something is in the way (named) or the write waits."""
    missing = lacking(desk.ticket, desk.rules)
    if missing:
        desk.warn("lacks", f"it lacks {', '.join(missing)}", "Fill in the ticket's fields; then it becomes an issue.")
        return None
    project = desk.ticket.field(desk.rules.fields.project).strip() or (desk.client.project if desk.client else "")
    if desk.client is None:
        desk.warn("no-client", "it cannot become an issue: no client lists its customer", "Add it to otrs_customers.")
        return None
    if desk.client.no_contract:
        desk.warn(
            "no-contract",
            f"it cannot become an issue: {desk.client.id} {desk.client.no_contract}",
            f"Mend clients/{desk.client.id}.toml, or make the issue by hand.",
        )
        return None
    if not project:
        desk.warn(
            "no-project",
            f"it cannot become an issue: it is not told in which project of {desk.client.id}",
            f"Write default_project in clients/{desk.client.id}.toml, or fill {desk.rules.fields.project}.",
        )
        return None
    key = desk.key("issue", 1)
    free, look = desk.free(key)
    if not desk.world.issues_read:
        desk.wait()
        return None
    if not free:
        return None
    rules, ticket = desk.rules, desk.ticket
    articles = tuple(one.article for one in said if one.kind in ("request", "thanks"))
    issue = NewIssue(
        project=project,
        subject=issue_subject(ticket, rules.numbers),
        description=issue_description(ticket, articles, rules.ticket_url, rules.numbers, rules.markup),
        ticket=ticket.number,
        estimate_minutes=_minutes(desk),
        priority=priority_level(ticket.priority),
        assignee=_assignee(desk),
        files=True,
    )
    return desk.write(CreateIssue(key, ticket.number, look, (), ticket.changed_at, issue=issue, round=_round(desk)))


def _assignee(desk: Desk) -> str:
    """By client, then queue, then account manager; "" where no rule fits."""
    client = desk.client
    words = (client.id if client else "", desk.ticket.queue, client.account_manager if client else "")
    return next((desk.rules.assignees[word] for word in words if word in desk.rules.assignees), "")


def _minutes(desk: Desk) -> int | None:
    minutes = estimate_minutes(desk.ticket.field(desk.rules.fields.estimate))
    return minutes if minutes and minutes <= _MOST_MINUTES else None


def _estimate(desk: Desk, *, quiet: bool) -> None:
    """An estimate in the ticket's field is told, unless the task is set already: then it is only remembered."""
    text = desk.ticket.field(desk.rules.fields.estimate).strip()
    row = desk.promised
    assert row is not None, "asked for tickets with a promise only"
    if not row.estimated_at and ((quiet and live_links(desk)) or says_yes(desk.ticket.field(desk.rules.fields.agreed))):
        desk.add(
            Recognise(desk.ticket.id, desk.ticket.number, row.round, "estimated", desk.world.now, "task set or agreed")
        )
    if not text or text == desk.known.estimate or desk.ticket.closed:
        return
    minutes = _minutes(desk)
    if minutes is None:
        desk.warn("estimate", f"its estimate {text[:40]!r} is no number of hours", 'Write hours, like "3.5" or "3:30".')
        return
    if quiet:
        desk.remember(estimate=text)
        return
    cost = desk.office.makers.cost(desk.client.id, minutes) if desk.client else ""
    desk.letter(
        TellEstimate,
        "estimate",
        desk.known.estimate_round + 1,
        recipient(desk.ticket, article_of_round(desk)),
        facts_of(desk, estimate_minutes=minutes, cost=cost),
        estimate=text,
    )


def _fields(desk: Desk, live: list[Link], made: Key | None) -> None:
    """Writes the issues into the ticket's field."""
    name = desk.rules.fields.issue
    written = desk.ticket.field(name).replace("#", " ").replace(",", " ").split()
    wanted: list[tuple[int, int | None]] = [
        (link.place, link.issue_id) for link in live if str(link.issue_id) not in written
    ]
    if made is not None:
        wanted.append((1, None))
    if not wanted:
        return
    if name not in dict(desk.ticket.fields):
        desk.warn(
            "field",
            f"the issue cannot be written into it: OTRS has no dynamic field {name} for tickets",
            f"Make the dynamic field {name} (text, ticket), or name another one in [otrs] fields.",
        )
        return
    for place, issue_id in wanted:
        key = desk.key("link", place)
        free, look = desk.free(key)
        if free:
            after = (made,) if made is not None and issue_id is None else ()
            desk.write(
                LinkIssue(key, desk.ticket.number, look, after, desk.ticket.changed_at, issue_id=issue_id, field=name)
            )


def _tell(desk: Desk, live: list[Link], made: Key | None) -> None:
    """The letter that the task is set, then the closing. An issue that is done by now needs the done letter only."""
    round_ = _round(desk)
    told_key = desk.key("task_set", round_)
    ours = made is not None or any(link.by == "created" and link.round == round_ for link in live)
    over = made is None and all(link.state != "open" for link in live)
    after = (made,) if made is not None else ()
    planned: Key | None = None
    if not desk.done(told_key) and not over and (ours or not desk.ticket.closed):
        planned = desk.letter(
            TellTaskSet,
            "task_set",
            round_,
            recipient(desk.ticket, article_of_round(desk)),
            facts_of(desk, estimate_minutes=_minutes(desk)),
            after=after,
        )
        if planned is None:
            return
    if made is None and triggered(desk.ticket, desk.rules):
        desk.remember(trigger_spent=True)  # an issue that is made spends it when it is there
    if made is None and desk.ticket.id in desk.world.orders:
        desk.add(OrderEnded(desk.ticket.id, desk.ticket.number))
    close = desk.key("close", round_)
    if desk.done(close) or desk.ticket.closed:
        return
    free, look = desk.free(close)
    desk.closing = True
    if free:
        desk.write(
            CloseTicket(
                close,
                desk.ticket.number,
                look,
                (*after, *([planned] if planned else [])),
                desk.ticket.changed_at,
                state=desk.rules.closed_state,
                why="the task is set",
            )
        )


def _notes(desk: Desk, said: tuple[Said, ...]) -> None:
    """What the client writes once there is an issue is put on it."""
    stored = {link.issue_id for link in desk.world.links if link.ticket_id == desk.ticket.id}
    live = [link for link in live_links(desk) if link.issue_id in stored]
    if not live:
        return
    begun = {intent.key.round for intent in desk.unfinished("note")}
    for one in said:
        new = one.kind == "request" and one.article.id > desk.known.last_article and desk.before is not None
        key = desk.key("note", one.article.id)
        # While Redmine is down, too: it is not sent then, and what was begun is gone on with.
        if not (new or one.article.id in begun):
            continue
        free, look = desk.free(key)
        if free:
            text = note_text(desk.ticket, one.article, desk.rules.numbers, desk.rules.markup)
            desk.write(
                NoteOnIssue(
                    key, desk.ticket.number, look, (), desk.ticket.changed_at, issue_id=live[-1].issue_id, text=text
                )
            )
