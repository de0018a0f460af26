"""Rows of Redmine as values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.errors import Problem
from studio_support.model import Issue, Person, Project, TimeEntry
from studio_support.redmine.mapping import (
    BrokenRow,
    entry_of,
    field_id,
    fields_of,
    hours_as_minutes,
    instant_of,
    issue_of,
    minutes_of,
    person_of,
    project_of,
    row_id,
    ticket_in,
)


def entry_row(**changes: Any) -> dict[str, Any]:
    """A time entry as Redmine 5.0.4 sends it."""
    row = {
        "id": 220,
        "project": {"id": 18, "name": "Client 14"},
        "issue": {"id": 336},
        "user": {"id": 5, "name": "Anna Petrova"},
        "activity": {"id": 9, "name": "Development"},
        "hours": Decimal("0.33"),
        "comments": "text",
        "spent_on": "2026-11-21",
        "created_on": "2026-11-21T19:11:59Z",
        "custom_fields": [{"id": 3, "name": "Invoice", "value": None}, {"id": 4, "name": "Billable", "value": "1"}],
    }
    return row | changes


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [
        (0, 0),
        (2, 120),
        (Decimal("0.01"), 1),
        (Decimal("0.33"), 20),
        (Decimal("7.25"), 435),
        (Decimal("0.125"), 8),
        (Decimal("0.325"), 20),
        (Decimal("-0.125"), -8),
        (Decimal("-1.5"), -90),
        (Decimal("5E+2"), 30000),
        ("1/3", 20),
        ("-1/3", -20),
        ("29/4", 435),
        ("7.25", 435),
        ("7,25", 435),
        (" 1.5 ", 90),
        ("0:20", 20),
        ("-0:20", -20),
        ("12:05", 725),
        (".5", 30),
        ("3.", 180),
        (999, 59940),
    ],
)
def test_hours_become_whole_minutes_half_up(hours: object, minutes: int) -> None:
    """Each form of hours that was ever seen; 7.5 minutes are 8, 19.5 are 20."""
    assert minutes_of(hours) == minutes


@pytest.mark.parametrize(
    "hours",
    [
        *(None, True, 1.5, "", "abc", "1h", "1/0", "0:60", "1.2.3", "1,234.5", "9999999999", 10**10, [], {}),
        *(Decimal("NaN"), Decimal("Infinity"), Decimal("1E+60"), Decimal("1E-60")),
    ],
)
def test_what_is_no_number_of_hours_is_refused(hours: object) -> None:
    """A float too: it must not get this far."""
    with pytest.raises(ValueError, match="no number of hours"):
        minutes_of(hours)


@given(st.integers(min_value=0, max_value=600_000))
def test_every_whole_minute_survives_two_decimals(minutes: int) -> None:
    """What Redmine rounds to two decimals of an hour comes back exactly."""
    shown = (Decimal(minutes) / 60).quantize(Decimal("0.01"))
    assert minutes_of(shown) == minutes
    assert minutes_of(str(shown).replace(".", ",")) == minutes
    assert minutes_of(f"{minutes}/60") == minutes


def test_an_entry_with_everything() -> None:
    """All parts of a row arrive, fields without a value are left out."""
    assert entry_of(entry_row()) == TimeEntry(
        id="220",
        project_id=18,
        project="Client 14",
        issue_id=336,
        user_id=5,
        user="Anna Petrova",
        activity="Development",
        minutes=20,
        spent_on=date(2026, 11, 21),
        created_on=datetime(2026, 11, 21, 19, 11, 59, tzinfo=UTC),
        comments="text",
        fields=(("Billable", "1"),),
    )


def test_an_entry_with_little() -> None:
    """No issue, no comment, no activity, no time of booking, no fields: still an entry."""
    row = entry_row(comments=None, activity=None, created_on=None, custom_fields=None)
    del row["issue"]
    entry = entry_of(row)
    assert isinstance(entry, TimeEntry)
    assert (entry.issue_id, entry.comments, entry.activity, entry.created_on, entry.fields) == (None, "", "", None, ())


def test_negative_and_absurd_hours_stay_entries() -> None:
    """Whether they can be billed is judged by the plan."""
    negative, absurd = entry_of(entry_row(hours=Decimal("-2.0"))), entry_of(entry_row(hours=5000))
    assert isinstance(negative, TimeEntry) and negative.minutes == -120
    assert isinstance(absurd, TimeEntry) and absurd.minutes == 300_000


def test_unreadable_hours_are_a_problem_that_names_the_entry() -> None:
    """The other rows are read on."""
    problem = entry_of(entry_row(hours="a lot"))
    assert isinstance(problem, Problem)
    assert problem.source == "entry:220"
    assert "Client 14, Anna Petrova, 2026-11-21" in problem.message
    assert "'a lot'" in problem.message
    assert "220" in problem.next_step


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": "220"},
        {"id": True},
        {"id": 0},
        {"project": None},
        {"project": {"name": "no id"}},
        {"user": None},
        {"user": 5},
        {"issue": {}},
        {"spent_on": None},
        {"spent_on": "21.11.2026"},
        {"created_on": "yesterday"},
        {"created_on": "2026-11-21T19:11:59"},
    ],
)
def test_what_is_no_time_entry_breaks_the_answer(changes: dict[str, Any]) -> None:
    """Such a row means that the whole answer is of another kind."""
    with pytest.raises(BrokenRow):
        entry_of(entry_row(**changes))


def test_a_row_that_is_no_object_has_no_id() -> None:
    """A list of numbers is no list of rows."""
    with pytest.raises(BrokenRow):
        row_id(17)


def test_instants_are_utc() -> None:
    """An offset is taken into account; null and "" are no instant."""
    assert instant_of("2026-11-21T19:00:00+03:00") == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert instant_of(None) is None
    assert instant_of("") is None


def test_fields_of_all_kinds() -> None:
    """Lists are joined, empty ones and rows of another kind are left out."""
    rows = [
        {"id": 1, "name": "Payer", "value": "ACME"},
        {"id": 2, "name": "Sites", "value": ["a", "b"]},
        {"id": 3, "name": "Empty", "value": ""},
        {"id": 4, "name": "None", "value": []},
        "noise",
    ]
    assert fields_of(rows) == (("Payer", "ACME"), ("Sites", "a, b"))
    assert fields_of(None) == ()
    assert field_id(rows, "Sites") == 2
    assert field_id(rows, "Absent") is None
    assert field_id(None, "Sites") is None


@pytest.mark.parametrize(
    ("value", "subject", "description", "ticket"),
    [
        ("2026102010000037", "Form", "Ticket#1111111111", "2026102010000037"),
        (" Ticket#2026102010000037 ", "Form", "", "2026102010000037"),
        ("ABC-7", "Form", "", "ABC-7"),
        ("", "[Ticket#2026102010000045] Form", "Ticket#1111111111", "2026102010000045"),
        ("", "Form", "see ticket № 2026102010000052.", "2026102010000052"),
        ("", "Form", "Ticket no. 2026102010000052", "2026102010000052"),
        ("", "Form #12345678", "a ticket from 2026", ""),
    ],
)
def test_the_ticket_comes_from_the_field_else_from_the_text(
    value: str, subject: str, description: str, ticket: str
) -> None:
    """The field wins over subject and description; a bare issue number is no ticket."""
    row = {
        "id": 7,
        "subject": subject,
        "description": description,
        "custom_fields": [{"id": 1, "name": "OTRS ticket", "value": value}],
    }
    assert issue_of(row, "OTRS ticket").ticket == ticket


def test_an_issue_with_and_without_hours() -> None:
    """Estimates in minutes; what is null or unreadable is unknown."""
    full = {
        "id": 7,
        "subject": "Form",
        "tracker": {"id": 1, "name": "Bug"},
        "status": {"id": 2, "name": "Closed"},
        "estimated_hours": Decimal("2.5"),
        "spent_hours": Decimal("42.663333333333334"),
    }
    assert issue_of(full, "") == Issue(7, "Form", "Bug", "Closed", "", 150, 2560)
    assert issue_of({"id": 8, "estimated_hours": "much"}, "OTRS ticket") == Issue(8, "")
    assert hours_as_minutes(None) is None


def test_a_ticket_in_no_text_is_none() -> None:
    """Nothing found is an empty text."""
    assert ticket_in("") == ""


def test_projects_readable_by_their_modules() -> None:
    """Unknown modules count as readable; an unknown status is shown as its number."""
    base = {"id": 3, "identifier": "acme", "name": "ACME", "status": 1}
    on, off = [{"id": 1, "name": "time_tracking"}], [{"id": 1, "name": "wiki"}]
    assert project_of(base) == Project(3, "acme", "ACME")
    assert project_of(base | {"enabled_modules": on, "parent": {"id": 2}}) == Project(3, "acme", "ACME", 2)
    assert project_of(base | {"enabled_modules": off}).readable is False
    assert project_of(base | {"status": 5}).status == "closed"
    assert project_of(base | {"status": 77}).status == "77"
    assert project_of({"id": 3}).status == "active"


def test_people_with_and_without_login() -> None:
    """Anonymous has an empty login and no first name."""
    assert person_of({"id": 5, "login": "a.p", "firstname": "Anna", "lastname": "P"}) == Person(5, "Anna P", "a.p")
    assert person_of({"id": 4, "login": "", "firstname": "", "lastname": "Anonymous"}) == Person(4, "Anonymous")
