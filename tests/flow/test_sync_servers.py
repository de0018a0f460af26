"""Passes over HTTP against servers in every bad state: an outcome per ticket, the others go on, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio_support.errors import AuthFailed, MissingRoute, OtrsBroken, OtrsUnreachable, SourceError
from studio_support.sync.run import Pass
from tests.bridge_house import House, open_house

DENIED = (
    b'{"Error":{"ErrorCode":"TicketUpdate.AccessDenied","ErrorMessage":"TicketUpdate: User does not have access!"}}'
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as made:
        made.begin()
        yield made


def failed(done: Pass) -> list[tuple[str, str]]:
    """Kind and ending of what did not go well."""
    bad = ("failed", "not sent", "unknown", "skipped")
    return [(one.action.key.kind, one.ending) for one in done.outcomes if one.ending in bad]  # type: ignore[union-attr]  # writes only


DOWN: list[tuple[str, dict[str, Any], type[SourceError]]] = [
    ("status", {"status": 502}, OtrsUnreachable),
    ("html", {}, OtrsBroken),
    ("no_status", {}, OtrsUnreachable),
    ("empty", {}, OtrsUnreachable),
    ("cut", {}, OtrsUnreachable),
    ("not_json", {}, OtrsBroken),
]


@pytest.mark.parametrize("operation", ["TicketSearch", "TicketGet"])
@pytest.mark.parametrize(("kind", "told", "error"), DOWN)
def test_while_otrs_cannot_be_read_nothing_is_written_and_afterwards_nothing_is_missing(
    house: House, operation: str, kind: Any, told: dict[str, Any], error: type[SourceError]
) -> None:
    one, two = house.mail("One"), house.mail("Two")
    house.znuny.fail(operation, kind, times=None, **told)
    for _ in range(2):
        with pytest.raises(error):
            house.next()
    assert house.letters() == {}
    house.znuny.faults.clear()
    done = house.next()
    assert house.letters() == {(one.id, "received"): 1, (two.id, "received"): 1}
    assert [problem.source for problem in done.told] == ["otrs"]
    assert "has ended" in done.told[0].message


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize(("kind", "told", "error"), [*DOWN, ("hang", {}, OtrsUnreachable)])
def test_a_letter_whose_answer_is_spoilt_is_its_tickets_own_trouble_and_goes_out_once(
    house: House, kind: Any, told: dict[str, Any], error: type[SourceError], applied: bool
) -> None:
    """HTML, no status line, nothing, a cut or a time-out: whether the server did it or not, one letter in the end."""
    tickets = [house.mail(f"Request {number}") for number in range(3)]
    house.znuny.fail("TicketUpdate", kind, skip=1, applied=applied, **told)
    house.timeout_seconds = 1 if kind == "hang" else 30
    done = house.next()
    assert failed(done) == [("received", "unknown")]
    assert house.letters()[tickets[0].id, "received"] == house.letters()[tickets[2].id, "received"] == 1
    assert len(done.failures) == 1 and tickets[1].number in done.failures[0].message
    assert [held.key.ticket_id for held in house.next(seconds=30).plan.held] == [tickets[1].id]
    house.next(minutes=5)
    assert house.letters() == {(ticket.id, "received"): 1 for ticket in tickets}
    house.next()
    assert house.next().quiet


def test_a_session_that_ends_in_the_middle_of_a_pass_is_renewed(house: House) -> None:
    tickets = [house.mail(f"Request {number}") for number in range(5)]
    house.znuny.fail("TicketUpdate", "expire", skip=3)
    assert failed(house.next()) == []
    assert house.letters() == {(ticket.id, "received"): 1 for ticket in tickets}


def test_a_wrong_password_stops_the_pass_and_no_letter_is_lost(house: House) -> None:
    ticket = house.mail()
    house.password = "wrong"
    with pytest.raises(AuthFailed) as refused:
        house.next()
    assert "wrong" not in str(refused.value)
    house.password = house.znuny.password
    house.next()
    assert house.letters() == {(ticket.id, "received"): 1}


def test_a_ticket_that_the_agent_may_see_no_more_is_named_and_the_others_go_on(house: House) -> None:
    house.znuny.add_queue("Board")
    lost, kept = house.mail("Lost"), house.mail("Kept")
    house.next()
    house.move(lost)
    house.redmine.fail("/projects", "status", times=None)
    house.next()  # something is owed on it
    house.redmine.faults.clear()
    lost.queue = "Board"
    house.znuny.agent("robot").queues = frozenset({"Support", "To Redmine"})
    house.move(kept)
    done = house.next()
    assert any(lost.number in problem.message and "cannot be read" in problem.message for problem in done.told)
    assert house.letters()[kept.id, "task_set"] == 1


def test_an_agent_who_may_only_read_is_named_per_ticket_and_tried_again_in_an_hour(house: House) -> None:
    one, two = house.mail("One"), house.mail("Two")
    house.znuny.fail("TicketUpdate", "status", status=200, body=DENIED)
    done = house.next()
    assert failed(done) == [("received", "failed")]
    assert one.number in done.failures[0].message and "access" in done.failures[0].message
    assert house.letters() == {(two.id, "received"): 1}
    assert house.next().plan.letters == 0
    house.next(minutes=61)
    assert house.letters() == {(one.id, "received"): 1, (two.id, "received"): 1}


def test_a_missing_route_is_named_with_the_yaml_to_import_for_reads_and_writes(house: House) -> None:
    ticket = house.mail()
    write = house.znuny.routes.pop("TicketUpdate")
    [failure] = house.next().failures
    assert ticket.number in failure.message
    assert "PATCH /Ticket/:TicketID" in failure.message and "webservice.yml" in failure.message
    house.znuny.routes["TicketUpdate"] = write
    read = house.znuny.routes.pop("TicketSearch")
    with pytest.raises(MissingRoute, match=r"POST /TicketSearch.*webservice\.yml"):
        house.next()
    house.znuny.routes["TicketSearch"] = read
    house.next(minutes=61)
    assert house.letters() == {(ticket.id, "received"): 1}


def test_a_dynamic_field_that_does_not_exist_is_named_and_the_issue_is_made_all_the_same(house: House) -> None:
    house.znuny.field_names.remove("RedmineIssue")
    ticket = house.mail()
    house.next()
    house.move(ticket)
    done = house.next()
    [issue] = house.issues(ticket)
    assert any("no dynamic field RedmineIssue" in problem.message for problem in done.told)
    assert house.letters()[ticket.id, "task_set"] == 1
    assert f"Ticket#{ticket.number}" in issue.description


def test_a_sender_without_a_customer_is_answered_and_named_and_the_others_become_issues(house: House) -> None:
    stranger = house.znuny.receive_mail("Who <who@nowhere.example>", "Hello", "Please call me.")
    ticket = house.mail()
    house.next()
    assert house.letters() == {(stranger.id, "received"): 1, (ticket.id, "received"): 1}
    house.move(stranger, ticket)
    done = house.next()
    assert any(stranger.number in problem.message and "no client lists" in problem.message for problem in done.told)
    assert (len(house.issues(stranger)), len(house.issues(ticket))) == (0, 1)


@pytest.mark.parametrize("kind", ["status", "drop", "html", "cut", "not_json"])
def test_while_redmine_cannot_be_read_clients_are_answered_and_issues_come_later(house: House, kind: Any) -> None:
    asked, fresh = house.mail("Asked"), house.mail("Fresh")
    house.move(asked)
    house.redmine.fail("/", kind, times=None)
    done = house.next()
    assert house.letters()[fresh.id, "received"] == 1
    assert any(problem.source == "redmine" for problem in done.failures)
    assert house.issues(asked) == []
    house.redmine.faults.clear()
    house.next()
    house.next()
    assert len(house.issues(asked)) == 1
    assert house.letters()[asked.id, "task_set"] == 1


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("kind", ["status", "drop", "html", "cut"])
def test_an_issue_whose_answer_is_spoilt_is_made_once_and_harms_no_other(
    house: House, kind: Any, applied: bool
) -> None:
    one, two = house.mail("One"), house.mail("Two")
    house.next()
    house.move(one, two)
    house.redmine.fail("/issues.json", kind, method="POST", applied=applied)
    done = house.next()
    assert failed(done) == [("issue", "unknown"), ("link", "skipped"), ("task_set", "skipped"), ("close", "skipped")]
    assert [len(house.issues(ticket)) for ticket in (one, two)][1] == 1
    house.next()
    assert [len(house.issues(ticket)) for ticket in (one, two)] == [1, 1]
    told = {(ticket.id, kind): 1 for ticket in (one, two) for kind in ("received", "task_set")}
    assert house.letters() == told


@pytest.mark.parametrize(
    "subject",
    [
        "<script>alert(1)</script> <b>bold</b>",
        'h1. {{toc}} *x* "link":http://127.0.0.1:1/ [[Wiki]] #1',
        "שלום עולם \u202eabc\u202c",
        "😀🎉 «ёлки»",
        "{{ number }} {% for x in y %}",
        "a\x00b\x07c",
        "x" * 5000,
        "",
    ],
)
def test_whatever_stands_in_subject_and_text_becomes_one_issue_and_two_letters(house: House, subject: str) -> None:
    """Markup, right-to-left text, emoji, template signs, control signs: a plain ticket beside it goes on too."""
    odd, plain = house.mail(subject, f"{subject}\n\ud800 and \ufffd"), house.mail("Plain")
    house.next()
    house.move(odd, plain)
    assert failed(house.next()) == []
    for ticket in (odd, plain):
        [issue] = house.issues(ticket)
        assert 0 < len(issue.subject) <= 255
        assert f"Ticket#{ticket.number}" in issue.description
    assert house.letters() == {(one.id, kind): 1 for one in (odd, plain) for kind in ("received", "task_set")}
    assert not any("<script>" in letter.html for letter in house.znuny.letters)
    house.next()
    assert house.next().quiet
