"""Why an invoice will have no payment code: the field to mend and what to do; silent where none is to be expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.payment_notice import payment_notice

Make = Callable[..., Invoice]

RU_BANK = BankAccount(
    "СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК",
    "044030653",
    "40702810455000024248",
    correspondent_account="30101810500000000653",
)
RU_SELLER = Party("ООО «Веб-студия»", ("Невский пр., 20",), "RU", inn="7802895380", kpp="780201001")
CH_SELLER = Party("Webwerk Zürich AG", ("Bahnhofstrasse 12a",), "CH", postcode="8001", city="Zürich")
CH_BUYER = Party("Käserei Münster", ("Dorfplatz",), "CH", postcode="3053", city="Münchenbuchsee")
FRANCS = {"currency": "CHF", "seller": CH_SELLER, "buyer": CH_BUYER}
POST = BankAccount("PostFinance", "POFICHBEXXX", iban="CH93 0076 2011 6238 5295 7")


def told(invoice: Invoice, number: str = "2026-0001") -> tuple[str, str, str]:
    problem = payment_notice(invoice, number)
    assert problem is not None
    assert problem.client is None
    return problem.source, problem.message, problem.next_step


def test_nothing_is_told_of_an_invoice_that_will_have_a_code(invoice_of: Make) -> None:
    """A draft is asked as if it were issued; an issued one by its own number."""
    assert payment_notice(invoice_of(number=None), "2026-0001") is None
    assert payment_notice(invoice_of(), "№ 1") is None


@pytest.mark.parametrize(
    "values",
    [
        {"currency": "USD"},
        {"kind": "cancellation"},
        {"bank": BankAccount("Silicon Valley", iban="US64SVBKUS6S3300958879")},
        {"bank": BankAccount("Bank", account="1234")},
        {"bank": BankAccount("Bank", iban="DE89370400440532013001")},  # found with the control digits, a problem
    ],
)
def test_nothing_is_told_where_no_scheme_would_fit(invoice_of: Make, values: dict[str, Any]) -> None:
    """Dollars, an account outside of SEPA, what asks for no payment: nothing can be mended."""
    assert payment_notice(invoice_of(**values), "2026-0001") is None


def test_a_payee_in_other_letters_is_told_with_the_field_to_set(invoice_of: Make) -> None:
    """Cyrillic before a euro account."""
    invoice = invoice_of(number=None, seller=RU_SELLER)
    assert told(invoice) == (
        "seller.bank.holder",
        "invoices of ООО «Веб-студия» in EUR bear no payment code: "
        "the payee's name has letters that SEPA banks do not take",
        "Set `holder` of that account to the name that the bank has for it, short and in Latin letters.",
    )


def test_a_number_in_other_letters_is_told(invoice_of: Make) -> None:
    """A draft's number comes from its format."""
    source, message, step = told(invoice_of(number=None), "Сч-1")
    assert (source, step) == ("seller.number_format", "Use Latin letters in `number_format`.")
    assert message.endswith("the purpose has letters that SEPA banks do not take")


def test_an_account_in_britain_needs_its_bic(invoice_of: Make) -> None:
    source, message, step = told(invoice_of(bank=BankAccount("Bank", iban="GB82WEST12345698765432")))
    assert (source, step) == ("seller.bank.bic", "Set `bic` of that account.")
    assert message.endswith("the BIC is missing, which accounts in GB need")


def test_a_qr_iban_is_told(invoice_of: Make) -> None:
    """It wants a reference that is not made here."""
    invoice = invoice_of([{}], bank=replace(POST, iban="CH44 3199 9123 0008 8901 2"), **FRANCS)
    source, _, step = told(invoice)
    assert source == "seller.bank.iban"
    assert step == "Set `iban` of that account to its ordinary IBAN: QR references are not made here."


def test_a_swiss_client_and_a_swiss_seller_are_told_apart(invoice_of: Make) -> None:
    """The buyer's name is mended in his file, the seller's town in the settings."""
    buyer = replace(CH_BUYER, name="Сыроварня")
    source, message, step = told(invoice_of([{}], bank=POST, **{**FRANCS, "buyer": buyer}))
    assert (source, step) == ("client:buyer.name", "Correct `name` in his file.")
    assert (
        message
        == "invoices to this client in CHF bear no payment code: a name has letters that Swiss banks do not take"
    )
    source, _, step = told(invoice_of([{}], bank=POST, **{**FRANCS, "seller": replace(CH_SELLER, city="")}))
    assert (source, step) == ("seller.city", "Correct `city` in [seller].")
    source, _, step = told(invoice_of([{}], bank=POST, **{**FRANCS, "seller": replace(CH_SELLER, name="Студия")}))
    assert source == "seller.bank.holder"


def test_rubles_have_limits_of_their_own(invoice_of: Make) -> None:
    """160 characters of name, and a bank that has a name; the account's key."""
    rubles = {"currency": "RUB", "language": "ru", "bank": RU_BANK}
    source, message, step = told(invoice_of([{}], **rubles, seller=replace(RU_SELLER, name="О" * 161)))
    assert source == "seller.bank.holder"
    assert message.endswith("the payee's name is longer than 160 characters")
    assert step == "Set `holder` of that account to the name that the bank has for it, in 160 characters at most."
    source, _, step = told(invoice_of([{}], **{**rubles, "bank": replace(RU_BANK, name="")}, seller=RU_SELLER))
    assert (source, step) == ("seller.bank.name", "Set `name` of that account.")
    wrong = replace(RU_BANK, account="40702810455000024249")
    source, _, step = told(invoice_of([{}], **{**rubles, "bank": wrong}, seller=RU_SELLER))
    assert (source, step) == ("seller.bank.account", "Correct `account` of that account.")
