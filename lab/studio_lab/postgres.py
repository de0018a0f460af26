"""PostgreSQL: a cluster of the lab's own, on its own port, in the lab's folder.

Nothing in it is worth a disk's guarantee: fsync is off. `initdb` instead of Debian's pg_createcluster keeps
/etc/postgresql and the machine's other clusters out of it.
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

from . import processes, sql
from .errors import LabError
from .state import Lab, write_private

name = "postgres"
packages: tuple[str, ...] = ("postgresql",)
patience_seconds = 30.0

_SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 80
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
"""


def _folder(lab: Lab) -> Path:
    return lab.folder / "postgres"


def _record(lab: Lab) -> Path:
    return lab.folder / "postgres.process"


def configure(lab: Lab) -> None:
    """Make the cluster, once."""
    folder = _folder(lab)
    if (folder / "PG_VERSION").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)  # an initdb that was interrupted
    folder.mkdir(mode=0o700)
    shutil.chown(folder, "postgres", "postgres")
    _require_way_in(folder)
    password = lab.folder / "postgres.password"
    write_private(password, lab.secret("postgres-" + sql.SUPERUSER) + "\n")
    lab.save()
    shutil.chown(password, "postgres")
    command = [str(sql.programs() / "initdb"), "--no-sync", "--no-instructions", "-D", str(folder / "making")]
    command += ["-U", sql.SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8", "--locale=C.UTF-8"]
    processes.run(command, user="postgres", folder=folder)
    password.unlink()
    settings = folder / "making" / "postgresql.auto.conf"
    settings.write_text(_SETTINGS.format(port=lab.postgres_port), encoding="utf-8")
    for entry in (folder / "making").iterdir():
        if entry.name != "PG_VERSION":
            entry.rename(folder / entry.name)
    (folder / "making" / "PG_VERSION").rename(folder / "PG_VERSION")  # last: the cluster is whole
    (folder / "making").rmdir()


def _require_way_in(folder: Path) -> None:
    """Servers run as other users than root: they must be able to come to their folders."""
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            raise LabError(f"{parent} is closed to other users, and the servers are others. Set STUDIO_LAB_STATE.")


def start(lab: Lab) -> None:
    """Start it, unless it runs."""
    if processes.recorded(_record(lab)):
        return
    folder = _folder(lab)
    (folder / "postmaster.pid").unlink(missing_ok=True)  # of a machine that went down; ours does not run
    processes.start(
        _record(lab),
        [str(sql.programs() / "postgres"), "-D", str(folder)],
        user="postgres",
        log=lab.folder / "log" / "postgres.log",
        folder=folder,
        environment={"LANG": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin"},
    )


def healthy(lab: Lab) -> bool:
    """Whether it takes a connection of ours, and answers."""
    try:
        return sql.execute(lab, "postgres", "select 1").strip() == "1"
    except LabError:
        return False


def prepare(lab: Lab) -> None:
    """Roles and the empty database of the product's store, once the server answers."""
    for role in (sql.REDMINE, sql.ZNUNY, sql.STORE):
        password = lab.secret("postgres-" + role)
        if not sql.query(lab, "postgres", f"select 1 from pg_roles where rolname = '{role}'"):
            sql.execute(lab, "postgres", f"create role {role} login createdb password '{password}'")
    lab.save()
    if not sql.query(lab, "postgres", f"select 1 from pg_database where datname = '{sql.STORE}'"):
        empty_store(lab)


def empty_store(lab: Lab) -> None:
    """Make the database of the product's store anew."""
    drop = f"drop database if exists {sql.STORE} with (force);"
    sql.execute(lab, "postgres", f"{drop} create database {sql.STORE} owner {sql.STORE}")


def require(lab: Lab) -> Lab:
    """The lab, if its databases answer.

    Raises:
        LabError: it is down.
    """
    if not healthy(lab):
        raise LabError(f"The lab {lab.name!r} is down. Bring it up: lab/up --name {lab.name}")
    return lab


def stop(lab: Lab) -> bool:
    """Stop it (fast: sessions are cut off). Returns whether it ran."""
    return processes.stop(_record(lab), signal.SIGINT, patience_seconds)


def remove(lab: Lab) -> None:
    """Nothing of it is outside the lab's folder."""


def info(lab: Lab) -> dict[str, Any]:
    """How to reach the databases."""
    return {
        "port": lab.postgres_port,
        "redmine_url": sql.url(lab, sql.REDMINE, sql.REDMINE, "postgresql+psycopg"),
        "redmine_dsn": sql.url(lab, sql.REDMINE, sql.REDMINE),
        "znuny_dsn": sql.url(lab, sql.ZNUNY, sql.ZNUNY),
        "admin_dsn": sql.url(lab, sql.SUPERUSER, "postgres"),
        "store_url": sql.url(lab, sql.STORE, sql.STORE, "postgresql+psycopg"),
        "store_dsn": sql.url(lab, sql.STORE, sql.STORE),
    }
