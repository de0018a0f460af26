"""What people read of OTRS's errors: what is wrong, whether anything was changed, what to do; never "billed"."""

from __future__ import annotations

import pytest

from studio_cli.errors import FAILED, PARTLY, sentence
from studio_support.errors import (
    AccessDenied,
    AuthFailed,
    InvalidParameter,
    MissingRoute,
    NotSent,
    OtrsBroken,
    OtrsRefused,
    OtrsUnreachable,
    OutcomeUnknown,
    SourceError,
)

URL = "http://127.0.0.1/otrs"


@pytest.mark.parametrize(
    ("error", "wrong", "step", "code"),
    [
        (OtrsUnreachable(URL, "no connection"), "no answer: no connection.", "web_service", FAILED),
        (OtrsBroken(URL, "HTML"), "cannot be trusted: HTML.", "again", FAILED),
        (OtrsRefused(URL, "large"), "refused: large.", "[otrs]", FAILED),
        (AuthFailed(URL, "x"), "does not accept the login.", "password", FAILED),
        (AccessDenied(URL, "x"), "may not see", "rw in the groups", FAILED),
        (InvalidParameter(URL, "Queue"), "does not know something that it was given: Queue.", "queues", FAILED),
        (
            MissingRoute(URL, "TicketSearch", "POST /TicketSearch", "Desk", "webservice.yml"),
            "The web service Desk of OTRS has no route POST /TicketSearch for TicketSearch.",
            "Import webservice.yml",
            FAILED,
        ),
        (NotSent(URL, "no connection"), "Nothing was changed", "again", FAILED),
        (OutcomeUnknown(URL, "time-out"), "did not say what became of it: time-out.", "looked up", PARTLY),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(error: SourceError, wrong: str, step: str, code: int) -> None:
    told = sentence(error)
    assert wrong in told[0]
    assert step in told[1]
    assert told[2] == code
    assert "billed" not in "".join(told[:2])
