"""Invoices of a Russian studio, for the tests of the Russian forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from studio_invoices.model import Act, BankAccount, Invoice, Line, Party
from studio_invoices.money import amount_for_minutes
from studio_invoices.pdf.layouts import Kind
from studio_invoices.pdf.ru_sheet import act_sheet, bill_sheet
from studio_invoices.pdf.ru_types import RuSheet
from studio_invoices.totals import total

SELLER = Party(
    "ООО «Веб-студия»",
    ("197022, г. Санкт-Петербург, Каменноостровский пр., д. 40, лит. А, пом. 12-Н",),
    "RU",
    inn="7802895380",
    kpp="780201001",
    email="buh@web-studio.example",
    contact_phone="+7 812 000-00-00",
    director="Соколова Е. В.",
    accountant="Миронова Т. А.",
)
TRADER = Party(
    "ИП Соколова Елена Викторовна", ("г. Москва, ул. Лесная, д. 5",), "RU", inn="500100732259", ogrn="304500116000157"
)
BUYER = Party(
    "АО «Северный торговый дом»",
    ("191186, г. Санкт-Петербург, Невский пр., д. 20",),
    "RU",
    inn="7801234560",
    kpp="780101001",
    director="Кузнецов П. И.",
)
BANK = BankAccount(
    "СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК, г. Санкт-Петербург",
    "044030653",
    "40702810455000024248",
    correspondent_account="30101810500000000653",
)
VAT_5 = ("S", Decimal(5))
VAT_22 = ("S", Decimal(22))
EXEMPT = ("E", Decimal(0))


def bill(
    lines: Sequence[dict[str, Any]] = ({},),
    prices: Literal["net", "gross"] = "gross",
    tax: tuple[str, Decimal] = VAT_5,
    reasons: dict[tuple[str, Decimal], str] | None = None,
    **values: Any,
) -> Invoice:
    """Счёт на оплату № 117 от 30 ноября 2026 г.; each line is 1:30 at 3 000 an hour unless it says otherwise."""
    currency = values.get("currency", "RUB")
    made = [_line(number, line, prices, tax, currency) for number, line in enumerate(lines, start=1)]
    keyed = [((line.tax_category, line.tax_rate), line.net) for line in made]
    sums = total(keyed, prices, currency, reasons or {})
    invoice = Invoice(
        number="117",
        kind="invoice",
        issue_date=date(2026, 11, 30),
        due_date=date(2026, 12, 10),
        period_start=date(2026, 11, 1),
        period_end=date(2026, 11, 30),
        language="ru",
        currency="RUB",
        prices=prices,
        seller=SELLER,
        buyer=BUYER,
        bank=BANK,
        lines=tuple(replace(line, net=net) for line, net in zip(made, sums.line_nets, strict=True)),
        taxes=sums.taxes,
        net=sums.net,
        tax=sums.tax,
        gross=sums.gross,
        contract_number="12/2025",
        contract_date=date(2025, 2, 1),
    )
    return replace(invoice, **values)


def _line(number: int, values: dict[str, Any], prices: str, tax: tuple[str, Decimal], currency: str) -> Line:
    line = Line(
        number=number,
        project="Сайт",
        title=f"Задача {number}",
        minutes=90,
        booked_minutes=90,
        rate_per_hour=Decimal(3000),
        net=Decimal(0),
        tax_category=tax[0],
        tax_rate=tax[1],
        first_day=date(2026, 11, 2),
        last_day=date(2026, 11, 20),
    )
    line = replace(line, **values)
    if "booked_minutes" not in values:
        line = replace(line, booked_minutes=line.minutes)
    if line.label is not None:
        line = replace(line, minutes=0)
    amount = amount_for_minutes(line.minutes, line.rate_per_hour, currency)
    return replace(line, net=amount, gross=amount if prices == "gross" else None)


def act_of(invoice: Invoice) -> Act:
    return Act("57" if invoice.number else None, invoice.period_end, invoice)


def both(invoice: Invoice) -> list[tuple[Invoice | Act, Kind, RuSheet]]:
    """Bill and act over the same lines."""
    act = act_of(invoice)
    return [(invoice, "invoice", bill_sheet(invoice)), (act, "act", act_sheet(act))]


def many(count: int, groups: int = 3, **values: Any) -> list[dict[str, Any]]:
    return [
        {
            "minutes": 10 + i % 90,
            "project": f"Проект {i * groups // count}",
            "title": f"Задача номер {i + 1}." + " Подробности о ней" * (i % 4),
            "issue": str(i),
            **values,
        }
        for i in range(count)
    ]
