"""Time sheets from a client's file to the file behind his link: frozen at the close, the same ever after."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy.exc import IntegrityError

from studio_invoices.annexes import TimeRow
from studio_support.billing.ledger import Ledger
from studio_support.delivery import beside, files
from studio_support.delivery.files import FileConflict
from studio_support.errors import Refused
from studio_support.results import REDMINE
from studio_support.store.check import check
from studio_support.testing.drafts import draft, entry, order
from tests.office import OCTOBER, Office, opened

NAMES = {"invoice.html", "invoice.pdf", "timesheet.pdf", "timesheet.csv"}
ROWS = [
    ("2026-10-05", "Anna Petrova", "ACME site", "1", "Fix the form", "75", "1:15"),
    ("2026-10-06", "Boris Ivanov", "ACME site", "1", "Fix the form", "30", "0:30"),
    ("2026-10-07", "Anna Petrova", "ACME site", "", "Development", "120", "2:00"),
]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path / "studio") as found:
        path = found.folder / "clients" / "acme.toml"
        path.write_text('documents = ["invoice", "timesheet"]\n' + path.read_text())
        yield found


def closed(office: Office) -> Path:
    """Closes October; the folder behind the link to acme's invoice."""
    result = office.studio().close_month(OCTOBER, source=REDMINE)
    assert result.problems == ()
    link = next(str(draft["link"]) for draft in result.drafts if draft["client"] == "acme")
    return office.folder / "published" / link.split("/")[-2]


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\u00a0", " ")


