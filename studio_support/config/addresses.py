"""Addresses in our TOML files: of servers, of published links, of mailboxes. None may hold a secret."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import PlainValidator

from studio_support.config.fields import fault, shaped, string, text_of, texts_of


def _address(value: Any, schemes: tuple[str, ...], example: str) -> str:
    text = text_of(value)
    try:
        parts = urlsplit(text)
        host, password = parts.hostname, parts.password
        _ = parts.port
    except ValueError:
        raise fault("is no address", f'Write it like "{example}".') from None
    if password is not None or re.search(r"(password|key|token|secret)=", parts.query, re.IGNORECASE):
        raise fault(
            "holds a secret, and secrets never stand in this file",
            "Take it out of the address and name its place in a key that ends in _env or _file.",
        )
    if parts.scheme not in schemes or (not host and parts.scheme not in ("file", "sqlite")):
        known = ", ".join(f"{scheme}:" for scheme in schemes)
        raise fault(f"is no address that begins with {known}", f'Write it like "{example}".')
    return text


def url(schemes: tuple[str, ...], example: str) -> PlainValidator:
    """An address of one of these schemes, without a secret inside it; the value is never repeated in a fault."""

    def check(value: Any) -> str:
        return _address(value, schemes, example)

    return PlainValidator(check)


def _link_base(value: Any) -> str:
    text = _address(value, ("https", "http", "file"), "https://invoices.studio.example")
    parts = urlsplit(text)
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise fault(
            "is plain http: anybody on the way could read the invoices",
            'Write "https://…"; plain http is for this machine alone.',
        )
    return text.rstrip("/")


_EMAIL = r"[^@\s,;<>\"']+@[^@\s,;<>\"']+"
_EMAIL_FAULT = ("is no e-mail address", 'Write it like "billing@studio.example".')


def _emails(value: Any) -> tuple[str, ...]:
    for address in (addresses := texts_of(value)):
        if not re.fullmatch(_EMAIL, address):
            raise fault(f"{address!r} {_EMAIL_FAULT[0]}", 'Write each like "billing@studio.example".')
    return addresses


def _optional_email(value: Any) -> str:
    text = string(value)
    if text and not re.fullmatch(_EMAIL, text):
        raise fault(f"{text!r} {_EMAIL_FAULT[0]}", _EMAIL_FAULT[1])
    return text


LinkBase = Annotated[str, PlainValidator(_link_base)]
Email = Annotated[str, shaped(_EMAIL, *_EMAIL_FAULT)]
OptionalEmail = Annotated[str, PlainValidator(_optional_email)]
Emails = Annotated[tuple[str, ...], PlainValidator(_emails)]
