"""What servers do to us: out of reach, refusing, broken, silent about a write. Import them from studio_support.errors.

A write ends in one of three ways: done; not done (NotSent, and everything refused); unknown (OutcomeUnknown).
"""

from __future__ import annotations

from collections.abc import Sequence

from studio_invoices.errors import StudioError


class SourceError(StudioError):
    """A server did not give what was asked. `url` holds neither key nor query."""

    def __init__(self, url: str, reason: str, status: int | None = None) -> None:
        super().__init__(f"{url}: {status or ''} {reason}")
        self.url = url
        self.reason = reason
        self.status = status


class SourceUnreachable(SourceError):
    """No connection, time-out, TLS failure, or 429/5xx that lasted through all repeats of a read."""


class SourceRefused(SourceError):
    """The server understood and refused: 401, 403, 404, 422, or a wrong key."""


class SourceBroken(SourceError):
    """An answer that cannot be trusted: cut off, not JSON, rows that were not asked for, an ignored filter."""


class OwnEntriesOnly(SourceError):
    """The key's role sees its own time entries only, so a month read with it could never be whole."""

    def __init__(self, url: str, roles: Sequence[str]) -> None:
        super().__init__(url, f"roles see own time entries only: {', '.join(roles)}")
        self.roles = tuple(roles)


class IncompleteRead(SourceError):
    """Repeated reads did not agree. `differences` shows the first rows in which they differ."""

    def __init__(self, url: str, reason: str, differences: Sequence[str]) -> None:
        super().__init__(url, reason)
        self.differences = tuple(differences)


class NotSent(SourceUnreachable):
    """A write that never left: no connection, no such host, no TLS. It can be repeated at once."""


class OutcomeUnknown(SourceError):
    """A write was handed over and no answer tells what became of it: time-out, cut, 5xx. The server may still do it.

    To be left alone for `hold_seconds`, then looked up, then repeated.
    """


class RedmineRefused(SourceRefused):
    """Redmine understood a write and refused; nothing was changed.

    errors: the server's own words, in the language of the key's user. about: project, assignee, status, issue or file
    where it is known, without those words, what was wrong; else "".
    """

    def __init__(
        self, url: str, reason: str, status: int | None = None, *, errors: Sequence[str] = (), about: str = ""
    ) -> None:
        super().__init__(url, reason, status)
        self.errors = tuple(errors)
        self.about = about


class OtrsUnreachable(SourceUnreachable):
    """OTRS gives no answer to a read, through all repeats."""


class OtrsBroken(SourceBroken):
    """OTRS gives an answer that cannot be trusted: HTML, cut off, other tickets than asked for, an ignored filter."""


class OtrsRefused(SourceRefused):
    """OTRS understood and refused; nothing was changed. code: OTRS's own, like "TicketGet.AccessDenied"."""

    def __init__(self, url: str, reason: str, status: int | None = None, *, code: str = "") -> None:
        super().__init__(url, reason, status)
        self.code = code
        self.operation = code.partition(".")[0]


class AuthFailed(OtrsRefused):
    """Login and password are not accepted (a session that has ended is renewed without a word)."""


class AccessDenied(OtrsRefused):
    """There is no such ticket, or the agent may not see or change it: OTRS tells neither from the other."""


class InvalidParameter(OtrsRefused):
    """A queue, state, dynamic field or address that the server does not know, or something that it needs is missing."""


class MissingRoute(OtrsRefused):
    """The web service has no such route. web_service_file: the YAML to import, or to take the route from."""

    def __init__(self, url: str, operation: str, route: str, web_service: str, web_service_file: str) -> None:
        reason = f"the web service {web_service} has no route {route} for {operation}; import {web_service_file}"
        super().__init__(url, reason, 500)
        self.operation = operation
        self.route = route
        self.web_service = web_service
        self.web_service_file = web_service_file
