"""E-invoices for tests: a hypothesis strategy over clients, taxes, roundings, prices and credits, and the figures that
a document must show, computed a second time from what went in: in whole cents, by integers alone. What computes them
(`half_up`, `expected`) uses nothing of the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from studio_invoices.model import BankAccount, Invoice, Kind, Line, TaxTotal
from studio_invoices.money import amount_for_minutes
from studio_invoices.totals import total
from tests.einvoice_parties import COMPANIES, account, complete, sparse

WITHOUT_NUMBERS = ("E", "Z")
BY_NUMBERS = ("AE", "G", "K")  # who owes the tax, or owes none of it, is known by his VAT number
KINDS: tuple[Kind, ...] = ("invoice", "invoice", "cancellation", "credit_note")
REASONS = {"E": "Steuerfrei nach § 19 UStG", "AE": "Reverse charge", "G": "", "O": "", "K": ""}
PERIOD = (date(2026, 11, 1), date(2026, 11, 30))


@dataclass(frozen=True)
class Item:
    """A line as it is agreed. cents_per_hour: net or gross as the case says; millis: the tax rate in 1/1000 %."""

    minutes: int
    cents_per_hour: int
    category: str
    millis: int


@dataclass(frozen=True)
class Case:
    """What goes in, and the invoice that our own rooms make of it. digits: decimals of the currency."""

    items: tuple[Item, ...]
    gross_prices: bool
    digits: int
    invoice: Invoice


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number, halves upwards; nothing here is negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def expected(case: Case) -> tuple[dict[tuple[str, int], tuple[int, int]], list[int]]:
    """(base and tax of each category and rate, net or gross amount of each line), in the currency's smallest unit."""
    unit = 10 ** (2 - case.digits)
    amounts = [half_up(item.minutes * item.cents_per_hour, 60 * unit) for item in case.items]
    sums: dict[tuple[str, int], int] = {}
    for item, amount in zip(case.items, amounts, strict=True):
        key = (item.category, item.millis)
        sums[key] = sums.get(key, 0) + amount
    rows = {}
    for (category, millis), amount in sums.items():
        if case.gross_prices:
            tax = half_up(amount * millis, 100_000 + millis)
            rows[category, millis] = (amount - tax, tax)
        else:
            rows[category, millis] = (amount, half_up(amount * millis, 100_000))
    return rows, amounts


_free = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30)
_words = st.sampled_from(
    ["Startseite <überarbeitet> & geprüft", "Шапка сайта «новая»", "Fix: x < y && z", "Ünïcode — “quotes”", "a\nb"]
)
_long = st.sampled_from(["ж" * 300, "Wort " * 60, "חשבונית מס 12", "😀 👩‍👩‍👧 ok", "x\u0000y\u202ez"])


@st.composite
def cases(draw: Any, *, whole: bool = False, home: str | None = None) -> Case:
    """A case that the official rules of EN 16931 must accept. whole: its parties lack nothing of what XRechnung and
    Peppol ask for besides, so that theirs must accept it too. home: the seller's country."""
    chance = Random(f"{home} {draw(st.integers(0, 2**64))}")  # hypothesis repeats choices: these are drawn more evenly
    home, abroad = home or chance.choice(sorted(COMPANIES)), chance.choice(sorted(COMPANIES))
    if chance.random() < 0.5:
        abroad = home
    currency = chance.choice(["EUR", COMPANIES[home].currency, "USD", "JPY"])
    digits = 0 if currency in ("JPY", "ISK") else 2
    gross_prices = chance.random() < 0.5
    keys = _keys(chance, home, abroad)
    items = tuple(
        Item(
            minutes=draw(st.one_of(st.integers(1, 600), st.sampled_from([0, 20, 33, 59, 12_345]))),
            cents_per_hour=draw(st.integers(0, 400_000)) // 10 ** (2 - digits) * 10 ** (2 - digits),
            category=category,
            millis=millis,
        )
        for category, millis in draw(st.lists(st.sampled_from(keys), min_size=1, max_size=12))
    )
    lines, taxes, sums = _computed(draw, items, gross_prices, digits, currency)
    kind = chance.choice(KINDS)
    credit = kind != "invoice"
    numbered = any(category in BY_NUMBERS for category, _ in keys)
    plain = not whole and chance.random() < 0.5
    invoice = Invoice(
        number=draw(st.sampled_from(["2026-0117", "RE/2026/1 <x>", "№ 5"])),
        kind=kind,
        issue_date=date(2026, 11, 30),
        due_date=None if credit else draw(st.sampled_from([None, date(2026, 12, 10)])),
        period_start=PERIOD[0],
        period_end=PERIOD[1],
        language=draw(st.sampled_from(["de", "en", "ru", "pl", "fr"])),
        currency=currency,
        prices="gross" if gross_prices else "net",
        seller=draw(sparse(country=home, seller=True, numbered=numbered) if plain else complete(country=home)),
        buyer=draw(sparse(country=abroad, seller=False, numbered=numbered) if plain else complete(country=abroad)),
        bank=draw(st.sampled_from([account(home), BankAccount()] if plain else [account(home)])),
        lines=lines,
        taxes=taxes,
        net=sums[0],
        tax=sums[1],
        gross=sums[2],
        contract_number=draw(st.sampled_from(["", "V-1"])),
        buyer_reference="04011000-12345-03" if whole else draw(st.sampled_from(["", "04011000-12345-03"])),
        order_number=draw(st.sampled_from(["", "PO 7"])),
        rounding_note=draw(_free),
        notes=tuple(draw(st.lists(_words, max_size=2))),
        corrects="2026-0099" if credit else None,
        corrects_date=date(2026, 10, 31) if credit else None,
        reason="Falsch berechnet" if credit else "",
        payment_terms=draw(st.sampled_from(["", "10 Tage netto", "Netto\n2 % #5"])),
        payment_reference=draw(st.sampled_from(["", "RF18539007547034"])),
        service_date=draw(st.sampled_from([None, date(2026, 11, 3)])),
    )
    return Case(items, gross_prices, digits, _danish(invoice))


