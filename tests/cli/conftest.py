"""Commands as a person runs them: a studio on disk with a Redmine to itself, each run a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.office import SECRET, Office, opened

AS_OF = "2026-11-02T09:00:00Z"
KEEP = ("PATH", "LANG", "PYTHONPATH", "COVERAGE_PROCESS_START")


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)


@dataclass
class Desk:
    """A person's desk: the office, and commands typed in its folder on 2 November 2026. home: of all of them."""

    home: ClassVar[Path]
    office: Office
    environ: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEEP if name in os.environ}
        home = {"HOME": str(self.home), "STUDIO_SUPPORT_USER": "i.petrova"}
        return {**kept, **home, **self.office.environ, **self.environ}

    def arguments(self, *typed: str) -> list[str]:
        at = [] if "--as-of" in typed else ["--as-of", AS_OF]
        return [sys.executable, "-m", "studio_cli", *at, *typed]

    def run(self, *typed: str, before: Callable[[], None] | None = None, **options: Any) -> Run:
        """Runs one command to its end; before: called in the new process first."""
        done = subprocess.run(
            self.arguments(*typed),
            cwd=self.office.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            preexec_fn=before,
            check=False,
            **options,
        )
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    def done(self, *typed: str) -> Run:
        """Runs a command that must end well."""
        run = self.run(*typed)
        assert run.code == 0, run.err
        return run

    def json(self, *typed: str) -> Any:
        """What a command that must end well gives as JSON."""
        return self.done("--format", "json", *typed).data

    def secrets(self) -> list[str]:
        """What no output may hold."""
        return [SECRET, self.office.environ.get("REDMINE_API_KEY", SECRET)]


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One home for all commands of this run of the tests: fonts that were made ready once are found there again."""
    folder = tmp_path_factory.getbasetemp()
    Desk.home = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "home"
    Desk.home.mkdir(exist_ok=True)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk of the test's own."""
    with opened(tmp_path / "studio") as office:
        yield Desk(office)
