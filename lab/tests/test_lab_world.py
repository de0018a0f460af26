"""The seeded world: the same every time, and with all that is meant to break careless code."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from studio_lab.seed import config_files, texts
from studio_lab.seed.load import nested_set
from studio_lab.seed.size import Size, add_months
from studio_lab.seed.world import ARCHIVED, CLOSED, DELETED, LOCKED, RENAMED, Project, World, build
from studio_lab.state import Lab
from studio_support.config import load_clients, load_people, load_settings

SIZE = Size(clients=14, entries=3_000)


@pytest.fixture(scope="module")
def world() -> World:
    return build(SIZE)


def test_same_arguments_give_the_same_world_and_another_seed_another(world: World) -> None:
    """Tests and templates are keyed by the arguments alone."""
    assert build(SIZE) == world
    assert build(replace(SIZE, seed=2)).entries != world.entries
    assert SIZE.key() == replace(SIZE).key() != replace(SIZE, seed=2).key()


def test_window_and_months_cross_the_year() -> None:
    """Three months ending with January begin in November."""
    assert Size(month="2026-01").window() == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
    assert add_months(date(2026, 12, 1), 1) == date(2027, 1, 1)


def test_sizes_are_kept(world: World) -> None:
    """As many entries as asked for, each month of the window its share, a few in the months beside it."""
    assert len(world.entries) == 3_000
    assert len(world.clients) == 14
    by_month: dict[str, int] = {}
    for entry in world.entries:
        by_month[f"{entry.spent_on:%Y-%m}"] = by_month.get(f"{entry.spent_on:%Y-%m}", 0) + 1
    assert set(by_month) == {"2026-07", "2026-08", "2026-09", "2026-10", "2026-11"}
    assert all(by_month[month] > 900 for month in ("2026-08", "2026-09", "2026-10"))
    assert 0 < by_month["2026-07"] + by_month["2026-11"] < 60


@pytest.mark.parametrize("clients", [1, 2, 3, 5, 6, 7, 8, 11])
def test_small_worlds_are_whole_too(clients: int) -> None:
    """Fewer clients only mean fewer peculiarities: every listed project exists, in one file unless it is shared."""
    small = build(Size(clients=clients, entries=50))
    identifiers = {project.identifier for project in small.projects}
    listed = [project for client in small.clients for project in client.projects if project != "client-0001-shop"]
    assert set(listed) <= identifiers
    assert [project for project in listed if listed.count(project) > 1] == ["shared-0001"] * (2 if clients >= 7 else 0)
    assert len(small.entries) == 50


def test_projects_have_their_peculiarities(world: World) -> None:
    """Closed, archived, internal, two of one name, three levels, and a subproject that another client lists."""
    by_id = {project.identifier: project for project in world.projects}
    assert by_id["client-0005-old"].status == CLOSED
    assert by_id["archived-0001"].status == ARCHIVED
    assert by_id["client-0003-relaunch"].name == by_id["client-0004-relaunch"].name == "Relaunch"
    names = [project.name for project in world.projects if project.name != "Relaunch"]
    assert len(names) == len(set(names))
    assert by_id["client-0010-web-blog"].parent == "client-0010-web"
    assert by_id["client-0001-shop"].parent == "client-0001"
    assert "client-0001-shop" in world.clients[1].projects
    assert {entry.project for entry in world.entries} == set(by_id)


def test_shared_project_tells_the_payer_of_every_entry(world: World) -> None:
    """Time without an issue has no payer, so there is none."""
    payers = {client.payer for client in world.clients if client.payer}
    by_number = {issue.number: issue for issue in world.issues}
    shared = [entry for entry in world.entries if entry.project == "shared-0001"]
    assert len(payers) == 2
    assert {by_number[entry.issue].payer for entry in shared if entry.issue} == payers
    assert all(entry.issue for entry in shared)


def test_entries_have_odd_comments_hours_and_people(world: World) -> None:
    """Each kind that the readers must bear is there at least once."""
    comments = {entry.comment for entry in world.entries}
    assert {None, "", *texts.ODD_COMMENTS} <= comments
    assert {len(comment) for comment in texts.ODD_COMMENTS if len(comment) > 1000} == {1024}
    hours = {entry.hours for entry in world.entries}
    assert {0.0, 0.01, 0.33, 7.25, 1 / 3, 1.3333333333} <= hours
    assert {RENAMED, LOCKED, DELETED, "own"} <= {entry.login for entry in world.entries}
    assert any(entry.issue is None for entry in world.entries)


def test_some_entries_are_booked_late_and_none_after_the_horizon(world: World) -> None:
    """Late is after the month of the work; nothing is created in a future that the studio has not seen."""
    late = [entry for entry in world.entries if entry.created_at.date() >= add_months(entry.spent_on.replace(day=1), 1)]
    assert len(late) > 30
    assert max(entry.created_at.date() for entry in world.entries) < date(2026, 11, 20)
    assert all(entry.created_at.date() >= entry.spent_on for entry in world.entries)
    assert world.entries == sorted(world.entries, key=lambda entry: entry.created_at)


def test_last_client_is_quiet_and_the_one_before_is_new(world: World) -> None:
    """But for one entry that every project gets, one has nothing in the last month and the other nothing before it."""
    october = date(2026, 10, 1)
    quiet = [entry for entry in world.entries if entry.project == "client-0014" and entry.spent_on >= october]
    fresh = [entry for entry in world.entries if entry.project == "client-0013" and entry.spent_on < october]
    assert len(quiet) <= 1
    assert len(fresh) <= 1


def test_nested_set_counts_every_project_twice() -> None:
    """Siblings by name: A(1, 6) holds B(2, 3) and C(4, 5); D(7, 8) follows."""
    projects = [Project("d", "D"), Project("c", "C", "a"), Project("a", "A"), Project("b", "B", "a")]
    assert nested_set(projects) == {"a": (1, 6), "b": (2, 3), "c": (4, 5), "d": (7, 8)}


def test_configuration_lists_every_project_that_can_be_read(world: World, tmp_path: Path) -> None:
    """Each is listed, below a listed one, or internal; the archived one is in no file."""
    lab = Lab("dev", 15400)
    config_files.write(lab, world, tmp_path, leave_out=0)
    studio = tomllib.loads((tmp_path / "studio-support.toml").read_text(encoding="utf-8"))
    clients = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((tmp_path / "clients").iterdir())]
    people = tomllib.loads((tmp_path / "people.toml").read_text(encoding="utf-8"))
    listed = {project for client in clients for project in client["redmine_projects"]}
    listed |= set(studio["billing"]["internal_projects"])
    for project in world.projects:
        parts = project.identifier.split("-")
        ancestors = {"-".join(parts[:count]) for count in range(1, len(parts) + 1)}
        assert bool(ancestors & listed) == (project.identifier != "archived-0001")
    assert studio["redmine"]["url"] == "http://127.0.0.1:15401"
    assert studio["mail"]["smtp_url"] == "smtp://127.0.0.1:15402"
    assert "a.petrova" in people
    assert DELETED not in people
    assert {client["currency"] for client in clients} == {"RUB", "EUR"}
    assert (tmp_path / "env.sh").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "link.secret").stat().st_mode & 0o777 == 0o600


def test_configuration_leaves_clients_out_on_request(world: World, tmp_path: Path) -> None:
    """Their projects are there to be discovered; files of an earlier, larger world go."""
    lab = Lab("dev", 15400)
    config_files.write(lab, world, tmp_path, leave_out=0)
    config_files.write(lab, world, tmp_path, leave_out=3)
    assert len(list((tmp_path / "clients").iterdir())) == 11


def test_product_takes_the_configuration_without_a_problem(tmp_path: Path) -> None:
    """All files of the usual size, read as the product reads them."""
    config_files.write(Lab("dev", 15400), build(Size(entries=100)), tmp_path, leave_out=0)
    settings = load_settings(tmp_path / "studio-support.toml")
    book = load_clients(tmp_path / "clients", settings)
    assert len(book.clients) == 40
    assert not book.problems
    assert not book.notices
    assert "i.ivanov" in load_people(tmp_path / "people.toml").by_login
