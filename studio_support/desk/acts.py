"""Commands that write about one ticket: a field is set, an order is kept, and the plan of a pass does the rest.

Look, plan and apply are those of cron, for this ticket alone and under the same lock; so a letter that cron has sent
is not sent again, and what a killed command began cron looks up or goes on with.
"""

from __future__ import annotations

from dataclasses import replace

from studio_invoices.errors import Problem
from studio_support.desk.locks import stop_held
from studio_support.desk.new import Call
from studio_support.desk.parts import DeskParts
from studio_support.desk.refusals import nothing_missed, problem_of, sentence, stop_done, stop_order, stop_task
from studio_support.desk.results import Acted, Step
from studio_support.errors import Refused, SourceError
from studio_support.otrs.model import Article, Ticket
from studio_support.sync.actions import Plan, Remember, TellEstimate, Warn, WarnEnded, Write
from studio_support.sync.apply import Outcome
from studio_support.sync.model import Known
from studio_support.sync.plan import plan
from studio_support.sync.plan_command import Order, apologise, missed, tell_done, tell_estimate
from studio_support.sync.talk import estimate_minutes, says_yes
from studio_support.sync.world import World


class Acts:
    """The writing verbs of TicketDesk."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    def estimate(self, typed: str, minutes: int, note: str, *, force: bool, dry_run: bool) -> Acted:
        """Writes the estimate into the ticket; the client is told hours and cost."""
        name = self._parts.rules.fields.estimate
        with self._parts.locked("ticket estimate", dry_run=dry_run):
            ticket = self._open(typed, "estimated")
            stop_held(self._parts, ticket, force=force)
            same = estimate_minutes(self._field(ticket, name)) == minutes
            world = self._filled(ticket, name, "" if same else f"{minutes // 60}:{minutes % 60:02d}", dry_run=dry_run)
            acted = self._act("estimate", world, tell_estimate(note), dry_run=dry_run)
            self._trace(acted, f"{_hours(minutes)} h", always=not same)
            if any(isinstance(one.action, TellEstimate) for one in acted.steps) or not acted.settled:
                return acted
            if same:
                intents = world.intents.get(ticket.id, ())
                told = any(one.key.kind == "estimate" and one.state == "done" for one in intents)
                more = ", and the client was told" if told else ""
                return replace(acted, said=(f"The estimate is {_hours(minutes)} already{more}.",))
            said = "Its task is set, so the client is not written to; the estimate stands in the ticket."
            return replace(acted, said=(said,))

    def approve(self, typed: str, *, force: bool, dry_run: bool) -> Acted:
        """Writes into the ticket that the client has agreed."""
        name = self._parts.rules.fields.agreed
        with self._parts.locked("ticket approve", dry_run=dry_run):
            ticket = self._open(typed, "approved")
            stop_held(self._parts, ticket, force=force)
            value = self._field(ticket, name)
            fresh = not says_yes(value)
            would = "would be" if dry_run else "is"
            said = [f"The client agrees: {name} {would} set." if fresh else f"It is agreed already ({name}: {value})."]
            if estimate_minutes(ticket.field(self._parts.rules.fields.estimate)) is None:
                said.append("There is no estimate in it: what was agreed on is told by its letters alone.")
            world = self._filled(ticket, name, "1" if fresh else "", dry_run=dry_run)
            acted = self._act("approve", world, None, dry_run=dry_run)
            self._trace(acted, always=fresh)
            return replace(acted, said=tuple(said))

    def task(self, typed: str, *, force: bool, dry_run: bool) -> Acted:
        """Makes the issue now, in whatever queue the ticket is and however old. Raises Refused for what it lacks."""
        with self._parts.locked("ticket task", dry_run=dry_run):
            ticket = self._living(typed)
            stop_held(self._parts, ticket, force=force)
            world = self.look(ticket.id)
            if not world.issues_read:
                raise Refused("Redmine does not answer, so no issue can be made.", "Try again once it is up.")
            live = [link for link in world.links if link.ticket_id == ticket.id and link.state == "open"]
            served, known = self._served(world, ticket)
            if not live:
                stop_task(served, ticket, plan(replace(served, warned={}), self._parts.bridge.passes.makers))
            if not dry_run and not live:
                before = world.known.get(ticket.id)
                self._parts.state.order_issue(before, known, self._parts.now)
                served = self.look(ticket.id)
            acted = self._act("task", world if live else served, None, dry_run=dry_run)
            self._trace(acted, always=not live)
            issues = ", ".join(f"#{link.issue_id}" for link in live)
            if live:
                return replace(acted, said=(f"Its issue is there: {issues}.",))
            there = [f"#{link.issue_id}" for link in self._parts.bridge.state.links(tickets=[ticket.id])]
            return replace(acted, said=(f"Its issue is {', '.join(there)}.",)) if there and not dry_run else acted

    def done(self, typed: str, note: str, *, force: bool, dry_run: bool) -> Acted:
        """Tells the client that it is done, once. Raises Refused while an issue is open, refused or cannot be seen."""
        with self._parts.locked("ticket done", dry_run=dry_run):
            ticket = self._living(typed)
            stop_held(self._parts, ticket, force=force)
            world = self._with_named(self.look(ticket.id), ticket)
            stop_done(world, ticket)
            acted = self._act("done", world, tell_done(note), dry_run=dry_run)
            self._trace(acted)
            told = [one for one in world.intents.get(ticket.id, ()) if one.key.kind == "done" and one.state == "done"]
            if told and not acted.steps and acted.settled:
                when = self._parts.wall(max(one.at for one in told))
                return replace(acted, said=(f"The client was told on {when} that it is done; nothing was sent now.",))
            return acted

    def apologise(self, typed: str, note: str, *, force: bool, dry_run: bool) -> Acted:
        """Apologises for the missed promise of the present round, once. Raises Refused where none was missed."""
        with self._parts.locked("ticket apologise", dry_run=dry_run):
            ticket = self._living(typed)
            stop_held(self._parts, ticket, force=force)
            world = self.look(ticket.id)
            row = next(iter(world.promises.get(ticket.id, ())[-1:]), None)
            if row is None or not missed(row, world.now):
                raise nothing_missed(ticket, row)
            acted = self._act("apologise", world, apologise(note), dry_run=dry_run)
            self._trace(acted)
            known = world.known.get(ticket.id)
            keys = [
                one for one in world.intents.get(ticket.id, ()) if one.key.kind == "apology" and one.state == "done"
            ]
            told = [one for one in keys if known is not None and one.key.round == known.round]
            if told:
                said = f"The apology was sent on {self._parts.wall(told[0].at)}; nothing was sent now."
                return replace(acted, said=(said,))
            return acted

    def follow(self, verb: str, ticket_id: int) -> Acted:
        """What a pass would do for a ticket now. The caller holds the lock."""
        return self._act(verb, self.look(ticket_id), None, dry_run=False)

    def preview(self, call: Call) -> Acted:
        """What would follow a new ticket; whose customer it is will be told by OTRS when it is there."""
        parts = self._parts
        now = parts.now
        article = Article(
            id=1,
            ticket_id=0,
            sender_type="agent",
            channel="phone" if call.channel == "phone" else "internal",
            visible=True,
            sender=call.customer,
            to="",
            cc="",
            subject=call.title,
            body=call.text,
            created_at=now,
        )
        queue = call.queue or parts.rules.queues[0]
        head = (0, "(its number)", call.title, queue, "new", "new", False, "", "", call.customer, "3 normal", now, now)
        ticket = Ticket(*head, articles=(article,))
        empty = parts.bridge.passes.look().world
        acted = self._act(
            "new", replace(empty, tickets=(ticket,), cursor=replace(empty.cursor, start=now)), None, dry_run=True
        )
        said = f"A ticket would be made in {queue} for {call.customer}, by {call.channel}."
        return replace(acted, number="", said=(said, "Client and language are known when OTRS has it."), problems=())

    def look(self, ticket_id: int) -> World:
        """What a pass would see of this ticket, with its issues as they are now. Raises SourceError, Refused."""
        self._parts.begun()
        world = self._parts.bridge.passes.look(ticket_id).world
        linked = {link.issue_id for link in world.links if link.ticket_id == ticket_id and link.state != "gone"}
        linked -= {issue.id for issue in world.issues}
        if not linked:
            return world
        try:
            seen = self._parts.bridge.issues.issues(sorted(linked))
        except SourceError:
            return replace(world, issues_read=False)
        gone = world.gone | (linked - {issue.id for issue in seen})
        return replace(world, issues=tuple(sorted((*world.issues, *seen), key=lambda one: one.id)), gone=gone)

    def _with_named(self, world: World, ticket: Ticket) -> World:
        """The world with issues that name the ticket and that no pass has seen yet: a person may have just made one."""
        try:
            named = self._parts.bridge.issues.by_ticket([ticket.number])
        except SourceError:
            return replace(world, issues_read=False)
        issues = {issue.id: issue for issue in (*world.issues, *named)}
        return replace(world, issues=tuple(issues[one] for one in sorted(issues)))

    def _act(self, verb: str, world: World, order: Order | None, *, dry_run: bool) -> Acted:
        """Plans and applies; what warns is told even if cron has told it today.

        What is in the way of an order that no pass would carry out later is refused, and nothing is applied.
        """
        passes = self._parts.bridge.passes
        made = plan(world, passes.makers, order)
        raised = plan(replace(world, warned={}), passes.makers, order).actions
        if order is not None:
            stop_order(raised, plan(replace(world, warned={}), passes.makers).actions)
        ticket = world.tickets[0]
        problems = [Problem(one.key, sentence(one.message), one.next_step) for one in raised if isinstance(one, Warn)]
        if dry_run:
            return self._acted(verb, ticket, made, (), problems, dry_run=True)
        outcomes = passes.apply(made, world)
        problems += [problem_of(one) for one in outcomes if isinstance(one.action, Write) and not one.applied]
        return self._acted(verb, ticket, made, outcomes, problems, dry_run=False)

    def _acted(
        self,
        verb: str,
        ticket: Ticket,
        made: Plan,
        outcomes: tuple[Outcome, ...],
        problems: list[Problem],
        *,
        dry_run: bool,
    ) -> Acted:
        steps = (
            [Step(one) for one in made.actions]
            if dry_run
            else [Step(one.action, one.ending, one.detail) for one in outcomes]
        )
        hidden = (Remember, Warn, WarnEnded)
        return Acted(
            verb,
            ticket.number,
            ticket.title,
            dry_run,
            steps=tuple(one for one in steps if not isinstance(one.action, hidden)),
            held=made.held,
            problems=tuple(problems),
        )

    def _trace(self, acted: Acted, what: str = "", *, always: bool = False) -> None:
        """Keeps who did it, unless nothing was done. always: the ticket itself was written to."""
        if not acted.dry_run and (always or any(isinstance(one.action, Write) for one in acted.steps)):
            self._parts.trace(acted.verb, acted.number, what)

    def _living(self, typed: str) -> Ticket:
        ticket = self._parts.find(typed)
        if ticket.state_type in ("merged", "removed"):
            raise Refused(
                f"Ticket {ticket.number} was {ticket.state_type}.",
                "Work on the ticket that it was merged into; it names it in its last article.",
            )
        return ticket

    def _open(self, typed: str, what: str) -> Ticket:
        ticket = self._living(typed)
        self._parts.begun()
        if ticket.closed:
            raise Refused(
                f"Ticket {ticket.number} is {ticket.state}, so it is not {what} any more.",
                "Open it in OTRS first; once its task is set, the estimate of the issue in Redmine is what counts.",
            )
        return ticket

    def _field(self, ticket: Ticket, name: str) -> str:
        if name not in dict(ticket.fields):
            raise Refused(
                f"OTRS has no dynamic field {name} for tickets.",
                f"Make the dynamic field {name} (text, ticket) in OTRS, or name another one in [otrs] fields.",
            )
        return ticket.field(name)

    def _filled(self, ticket: Ticket, name: str, value: str, *, dry_run: bool) -> World:
        """The world with a field set; value "": it stays as it is."""
        if value and not dry_run:
            self._parts.tickets.update_ticket(ticket.id, fields={name: value})
        world = self.look(ticket.id)
        if not value or not dry_run:
            return world
        fields = tuple((one, value if one == name else old) for one, old in ticket.fields)
        tickets = tuple(replace(one, fields=fields) if one.id == ticket.id else one for one in world.tickets)
        return replace(world, tickets=tickets)

    def _served(self, world: World, ticket: Ticket) -> tuple[World, Known]:
        """The world in which the issue is ordered, and what is remembered of the ticket then."""
        known = world.known.get(ticket.id)
        if known is None:
            first = plan(world, self._parts.bridge.passes.makers).actions
            known = next(one.after for one in first if isinstance(one, Remember) and one.before is None)
            if known.adopted:
                return replace(world, orders=frozenset({ticket.id})), known
        known = replace(known, adopted=True)
        served = replace(world, orders=frozenset({ticket.id}), known={**world.known, ticket.id: known})
        return served, known


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"
