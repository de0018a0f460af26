"""What goes over the wire beside the bytes: headers that keep a private page private, and parts of a file.

The set follows the W3C's "Good Practices for Capability URLs" and RFC 9110: nothing is stored on the way, indexed,
framed, sniffed or told to other sites. A page may use its own style, told by its SHA-256, and nothing else. There is
no `sandbox` on the PDF: browsers' viewers refuse to open it then.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

HSTS = "max-age=31536000"
BASE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"
PDF_POLICY = "frame-ancestors 'none'"  # more, and viewers in browsers lose their own styles
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,19})-(\d{0,19})[ \t]*", re.IGNORECASE)


def style_hashes(page: bytes) -> tuple[str, ...]:
    """The page's own styles as sources of a policy: 'sha256-…', each once."""
    found = (b64encode(sha256(style).digest()).decode() for style in _STYLE.findall(page))
    return tuple(dict.fromkeys(f"'sha256-{digest}'" for digest in found))


def page_policy(hashes: tuple[str, ...]) -> str:
    """The Content-Security-Policy of pages with these styles."""
    style = " ".join(hashes) or "'none'"
    return (
        f"default-src 'none'; style-src {style}; img-src data:; font-src data:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'"
    )


def disposition(number: str, suffix: str = ".pdf", how: str = "inline") -> str:
    """Content-Disposition of a file behind a link: shown in the browser, or saved ("attachment"), under the document's
    number (RFC 6266)."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in number)
    return f"{how}; filename=\"{plain}{suffix}\"; filename*=UTF-8''{quote(f'{number}{suffix}', safe='')}"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file of `size` bytes: from `start` up to, not including, `end`."""

    start: int
    end: int
    size: int

    @property
    def content_range(self) -> str:
        """The header that tells it."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def part_of(header: str | None, if_range: str | None, etag: str, size: int) -> Part | None:
    """The part that a Range header asks for; None: send the whole (no header, several parts, not understood, or
    If-Range names another version). Raises ValueError if the file has no such part (416)."""
    if header is None or (if_range is not None and if_range.strip() != etag):
        return None
    found = _RANGE.fullmatch(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        start, end = max(size - int(found[2]), 0), size
    else:
        start, end = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= size or start >= end:
        raise ValueError("no such part")
    return Part(start, end, size)
