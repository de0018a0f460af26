"""The tree keeps the rules of the house. Each rule is also shown to find what it is for."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import guards, tree
from tools.check_wheel import faults as wheel_faults
from tools.pins import normal
from tools.rooms import PACKAGE_FOLDERS, ROOT

CLOCK_ROOMS = {
    "studio_support/parts.py",  # the composition root hands the clock in
    "cli/studio_cli/app.py",  # --as-of, else the machine's clock
    "cli/studio_cli/context.py",  # likewise
}


def over(paths: list[Path], rule: Callable[[str], list[str]]) -> list[str]:
    """Everything that a rule finds in these files, with the file before it."""
    assert paths, "no files: the rule would hold of nothing"
    return [f"{path}:{fault}" for path in paths for fault in rule(tree.text_of(path) or "")]


def over_trees(paths: list[Path], rule: Callable[[ast.Module], list[str]]) -> list[str]:
    """The same for rules that read the syntax tree."""
    assert paths, "no files: the rule would hold of nothing"
    return [f"{path}:{fault}" for path in paths for fault in rule(tree.parse(path))]


def assert_none(faults: list[str]) -> None:
    """All of them in the message, not the first that differs."""
    assert not faults, "\n".join(["", *faults])


@pytest.mark.parametrize("folder", ["cli", "invoices"])
def test_folders_of_packages_are_no_packages(folder: str) -> None:
    """With an __init__.py there, type checkers would find each source under two names."""
    assert (ROOT / folder).is_dir()
    assert not (ROOT / folder / "__init__.py").exists()


@pytest.mark.parametrize("folder", sorted(PACKAGE_FOLDERS.values()))
def test_every_folder_with_modules_is_a_package_and_ships_its_types(folder: str) -> None:
    """A folder without __init__.py would be missing in a wheel; without py.typed its types would count for nobody."""
    modules = [path for path in tree.python_files(folder) if "versions" not in path.parts]
    assert modules
    missing = {str(path.parent) for path in modules if not (ROOT / path.parent / "__init__.py").exists()}
    assert missing == set()
    assert (ROOT / folder / "py.typed").exists()


def test_tests_are_no_packages_and_bear_names_of_their_own() -> None:
    """pytest imports them by path; two of one name would shadow each other in reports and editors."""
    paths = tree.python_files("tests")
    assert [str(path) for path in paths if path.name == "__init__.py"] == []
    counted = Counter(path.name for path in paths if path.name not in {"conftest.py", "__main__.py"})
    assert [name for name, times in counted.items() if times > 1] == []


def test_modules_and_functions_stay_short() -> None:
    """400 lines a module, 60 a function, everywhere."""
    assert_none(over(tree.python_files(), guards.too_long))


def test_what_is_too_long_is_found() -> None:
    assert guards.too_long("x = 1\n" * 401) == ["401 lines, 400 are allowed"]
    assert guards.too_long("x = 1\n" * 400) == []
    assert guards.too_long("def f():\n" + "    x = 1\n" * 60) == ["1: f has 61 lines, 60 are allowed"]
    assert guards.too_long("def f():\n" + "    x = 1\n" * 59) == []


def test_no_file_names_an_index_or_a_path_of_one_machine() -> None:
    """Whoever clones it has another index and other folders."""
    texts = [path for path in tree.files() if tree.text_of(path) is not None]
    assert_none(over(texts, guards.foreign_places))


@pytest.mark.parametrize(
    "line",
    [
        "pip install -i https://" + "py" + "pi.org/simple x",
        "https://files.python" + "hosted.org/x.whl",
        "cd /wo" + "rk/main",
        'Path("/ro' + 'ot/x")',
        "see /ho" + "me/anna/notes",
    ],
)
def test_hosts_and_machine_paths_are_found(line: str) -> None:
    assert len(guards.foreign_places("first\n" + line)) == 1


@pytest.mark.parametrize(
    "line", ["https://studio.example/work/1", "tests/work/x", "/var/lib/x", "work/2026", "GET /rooted"]
)
def test_addresses_and_relative_paths_are_no_machine_paths(line: str) -> None:
    assert guards.foreign_places(line) == []


def test_every_silenced_check_has_its_reason_beside_it() -> None:
    """`type: ignore`, `noqa`, `pragma: no cover` and `except Exception` say why."""
    assert_none(over(tree.python_files(), guards.unreasoned))


TRY = "try:\n    x = 1\n"


@pytest.mark.parametrize(
    "bad",
    [
        "x = 1  # type: ignore[misc]\n",
        "x = 1  # noqa: S310\n",
        "x = 1  # pragma: no cover\n",
        "# TODO\nx = 1  # noqa: S310\n",
        TRY + "except Exception:\n    x = 2\n",
        TRY + "except (ValueError, BaseException):  # noqa: BLE001\n    x = 2\n",
        TRY + "except:\n    x = 2\n",
    ],
)
def test_silenced_checks_without_a_reason_are_found(bad: str) -> None:
    assert len(guards.unreasoned(bad)) >= 1


@pytest.mark.parametrize(
    "good",
    [
        "x = 1  # type: ignore[misc]  # the library has no types\n",
        "x = 1  # noqa: S310 - loopback addresses only\n",
        "# Loopback addresses only.\nx = 1  # noqa: S310\n",
        TRY + "except Exception:  # noqa: BLE001 - one client's fault parks that client only\n    x = 2\n",
        TRY + "except Exception:\n    # One client's fault parks that client only.\n    x = 2\n",
        TRY + "except ValueError:\n    x = 2\n",
        TRY + "except BaseException:\n    x = 2\n    raise\n",
        "x = 'type: ignore'\n",
    ],
)
def test_reasons_count_on_the_line_and_alone_above_it(good: str) -> None:
    assert guards.unreasoned(good) == []


def test_libraries_ask_no_clock_of_their_own() -> None:
    """The clock is handed in, so that any run can be replayed: only the composition root and --as-of know it."""
    paths = [path for path in tree.package_files() if str(path) not in CLOCK_ROOMS]
    assert_none(over_trees(paths, guards.clocks))


@pytest.mark.parametrize(
    "call",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "dt.date.today()",
        "time.time_ns()",
    ],
)
def test_clocks_are_found(call: str) -> None:
    assert len(guards.clocks(ast.parse(call))) == 1


def test_a_monotonic_clock_may_measure() -> None:
    assert guards.clocks(ast.parse("time.monotonic(); time.perf_counter(); time.sleep(1)")) == []


def test_libraries_leave_exit_and_log_to_their_host() -> None:
    """Neither package may end the process or decide where the log goes."""
    paths = tree.python_files(PACKAGE_FOLDERS["studio_support"], PACKAGE_FOLDERS["studio_invoices"])
    assert_none(over_trees(paths, guards.host_habits))


@pytest.mark.parametrize("bad", ["sys.exit(1)", "raise SystemExit(1)", "logging.basicConfig()", "log.addHandler(h)"])
def test_what_a_library_leaves_to_its_host_is_found(bad: str) -> None:
    assert len(guards.host_habits(ast.parse(bad))) == 1


def test_everything_that_is_required_is_pinned() -> None:
    """constraints.txt names one exact version of each, sorted, and nothing but versions."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)] == []
    names = [normal(line.partition("==")[0]) for line in pins]
    assert names == sorted(set(names))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    wanted += [one for extra in project["project"]["optional-dependencies"].values() for one in extra]
    required = {normal(re.split(r"[\[<>=!~; ]", one)[0]) for one in wanted}
    assert required - set(names) == set()


def test_a_wheel_without_a_file_or_with_a_fourth_package_is_found() -> None:
    """The check that CI runs on the built wheel."""
    tracked = [Path("invoices/studio_invoices/labels/de.toml"), Path("studio_support/period.py"), Path("lab/sink.py")]
    packed = ["studio_support/period.py", "studio_support-0.1.0.dist-info/METADATA", "tools/rooms.py"]
    assert wheel_faults(packed, tracked) == [
        "missing: studio_invoices/labels/de.toml",
        "too much: tools/rooms.py",
    ]
    assert wheel_faults(["studio_support/period.py", "studio_invoices/labels/de.toml"], tracked) == []
