"""A row whose hours cannot be read parks whoever it belongs to, from its source to the close."""

from __future__ import annotations

from pathlib import Path

from studio_support.reads import load_reading, write_reading
from studio_support.redmine.export_csv import read_export
from studio_support.studio import Source
from tests import world

HEADER = "Project,Date,User,Activity,Issue,Comment,Hours\n"
GOOD = "Project 1,2026-10-05,Ann,Development,,x,1.00\n"
UNREAD = "Project 1,2026-10-06,Ann,Development,,y,1h\n"
OTHERS = "Project 2,2026-10-06,Ann,Development,,z,0.50\n"


def studio_with(folder: Path, *rows: str) -> tuple[Path, Path]:
    world.write_world(folder, 2)
    for number in (1, 2):
        file = folder / "clients" / f"c00{number}.toml"
        file.write_text(file.read_text().replace(f'["c00{number}"]', f'["Project {number}"]'))
    export = folder / "october.csv"
    export.write_text(HEADER + "".join(rows))
    return folder, export


def test_an_unread_row_keeps_its_client_from_being_billed_short(tmp_path: Path) -> None:
    """Closed without it, the corrected row would never be billed: its key is new to a closed month."""
    folder, export = studio_with(tmp_path, GOOD, UNREAD, OTHERS)
    studio = world.open_studio(folder)
    closed = studio.close_month(world.OCTOBER, source=Source(export))
    assert [draft["client"] for draft in closed.drafts] == ["c002"]
    assert [(problem.client, "line 3" in problem.message) for problem in closed.problems] == [("c001", True)]
    chosen = studio.close_month(world.OCTOBER, clients=["c001"], source=Source(export))
    assert (chosen.created, [problem.client for problem in chosen.problems]) == (0, ["c001"])
    assert not studio.reconcile(world.OCTOBER, source=Source(export)).balanced
    export.write_text(HEADER + GOOD + UNREAD.replace("1h", "1.50") + OTHERS)
    corrected = studio.close_month(world.OCTOBER, source=Source(export))
    assert {draft["client"]: draft["booked_minutes"] for draft in corrected.drafts} == {"c001": 150, "c002": 30}
    assert studio.reconcile(world.OCTOBER, source=Source(export)).settled


def test_a_kept_read_keeps_its_unread_rows(tmp_path: Path) -> None:
    """Planned again from the file, the same clients are parked."""
    _, export = studio_with(tmp_path, GOOD, UNREAD)
    reading = read_export(export, world.OCTOBER, date_order=None, ticket_field="", now=world.NOW)
    assert len(reading.doubtful) == 1
    file, _ = write_reading(reading, tmp_path)
    assert load_reading(tmp_path / file) == reading
