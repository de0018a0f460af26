"""Clean states at once: the servers' databases are kept as templates and put back by copying one.

A template is never connected to by its server, so copying needs no stop: connections to the live database are cut, it
is dropped and made anew, and puma and apache connect again by themselves at the next request.

A template is called SERVER_base or SERVER_seed_KEY; SERVER is the live database's name, and its owner's.
"""

from __future__ import annotations

from . import sql
from .errors import LabError
from .state import Lab

BASE = "redmine_base"
SEEDED = "redmine_seed_"
TICKETS_BASE = "znuny_base"
TICKETS_SEEDED = "znuny_seed_"
# FILE_COPY beats the default WAL_LOG for databases of this size, and costs no checkpoint of weight with fsync off.
_COPY = "strategy file_copy"


def kept(lab: Lab, server: str = sql.REDMINE) -> dict[str, str]:
    """A server's template databases and what they were made from (the comment given at `finish`)."""
    rows = sql.query(
        lab,
        "postgres",
        "select datname, shobj_description(oid, 'pg_database') as made_from from pg_database"
        f" where datname = '{server}_base' or datname like '{server}\\_seed\\_%' order by datname",
    )
    return {row["datname"]: row["made_from"] for row in rows if row["made_from"]}


def server_of(template: str) -> str:
    """The live database that the template is one of."""
    return template.partition("_")[0]


def begin(lab: Lab, template: str, source: str | None) -> None:
    """Make the database that is to become a template, empty or as a copy; a half-made one of that name goes."""
    copy = f" template {source} {_COPY}" if source else ""
    sql.execute(
        lab,
        "postgres",
        f"drop database if exists {template} with (force);"
        f" create database {template} owner {server_of(template)}{copy}",
    )


def finish(lab: Lab, template: str, made_from: str) -> None:
    """It is whole from now on: say what it was made from."""
    quoted = made_from.replace("'", "''")
    sql.execute(lab, template, "vacuum (analyze)")
    sql.execute(lab, "postgres", f"comment on database {template} is '{quoted}'")


def drop(lab: Lab, template: str) -> None:
    """Forget a template."""
    sql.execute(lab, "postgres", f"drop database if exists {template} with (force)")


def forget(lab: Lab, server: str) -> None:
    """Drop a server's database and all that was kept of it: the next `configure` makes its base anew."""
    for template in kept(lab, server):
        drop(lab, template)
    drop(lab, server)
    if server == sql.ZNUNY:
        lab.tickets = ""
    else:
        lab.database = ""
    lab.save()


def restore(lab: Lab, template: str) -> None:
    """Put a server's database back to that state.

    Raises:
        LabError: there is no such template.
    """
    server = server_of(template)
    names = kept(lab, server)
    if template not in names:
        have = ", ".join(sorted(names)) or "none"
        raise LabError(f"No kept database {template!r} in the lab {lab.name!r}; there are: {have}")
    sql.execute(
        lab,
        "postgres",
        f"drop database if exists {server} with (force);"
        f" create database {server} owner {server} template {template} {_COPY}",
    )
    if server == sql.ZNUNY:
        lab.tickets = template
    else:
        lab.database = template
    lab.save()


def keep(lab: Lab, server: str, key: str) -> str:
    """Keep a server's database as it is now under a key of one's own, in place of what was kept under it.

    Its connections are cut, and none is let in while it is copied. Returns the template's name.
    """
    template = f"{server}_seed_{key}"
    source = lab.tickets if server == sql.ZNUNY else lab.database
    sql.execute(lab, "postgres", f"alter database {server} allow_connections false")
    try:
        cut = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{server}';"
        sql.execute(lab, "postgres", cut)
        begin(lab, template, server)
    finally:
        sql.execute(lab, "postgres", f"alter database {server} allow_connections true")
    finish(lab, template, f"kept as {key}, from {source}")
    return template


def by_key(lab: Lab, key: str, server: str = sql.REDMINE) -> str:
    """The server's template meant by `base`, a seed's key, the start of one, or a template's full name.

    Raises:
        LabError: none or several are meant.
    """
    names = [f"{server}_base"] if key == "base" else [key]
    found = [name for name in kept(lab, server) if name in names]
    found = found or [name for name in kept(lab, server) if name.startswith(f"{server}_seed_{key}")]
    if len(found) != 1:
        listed = "".join(f"\n  {name}  {made}" for name, made in kept(lab, server).items()) or " none"
        raise LabError(f"{key!r} names {len(found)} kept databases of the lab {lab.name!r}; there are:{listed}")
    return found[0]
