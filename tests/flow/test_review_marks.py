"""A kept read is as good as what it looked for: late time that it did not seek is not passed over in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from studio_support.model import Project, Reading, TimeEntry
from studio_support.period import Month
from studio_support.studio import Studio
from tests import world

SEPTEMBER = Month(2026, 9)
PROJECTS = (Project(1, "c001", "Project 1"), Project(2, "c002", "Project 2"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def row(number: int, project: int, day: str, created: str) -> TimeEntry:
    return TimeEntry(
        str(number),
        project,
        f"Project {project}",
        None,
        1,
        "Ann",
        "Development",
        60,
        date.fromisoformat(day),
        at(created),
    )


ROWS = (
    row(1, 1, "2026-09-05", "2026-09-05"),
    row(2, 2, "2026-09-06", "2026-09-06"),
    row(3, 1, "2026-09-15", "2026-10-10"),  # late, booked between the closings of the two clients
    row(4, 1, "2026-10-15", "2026-10-15"),
    row(5, 2, "2026-10-16", "2026-10-16"),
)


class Source:
    """Booked time as it stood at an instant; late time as far back as it is asked for."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def read_month(self, month: Month, *, late_since: datetime | None = None, **_: object) -> Reading:
        known = [entry for entry in ROWS if entry.created_on is not None and entry.created_on <= self.now]
        sought = [
            e for e in known if late_since is not None and e.created_on is not None and e.created_on >= late_since
        ]
        return Reading(
            source="redmine",
            month=month,
            started_at=self.now,
            entries=tuple(entry for entry in known if entry.spent_on in month),
            projects=PROJECTS,
            issues=(),
            people=(),
            control="made for a test",
            late=tuple(entry for entry in sought if entry.spent_on not in month),
            late_since=late_since,
        )


def studio_at(folder: Path, now: str) -> Studio:
    return world.open_studio(folder, redmine=Source(at(now)), clock=lambda: at(now))


def test_a_read_kept_for_one_client_parks_another_whose_late_time_it_did_not_seek(tmp_path: Path) -> None:
    """Its September was closed on October 2, the other's on October 20: the hour of October 10 was not looked for."""
    world.write_world(tmp_path, 2)
    studio_at(tmp_path, "2026-10-02").close_month(SEPTEMBER, clients=["c001"])
    studio_at(tmp_path, "2026-10-20").close_month(SEPTEMBER, clients=["c002"])
    studio_at(tmp_path, "2026-11-02").close_month(world.OCTOBER, clients=["c002"])
    [kept] = (tmp_path / "files" / "readings").glob("2026-10-*")
    again = studio_at(tmp_path, "2026-11-03").close_month(world.OCTOBER, source=world.Source(kept))
    assert [draft["client"] for draft in again.drafts] == ["c002"]
    assert [problem.client for problem in again.problems] == ["c001"]
    assert "late since 2026-10-02" in again.problems[0].message
    fresh = studio_at(tmp_path, "2026-11-03").close_month(world.OCTOBER)
    lines = {
        tuple(line["entries"]): line["heading"] for d in fresh.drafts if d["client"] == "c001" for line in d["lines"]
    }
    assert lines == {("4",): None, ("3",): "earlier months"}


def test_an_old_read_loses_nothing_because_the_mark_stays_as_old(tmp_path: Path) -> None:
    """Kept before September was closed: the next close looks back to it."""
    world.write_world(tmp_path, 1)
    early = replace(Source(at("2026-11-02")).read_month(world.OCTOBER), started_at=at("2026-09-30"))
    studio_at(tmp_path, "2026-10-02").close_month(SEPTEMBER)
    closed = studio_at(tmp_path, "2026-11-02").close_month(world.OCTOBER, source=world.keep_reading(early, tmp_path))
    assert [draft["client"] for draft in closed.drafts] == ["c001"]
