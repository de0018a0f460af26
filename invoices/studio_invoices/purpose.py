"""What the payer is to write on the payment, in the language of the invoice: BT-83 where there is no reference.

Russian banks and bookkeepers expect the number and date of the счёт, the contract, and a word on НДС in every
payment order (Bank of Russia, 762-П, annex 1, field 24). Elsewhere the number and the date find the invoice.
"""

from __future__ import annotations

from decimal import Decimal

from studio_invoices.model import Invoice

_BILL = {
    "de": "Rechnung {number} vom {day}",
    "en": "Invoice {number} of {day}",
    "es": "Factura {number} de {day}",
    "fr": "Facture {number} du {day}",
    "it": "Fattura {number} del {day}",
    "nl": "Factuur {number} van {day}",
    "pl": "Faktura {number} z dnia {day}",
    "pt": "Fatura {number} de {day}",
    "uk": "Рахунок № {number} від {day}",
}
# what bears НДС, be it at 0 %
_TAXED = ("S", "Z")
_DATE = {"en": "%Y-%m-%d", "fr": "%d/%m/%Y", "es": "%d/%m/%Y", "it": "%d/%m/%Y", "pt": "%d/%m/%Y", "nl": "%d-%m-%Y"}


def purpose_of(invoice: Invoice, limit: int = 140) -> str:
    """The text of the payment, at most `limit` characters: `Invoice.purpose` where given, else made of the number.

    limit: 140 in SEPA and Switzerland, 160 in ST00012, 210 on a Russian payment order. What does not fit is left out
    by whole parts (first the contract, then the rates of НДС), never the number; a given text that does not fit is
    cut after a word.
    """
    if invoice.purpose:
        return shortened(invoice.purpose, limit)
    language, _, region = invoice.language.replace("_", "-").lower().partition("-")
    if language != "ru":
        usual = _DATE.get(language, "%d.%m.%Y" if language in _BILL else "%Y-%m-%d")
        # whatever its language, Switzerland writes dots
        day = invoice.issue_date.strftime("%d.%m.%Y" if region in ("ch", "li") and language in _BILL else usual)
        return _BILL.get(language, _BILL["en"]).format(number=invoice.number or "", day=day)
    head = f"Оплата по счёту № {invoice.number or ''} от {invoice.issue_date:%d.%m.%Y}"
    contract = f" по договору № {invoice.contract_number}" if invoice.contract_number else ""
    if contract and invoice.contract_date is not None:
        contract += f" от {invoice.contract_date:%d.%m.%Y}"
    tax, total = (f". {words}" for words in _ru_tax(invoice))
    texts = (head + contract + tax, head + tax, head + total, head)
    return next(text for text in texts if len(text) <= limit or text == head)


def _ru_tax(invoice: Invoice) -> tuple[str, str]:
    """«В том числе НДС 5% - 587,89 руб.», or «Без налога (НДС)»; and shorter, without rates."""
    taxed = [row for row in invoice.taxes if row.category in _TAXED]
    if not taxed:
        return "Без налога (НДС)", "Без налога (НДС)"
    unit = _ru_unit(invoice.currency)
    parts = [f"НДС {_figure(row.rate.normalize())}% - {_figure(row.tax)} {unit}" for row in taxed]
    return f"В том числе {', '.join(parts)}", f"В том числе НДС - {_figure(invoice.tax)} {unit}"


def _figure(amount: Decimal) -> str:
    return format(amount, "f").replace(".", ",")


def _ru_unit(currency: str) -> str:
    return "руб." if currency == "RUB" else currency


def shortened(text: str, limit: int) -> str:
    """The text in one line of at most `limit` characters, cut after a word where one ends in its second half."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head = line[: limit + 1]
    at = head.rfind(" ")
    return (head[:at] if at > limit // 2 else line[:limit]).rstrip(" ,;:.-")
