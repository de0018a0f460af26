"""Clients on a fake Znuny, for tests of the OTRS edge: opened as asked, closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from studio_support.otrs.client import OtrsClient
from studio_support.otrs.model import Ticket
from studio_support.testing import FakeZnuny

Open = Callable[..., OtrsClient]


@contextmanager
def opening(znuny: FakeZnuny) -> Iterator[Open]:
    """Opens clients that wait five seconds and repeat at once; at the end nothing goes wrong any more."""
    opened: list[OtrsClient] = []

    def make(**options: Any) -> OtrsClient:
        told = {"timeout_seconds": 5.0, "backoff_seconds": 0.0, "password": znuny.password, "user": "robot"} | options
        client = OtrsClient(
            told.pop("url", znuny.url), znuny.web_service, told.pop("user"), told.pop("password"), **told
        )
        opened.append(client)
        return client

    yield make
    znuny.faults.clear()
    for client in opened:
        client.close()


def mailed(znuny: FakeZnuny, client: OtrsClient) -> Ticket:
    """A ticket, read by a client that has no session yet."""
    number = znuny.receive_mail("jane@acme.test", "Hello", "x").number
    ticket = client.ticket_by_number(number)
    assert ticket is not None
    return ticket
