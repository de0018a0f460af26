"""Asking name servers for text records: the one room that does. Nothing but `doctor` needs it."""

from __future__ import annotations

import dns.exception
import dns.resolver

_SECONDS = 5.0


class NoNameServer(Exception):
    """No name server answered in time: offline, or behind a wall."""


def text_records(name: str) -> tuple[str, ...]:
    """The TXT records of a name, () where it has none or is not there. Raises NoNameServer."""
    try:
        answer = dns.resolver.Resolver().resolve(name, "TXT", lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError) as error:
        raise NoNameServer(" ".join(str(error).split())[:200] or type(error).__name__) from None
    return tuple(b"".join(record.strings).decode("ascii", "replace") for record in answer)
