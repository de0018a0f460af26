"""A client who gets acts: numbered at the close, shown, written out, kept with their invoice."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.cli.conftest import Desk

ACTS = '\ndocuments = ["invoice", "act"]\n'


def wants_acts(desk: Desk, client: str) -> None:
    file = desk.office.folder / "clients" / f"{client}.toml"
    text = file.read_text()
    file.write_text(text.replace("\n[[rates]]", f"{ACTS}\n[[rates]]", 1))


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(path.read_bytes())).pages)


def test_an_act_is_issued_beside_the_invoice_and_shown(desk: Desk) -> None:
    """For beta alone: its first act, dated the last of October, whatever the number and date of the invoice."""
    wants_acts(desk, "beta")
    desk.done("bill", "close", "2026-10")
    assert desk.json("invoice", "show", "2026-0001")["act"] is None
    act = desk.json("invoice", "show", "2026-0002")["act"]
    assert (act["number"], act["date"], len(act["pdf_sha256"])) == ("2026-0001", "2026-10-31", 64)
    text = text_of(Path(act["file"])).replace("\u00a0", " ")
    assert "Акт об оказании услуг № 2026-0001 от 31 октября 2026" in text
    assert "New basket" in text
    page = Path(desk.json("invoice", "show", "2026-0002")["files"]["page"]).read_text(encoding="utf-8")
    assert '<a href="./act.pdf">Open the act</a>' in page
    shown = desk.done("invoice", "show", "2026-0002")
    assert "Act:  2026-0001 of 2026-10-31, " in shown.err + shown.out
    series = {row["kind"]: row["documents"] for row in desk.json("numbers", "audit")["series"]}
    assert series == {"act": 1, "invoice": 2}


def test_an_act_is_written_out(desk: Desk) -> None:
    """By itself, and among all documents of the month; where there is none, it is said."""
    wants_acts(desk, "beta")
    desk.done("bill", "close", "2026-10")
    desk.done("invoice", "pdf", "2026-0002", "--act", "--out", "act.pdf")
    kept = Path(desk.json("invoice", "show", "2026-0002")["act"]["file"])
    assert (desk.office.folder / "act.pdf").read_bytes() == kept.read_bytes()
    desk.done("invoice", "pdf", "--month", "2026-10", "--out", "all")
    assert sorted(path.name for path in (desk.office.folder / "all").iterdir()) == [
        "2026-0001 acme.pdf",
        "2026-0002 beta act.pdf",
        "2026-0002 beta.pdf",
    ]
    run = desk.run("invoice", "pdf", "2026-0001", "--act", "--out", "none.pdf")
    assert run.code != 0
    assert "There is no act beside 2026-0001." in run.err


def test_a_cancelled_invoice_takes_its_act_back(desk: Desk) -> None:
    """By a corrective act of the cancellation; the store stays sound."""
    wants_acts(desk, "beta")
    desk.done("bill", "close", "2026-10")
    desk.done("invoice", "cancel", "2026-0002", "--reason", "wrong client")
    act = desk.json("invoice", "show", "2026-0003")["act"]
    assert (act["number"], act["date"]) == ("2026-0002", "2026-11-02")
    assert "Корректировочный акт" in text_of(Path(act["file"]))
    assert desk.json("db", "check") == {"problems": []}


def test_a_copy_of_what_was_cancelled_says_so(desk: Desk) -> None:
    """Across invoice and act; what stands comes as the original, and originals stay as they were issued."""
    wants_acts(desk, "beta")
    desk.done("bill", "close", "2026-10")
    before = Path(desk.json("invoice", "show", "2026-0002")["files"]["pdf"]).read_bytes()
    desk.done("invoice", "pdf", "2026-0002", "--copy", "--out", "standing.pdf")
    assert (desk.office.folder / "standing.pdf").read_bytes() == before
    desk.done("invoice", "cancel", "2026-0002", "--reason", "wrong client")
    desk.done("invoice", "pdf", "2026-0002", "--out", "original.pdf")
    assert (desk.office.folder / "original.pdf").read_bytes() == before
    desk.done("invoice", "pdf", "2026-0002", "--copy", "--out", "copy.pdf")
    assert "CANCELLED" in text_of(desk.office.folder / "copy.pdf")
    assert "CANCELLED" not in text_of(desk.office.folder / "original.pdf")
    desk.done("invoice", "pdf", "2026-0002", "--copy", "--act", "--out", "act.pdf")
    assert "АННУЛИРОВАН" in text_of(desk.office.folder / "act.pdf")


@pytest.mark.parametrize("command", [("pdf",), ("pdf", "--copy"), ("xml",)])
def test_nothing_is_written_among_what_is_kept(desk: Desk, command: tuple[str, ...]) -> None:
    """Neither over an original nor over a file behind a link."""
    desk.done("bill", "close", "2026-10")
    original = Path(desk.json("invoice", "show", "2026-0002")["files"]["pdf"])
    published = next((desk.office.folder / "published").glob("*/invoice.pdf"))
    for place in (original, published):
        before = place.read_bytes()
        refused = desk.run("invoice", *command, "2026-0002", "--out", str(place))
        assert refused.code == 2
        assert "name another place with --out" in refused.err
        assert place.read_bytes() == before


def test_cancelled_documents_of_a_month_are_named(desk: Desk) -> None:
    """Originals by default, and who takes them to the bookkeeper is told; marked with --copy."""
    wants_acts(desk, "beta")
    desk.done("bill", "close", "2026-10")
    desk.done("invoice", "cancel", "2026-0002", "--reason", "wrong client")
    plain = desk.done("invoice", "pdf", "--month", "2026-10", "--out", "all")
    assert "Cancelled among them, as they were issued; --copy marks them: 2026-0002." in plain.err
    assert "CANCELLED" not in text_of(desk.office.folder / "all" / "2026-0002 beta.pdf")
    marked = desk.done("invoice", "pdf", "--month", "2026-10", "--copy", "--out", "marked")
    assert "Cancelled among them, marked so: 2026-0002." in marked.err
    folder = desk.office.folder / "marked"
    assert "CANCELLED" in text_of(folder / "2026-0002 beta.pdf")
    assert "АННУЛИРОВАН" in text_of(folder / "2026-0002 beta act.pdf")
    assert "CANCELLED" not in text_of(folder / "2026-0003 beta.pdf")
