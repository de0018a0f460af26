"""Talk to the lab's PostgreSQL through psql: statements in, JSON values out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .errors import LabError
from .processes import run
from .state import Lab

SUPERUSER = "postgres"
REDMINE = "redmine"  # both the role and its database
ZNUNY = "znuny"  # likewise
STORE = "studio"  # both the role and its database: for the product's own store


def programs() -> Path:
    """The folder of the newest PostgreSQL's programs. (psql in the PATH is a Perl wrapper that takes 0.1 s more.)

    Raises:
        LabError: none is installed.
    """
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise LabError("PostgreSQL is not installed. Run lab/up first.")
    return versions[-1].parent


def url(lab: Lab, role: str, database: str, scheme: str = "postgresql") -> str:
    """The address of a database with its throw-away password."""
    return f"{scheme}://{role}:{lab.secret('postgres-' + role)}@127.0.0.1:{lab.postgres_port}/{database}"


def _environment(lab: Lab, role: str) -> dict[str, str]:
    return {
        **os.environ,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(lab.postgres_port),
        "PGUSER": role,
        "PGPASSWORD": lab.secret("postgres-" + role),
        "PGCLIENTENCODING": "UTF8",
        "PGOPTIONS": "-c client_min_messages=warning",
    }


def execute(lab: Lab, database: str, script: str, role: str = SUPERUSER) -> str:
    """Run a script, statement by statement, and return what it printed (unaligned, no headers).

    Raises:
        LabError: a statement failed; those before it stay done unless the script has a transaction of its own.
    """
    command = [str(programs() / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"]
    return run(command, environment=_environment(lab, role), stdin=script)


def query(lab: Lab, database: str, select: str, role: str = SUPERUSER) -> list[dict[str, Any]]:
    """The rows of a SELECT as dictionaries."""
    rows = execute(lab, database, f"select coalesce(json_agg(r), '[]') from ({select}) r", role)
    return list(json.loads(rows))


def shell(lab: Lab, database: str, arguments: list[str]) -> None:
    """Become an interactive psql, as the database's owner. Does not return."""
    role = database if database in (REDMINE, ZNUNY, STORE) else SUPERUSER
    program = programs() / "psql"
    os.execve(program, [str(program), "-d", database, *arguments], _environment(lab, role))  # noqa: S606 - no shell
