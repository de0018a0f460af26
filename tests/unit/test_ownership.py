"""Whose time an entry is: the nearest listed ancestor's, once for all; listings that cannot be trusted park."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio_support.billing.ownership import NOBODY, Owner, Owners, find_owners, key_of, passes
from studio_support.billing.terms import Client, Only
from studio_support.model import Issue, Project, SourceKind
from tests.months import OTHER, SHOP, SITE, client, entry, reading

DEEP = Project(4, "deep", "Deep", parent_id=2)
ALL = (SITE, SHOP, OTHER, DEEP)
PAYER_A, PAYER_B = Only("issue_field", "Payer", "A"), Only("entry_field", "Payer", "B")


def owners(
    *clients: Client,
    projects: tuple[Project, ...] = ALL,
    internal: tuple[str, ...] = (),
    source: SourceKind = "redmine",
) -> Owners:
    return find_owners(reading(projects=projects, source=source), clients, internal)


def owner(found: Owners, project: Project) -> Owner:
    return found.of(entry(1, in_project=project))


def complaints(found: Owners) -> list[tuple[str | None, str]]:
    return [(problem.client, problem.message) for problem in found.problems]


def test_time_belongs_to_the_nearest_listed_ancestor() -> None:
    """A lists the parent, B the child: the child's child is B's, and nothing is both's."""
    found = owners(client("a", "site"), client("b", "shop"))
    assert owner(found, SITE) == Owner(("a",))
    assert owner(found, SHOP) == Owner(("b",))
    assert owner(found, DEEP) == owner(found, DEEP) == Owner(("b",))
    assert owner(found, OTHER) == NOBODY
    assert complaints(found) == []


def test_identifier_comes_before_name() -> None:
    """A project may be named like another's identifier."""
    named_site = replace(OTHER, name="site")
    found = owners(client("a", "site"), projects=(SITE, named_site))
    assert owner(found, SITE) == Owner(("a",))
    assert owner(found, named_site) == NOBODY


def test_a_name_is_as_good_where_one_project_bears_it() -> None:
    assert owner(owners(client("a", "Shop")), SHOP) == Owner(("a",))


def test_an_internal_project_keeps_its_subprojects_but_not_a_clients() -> None:
    found = owners(client("b", "deep"), internal=("site", "site", "nowhere"))
    assert owner(found, SHOP) == Owner(internal=True)
    assert owner(found, DEEP) == Owner(("b",))
    assert complaints(found) == []


def test_a_project_of_client_and_studio_at_once_parks_the_client() -> None:
    found = owners(client("a", "site"), internal=("site",))
    assert owner(found, SITE) == Owner(("a",))
    assert complaints(found) == [("a", 'The project "Site" is listed by this client and in internal_projects.')]


def test_a_name_of_two_projects_parks_the_client_and_is_told_apart_by_identifiers() -> None:
    twin = replace(OTHER, name="Site")
    found = owners(client("a", "Site"), projects=(SITE, twin))
    assert complaints(found) == [("a", 'The project "Site" is the name of 2 projects.')]
    assert found.problems[0].next_step == "List it by identifier: other, site."
    assert owner(found, SITE) == owner(found, twin) == Owner(("a",))


def test_an_exact_listing_is_not_parked_by_another_clients_doubtful_one() -> None:
    """A wrote a name that two projects bear; B listed one of them by identifier, and goes on."""
    twin = replace(OTHER, name="Site")
    found = owners(client("a", "Site"), client("b", "other"), projects=(SITE, twin))
    assert owner(found, twin) == Owner(("b",))
    assert owner(found, SITE) == Owner(("a",))
    assert {problem.client for problem in found.problems} == {"a"}


def test_an_internal_name_of_two_projects_makes_neither_internal() -> None:
    """Else a client's project would be worked on for nothing."""
    twin = replace(OTHER, name="Site")
    found = owners(projects=(SITE, twin), internal=("Site",))
    assert owner(found, SITE) == owner(found, twin) == NOBODY
    assert [problem.client for problem in found.problems] == [None]
    assert "List it by identifier: other, site." in found.problems[0].next_step


