"""What is said of errors of OTRS, and of writes whose end is not known. Registered by errors.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio_support import errors as e

Told = tuple[str, str, int]
FAILED = 1
PARTLY = 3


def _otrs_unreachable(error: e.OtrsUnreachable) -> Told:
    return (
        f"OTRS at {error.url} gives no answer: {error.reason}.",
        "Check [otrs] url and web_service, and the server; then run the same command again.",
        FAILED,
    )


def _otrs_broken(error: e.OtrsBroken) -> Told:
    return (
        f"The answer of OTRS at {error.url} cannot be trusted: {error.reason}.",
        "Run the same command again; if it lasts, look at the server's log or the proxy before it.",
        FAILED,
    )


def _otrs_refused(error: e.OtrsRefused) -> Told:
    return f"OTRS at {error.url} refused: {error.reason}.", "Check [otrs] in the settings and the server's log.", FAILED


def _auth_failed(error: e.AuthFailed) -> Told:
    return (
        f"OTRS at {error.url} does not accept the login.",
        "Check [otrs] user and the password that it names; the agent must be valid.",
        FAILED,
    )


def _access_denied(error: e.AccessDenied) -> Told:
    return (
        f"OTRS at {error.url} has no such ticket, or the agent may not see or change it.",
        "Give the agent rw in the groups of the queues it serves; a ticket that was deleted or merged is gone.",
        FAILED,
    )


def _invalid_parameter(error: e.InvalidParameter) -> Told:
    return (
        f"OTRS at {error.url} does not know something that it was given: {error.reason}.",
        "Check the names of queues, states and fields in [otrs] and [sync] against those of the server.",
        FAILED,
    )


def _missing_route(error: e.MissingRoute) -> Told:
    return (
        f"The web service {error.web_service} of OTRS has no route {error.route} for {error.operation}.",
        f"Import {error.web_service_file}, which comes with studio-support, under Admin, Web Services; or name the "
        "server's own route in [otrs] routes.",
        FAILED,
    )


def _not_sent(error: e.NotSent) -> Told:
    return (
        f"Nothing was changed at {error.url}: {error.reason}.",
        "Check the address and the server, then run the same command again.",
        FAILED,
    )


def _outcome_unknown(error: e.OutcomeUnknown) -> Told:
    return (
        f"{error.url} was handed a change and did not say what became of it: {error.reason}.",
        "It is looked up before anything is repeated: run the same command again in some minutes.",
        PARTLY,
    )


SENTENCES: tuple[tuple[type[e.StudioError], Callable[[Any], Told]], ...] = (
    (e.OtrsUnreachable, _otrs_unreachable),
    (e.OtrsBroken, _otrs_broken),
    (e.OtrsRefused, _otrs_refused),
    (e.AuthFailed, _auth_failed),
    (e.AccessDenied, _access_denied),
    (e.InvalidParameter, _invalid_parameter),
    (e.MissingRoute, _missing_route),
    (e.NotSent, _not_sent),
    (e.OutcomeUnknown, _outcome_unknown),
)
