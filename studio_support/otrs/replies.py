"""What an answer of OTRS's REST interface means: data, a typed error, or something that cannot be trusted.

Errors come as HTTP 200 with an Error object; a route that is missing as a 500 in plain text; everything that breaks
inside of the server as a 500 or as a page of HTML. Whether a write was done is told by the kind of error alone: what
is checked before anything is written is a refusal, all else leaves the outcome open.
"""

from __future__ import annotations

import json
from typing import Any

from studio_support.errors import (
    AccessDenied,
    AuthFailed,
    InvalidParameter,
    MissingRoute,
    OtrsBroken,
    OtrsRefused,
    OtrsUnreachable,
    SourceError,
)
from studio_support.otrs.routes import WEB_SERVICE_FILE, Route

_NO_ROUTE = "while determine Operation"
_CHECKED_FIRST: dict[str, type[OtrsRefused]] = {
    "AuthFail": AuthFailed,
    "SessionInvalid": AuthFailed,
    "AccessDenied": AccessDenied,
    "NoPermission": AccessDenied,
    "InvalidParameter": InvalidParameter,
    "MissingParameter": InvalidParameter,
    "WrongStructure": InvalidParameter,
    "EmptyRequest": InvalidParameter,
}
_REFUSED_STATUSES = {
    401: "the web server before OTRS asks for a login of its own",
    403: "the web server does not let us in",
    404: "there is no OTRS at this address",
    405: "the web server does not let this method through; give the operation another route",
    413: "the request is larger than the server allows",
}


def answer_of(url: str, web_service: str, route: Route, status: int, body: bytes) -> dict[str, Any]:
    """The data of an answer. Raises OtrsRefused and its kinds, OtrsBroken, and OtrsUnreachable for a 5xx."""
    text = body.decode("utf-8", "replace")
    if status == 500 and _NO_ROUTE in text:
        raise MissingRoute(url, route.operation, str(route), web_service, WEB_SERVICE_FILE)
    if 300 <= status < 400:
        raise OtrsRefused(url, "the server sends us on to another address; give the final one as url", status)
    if status >= 500:
        raise OtrsUnreachable(url, _broken_inside(text, web_service), status)
    if status >= 400:
        raise OtrsRefused(url, _REFUSED_STATUSES.get(status, "the request is refused"), status)
    try:
        answer = json.loads(text)
    except ValueError:
        kind = "a page of HTML" if "<html" in text[:2000].lower() or "<!doctype" in text[:2000].lower() else "no JSON"
        raise OtrsBroken(url, "the answer is empty" if not body else f"the answer is {kind}", status) from None
    if not isinstance(answer, dict):
        raise OtrsBroken(url, "the answer is not a JSON object", status)
    if "Error" in answer:
        raise error_of(url, answer["Error"])
    return answer


def error_of(url: str, told: object) -> SourceError:
    """The typed error of an Error object; one that the server may raise in the middle of its work is no refusal."""
    facts = told if isinstance(told, dict) else {}
    code = str(facts.get("ErrorCode") or "")
    message = str(facts.get("ErrorMessage") or "an error without a message")[:300]
    kind = _CHECKED_FIRST.get(code.rpartition(".")[2])
    if kind is None:
        return OtrsUnreachable(url, f"{code or 'no code'}: {message}", 200)
    return kind(url, message, 200, code=code)


def _broken_inside(text: str, web_service: str) -> str:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if isinstance(told, dict) and told.get("faultstring"):
        return str(told["faultstring"])[:300]
    return f"the server broke down inside; if it stays so, see whether it has a valid web service {web_service}"
