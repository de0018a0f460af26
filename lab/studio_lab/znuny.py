"""Znuny from Debian's package, in a home and with a database of the lab's own, served by apache with mod_perl.

apache runs as Znuny's user from the start. It rewrites its command line, so it is known by its process alone (see
`processes`).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import signal
import urllib.request
from pathlib import Path
from typing import Any

from . import processes, sql, templates, znuny_console, znuny_home, znuny_world
from .state import Lab

name = "znuny"
packages: tuple[str, ...] = (
    "dbconfig-no-thanks",
    "otrs2",
    "librest-client-perl",  # needed and not declared: without it every REST call ends in an empty reply
    "apache2",
    "libapache2-mod-perl2",
    "libapache2-reload-perl",
    "libapache-dbi-perl",
    "libdbd-pg-perl",
    "faketime",
)
patience_seconds = 60.0

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ROUTES = REPOSITORY / "studio_support" / "otrs" / "webservice.yml"
LOG_LIMIT_BYTES = 50_000_000


def _record(lab: Lab) -> Path:
    return lab.folder / "znuny.process"


def url(lab: Lab) -> str:
    """Where this lab's Znuny is; what is configured as `otrs.url`."""
    return f"http://127.0.0.1:{lab.znuny_port}/otrs"


def web_service_url(lab: Lab) -> str:
    """The address that the routes are below."""
    return f"{url(lab)}/nph-genericinterface.pl/Webservice/{znuny_world.WEB_SERVICE}"


def password(lab: Lab, user: str) -> str:
    """An agent's or a customer's, made up with the lab."""
    return lab.secret("znuny-" + user)


def configure(lab: Lab) -> None:
    """The home, and the database with what every lab has, once."""
    znuny_home.make(lab)
    if templates.TICKETS_BASE not in templates.kept(lab, sql.ZNUNY):
        _make_base(lab)
    if not sql.query(lab, "postgres", f"select 1 from pg_database where datname = '{sql.ZNUNY}'"):
        restore(lab, lab.tickets or templates.TICKETS_BASE)


def restore(lab: Lab, template: str) -> None:
    """Put Znuny's database back to that state; its file cache goes, as it remembers another one.

    Raises:
        LabError: there is no such template.
    """
    templates.restore(lab, template)
    shutil.rmtree(znuny_home.cache(lab), ignore_errors=True)


def base_version() -> str:
    """A mark of all that decides what a base holds; a base of another mark is an old one."""
    world = json.dumps(znuny_world.content(lambda user: user, ROUTES.read_text(encoding="utf-8")))
    parts = [(znuny_home.OURS / "content.pl").read_bytes(), world.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _made_from() -> str:
    return json.dumps({"base": base_version()})


def is_current(lab: Lab) -> bool:
    """Whether the base was made by what is in the working copy now."""
    return templates.kept(lab, sql.ZNUNY).get(templates.TICKETS_BASE) == _made_from()


def _make_base(lab: Lab) -> None:
    base = templates.TICKETS_BASE
    content = znuny_world.content(lambda user: password(lab, user), ROUTES.read_text(encoding="utf-8"))
    lab.save()
    shutil.rmtree(znuny_home.cache(lab), ignore_errors=True)
    templates.begin(lab, base, None)
    for part in ("schema", "initial_insert", "schema-post"):
        script = znuny_home.PACKAGE / "scripts" / "database" / f"{part}.postgresql.sql"
        sql.execute(lab, base, script.read_text(encoding="utf-8"), role=sql.ZNUNY)
    znuny_console.console(lab, ["Maint::Config::Rebuild"], database=base)
    znuny_console.run(lab, ["content.pl"], stdin=json.dumps(content).encode(), database=base)
    templates.finish(lab, base, _made_from())


def start(lab: Lab) -> None:
    """Start apache, unless it runs."""
    if processes.recorded(_record(lab)):
        return
    logs = znuny_home.folder(lab) / "var" / "log"
    for log in logs.glob("*.log"):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.unlink()
    processes.start(
        _record(lab),
        ["/usr/sbin/apache2", "-f", str(znuny_home.folder(lab) / "apache.conf"), "-D", "FOREGROUND"],
        user=znuny_home.USER,
        log=lab.folder / "log" / "znuny.log",
        folder=znuny_home.folder(lab),
        environment=znuny_home.environment(lab),
    )


def healthy(lab: Lab) -> bool:
    """Whether its web service answers a search of the product's agent (without a session: none is left behind)."""
    request = urllib.request.Request(  # noqa: S310 - our own http address
        web_service_url(lab) + "/TicketSearch",
        data=b'{"Limit": 1}',
        headers={
            "Content-Type": "application/json",
            "X-OTRS-Header-UserLogin": znuny_world.ROBOT,
            "X-OTRS-Header-Password": password(lab, znuny_world.ROBOT),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - likewise
            said = json.load(answer)
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return isinstance(said, dict) and "Error" not in said


def prepare(lab: Lab) -> None:
    """Nothing: all is there before it starts."""


def stop(lab: Lab) -> bool:
    """Stop apache and its children. Returns whether it ran."""
    return processes.stop(_record(lab), signal.SIGTERM, patience_seconds)


def remove(lab: Lab) -> None:
    """Nothing of it is outside the lab's folder."""


def info(lab: Lab) -> dict[str, Any]:
    """Address, who can log in, and the logs to look at when it answers nothing."""
    return {
        "url": url(lab),
        "port": lab.znuny_port,
        "web_service": znuny_world.WEB_SERVICE,
        "web_service_url": web_service_url(lab),
        "timezone": "UTC",
        "system_id": "10",
        "hook": "Ticket#",
        "users": {agent: password(lab, agent) for agent in znuny_world.AGENTS},
        "customers": {customer: company for customer, (_, _, company) in znuny_world.CUSTOMERS.items()},
        "queues": list(znuny_world.QUEUES),
        "address": znuny_world.ADDRESS,
        "fields": [field["name"] for field in znuny_world.FIELDS],
        "database": lab.tickets,
        "home": str(znuny_home.folder(lab)),
        "logs": str(znuny_home.folder(lab) / "var" / "log"),
    }
