"""Tickets that are there and do not come with their articles: too heavy, or the server breaks down at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from studio_support.errors import OtrsBroken, OtrsUnreachable
from studio_support.otrs.client import OtrsClient
from studio_support.testing import FakeZnuny
from studio_support.testing.otrs_faults import Fault


@pytest.fixture
def znuny() -> Iterator[FakeZnuny]:
    with FakeZnuny() as server:
        server.add_customer("jane@acme.test", "ACME")
        server.auto_reply = False
        yield server


def client(znuny: FakeZnuny, **told: Any) -> OtrsClient:
    return OtrsClient(znuny.url, znuny.web_service, "robot", znuny.password, backoff_seconds=0.0, **told)


def many(znuny: FakeZnuny, count: int) -> list[int]:
    return [znuny.receive_mail("jane@acme.test", f"T{one}", "x").id for one in range(count)]


def heavy(znuny: FakeZnuny, ticket_id: int, kind: Any = "status", **told: Any) -> Fault:
    """The ticket never comes with its articles."""

    def when(asked: Mapping[str, Any]) -> bool:
        return str(ticket_id) in asked["TicketID"] and str(asked.get("AllArticles")) == "1"

    return znuny.fail("TicketGet", kind, when=when, times=None, **told)


@pytest.mark.parametrize("kind", ["status", "cut", "html", "not_json", "no_status", "empty"])
def test_one_ticket_that_never_comes_whole_is_named_and_ninety_nine_are_read(znuny: FakeZnuny, kind: Any) -> None:
    ids = many(znuny, 100)
    heavy(znuny, ids[37], kind)
    with client(znuny) as otrs:
        found = otrs.tickets(ids, articles="all")
    assert [ticket.id for ticket in found.tickets] == ids[:37] + ids[38:]
    assert all(len(ticket.articles) == 1 for ticket in found.tickets)
    [lost] = found.unreadable
    assert lost.id == ids[37] and lost.broken and lost.light is not None
    assert (lost.light.number, lost.light.articles) == (znuny.tickets[ids[37]].number, ())


def test_what_does_not_come_in_time_is_halved_without_waiting_twice_for_each_half(znuny: FakeZnuny) -> None:
    """Of eight: all twice, the first one light, four, two, the one alone twice and light, and three that come."""
    ids = many(znuny, 8)
    heavy(znuny, ids[0], "hang")
    with client(znuny, timeout_seconds=0.4) as otrs:
        found = otrs.tickets(ids, articles="all")
    assert [one.id for one in found.unreadable] == [ids[0]]
    assert "no answer within" in found.unreadable[0].reason
    asked = [(len(call.told["TicketID"]), str(call.told.get("AllArticles"))) for call in znuny.called("TicketGet")]
    assert [count for count, whole in asked if whole == "1"] == [8, 8, 4, 2, 1, 1, 1, 2, 4]
    assert [count for count, whole in asked if whole != "1"] == [1, 1]


@pytest.mark.parametrize("count", [1, 100])
def test_a_server_that_answers_for_no_ticket_at_all_is_down_and_is_not_asked_for_each(
    znuny: FakeZnuny, count: int
) -> None:
    """Three times for all, three times for one without its articles; then it is not the tickets."""
    ids = many(znuny, count)
    znuny.fail("TicketGet", "status", status=502, times=None)
    with client(znuny) as otrs, pytest.raises(OtrsUnreachable):
        otrs.tickets(ids, articles="all")
    assert len(znuny.called("TicketGet")) == 6


def test_tickets_without_their_articles_are_not_halved(znuny: FakeZnuny) -> None:
    """They weigh nothing: what does not come then is the server."""
    ids = many(znuny, 4)
    znuny.fail("TicketGet", "status", status=502, times=None)
    with client(znuny) as otrs, pytest.raises(OtrsUnreachable):
        otrs.tickets(ids)
    assert len(znuny.called("TicketGet")) == 3


def test_a_heavy_one_beside_one_that_is_gone(znuny: FakeZnuny) -> None:
    ids = many(znuny, 4)
    heavy(znuny, ids[2])
    with client(znuny) as otrs:
        found = otrs.tickets([*ids, 99], articles="all")
    assert [ticket.id for ticket in found.tickets] == [ids[0], ids[1], ids[3]]
    assert [(one.id, one.light is None) for one in found.unreadable] == [(ids[2], False), (99, True)]


def test_a_heavy_one_that_is_gone_by_the_time_it_is_asked_for_without_articles(znuny: FakeZnuny) -> None:
    [ticket] = many(znuny, 1)
    fault = heavy(znuny, ticket)
    fault.action = None
    znuny.fail("TicketGet", "do", skip=0, times=None, action=lambda: znuny.tickets.pop(ticket, None))
    with client(znuny) as otrs:
        found = otrs.tickets([ticket], articles="all")
    assert [(one.broken, one.light) for one in found.unreadable] == [(False, None)]


def test_an_article_that_is_broken_leaves_its_ticket_with_a_name(znuny: FakeZnuny) -> None:
    sound, broken = many(znuny, 2)
    znuny.tickets[broken].articles[0].created_by = -1
    with client(znuny) as otrs:
        found = otrs.tickets([sound, broken], articles="all")
    assert [one.id for one in found.tickets] == [sound]
    [lost] = found.unreadable
    assert "CreateBy" in lost.reason
    assert lost.light is not None and lost.light.number == znuny.tickets[broken].number


def test_a_letter_is_never_called_missing_because_its_ticket_does_not_come(znuny: FakeZnuny) -> None:
    """It would be sent again."""
    [ticket_id] = many(znuny, 1)
    with client(znuny) as otrs:
        ticket = otrs.tickets([ticket_id], articles="all").tickets[0]
        otrs.send_letter(ticket_id, to="jane@acme.test", subject="Done", text="x", key="k/1")
        znuny.tickets[ticket_id].history.clear()
        fault = heavy(znuny, ticket_id)
        with pytest.raises(OtrsUnreachable):
            otrs.find_letter(ticket, subject="Done", key="k/1")
        znuny.faults.remove(fault)
        znuny.tickets[ticket_id].articles[-1].created_by = -1
        with pytest.raises(OtrsBroken, match="CreateBy"):
            otrs.find_letter(ticket, subject="Done", key="k/1")
