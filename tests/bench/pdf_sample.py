"""The invoices that PDF engines are measured with, and for the others the same texts, ready to be set.

Rivals get every figure formatted and every label translated, without it counting as their time; ours begins with the
`Invoice`. Only the drawing of the payment code is theirs.
"""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import segno

from studio_invoices.model import BankAccount, Invoice, Line, Party, TaxTotal
from studio_invoices.money import amount_for_minutes
from studio_invoices.payment_codes import PaymentCode, payment_code
from studio_invoices.sheet import sheet_of
from studio_invoices.sheet_types import Row, Sheet
from studio_invoices.totals import total

LANGUAGES = ("en", "de", "ru")
FAMILY = "IBM Plex Sans"


def invoice(number: int, lines: int) -> Invoice:
    """An invoice whose texts and figures are its own, in one of three languages."""
    rate = Decimal(90 + number % 40)
    rows = tuple(_line(number, position, lines, rate) for position in range(1, lines + 1))
    totals = total([(("S", Decimal(19)), row.net) for row in rows], "net", "EUR", {})
    return Invoice(
        number=f"2026-{number:04d}",
        kind="invoice",
        issue_date=date(2026, 11, 2),
        due_date=date(2026, 11, 12),
        period_start=date(2026, 10, 1),
        period_end=date(2026, 10, 31),
        language=LANGUAGES[number % len(LANGUAGES)],
        currency="EUR",
        prices="net",
        seller=Party("Studio GmbH", ("Hauptstr. 1", "10115 Berlin"), "DE", "DE123456789"),
        buyer=Party(f"Client {number} GmbH", ("Nebenstr. 2", "10117 Berlin"), "DE"),
        bank=BankAccount("Bank", "COBADEFFXXX", iban="DE89370400440532013000"),
        lines=rows,
        taxes=tuple(TaxTotal(r.category, r.rate, r.base, r.tax, r.reason) for r in totals.taxes),
        net=totals.net,
        tax=totals.tax,
        gross=totals.gross,
    )


def _line(number: int, position: int, lines: int, rate: Decimal) -> Line:
    minutes = 15 + (position * 37 + number) % 600
    return Line(
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


def words(document: Invoice) -> dict[str, Any]:
    """All texts of an invoice as plain values that JSON can hold. code: what the payment code says."""
    sheet = sheet_of(document)
    code = payment_code(document)
    assert isinstance(code, PaymentCode)
    assert sheet.payment is not None
    sender = (sheet.seller_name, *sheet.seller_address)
    return {
        "language": sheet.language,
        "title": sheet.title,
        "sender": " · ".join(sender),
        "seller": sheet.seller_name,
        "buyer": [sheet.buyer_name, *sheet.buyer_address],
        "meta": [list(pair) for pair in sheet.meta],
        "columns": list(sheet.columns),
        "projects": _projects(sheet),
        "sums": [[one.label, one.amount] for one in (*sheet.sums, sheet.grand_total)],
        "payment": sheet.labels["payment"]["heading"],
        "sentence": sheet.payment.sentence,
        "account": [list(pair) for pair in sheet.payment.rows],
        "caption": sheet.labels["payment"]["code"],
        "small_print": list(sheet.small_print),
        "foot": [" · ".join(sender), " · ".join(f"{label} {value}" for label, value in sheet.seller_numbers)],
        "page": sheet.labels["document"]["page"],
        "code": code.payload,
    }


def _projects(sheet: Sheet) -> list[dict[str, Any]]:
    """sums: one, or none where it would repeat the only line."""
    return [
        {
            "name": project.name,
            "rows": [_row(row) for row in project.rows],
            "sums": [
                [label, project.subtotal_time, project.subtotal_amount] for label in [project.subtotal_label] if label
            ],
        }
        for section in sheet.sections
        for project in section.projects
    ]


def _row(row: Row) -> list[str]:
    return [row.number, row.title, " · ".join(row.details), row.time, row.rate, row.amount]


def code_matrix(payload: str) -> Any:
    """The payment code by segno, with a fixed mask: at a seventh of the time that choosing among all masks takes."""
    return segno.make_qr(payload.encode(), error="M", mask=3, boost_error=False, mode="byte")


def dark_runs(payload: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Modules a side, and the dark runs of the code: column, row, length."""
    matrix = code_matrix(payload).matrix
    runs = []
    for y, row in enumerate(matrix):
        start = None
        for x, module in enumerate((*row, 0)):
            if module and start is None:
                start = x
            elif not module and start is not None:
                runs.append((start, y, x - start))
                start = None
    return len(matrix), runs


def font_files(folder: Path) -> tuple[Path, Path]:
    """The two weights of our own font as a foundry would deliver them, all tables in; written once."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    from studio_invoices.fontsource import package_font

    files = (folder / "PlexSans-Regular.ttf", folder / "PlexSans-SemiBold.ttf")
    for path, weight in zip(files, (400, 600), strict=True):
        if not path.exists():
            font = TTFont(io.BytesIO(package_font()))
            at = {"wght": weight, "wdth": 100}
            instancer.instantiateVariableFont(font, at, inplace=True, updateFontNames=True).save(path)
    return files
