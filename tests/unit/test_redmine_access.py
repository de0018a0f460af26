"""What a key may see, who people are, and what doctor is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from studio_support.errors import IncompleteRead, OwnEntriesOnly, SourceBroken, SourceRefused, SourceUnreachable
from studio_support.model import Person
from studio_support.period import Month
from studio_support.redmine.source import RedmineSource
from studio_support.testing import FakeRedmine

OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def redmine() -> Iterator[FakeRedmine]:
    """An empty Redmine."""
    with FakeRedmine() as fake:
        yield fake


@pytest.fixture
def source(redmine: FakeRedmine) -> Iterator[Callable[..., RedmineSource]]:
    """Opens sources on it, as an administrator unless a key is given."""
    opened: list[RedmineSource] = []

    def make(key: str | None = None, ticket_field: str = "OTRS ticket") -> RedmineSource:
        opened.append(
            RedmineSource(
                redmine.url,
                key or redmine.admin_key,
                ticket_field=ticket_field,
                clock=lambda: NOW,
                backoff_seconds=0.01,
            )
        )
        return opened[-1]

    yield make
    for made in opened:
        made.close()


def robot(redmine: FakeRedmine) -> tuple[int, str]:
    """A user without rights, and the key."""
    number = redmine.add_user("robot", "Rob", "Ot")
    return number, redmine.key_of(number)


def test_a_role_without_view_time_entries_makes_projects_unreadable(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """Their clients can be parked; the others are read."""
    number, key = robot(redmine)
    blind, seeing = redmine.add_role("Reporter", "nothing"), redmine.add_role("Billing", "all")
    one, two = redmine.add_project("one", "One"), redmine.add_project("two", "Two")
    redmine.add_member(one, number, blind)
    redmine.add_member(two, number, seeing)
    reading = source(key).read_month(OCTOBER)
    assert {project.name: project.readable for project in reading.projects} == {"One": False, "Two": True}


def test_own_entries_in_one_project_of_many_stop_the_read(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """A month that is whole but for one project is not whole."""
    number, key = robot(redmine)
    own, full = redmine.add_role("Own time", "own"), redmine.add_role("Billing", "all")
    for place in range(5):
        redmine.add_member(redmine.add_project(f"p{place}", f"P{place}"), number, own if place == 3 else full)
    with pytest.raises(OwnEntriesOnly) as caught:
        source(key).read_month(OCTOBER)
    assert caught.value.roles == ("Own time",)


def test_a_key_of_own_time_alone_is_refused_before_anything_is_read(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """Two requests: who it is, and what the role sees."""
    number, key = robot(redmine)
    redmine.add_member(redmine.add_project("a", "A"), number, redmine.add_role("Own time", "own"))
    with pytest.raises(OwnEntriesOnly):
        source(key).read_month(OCTOBER)
    assert [seen.path for seen in redmine.requests] == ["/users/current.json", "/roles/3.json"]


def test_a_key_revoked_while_reading_is_refused(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """Lists answer 200 and nothing from then on: an empty month would be taken for whole."""
    redmine.book(redmine.add_project("a", "A"), 1, 1, date(2026, 10, 5))
    key = redmine.admin_key
    redmine.fail("/time_entries.json", "do", action=lambda: setattr(redmine.users[1], "key", "changed"))
    with pytest.raises(SourceRefused) as caught:
        source(key).read_month(OCTOBER)
    assert caught.value.status == 401


def test_rights_that_change_while_reading_are_an_error(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """A membership that ended takes entries away in silence."""
    number, key = robot(redmine)
    role, project = redmine.add_role("Billing", "all"), redmine.add_project("a", "A")
    redmine.add_member(project, number, role)
    redmine.book(project, 1, 1, date(2026, 10, 5))
    redmine.fail("/time_entries.json", "do", action=redmine.projects[project].members.clear)
    with pytest.raises(IncompleteRead, match="rights of the key's owner changed"):
        source(key).read_month(OCTOBER)


def test_a_key_revoked_before_people_and_issues_are_read(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """401 is no hidden person and no hidden issue."""
    project = redmine.add_project("a", "A")
    anna, issue = redmine.add_user("a.p", "Anna", "P"), redmine.add_issue(project, "Task")
    redmine.book(project, anna, 1, date(2026, 10, 5), issue=issue)
    for path in (f"/users/{anna}.json", "/issues.json"):
        redmine.fail(path, "status", status=401)
        with pytest.raises(SourceRefused):
            source().read_month(OCTOBER)


def test_own_entries_of_a_project_without_the_module_do_not_matter(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """No time can be booked there."""
    number, key = robot(redmine)
    redmine.add_member(redmine.add_project("w", "Wiki", modules=("wiki",)), number, redmine.add_role("Own", "own"))
    redmine.add_member(redmine.add_project("s", "Site"), number, redmine.add_role("Billing", "all"))
    assert [project.readable for project in source(key).read_month(OCTOBER).projects] == [False, True]


@pytest.mark.parametrize(("sees", "outcome"), [("all", True), ("nothing", False), ("own", None)])
def test_public_projects_are_seen_through_the_role_non_member(
    redmine: FakeRedmine, source: Callable[..., RedmineSource], sees: Any, outcome: bool | None
) -> None:
    """The role is asked for only if there is a public project that the key's owner is no member of."""
    _, key = robot(redmine)
    redmine.roles[1].sees = sees
    redmine.add_project("public", "Public", public=True)
    if outcome is None:
        with pytest.raises(OwnEntriesOnly) as caught:
            source(key).read_month(OCTOBER)
        assert caught.value.roles == ("Non member",)
    else:
        assert [project.readable for project in source(key).read_month(OCTOBER).projects] == [outcome]
    assert len(redmine.asked("/roles/1.json")) == 1


