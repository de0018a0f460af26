"""`serve` with TLS of its own and behind proxies: a renewed certificate is taken up, and who asks is believed of those
alone who were named."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from studio_support.delivery.web import application
from studio_support.delivery.web_server import Listen, RenewingServer, listening, server
from studio_support.serving import pages_of
from tests.web_site import Site, made_site

TLS = Path(__file__).parent / "tls"
FIRST, SECOND = TLS / "mx.pem", TLS / "renewed.pem"
MISSED = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: "


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("web")) as made:
        yield made


@dataclass
class Running:
    port: int
    told: list[str] = field(default_factory=list)


@contextmanager
def running(site: Site, listen: Listen, misses: int = 0) -> Iterator[Running]:
    studio = site.studio()
    with listening(listen) as taken:
        found = Running(taken.getsockname()[1])
        app = application(pages_of(studio, misses), studio.clock, lambda facts: None)
        under = server(app, listen, told=found.told.append)
        thread = threading.Thread(target=under.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            under.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def shown(port: int) -> bytes:
    """The certificate that the server shows, as PEM has it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, context.wrap_socket(plain) as secure:
        secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert secure.recv(12) == b"HTTP/1.1 200"
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True) or b"").encode()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def part(pem: Path, kind: bytes) -> bytes:
    """The certificate, or the key, of a file that has both."""
    text = pem.read_bytes()
    end = text.index(b"-----END " + kind)
    return text[text.index(b"-----BEGIN " + kind) : text.index(b"\n", end) + 1]


def test_a_renewed_certificate_is_taken_up_and_half_of_one_is_not(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RenewingServer, "look_every_ticks", 1)
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(part(FIRST, b"CERTIFICATE"))
    key.write_bytes(part(FIRST, b"PRIVATE KEY"))
    with running(site, Listen(port=0, certificate=certificate, key=key)) as found:
        first = shown(found.port)
        certificate.unlink()  # as a tool that puts links in its place does, for a moment
        certificate.write_bytes(part(SECOND, b"CERTIFICATE"))
        until(lambda: found.told[-1:] == ["unusable"])  # its key is not there yet
        assert shown(found.port) == first
        assert set(found.told) == {"unusable"}  # twice, if it was looked at while it was half written
        key.write_bytes(part(SECOND, b"PRIVATE KEY"))
        until(lambda: found.told[-1:] == ["renewed"])
        second = shown(found.port)
        assert second != first
        assert second.split() == part(SECOND, b"CERTIFICATE").split()
        shutil.copy(TLS / "other.pem", certificate)
        until(lambda: found.told[-1:] == ["unusable"])
        assert shown(found.port) == second


def statuses(port: int, senders: list[bytes]) -> list[bytes]:
    answers = []
    for sender in senders:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(MISSED + sender + b"\r\n\r\n")
            answers.append(connection.recv(12)[9:])
    return answers


def test_misses_count_by_who_asks_where_the_proxy_is_believed(site: Site) -> None:
    """A proxy on this machine is; the last address that it adds counts, not what a stranger wrote before it."""
    with running(site, Listen(port=0), misses=1) as found:
        senders = [b"192.0.2.1", b"192.0.2.2", b"192.0.2.1", b"203.0.113.9, 192.0.2.2", b"192.0.2.3"]
        assert statuses(found.port, senders) == [b"404", b"404", b"429", b"429", b"404"]


def test_a_proxy_elsewhere_is_believed_only_if_it_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's own address stands for one elsewhere: it is left out of those that are believed anyway."""
    monkeypatch.setattr("studio_support.delivery.web_server._PROXIES", [])
    senders = [b"192.0.2.1", b"192.0.2.2"]
    with running(site, Listen(port=0, behind_proxy=True), misses=1) as found:
        assert statuses(found.port, senders) == [b"404", b"429"]
    with running(site, Listen(port=0, behind_proxy=True, proxies=("127.0.0.0/8",)), misses=1) as found:
        assert statuses(found.port, senders) == [b"404", b"404"]
