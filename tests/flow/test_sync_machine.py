"""Whatever people and passes do, in any order, with writes that fail, are late or end unknown: both sides converge.

Exactly one issue a ticket, one letter of each kind a round, nothing left to do after a pass in which all went well.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from studio_support.otrs.model import Ticket
from studio_support.testing.bridge import Fate, always_fine
from tests.bridge_world import Bridge, bridge_at

FATES: list[Fate] = ["fine", "fine", "refused", "not sent", "lost", "done", "late"]
BODIES = ("Please change the logo.", "Thank you!", "And one thing more: the footer?")


class Killed(BaseException):
    """Stands for kill -9."""


class BridgeMachine(RuleBasedStateMachine):
    """People on both sides, and passes of which some are killed."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.bridge: Bridge = bridge_at(f"sqlite:///{self.folder / 'store.db'}")
        self.bridge.with_rules(letters_a_day=1000, letters_a_day_to_one=1000, max_letters=1000, max_closings=1000)
        self.bridge.clock.tick(minutes=1)

    def teardown(self) -> None:
        self.bridge.store.close()
        rmtree(self.folder)

    @property
    def ids(self) -> list[int]:
        return sorted(self.bridge.tickets.rows)

    def pick(self, number: int) -> int | None:
        return self.ids[number % len(self.ids)] if self.ids else None

    @rule(body=st.sampled_from(BODIES), phone=st.booleans())
    @precondition(lambda self: len(self.bridge.tickets.rows) < 4)
    def new_ticket(self, body: str, phone: bool) -> None:
        channel = "phone" if phone else "email"
        self.bridge.tickets.mail_in(body, channel=channel, by_agent=phone)

    @rule(number=st.integers(0, 9), body=st.sampled_from(BODIES))
    def client_writes(self, number: int, body: str) -> None:
        if (ticket := self.pick(number)) is not None:
            self.bridge.tickets.mail_in(body, to=ticket)

    @rule(number=st.integers(0, 9), queue=st.sampled_from(["Support", "To Redmine"]))
    def person_moves(self, number: int, queue: str) -> None:
        if (ticket := self.pick(number)) is not None:
            self.bridge.tickets.move(ticket, queue)

    @rule(number=st.integers(0, 9), do=st.sampled_from(["answer", "auto_reply", "close", "estimate", "reopen"]))
    def person_works(self, number: int, do: str) -> None:
        if (ticket := self.pick(number)) is None:
            return
        if do == "estimate":
            self.bridge.tickets.fill(ticket, "Estimate", "3,5")
        elif do == "reopen":
            self.bridge.tickets.put(ticket, state="open", state_type="open")
        else:
            getattr(self.bridge.tickets, do)(ticket)

    @rule(number=st.integers(0, 9), by=st.sampled_from(["ticket", "description"]))
    def person_makes_issue(self, number: int, by: str) -> None:
        """By hand, where no pass is between a write and its answer: else two are nobody's fault."""
        if (ticket := self.pick(number)) is None or self.bridge.issues.rows:
            return
        if self.bridge.clock.late or self.bridge.state.unfinished():
            return
        told = self.bridge.tickets.rows[ticket].number
        self.bridge.issues.by_hand(**{by: told if by == "ticket" else f"see Ticket#{told}"})

    @rule(number=st.integers(0, 9), status=st.sampled_from(["In Progress", "Resolved", "Closed", "Rejected"]))
    def person_sets_status(self, number: int, status: str) -> None:
        issues = sorted(self.bridge.issues.rows)
        if issues:
            self.bridge.issues.set(issues[number % len(issues)], status=status)

    @rule(seconds=st.sampled_from([1, 30, 150, 3700]))
    def time_passes(self, seconds: int) -> None:
        self.bridge.clock.tick(seconds=seconds)

    @rule(fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=8))
    def a_pass_with_trouble(self, fates: list[Fate]) -> None:
        left = list(fates)

        def fate(what: str) -> Fate:
            return left.pop(0) if left else "fine"

        self.bridge.tickets.fate = self.bridge.issues.fate = fate
        self.bridge.run()
        self.bridge.tickets.fate = self.bridge.issues.fate = always_fine
        self.bridge.clock.tick(seconds=1)

    @rule(after=st.integers(0, 6), done=st.booleans())
    def a_pass_that_is_killed(self, after: int, done: bool) -> None:
        """At its n-th write; done: the server does what it was told all the same."""
        count = 0

        def fate(what: str) -> Fate:
            nonlocal count
            count += 1
            if count > after:
                raise Killed
            return "fine"

        def works_then_kills(what: str) -> Fate:
            nonlocal count
            count += 1
            return "late" if count > after else "fine"

        self.bridge.tickets.fate = self.bridge.issues.fate = works_then_kills if done else fate
        with suppress(Killed):
            self._killed_pass(after if done else None)
        self.bridge.tickets.fate = self.bridge.issues.fate = always_fine
        self.bridge.clock.tick(seconds=1)

    def _killed_pass(self, stop_at: int | None) -> None:
        if stop_at is None:
            self.bridge.run()
            return
        state_type = type(self.bridge.state)
        settle = state_type.settle

        def killed(*args: object, **more: object) -> None:
            raise Killed

        state_type.settle = killed  # type: ignore[method-assign]  # the process dies before it can note the outcome
        try:
            self.bridge.run()
        finally:
            state_type.settle = settle  # type: ignore[method-assign]  # and the next one lives

    @rule()
    def all_goes_well(self) -> None:
        self.converge()

    def converge(self) -> None:
        """Passes over more than an hour, as refusals wait that long; then nothing is left to do."""
        for _ in range(6):
            self.bridge.clock.tick(minutes=21)
            self.bridge.run()
        last = self.bridge.run()
        assert last.plan.actions == ()
        assert last.plan.held == ()
        self.one_of_each()
        for ticket_id, ticket in self.bridge.tickets.rows.items():
            self.nothing_is_lost(ticket_id, ticket)

    def nothing_is_lost(self, ticket_id: int, ticket: Ticket) -> None:
        """An open ticket was acknowledged, one that asks for an issue has it, one that is done was told."""
        bridge = self.bridge
        [known] = bridge.state.known([ticket_id]).values()
        rows = bridge.state.promises([ticket_id]).get(ticket_id, ())
        assert len(rows) == known.round >= 1
        if not ticket.closed:
            assert rows[-1].acknowledged_at is not None
        links = bridge.state.links(tickets=[ticket_id])
        assert {link.issue_id for link in links} == {
            issue.id
            for issue in bridge.issues.rows.values()
            if ticket.number in f"{issue.ticket_field} {issue.description}"
        }
        if ticket.queue == "To Redmine" and not ticket.closed and known.round == 1:
            assert links
        states = {bridge.rules.state_of(bridge.issues.rows[link.issue_id].status) for link in links}
        told = [mark for mark in bridge.tickets.marks.values() if f"/{ticket_id}/done/" in mark]
        if "done" in states and "open" not in states:
            assert len(told) == known.done_round

    def one_of_each(self) -> None:
        made = Counter(issue.ticket_field for issue in self.bridge.issues.rows.values() if issue.ticket_field)
        assert all(count == 1 for count in made.values()), made

    @invariant()
    def nothing_is_doubled(self) -> None:
        if not hasattr(self, "bridge"):
            return
        self.one_of_each()
        marks = Counter(self.bridge.tickets.marks.values())
        assert all(count == 1 for count in marks.values()), marks
        for notes in self.bridge.issues.notes.values():
            assert len(notes) == len(set(notes))


TestBridgeMachine = BridgeMachine.TestCase
TestBridgeMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
