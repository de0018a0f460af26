"""Pure rooms are pure: one list, and what it promises, held against the sources."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest
from grimp import ImportGraph

from tools import guards, tree
from tools.contracts import is_pure_import, pure_faults, reserve_faults
from tools.rooms import IMPURE_STANDARD_LIBRARY, ROOT, file_of, parse_rooms, pure_rooms


def test_the_list_is_read_with_its_comments_left_out() -> None:
    assert parse_rooms("# head\na.b\n\n  a.c  # why\n") == ["a.b", "a.c"]


def test_every_listed_room_exists_once() -> None:
    """A room that moved would be watched by nobody."""
    rooms = pure_rooms()
    assert len(rooms) == len(set(rooms))
    assert [room for room in rooms if not (ROOT / file_of(room)).is_file()] == []


def rooms_that_exist() -> list[str]:
    return [room for room in pure_rooms() if (ROOT / file_of(room)).is_file()]


def test_pure_rooms_touch_neither_clock_nor_disk_nor_console() -> None:
    """No now(), no today(), no open(), no print(), nothing of sys but intern, no global state."""
    faults = [
        f"{room}:{fault}"
        for room in rooms_that_exist()
        for fault in guards.impurities(tree.parse(tree.Path(file_of(room))))
    ]
    assert faults == []


@pytest.mark.parametrize(
    "bad",
    [
        "open('x')",
        "print('x')",
        "Path('x').read_text()",
        "path.exists()",
        "sys.argv",
        "datetime.now(UTC)",
        "date.today()",
        "def f():\n    global count\n    count = 1",
    ],
)
def test_impurities_are_found(bad: str) -> None:
    assert len(guards.impurities(ast.parse(bad))) == 1


def test_pure_rooms_import_no_impure_part_of_the_standard_library() -> None:
    """import-linter sees `urllib`; here `urllib.request` is told from `urllib.parse`."""
    faults = [
        f"{room} imports {name}"
        for room in rooms_that_exist()
        for name in sorted(guards.imported_names(tree.parse(tree.Path(file_of(room)))))
        if name in IMPURE_STANDARD_LIBRARY
    ]
    assert faults == []


def test_imports_are_found_in_every_form() -> None:
    source = "import os\nfrom urllib import request\ndef f():\n    from time import time"
    assert guards.imported_names(ast.parse(source)) == {"os", "urllib", "urllib.request", "time", "time.time"}


@pytest.mark.parametrize(
    ("imported", "allowed"),
    [
        ("decimal", True),
        ("collections.abc", True),
        ("house.pure", True),
        ("house", False),
        ("house.edge", False),
        ("requests", False),
        ("time", False),
        ("os.path", False),
    ],
)
def test_purity_is_a_list_of_what_is_allowed(imported: str, allowed: bool) -> None:
    assert is_pure_import(imported, frozenset({"house.pure"})) is allowed


def graph_of(*imports: tuple[str, str]) -> ImportGraph:
    graph = ImportGraph()
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    return graph


def test_the_contract_of_purity_breaks_on_an_edge_and_on_a_room_that_is_gone() -> None:
    graph = graph_of(("a.pure", "decimal"), ("a.pure", "a.other"), ("a.pure", "a.edge"), ("a.other", "requests"))
    assert pure_faults(graph, ["a.pure", "a.other", "a.gone"]) == [
        "a.gone is listed and does not exist",
        "a.pure imports a.edge",
        "a.other imports requests",
    ]


def test_the_contract_of_reserved_libraries_breaks_outside_its_rooms() -> None:
    graph = graph_of(
        ("studio_support.store.tables", "sqlalchemy"),
        ("studio_support.studio", "sqlalchemy"),
        ("alembic", "sqlalchemy"),
    )
    assert reserve_faults(graph, ["sqlalchemy", "unknown"], ["studio_support.store.*"]) == [
        "studio_support.studio imports sqlalchemy"
    ]


def test_pure_rooms_load_nothing_but_the_standard_library_and_each_other() -> None:
    """What really happens when all of them are imported, packages' __init__ files included."""
    rooms = rooms_that_exist()
    script = (
        "import importlib, json, sys\n"
        "before = set(sys.modules)\n"
        f"for room in {rooms!r}: importlib.import_module(room)\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    # -I: neither this folder nor PYTHON* variables decide what is found.
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    parents = {room.rpartition(".")[0] for room in rooms}
    loaded = set(json.loads(done.stdout))
    assert set(rooms) <= loaded
    strange = [
        name
        for name in sorted(loaded - set(rooms) - parents)
        if name.partition(".")[0].lstrip("_") not in {one.lstrip("_") for one in sys.stdlib_module_names}
    ]
    assert strange == []


def test_no_branch_of_a_pure_room_is_taken_out_of_the_count() -> None:
    """Coverage of the pure rooms is 100 % of what is written, not of what is left after a pragma."""
    marked = [room for room in rooms_that_exist() if "pragma:" in (tree.text_of(tree.Path(file_of(room))) or "")]
    assert marked == []
