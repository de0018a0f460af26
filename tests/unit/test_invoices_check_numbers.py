"""Numbers before issue: whose they are, which field is wrong, and what to do; control digits by the library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from studio_invoices.check import check
from studio_invoices.ids import fault
from studio_invoices.model import BankAccount, Invoice, Party

Make = Callable[..., Invoice]

RU_BANK = BankAccount("ПАО СБЕРБАНК", "044030653", "40702810455000024248", correspondent_account="30101810500000000653")
QRR = "210000000003139471430009017"


@pytest.fixture
def sound(invoice_of: Make) -> Invoice:
    """Numbers with right control digits."""
    invoice = invoice_of()
    seller, buyer = replace(invoice.seller, vat_id="DE136695976"), replace(invoice.buyer, vat_id="DE112233446")
    bank = replace(invoice.bank, bic="COBADEFFXXX")
    return replace(invoice, seller=seller, buyer=buyer, bank=bank)


def found(invoice: Invoice) -> list[tuple[str, str]]:
    return [(row.source, row.message) for row in check(invoice, "", fault, lambda _: ())]


def changed(invoice: Invoice, part: str, **values: Any) -> Invoice:
    return replace(invoice, **{part: replace(getattr(invoice, part), **values)})


def test_right_numbers_are_no_problem(sound: Invoice) -> None:
    """Of a German company that bills another."""
    assert found(sound) == []


@pytest.mark.parametrize(
    ("part", "values", "source", "said"),
    [
        (
            "buyer",
            {"vat_id": "DE112233447"},
            "client:buyer.vat_id",
            "buyer.vat_id: 'DE112233447' is no VAT number of DE: its check digits do not fit",
        ),
        (
            "seller",
            {"tax_number": "12/345"},
            "seller.tax_number",
            "seller.tax_number: '12/345' is no Steuernummer: it has the wrong length",
        ),
        (
            "seller",
            {"country": "RU", "inn": "7802895381"},
            "seller.inn",
            "seller.inn: '7802895381' is no ИНН: its check digits do not fit",
        ),
        (
            "seller",
            {"country": "RU", "ogrn": "1027700132196"},
            "seller.ogrn",
            "seller.ogrn: '1027700132196' is no ОГРН: its check digits do not fit",
        ),
        (
            "buyer",
            {"country": "RU", "inn": "7802895380", "kpp": "78020100"},
            "client:buyer.kpp",
            "buyer: '78020100' is no КПП: it has 9 digits",
        ),
        (
            "buyer",
            {"country": "RU", "inn": "781100012393", "kpp": "780201001"},
            "client:buyer.kpp",
            "buyer: an entrepreneur (ИНН of 12 digits) has no КПП, but '780201001' is given",
        ),
        (
            "buyer",
            {"country": "FR", "registration": "552 008 444"},
            "client:buyer.registration",
            "buyer.registration: '552 008 444' is no SIREN: its check digits do not fit",
        ),
        (
            "buyer",
            {"country": "FR", "registration": "73282932000075"},
            "client:buyer.registration",
            "buyer.registration: '73282932000075' is no SIRET: its check digits do not fit",
        ),
        (
            "buyer",
            {"country": "CH", "registration": "CHE-100.155.213"},
            "client:buyer.registration",
            "buyer.registration: 'CHE-100.155.213' is no UID: its check digits do not fit",
        ),
        (
            "bank",
            {"iban": "DE89370400440532013001"},
            "seller.bank.iban",
            "seller.bank.iban: 'DE89370400440532013001' is no IBAN: its check digits do not fit",
        ),
        ("bank", {"bic": "COBA"}, "seller.bank.bic", "seller.bank.bic: 'COBA' is no BIC: it has the wrong length"),
    ],
)
def test_a_wrong_number_is_told_with_its_field(
    sound: Invoice, part: str, values: dict[str, str], source: str, said: str
) -> None:
    """And with what is wrong about it."""
    assert found(changed(sound, part, **values)) == [(source, said)]


def test_the_next_step_names_field_and_place(sound: Invoice) -> None:
    """The client's file, or the section of the settings."""
    broken = changed(changed(sound, "buyer", vat_id="DE1"), "bank", iban="DE1")
    steps = [row.next_step for row in check(broken, "", fault, lambda _: ())]
    assert steps == ["Correct `vat_id` in the client's file.", "Correct `iban` in [seller.bank]."]


