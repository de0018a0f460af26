"""What was changed after the close is told by the certificate itself, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_support.errors import UnknownLine
from tests.office import OCTOBER, Office, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path / "studio") as made:
        made.studio().close_month(OCTOBER)
        yield made


def test_time_that_was_changed_or_deleted_has_a_next_step(office: Office) -> None:
    office.redmine.entries[office.first].hours = 2
    office.redmine.delete_entry(office.second)
    office.redmine.entries[office.advice].hours = 3

    made = office.studio().reconcile(OCTOBER)

    told = {problem.source: problem for problem in made.problems}
    assert set(told) == {f"entry:{office.first}", f"entry:{office.second}", f"entry:{office.advice}"}
    assert "billed on 2026-0001 with 1:15" in told[f"entry:{office.first}"].message
    assert told[f"entry:{office.second}"].message == (
        f"Entry {office.second}, 0:30, billed on 2026-0001 when 2026-10 was closed, cannot be found in Redmine for "
        "2026-10 any more: deleted, moved to another month or hidden."
    )
    assert all("cancel the invoice" in problem.next_step for problem in made.problems)
    assert {problem.client for problem in made.problems} == {"acme"}
    assert (made.balanced, made.settled) == (False, False)


def test_an_edit_that_leaves_the_minutes_alone_is_told_and_settled(office: Office) -> None:
    """Another day of the month, another task, another person: the sums are right, the lines are not."""
    office.redmine.entries[office.first].spent_on = office.redmine.entries[office.third].spent_on
    made = office.studio().reconcile(OCTOBER)
    assert (made.balanced, made.settled) == (True, True)
    [notice] = made.notices
    assert (notice.source, notice.client) == (f"entry:{office.first}", "acme")
    assert made.as_dict()["notices"] == [notice.as_dict()]


def test_a_line_that_is_not_there_is_an_unknown_thing_like_an_unknown_invoice(office: Office) -> None:
    with pytest.raises(UnknownLine) as unknown:
        office.studio().explain("2026-0002:9")
    assert (unknown.value.number, unknown.value.line, unknown.value.lines) == ("2026-0002", 9, 1)
