"""[seller.look]: pictures and colour on what is issued; what cannot be used is said before anything is numbered."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.cli.conftest import Desk

BANK = "[seller.bank]\n"


def looks(desk: Desk, table: str) -> None:
    desk.office.write_settings((BANK, f"[seller.look]\n{table}\n{BANK}"))


def pictures(path: Path) -> int:
    return sum(len(page.images) for page in PdfReader(path).pages)


def test_a_logo_stands_on_documents_and_drafts(desk: Desk) -> None:
    """Its path is relative to the settings; a seller without look has none."""
    Image.new("RGB", (200, 60), "#b8284a").save(desk.office.folder / "logo.png")
    looks(desk, 'logo = "logo.png"\naccent = "#b8284a"')
    desk.done("bill", "preview", "2026-10", "--html", "drafts")
    desk.done("bill", "close", "2026-10")
    issued = Path(desk.json("invoice", "show", "2026-0001")["files"]["pdf"])
    assert (pictures(issued), pictures(desk.office.folder / "drafts" / "acme.pdf")) == (1, 1)


def test_a_stamp_and_signatures_stand_on_russian_forms(desk: Desk) -> None:
    """Asked for by layout, for clients abroad too; a draft bears neither."""
    for name, height in (("stamp", 90), ("hand", 30)):
        Image.new("RGBA", (90, height), (20, 30, 120, 90)).save(desk.office.folder / f"{name}.png")
    looks(desk, 'layout = "ru"\nstamp = "stamp.png"\nsignature = "hand.png"')
    desk.done("bill", "preview", "2026-10", "--html", "drafts")
    desk.done("bill", "close", "2026-10")
    issued = Path(desk.json("invoice", "show", "2026-0001")["files"]["pdf"])
    assert "Счёт на оплату" in PdfReader(issued).pages[0].extract_text()
    assert (pictures(issued), pictures(desk.office.folder / "drafts" / "acme.pdf")) == (2, 0)


def test_a_look_that_cannot_be_used_stops_a_close_before_it_numbers(desk: Desk) -> None:
    """The key is named, and what to do; nothing is issued, no draft is drawn."""
    (desk.office.folder / "logo.png").write_text("<svg onload='x()'/>")
    looks(desk, 'logo = "logo.png"')
    for command in (("bill", "close", "2026-10"), ("bill", "preview", "2026-10", "--html", "drafts")):
        run = desk.run(*command)
        assert run.code == 1, run.err
        assert "seller.look.logo logo.png is an SVG, which can hold scripts" in run.err
        assert "Save it as PNG or JPEG" in run.err
    assert not (desk.office.folder / "drafts").exists()
    assert desk.json("invoice", "list") == []


def test_an_unknown_layout_is_a_fault_of_the_file(desk: Desk) -> None:
    """Like any other value."""
    looks(desk, 'layout = "german"')
    run = desk.run("bill", "close", "2026-10")
    assert run.code == 1
    assert "seller.look.layout" in run.err


@pytest.mark.parametrize(
    ("line", "said", "step"),
    [
        ('"payment.headng" = "Pay"', "no such wording", '"payment.heading" is the nearest.'),
        ('"x" = "Pay"', "no such wording", 'They are such as "payment.heading".'),
        ('payment.heading = "Pay"', "has a table 'payment', not a text", 'in quotes: "payment.heading"'),
    ],
)
def test_wording_that_no_document_has_is_a_fault_of_the_file(desk: Desk, line: str, said: str, step: str) -> None:
    """It would be left out, and nobody would know."""
    desk.office.write_settings((BANK, f"[seller.look.texts]\n{line}\n\n{BANK}"))
    run = desk.run("bill", "preview", "2026-10")
    assert run.code == 1
    assert "seller.look.texts" in run.err
    assert said in run.err
    assert step in run.err


def test_a_new_look_changes_nothing_that_was_issued(desk: Desk) -> None:
    """Originals stand as they are; a lost one is not drawn in another look, and comes back with its own."""
    desk.done("bill", "close", "2026-10")
    issued = Path(desk.json("invoice", "show", "2026-0001")["files"]["pdf"])
    before = issued.read_bytes()
    looks(desk, 'accent = "#b8284a"')
    desk.done("bill", "close", "2026-10")
    desk.done("invoice", "pdf", "2026-0001", "--out", "again.pdf")
    assert (desk.office.folder / "again.pdf").read_bytes() == issued.read_bytes() == before
    issued.unlink()
    run = desk.run("invoice", "pdf", "2026-0001", "--out", "lost.pdf")
    assert run.code == 1
    assert "is missing, and would be drawn otherwise now than it was issued" in run.err
    assert "set [seller.look] as it was when it was issued" in run.err
    assert not (desk.office.folder / "lost.pdf").exists()
    desk.office.write_settings()
    desk.done("invoice", "pdf", "2026-0001", "--out", "lost.pdf")
    assert (desk.office.folder / "lost.pdf").read_bytes() == before
