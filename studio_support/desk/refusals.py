"""What commands about tickets refuse, and what is left over, in words with the next step."""

from __future__ import annotations

from collections.abc import Sequence

from studio_invoices.errors import Problem
from studio_support.errors import Refused
from studio_support.otrs.model import Ticket
from studio_support.sync.actions import Action, CreateIssue, Plan, Warn, Write
from studio_support.sync.apply import Outcome
from studio_support.sync.model import Promised
from studio_support.sync.plan_links import issues_in, numbers_in
from studio_support.sync.talk import lacking
from studio_support.sync.world import World

_STOPS = ("lacks", "no-client", "no-contract", "no-project", "gone", "ended")
_STEPS = {"estimate": "ticket estimate {} HOURS", "agreed": "ticket approve {}"}
_ENDINGS = {
    "failed": ("was refused", "Correct what the server names; a pass tries it again every hour."),
    "not sent": ("could not be handed over", "The next pass tries again; the same command does so now."),
    "unknown": ("was handed over, and nobody knows what became of it", "A pass looks it up and goes on from there."),
    "taken": ("is being done by another pass", "Look again in a minute."),
}
_LEFT_OUT = ("was left out, since what it stands on did not end well", "The next pass tries again.")


def stop_task(world: World, ticket: Ticket, made: Plan) -> None:
    """Raises Refused with what is in the way of an issue. made: the plan of the world in which it is ordered."""
    missing = lacking(ticket, world.rules)
    if missing:
        commands = "; ".join(f"`{_STEPS[word].format(ticket.number)}`" for word in missing if word in _STEPS)
        raise Refused(
            f"Ticket {ticket.number} lacks {', '.join(missing)}, which [sync] required asks for.",
            f"First: {commands}" if commands else "Fill in the ticket's fields in OTRS, then run it again.",
        )
    if any(isinstance(one, CreateIssue) for one in made.actions):
        return
    for one in made.actions:
        if isinstance(one, Warn) and one.key.partition(":")[0] in _STOPS:
            raise Refused(sentence(one.message), one.next_step)


def stop_done(world: World, ticket: Ticket) -> None:
    """Raises Refused where the client must not be told that it is done: issues open, refused or not to be seen."""
    links = [link for link in world.links if link.ticket_id == ticket.id and link.state != "gone"]
    if not world.issues_read:
        raise Refused(
            "Redmine does not answer, so it is not known whether the work is done.", "Try again once it is up."
        )
    ids = {link.issue_id for link in links} - world.gone
    # linked by the plan that follows, as a pass would do it
    written = issues_in(ticket, world.rules)
    ids |= {
        issue.id for issue in world.issues if issue.id in written or ticket.number in numbers_in(issue, world.rules)[1]
    }
    if not ids:
        return
    status = {issue.id: issue.status for issue in world.issues if issue.id in ids}
    states = {one: world.rules.state_of(said) for one, said in status.items()}
    at_work = [f"#{one} ({status[one]})" for one, state in states.items() if state == "open"]
    if at_work:
        ends = " or ".join(world.rules.done_statuses)
        raise Refused(
            f"The work on ticket {ticket.number} goes on: {', '.join(at_work)}.",
            f"Set it to {ends} in Redmine; the next pass tells the client by itself.",
        )
    if "done" not in states.values():
        named = ", ".join(f"#{one} ({said})" for one, said in status.items())
        raise Refused(
            f"No issue of ticket {ticket.number} is done: {named}.",
            "Write to the client by hand: a refusal needs words of its own.",
        )


def stop_order(ordered: Sequence[Action], planned: Sequence[Action]) -> None:
    """Raises Refused where a letter that only a person orders cannot be written now: no pass would send it later.

    ordered, planned: what a plan does with the order and without it, all warnings in it.
    """
    known = {one.key for one in planned if isinstance(one, Warn)}
    for one in ordered:
        if isinstance(one, Warn) and one.key not in known:
            if not one.key.startswith("cap-"):
                raise Refused(sentence(one.message), one.next_step)
            said = sentence(one.message.replace("waits for tomorrow", "is not sent"))
            raise Refused(said, f"Run it again tomorrow. {one.next_step}")


def nothing_missed(ticket: Ticket, row: Promised | None) -> Refused:
    """Why there is nothing to apologise for."""
    if row is None:
        return Refused(
            f"Nothing was promised for ticket {ticket.number} here, so nothing was missed.",
            "Write to the client by hand if an apology is due all the same.",
        )
    kept = row.acknowledged_at is not None and row.estimated_at is not None
    due = f"{row.due_local:%Y-%m-%d %H:%M}"
    how = f"was kept: it was due {due}" if kept else f"is not missed: it is due {due}"
    return Refused(f"The promise for ticket {ticket.number} {how}.", "An apology follows a missed promise only.")


def problem_of(outcome: Outcome) -> Problem:
    """A write that did not end well, in words."""
    action = outcome.action
    assert isinstance(action, Write), "records of our own store cannot be left over"
    what, step = _ENDINGS.get(outcome.ending, _LEFT_OUT)
    detail = f": {outcome.detail}" if outcome.detail else ""
    kind = action.key.kind.replace("_", " ")
    return Problem(f"ticket:{action.number}", sentence(f"{kind} {what}{detail}"), step)


def sentence(message: str) -> str:
    """A warning as a sentence."""
    text = message[:1].upper() + message[1:]
    return text if text.endswith((".", "?")) else f"{text}."
