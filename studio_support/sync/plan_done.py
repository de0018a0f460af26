"""The end of the work: what linked issues look like now, and the letter that it is done.

Done is told once all issues of the ticket are ended and one of them is done; refused ones are for the manager alone. A
second letter needs that the issue was seen open again.
"""

from __future__ import annotations

from dataclasses import replace

from studio_support.sync.actions import SawIssue, TellDone
from studio_support.sync.model import Link
from studio_support.sync.plan_intake import article_of_round, facts_of
from studio_support.sync.talk import recipient
from studio_support.sync.world import Desk


def look_at_issues(desk: Desk) -> None:
    """Stores what changed about linked issues, and names what a person has to know."""
    desk.links = [_seen(desk, link) for link in desk.links]


def done(desk: Desk) -> None:
    """Plans the letter that it is done, or notes that the work goes on again."""
    live = [link for link in desk.links if link.state != "gone"]
    round_ = desk.known.done_round
    told = desk.done(desk.key("done", round_))
    if any(link.state == "open" for link in live):
        if told:
            desk.remember(done_round=round_ + 1)
        return
    ended = [link for link in live if link.state == "done"]
    if not ended or told:
        return
    if not desk.known.adopted:
        was_open = any(link.ticket_id == desk.ticket.id and link.state == "open" for link in desk.world.links)
        if not was_open:
            return
        desk.warn(
            f"old-done-{round_}",
            f"#{ended[0].issue_id} is done; its client is not told, since the ticket is older than this store",
            f"Tell the client by hand, or run `ticket done {desk.ticket.number}`.",
            lasting=False,
        )
        return
    note = next((note for note in (_note(desk, link) for link in ended) if note), "")
    to = recipient(desk.ticket, article_of_round(desk))
    desk.letter(TellDone, "done", round_, to, facts_of(desk, note=note))


def _note(desk: Desk, link: Link) -> str:
    issue = desk.office.issues.get(link.issue_id)
    name = desk.rules.client_note_field
    return issue.field(name).strip() if issue is not None and name else ""


def _seen(desk: Desk, link: Link) -> Link:
    if link.issue_id in desk.world.gone and link.state != "gone":
        desk.warn(
            f"gone-{link.issue_id}",
            f"its issue #{link.issue_id} was deleted, or cannot be seen any more",
            "Nothing is made in its place: look for it in Redmine, and tell the client if the work is dropped.",
            lasting=False,
        )
        return _saw(desk, replace(link, state="gone"))
    issue = desk.office.issues.get(link.issue_id)
    if issue is None:
        return link
    now = replace(link, state=desk.rules.state_of(issue.status), project=issue.project)
    if now == link:
        return link
    if link.project and now.project != link.project:
        desk.warn(
            f"moved-{link.issue_id}-{now.project}",
            f"its issue #{link.issue_id} was moved from {link.project} to {now.project}",
            "Nothing needs to be done if the project belongs to the same client.",
            lasting=False,
        )
    if now.state == "refused":
        desk.warn(
            f"refused-issue-{link.issue_id}-{desk.known.done_round}",
            f"its issue #{link.issue_id} was refused ({issue.status}); the client is not told",
            "Tell the client yourself why, or open the issue again.",
            lasting=False,
        )
    return _saw(desk, now)


def _saw(desk: Desk, link: Link) -> Link:
    desk.add(SawIssue(link.ticket_id, link.issue_id, link.state, link.project))
    return link