def test_numbers_without_rules_are_taken_as_they_are(sound: Invoice) -> None:
    """A register number of a German court, a French one of another length, an ИНН of another country."""
    assert found(changed(sound, "buyer", registration="HRB 12345")) == []
    assert found(changed(sound, "buyer", country="FR", registration="12345")) == []
    assert found(changed(sound, "buyer", country="CH", registration="CH-020.3")) == []
    assert found(changed(sound, "buyer", country="KZ", inn="123")) == []


def test_russian_accounts_have_their_keys(sound: Invoice) -> None:
    """БИК first: without it no key can be computed."""
    ours = replace(sound, bank=RU_BANK)
    assert found(ours) == []
    assert found(changed(ours, "bank", bic="44030653")) == [
        ("seller.bank.bic", "seller.bank: '44030653' is no БИК: it has 9 digits")
    ]
    both = changed(ours, "bank", account="40702810455000024249", correspondent_account="30101810500000000654")
    assert found(both) == [
        (
            "seller.bank.account",
            "seller.bank: '40702810455000024249' is no account of the bank with БИК 044030653: its key does not fit",
        ),
        (
            "seller.bank.correspondent_account",
            "seller.bank: '30101810500000000654' is no correspondent account of the bank with БИК 044030653: "
            "its key does not fit",
        ),
    ]


def test_an_account_without_iban_has_no_bic_to_check(sound: Invoice) -> None:
    """What banks outside of both systems call a code is theirs."""
    assert found(replace(sound, bank=BankAccount("Bank", "021000021", "123456789"))) == []


def test_references_of_payments(sound: Invoice) -> None:
    """RF, or a QR reference with a QR-IBAN; nothing else, and not crosswise."""
    qr_bank = BankAccount("Bank", iban="CH4431999123000889012")
    where = "invoice.payment_reference"
    assert found(replace(sound, payment_reference="RF18539007547034")) == []
    assert found(replace(sound, payment_reference=QRR, bank=qr_bank)) == []
    assert found(replace(sound, payment_reference="RF19539007547034")) == [
        (where, "'RF19539007547034' is neither a creditor reference (RF) nor a QR reference of 27 digits")
    ]
    together = [(where, "a QR-IBAN and a QR reference go together only")]
    assert found(replace(sound, payment_reference=QRR)) == together
    assert found(replace(sound, bank=qr_bank)) == together
    assert found(replace(sound, bank=qr_bank, kind="cancellation", corrects="1")) == []


def test_a_leitweg_id_is_checked_where_xrechnung_is_wanted(sound: Invoice) -> None:
    """Any other reference of a buyer is his own; without XRechnung so is this one."""
    wrong = ("client:buyer_reference", "buyer_reference: '991-03730-20' is no Leitweg-ID: its check digits do not fit")
    xrechnung = replace(sound, profiles=("xrechnung",))
    assert wrong in found(replace(xrechnung, buyer_reference="991-03730-20"))
    assert wrong not in found(replace(sound, buyer_reference="991-03730-20"))
    for reference in ("991-03730-19", "PO 4711"):
        assert [row for row in found(replace(xrechnung, buyer_reference=reference)) if row[0] == wrong[0]] == []


def test_a_party_without_country_is_checked_as_russian() -> None:
    """The ИНН tells enough; the check hands its country on."""
    asked: list[tuple[str, str, str]] = []

    def ids(kind: str, value: str, country: str) -> str:
        asked.append((kind, value, country))
        return ""

    from studio_invoices.check_numbers import party_numbers

    assert list(party_numbers("seller", Party("A", inn="1", vat_id="2", country="at"), ids, "here")) == []
    assert list(party_numbers("seller", Party("A", inn="1"), ids, "here")) == []
    assert asked == [("vat_id", "2", "AT"), ("inn", "1", "")]
