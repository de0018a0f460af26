"""What writes is dated by a clock that people can trust: --as-of replays the past, and only looks at the future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from studio_cli.context import Context
from studio_support.errors import Refused
from tests.cli.conftest import Desk

AHEAD = "2099-12-02T09:00:00+03:00"

WRITING = [
    ("bill", "close", "2026-10"),
    ("bill", "hold", "2026-10", "--client", "acme"),
    ("bill", "unhold", "2026-10", "--client", "acme"),
    ("bill", "send", "2026-10"),
    ("bill", "reopen", "2026-10", "--internal", "--reason", "x"),
    ("bill", "reconcile", "2026-10"),
    ("invoice", "send", "2026-0001"),
    ("invoice", "cancel", "2026-0001", "--reason", "x"),
]


@pytest.mark.parametrize("typed", WRITING, ids=" ".join)
def test_a_command_that_writes_refuses_a_future_clock(desk: Desk, typed: tuple[str, ...]) -> None:
    """A number, a mark or a letter dated by it could not be mended: the series never runs back."""
    run = desk.run("--as-of", AHEAD, *typed)
    assert (run.code, run.out) == (4, "")
    assert run.err.startswith("Error: --as-of 2099-12-02T06:00:00Z lies in the future")
    assert "Leave out --as-of" in run.err
    assert not (desk.office.folder / "store.db").exists()


@pytest.mark.parametrize("typed", [("bill", "preview", "this"), ("bill", "send", "2026-10", "--dry-run")], ids=" ".join)
def test_a_command_that_reads_looks_ahead(desk: Desk, typed: tuple[str, ...]) -> None:
    assert desk.run("--as-of", AHEAD, *typed).code == 0


def test_a_clock_a_little_ahead_of_ours_is_no_future() -> None:
    """Two machines' clocks differ by seconds."""
    now = datetime.now(UTC)

    def refused(ahead: timedelta) -> bool:
        context = Context(config=None, form="json", as_of=now + ahead, user="x", verbose=0, quiet=True)
        try:
            context.refuse_future()
        except Refused:
            return True
        return False

    assert [refused(timedelta(seconds=seconds)) for seconds in (-9, 50, 120)] == [False, False, True]
