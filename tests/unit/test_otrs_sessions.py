"""Logins in headers, sessions and their end, on a server that counts them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from studio_support.errors import AuthFailed, NotSent, OtrsBroken, SourceError
from studio_support.testing import FakeZnuny
from tests.otrs_clients import Open, mailed, opening


@pytest.fixture
def znuny() -> Iterator[FakeZnuny]:
    with FakeZnuny() as server:
        server.add_customer("jane@acme.test", "ACME")
        yield server


@pytest.fixture
def connect(znuny: FakeZnuny) -> Iterator[Open]:
    with opening(znuny) as make:
        yield make


def test_a_quiet_look_has_no_session_and_a_longer_run_has_one(znuny: FakeZnuny, connect: Open) -> None:
    """Three calls with the login in headers; from the fourth on one session, which is ended in the end."""
    client = connect()
    for _ in range(3):
        client.check()
    assert znuny.called("SessionCreate") == []
    for _ in range(5):
        client.check()
    assert len(znuny.called("SessionCreate")) == 1
    assert client.requests == 9
    client.close()
    assert znuny.operations.sessions == {}
    assert len(znuny.called("SessionRemove")) == 1


def test_an_ended_session_is_renewed_once_for_reads_and_writes(znuny: FakeZnuny, connect: Open) -> None:
    client = connect()
    ticket = mailed(znuny, client)
    assert client.me().login == "robot"
    znuny.fail("TicketUpdate", "expire")
    client.add_note(ticket.id, subject="n", body="once")
    znuny.fail("TicketGet", "expire")
    bodies = [one.body for one in client.tickets([ticket.id], articles="all").tickets[0].articles]
    assert bodies.count("once") == 1
    assert len(znuny.called("SessionCreate")) == 3


def test_sessions_that_end_at_once_are_not_asked_for_for_ever(znuny: FakeZnuny, connect: Open) -> None:
    client = connect()
    client.me()
    znuny.fail("TicketSearch", "expire", times=None)
    with pytest.raises(AuthFailed):
        client.check()
    assert len(znuny.called("SessionCreate")) == 2


def test_an_idle_session_dies_by_the_server_s_clock(znuny: FakeZnuny, connect: Open) -> None:
    client = connect()
    client.me()
    znuny.advance(znuny.operations.max_idle_seconds + 1)
    client.check()
    assert len(znuny.called("SessionCreate")) == 2


def test_many_threads_log_in_one_after_the_other(znuny: FakeZnuny, connect: Open) -> None:
    """Two logins at once break each other on a real server; here they would be seen."""
    client = connect()
    client.me()
    znuny.end_sessions()
    gate = threading.Barrier(8)
    failed: list[Exception] = []

    def work() -> None:
        gate.wait()
        try:
            client.check()
        except SourceError as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert znuny.logins_at_once == 1
    assert len(znuny.called("SessionCreate")) == 2


def test_a_login_that_breaks_is_repeated_before_a_write(znuny: FakeZnuny, connect: Open) -> None:
    client = connect()
    ticket = mailed(znuny, client)
    client.check()
    znuny.fail("SessionCreate", "no_status", times=2)
    client.update_ticket(ticket.id, title="Through")
    assert znuny.tickets[ticket.id].title == "Through"


def test_a_write_whose_login_fails_was_not_sent(znuny: FakeZnuny, connect: Open) -> None:
    client = connect()
    ticket = mailed(znuny, client)
    client.check()
    znuny.fail("SessionCreate", "html", times=None)
    with pytest.raises(NotSent, match="no login"):
        client.update_ticket(ticket.id, title="x")
    assert len(znuny.called("SessionCreate")) == 3
    assert znuny.called("TicketUpdate") == []


def test_a_login_without_a_session_in_its_answer_is_broken(znuny: FakeZnuny, connect: Open) -> None:
    znuny.fail("SessionCreate", "status", status=200, body=b'{"SessionID":"a b"}', times=None)
    with pytest.raises(OtrsBroken, match="no session"):
        connect().me()


def test_a_session_without_data_is_broken(znuny: FakeZnuny, connect: Open) -> None:
    znuny.fail("SessionGet", "status", status=200, body=b'{"SessionData":1}', times=3)
    client = connect()
    with pytest.raises(OtrsBroken):
        client.me()
    znuny.fail("SessionGet", "status", status=200, body=b'{"SessionData":[{"Key":"UserID","Value":""}]}', times=3)
    with pytest.raises(OtrsBroken):
        client.me()


def test_a_login_beyond_ascii_travels_in_bodies_alone(znuny: FakeZnuny, connect: Open) -> None:
    znuny.add_agent("агент", "пароль")
    client = connect(user="агент", password="пароль")
    client.check()
    client.close()
    assert znuny.operations.sessions == {}
    assert all(value.isascii() for call in znuny.calls for value in call.headers.values())
