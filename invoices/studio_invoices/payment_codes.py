"""What a payment QR code holds, as text: EPC (SEPA), ST00012 (Russia), Swiss QR-bill; drawn by `studio_invoices.qr`.

EPC069-12 version 2 (SCT), in the Latin letters that every bank of SEPA must pass on; GOST R 56042-2014, encoding 2 =
UTF-8; Swiss Implementation Guidelines QR-bill 2.3, structured addresses alone. A code is made only where it is wholly
right: a payer trusts what his telephone fills in. So nothing is cut that names the payee or the invoice, and where a
code cannot be made the reason is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from studio_invoices.account_keys import (
    creditor_reference_fits,
    iban_fits,
    is_qr_iban,
    qr_reference_fits,
    ru_account_fits,
    ru_correspondent_fits,
    solid,
)
from studio_invoices.countries import EEA_COUNTRIES, SEPA_COUNTRIES
from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.money import round_half_up
from studio_invoices.purpose import purpose_of, shortened

Scheme = Literal["epc", "st00012", "swiss"]

_MOST = Decimal("999999999.99")
_SEPARATORS = "|#;:^_~{}!$%&()*+,/@"
# what the Swiss guidelines allow, and banks of SEPA pass on: Latin letters with the accents of Europe, and the euro
_LATIN = re.compile("[\x20-\x7e\u00a0-\u017f\u0218-\u021b\u20ac]*")
_BIC = re.compile("[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_HOUSE = re.compile(r"(?P<street>.*\D)\s+(?P<house>\d+\s?[a-zA-Z]?(?:[-/]\d+\s?[a-zA-Z]?)?)")


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """A code that can be drawn. payload: its text; in bytes it is UTF-8, error correction level M."""

    scheme: Scheme
    payload: str

    @property
    def content(self) -> bytes:
        """What is drawn."""
        return self.payload.encode()


@dataclass(frozen=True, slots=True)
class NoPaymentCode:
    """Why there is no code: the end of a sentence that begins with "no payment code:".

    source: the field to mend, such as ``seller.bank.holder`` or ``client:buyer.postcode``; "" where nothing needs to be
    mended: no scheme fits account and currency, or there is nothing to pay.
    """

    reason: str
    source: str = ""


class _Unfit(Exception):
    """Why a code cannot be made, and the field to mend; never leaves this room."""

    def __init__(self, reason: str, source: str = "") -> None:
        super().__init__(reason)
        self.source = source

    def told(self) -> NoPaymentCode:
        return NoPaymentCode(str(self), self.source)


_HOLDER, _BIC_FIELD, _NUMBER = "seller.bank.holder", "seller.bank.bic", "seller.number_format"


def payment_code(invoice: Invoice) -> PaymentCode | NoPaymentCode:
    """The code that fits account and currency: ST00012 for rubles on a Russian account, the Swiss one for francs or
    euros on a Swiss or Liechtenstein account, EPC for euros on another IBAN within SEPA."""
    bank = invoice.bank
    iban = solid(bank.iban)
    if bank.correspondent_account or not iban:
        return st00012(invoice)
    if iban[:2] in ("CH", "LI") and (invoice.currency == "CHF" or _pays_from_switzerland(invoice)):
        return swiss(invoice)
    return epc(invoice)


def epc(invoice: Invoice) -> PaymentCode | NoPaymentCode:
    """EPC069-12: at most 331 bytes (QR version 13). The BIC may be empty within the European Economic Area."""
    try:
        return PaymentCode("epc", _epc(invoice))
    except _Unfit as unfit:
        return unfit.told()


def st00012(invoice: Invoice) -> PaymentCode | NoPaymentCode:
    """GOST R 56042-2014 in UTF-8. Sum in kopecks; the bank's name is cut to fit (45 characters, and 300 bytes for all
    that is mandatory): its БИК tells the bank."""
    try:
        return PaymentCode("st00012", _st00012(invoice))
    except _Unfit as unfit:
        return unfit.told()


def swiss(invoice: Invoice) -> PaymentCode | NoPaymentCode:
    """Swiss QR-bill, version 0200. A buyer whose town is not known apart is left out: it may be written by hand."""
    try:
        return PaymentCode("swiss", "\n".join(_swiss(invoice)))
    except _Unfit as unfit:
        return unfit.told()


def _pays_from_switzerland(invoice: Invoice) -> bool:
    return invoice.currency == "EUR" and (invoice.buyer.country in ("CH", "LI") or is_qr_iban(invoice.bank.iban))


def _amount(invoice: Invoice, currencies: tuple[str, ...]) -> Decimal:
    """What is to be paid. Raises _Unfit unless there is something to pay, in one of these currencies."""
    if invoice.kind != "invoice" or invoice.number is None:
        raise _Unfit("only an issued invoice is paid")
    if invoice.currency not in currencies:
        raise _Unfit(f"{invoice.currency} is not paid that way")
    gross = invoice.gross
    if not gross.is_finite() or not 0 < gross <= _MOST or gross != round_half_up(gross, invoice.currency):
        raise _Unfit(f"{gross} is nothing to be paid that way")
    return round_half_up(gross, invoice.currency)


def _field(value: str, name: str, most: int, source: str) -> str:
    """The value in one line. Raises _Unfit where it is longer than `most`, or holds what no reader can show."""
    line = " ".join(value.split())
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Cn", "Co") for sign in line):
        raise _Unfit(f"{name} holds a control character", source)
    if len(line) > most:
        raise _Unfit(f"{name} is longer than {most} characters", source)
    return line


def _needed(value: str, name: str, most: int, source: str) -> str:
    line = _field(value, name, most, source)
    if not line:
        raise _Unfit(f"{name} is missing", source)
    return line


def _payee(invoice: Invoice, most: int) -> str:
    return _needed(invoice.bank.holder or invoice.seller.name, "the payee's name", most, _HOLDER)


def _iban(invoice: Invoice) -> str:
    iban = solid(invoice.bank.iban)
    if not iban_fits(iban):
        raise _Unfit("the IBAN is wrong" if iban else "there is no IBAN")
    return iban


def _epc(invoice: Invoice) -> str:
    amount = _amount(invoice, ("EUR",))
    iban = _iban(invoice)
    if iban[:2] not in SEPA_COUNTRIES:
        raise _Unfit(f"{iban[:2]} is not in SEPA")
    bic = solid(invoice.bank.bic)
    if bic and _BIC.fullmatch(bic) is None:
        raise _Unfit("the BIC is wrong", _BIC_FIELD)
    if not bic and iban[:2] not in EEA_COUNTRIES:
        raise _Unfit(f"the BIC is missing, which accounts in {iban[:2]} need", _BIC_FIELD)
    reference = solid(invoice.payment_reference)
    structured = reference if creditor_reference_fits(reference) else ""
    purpose = "" if structured else _field(_latin_purpose(invoice), "the purpose", 140, _NUMBER)
    text = _latin(purpose, "the purpose", "SEPA", _NUMBER)
    name = _latin(_payee(invoice, 70), "the payee's name", "SEPA", _HOLDER)
    lines = ["BCD", "002", "1", "SCT", bic, name, iban, f"EUR{amount:f}", "", structured, text]
    payload = "\n".join(lines).rstrip("\n")
    if len(payload.encode()) > 331:
        raise _Unfit("name and purpose are too long", _HOLDER)
    return payload


def _latin_purpose(invoice: Invoice) -> str:
    """The purpose in the language of the invoice, or in English where that is not written in Latin letters."""
    text = purpose_of(invoice)
    return text if invoice.purpose or _LATIN.fullmatch(text) else purpose_of(replace(invoice, language="en"))


def _latin(line: str, name: str, whose: str, source: str) -> str:
    if _LATIN.fullmatch(line) is None:
        raise _Unfit(f"{name} has letters that {whose} banks do not take", source)
    return line


def _st00012(invoice: Invoice) -> str:
    amount = _amount(invoice, ("RUB",))
    bic = _ru_bank_fits(invoice.bank)
    head = {"Name": _payee(invoice, 160), "PersonalAcc": solid(invoice.bank.account)}
    tail = {"BIC": bic, "CorrespAcc": solid(invoice.bank.correspondent_account)}
    bank_name = _needed(invoice.bank.name, "the bank's name", 10**6, "seller.bank.name")
    optional = {
        "PayeeINN": _field(solid(invoice.seller.inn), "ИНН", 12, "seller.inn"),
        "KPP": _field(solid(invoice.seller.kpp), "КПП", 9, "seller.kpp"),
        "Sum": str(int(amount.scaleb(2))),
        "Purpose": _field(purpose_of(invoice, 160), "the purpose", 160, _NUMBER),
    }
    values = "".join([*head.values(), bank_name, *tail.values(), *optional.values()])
    separator = next((sign for sign in _SEPARATORS if sign not in values), "")
    if not separator:
        raise _Unfit("every separator occurs in its values", _HOLDER)
    for limit in range(45, 4, -1):
        mandatory = _joined({**head, "BankName": shortened(bank_name, limit), **tail}, separator)
        if len(mandatory.encode()) <= 300:
            return separator.join(["ST00012", mandatory, _joined(optional, separator)])
    raise _Unfit("the payee's name is too long", _HOLDER)


def _joined(values: Mapping[str, str], separator: str) -> str:
    return separator.join(f"{name}={value}" for name, value in values.items() if value)


def _ru_bank_fits(bank: BankAccount) -> str:
    """The БИК. Raises _Unfit unless both accounts bear its key."""
    bic = solid(bank.bic)
    if not ru_account_fits(solid(bank.account), bic):
        raise _Unfit("account and БИК do not fit each other", "seller.bank.account")
    if not ru_correspondent_fits(solid(bank.correspondent_account), bic):
        raise _Unfit("correspondent account and БИК do not fit each other", "seller.bank.correspondent_account")
    return bic


def _swiss(invoice: Invoice) -> Iterator[str]:
    amount = _amount(invoice, ("CHF", "EUR"))
    iban = _iban(invoice)
    if iban[:2] not in ("CH", "LI"):
        raise _Unfit("the account is neither in Switzerland nor in Liechtenstein")
    kind, reference = _swiss_reference(invoice, iban)
    yield from ("SPC", "0200", "1", iban)
    yield from _swiss_address(invoice.seller, invoice.bank.holder, "seller")
    yield from ("",) * 7
    yield from (f"{amount:f}", invoice.currency)
    yield from _swiss_debtor(invoice.buyer)
    yield from (kind, reference)
    yield _swiss_text(_latin_purpose(invoice), "the purpose", 140, _NUMBER)
    yield "EPD"


def _swiss_reference(invoice: Invoice, iban: str) -> tuple[str, str]:
    reference = solid(invoice.payment_reference)
    if is_qr_iban(iban):
        if not qr_reference_fits(reference):
            raise _Unfit("a QR-IBAN needs a QR reference of 27 digits", "seller.bank.iban")
        return "QRR", reference
    if qr_reference_fits(reference):
        raise _Unfit("a QR reference needs a QR-IBAN")
    return ("SCOR", reference) if creditor_reference_fits(reference) else ("NON", "")


def _swiss_debtor(buyer: Party) -> Iterator[str]:
    if buyer.postcode and buyer.city and buyer.country:
        yield from _swiss_address(buyer, "", "client:buyer")
    else:
        yield from ("",) * 7


def _swiss_address(party: Party, holder: str, where: str) -> Iterator[str]:
    street = " ".join(" ".join(party.street_lines).split())
    split = _HOUSE.fullmatch(street)
    named, house = (split["street"].rstrip(" ,"), split["house"]) if split else (street, "")
    name_field = _HOLDER if where == "seller" else f"{where}.name"
    yield "S"
    yield _swiss_text(_needed(holder or party.name, "a name", 70, name_field), "a name", 70, name_field)
    yield _swiss_text(named, "a street", 70, f"{where}.address")
    yield _swiss_text(house, "a house number", 16, f"{where}.address")
    for value, name, most, field in (
        (party.postcode, "postcode", 16, f"{where}.postcode"),
        (party.city, "town", 35, f"{where}.city"),
    ):
        yield _swiss_text(_needed(value, f"the payee's {name}", most, field), f"a {name}", most, field)
    yield _needed(party.country, "the payee's country", 2, f"{where}.country")


def _swiss_text(value: str, name: str, most: int, source: str) -> str:
    return _latin(_field(value, name, most, source), name, "Swiss", source)
