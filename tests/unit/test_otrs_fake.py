"""What people do at the fake Znuny: mails, answers by hand, merges; and how its server is used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio_support.otrs.client import OtrsClient
from studio_support.testing import FakeZnuny

FRIDAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def test_ticket_numbers_bear_day_system_counter_and_check_digit() -> None:
    """Digits 202611201000001 times 1, 2, 1, 2 ... make 2+0+2+12+1+2+2+0+1+0+0+0+0+0+1 = 23, so the last one is 7."""
    znuny = FakeZnuny()
    assert znuny.receive_mail("jane@acme.test", "Hi", "x").number == "2026112010000017"


def test_a_day_begins_in_the_server_s_zone() -> None:
    znuny = FakeZnuny(zone="Asia/Tokyo", system_id="77", clock=lambda: datetime(2026, 11, 20, 15, 30, tzinfo=UTC))
    assert znuny.open_ticket("Hi").number.startswith("2026112177")


def test_an_answer_from_a_client_is_a_follow_up_and_opens_a_closed_ticket_again() -> None:
    znuny = FakeZnuny()
    ticket = znuny.receive_mail("Jane <jane@acme.test>", "Hi", "x")
    znuny.set_lock(ticket, True, 1)
    znuny.set_state(ticket, "closed successful", 1)
    assert not ticket.locked
    znuny.advance(60)
    again = znuny.receive_mail("jane@acme.test", f"AW: [Ticket#{ticket.number}] Hi", "thanks")
    assert again is ticket
    assert (ticket.state, len(znuny.tickets)) == ("open", 1)
    assert [article.sender_type for article in ticket.articles] == ["customer", "system", "customer"]
    assert ticket.changed_at == datetime(2026, 11, 20, 8, 1, tzinfo=UTC)
    assert [letter.to for letter in znuny.letters] == ["jane@acme.test"]


def test_an_agent_s_own_answer_is_a_letter_by_that_agent() -> None:
    znuny = FakeZnuny()
    petrova = znuny.add_agent("petrova", "pw", "Anna Petrova")
    ticket = znuny.receive_mail("jane@acme.test", "Hi", "x")
    article = znuny.answer_by_hand(ticket, "petrova", "We are on it.")
    assert (article.sender_type, article.created_by, article.channel) == ("agent", petrova, "Email")
    assert znuny.letters[-1].subject == f"[Ticket#{ticket.number}] RE: Hi"


def test_a_merged_ticket_has_given_its_letters_away() -> None:
    znuny = FakeZnuny()
    one, other = (znuny.receive_mail("jane@acme.test", title, "x") for title in ("One", "Other"))
    znuny.merge(one, other)
    assert (one.state, one.articles, len(other.articles)) == ("merged", [], 4)


def test_a_clock_of_one_s_own_or_one_that_is_put() -> None:
    znuny = FakeZnuny()
    assert znuny.now() == FRIDAY
    znuny.set_clock(datetime(2026, 11, 20, 11, 59, 30, tzinfo=UTC))
    znuny.advance(30)
    assert znuny.receive_mail("jane@acme.test", "Hi", "x").created_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_ticket_is_found_by_its_number() -> None:
    znuny = FakeZnuny()
    znuny.add_queue("Extra", "extra@studio.test")
    ticket = znuny.receive_mail("jane@acme.test", "Hi", "x", queue="Extra", fields={"AutoSubmitted": "auto-replied"})
    assert znuny.ticket(ticket.number) is ticket
    assert ticket.articles[0].to == "extra@studio.test"
    with FakeZnuny() as server:
        other = server.receive_mail("jane@acme.test", "Hi", "x", fields={"AutoSubmitted": "auto-replied"})
        with OtrsClient(server.url, server.web_service, server.user, server.password) as client:
            read = client.ticket_by_number(other.number)
        assert read is not None and read.articles[0].field("AutoSubmitted") == "auto-replied"


def test_the_address_is_there_while_the_server_runs() -> None:
    znuny = FakeZnuny()
    with pytest.raises(RuntimeError):
        _ = znuny.url
    with znuny:
        assert znuny.url.startswith("http://127.0.0.1:")
