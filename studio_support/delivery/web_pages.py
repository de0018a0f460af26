"""What `serve` answers: an address and a moment in, status, headers and bytes out; nothing is ever written.

Unknown, taken back, cancelled and mistyped addresses take the same way (a digest, one look into the store) to the same
answer. Whoever holds a link gets it however many others ask for what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from studio_support.billing.ledger_sheets import recorded_sums
from studio_support.delivery import links
from studio_support.delivery import web_headers as h
from studio_support.delivery.act_files import act_path
from studio_support.delivery.beside import beside_path
from studio_support.delivery.files import read_if_there
from studio_support.delivery.link_rows import Behind, behind
from studio_support.delivery.misses import Misses
from studio_support.delivery.notices import expired_page, nothing_page
from studio_support.delivery.originals import Originals
from studio_support.delivery.stored import stored_invoice
from studio_support.errors import FilesystemError
from studio_support.store.engine import Store

HTML = "text/html; charset=utf-8"
_PATH = re.compile(
    rb"/([A-Za-z0-9_-]{43})/(invoice\.html|invoice\.pdf|invoice\.xml|act\.pdf|timesheet\.pdf|timesheet\.csv|)"
)
_ORIGIN = re.compile(rb"https?://[^/]*/", re.IGNORECASE)  # RFC 9112, 3.2.2: the whole address
_KEPT = 128
_BESIDE = {
    links.SHEET_NAME: ("timesheet", "-timesheet.pdf", "application/pdf", False),
    links.ROWS_NAME: ("rows", "-timesheet.csv", "text/csv; charset=utf-8", True),
    links.XML_NAME: ("xml", ".xml", "application/xml", True),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. path: as it came, still encoded, without the query. seconds: of a clock that only goes forward."""

    method: str
    path: bytes
    address: str
    seconds: float
    range: str | None = None
    if_range: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch was for, for the log: `page`, `pdf`, `act`, `xml`, `timesheet`, `rows`,
    `expired`, `nothing`, `limited`, `method`, `trouble`.

    That something was fetched does not say that a person read it: mail scanners fetch first. number, link: of the
    document, and the beginning of the link's digest, by which it is found in the store and which opens nothing.
    """

    what: str
    number: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, whole: HEAD gets the same without the body."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    fetched: Fetched


@dataclass(frozen=True, slots=True)
class _File:
    """A file behind a link. what: as in Fetched. number, suffix: under which it is saved. saved: by a browser too,
    which shows the others."""

    what: str
    path: Path
    sha256: str
    number: str = ""
    suffix: str = ".pdf"
    content_type: str = "application/pdf"
    saved: bool = False


class Pages:
    """The pages of one store. files: the store's files, with documents as they were issued. today: the day in the
    studio's zone."""

    def __init__(
        self,
        store: Store,
        files: Path,
        *,
        base_url: str,
        today: Callable[[], date],
        misses_per_minute: int = 300,
    ) -> None:
        parts = urlsplit(base_url)
        self._store = store
        self._files = files
        self._originals = Originals(files)
        self._today = today
        self._misses = Misses(misses_per_minute)
        self._prefix = parts.path.rstrip("/").encode()
        self._base = {**h.BASE, **({"Strict-Transport-Security": h.HSTS} if parts.scheme == "https" else {})}
        self._nothing = nothing_page().encode()
        self._nothing_headers = self._page_headers(self._nothing)
        self._read = lru_cache(maxsize=_KEPT)(_read_original)

    def answer(self, asked: Asked) -> Answer:
        """Answers a request. Raises StoreError, FilesystemError where the store or an original cannot be read."""
        if asked.method not in ("GET", "HEAD"):
            body = b"Only GET and HEAD.\n"
            headers = {"Allow": "GET, HEAD", **self._plain_headers(body)}
            return Answer(405, headers, body, Fetched("method"))
        path = asked.path
        if origin := _ORIGIN.match(path):
            path = path[origin.end() - 1 :]
        if self._prefix and path.startswith(self._prefix + b"/"):
            path = path[len(self._prefix) :]
        found = _PATH.fullmatch(path)
        name = found[1] if found else path
        digest = links.digest(name.decode("latin-1"))
        with self._store.reading() as connection:
            document = behind(connection, digest)
        if document is None or found is None:
            return self._miss(asked)
        if document.expires_on < self._today():
            return self._expired(document, digest)
        wanted = self._wanted(document, found[2].decode())
        return self._miss(asked) if wanted is None else self._document(asked, wanted, document.number, digest)

    def _wanted(self, document: Behind, name: str) -> _File | None:
        """The file of a link by its name, None where there is none of that name."""
        pdf, page = self._originals.paths(document)
        if name == links.PDF_NAME:
            return _File("pdf", pdf, document.pdf_sha256, document.number)
        if name in _BESIDE:
            return self._beside(document, name)
        if name != links.ACT_NAME:
            return _File("page", page, document.page_sha256)
        if document.act_sha256 is None:
            return None
        return _File("act", act_path(self._files, document), document.act_sha256, document.act_number or "")

    def _beside(self, document: Behind, name: str) -> _File | None:
        with self._store.reading() as connection:
            digest = recorded_sums(connection, [document.invoice_id]).get(document.invoice_id, {}).get(name)
        if digest is None:
            return None
        what, suffix, content_type, saved = _BESIDE[name]
        path = beside_path(self._files, document, name)
        return _File(what, path, digest, document.number, suffix, content_type, saved)

    def healthy(self) -> bool:
        """Whether the store can be read and the originals are there. Raises StoreError, FilesystemError."""
        with self._store.reading() as connection:
            behind(connection, links.digest("health"))
        return self._originals.folder.is_dir()

    def trouble(self) -> Answer:
        """What is answered when the store cannot be read: it says nothing about the address."""
        body = b"Please try again in a minute.\n"
        return Answer(503, {"Retry-After": "60", **self._plain_headers(body)}, body, Fetched("trouble"))

    def _miss(self, asked: Asked) -> Answer:
        if self._misses.allows(asked.address, asked.seconds):
            return Answer(404, self._nothing_headers, self._nothing, Fetched("nothing"))
        return Answer(429, {"Retry-After": "60", **self._nothing_headers}, self._nothing, Fetched("limited"))

    def _expired(self, document: Behind, digest: str) -> Answer:
        with self._store.reading() as connection:
            invoice = stored_invoice(connection, document.invoice_id).document
        seller = invoice.seller
        body = expired_page(invoice.language, document.number, seller.name, seller.email).encode()
        return Answer(410, self._page_headers(body), body, Fetched("expired", document.number, digest[:8]))

    def _document(self, asked: Asked, wanted: _File, number: str, digest: str) -> Answer:
        body = self._read(wanted.path, wanted.sha256)
        etag = f'"{wanted.sha256[:32]}"'
        headers = self._page_headers(body) if wanted.what == "page" else self._file_headers(body, wanted)
        headers |= {"Accept-Ranges": "bytes", "ETag": etag}
        fetched = Fetched(wanted.what, number, digest[:8])
        try:
            part = h.part_of(asked.range, asked.if_range, etag, len(body))
        except ValueError:
            refused = b"No such part.\n"
            headers = {**self._plain_headers(refused), "Content-Range": f"bytes */{len(body)}"}
            return Answer(416, headers, refused, fetched)
        if part is None:
            return Answer(200, headers, body, fetched)
        body = body[part.start : part.end]
        headers |= {"Content-Range": part.content_range, "Content-Length": str(len(body))}
        return Answer(206, headers, body, fetched)

    def _page_headers(self, body: bytes) -> dict[str, str]:
        policy = h.page_policy(_styles(body))
        return {**self._base, "Content-Type": HTML, "Content-Length": str(len(body)), "Content-Security-Policy": policy}

    def _file_headers(self, body: bytes, wanted: _File) -> dict[str, str]:
        how = "attachment" if wanted.saved else "inline"
        return {
            **self._base,
            "Content-Type": wanted.content_type,
            "Content-Length": str(len(body)),
            "Content-Disposition": h.disposition(wanted.number, wanted.suffix, how),
            "Content-Security-Policy": h.FILE_POLICY if wanted.saved else h.PDF_POLICY,
        }

    def _plain_headers(self, body: bytes) -> dict[str, str]:
        return {**self._base, "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}


@lru_cache(maxsize=_KEPT)
def _styles(page: bytes) -> tuple[str, ...]:
    return h.style_hashes(page)


def _read_original(path: Path, wanted: str) -> bytes:
    """An original, only if it is what was issued. Raises FilesystemError."""
    data = read_if_there(path)
    if data is None or sha256(data).hexdigest() != wanted:
        raise FilesystemError(path, "is missing" if data is None else "is not what was issued")
    return data
