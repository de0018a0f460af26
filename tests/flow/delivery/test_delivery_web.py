"""`serve` over real sockets: what is open opens, what is not says nothing, and nobody is made to wait for long."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio_support.testing.pages import serving
from tests.web_site import Site, made_site

HEADERS = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "strict-transport-security": "max-age=31536000",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("web")) as made:
        yield made


def test_the_page_opens_with_every_header(site: Site) -> None:
    reply = site.ask(site.path("2026-0001"))
    assert reply.status == 200
    assert HEADERS.items() <= reply.headers.items()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "server" not in reply.headers
    assert "set-cookie" not in reply.headers
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    (original,) = (site.folder / "files" / "originals").rglob("2026-0001.html")
    assert reply.body == original.read_bytes()


def test_the_pdf_opens_inline_under_its_number(site: Site) -> None:
    reply = site.ask(site.path("2026-0001").replace(".html", ".pdf"))
    assert reply.status == 200
    assert reply.body.startswith(b"%PDF-")
    assert HEADERS.items() <= reply.headers.items()
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-disposition"].startswith('inline; filename="2026-0001.pdf"')
    assert "sandbox" not in reply.headers["content-security-policy"]


def test_the_act_beside_an_invoice_opens_by_its_link(site: Site) -> None:
    reply = site.ask(site.path("2026-0001").replace("invoice.html", "act.pdf"))
    assert (reply.status, reply.headers["content-type"]) == (200, "application/pdf")
    assert reply.body == next((site.folder / "files" / "acts").rglob("2026-0001.pdf")).read_bytes()
    assert reply.headers["content-disposition"].startswith("inline; filename=")
    assert site.ask(site.path("2026-0005").replace("invoice.html", "act.pdf")) == site.ask("/nothing")


@pytest.mark.parametrize(
    ("name", "content_type", "disposition"),
    [
        ("timesheet.pdf", "application/pdf", 'inline; filename="2026-0001-timesheet.pdf"'),
        ("timesheet.csv", "text/csv; charset=utf-8", 'attachment; filename="2026-0001-timesheet.csv"'),
        ("invoice.xml", "application/xml", 'attachment; filename="2026-0001.xml"'),
    ],
)
def test_the_files_beside_an_invoice_open_by_its_link(
    site: Site, name: str, content_type: str, disposition: str
) -> None:
    """As they were issued; what a browser cannot show is saved. Another invoice's link does not lead to them."""
    reply = site.ask(site.path("2026-0001").replace("invoice.html", name))
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    assert HEADERS.items() <= reply.headers.items()
    assert reply.headers["content-disposition"].startswith(disposition)
    kept = [file["file"] for file in site.studio().documents.shown("2026-0001")["beside"] if file["name"] == name]
    assert reply.body == Path(kept[0]).read_bytes()
    assert site.ask(site.path("2026-0005").replace("invoice.html", name)) == site.ask("/nothing")
    assert site.ask(site.path("2026-0001").replace("invoice.html", "invoice.csv")) == site.ask("/nothing")


def test_a_link_without_the_files_name_opens_the_page(site: Site) -> None:
    path = site.path("2026-0001")
    assert site.ask(path.removesuffix("invoice.html")).body == site.ask(path).body
    assert site.ask(path + "?utm_source=mail").body == site.ask(path).body


def test_viewers_get_the_parts_that_they_ask_for(site: Site) -> None:
    path = site.path("2026-0001").replace(".html", ".pdf")
    whole = site.ask(path)
    size = len(whole.body)
    part = site.ask(path, Range="bytes=10-19", If_Range=whole.headers["etag"])
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{size}"
    assert HEADERS.items() <= part.headers.items()
    assert site.ask(path, Range="bytes=-5").body == whole.body[-5:]
    assert site.ask(path, Range="bytes=10-19", If_Range='"other"').status == 200
    beyond = site.ask(path, Range=f"bytes={size}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{size}")


