"""Full text over HTTP: all words, wherever they stand, in archived tickets too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio_support.otrs.client import OtrsClient
from studio_support.testing import FakeZnuny

JANE = "Jane Doe <jane@acme.example>"


@pytest.fixture
def znuny() -> Iterator[FakeZnuny]:
    with FakeZnuny() as made:
        made.add_customer("jane@acme.example", "ACME")
        yield made


@pytest.fixture
def client(znuny: FakeZnuny) -> Iterator[OtrsClient]:
    made = OtrsClient(znuny.url, znuny.web_service, znuny.user, znuny.password)
    yield made
    made.close()


def test_words_are_found_apart_and_in_any_order(znuny: FakeZnuny, client: OtrsClient) -> None:
    both = znuny.receive_mail(JANE, "The order form", "It sends nothing since Monday.")
    znuny.receive_mail(JANE, "Another order", "Please send two.")
    for text in ("monday order", "order monday form"):
        assert [one.number for one in client.search_text(text).tickets] == [both.number]
    assert client.search_text("order zebra").tickets == ()


def test_of_several_words_the_newest_tickets_come(znuny: FakeZnuny, client: OtrsClient) -> None:
    made = [znuny.receive_mail(JANE, f"Order {place}", "A new form.") for place in range(5)]
    found = client.search_text("form order", limit=2).tickets
    assert [one.number for one in found] == [one.number for one in made[-2:]]


def test_archived_tickets_are_asked_for_by_every_search(znuny: FakeZnuny, client: OtrsClient) -> None:
    ticket = znuny.receive_mail(JANE, "The order form", "It sends nothing.")
    client.search_text("order form")
    client.tickets_by_number([ticket.number])
    asked = [call.told.get("SearchInArchive") for call in znuny.called("TicketSearch")]
    assert asked == ["AllTickets"] * 3
