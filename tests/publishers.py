"""Publishers over a store of the test's own, with documents that are drawn predictably."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from studio_support.delivery.publish import Places, Publication, Publisher, Render
from studio_support.delivery.stored import Selection, StoredInvoice, stored_invoices

SECRET = b"a secret of thirty-two characters"
NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
DAY = date(2026, 11, 2)


class Printer:
    """Renders documents predictably and counts."""

    def __init__(self) -> None:
        self.rendered: list[str] = []
        self.edition = "first"

    def __call__(self, invoice: StoredInvoice) -> tuple[bytes, str]:
        self.rendered.append(invoice.number)
        return f"%PDF {invoice.number} {self.edition}".encode(), f"<p>{invoice.number} {self.edition}</p>"


def places_in(folder: Path) -> Places:
    return Places(folder / "files", folder / "published", "https://invoices.studio.example", SECRET)


def publishing(books: Any, places: Places, render: Render, day: date = DAY) -> Publisher:
    return Publisher(books.store, places, render, clock=lambda: NOW, today=lambda: day, person="i.petrova")


def documents(books: Any, number: str | None = None) -> list[StoredInvoice]:
    with books.store.reading() as connection:
        return stored_invoices(connection, Selection(number=number))


def run(books: Any, publisher: Publisher) -> Publication:
    return publisher.publish_pending(documents(books))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