def test_head_is_get_without_the_bytes(site: Site) -> None:
    for path in (site.path("2026-0001"), site.path("2026-0001").replace(".html", ".pdf"), "/nothing"):
        get, head = site.ask(path), site.ask(path, "HEAD")
        assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused_alike_everywhere(site: Site, method: str) -> None:
    known, unknown = site.ask(site.path("2026-0001"), method), site.ask("/nothing", method)
    assert (known.status, known.headers["allow"]) == (405, "GET, HEAD")
    assert known == unknown


def test_what_opens_nothing_is_all_the_same(site: Site) -> None:
    name = site.path("2026-0001").split("/")[1]
    other = ("A" if name[0] != "A" else "B") + name[1:]
    replies = [
        site.ask(path)
        for path in (
            f"/{other}/invoice.html",
            f"/{other}/invoice.pdf",
            site.dead["2026-0002"],
            site.dead["2026-0004"],
            f"/{name}",
            f"/{name}/other.pdf",
            f"/{name}//invoice.html",
            f"/{name}%2Finvoice.html",
            f"/{name[:-1]}/invoice.html",
            f"/{name}/invoice.html/",
            "/",
            "/favicon.ico",
            "/.studio-support-store",
            "/../studio-support.toml",
            "/%2e%2e/%2e%2e/etc/passwd",
            f"/{name}/../invoice.html",
            f"/{name}/%2e%2e%2f",
            "//etc/passwd",
            "/" + "x" * 4000,
        )
    ]
    assert replies[0].status == 404
    assert replies[0].headers.keys() >= HEADERS.keys()
    assert replies == [replies[0]] * len(replies)


def test_an_expired_link_says_whom_to_ask_and_is_gone(site: Site) -> None:
    for path in (site.dead["2026-0003"], site.dead["2026-0003"].replace(".html", ".pdf")):
        reply = site.ask(path)
        assert reply.status == 410
        assert HEADERS.items() <= reply.headers.items()
        page = reply.body.decode()
        assert "This link has expired" in page
        assert 'href="mailto:billing@studio.example?subject=' in page
        assert "EUR" not in page
        assert "Client c003" not in page


def test_nothing_is_written_by_fetching(site: Site) -> None:
    def state() -> dict[str, tuple[int, int]]:
        files = [path for path in site.folder.rglob("*") if path.is_file() and "-shm" not in path.name]
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    path = site.path("2026-0001")
    before = state()
    for asked in (path, path.replace(".html", ".pdf"), site.dead["2026-0003"], "/nothing", "/healthz"):
        site.ask(asked)
        site.ask(asked, "HEAD")
        site.ask(asked, "POST")
    assert state() == before


def test_the_log_holds_no_link_and_claims_no_reader(site: Site) -> None:
    path = site.path("2026-0001")
    name = path.split("/")[1]
    site.served.log.clear()
    site.ask(path, User_Agent="scanner/1.0")
    site.ask(f"/{name[:-1]}/invoice.html", User_Agent=f"x{name}")
    first, second = site.served.log
    assert first == {
        "at": "2026-12-01T09:00:00Z",
        "fetched": "page",
        "method": "GET",
        "status": 200,
        "number": "2026-0001",
        "link": first["link"],
        "bytes": first["bytes"],
        "agent": "scanner/1.0",
    }
    assert len(first["link"]) == 8
    assert first["link"] not in name
    assert (second["fetched"], second["status"]) == ("nothing", 404)
    assert name[:-1] not in json.dumps([entry | {"agent": ""} for entry in site.served.log])


def test_what_a_stranger_says_of_himself_steers_no_terminal(site: Site) -> None:
    site.served.log.clear()
    site.ask(site.path("2026-0001"), User_Agent="scanner\x9b31m/1.0\x9d")
    assert [entry["agent"] for entry in site.served.log] == ["scanner31m/1.0"]


def test_health_is_told_without_telling_anything_else(site: Site) -> None:
    reply = site.ask("/healthz")
    assert (reply.status, reply.body) == (200, b"ok\n")


