"""Repeats of reads and the outcome of writes, on a server where everything goes wrong."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from studio_support.config.secrets import Secret
from studio_support.errors import (
    AuthFailed,
    MissingRoute,
    NotSent,
    OtrsBroken,
    OtrsRefused,
    OtrsUnreachable,
    OutcomeUnknown,
    SourceError,
)
from studio_support.otrs.calls import refused_before
from studio_support.testing import FakeZnuny
from tests.otrs_clients import Open, mailed, opening
from tests.waiting import until

NOT_ANSWERED = ["html", "no_status", "empty", "cut", "not_json", "status"]


@pytest.fixture
def znuny() -> Iterator[FakeZnuny]:
    with FakeZnuny() as server:
        server.add_customer("jane@acme.test", "ACME")
        yield server


@pytest.fixture
def connect(znuny: FakeZnuny) -> Iterator[Open]:
    with opening(znuny) as make:
        yield make


@pytest.mark.parametrize("kind", NOT_ANSWERED)
def test_a_read_is_repeated_until_its_answer_is_whole(znuny: FakeZnuny, connect: Open, kind: Any) -> None:
    number = znuny.receive_mail("jane@acme.test", "Hello", "x").number
    znuny.fail("TicketSearch", kind, times=2)
    client = connect()
    assert client.tickets_by_number([number]).by_number().keys() == {number}
    assert len(znuny.called("TicketSearch")) == 3
    assert client.requests == 4


@pytest.mark.parametrize("kind", NOT_ANSWERED)
def test_a_read_that_stays_broken_ends_after_three_tries(znuny: FakeZnuny, connect: Open, kind: Any) -> None:
    znuny.fail("TicketSearch", kind, times=None)
    slept: list[float] = []
    client = connect(backoff_seconds=0.5, sleep=slept.append)
    with pytest.raises((OtrsUnreachable, OtrsBroken)):
        client.check()
    assert (client.requests, slept) == (3, [0.5, 1.0])


def test_a_read_that_times_out_is_tried_twice(znuny: FakeZnuny, connect: Open) -> None:
    znuny.fail("TicketSearch", "hang", times=None)
    client = connect(timeout_seconds=0.2)
    with pytest.raises(OtrsUnreachable, match=r"no answer within 0[.]2 s"):
        client.check()
    assert client.requests == 2


def test_an_answer_that_drips_in_ends_too(connect: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps every single wait short; the whole of it has an end as well."""
    monkeypatch.setattr("studio_support.otrs.transport._WHOLE_ANSWER", 0.01)  # 0.2 s in all, and 20 for a single wait
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        for _ in range(2):
            peer, _address = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                try:
                    while True:
                        peer.sendall(b" ")
                        time.sleep(0.005)
                except OSError:
                    continue

    threading.Thread(target=drip, daemon=True).start()
    client = connect(url=f"http://127.0.0.1:{server.getsockname()[1]}", timeout_seconds=20)
    with pytest.raises(OtrsUnreachable, match="no more came of the answer in time"):
        client.check()
    server.close()


@pytest.mark.parametrize("kind", NOT_ANSWERED)
@pytest.mark.parametrize("applied", [False, True])
def test_a_write_is_handed_over_once_and_its_silence_is_told_as_such(
    znuny: FakeZnuny, connect: Open, kind: Any, applied: bool
) -> None:
    """Whether it was done or not, the error is the same: nobody can know."""
    client = connect()
    ticket = mailed(znuny, client)
    znuny.fail("TicketUpdate", kind, applied=applied, times=None)
    with pytest.raises(OutcomeUnknown) as caught:
        client.send_letter(ticket.id, to="jane@acme.test", subject="Once", text="x", key="k/1")
    assert not refused_before(caught.value)
    assert len(znuny.called("TicketUpdate")) == 1
    done = applied or kind in ("cut", "not_json")
    assert (client.find_letter(ticket, subject="Once", key="k/1") is not None) is done


def test_a_write_that_times_out_is_of_unknown_outcome(znuny: FakeZnuny, connect: Open) -> None:
    ticket, go_on = mailed(znuny, connect()), threading.Event()
    znuny.fail("TicketUpdate", "slow", seconds=60, go_on=go_on)
    with pytest.raises(OutcomeUnknown, match="no answer"):
        connect(timeout_seconds=0.3).update_ticket(ticket.id, title="Late")
    go_on.set()
    until(lambda: znuny.tickets[ticket.id].title == "Late", "the server goes on")
    assert len(znuny.called("TicketUpdate")) == 1


def test_a_write_goes_on_after_its_client_was_cut_off(znuny: FakeZnuny, connect: Open) -> None:
    """A look at once finds nothing; the letter comes later: hence the waiting before a repeat."""
    client = connect()
    ticket, go_on = mailed(znuny, client), threading.Event()
    znuny.fail("TicketUpdate", "late", seconds=60, go_on=go_on)
    with pytest.raises(OutcomeUnknown):
        client.send_letter(ticket.id, to="jane@acme.test", subject="Late", text="x", key="k/1")
    assert client.find_letter(ticket, subject="Late", key="k/1") is None
    go_on.set()
    until(lambda: len(znuny.tickets[ticket.id].articles) == 3, "the server goes on")
    assert client.find_letter(ticket, subject="Late", key="k/1") == znuny.tickets[ticket.id].articles[-1].id


def test_a_write_that_never_left_is_told_apart(znuny: FakeZnuny, connect: Open) -> None:
    with socket.socket() as taken:  # nobody listens there, and nobody else can
        taken.bind(("127.0.0.1", 0))
        for url in (f"http://127.0.0.1:{taken.getsockname()[1]}/otrs", "http://no-such-host.invalid/otrs"):
            with pytest.raises(NotSent) as caught:
                connect(url=url).update_ticket(1, title="x")
            assert refused_before(caught.value)


