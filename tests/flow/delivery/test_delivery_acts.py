"""Acts behind the invoice's link: kept once, recorded, restored, never replaced by other bytes."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from studio_invoices.model import Act, Party
from studio_support.billing.ledger_acts import act_row, add_act
from studio_support.billing.terms import Seller
from studio_support.delivery.links import token
from studio_support.delivery.publish import Places, Publication, Publisher
from studio_support.delivery.stored import StoredInvoice, stored_invoices

SECRET = b"0123456789abcdef0123456789abcdef"
DAY = date(2026, 11, 2)
NOW = datetime.fromisoformat("2026-11-02T08:30:00+00:00")
END = date(2026, 10, 31)
SELLER = Seller("", Party("Studio"))


class Press:
    """Renders acts predictably and counts."""

    def __init__(self) -> None:
        self.printed: list[str | None] = []
        self.edition = "first"

    def __call__(self, invoice: StoredInvoice, act: Act) -> bytes:
        self.printed.append(act.number)
        return f"%PDF act {act.number} of {act.act_date} to {act.invoice.number} {self.edition}".encode()


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "files", tmp_path / "published", "https://invoices.studio.example", SECRET)


@pytest.fixture
def publisher(books: Any, places: Places, press: Press) -> Publisher:
    return Publisher(
        books.store,
        places,
        lambda invoice: (f"%PDF {invoice.number}".encode(), f"<p>{invoice.number}</p>"),
        clock=lambda: NOW,
        today=lambda: DAY,
        person="i.petrova",
        render_act=press,
    )


def issue(books: Any, *, act: bool = True) -> int:
    """An invoice, with its act where there is one."""
    invoice_id: int = books.issue(published=False)
    if act:
        with books.store.writing() as connection:
            add_act(connection, SELLER, invoice_id, END, NOW)
    return invoice_id


def documents(books: Any) -> list[StoredInvoice]:
    with books.store.reading() as connection:
        return stored_invoices(connection)


def published(books: Any, places: Places, invoice_id: int) -> dict[str, bytes]:
    folder = places.directory / token(SECRET, books.store.id, invoice_id, 1)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


ACT = b"%PDF act 2026-0001 of 2026-10-31 to 2026-0001 first"


def test_an_act_is_kept_recorded_and_published_beside_its_invoice(
    books: Any, places: Places, publisher: Publisher
) -> None:
    with_act, without = issue(books), issue(books, act=False)
    assert publisher.publish_pending(documents(books)) == Publication(published=("2026-0001", "2026-0002"))
    assert published(books, places, with_act)["act.pdf"] == ACT
    assert set(published(books, places, without)) == {"invoice.html", "invoice.pdf"}
    original = places.files / "acts" / "2026" / "2026-0001.pdf"
    assert original.read_bytes() == ACT
    assert original.stat().st_mode & 0o777 == 0o600
    with books.store.reading() as connection:
        act = act_row(connection, with_act)
    assert act is not None
    assert act.pdf_sha256 == sha256(ACT).hexdigest()


def test_what_stands_is_not_drawn_again(books: Any, publisher: Publisher, press: Press) -> None:
    issue(books)
    publisher.publish_pending(documents(books))
    assert publisher.publish_pending(documents(books)) == Publication()
    assert press.printed == ["2026-0001"]


@pytest.mark.parametrize("lost", ["copy", "original"])
def test_a_lost_act_is_restored(books: Any, places: Places, publisher: Publisher, press: Press, lost: str) -> None:
    """A copy from the original without drawing, an original by drawing the same bytes again."""
    invoice_id = issue(books)
    publisher.publish_pending(documents(books))
    copy = places.directory / token(SECRET, books.store.id, invoice_id, 1) / "act.pdf"
    file = copy if lost == "copy" else places.files / "acts" / "2026" / "2026-0001.pdf"
    file.unlink()
    assert publisher.publish_pending(documents(books)) == Publication(restored=("2026-0001",))
    assert file.read_bytes() == ACT
    assert len(press.printed) == (1 if lost == "copy" else 2)


def test_an_act_that_draws_otherwise_is_a_problem_not_a_new_original(
    books: Any, places: Places, publisher: Publisher, press: Press
) -> None:
    invoice_id = issue(books)
    publisher.publish_pending(documents(books))
    (places.files / "acts" / "2026" / "2026-0001.pdf").unlink()
    press.edition = "second"
    (problem,) = publisher.publish_pending(documents(books)).problems
    assert problem.source == "invoice:2026-0001"
    assert published(books, places, invoice_id)["act.pdf"] == ACT


def test_a_run_that_was_killed_between_act_and_invoice_is_finished(
    books: Any, places: Places, publisher: Publisher
) -> None:
    """The act is kept and recorded first, so an invoice that is recorded never lacks its act."""
    invoice_id = issue(books)
    (document,) = documents(books)
    assert publisher.acts is not None
    assert publisher.acts.pdf(document, publisher.acts.beside([document])[invoice_id]) == ACT
    assert publisher.publish_pending(documents(books)) == Publication(published=("2026-0001",))
    assert published(books, places, invoice_id)["act.pdf"] == ACT
