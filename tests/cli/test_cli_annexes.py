"""`client annex`, and the time sheet as a person asks for it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pypdf import PdfReader

from tests.cli.conftest import Desk


def text_of(path: Path) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(path.read_bytes())).pages)
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def file_of(desk: Desk, client: str) -> Path:
    return desk.office.folder / "clients" / f"{client}.toml"


def add(desk: Desk, client: str, text: str) -> None:
    file = file_of(desk, client)
    file.write_text(file.read_text() + text)


def test_the_price_list_of_a_day(desk: Desk) -> None:
    """60.00 since January, 72.50 from December: in November both, in December the one that holds."""
    add(desk, "acme", '\n[[rates]]\nfrom = 2026-12-01\nper_hour = "72.50"\n')
    desk.done("client", "annex", "acme", "--out", "now.pdf")
    now = text_of(desk.office.folder / "now.pdf")
    for words in ("Price list", "Client acme", "60.00", "72.50", "Jan 1, 2026", "Dec 1, 2026", "November 2, 2026"):
        assert words in now
    assert "Prices exclude VAT; 19% VAT is added." in now
    desk.done("--as-of", "2026-12-05T09:00:00Z", "client", "annex", "acme", "--out", "then.pdf")
    then = text_of(desk.office.folder / "then.pdf")
    assert "60.00" not in then
    assert "72.50" in then


def test_the_same_day_gives_the_same_bytes(desk: Desk) -> None:
    for name in ("one.pdf", "two.pdf"):
        desk.done("client", "annex", "acme", "--out", name)
    assert (desk.office.folder / "one.pdf").read_bytes() == (desk.office.folder / "two.pdf").read_bytes()


def test_all_clients_of_a_manager(desk: Desk) -> None:
    """acme is hers, beta is not."""
    desk.done("client", "annex", "--manager", "i.petrova", "--out", "all")
    assert [path.name for path in (desk.office.folder / "all").iterdir()] == ["acme prices.pdf"]
    run = desk.run("client", "annex", "--manager", "nobody", "--out", "none")
    assert run.code != 0
    assert "nobody" in run.err
    assert not (desk.office.folder / "none").exists()


def test_a_login_becomes_a_name_once_the_person_is_known(desk: Desk) -> None:
    """Before a month was closed a notice says so; an id that nobody is known by is a problem, and nothing is made."""
    add(desk, "acme", '\n[[rates]]\nfrom = 2026-01-01\nspecialist = "anna"\nper_hour = "80.00"\n')
    before = desk.done("client", "annex", "acme", "--out", "before.pdf")
    assert 'The full name of "anna" is not known.' in before.err
    assert "anna" in text_of(desk.office.folder / "before.pdf")
    desk.done("bill", "close", "2026-10")
    assert "not known" not in desk.done("client", "annex", "acme", "--out", "after.pdf").err
    assert "Anna Petrova" in text_of(desk.office.folder / "after.pdf")
    add(desk, "beta", '\n[[rates]]\nfrom = 2026-01-01\nspecialist = "#99"\nper_hour = "80.00"\n')
    run = desk.run("client", "annex", "beta", "--out", "beta.pdf")
    assert (run.code, (desk.office.folder / "beta.pdf").exists()) == (3, False)
    assert 'The full name of "#99" is not known.' in run.err


def test_nothing_wrong_is_made(desk: Desk) -> None:
    """A name that the fonts lack, a file with a fault, no tax yet, nobody of that id."""
    file = file_of(desk, "acme")
    good = file.read_text()
    for old, new, words in (
        ('name = "Client acme"', 'name = "\u4e2d"', "which the fonts lack"),
        ('per_hour = "60.00"', "per_hour = 60.5", "per_hour"),
    ):
        assert old in good
        file.write_text(good.replace(old, new))
        run = desk.run("client", "annex", "acme", "--out", "acme.pdf")
        assert run.code == 3
        assert words in run.err
    file.write_text(good)
    early = desk.run("--as-of", "2020-01-01T09:00:00Z", "client", "annex", "acme", "--out", "acme.pdf")
    assert (early.code, "No tax is given for 2020-01-01." in early.err) == (3, True)
    assert not (desk.office.folder / "acme.pdf").exists()
    assert desk.run("client", "annex", "acne", "--out", "acme.pdf").code == 2
    assert desk.run("client", "annex").code == 2


def test_a_time_sheet_is_shown_and_written_out(desk: Desk) -> None:
    """As table, JSON, and the CSV that lies behind the link; as PDF with `invoice pdf`."""
    file = file_of(desk, "acme")
    file.write_text('documents = ["invoice", "timesheet"]\n' + file.read_text())
    desk.done("bill", "close", "2026-10")
    shown = desk.done("invoice", "timesheet", "2026-0001").out
    for words in ("Boris Ivanov", "#1 Fix the form [2026100510000015]", "0:30", "3:45"):
        assert words in shown
    rows = desk.json("invoice", "timesheet", "2026-0001")["rows"]
    assert [(row["person"], row["minutes"], row["issue"]) for row in rows] == [
        ("Anna Petrova", 75, "1"),
        ("Boris Ivanov", 30, "1"),
        ("Anna Petrova", 120, None),
    ]
    data = desk.done("--format", "csv", "invoice", "timesheet", "2026-0001").out
    kept = {file["name"]: Path(file["file"]) for file in desk.json("invoice", "show", "2026-0001")["beside"]}
    assert data.encode() == kept["timesheet.csv"].read_bytes()
    assert sum(int(row["minutes"]) for row in csv.DictReader(io.StringIO(data.removeprefix("\ufeff")))) == 225
    desk.done("invoice", "pdf", "2026-0001", "--timesheet", "--out", "sheet.pdf")
    assert (desk.office.folder / "sheet.pdf").read_bytes() == kept["timesheet.pdf"].read_bytes()
    desk.done("invoice", "pdf", "--month", "2026-10", "--out", "all")
    assert "2026-0001 acme timesheet.pdf" in {path.name for path in (desk.office.folder / "all").iterdir()}
    assert "Time sheet: " in desk.done("invoice", "show", "2026-0001").err
    none = desk.run("invoice", "timesheet", "2026-0002")
    assert none.code != 0
    assert "There is no time sheet beside 2026-0002." in none.err
    assert desk.run("invoice", "pdf", "2026-0001", "--act", "--timesheet", "--out", "x.pdf").code == 2
