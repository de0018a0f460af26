"""Requests that nobody in his right mind would send, for the fuzz of `serve`, and what must hold for each answer."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import strategies as st

from tests.web_site import Site

MARK = b"Client c00"  # stands on the page of every invoice, and nowhere else

_SPICE = (
    *(
        "..",
        ".",
        "/",
        "//",
        "%2f",
        "%2F",
        "%5c",
        "\\",
        "%2e%2e",
        "%00",
        "%0a",
        "%",
        "%zz",
        "%c0%af",
        "~",
        ";",
        "?",
        "#",
        "*",
    ),
    *("invoice.html", "invoice.pdf", "INVOICE.HTML", "index.html", ".studio-support-store", "healthz", "etc/passwd"),
    *("TOKEN", "REVOKED", "EXPIRED", "CANCELLED", "TOKE", "TOKENN", "http://127.0.0.1/", "A" * 43, "-" * 43, "é", "☃"),
)
_END = "Host: x\r\nConnection: close\r\n"
_VERSIONS = st.sampled_from(["1.1", "1.1", "1.1", "1.0"])
_METHODS = st.sampled_from(["GET", "HEAD", "GET", "POST", "PUT", "OPTIONS", "TRACE", "CONNECT", "get", "BREW", "G\tT"])
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60)
_RANGES = st.builds("bytes={}-{}".format, st.integers(0, 10**20) | st.just(""), st.integers(0, 10**20) | st.just(""))
_HEADERS = st.lists(
    st.one_of(
        st.tuples(st.just("Range"), _RANGES | _VALUES),
        st.tuples(st.sampled_from(["If-Range", "If-None-Match", "Accept", "User-Agent", "X-Forwarded-For"]), _VALUES),
        st.tuples(st.sampled_from(["Content-Length", "Transfer-Encoding", "Expect", "Upgrade", "Host"]), _VALUES),
        st.tuples(st.just("Transfer-Encoding"), st.just("chunked")),
        st.tuples(st.just("Upgrade"), st.just("websocket")),
        st.tuples(st.text("abcXYZ-", min_size=1, max_size=20), _VALUES | st.just("x" * 9000)),
    ),
    max_size=6,
)
_FILES = ("", "invoice.html", "invoice.pdf", "invoice.xml", "act.pdf", "timesheet.pdf", "timesheet.csv", "other.pdf")
_USUAL = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "get", "BREW"])
_PLAIN = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60)
_NAMES = [
    "If-Range",
    "If-None-Match",
    "Accept",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Cookie",
    "Upgrade",
]
_POLITE = st.lists(
    st.tuples(st.just("Range"), _RANGES | _PLAIN) | st.tuples(st.sampled_from(_NAMES), _PLAIN), max_size=4
)
_WAYS = st.lists(st.sampled_from(_SPICE) | st.text(max_size=8), max_size=8).map("".join)
_PATHS = st.one_of(
    _WAYS.map(lambda path: f"/{path}"),
    st.just("/TOKEN/invoice.html"),
    st.builds("/{}/{}".format, st.sampled_from(["TOKEN", "EXPIRED", "REVOKED"]), st.sampled_from(_FILES)),
    st.builds("{}/{}".format, st.sampled_from(["http://x", "HTTPS://x:1", "*", "//x", ""]), _WAYS),
    st.text(max_size=60),
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request in bytes, with words such as TOKEN in place of a site's own links.

    Three of four are requests as the parser below the pages takes them, with whatever they ask for, so that it is the
    pages that answer; the others are anything.
    """
    if draw(st.integers(0, 3)):
        head = f"{draw(_USUAL)} {draw(_PATHS.map(_quoted))} HTTP/{draw(_VERSIONS)}\r\n"
        body = draw(st.binary(max_size=50)) if draw(st.integers(0, 4)) == 0 else b""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        return f"{head}{_END}{length}{_lines(draw(_POLITE))}\r\n".encode() + body
    head = f"{draw(_METHODS)} {draw(_PATHS)} HTTP/{draw(st.sampled_from(['1.1', '1.1', '1.0', '2', '0.9']))}\r\n"
    body = draw(st.binary(max_size=200)) if draw(st.booleans()) else b""
    whole = f"{head}{_END}{_lines(draw(_HEADERS))}\r\n".encode("utf-8", "surrogatepass") + body
    return whole[: draw(st.integers(1, len(whole)))] if draw(st.integers(0, 9)) == 0 else whole


def _lines(headers: list[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers)


def _quoted(path: str) -> str:
    """A path without what would end the line, or the parser's patience."""
    return "".join(char if "!" <= char <= "~" else quote(char, errors="replace") for char in path) or "/"


def check_answer(site: Site, request: bytes) -> int | None:
    """Sends it, and holds the answer to what is promised of every answer; its status, None where none came."""
    for word, name in site.names.items():
        request = request.replace(word.encode(), name.encode())
    received = site.raw(request, hasty=True)
    status = None
    if received:  # nothing came where the request was not whole
        assert received.startswith(b"HTTP/1.1 "), received[:80]
        status = int(received[9:12])
        assert status < 500, (status, request)
        assert status != 101
    if MARK in received or b"%PDF" in received:
        assert f"/{site.names['TOKEN']}/".encode() in request
    assert site.hasty.pages.healthy()
    return status