def _danish(invoice: Invoice) -> Invoice:
    """Within Denmark nobody has a number that no register explains (DK-R-013): for what is not subject to VAT the
    buyer's VAT number would be one."""
    if {invoice.seller.country, invoice.buyer.country} == {"DK"} and invoice.taxes[0].category == "O":
        return replace(invoice, buyer=replace(invoice.buyer, vat_id=""))
    return invoice


def _keys(chance: Random, home: str, abroad: str) -> list[tuple[str, int]]:
    """Categories and rates of one document; nothing else stands beside O (BR-O-11)."""
    standard = [("S", int(Decimal(rate) * 1000)) for rate in COMPANIES[home].rates if rate != "0"]
    pairs = [*standard, *((category, 0) for category in WITHOUT_NUMBERS)]
    alone = ["O"]
    if COMPANIES[home].vat_id and COMPANIES[abroad].vat_id:
        pairs += [(category, 0) for category in BY_NUMBERS]
        alone.append("K")
    if chance.random() < 0.2:
        return [(chance.choice(alone), 0)]
    return chance.sample(pairs, chance.randint(1, min(5, len(pairs))))


def _computed(
    draw: Any, items: Sequence[Item], gross_prices: bool, digits: int, currency: str
) -> tuple[tuple[Line, ...], tuple[TaxTotal, ...], tuple[Decimal, Decimal, Decimal]]:
    """Lines and totals by the library's own arithmetic."""
    rates = [Decimal(item.cents_per_hour).scaleb(-2) for item in items]
    amounts = [amount_for_minutes(item.minutes, rate, currency) for item, rate in zip(items, rates, strict=True)]
    keys = [(item.category, Decimal(item.millis) / 1000) for item in items]
    reasons = {key: REASONS.get(key[0], "") for key in keys}
    sums = total(list(zip(keys, amounts, strict=True)), "gross" if gross_prices else "net", currency, reasons)
    lines = []
    for number, (item, rate, amount, net) in enumerate(
        zip(items, rates, amounts, sums.line_nets, strict=True), start=1
    ):
        first = PERIOD[0] + timedelta(days=draw(st.integers(-60, 29)))
        lines.append(
            Line(
                number=number,
                project=draw(_words),
                title=draw(st.one_of(_words, _free, _long)).strip() or "Aufgabe",
                minutes=item.minutes,
                booked_minutes=item.minutes,
                rate_per_hour=rate,
                net=net,
                tax_category=item.category,
                tax_rate=Decimal(item.millis) / 1000,
                first_day=first,
                last_day=min(first + timedelta(days=draw(st.integers(0, 20))), PERIOD[1]),
                gross=amount if gross_prices else None,
                issue=draw(st.sampled_from([None, "4711"])),
                ticket=draw(st.sampled_from([None, "2011120910000047"])),
                specialist=draw(st.sampled_from([None, "И. Петров"])),
                label=None if item.minutes else draw(st.sampled_from([None, "kostenfrei"])),
                comments=tuple(draw(st.lists(st.one_of(_words, _long), max_size=2))),
            )
        )
    return tuple(lines), sums.taxes, (sums.net, sums.tax, sums.gross)
