"""Projects that no client lists become drafts, once, and never over somebody's file."""

from __future__ import annotations

from pathlib import Path

from studio_invoices.model import Party
from studio_support.billing.terms import Client
from studio_support.config import load_clients, load_settings
from studio_support.config.discover import drafts_for, unlisted_projects
from studio_support.config.writing import write_drafts, write_text
from studio_support.model import Project


def client(*projects: str, draft: bool = False) -> Client:
    return Client("c", Party("C"), "de", "EUR", redmine_projects=projects, draft=draft)


TREE = (
    Project(1, "acme", "ACME"),
    Project(2, "acme-site", "Site", parent_id=1),
    Project(3, "best", "Best"),
    Project(4, "best-shop", "Shop", parent_id=3),
    Project(5, "best-shop-api", "API", parent_id=4),
    Project(6, "office", "Office"),
    Project(7, "old", "Old", readable=False, status="archived"),
    Project(8, "frame", "Frame", readable=False),
    Project(9, "frame-a", "A", parent_id=8),
    Project(10, "closed", "Closed", status="closed"),
)


def found(*clients: Client, internal: tuple[str, ...] = ()) -> list[str]:
    return [project.identifier for project in unlisted_projects(TREE, clients, internal)]


def test_only_the_topmost_of_a_tree_is_found() -> None:
    """A project that cannot be read is nobody's; its readable child stands for itself."""
    assert found() == ["acme", "best", "closed", "frame-a", "office"]


def test_a_project_is_listed_by_identifier_name_or_ancestor() -> None:
    assert found(client("acme", "Best"), client("Frame", "closed"), internal=("Office",)) == []


def test_a_child_that_is_listed_leaves_its_parent_open() -> None:
    assert found(client("best-shop", "acme", "closed", "frame", "office")) == ["best"]


def test_drafts_list_their_projects_too() -> None:
    assert "acme" not in found(client("acme", draft=True))


def test_projects_of_an_export_are_known_by_name_only() -> None:
    projects = (Project(None, "", "ACME Site"), Project(None, "", "Best"))
    assert [p.name for p in unlisted_projects(projects, [client("Best")], [])] == ["ACME Site"]


def test_a_circle_of_projects_ends() -> None:
    circle = (Project(1, "a", "A", parent_id=2), Project(2, "b", "B", parent_id=1))
    assert unlisted_projects(circle, [client("a")], []) == ()


def ids(projects: tuple[Project, ...], *taken: str) -> list[str]:
    return [draft.id for draft in drafts_for(projects, taken, country="DE", language="de", currency="EUR")]


def test_ids_come_from_identifiers_and_are_free() -> None:
    projects = (
        Project(1, "acme", "A"),
        Project(2, "Acme", "B"),
        Project(None, "", "Ärzte & Co"),
        Project(4, "", "Сайт"),
        Project(None, "", "Сайт"),
    )
    assert ids(projects, "acme", "acme-2") == ["acme-3", "acme-4", "rzte-co", "project-4", "project-1"]


def test_drafts_are_written_once_and_load_as_drafts(tmp_path: Path) -> None:
    (tmp_path / "studio-support.toml").write_text("[billing]\n", encoding="utf-8")
    settings = load_settings(tmp_path / "studio-support.toml")
    projects = (Project(1, "acme", 'A "quoted" \\ name'), Project(None, "", "Büro"))
    drafts = drafts_for(projects, (), country="DE", language="de", currency="EUR")
    folder = settings.clients_folder
    assert [path.name for path in write_drafts(folder, drafts)] == ["acme.toml", "b-ro.toml"]
    assert write_drafts(folder, drafts) == ()
    book = load_clients(folder, settings)
    assert (book.problems, book.notices) == ((), ())
    assert [(c.id, c.draft, c.redmine_projects, c.party.name) for c in book.clients.values()] == [
        ("acme", True, ("acme",), 'A "quoted" \\ name'),
        ("b-ro", True, ("Büro",), "Büro"),
    ]
    assert unlisted_projects(projects, book.clients.values(), ()) == ()


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text("mine", encoding="utf-8")
    drafts = drafts_for((Project(1, "acme", "A"),), (), country="DE", language="de", currency="EUR")
    assert write_drafts(tmp_path, drafts) == ()
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [("acme.toml", "mine")]


def test_a_replaced_file_is_whole_and_readable_by_the_group(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.toml"
    assert write_text(path, "one")
    assert not write_text(path, "two")
    assert path.read_text(encoding="utf-8") == "one"
    assert write_text(path, "two", replace=True)
    assert path.read_text(encoding="utf-8") == "two"
    assert [p.name for p in path.parent.iterdir()] == ["a.toml"]
    assert path.stat().st_mode & 0o111 == 0
