"""A studio beside the lab: its files in a folder, its commands as processes, Redmine's own database to compare with."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.waiting import until

LAB = Path(__file__).parents[1] / "lab"
PATIENCE_SECONDS = 600.0
_WITHHELD = "withheld_by_a_test"
# The command as a child of a small process: of a child of ours, the kernel would count our own memory as its peak.
_MEASURED = """
import json, os, resource, subprocess, sys
child = subprocess.Popen(sys.argv[3:])
with open(sys.argv[2] + ".part", "w") as file:
    file.write(str(child.pid))
os.rename(sys.argv[2] + ".part", sys.argv[2])
code = child.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss * 1024], file)
sys.exit(code)
"""
_STARTED = re.compile(r'Started (\w+) "([^"]+)"')


@dataclass(frozen=True)
class Done:
    """A command that ended. seconds: by the clock; own_seconds: of the processor; peak_bytes: of memory."""

    code: int
    out: str
    err: str
    seconds: float
    own_seconds: float
    peak_bytes: int

    @property
    def data(self) -> Any:
        """What it printed, as JSON."""
        assert self.out, self.err
        return json.loads(self.out)


class Running:
    """A command under way."""

    def __init__(self, arguments: list[str], environ: dict[str, str], folder: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="studio-live-"))
        out, err = self._file("out"), self._file("err")
        command = [sys.executable, "-I", "-c", _MEASURED, str(self._file("used")), str(self._file("pid")), *arguments]
        self._began = time.monotonic()
        with out.open("wb") as stdout, err.open("wb") as stderr:
            self._process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environ, cwd=folder)

    def _file(self, name: str) -> Path:
        return self._folder / name

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """kill -9, and waits until it is gone."""
        until(self._file("pid").exists, "the command runs")
        os.kill(int(self._file("pid").read_text()), signal.SIGKILL)
        assert self._process.wait(PATIENCE_SECONDS) != 0
        shutil.rmtree(self._folder)

    def wait(self) -> Done:
        """Its end; to be asked for once."""
        code = self._process.wait(PATIENCE_SECONDS)
        seconds = time.monotonic() - self._began
        out, err, used = (self._file(name).read_text("utf-8") for name in ("out", "err", "used"))
        shutil.rmtree(self._folder)
        return Done(code, out, err, seconds, *json.loads(used))


class Lab:
    """The lab that the tests were given, and Redmine's own database behind it."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.info = info

    def key(self, owner: str) -> str:
        """The API key of admin, billing, own or a.petrova."""
        return str(self.info["redmine"]["api_keys"][owner])

    def script(self, name: str, *arguments: str) -> str:
        """Runs lab/NAME on this lab."""
        command = [str(LAB / name), "--name", self.info["name"], *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop_redmine(self) -> None:
        """Stops Redmine alone; lab/up starts it again."""
        code = "import sys; from studio_lab import redmine, state; redmine.stop(state.load_existing(sys.argv[1]))"
        environ = {**os.environ, "PYTHONPATH": str(LAB)}
        subprocess.run([sys.executable, "-c", code, self.info["name"]], check=True, env=environ, timeout=60)

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Asks Redmine's database. A connection each time: putting a database back ends all of them."""
        with psycopg.connect(self.info["postgres"]["redmine_dsn"], autocommit=True) as database:
            cursor = database.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def booked_minutes(self, first: str, last: str) -> int:
        """Redmine's own database, asked for the booked minutes of these days."""
        ((minutes,),) = self.rows(
            "select sum(round(round(hours::numeric, 2) * 60)) from time_entries t join projects p on p.id = project_id"
            " where p.status <> 9 and spent_on between %s and %s",
            *(first, last),
        )
        return int(minutes)

    def wind_back(self) -> None:
        """Takes out all time entries: `wind_to` brings back those that were booked before an instant."""
        self.rows(f"create table {_WITHHELD} as select * from time_entries")
        self.rows("delete from time_entries")

    def wind_to(self, instant: datetime) -> None:
        """Redmine's time entries as they were at this instant."""
        taken = f"delete from {_WITHHELD} where created_on < %s returning *"
        moment = instant.astimezone(UTC).replace(tzinfo=None)
        self.rows(f"with taken as ({taken}) insert into time_entries select * from taken", moment)

    def log_end(self) -> int:
        """Where Redmine's log ends now."""
        return Path(self.info["redmine"]["log"]).stat().st_size

    def requests(self, since: int) -> list[tuple[str, str]]:
        """Method and address of all that Redmine was asked since this place of its log."""
        with Path(self.info["redmine"]["log"]).open("rb") as log:
            log.seek(since)
            return [(found[1], found[2]) for found in _STARTED.finditer(log.read().decode("utf-8", "replace"))]

    def letters(self) -> list[dict[str, Any]]:
        """What the mail sink keeps, oldest first."""
        folder = Path(self.info["smtp"]["dir"])
        return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


@dataclass
class Desk:
    """The studio's folder and commands. key: whose API key the commands use."""

    lab: Lab
    folder: Path
    key: str = "admin"

    @classmethod
    def seeded(cls, lab: Lab, folder: Path, *size: str) -> Desk:
        """Fills Redmine by size arguments and writes the configuration that fits."""
        lab.script("seed", *size, "--write-config", str(folder))
        return cls(lab, folder)

    def start(self, *arguments: str, as_of: str | None = None, **environ: str) -> Running:
        """Starts a command in the folder, printing JSON. as_of: ISO 8601."""
        clock = [] if as_of is None else ["--as-of", as_of]
        command = [sys.executable, "-m", "studio_cli", "--format", "json", *clock, *arguments]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_")}
        given = {**kept, "REDMINE_API_KEY": self.lab.key(self.key), "STUDIO_SUPPORT_USER": "tester", **environ}
        return Running(command, given, self.folder)

    def run(self, *arguments: str, as_of: str | None = None, **environ: str) -> Done:
        """Runs a command to its end."""
        return self.start(*arguments, as_of=as_of, **environ).wait()

    def ask_through(self, address: str) -> None:
        """The commands ask Redmine by this address from now on."""
        path = self.folder / "studio-support.toml"
        text, count = re.subn(r'(?m)^(\[redmine\]\nurl = )"[^"]*"', rf'\1"{address}"', path.read_text("utf-8"))
        assert count == 1
        path.write_text(text, "utf-8")

    def edit(self, file: str, old: str, new: str) -> None:
        """Replaces text in a file of the studio."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def rows(self, query: str) -> list[Any]:
        """Asks the store past the product."""
        with closing(sqlite3.connect(self.folder / "studio-support.db")) as store:
            return store.execute(query).fetchall()

    def kept(self) -> dict[str, str]:
        """Everything that the studio has: each row of the store and the hash of each file."""
        found = {"rows": self._dumped()}
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and not name.startswith("studio-support.db"):
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def _dumped(self) -> str:
        with closing(sqlite3.connect(self.folder / "studio-support.db")) as store:
            return "\n".join(store.iterdump())

    def copied(self, folder: Path) -> Desk:
        """A studio of its own with the same past."""
        shutil.copytree(self.folder, folder)
        desk = Desk(self.lab, folder, self.key)
        desk.edit("studio-support.toml", self.folder.as_uri(), folder.as_uri())
        return desk
