"""Control digits by the library: published sample numbers pass, one digit off does not, and the sentence says why."""

from __future__ import annotations

import subprocess
import sys

import pytest

from studio_invoices.ids import fault

GOOD = [
    ("iban", "DE89 3704 0044 0532 0130 00", ""),
    ("iban", "IE29AIBK93115212345678", ""),
    ("bic", "COBADEFFXXX", ""),
    ("inn", "7802895380", ""),
    ("inn", "781100012393", ""),
    ("ogrn", "1027700132195", ""),
    ("siren", "552 008 443", ""),
    ("siret", "73282932000074", ""),
    ("uid", "CHE-100.155.212", ""),
    ("leitweg", "991-03730-19", ""),
    ("creditor_reference", "RF18539007547034", ""),
    ("qr_reference", "210000000003139471430009017", ""),
    ("vat_id", "DE136695976", ""),
    ("vat_id", "FR40303265045", ""),
    ("vat_id", "ATU13585627", ""),
    ("vat_id", "EL094259216", ""),
    ("vat_id", "CHE-116.281.710 MWST", ""),
    ("vat_id", "CHE-116.281.710", ""),
    ("vat_id", "GB980780684", ""),
    ("vat_id", "XI980780684", ""),
    ("tax_number", "181/815/08155", "DE"),
    ("tax_number", "59-119/9013", "AT"),
]


@pytest.mark.parametrize(("kind", "value", "country"), GOOD)
def test_numbers_with_right_digits_have_no_fault(kind: str, value: str, country: str) -> None:
    """Printed with blanks, dots and dashes or without."""
    assert fault(kind, value, country) == ""


@pytest.mark.parametrize(
    ("kind", "value", "country", "said"),
    [
        ("iban", "DE89370400440532013001", "", "is no IBAN: its check digits do not fit"),
        ("inn", "7802895381", "", "is no ИНН: its check digits do not fit"),
        ("inn", "78028953", "", "is no ИНН: it has the wrong length"),
        ("bic", "COBADE??", "", "is no BIC"),
        ("ogrn", "1027700132196", "", "is no ОГРН: its check digits do not fit"),
        ("vat_id", "DE123456789", "", "is no VAT number of DE: its check digits do not fit"),
        ("vat_id", "GB980780685", "", "is no VAT number of GB: its check digits do not fit"),
        ("vat_id", "XI980780685", "", "is no VAT number of XI: its check digits do not fit"),
        ("vat_id", "CHE-116.281.711", "", "is no Swiss VAT number: its check digits do not fit"),
        ("vat_id", "GR094259216", "", "is no VAT number: Greek ones begin with EL"),
        ("vat_id", "123456789", "", "is no VAT number: it begins with the two letters of no country"),
        ("vat_id", "ДЕ123456789", "", "is no VAT number: it begins with the two letters of no country"),
        ("vat_id", "", "", "is no VAT number: it begins with the two letters of no country"),
        ("tax_number", "12/345", "DE", "is no Steuernummer: it has the wrong length"),
    ],
)
def test_a_fault_is_told(kind: str, value: str, country: str, said: str) -> None:
    """As the end of a sentence that begins with the field."""
    assert fault(kind, value, country) == said


@pytest.mark.parametrize(("kind", "value", "country"), [("vat_id", "US12", ""), ("tax_number", "1", "BR")])
def test_numbers_of_unknown_countries_are_taken_as_they_are(kind: str, value: str, country: str) -> None:
    """No rule is no fault."""
    assert fault(kind, value, country) == ""


@pytest.mark.parametrize("value", ["\x00", "\ud800", "\u202eDE", "DE" * 5000, "✓"])
@pytest.mark.parametrize("kind", ["iban", "bic", "inn", "vat_id", "tax_number", "leitweg", "creditor_reference"])
def test_nothing_is_raised_for_rubbish(kind: str, value: str) -> None:
    """Bad data is a sentence."""
    assert fault(kind, value, "DE") != ""


def test_the_library_is_loaded_with_the_first_number() -> None:
    """Importing the room does not import stdnum."""
    code = "import sys, studio_invoices.ids; raise SystemExit('stdnum' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
