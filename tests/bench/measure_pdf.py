"""PDFs a second: one process, invoices of 12 and of 400 lines, each with texts of its own."""

from __future__ import annotations

import json
import time
from datetime import date
from decimal import Decimal

from studio_invoices.model import BankAccount, Invoice, Line, Party, TaxTotal
from studio_invoices.money import amount_for_minutes
from studio_invoices.totals import total

BEGAN = time.perf_counter()


def invoice(number: int, lines: int) -> Invoice:
    """An invoice whose texts and figures are its own."""
    rate = Decimal(90 + number % 40)
    rows = []
    for position in range(1, lines + 1):
        minutes = 15 + (position * 37 + number) % 600
        rows.append(
            Line(
                number=position,
                project=f"Site {position * 4 // lines}",
                title=f"Correct the order form on page {position * 7 + number}, part {position}",
                minutes=minutes,
                booked_minutes=minutes,
                rate_per_hour=rate,
                net=amount_for_minutes(minutes, rate, "EUR"),
                tax_category="S",
                tax_rate=Decimal(19),
                first_day=date(2026, 10, 1),
                last_day=date(2026, 10, 31),
                issue=str(1000 + position),
                ticket=f"20261005100{position:05d}",
                specialist="Anna Petrova",
            )
        )
    totals = total([(("S", Decimal(19)), row.net) for row in rows], "net", "EUR", {})
    return Invoice(
        number=f"2026-{number:04d}",
        kind="invoice",
        issue_date=date(2026, 11, 2),
        due_date=date(2026, 11, 12),
        period_start=date(2026, 10, 1),
        period_end=date(2026, 10, 31),
        language=("en", "de", "ru")[number % 3],
        currency="EUR",
        prices="net",
        seller=Party("Studio GmbH", ("Hauptstr. 1", "10115 Berlin"), "DE", "DE123456789"),
        buyer=Party(f"Client {number} GmbH", ("Nebenstr. 2", "10117 Berlin"), "DE"),
        bank=BankAccount("Bank", "COBADEFFXXX", iban="DE89370400440532013000"),
        lines=tuple(rows),
        taxes=tuple(TaxTotal(r.category, r.rate, r.base, r.tax, r.reason) for r in totals.taxes),
        net=totals.net,
        tax=totals.tax,
        gross=totals.gross,
    )


def main() -> None:
    from studio_invoices.pdf import render_pdf

    render_pdf(invoice(1, 12))
    cold_ms = (time.perf_counter() - BEGAN) * 1000
    per_second: dict[str, float] = {}
    kilobytes: dict[str, float] = {}
    for lines, count in ((12, 200), (400, 12)):
        documents = [invoice(number, lines) for number in range(count)]
        began = time.process_time()
        size = sum(len(render_pdf(document)) for document in documents)
        per_second[str(lines)] = count / (time.process_time() - began)
        kilobytes[str(lines)] = size / count / 1000
    print(json.dumps({"per_second": per_second, "kilobytes": kilobytes, "cold_ms": cold_ms}))


main()
