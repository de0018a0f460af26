"""Links to invoices: unguessable names derived from a secret, so that a link can be shown again and taken back.

256 bits by HMAC-SHA256 from the secret, the store, the invoice and a generation (W3C TAG, "Good Practices for
Capability URLs": at least 120 bits, https only, revocable, expiring). A new generation is a new name, and the old
one opens nothing any more. One folder a link, so that a web server needs no more than the folder. The store keeps
only the digest of a name: whoever reads the store cannot open a page.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from datetime import date, timedelta
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

MINIMUM_SECRET = 32
PAGE_NAME = "invoice.html"
PDF_NAME = "invoice.pdf"
ACT_NAME = "act.pdf"
SHEET_NAME = "timesheet.pdf"
ROWS_NAME = "timesheet.csv"
XML_NAME = "invoice.xml"
EXPIRED_NAME = "expired.html"  # beside the page of an expired link: by it a web server knows to answer 410
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def token(secret: bytes, store_id: str, invoice_id: int, generation: int, recipient: str = "") -> str:
    """The name of a link's folder: 43 characters of base64url, 256 bits.

    secret: at least 32 bytes. generation: from 1, counted up when a link is taken back and given anew.
    recipient: whom the link is for, "" for the document's own one. Raises ValueError when the secret is too short.
    """
    parts = (store_id, str(invoice_id), str(generation))
    return _derive(secret, "link for", *parts, recipient) if recipient else _derive(secret, "link", *parts)


def is_token(name: str) -> bool:
    """Whether a name looks like one of ours: 43 characters of base64url."""
    return _TOKEN.fullmatch(name) is not None


def digest(name: str) -> str:
    """What the store keeps of a link's name: SHA-256 in hex, by which it is found and from which it is not guessed."""
    return sha256(name.encode("utf-8", "surrogateescape")).hexdigest()


def last_day(issue_date: date, days: int) -> date:
    """The last day on which a link opens: so many days after the issue date."""
    return issue_date + timedelta(days=days)


def fingerprint(secret: bytes) -> str:
    """16 characters that tell two secrets apart and say nothing of either. Raises ValueError if it is too short."""
    return _derive(secret, "fingerprint")[:16]


def link(base_url: str, name: str) -> str:
    """The address of an invoice's page; base_url as `usable_base_url` gave it."""
    return f"{base_url.rstrip('/')}/{name}/{PAGE_NAME}"


def usable_base_url(text: str) -> str:
    """The address that links begin with, without a slash at its end.

    https, or plain http to this machine only (loopback), or file:///an/absolute/folder for trying it out. Raises
    ValueError, saying what would be right, for anything else: other schemes, a user name, query or fragment.
    """
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
        _ = parts.port  # raises when it is no number
    except ValueError as error:
        raise ValueError(f"not an address: {error}") from None
    if any(character.isspace() for character in text.strip()):
        raise ValueError("contains a space; write %20")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("must have no user name, no query and no fragment")
    if parts.scheme == "file":
        if host or not parts.path.startswith("/"):
            raise ValueError("a file address must look like file:///absolute/folder")
    elif parts.scheme not in {"http", "https"} or not host:
        raise ValueError("must begin with https:// (http:// for this machine only, file:/// for trying it out)")
    elif parts.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http would show invoices to everybody on the way; use https")
    return text.strip().rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _derive(secret: bytes, purpose: str, *parts: str) -> str:
    if len(secret) < MINIMUM_SECRET:
        raise ValueError(f"the secret of links must have at least {MINIMUM_SECRET} characters, not {len(secret)}")
    # Each part is preceded by its length: no two lists of parts give the same message.
    encoded = [part.encode() for part in ("studio-support", "1", purpose, *parts)]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return urlsafe_b64encode(hmac.digest(secret, message, sha256().name)).rstrip(b"=").decode()
