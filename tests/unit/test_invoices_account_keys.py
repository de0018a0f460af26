"""Keys of accounts and references: known good numbers fit, and no single wrong digit does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.account_keys import (
    creditor_reference_fits,
    grouped_reference,
    iban_fits,
    is_qr_iban,
    qr_reference_fits,
    ru_account_fits,
    ru_bic_fits,
    ru_correspondent_fits,
)

BIC = "044030653"
ACCOUNT = "40702810455000024248"
CORRESPONDENT = "30101810500000000653"
IBANS = ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "CH9300762011623852957", "NO9386011117947"]
REFERENCE = "RF18539007547034"
QR_REFERENCE = "210000000003139471430009017"


def swapped(number: str, position: int, step: int) -> str:
    """The number with one digit changed."""
    digit = str((int(number[position]) + step) % 10)
    return number[:position] + digit + number[position + 1 :]


def test_known_accounts_fit() -> None:
    """Of Sberbank, from its published particulars; the last digits are not the key alone."""
    assert ru_account_fits(ACCOUNT, BIC)
    assert ru_correspondent_fits(CORRESPONDENT, BIC)
    assert ru_correspondent_fits("30101810400000000225", "044525225")
    assert not ru_account_fits("40702810455000024249", BIC)


@given(st.integers(0, 19), st.integers(1, 9))
def test_no_account_with_one_wrong_digit_fits(position: int, step: int) -> None:
    """Weights 7, 1 and 3 are all prime to ten."""
    assert not ru_account_fits(swapped(ACCOUNT, position, step), BIC)
    assert not ru_correspondent_fits(swapped(CORRESPONDENT, position, step), BIC)


@pytest.mark.parametrize(("account", "bic"), [("", BIC), (ACCOUNT[:-1], BIC), (ACCOUNT, "44030653"), ("x" * 20, BIC)])
def test_what_is_no_account_does_not_fit(account: str, bic: str) -> None:
    """Neither too short nor letters, nor beside a БИК that is none."""
    assert not ru_account_fits(account, bic)


def test_a_correspondent_account_begins_with_301() -> None:
    """A settlement account in its place is a mistake of copying."""
    assert not ru_correspondent_fits(ACCOUNT, BIC)


def test_only_ascii_digits_count() -> None:
    """Arabic-Indic digits are digits to Unicode, not to a bank."""
    assert not ru_bic_fits("٠٤٤٠٣٠٦٥٣")
    assert not qr_reference_fits("٠" * 27)


@pytest.mark.parametrize("iban", IBANS)
def test_known_ibans_fit(iban: str) -> None:
    """Blanks and small letters do not count."""
    assert iban_fits(iban)
    assert iban_fits(iban.lower())


@given(st.sampled_from(["DE89370400440532013000", "NO9386011117947"]), st.integers(2, 14), st.integers(1, 9))
def test_no_iban_with_one_wrong_digit_fits(iban: str, position: int, step: int) -> None:
    """What modulo 97 was chosen for."""
    assert not iban_fits(swapped(iban, position, step))


@pytest.mark.parametrize("iban", ["", "DE", "8937040044", "DE8937040044053201300é"])
def test_what_is_no_iban_does_not_fit(iban: str) -> None:
    """Form first, arithmetic then."""
    assert not iban_fits(iban)


def test_creditor_references() -> None:
    """The example of ISO 11649; one digit off; a number without RF."""
    assert creditor_reference_fits("RF18 5390 0754 7034")
    assert not creditor_reference_fits("RF19539007547034")
    assert not creditor_reference_fits("539007547034")


@given(st.integers(0, 26), st.integers(1, 9))
def test_qr_references(position: int, step: int) -> None:
    """The example of the Swiss guidelines fits, no single wrong digit does; zeros are no reference."""
    assert qr_reference_fits("21 00000 00003 13947 14300 09017")
    assert not qr_reference_fits(swapped(QR_REFERENCE, position, step))
    assert not qr_reference_fits("0" * 27)
    assert not qr_reference_fits(QR_REFERENCE[:-1])


def test_qr_ibans() -> None:
    """By the number of the institution: 30000 to 31999, in Switzerland and Liechtenstein alone."""
    assert is_qr_iban("CH44 3199 9123 0008 8901 2")
    assert is_qr_iban("LI4430000123000889012")
    assert not is_qr_iban("CH9300762011623852957")
    assert not is_qr_iban("CH4432000123000889012")
    assert not is_qr_iban("DE4431999123000889012")
    assert not is_qr_iban("CHxx")


def test_references_in_groups() -> None:
    """As slips print them; anything else stays as it is."""
    assert grouped_reference(QR_REFERENCE) == "21 00000 00003 13947 14300 09017"
    assert grouped_reference("rf18539007547034") == "RF18 5390 0754 7034"
    assert grouped_reference("2026-0117 a") == "2026-0117 a"
