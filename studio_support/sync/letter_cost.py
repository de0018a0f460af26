"""What an estimate costs, in words for its letter: the amount by the client's annex, with or without tax, and the rate.

The rate is the annex's general one on the day of the letter: who will do the work is not known yet, so rows for one
specialist or activity do not count. The amount is rounded half-up once, like an invoice's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from studio_invoices.money import amount_for_minutes
from studio_support.billing.rates import choose_rate, choose_tax
from studio_support.billing.terms import Client, TaxRow
from studio_support.sync.wording import Language, language_of

_PER_HOUR: dict[Language, str] = {"ru": "за час", "en": "per hour", "de": "pro Stunde", "fr": "par heure"}
_WITH_TAX: dict[Language, str] = {
    "ru": "{amount}, включая НДС {rate}",
    "en": "{amount}, including {rate} VAT",
    "de": "{amount} inkl. {rate} USt.",
    "fr": "{amount} TTC, dont TVA {rate}",
}
_PLUS_TAX: dict[Language, str] = {
    "ru": "{amount} плюс НДС {rate}",
    "en": "{amount} plus {rate} VAT",
    "de": "{amount} zzgl. {rate} USt.",
    "fr": "{amount} HT, plus TVA {rate}",
}


class AnnexCost:
    """Costs by the clients' files; a `letter_facts.Cost`. tax: the studio's rows. today: the studio's day."""

    def __init__(self, clients: Iterable[Client], tax: tuple[TaxRow, ...], today: Callable[[], date]) -> None:
        self._clients = {client.id: client for client in clients if not (client.draft or client.broken)}
        self._tax = tax
        self._today = today

    def __call__(self, client: str, minutes: int) -> str:
        """The amount in the client's language, "" where no general rate is agreed on that day."""
        known, day = self._clients.get(client), self._today()
        rate = choose_rate(known, day, "", "", {}) if known is not None else None
        if known is None or rate is None:
            return ""
        language = language_of(known.language)
        amount = _money(amount_for_minutes(minutes, rate.per_hour, known.currency), known.currency, language)
        told = _taxed(amount, choose_tax(known.tax, self._tax, day), language)
        return f"{told} ({_money(rate.per_hour, known.currency, language)} {_PER_HOUR[language]})"


def _taxed(amount: str, tax: TaxRow | None, language: Language) -> str:
    if tax is None or tax.category != "S" or not tax.rate:
        return amount
    percent = format(tax.rate.normalize(), "f")
    sign = "%" if language == "en" else "\u00a0%"
    rate = (percent if language == "en" else percent.replace(".", ",")) + sign
    return (_WITH_TAX if tax.prices == "gross" else _PLUS_TAX)[language].format(amount=amount, rate=rate)


def _money(amount: Decimal, currency: str, language: Language) -> str:
    from babel.numbers import format_currency

    # not quantised: the amount is rounded already, and a rate may have four decimals
    return format_currency(amount, currency, locale=language, decimal_quantization=False)