def table_of(data: bytes) -> list[tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return [tuple(row[k] for k in ("date", "person", "project", "issue", "task", "minutes", "time")) for row in rows]


def test_a_time_sheet_is_published_beside_the_invoice(office: Office) -> None:
    """105 minutes on task 1 and 120 without a task; the hour of consultation is not billed, so it is not there. Page,
    PDF and CSV say the same; beta gets none."""
    folder = closed(office)
    assert {path.name for path in folder.iterdir()} == NAMES
    assert table_of((folder / "timesheet.csv").read_bytes()) == ROWS
    text = text_of((folder / "timesheet.pdf").read_bytes())
    for _, person, _, _, task, _, time in ROWS:
        assert person in text
        assert task in text
        assert time in text
    assert "3:45" in text
    page = (folder / "invoice.html").read_text()
    assert '<a href="./timesheet.pdf">Open the time sheet</a>' in page
    assert '<a href="./timesheet.csv">Time sheet as CSV</a>' in page
    shown = office.studio().documents.shown("2026-0001")["beside"]
    assert [file["name"] for file in shown] == ["timesheet.pdf", "timesheet.csv"]
    assert Path(shown[0]["file"]).read_bytes() == (folder / "timesheet.pdf").read_bytes()
    assert Path(shown[0]["file"]).stat().st_mode & 0o777 == 0o600
    assert office.studio().documents.shown("2026-0002")["beside"] == []
    with pytest.raises(Refused, match="no time sheet beside 2026-0002"):
        office.studio().documents.time_sheet("2026-0002")
    assert check(office.studio().store.url) == []


def test_a_repeated_close_changes_nothing(office: Office) -> None:
    """Not even after a booking was deleted in the tracker."""
    closed(office)
    files = office.files()
    office.redmine.delete_entry(office.first)
    office.studio().close_month(OCTOBER, source=REDMINE)
    after = office.files()
    assert {path: data for path, data in after.items() if "readings" not in path} == {
        path: data for path, data in files.items() if "readings" not in path
    }


def test_what_was_lost_is_made_again_from_the_ledger(office: Office) -> None:
    """Copies and originals, to the last byte; what was changed on the disk is not handed out."""
    folder = closed(office)
    before = office.files()
    originals = office.folder / "files" / "timesheets" / "2026"
    for path in (folder / "timesheet.pdf", originals / "2026-0001.pdf", originals / "2026-0001.csv"):
        path.unlink()
    assert office.studio().documents.publish(OCTOBER) == []
    assert office.files() == before
    (originals / "2026-0001.pdf").write_bytes(b"%PDF other")
    with pytest.raises(FileConflict, match="is not what was issued"):
        office.studio().documents.time_sheet_file("2026-0001")
    (problem,) = office.studio().documents.publish(OCTOBER)
    assert problem.source == "invoice:2026-0001"
    assert (folder / "timesheet.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("moment", ["first file", "second file", "record"])
def test_a_run_that_was_killed_in_between_is_finished(
    office: Office, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Before the time sheet was written, between PDF and CSV, and before their sums were recorded."""

    class Killed(BaseException):
        pass

    left = {"first file": 0, "second file": 1, "record": 2}[moment]
    write = files.atomic_write

    def killed(*given: object, **more: object) -> None:
        nonlocal left
        if left == 0:
            raise Killed
        write(*given, **more)  # type: ignore[arg-type]  # handed on as they came
        left -= 1
        if left == 0 and moment == "record":
            raise Killed

    monkeypatch.setattr(beside, "atomic_write", killed)
    with pytest.raises(Killed):
        closed(office)
    monkeypatch.undo()
    folder = closed(office)
    assert {path.name for path in folder.iterdir()} == NAMES
    assert table_of((folder / "timesheet.csv").read_bytes()) == ROWS
    assert 'href="./timesheet.pdf"' in (folder / "invoice.html").read_text()


def test_a_cancellation_has_no_time_sheet(office: Office) -> None:
    """The sheet stays with the invoice that is taken back."""
    closed(office)
    office.studio().cancel("2026-0001", "wrong rate")
    ledger = office.studio().ledger
    assert ledger.time_sheet(ledger.invoice("2026-0003").row.id) is None
    assert ledger.time_sheet(ledger.invoice("2026-0001").row.id) is not None


def test_drafts_have_their_time_sheet_with_them(office: Office, tmp_path: Path) -> None:
    studio = office.studio()
    plan = studio.plan_month(OCTOBER, source=REDMINE)
    studio.write_drafts(plan, tmp_path / "drafts")
    assert "DRAFT" in text_of((tmp_path / "drafts" / "acme timesheet.pdf").read_bytes()).upper()
    assert not (tmp_path / "drafts" / "beta timesheet.pdf").exists()


ROW = TimeRow(date(2026, 10, 5), "Ann", "site", "Development", 60, line=1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE time_sheets SET rows = '[]'",
        "DELETE FROM time_sheets",
        "INSERT OR REPLACE INTO time_sheets SELECT * FROM time_sheets",
        "UPDATE invoice_files SET sha256 = 'b'",
        "DELETE FROM invoice_files",
        "INSERT OR REPLACE INTO invoice_files SELECT * FROM invoice_files",
    ],
)
def test_what_was_kept_stays(ledger: Ledger, statement: str) -> None:
    """Held by the database itself."""
    ledger.issue(order(draft("acme", entry(1)), time_rows=(ROW,)))
    with ledger.store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO invoice_files VALUES (1, 1, 'timesheet.pdf', 'a')")
    with pytest.raises(IntegrityError, match="written once"), ledger.store.writing() as connection:
        connection.exec_driver_sql(statement)


def test_rows_that_are_not_the_invoices_time_are_refused(ledger: Ledger) -> None:
    """And nothing is issued."""
    with pytest.raises(ValueError, match="60 charged minutes, its invoice bills 61"):
        ledger.issue(order(draft("acme", entry(1, 61)), time_rows=(ROW,)))
    assert ledger.invoices() == []


def test_a_name_that_the_fonts_lack_is_told(office: Office) -> None:
    """It stands on the time sheet alone; a substitute is drawn there, and nobody is parked."""
    office.redmine.book(office.acme, office.redmine.add_user("li", "Li", "\u4e2d"), 0.5, date(2026, 10, 12))
    plan = office.studio().plan_month(OCTOBER, source=REDMINE)
    told = [notice for notice in plan.notices if notice.message.startswith("the time sheet, 2026-10-12 of Li")]
    assert [(notice.client, notice.source.partition(":")[0]) for notice in told] == [("acme", "line")]
    assert "acme" in {draft.client for draft in plan.drafts}
