"""E-invoices from a client's file to the file that he gets."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import page
import pytest
from pypdf import PdfReader

from studio_invoices.einvoice import profiles, validate
from studio_invoices.einvoice.ubl import write_ubl
from studio_invoices.errors import Problem
from studio_support import einvoices
from studio_support.billing import documents
from studio_support.delivery.files import FileConflict
from studio_support.errors import LetterUnfit
from studio_support.results import REDMINE
from tests.office import OCTOBER, Office, opened

SELLER_MORE = (
    'country = "IE"',
    'country = "IE"\npostcode = "D02"\ncity = "Dublin"\ncontact_name = "A. B."\ncontact_phone = "+353 1 555"',
)

ADDRESS = ('electronic_address = "5790000435975"', 'electronic_scheme = "0088"')


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path / "studio") as found:
        yield found


def wants(office: Office, *keys: str) -> None:
    """Adds keys to the file of acme."""
    path = office.folder / "clients" / "acme.toml"
    path.write_text(path.read_text().replace("\n[[rates]]", "\n".join(("", *keys, "", "[[rates]]")), 1))


def networked(office: Office) -> None:
    """Gives the seller an address in Peppol's network."""
    office.write_settings(('country = "IE"', "\n".join(('country = "IE"', *ADDRESS))))


def test_a_client_whose_format_lacks_something_is_parked_and_told(office: Office) -> None:
    """Each field by its name and key; the other client is closed."""
    wants(office, 'e_invoice = "xrechnung"')
    result = office.studio().close_month(OCTOBER, source=REDMINE)
    assert [draft["client"] for draft in result.drafts] == ["beta"]
    found = {problem.source: problem for problem in result.problems}
    assert set(found) == {
        "seller.city",
        "seller.postcode",
        "seller.contact_name",
        "seller.contact_phone",
        "client:buyer.city",
        "client:buyer.postcode",
        "client:buyer_reference",
    }
    assert {problem.client for problem in result.problems} == {"acme"}
    assert found["seller.contact_phone"].next_step == "Set `contact_phone` in [seller]."


def test_a_complete_client_gets_an_xrechnung(office: Office) -> None:
    """225.00 net, 42.75 tax, 267.75: the figures of the invoice, in the syntax asked for, valid."""
    office.write_settings(SELLER_MORE)
    wants(office, 'e_invoice = "xrechnung"', 'postcode = "10115"', 'city = "Berlin"', 'buyer_reference = "04011-1-2"')
    studio = office.studio()
    result = studio.close_month(OCTOBER, source=REDMINE)
    assert result.problems == ()
    number = next(draft["number"] for draft in result.drafts if draft["client"] == "acme")
    made = studio.documents.xml(number)
    assert (made.syntax, made.profile, made.problems, made.checked) == ("ubl", "xrechnung", (), "rules")
    for text in ("urn:xeinkauf.de:kosit:xrechnung_3.0", f">{number}<", ">225.00<", ">42.75<", ">267.75<"):
        assert text in made.xml.decode()
    other = studio.documents.xml(number, "cii")
    assert (other.syntax, other.profile) == ("cii", "xrechnung")
    assert validate(other.xml, "cii", strict=True) == ()
    cancelled = studio.cancel(number, "Wrong rate.")
    credit = studio.documents.xml(cancelled.number)
    assert credit.problems == ()
    assert b"<cbc:CreditNoteTypeCode>381<" in credit.xml
    assert f"<cbc:ID>{number}</cbc:ID>" in credit.xml.decode()


def test_a_client_who_wants_factur_x_gets_it_behind_his_link(office: Office) -> None:
    """The published PDF is PDF/A-3 with the XML inside; the other client's is a plain one, and still has an XML."""
    wants(office, 'e_invoice = "facturx"')
    studio = office.studio()
    result = studio.close_month(OCTOBER, source=REDMINE)
    numbers = {draft["client"]: draft["number"] for draft in result.drafts}
    pdf = studio.documents.pdf(numbers["acme"])
    assert page.validate_pdf_bytes(pdf, profile="3u").is_compliant
    (attached,) = PdfReader(io.BytesIO(pdf)).attachments["factur-x.xml"]
    assert attached == studio.documents.xml(numbers["acme"]).xml
    assert b"/EmbeddedFiles" not in studio.documents.pdf(numbers["beta"])
    plain = studio.documents.xml(numbers["beta"], "cii")
    assert (plain.profile, plain.problems) == ("en16931", ())


