"""Bytes that no client library would send, one by one on a socket: each has an answer that is written down here.

"nothing" below is the one answer to whatever opens nothing, its headers included: a stranger cannot tell a link that
was never made from an address that is none.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio_support.testing.pages import serving
from tests.web_requests import MARK
from tests.web_site import Site, made_site

END = b"Host: x\r\nConnection: close\r\n\r\n"
UNKNOWN = b"GET /" + b"A" * 43 + b"/invoice.html HTTP/1.1\r\n" + END


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("web")) as made:
        yield made


def said(site: Site, request: bytes) -> bytes:
    """What comes back, for words such as TOKEN in the request the site's own names; without the moment."""
    for word, name in site.names.items():
        request = request.replace(word.encode(), name.encode())
    return b"\n".join(line for line in site.raw(request).split(b"\n") if not line.startswith(b"date: "))


@pytest.mark.parametrize(
    "target",
    [
        b"*",
        b"x:80",
        b"TOKEN/invoice.html",
        b"ftp://x/TOKEN/invoice.html",
        b"/%0a",
        b"/%0d%0aX-Other:%20yes",
        b"/TOKEN%0a/invoice.html",
        b"/TOKEN/invoice.html%0a",
        b"/TOKEN/invoice.html%00",
        b"/TOKEN%2finvoice.html",
        b"/TOKEN/invoice%2ehtml",
        b"/TOKEN/..%2f..%2fetc%2fpasswd",
        b"/TOKEN/%2e%2e/%2e%2e/etc/passwd",
        b"/TOKEN/../TOKEN/invoice.html",
        b"/../../etc/passwd",
        b"//TOKEN/invoice.html",
        b"/TOKEN\\invoice.html",
        b"/TOKEN/invoice.html;x",
        b"/TOKEN/invoice.html#x",
        b"/REVOKED/invoice.html",
        b"/CANCELLED/invoice.html",
        b"/%c0%ae%c0%ae/",
        b"/%",
        b"/healthz/",
        b"/HEALTHZ",
        b"/healthz%0a",
        b"http://x/healthz/",
        b"http://x",
        b"http:///",
    ],
)
def test_whatever_opens_nothing_has_the_same_answer(site: Site, target: bytes) -> None:
    nothing = said(site, UNKNOWN)
    assert nothing.startswith(b"HTTP/1.1 404 ")
    assert b"cache-control: private, no-store" in nothing.lower()
    assert said(site, b"GET " + target + b" HTTP/1.1\r\n" + END) == nothing


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /TOKEN/invoice.html HTTP/1.0\r\n\r\n",
        b"GET /TOKEN/ HTTP/1.0\r\nHost: x\r\n\r\n",
        b"GET http://x/TOKEN/invoice.html HTTP/1.1\r\n" + END,
        b"GET HTTPS://other.example:8443/TOKEN/ HTTP/1.1\r\n" + END,
        b"GET /TOKEN/invoice.html?next=http://x/ HTTP/1.1\r\n" + END,
        b"GET /TOKEN/invoice.html HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + END + b"5\r\nhello\r\n0\r\n\r\n",
        b"GET /TOKEN/invoice.html HTTP/1.1\r\nContent-Length: 3\r\n" + END + b"abc",
        b"GET /TOKEN/invoice.html HTTP/1.1\r\nUpgrade: h2c\r\n" + END,
        b"GET /TOKEN/invoice.html HTTP/1.1\r\nX: " + b"a" * 15_000 + b"\r\n" + END,
        b"GET /TOKEN/invoice.html HTTP/1.1\r\nRange: bytes=" + b"0-0," * 2000 + b"1-1\r\n" + END,
        b"GET /TOKEN/invoice.html HTTP/1.1\r\nX-Forwarded-For: \xff, [::1, 1.2.3.4:99\r\nX-Forwarded-Proto: no\r\n"
        + END,
        b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /TOKEN/ HTTP/1.1\r\n" + END,
    ],
    ids=lambda request: request[:60].decode("latin-1").split("\r")[0] + f" {len(request)}",
)
def test_an_odd_request_for_a_right_link_opens_it(site: Site, request_: bytes) -> None:
    assert MARK in said(site, request_)


@pytest.mark.parametrize(
    "head",
    [
        b"Host: x\r\nHost: y\r\n\r\n",
        b"Host: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\nhello",
        b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n",
        b"Host : x\r\n\r\n",
        b"Host: x\r\nX\x00: y\r\n\r\n",
        b"Host: x\r\nX: a\rb\r\n\r\n",
    ],
)
def test_what_two_servers_could_read_in_two_ways_is_refused(site: Site, head: bytes) -> None:
    answer = said(site, b"GET /TOKEN/invoice.html HTTP/1.1\r\n" + head)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert MARK not in answer


def test_garbage_behind_a_request_is_refused_and_the_request_answered(site: Site) -> None:
    answer = said(site, b"GET /TOKEN/invoice.html HTTP/1.1\r\nHost: x\r\n\r\n\x00\xff garbage\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1 400 ") == 1
    assert answer.count(MARK) >= 1


def test_a_body_that_nobody_asked_for_is_not_read_to_its_end(site: Site) -> None:
    body = b"a" * 3_000_000
    answer = said(site, b"POST /x HTTP/1.1\r\nContent-Length: 3000000\r\n" + END + body)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 405 ")
    assert site.ask("/healthz").status == 200


@pytest.mark.parametrize("target", [b"*", b"/%0a", b"http://x"])
def test_an_address_that_is_none_counts_as_a_miss_and_is_logged(site: Site, target: bytes) -> None:
    limited = Site(site.folder, None, None)
    with serving(site.studio(), misses_per_minute=2) as limited.served:
        answers = [limited.raw(b"GET " + target + b" HTTP/1.1\r\n" + END)[9:12] for _ in range(3)]
        assert answers == [b"404", b"404", b"429"]
        assert [entry["fetched"] for entry in limited.served.log] == ["nothing", "nothing"]


def test_a_fault_of_our_own_is_no_page_of_words_but_a_line_in_the_log(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("with a secret in it")

    monkeypatch.setattr(site.served.pages, "answer", broken)
    site.served.log.clear()
    reply = site.ask(site.path("2026-0001"))
    assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "60", b"Please try again in a minute.\n")
    assert [(entry["fetched"], entry["error"]) for entry in site.served.log] == [("trouble", "ZeroDivisionError")]
    assert "secret" not in str(site.served.log)
