"""`invoice xml`: a file or a pipe, and what was checked; nothing is written that is no e-invoice."""

from __future__ import annotations

from studio_invoices.einvoice import validate
from tests.cli.conftest import Desk


def test_the_xml_goes_into_a_pipe_or_a_file(desk: Desk) -> None:
    """The same bytes; on stderr what it is and what was checked."""
    desk.done("bill", "close", "2026-10")
    piped = desk.done("invoice", "xml", "2026-0001", "--syntax", "cii")
    assert piped.err == "EN 16931, CII; checked: fields, schema, rules of EN 16931.\n"
    assert validate(piped.out.encode(), "cii", strict=True) == ()
    written = desk.done("invoice", "xml", "2026-0001", "--syntax", "cii", "--out", "one.xml")
    assert (desk.office.folder / "one.xml").read_text(encoding="utf-8") == piped.out
    assert written.out == ""
    assert written.err.endswith("one.xml written.\n")
    assert "<cbc:CustomizationID>urn:cen.eu:en16931:2017<" in desk.done("invoice", "xml", "2026-0001").out


def test_what_lacks_something_is_not_written(desk: Desk) -> None:
    """A seller without any tax number, where no law of his country asks for one: the invoice stands, its XML would be
    refused by every receiver; the field is named, exit code 3, no file."""
    desk.office.write_settings(('vat_id = "IE6388047V"\n', ""), ('country = "IE"', 'country = "US"'))
    desk.done("bill", "close", "2026-10")
    run = desk.run("invoice", "xml", "2026-0001", "--out", "one.xml")
    assert (run.code, run.out) == (3, "")
    assert "EN 16931 wants the seller's VAT or tax number (BT-31, BT-32)" in run.err
    assert "-> Set `vat_id` or `tax_number` in [seller]." in run.err
    assert not (desk.office.folder / "one.xml").exists()


def test_an_unknown_number_is_said(desk: Desk) -> None:
    """As for every document."""
    desk.done("bill", "close", "2026-10")
    run = desk.run("invoice", "xml", "2026-9999")
    assert run.code != 0
    assert "2026-9999" in run.err