def test_the_e_invoice_is_kept_as_it_was_issued(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the PDF, for its owner alone; what a later version writes otherwise is not handed out in its place. Who
    wants no e-invoice has none kept. A lost one is made again, of the same bytes or not at all."""
    networked(office)
    wants(office, 'e_invoice = "peppol"', 'buyer_reference = "1"', *ADDRESS)
    office.studio().close_month(OCTOBER, source=REDMINE)
    (kept,) = (office.folder / "files" / "originals" / "2026").glob("*.xml")
    issued = kept.read_bytes()
    assert (kept.stem, kept.stat().st_mode & 0o777) == ("2026-0001", 0o600)
    assert issued == office.studio().documents.xml("2026-0001").xml
    monkeypatch.setitem(profiles.WRITERS, "ubl", lambda terms: write_ubl(terms).replace(b"\n", b" "))
    assert office.studio().documents.xml("2026-0001").xml == issued
    assert office.studio().documents.xml("2026-0001", "ubl").xml == issued
    office.studio().documents.publish(OCTOBER)
    assert kept.read_bytes() == issued
    kept.unlink()
    (problem,) = office.studio().documents.publish(OCTOBER)
    assert (problem.source, kept.exists()) == ("invoice:2026-0001", False)
    monkeypatch.undo()
    assert office.studio().documents.publish(OCTOBER) == []
    assert kept.read_bytes() == issued


def test_what_passed_when_it_was_issued_is_handed_out_for_good(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that came later keep nobody from the original; what is written anew has to pass them."""
    networked(office)
    wants(office, 'e_invoice = ["xrechnung", "en16931"]')
    office.write_settings(SELLER_MORE)
    wants(office, 'postcode = "10115"', 'city = "Berlin"', 'buyer_reference = "04011-1-2"')
    office.studio().close_month(OCTOBER, source=REDMINE)
    issued = office.studio().documents.xml("2026-0001")
    assert issued.checked == "rules"
    later = Problem("seller.country", "A new rule", "None.")
    monkeypatch.setattr(einvoices, "requirements", lambda document, client: [later])
    kept = office.studio().documents.xml("2026-0001")
    assert (kept.xml, kept.problems, kept.checked) == (issued.xml, (), "issued")
    assert office.studio().documents.xml("2026-0001", "cii").problems == (later,)


def test_the_e_invoice_opens_behind_the_link(office: Office) -> None:
    """The same bytes as the original, named on the page; the client who wants none has none there. What was changed on
    the disk is restored there, and never handed out."""
    networked(office)
    wants(office, 'e_invoice = "peppol"', 'buyer_reference = "1"', *ADDRESS)
    result = office.studio().close_month(OCTOBER, source=REDMINE)
    folders = {draft["client"]: office.folder / "published" / draft["link"].split("/")[-2] for draft in result.drafts}
    copy = folders["acme"] / "invoice.xml"
    assert copy.read_bytes() == office.studio().documents.xml("2026-0001").xml
    assert '<a href="./invoice.xml">Open the e-invoice (XML)</a>' in (folders["acme"] / "invoice.html").read_text()
    assert {path.name for path in folders["beta"].iterdir()} == {"invoice.html", "invoice.pdf"}
    issued = copy.read_bytes()
    copy.write_bytes(b"<other/>")
    office.studio().documents.publish(OCTOBER)
    assert copy.read_bytes() == issued
    (kept,) = (office.folder / "files" / "originals" / "2026").glob("*.xml")
    kept.write_bytes(issued + b" ")
    with pytest.raises(FileConflict, match="is not what was issued"):
        office.studio().documents.xml("2026-0001")


def test_a_faulty_e_invoice_is_told_and_not_published(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found only once it was issued, such as by an extra that was installed meanwhile: the invoice is out, its page
    names no XML, and no later run puts one there behind it."""
    networked(office)
    wants(
        office,
        'e_invoice = "peppol"',
        'buyer_reference = "1"',
        'electronic_address = "1"',
        'electronic_scheme = "9999"',
    )
    monkeypatch.setattr(documents, "proven", lambda document, client: [])
    result = office.studio().close_month(OCTOBER, source=REDMINE)
    assert [(problem.source, problem.client) for problem in result.problems] == [("invoice:2026-0001", "acme")]
    link = next(draft["link"] for draft in result.drafts if draft["client"] == "acme")
    folder = office.folder / "published" / link.split("/")[-2]
    assert {path.name for path in folder.iterdir()} == {"invoice.html", "invoice.pdf"}
    assert "invoice.xml" not in (folder / "invoice.html").read_text()
    monkeypatch.setattr(einvoices, "can_check_schema", lambda: False)
    monkeypatch.setattr(einvoices, "validate", lambda xml, syntax: ())
    assert office.studio().documents.publish(OCTOBER) == []
    assert {path.name for path in folder.iterdir()} == {"invoice.html", "invoice.pdf"}


def test_a_letter_never_carries_what_was_not_issued(office: Office) -> None:
    """It waits, and says which file is to be restored."""
    from studio_support.sending import Sender

    wants(office, 'attach = ["pdf"]')
    studio = office.studio()
    studio.close_month(OCTOBER, source=REDMINE)
    kept = office.folder / "files" / "originals" / "2026" / "2026-0001.pdf"
    issued = kept.read_bytes()
    (file,) = Sender(studio).compose("2026-0001").attachments
    assert file.content == issued
    kept.write_bytes(b"%PDF other")
    with pytest.raises(LetterUnfit, match=r"2026-0001\.pdf is not what was issued"):
        Sender(studio).compose("2026-0001")


def test_an_original_that_was_changed_is_not_handed_out(office: Office) -> None:
    """By the sum that was recorded when it was issued."""
    office.studio().close_month(OCTOBER, source=REDMINE)
    kept = office.folder / "files" / "originals" / "2026" / "2026-0001.pdf"
    kept.write_bytes(kept.read_bytes() + b" ")
    with pytest.raises(FileConflict, match="is not what was issued"):
        office.studio().documents.pdf("2026-0001")


def test_a_client_who_gets_xml_with_his_letters_is_asked_for_what_it_needs(office: Office) -> None:
    """`attach` without `e_invoice` means EN 16931; the file goes with the letter."""
    from studio_support.sending import Sender

    wants(office, 'attach = ["xml"]')
    studio = office.studio()
    result = studio.close_month(OCTOBER, source=REDMINE)
    number = next(draft["number"] for draft in result.drafts if draft["client"] == "acme")
    (file,) = Sender(studio).compose(number).attachments
    assert (file.name, file.subtype) == (f"{number}.xml", "xml")
    assert file.content == studio.documents.xml(number).xml


def test_the_official_rules_park_what_our_own_list_does_not_know(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scheme that no list has (BR-CL-25) is found by the schematron before anything is numbered; without the extras
    it would not be."""
    networked(office)
    wants(
        office,
        'e_invoice = "peppol"',
        'buyer_reference = "1"',
        'electronic_address = "1"',
        'electronic_scheme = "9999"',
    )
    (problem,) = office.studio().plan_month(OCTOBER, source=REDMINE).problems
    assert (problem.source, problem.client) == ("xml:BR-CL-25", "acme")
    monkeypatch.setattr(einvoices, "can_check_schema", lambda: False)
    assert office.studio().plan_month(OCTOBER, source=REDMINE).problems == ()


@pytest.mark.parametrize(
    ("schema", "rules", "checked"), [(True, True, "rules"), (True, False, "schema"), (False, False, "fields")]
)
def test_how_far_was_checked_is_said(
    office: Office, monkeypatch: pytest.MonkeyPatch, schema: bool, rules: bool, checked: str
) -> None:
    """By what is installed."""
    studio = office.studio()
    studio.close_month(OCTOBER, source=REDMINE)
    monkeypatch.setattr(einvoices, "can_check_schema", lambda: schema)
    monkeypatch.setattr(einvoices, "can_check_rules", lambda: rules)
    assert studio.documents.xml("2026-0001").checked == checked
