"""Redmine from Debian's package, an instance of the lab's own, served by puma.

Debian's Redmine runs many instances from one installation: REDMINE_INSTANCE names a folder under /var/lib/redmine
with config, log, tmp and files. Ours is a link from there into the lab's folder. TZ is UTC for good: Redmine keeps
its times in the zone of its process, and another zone would shift all that is old.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from . import people, processes, sql, templates
from .state import Lab, write_private

name = "redmine"
packages: tuple[str, ...] = ("redmine", "redmine-pgsql", "puma", "dbconfig-no-thanks")
patience_seconds = 60.0

USER = "www-data"
PROGRAM = Path("/usr/share/redmine")
INSTANCES = Path("/var/lib/redmine")
OURS = Path(__file__).resolve().parent.parent / "redmine"
LOG_LIMIT_BYTES = 50_000_000


def _folder(lab: Lab) -> Path:
    return lab.folder / "redmine"


def _record(lab: Lab) -> Path:
    return lab.folder / "redmine.process"


def url(lab: Lab) -> str:
    """Where this lab's Redmine is."""
    return f"http://127.0.0.1:{lab.redmine_port}"


def _environment(lab: Lab) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(_folder(lab) / "tmp"),  # bundler wants one that it may write to
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "RAILS_ENV": "production",
        "REDMINE_INSTANCE": lab.instance,
        "SCHEMA": "/dev/null",  # rake must not write the schema into the package's folder
        "LAB_PORT": str(lab.redmine_port),
    }


def configure(lab: Lab) -> None:
    """The instance's folders and files, and the database with what every lab has, once."""
    _make_folders(lab)
    if templates.BASE not in templates.kept(lab):
        _make_base(lab)
    if not sql.query(lab, "postgres", f"select 1 from pg_database where datname = '{sql.REDMINE}'"):
        templates.restore(lab, lab.database or templates.BASE)


def _make_folders(lab: Lab) -> None:
    folder = _folder(lab)
    for part in ("", "config", "log", "tmp", "tmp/pids", "tmp/cache", "files", "public", "public/plugin_assets"):
        (folder / part).mkdir(exist_ok=True, mode=0o755)
        shutil.chown(folder / part, USER, USER)
    for source in OURS.iterdir():  # Redmine's user may not be able to come to the working copy
        _write(folder / "config" / source.name, source.read_text(encoding="utf-8"))
    database = f"""\
production:
  adapter: postgresql
  host: 127.0.0.1
  port: {lab.postgres_port}
  database: {_making(lab)}
  username: {sql.REDMINE}
  password: "{lab.secret("postgres-" + sql.REDMINE)}"
  encoding: utf8
  pool: 5
"""
    _write(folder / "config" / "database.yml", database)
    _write(folder / "config" / "secret_key.txt", lab.secret("redmine-cookies") + "\n")
    link = INSTANCES / lab.instance
    if not link.is_symlink():
        link.symlink_to(folder)
    lab.save()


def _write(path: Path, text: str) -> None:
    """Write a file for Redmine's user, unless it is there and the same."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    write_private(path, text)
    shutil.chown(path, USER, USER)


def _making(lab: Lab) -> str:
    """The database that Redmine's tasks work on: the base while it is made, else the live one."""
    return f"<%= ENV['LAB_DATABASE'] || '{sql.REDMINE}' %>"


def base_version() -> str:
    """A mark of all that decides what a base holds; a base of another mark is an old one."""
    parts = [(OURS / "Rakefile").read_bytes(), json.dumps([people.EVERYBODY, people.KEY_OWNERS]).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _made_from() -> str:
    return json.dumps({"base": base_version()})


def is_current(lab: Lab) -> bool:
    """Whether the base was made by what is in the working copy now."""
    return templates.kept(lab).get(templates.BASE) == _made_from()


def _make_base(lab: Lab) -> None:
    keys = {owner: lab.secret("redmine-key-" + owner) for owner in people.KEY_OWNERS}
    lab.save()
    templates.begin(lab, templates.BASE, None)
    environment = _environment(lab) | {
        "LAB_DATABASE": templates.BASE,
        "LAB_KEYS": json.dumps(keys),
        "LAB_PEOPLE": json.dumps(people.EVERYBODY),
    }
    rakefile = _folder(lab) / "config" / "Rakefile"
    for task in ("db:migrate", "lab:configure"):
        command = ["bundle", "exec", "rake", "--quiet", "-f", str(rakefile), task]
        processes.run(command, user=USER, folder=PROGRAM, environment=environment)
    templates.finish(lab, templates.BASE, _made_from())


def start(lab: Lab) -> None:
    """Start puma, unless it runs."""
    if processes.recorded(_record(lab)):
        return
    log = _folder(lab) / "log" / "production.log"
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.unlink()
    processes.start(
        _record(lab),
        ["puma", "-C", str(_folder(lab) / "config" / "puma.rb")],
        user=USER,
        log=lab.folder / "log" / "redmine.log",
        folder=PROGRAM,
        environment=_environment(lab) | _compiler(),
    )


def _compiler() -> dict[str, str]:
    """Switches Ruby's compiler on where this Ruby has it: a page of time entries then costs two thirds."""
    tried = subprocess.run(["ruby", "--yjit", "-e", ""], capture_output=True, check=False)
    return {"RUBYOPT": "--yjit"} if tried.returncode == 0 and not tried.stderr else {}


def healthy(lab: Lab) -> bool:
    """Whether it answers the admin's key over REST."""
    request = urllib.request.Request(  # noqa: S310 - our own http address
        url(lab) + "/users/current.json",
        headers={"X-Redmine-API-Key": lab.secret("redmine-key-" + people.ADMIN)},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - likewise
            return bool(answer.status == http.HTTPStatus.OK)
    except (OSError, http.client.HTTPException):
        return False


def prepare(lab: Lab) -> None:
    """Nothing: all is there before it starts."""


def stop(lab: Lab) -> bool:
    """Stop puma and its workers. Returns whether it ran."""
    return processes.stop(_record(lab), signal.SIGTERM, patience_seconds)


def remove(lab: Lab) -> None:
    """Take the instance's link away; the rest is in the lab's folder."""
    (INSTANCES / lab.instance).unlink(missing_ok=True)


def info(lab: Lab) -> dict[str, Any]:
    """Address, keys and the log to look at when it answers 500."""
    return {
        "url": url(lab),
        "port": lab.redmine_port,
        "api_keys": {owner: lab.secret("redmine-key-" + owner) for owner in people.KEY_OWNERS},
        "database": lab.database,
        "log": str(_folder(lab) / "log" / "production.log"),
    }
