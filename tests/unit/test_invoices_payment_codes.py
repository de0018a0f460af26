"""Payment codes as text: byte for byte where all is right, and a reason where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.payment_codes import NoPaymentCode, PaymentCode, epc, payment_code, st00012, swiss

Make = Callable[..., Invoice]
D = Decimal

RU_BANK = BankAccount(
    "СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК",
    "044030653",
    "40702810455000024248",
    correspondent_account="30101810500000000653",
)
RU_SELLER = Party("ООО «Веб-студия»", ("Невский пр., 20",), "RU", inn="7802895380", kpp="780201001")
CH_SELLER = Party("Webwerk Zürich AG", ("Bahnhofstrasse 12a",), "CH", postcode="8001", city="Zürich")
CH_BUYER = Party("Käserei Münster", ("Dorfplatz",), "CH", postcode="3053", city="Münchenbuchsee")
CH_IBAN = "CH93 0076 2011 6238 5295 7"
QR_IBAN = "CH44 3199 9123 0008 8901 2"
QRR = "21 00000 00003 13947 14300 09017"


@pytest.fixture
def rubles(invoice_of: Make) -> Invoice:
    """11.30 RUB, so 1130 kopecks, of which 2.04 is tax at 22 %."""
    lines = [{"minutes": 60, "rate_per_hour": D("9.26"), "tax_rate": D(22)}]
    return invoice_of(lines, currency="RUB", language="ru", seller=RU_SELLER, bank=RU_BANK)


@pytest.fixture
def francs(invoice_of: Make) -> Invoice:
    """102.70 CHF: an hour at 95.00 and 8.1 %, 7.695 half-up to 7.70."""
    bank = BankAccount("PostFinance", "POFICHBEXXX", iban=CH_IBAN)
    lines = [{"tax_rate": D("8.1")}]
    return invoice_of(lines, currency="CHF", language="de", seller=CH_SELLER, buyer=CH_BUYER, bank=bank)


def payload(code: PaymentCode | NoPaymentCode) -> str:
    assert isinstance(code, PaymentCode), code
    return code.payload


def reason(code: PaymentCode | NoPaymentCode) -> str:
    assert isinstance(code, NoPaymentCode), code
    return code.reason


def banked(invoice: Invoice, **values: Any) -> Invoice:
    return replace(invoice, bank=replace(invoice.bank, **values))


def sold(invoice: Invoice, **values: Any) -> Invoice:
    return replace(invoice, seller=replace(invoice.seller, **values))


def test_epc_line_by_line(invoice_of: Make) -> None:
    """Service tag, version, UTF-8, SCT, BIC, name, IBAN, amount, no purpose code, no reference, text."""
    code = payment_code(invoice_of(language="de"))
    assert payload(code).split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "HASPDEHHXXX",
        "Webwerk Studio GmbH",
        "DE89370400440532013000",
        "EUR113.05",
        "",
        "",
        "Rechnung 2026-0117 vom 30.11.2026",
    ]
    assert isinstance(code, PaymentCode)
    assert code.scheme == "epc"
    assert code.content == code.payload.encode("utf-8")


def test_epc_has_either_a_reference_or_a_text(invoice_of: Make) -> None:
    """A creditor reference stands alone; the holder of the account is who is paid; the BIC may be absent."""
    invoice = banked(invoice_of(payment_reference="RF18 5390 0754 7034"), bic="", holder="Webwerk Treuhand")
    lines = payload(epc(invoice)).split("\n")
    assert lines[4:] == ["", "Webwerk Treuhand", "DE89370400440532013000", "EUR113.05", "", "RF18539007547034"]


@pytest.mark.parametrize(
    ("values", "bank", "said"),
    [
        ({"number": None}, {}, "only an issued invoice is paid"),
        ({"kind": "cancellation"}, {}, "only an issued invoice is paid"),
        ({"kind": "credit_note"}, {}, "only an issued invoice is paid"),
        ({"currency": "USD"}, {}, "USD is not paid that way"),
        ({"gross": D("0.00")}, {}, "0.00 is nothing to be paid that way"),
        ({"gross": D("-1.00")}, {}, "-1.00 is nothing to be paid that way"),
        ({"gross": D("NaN")}, {}, "NaN is nothing to be paid that way"),
        ({"gross": D("1.005")}, {}, "1.005 is nothing to be paid that way"),
        ({"gross": D("1000000000.00")}, {}, "1000000000.00 is nothing to be paid that way"),
        ({}, {"iban": "DE89370400440532013001"}, "the IBAN is wrong"),
        ({}, {"iban": "US64SVBKUS6S3300958879"}, "US is not in SEPA"),
        ({}, {"iban": "GB82WEST12345698765432", "bic": ""}, "the BIC is missing, which accounts in GB need"),
        ({}, {"bic": "044030653"}, "the BIC is wrong"),
        ({}, {"holder": "x" * 71}, "the payee's name is longer than 70 characters"),
        ({}, {"holder": "A\u202eB"}, "the payee's name holds a control character"),
        ({"purpose": "\ud800"}, {}, "the purpose holds a control character"),
        ({"purpose": "ü" * 140}, {"holder": "ü" * 30}, "name and purpose are too long"),
        ({"purpose": "Счёт"}, {}, "the purpose has letters that SEPA banks do not take"),
        ({}, {"holder": "ООО"}, "the payee's name has letters that SEPA banks do not take"),
    ],
)
def test_no_epc_code_where_it_would_be_wrong(
    invoice_of: Make, values: dict[str, Any], bank: dict[str, Any], said: str
) -> None:
    """The reason says which field."""
    assert reason(epc(banked(replace(invoice_of(), **values), **bank))) == said


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_what_is_not_written_in_latin_is_paid_with_an_english_text(
    invoice_of: Make, francs: Invoice, language: str
) -> None:
    """Banks of SEPA and of Switzerland pass on Latin letters alone."""
    assert payload(epc(invoice_of(language=language))).split("\n")[10] == "Invoice 2026-0117 of 2026-11-30"
    assert payload(swiss(replace(francs, language=language))).split("\n")[29].startswith("Invoice ")


def test_no_account_no_code(invoice_of: Make) -> None:
    """Euros without an IBAN: neither EPC nor ST00012."""
    assert reason(epc(banked(invoice_of(), iban=""))) == "there is no IBAN"
    assert reason(payment_code(banked(invoice_of(), iban=""))) == "EUR is not paid that way"


def test_no_payee_no_code(invoice_of: Make) -> None:
    """Blanks are no name."""
    assert reason(epc(sold(invoice_of(), name=" "))) == "the payee's name is missing"


@given(number=st.text(min_size=1, max_size=30), purpose=st.text(max_size=400), name=st.text(max_size=80))
def test_epc_keeps_its_limits(number: str, purpose: str, name: str) -> None:
    """Whatever the texts: at most 331 bytes, 11 lines, 140 characters of text, or a reason; never an exception."""
    party = Party(name)
    day = date(2026, 11, 30)
    bank = BankAccount(iban="DE89370400440532013000")
    sums = (D(1), D(0), D(1))
    invoice = Invoice(
        number, "invoice", day, day, day, day, "de", "EUR", "net", party, party, bank, (), (), *sums, purpose=purpose
    )
    code = epc(invoice)
    if isinstance(code, PaymentCode):
        lines = code.payload.split("\n")
        assert len(code.content) <= 331
        assert len(lines) <= 11
        assert lines[7] == "EUR1.00"
        assert all(len(line) <= 140 for line in lines[10:])
    else:
        assert code.reason


def test_st00012_as_the_standard_has_it(rubles: Invoice) -> None:
    """Mandatory fields in their order, then ИНН, КПП, kopecks and purpose."""
    assert payload(payment_code(rubles)) == (
        "ST00012|Name=ООО «Веб-студия»|PersonalAcc=40702810455000024248|BankName=СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК"
        "|BIC=044030653|CorrespAcc=30101810500000000653|PayeeINN=7802895380|KPP=780201001|Sum=1130"
        "|Purpose=Оплата по счёту № 2026-0117 от 30.11.2026. В том числе НДС 22% - 2,04 руб."
    )


def test_an_entrepreneur_has_no_kpp(rubles: Invoice) -> None:
    """An empty field is left out, not written empty."""
    assert "KPP" not in payload(st00012(sold(rubles, kpp="", inn="781100012393")))


def test_a_separator_that_occurs_in_no_value(rubles: Invoice) -> None:
    """`|` in a name, then `|` and `#`: the standard lets any of its characters take its place."""
    assert payload(st00012(sold(rubles, name="Web|Studio"))).startswith("ST00012#Name=Web|Studio#PersonalAcc=")
    assert payload(st00012(sold(rubles, name="Web|#Studio"))).startswith("ST00012;Name=Web|#Studio;PersonalAcc=")
    every = sold(rubles, name="|#;:^_~{}!$%&()*+,/@")
    assert reason(st00012(every)) == "every separator occurs in its values"


def test_a_long_name_of_a_bank_is_cut(rubles: Invoice) -> None:
    """At 45 characters after a word, and further where 300 bytes are full; its БИК tells the bank."""
    long = banked(rubles, name="СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК Г. САНКТ-ПЕТЕРБУРГ")
    assert "|BankName=СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК Г|" in payload(st00012(long))
    # 94 bytes are keys, numbers and separators; 206 less the name's 154 leave 52: 45 up to ПАО, 62 with the next word
    name = "Общество с ограниченной ответственностью «Студия веб-разработки «Северное сияние»"
    assert len(name.encode()) == 154
    block = payload(st00012(sold(long, name=name))).removeprefix("ST00012|").partition("|PayeeINN")[0]
    assert len(block.encode()) <= 300
    assert f"Name={name}|" in block
    assert "|BankName=СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО|" in block


@pytest.mark.parametrize(
    ("values", "bank", "seller", "said"),
    [
        ({"currency": "EUR"}, {}, {}, "EUR is not paid that way"),
        ({}, {"account": "40702810455000024249"}, {}, "account and БИК do not fit each other"),
        (
            {},
            {"correspondent_account": "30101810500000000654"},
            {},
            "correspondent account and БИК do not fit each other",
        ),
        ({}, {"name": ""}, {}, "the bank's name is missing"),
        ({}, {}, {"name": "щ" * 161}, "the payee's name is longer than 160 characters"),
        ({}, {}, {"name": "щ" * 150}, "the payee's name is too long"),
        ({}, {}, {"inn": "7" * 13}, "ИНН is longer than 12 characters"),
        ({}, {}, {"kpp": "7" * 10}, "КПП is longer than 9 characters"),
        ({}, {"name": "Банк\x00"}, {}, "the bank's name holds a control character"),
    ],
)
def test_no_st00012_where_it_would_be_wrong(
    rubles: Invoice, values: dict[str, Any], bank: dict[str, Any], seller: dict[str, Any], said: str
) -> None:
    """The reason says which field."""
    assert reason(st00012(sold(banked(replace(rubles, **values), **bank), **seller))) == said


def test_swiss_line_by_line(francs: Invoice) -> None:
    """Version 0200, structured addresses, seven empty lines, two decimals, no reference, EPD."""
    assert payload(payment_code(francs)).split("\n") == [
        *["SPC", "0200", "1", "CH9300762011623852957"],
        *["S", "Webwerk Zürich AG", "Bahnhofstrasse", "12a", "8001", "Zürich", "CH"],
        *[""] * 7,
        *["102.70", "CHF"],
        *["S", "Käserei Münster", "Dorfplatz", "", "3053", "Münchenbuchsee", "CH"],
        *["NON", "", "Rechnung 2026-0117 vom 30.11.2026", "EPD"],
    ]


def test_swiss_references(francs: Invoice) -> None:
    """A QR reference with a QR-IBAN, a creditor reference with another; crosswise there is no code."""
    qrr = replace(banked(francs, iban=QR_IBAN), payment_reference=QRR)
    assert payload(swiss(qrr)).split("\n")[27:29] == ["QRR", "210000000003139471430009017"]
    scor = replace(francs, payment_reference="RF18539007547034")
    assert payload(swiss(scor)).split("\n")[27:29] == ["SCOR", "RF18539007547034"]
    assert reason(swiss(banked(francs, iban=QR_IBAN))) == "a QR-IBAN needs a QR reference of 27 digits"
    assert reason(swiss(replace(francs, payment_reference=QRR))) == "a QR reference needs a QR-IBAN"


def test_a_swiss_buyer_of_unknown_town_is_left_out(francs: Invoice) -> None:
    """Seven empty lines: the payer fills them in."""
    unknown = replace(francs, buyer=Party("Käserei", ("Dorfplatz", "3053 Münchenbuchsee"), "CH"))
    assert payload(swiss(unknown)).split("\n")[20:28] == [*[""] * 7, "NON"]


@pytest.mark.parametrize(
    ("values", "bank", "seller", "said"),
    [
        ({"currency": "USD"}, {}, {}, "USD is not paid that way"),
        ({}, {"iban": "DE89370400440532013000"}, {}, "the account is neither in Switzerland nor in Liechtenstein"),
        ({}, {}, {"postcode": ""}, "the payee's postcode is missing"),
        ({}, {}, {"city": ""}, "the payee's town is missing"),
        ({}, {}, {"country": ""}, "the payee's country is missing"),
        ({}, {}, {"address": ("x" * 71,)}, "a street is longer than 70 characters"),
        ({}, {}, {"name": "Студия"}, "a name has letters that Swiss banks do not take"),
        ({"purpose": "№ 7"}, {}, {}, "the purpose has letters that Swiss banks do not take"),
    ],
)
def test_no_swiss_code_where_it_would_be_wrong(
    francs: Invoice, values: dict[str, Any], bank: dict[str, Any], seller: dict[str, Any], said: str
) -> None:
    """The reason says which field."""
    assert reason(swiss(sold(banked(replace(francs, **values), **bank), **seller))) == said


def test_euros_on_a_swiss_account(francs: Invoice) -> None:
    """From a Swiss buyer by the Swiss code, from a German one by EPC, which then needs the BIC."""
    euros = replace(francs, currency="EUR")
    code = payment_code(euros)
    assert isinstance(code, PaymentCode)
    assert code.scheme == "swiss"
    german = replace(euros, buyer=replace(CH_BUYER, country="DE"))
    assert payload(payment_code(german)).split("\n")[3:7] == [
        "SCT",
        "POFICHBEXXX",
        "Webwerk Zürich AG",
        "CH9300762011623852957",
    ]
    to_qr_iban = replace(banked(german, iban=QR_IBAN), payment_reference=QRR)
    assert payload(payment_code(to_qr_iban)).startswith("SPC\n")