def test_a_write_without_tls_where_tls_is_asked_for_is_not_taken_for_done(znuny: FakeZnuny, connect: Open) -> None:
    with pytest.raises((NotSent, OutcomeUnknown)):
        connect(url=znuny.url.replace("http:", "https:")).update_ticket(1, title="x")
    assert znuny.called("TicketUpdate") == []


def test_a_refused_write_has_changed_nothing(znuny: FakeZnuny, connect: Open) -> None:
    client = connect()
    ticket = mailed(znuny, client)
    for action in (
        lambda: client.update_ticket(ticket.id, title="x", queue="No such queue"),
        lambda: client.update_ticket(999, title="x"),
        lambda: connect(password="wrong").update_ticket(ticket.id, title="x"),
        lambda: connect(routes={"TicketUpdate": "POST /No"}).update_ticket(ticket.id, title="x"),
    ):
        with pytest.raises(OtrsRefused) as caught:
            action()
        assert refused_before(caught.value)
    assert znuny.tickets[ticket.id].title == "Hello"


@pytest.mark.parametrize("status", [302, 404, 413])
def test_what_stands_before_the_server_may_refuse(znuny: FakeZnuny, connect: Open, status: int) -> None:
    znuny.fail("TicketUpdate", "status", status=status)
    with pytest.raises(OtrsRefused) as caught:
        connect().update_ticket(1, title="x")
    assert caught.value.status == status


def test_a_wrong_password_is_told_at_once(znuny: FakeZnuny, connect: Open) -> None:
    client = connect(password="wrong")
    with pytest.raises(AuthFailed):
        client.check()
    assert client.requests == 1


def test_secrets_stand_in_no_address_text_or_traceback(znuny: FakeZnuny, connect: Open) -> None:
    """Addresses end up in access logs, texts and tracebacks in reports."""
    secret = "s3cr3t-p4ssw0rd"
    znuny.agent("robot").password = secret
    client = connect(password=Secret(secret))
    client.me()
    sessions = set(znuny.operations.sessions)
    seen = [repr(client), repr(client._calls), repr(client._calls.transport)]
    for kind in ("html", "cut", "empty", "status", "no_status"):
        znuny.fail("*", kind, times=None)
        for action in (client.check, lambda: client.update_ticket(1, title="x"), connect(password=secret).check):
            with pytest.raises(SourceError) as caught:
                action()
            seen.append("".join(traceback.format_exception(caught.value)))
        znuny.faults.clear()
    client.close()
    seen += [call.target for call in znuny.calls]
    assert not [text for text in seen for hidden in (secret, *sessions) if hidden in text]


def test_an_address_with_a_login_in_it_is_refused_unseen(connect: Open) -> None:
    with pytest.raises(OtrsRefused) as caught:
        connect(url="http://robot:s3cr3t@127.0.0.1/otrs")
    assert "s3cr3t" not in str(caught.value)
    for url in ("ftp://x", "http://", "http://x:99999999/", "http://x/?a=b", "http://[", "otrs.test"):
        with pytest.raises(OtrsRefused):
            connect(url=url)


def test_a_missing_route_is_named_with_the_file_that_has_it(znuny: FakeZnuny, connect: Open) -> None:
    del znuny.routes["TicketHistoryGet"]
    client = connect()
    ticket = mailed(znuny, client)
    with pytest.raises(MissingRoute) as caught:
        client.history([ticket.id])
    error = caught.value
    assert (error.operation, error.route) == ("TicketHistoryGet", "POST /TicketHistory/:TicketID")
    assert (error.web_service, error.web_service_file) == ("GenericTicketConnectorREST", "webservice.yml")


def test_a_site_s_own_routes_are_used(znuny: FakeZnuny, connect: Open) -> None:
    znuny.routes["TicketUpdate"] = ("POST", "/TicketUpdate")
    own = {
        "TicketUpdate": "POST /TicketUpdate",
        "TicketGet": "GET /Ticket/:TicketID",
        "TicketHistoryGet": "GET /TicketHistory/:TicketID",
    }
    client = connect(routes=own)
    number = znuny.receive_mail("jane@acme.test", "Hello", "x").number
    ticket = client.ticket_by_number(number)
    assert ticket is not None and len(ticket.articles) == 2
    client.update_ticket(ticket.id, title="By its own route")
    assert client.tickets([ticket.id]).tickets[0].title == "By its own route"
    assert client.history([ticket.id])[ticket.id]
    first = client.tickets([ticket.id], articles="first").tickets[0]
    assert [article.sender_type for article in first.articles] == ["customer"]


def test_time_and_requests_are_counted(znuny: FakeZnuny, connect: Open) -> None:
    client = connect()
    znuny.fail("TicketSearch", "slow", seconds=0.2)
    client.check()
    assert client.requests == 1
    assert 0.15 < client.waited_seconds < 30


def test_a_file_of_certificates_that_is_not_there_means_not_sent(znuny: FakeZnuny, connect: Open) -> None:
    client = connect(url=znuny.url.replace("http:", "https:"), ca_file="/no/such/file.pem")
    with pytest.raises(NotSent, match="ca_file"):
        client.update_ticket(1, title="x")


def test_a_connection_that_is_never_taken_means_not_sent(connect: Open) -> None:
    """A server whose queue of callers is full: the kernel drops the next one's request to speak."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        client = connect(url=f"http://127.0.0.1:{server.getsockname()[1]}", timeout_seconds=0.2)
        with pytest.raises(NotSent, match="in time"):
            client.update_ticket(1, title="x")
        for caller in callers:
            caller.close()
