"""Clean states at once: Redmine's database is kept as templates and put back by copying one.

A template is never connected to by Redmine, so copying needs no stop: connections to the live database are cut, it
is dropped and made anew, and puma connects again by itself at the next request.
"""

from __future__ import annotations

from . import sql
from .errors import LabError
from .state import Lab

BASE = "redmine_base"
SEEDED = "redmine_seed_"
# FILE_COPY beats the default WAL_LOG for databases of this size, and costs no checkpoint of weight with fsync off.
_COPY = "strategy file_copy"


def kept(lab: Lab) -> dict[str, str]:
    """Template databases of the lab and what they were made from (the comment given at `finish`)."""
    rows = sql.query(
        lab,
        "postgres",
        "select datname, shobj_description(oid, 'pg_database') as made_from from pg_database"
        f" where datname = '{BASE}' or datname like '{SEEDED}%' order by datname",
    )
    return {row["datname"]: row["made_from"] for row in rows if row["made_from"]}


def begin(lab: Lab, template: str, source: str | None) -> None:
    """Make the database that is to become a template, empty or as a copy; a half-made one of that name goes."""
    copy = f" template {source} {_COPY}" if source else ""
    sql.execute(
        lab,
        "postgres",
        f"drop database if exists {template} with (force); create database {template} owner {sql.REDMINE}{copy}",
    )


def finish(lab: Lab, template: str, made_from: str) -> None:
    """It is whole from now on: say what it was made from."""
    quoted = made_from.replace("'", "''")
    sql.execute(lab, template, "vacuum (analyze)")
    sql.execute(lab, "postgres", f"comment on database {template} is '{quoted}'")


def drop(lab: Lab, template: str) -> None:
    """Forget a template."""
    sql.execute(lab, "postgres", f"drop database if exists {template} with (force)")


def restore(lab: Lab, template: str) -> None:
    """Put Redmine's database back to that state.

    Raises:
        LabError: there is no such template.
    """
    names = kept(lab)
    if template not in names:
        have = ", ".join(sorted(names)) or "none"
        raise LabError(f"No kept database {template!r} in the lab {lab.name!r}; there are: {have}")
    sql.execute(
        lab,
        "postgres",
        f"drop database if exists {sql.REDMINE} with (force);"
        f" create database {sql.REDMINE} owner {sql.REDMINE} template {template} {_COPY}",
    )
    lab.database = template
    lab.save()


def by_key(lab: Lab, key: str) -> str:
    """The template meant by `base`, a seed's key, the start of one, or a template's full name.

    Raises:
        LabError: none or several are meant.
    """
    names = [name for name in kept(lab) if key in ("base", BASE) and name == BASE]
    names = names or [name for name in kept(lab) if name == key or name.startswith(SEEDED + key)]
    if len(names) != 1:
        listed = "".join(f"\n  {name}  {made}" for name, made in kept(lab).items()) or " none"
        raise LabError(f"{key!r} names {len(names)} kept databases of the lab {lab.name!r}; there are:{listed}")
    return names[0]
