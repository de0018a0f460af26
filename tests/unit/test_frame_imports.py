"""What starts fast stays fast: the libraries that cost are imported when they are used, and not before."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = [
    "alembic",
    "babel",
    "fontTools",
    "jinja2",
    "pydantic",
    "redminelib",
    "reportlab",
    "requests",
    "rich",
    "sqlalchemy",
    "starlette",
    "uvicorn",
]

HELP = """
from studio_cli.app import main
sys.argv = ["studio-support", *{arguments!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def loaded_after(code: str) -> tuple[set[str], str]:
    """The heavy libraries that a fresh interpreter holds after this code, and what the code printed."""
    script = (
        f"import json, sys\n{code}\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]), file=sys.stderr)"
    )
    # -I: neither this folder nor PYTHON* variables decide what is found.
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1])), done.stdout


@pytest.mark.parametrize("package", ["studio_invoices", "studio_support", "studio_cli"])
def test_importing_a_package_loads_none_of_the_heavy_libraries(package: str) -> None:
    loaded, _ = loaded_after(f"import {package}")
    assert loaded == set()


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["bill", "--help"], ["bill", "close", "--help"], ["invoice", "--help"]],
    ids=" ".join,
)
def test_help_loads_none_of_the_heavy_libraries(arguments: list[str]) -> None:
    loaded, printed = loaded_after(HELP.format(arguments=arguments))
    assert printed.strip()
    assert loaded == set()


def test_a_heavy_library_that_is_loaded_is_seen() -> None:
    """The test itself can fail."""
    loaded, _ = loaded_after("import jinja2")
    assert loaded == {"jinja2"}


CUTOFF = """
import pathlib, sys, tempfile
import studio_support.tickets.cutoff, studio_cli.cutoff
folder = pathlib.Path(tempfile.mkdtemp())
hours = 'opens = "09:00"\\ncloses = "18:00"\\ncutoff = "12:00"\\n'
(folder / "s.toml").write_text('[studio]\\ntimezone = "Europe/Moscow"\\ncountry = "RU"\\n' + hours)
from studio_cli.app import main
sys.argv = ["studio-support", "--config", str(folder / "s.toml"), "cutoff", "2026-06-16T11:59:59+03:00"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
assert "holidays" not in sys.modules, "our own files need no library"
"""


def test_a_promise_loads_neither_drawing_nor_store_nor_redmine() -> None:
    """Its rule alone is light; the whole command reads the settings, hence pydantic, and nothing else that costs."""
    assert loaded_after("import studio_support.tickets.cutoff, studio_support.tickets.calendar_data")[0] == set()
    loaded, printed = loaded_after(CUTOFF)
    assert "18:00" in printed
    assert loaded <= {"pydantic"}
