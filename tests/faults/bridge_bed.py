"""Requests on their way through the bridge, a few at every stage, and what must be true of them in the end."""

from __future__ import annotations

from collections import Counter

from tests.live_bridge import LiveBridge

KINDS = ("received", "task_set", "done")


class Belt:
    """Tickets in batches: while one arrives, the one before is put into the queue for Redmine, and of the one before
    that the issues are closed. So every pass writes letters, issues, fields and states.
    """

    def __init__(self, bridge: LiveBridge, batch: int) -> None:
        self.bridge = bridge
        self._batch = batch
        self._batches: list[list[str]] = []

    @property
    def numbers(self) -> list[str]:
        """All tickets so far."""
        return [number for batch in self._batches for number in batch]

    def forward(self, *, more: bool = True) -> bool:
        """One step for all; False where nothing was left to do. more: a new batch arrives."""
        moved, closed = (self._batches[-place] if len(self._batches) >= place else [] for place in (1, 2))
        for number in closed:
            [issue] = self.bridge.issues(number)
            self.bridge.set_status(issue["id"])
        self.bridge.move(*moved)
        subjects = [f"Request {len(self.numbers) + place}" for place in range(self._batch)] if more else []
        self._batches.append(self.bridge.mails(*subjects) if subjects else [])
        return bool(moved or closed or more)

    def check(self) -> None:
        """Exactly one issue per ticket, one letter of each kind, in the client's mailbox; all is closed and linked."""
        self.bridge.settle()
        wanted = Counter({(number, kind, 1): 1 for number in self.numbers for kind in KINDS})
        assert self.bridge.counted() == wanted
        for number in self.numbers:
            issues = self.bridge.issues(number)
            assert [issue["status"]["name"] for issue in issues] == ["Closed"], number
            ticket = self.bridge.ticket(number)
            assert (ticket.state, ticket.field("RedmineIssue")) == ("closed successful", str(issues[0]["id"]))
        assert self.bridge.unfinished() == []
        assert self.bridge.sync().plan.actions == ()