def test_roles_are_asked_for_once_each_and_not_for_administrators(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """Two projects, one role, one request."""
    number, key = robot(redmine)
    role = redmine.add_role("Billing", "all")
    for name in ("a", "b"):
        redmine.add_member(redmine.add_project(name, name), number, role)
    source().read_month(OCTOBER)
    assert redmine.asked("/roles/") == []
    source(key).read_month(OCTOBER)
    assert [seen.path for seen in redmine.asked("/roles/")] == [f"/roles/{role}.json"]


def test_an_administrator_sees_all_whatever_his_roles(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """Administrators are exempt from roles."""
    project = redmine.add_project("a", "A")
    redmine.add_member(project, 1, redmine.add_role("Own", "own"))
    assert [row.readable for row in source().read_month(OCTOBER).projects] == [True]


def test_more_than_a_hundred_projects_come_all(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """Three pages of the list."""
    for number in range(230):
        redmine.add_project(f"p{number}", f"P{number}", status="closed" if number % 2 else "active")
    assert len(source().read_month(OCTOBER).projects) == 230
    assert len(redmine.asked("/projects.json")) == 3


def test_a_list_that_shifts_while_paging_is_read_again(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """A project archived between two pages; one that never settles is an error."""
    ids = [redmine.add_project(f"p{number}", f"P{number}") for number in range(150)]
    redmine.fail("/projects.json", "do", skip=1, action=lambda: redmine.archive(ids[0]))
    assert len(source().read_month(OCTOBER).projects) == 149
    left = iter(ids[1:])
    redmine.fail("/projects.json", "do", skip=1, times=None, action=lambda: redmine.archive(next(left)))
    with pytest.raises(SourceBroken, match="rows came, the server counts"):
        source().read_month(OCTOBER)


def test_a_person_who_is_not_shown_stays_known_by_name(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """Asked for when unknown, and again only while a rate row names somebody unknown."""
    project, anna = redmine.add_project("a", "A"), redmine.add_user("a.p", "Anna", "Petrova")
    redmine.book(project, anna, 1, date(2026, 10, 5))
    redmine.fail(f"/users/{anna}.json", "status", status=404, times=None)
    assert source().read_month(OCTOBER).people == (Person(anna, "Anna Petrova"),)
    known = (Person(anna, "Anna Petrova"),)
    redmine.faults.clear()
    redmine.requests.clear()
    assert source().read_month(OCTOBER, known_people=known).people == known
    assert redmine.asked("/users/3") == []
    found = source().read_month(OCTOBER, known_people=known, wanted_people=("a.p",)).people
    assert found == (Person(anna, "Anna Petrova", "a.p"),)
    assert redmine.asked("/users.json") == []


def test_a_server_fault_while_asking_for_people_is_no_lost_person(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """500 is not 404: the read fails rather than forget a login."""
    redmine.book(redmine.add_project("a", "A"), redmine.add_user("a.p", "Anna", "P"), 1, date(2026, 10, 5))
    redmine.fail("/users/3.json", "status", status=500, times=None)
    with pytest.raises(SourceUnreachable):
        source().read_month(OCTOBER)


@pytest.mark.parametrize("wanted", ["A.P", "a.p", "Anna Petrova", "#3"])
def test_rate_rows_that_name_known_people_cost_nothing(
    redmine: FakeRedmine, source: Callable[..., RedmineSource], wanted: str
) -> None:
    """By login in any case, by full name, by id."""
    redmine.add_user("a.p", "Anna", "Petrova")
    source().read_month(OCTOBER, known_people=(Person(3, "Anna Petrova", "a.p"),), wanted_people=(wanted,))
    assert redmine.asked("/users.json") == []


def test_a_rate_row_that_names_somebody_by_id_is_asked_for_by_it(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """Without time here; one request, of any key, and none once he is remembered. Nobody else is looked for."""
    redmine.add_user("a.p", "Anna", "Petrova")
    redmine.book(redmine.add_project("a", "A"), redmine.add_user("b", "Bo", "B"), 1, date(2026, 10, 5))
    anna = Person(3, "Anna Petrova", "a.p")
    assert anna in source().read_month(OCTOBER, wanted_people=("#3", "#99")).people
    assert len(redmine.asked("/users/3.json")) == len(redmine.asked("/users/99.json")) == 1
    assert redmine.asked("/users.json") == []
    redmine.requests.clear()
    assert anna in source().read_month(OCTOBER, known_people=(anna,), wanted_people=("#3",)).people
    assert redmine.asked("/users/3.json") == []


def test_a_key_that_may_not_list_people_does_not_try(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """The list of users is for administrators."""
    _, key = robot(redmine)
    source(key).read_month(OCTOBER, wanted_people=("nobody",))
    assert redmine.asked("/users.json") == []


def checks(made: RedmineSource) -> dict[str, tuple[bool, str, str]]:
    """Name -> passed, what was found, next step."""
    return {check.name: (check.ok, check.detail, check.next_step) for check in made.check()}


def test_doctor_finds_all_well(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """Each check says what it found; the next step is empty."""
    project = redmine.add_project("a", "A")
    redmine.add_project("w", "Wiki", modules=("wiki",))
    redmine.add_issue(project, "Task")
    redmine.book(project, 1, 1, date(2026, 10, 5))
    found = checks(source())
    assert {name: row[0] for name, row in found.items()} == dict.fromkeys(
        ["server", "key", "time entries", "projects", "ticket field", "CSV export", "clock"], True
    )
    assert all(row[2] == "" for row in found.values())
    assert found["key"][1] == "belongs to admin, an administrator"
    assert found["projects"][1] == "2 visible, without readable time: Wiki"


def test_doctor_names_each_fault(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """No projects, another field, no export, a clock ahead: each with a next step."""
    project = redmine.add_project("a", "A", modules=("issue_tracking",))
    redmine.add_issue(project, "Task")
    redmine.projects[project].modules = ("issue_tracking",)
    busy = redmine.add_project("b", "B")
    redmine.book(busy, 1, 1, date(2026, 10, 5), created_on=NOW + timedelta(hours=3))
    redmine.csv = False
    found = checks(source(ticket_field="Ticket no"))
    assert found["projects"][0] is True
    assert found["ticket field"][:2] == (
        False,
        "none of the 1 newest issues has a field 'Ticket no'; fields seen: OTRS ticket",
    )
    assert found["CSV export"][0] is False
    assert found["clock"][:2] == (
        False,
        "the newest time entry was booked at 2026-11-21 12:30 UTC, here it is 09:30",
    )
    assert all(step for ok, _, step in found.values() if not ok)


def test_doctor_without_projects_or_issues(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """A key that sees nothing, and one that sees projects without time."""
    assert checks(source())["projects"][:2] == (False, "the key sees no project")
    assert checks(source())["ticket field"][0] is True
    redmine.add_project("w", "Wiki", modules=("wiki",))
    assert checks(source())["projects"][:2] == (False, "no project whose time entries the key can read")


def test_doctor_on_a_key_that_sees_its_own_time(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """The role is named, the permission that it lacks too."""
    number, key = robot(redmine)
    redmine.add_member(redmine.add_project("a", "A"), number, redmine.add_role("Own time", "own"))
    ok, detail, step = checks(source(key))["time entries"]
    assert (ok, "Own time" in detail, "View spent time" in step) == (False, True, True)


def test_doctor_on_a_wrong_key_rest_off_and_no_server(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """One check each: the others would say nothing."""
    assert [(check.name, check.ok) for check in source("f" * 40).check()] == [("key", False)]
    redmine.rest = False
    assert [(check.name, check.ok) for check in source().check()] == [("REST interface", False)]
    redmine.rest = True
    redmine.fail("/users/current.json", "status", status=500, times=None)
    assert [(check.name, check.ok) for check in source().check()] == [("server", False)]
    redmine.faults.clear()
    redmine.fail("/issues.json", "status", status=500, times=None)
    assert [(check.name, check.ok) for check in source().check()][-1] == ("server", False)


def test_a_missing_first_page_of_the_user_is_no_redmine(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """404 where every Redmine answers."""
    redmine.fail("/users/current.json", "status", status=404)
    with pytest.raises(SourceBroken, match="no Redmine at this address"):
        source().read_month(OCTOBER)
    redmine.fail("/users/current.json", "status", status=403)
    with pytest.raises(SourceRefused):
        source().read_month(OCTOBER)