def test_a_store_that_cannot_be_read_is_no_404(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client who is told that nothing is there asks for a new link; one who is told to try again does not."""
    path = site.path("2026-0001").replace(".html", ".pdf")
    (original,) = (site.folder / "files" / "originals").rglob("2026-0001.pdf")
    kept = original.read_bytes()
    site.served.pages._read.cache_clear()
    original.write_bytes(kept[:-1])
    try:
        reply = site.ask(path)
    finally:
        original.write_bytes(kept)
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert site.served.log[-1]["error"] == "FilesystemError"
    assert site.ask(path).status == 200


@pytest.mark.parametrize(
    "head",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["TLS", "not ASCII", "bad length", "no host", "nonsense"],
)
def test_what_is_no_request_is_refused_and_ended(site: Site, head: bytes) -> None:
    assert site.raw(head).startswith(b"HTTP/1.1 400 ")
    assert site.ask("/healthz").status == 200


@pytest.mark.parametrize(
    "begun",
    [b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 4000],
    ids=["long header", "long path", "many headers"],
)
def test_a_head_that_grows_without_end_is_cut_off(site: Site, begun: bytes) -> None:
    """Its sender may see the refusal, or only that nobody reads on."""
    answer = site.raw(begun + b"a" * 2_000_000)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert site.ask("/healthz").status == 200


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"G", b"GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1"],
    ids=["silence", "half a head", "a letter", "half a body"],
)
def test_a_request_that_does_not_go_on_is_dropped(site: Site, begun: bytes) -> None:
    answer = site.raw(begun, hasty=True)  # comes back because the server closes; the test's own time-out is 20 s
    assert not answer.startswith(b"HTTP/1.1 2")


def test_a_drop_a_moment_is_no_progress(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.hasty.port), timeout=20) as connection:
        connection.settimeout(0.05)
        sent = 0
        ended = False
        while not ended and sent < 400:  # 20 s at most
            try:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nX: "[sent : sent + 1] or b"x")
                sent += 1
                ended = connection.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended


def test_who_does_not_take_his_answers_is_dropped(site: Site) -> None:
    """Two thousand requests at once are 30 MB of answers, more than all buffers on the way hold; nobody reads them."""
    request = b"GET " + site.path("2026-0001").encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", site.hasty.port))
        connection.sendall(request * 2000)
        dropped = select.poll()
        dropped.register(connection, 0)  # errors and hang-ups only
        assert dropped.poll(20_000)
    assert site.ask("/healthz").status == 200


def test_many_who_send_nothing_keep_nobody_waiting(site: Site) -> None:
    idle = [socket.create_connection(("127.0.0.1", site.served.port), timeout=20) for _ in range(200)]
    try:
        assert site.ask(site.path("2026-0001")).status == 200
    finally:
        for connection in idle:
            connection.close()


def test_requests_in_a_row_on_one_connection_are_all_answered(site: Site) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert site.raw(request * 4 + last).count(b"HTTP/1.1 200 OK") == 5


def test_whoever_asks_for_too_much_that_is_not_there_is_slowed_and_a_right_link_still_opens(site: Site) -> None:
    limited = Site(site.folder, None, None)
    with serving(site.studio(), misses_per_minute=5) as limited.served:
        path = site.path("2026-0001")
        kinds = ["/nothing", site.dead["2026-0002"], f"/{'x' * 43}/invoice.html"]
        replies = [limited.ask(kinds[number % 3]) for number in range(9)]
        assert [reply.status for reply in replies] == [404] * 5 + [429] * 4
        assert replies[5:] == [replies[5]] * 4
        assert replies[5].body == replies[0].body
        assert limited.ask(path).status == 200
        assert [entry["fetched"] for entry in limited.served.log] == ["nothing"] * 5 + ["page"]


def test_a_prefix_of_the_address_is_known_whether_the_proxy_keeps_it_or_not(site: Site, tmp_path: Path) -> None:
    settings = site.folder / "studio-support.toml"
    before = settings.read_text()
    settings.write_text(before.replace("https://invoices.studio.example", "http://127.0.0.1:1/our/bills"))
    try:
        other: Any = Site(site.folder, None, None)
        with serving(other.studio()) as other.served:
            path = site.path("2026-0001")
            reply = other.ask(path)
            assert reply.status == 200
            assert "strict-transport-security" not in reply.headers  # in the clear
            assert other.ask(f"/our/bills{path}") == reply
            assert other.ask(f"/our/bill{path}").status == 404
    finally:
        settings.write_text(before)