@pytest.mark.parametrize(
    "project",
    [
        replace(SITE, readable=False),
        replace(SITE, status="archived"),
        replace(SITE, status="being deleted"),
        replace(SITE, identifier="renamed", name="Renamed"),
    ],
)
def test_a_listed_project_that_cannot_be_read_parks_its_client(project: Project) -> None:
    (problem,) = owners(client("a", "site"), projects=(project,)).problems
    assert problem.client == "a"
    assert '"site"' in problem.message
    assert "cannot be read" in problem.message


def test_a_closed_project_is_readable() -> None:
    assert owners(client("a", "site"), projects=(replace(SITE, status="closed"),)).problems == []


def test_a_csv_names_only_projects_with_time_in_it() -> None:
    """A project that is missing there had none; one that is there has neither id nor parent."""
    bare = Project(None, "", "Site")
    found = owners(client("a", "Site"), client("b", "Shop"), projects=(bare,), source="csv")
    assert found.problems == []
    assert found.of(entry("csv:1", project_id=None, project="Site")) == Owner(("a",))
    assert found.of(entry("csv:2", project_id=None, project="Shop")) == NOBODY


def test_a_project_in_two_files_parks_both_unless_both_say_only() -> None:
    found = owners(client("a", "site"), client("b", "Site", only=PAYER_B))
    assert owner(found, SITE) == Owner(("a", "b"))
    assert [client for client, _ in complaints(found)] == ["a", "b"]
    assert "listed by b too" in found.problems[0].message
    shared = owners(client("a", "site", only=PAYER_A), client("b", "site", only=PAYER_B))
    assert owner(shared, SITE) == Owner(("a", "b"))
    assert shared.problems == []


def test_listing_a_project_twice_in_one_file_is_listing_it_once() -> None:
    found = owners(client("a", "site", "Site", "site"))
    assert owner(found, SITE) == Owner(("a",))
    assert found.problems == []


def test_a_draft_gives_way_to_a_client() -> None:
    """A draft that repeats a client's project must not park the client; two drafts are both nobody's yet."""
    found = owners(client("a", "site"), client("d", "site", draft=True))
    assert owner(found, SITE) == Owner(("a",))
    assert found.problems == []
    assert owner(owners(client("d", "site", draft=True)), SITE) == Owner(("d",))


def test_a_broken_file_does_not_park_a_client_who_says_only() -> None:
    found = owners(client("a", "site", only=PAYER_A), client("b", "site", broken=True))
    assert owner(found, SITE) == Owner(("a", "b"))
    assert found.problems == []


def test_parents_in_a_ring_belong_to_nobody() -> None:
    """Redmine never makes them; a broken answer must not hang us."""
    ring = (replace(SITE, parent_id=2), SHOP)
    assert owner(owners(projects=ring), SHOP) == NOBODY


def test_a_parent_that_is_not_shown_ends_the_search() -> None:
    assert owner(owners(client("a", "site"), projects=(SITE, replace(SHOP, parent_id=99))), SHOP) == NOBODY


def test_a_project_that_the_list_does_not_hold_is_nobodys() -> None:
    assert owner(owners(client("a", "site")), Project(99, "new", "New")) == NOBODY


def test_keys_are_ids_where_there_are_any() -> None:
    assert (key_of(1, "Site"), key_of(None, "Site")) == (1, "Site")


@pytest.mark.parametrize(
    ("only", "on_entry", "on_issue", "is_his"),
    [
        (None, "", "", True),
        (PAYER_A, "", "A", True),
        (PAYER_A, "A", "", False),
        (PAYER_A, "A", None, False),
        (PAYER_B, "B", "", True),
        (PAYER_B, "", "B", False),
        (PAYER_B, "A", "B", False),
    ],
)
def test_only_looks_at_the_field_it_names(only: Only | None, on_entry: str, on_issue: str | None, is_his: bool) -> None:
    """An issue's field is not an entry's, and time without an issue has no issue's field."""
    row = entry(1, fields=(("Payer", on_entry),), issue_id=None if on_issue is None else 5)
    task = None if on_issue is None else Issue(5, "Task", fields=(("Payer", on_issue),))
    assert passes(only, row, task) is is_his
