"""A server that says "later" is asked again later and later; a run and a recipient have their limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from studio_support.delivery.deliver import deliver
from studio_support.delivery.limits import Limits
from studio_support.delivery.outcomes import Accepted, NotHandedOver
from tests.flow.delivery.hands import MESSAGE, NOW, Scripted, hand, send


def next_attempts(books: Any) -> list[tuple[str, int, Any]]:
    return [(row.state, row.deferrals, row.next_attempt_at) for row in books.outbox().letters()]


def test_each_later_puts_the_next_attempt_farther_off(books: Any, serve: Callable[..., Any]) -> None:
    """5 minutes, then 10, then 20; before its time a letter is left alone, and counted as waiting."""
    server = serve(lambda stage, who: "451 4.7.1 greylisted" if stage == "rcpt" else None)
    books.issue("acme")
    at = NOW
    for deferrals, minutes in ((1, 5), (2, 10), (3, 20)):
        done = send(books, server, now=at)
        assert next_attempts(books) == [("queued", deferrals, at + timedelta(minutes=minutes))]
        assert [row.recipient for row in done.waiting] == ["a@acme.example"]
        asked = len(server.stages)
        early = send(books, server, now=at + timedelta(minutes=minutes, seconds=-1))
        assert (early.results, len(early.waiting), len(server.stages)) == ((), 1, asked)
        at += timedelta(minutes=minutes)


def test_once_accepted_nothing_is_put_off_any_more(books: Any, serve: Callable[..., Any]) -> None:
    greylisting = True
    server = serve(lambda stage, who: "450 4.2.0 greylisted" if greylisting and stage == "rcpt" else None)
    books.issue("acme")
    send(books, server)
    greylisting = False
    assert send(books, server, now=NOW + timedelta(minutes=5)).complete
    assert next_attempts(books) == [("accepted", 0, None)]
    assert server.kept_for("a@acme.example") == 1


def test_a_person_need_not_wait(books: Any, serve: Callable[..., Any]) -> None:
    greylisting = True
    server = serve(lambda stage, who: "450 4.2.0 greylisted" if greylisting and stage == "rcpt" else None)
    books.issue("acme")
    send(books, server)
    greylisting = False
    assert send(books, server, patient=False).complete


def test_a_connection_that_broke_before_the_content_is_no_later(books: Any) -> None:
    """The server said nothing of this letter, so the next run tries it at once."""
    books.issue("acme")
    hand(books, Scripted(NotHandedOver("cut")))
    assert next_attempts(books) == [("queued", 0, None)]
    assert hand(books, Scripted(Accepted("250"))).complete


def test_a_letter_put_off_holds_no_other_up(books: Any, serve: Callable[..., Any]) -> None:
    server = serve(lambda stage, who: "451 busy" if stage == "rcpt" and who.startswith("a@") else None)
    books.issue("acme")
    books.issue("zeta")
    send(books, server)
    assert books.states() == {"a@acme.example": "queued", "z@zeta.example": "accepted"}


def test_letters_that_break_off_at_the_head_of_the_queue_let_the_others_pass(
    books: Any, serve: Callable[..., Any]
) -> None:
    """Three in a row end a run, before the fourth letter was tried; the next run begins with that one."""
    server = serve(lambda stage, who: "cut" if stage == "rcpt" and who.startswith("a@") else None)
    for client in ("acme", "acme", "acme", "zeta"):
        books.issue(client)
    assert send(books, server).stopped is not None
    assert server.kept == []
    again = send(books, server)
    assert [result.letter.number for result in again.results] == ["2026-0004", "2026-0001", "2026-0002", "2026-0003"]
    assert server.kept_for("z@zeta.example") == 1


def test_of_letters_that_broke_off_the_one_tried_longest_ago_comes_first(books: Any) -> None:
    """Three are tried a minute: 1 2 3, then 4 1 2; then 3 is the oldest, and 1, 2 and 4 were tried in one minute."""
    for _ in range(4):
        books.issue("acme")
    cut = [NotHandedOver("cut")] * 3
    orders = []
    for minute in range(3):
        now = NOW + timedelta(minutes=minute)
        books.outbox(now).apply(books.outbox(now).plan(lambda client: ["a@acme.example"]))
        due = books.outbox(now).due(at=now)
        orders.append([row.number[-1] for row in due])
        deliver(books.outbox(now), Scripted(*cut), due, render_message=lambda row: MESSAGE, clock=lambda: NOW)
    assert orders == [["1", "2", "3", "4"], ["4", "1", "2", "3"], ["3", "1", "2", "4"]]


def test_a_run_ends_at_its_limit_and_the_next_goes_on(books: Any, serve: Callable[..., Any]) -> None:
    server = serve()
    for _ in range(5):
        books.issue("acme")
    sent = [send(books, server, limits=Limits(max_letters=2)) for _ in range(4)]
    assert [len(done.accepted) for done in sent] == [2, 2, 1, 0]
    assert [len(done.admitted.beyond_run) for done in sent] == [3, 1, 0, 0]
    assert [done.complete for done in sent] == [False, False, True, True]
    assert len(server.kept) == 5


def test_a_recipient_gets_no_more_than_his_limit_within_a_day(books: Any, serve: Callable[..., Any]) -> None:
    """Whatever loops: the fourth letter of a day waits for the next, and other recipients get theirs."""
    server = serve()
    for _ in range(4):
        books.issue("acme")
    books.issue("zeta")
    limits = Limits(letters_a_day=3)
    first = send(books, server, limits=limits)
    assert (server.kept_for("a@acme.example"), server.kept_for("z@zeta.example")) == (3, 1)
    assert [row.number for row in first.admitted.beyond_day] == ["2026-0004"]
    send(books, server, limits=limits, now=NOW + timedelta(hours=23, minutes=59))
    assert server.kept_for("a@acme.example") == 3
    assert send(books, server, limits=limits, now=NOW + timedelta(hours=24)).complete
    assert server.kept_for("a@acme.example") == 4


def test_attempts_that_failed_count_for_the_recipient_too(books: Any) -> None:
    books.issue("acme")
    hand(books, Scripted(NotHandedOver("cut")))
    assert books.outbox().handed(NOW) == {"a@acme.example": 1}
    assert books.outbox().handed(NOW + timedelta(hours=24)) == {}
