"""Answers and routes: what is data, what is refused, what cannot be trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio_support.errors import (
    AccessDenied,
    AuthFailed,
    ConfigError,
    InvalidParameter,
    MissingRoute,
    OtrsBroken,
    OtrsRefused,
    OtrsUnreachable,
    SourceBroken,
    SourceError,
    SourceRefused,
    SourceUnreachable,
)
from studio_support.otrs.replies import answer_of
from studio_support.otrs.routes import DEFAULTS, routes_of

URL = "http://otrs.test/x"
SEARCH = routes_of({})["TicketSearch"]


def judged(status: int, body: bytes | dict[str, Any] | list[Any]) -> dict[str, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answer_of(URL, "Desk", SEARCH, status, raw)


def test_an_object_is_data_an_empty_one_too() -> None:
    assert judged(200, {}) == {}
    assert judged(200, {"TicketID": ["1"]}) == {"TicketID": ["1"]}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SessionCreate.AuthFail", AuthFailed),
        ("SessionGet.SessionInvalid", AuthFailed),
        ("TicketGet.AccessDenied", AccessDenied),
        ("TimeAccountingGet.NoPermission", AccessDenied),
        ("TicketUpdate.InvalidParameter", InvalidParameter),
        ("TicketGet.MissingParameter", InvalidParameter),
    ],
)
def test_an_error_object_is_an_error_by_its_code(code: str, kind: type[OtrsRefused]) -> None:
    with pytest.raises(kind) as caught:
        judged(200, {"Error": {"ErrorCode": code, "ErrorMessage": "No."}})
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.operation, caught.value.reason) == (code, code.split(".")[0], "No.")
    assert isinstance(caught.value, SourceRefused)


@pytest.mark.parametrize(
    "told", [{"ErrorCode": "TicketGet.NotTicketData", "ErrorMessage": "x"}, {"ErrorMessage": None}, "text", None]
)
def test_an_error_from_the_middle_of_the_work_is_no_refusal(told: object) -> None:
    """Nobody knows how far it came."""
    with pytest.raises(OtrsUnreachable):
        judged(200, {"Error": told})


def test_a_missing_route_names_operation_route_service_and_the_file_to_import() -> None:
    with pytest.raises(MissingRoute) as caught:
        judged(500, b"HTTP::REST Error while determine Operation for request URI '/TicketSearch'.")
    error = caught.value
    assert (error.operation, error.route, error.web_service) == ("TicketSearch", "POST /TicketSearch", "Desk")
    assert error.web_service_file == "webservice.yml"


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (500, b"Error while decoding request content.", OtrsUnreachable, "valid web service Desk"),
        (500, b'{"faultcode":"Server","faultstring":"no disk"}', OtrsUnreachable, "no disk"),
        (500, b"[1]", OtrsUnreachable, "broke down"),
        (503, b"<html>", OtrsUnreachable, "broke down"),
        (302, b"", OtrsRefused, "another address"),
        (404, b"", OtrsRefused, "no OTRS"),
        (418, b"", OtrsRefused, "refused"),
        (413, b"", OtrsRefused, "larger"),
        (200, b"", OtrsBroken, "empty"),
        (200, b"<!DOCTYPE html><html>", OtrsBroken, "HTML"),
        (200, b'{"Ticket":[', OtrsBroken, "no JSON"),
        (200, b"[]", OtrsBroken, "not a JSON object"),
        (200, b"\xff\xfe", OtrsBroken, "no JSON"),
    ],
)
def test_all_else_is_told_by_its_kind(status: int, body: bytes, kind: type[SourceError], reason: str) -> None:
    with pytest.raises(kind, match=reason) as caught:
        judged(status, body)
    assert type(caught.value) is kind
    assert caught.value.status == status


def test_otrs_s_errors_are_those_of_every_source() -> None:
    assert issubclass(OtrsUnreachable, SourceUnreachable)
    assert issubclass(OtrsBroken, SourceBroken)


def test_routes_can_be_changed_one_by_one() -> None:
    routes = routes_of({"TicketUpdate": "POST /TicketUpdate"})
    assert (routes["TicketUpdate"].method, routes["TicketUpdate"].path) == ("POST", "/TicketUpdate")
    assert {name: str(route) for name, route in routes.items() if name != "TicketUpdate"} == {
        name: route for name, route in DEFAULTS.items() if name != "TicketUpdate"
    }


def test_a_path_is_filled_with_its_values_and_nothing_secret_has_to_stand_in_it() -> None:
    routes = routes_of({})
    assert routes["TicketUpdate"].filled({"TicketID": 7}) == "/Ticket/7"
    assert routes["TicketHistoryGet"].filled({"TicketID": "1,2"}) == "/TicketHistory/1,2"
    assert routes["TicketHistoryGet"].filled({"TicketID": ["1", "2"]}) == "/TicketHistory/1,2"
    assert routes["TicketUpdate"].filled({"TicketID": "7/../8?x"}) == "/Ticket/7%2F..%2F8%3Fx"
    assert routes["SessionGet"].filled({}) == "/Session/-"
    assert routes["SessionGet"].names() == {"SessionID"}


@pytest.mark.parametrize(
    ("configured", "key"),
    [
        ({"TicketDelete": "POST /x"}, "otrs.routes.TicketDelete"),
        ({"TicketGet": "/TicketList"}, "otrs.routes.TicketGet"),
        ({"TicketGet": "FETCH /TicketList"}, "otrs.routes.TicketGet"),
        ({"TicketSearch": "GET /Ticket"}, "otrs.routes.TicketSearch"),
    ],
)
def test_a_route_that_cannot_work_is_named(configured: dict[str, str], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        routes_of(configured)
    assert caught.value.key == key
