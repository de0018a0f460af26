"""The commands: parse, call, print. Data on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import cli_znuny, mailsink, packages, postgres, redmine, sql, state, templates, znuny
from .errors import LabError
from .seed import config_files
from .seed.load import load
from .seed.size import Size
from .seed.world import build
from .servers import OPTIONAL, SERVERS, Server, bring_up, servers_of
from .state import Lab

_ALWAYS = tuple(server.name for server in SERVERS if server.name not in OPTIONAL)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code (0 done, 1 failed, 2 usage)."""
    options = _parser().parse_args(arguments)
    try:
        if os.geteuid() != 0:
            raise LabError("The lab installs packages and runs servers as their own users: run it as root.")
        os.umask(0o022)  # servers are other users: they must come to what is made; what is private is made so by name
        began = time.monotonic()
        options.command(options)
        if not options.quiet:
            _tell(f"done in {time.monotonic() - began:.1f} s")
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; the same command goes on where it was", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="Real servers on loopback, for trying and testing.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Any, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, prog=f"lab/{name}")
        added.add_argument("--name", default=state.DEFAULT_NAME, help="which lab (default %(default)s)")
        added.set_defaults(command=command, quiet=command is _info)
        return added

    up = add("up", _up, "Install what is missing and bring the servers up.")
    up.add_argument("--base-port", type=int, help="first port of the lab's block of ten")
    which = f"of {', '.join(OPTIONAL)}, by commas"
    up.add_argument("--only", type=_servers, metavar="SERVERS", help=f"start these; a new lab has no others: {which}")
    up.add_argument("--with", type=_servers, metavar="SERVERS", dest="more", help=f"the lab has these as well: {which}")
    up.add_argument("--renew", action="store_true", help="make bases of an older version anew; their seeds go, too")
    up.add_argument("--json", action="store_true", help="print what lab/info prints")
    down = add("down", _down, "Stop the servers.")
    down.add_argument("--wipe", action="store_true", help="delete all that the lab has, its ports too")
    add("info", _info, "Addresses, keys and folders as JSON.")
    reset = add("reset", _reset, "Put Redmine's and Znuny's databases back to a clean state.")
    reset.add_argument("--to", metavar="base|KEY", help="the empty base or a seed's key (default: the last one)")
    reset.add_argument("--only", type=_servers, metavar="SERVERS", help=f"that one alone: {which}")
    reset.add_argument("--mail", action="store_true", help="delete the sink's messages as well")
    reset.add_argument("--store", action="store_true", help="empty the store's database as well")
    seed = add("seed", _seed, "Fill Redmine from the base, or put the same seed back from its template.")
    usual = Size()
    seed.add_argument("--clients", type=_count, default=usual.clients, help="default %(default)s")
    seed.add_argument("--entries", type=_count, default=usual.entries, help="bookings (default %(default)s)")
    seed.add_argument("--months", type=_count, default=usual.months, help="default %(default)s")
    seed.add_argument("--month", type=_month, default=usual.month, help="the last one (default %(default)s)")
    seed.add_argument("--seed", type=int, default=usual.seed, help="another number, another studio")
    seed.add_argument("--people", type=_count, default=usual.people, help="who book, 4 to 10 (default %(default)s)")
    seed.add_argument("--write-config", type=Path, metavar="DIR", help="write the product's files for it")
    seed.add_argument("--leave-out", type=int, default=0, metavar="N", help="the last N clients get no file")
    seed.add_argument("--config-only", action="store_true", help="only write the files; Redmine stays as it is")
    shell = add("sql", _sql, "psql on a database of the lab, by default Redmine's.")
    shell.add_argument("--database", default=sql.REDMINE)
    shell.add_argument("rest", nargs=argparse.REMAINDER, metavar="-- …", help="arguments for psql")
    cli_znuny.add_commands(add)
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _month(text: str) -> str:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no month like 2026-10")
    return text


def _servers(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or not set(names) <= set(OPTIONAL):
        raise argparse.ArgumentTypeError(f"{text!r} does not name {' or '.join(OPTIONAL)}")
    return names


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def describe(lab: Lab) -> dict[str, Any]:
    """What `lab/info` prints."""
    return {
        "name": lab.name,
        "dir": str(lab.folder),
        "base_port": lab.base_port,
        "running": {server.name: server.healthy(lab) for server in servers_of(lab)},
        **{server.name: server.info(lab) for server in servers_of(lab)},
    }


def _up(options: argparse.Namespace) -> None:
    with state.lab_lock(options.name):
        known = state.load(options.name) is not None
        lab = state.load_or_create(options.name, options.base_port)
        asked = {*(options.only or ()), *(options.more or ())}
        has = {*lab.optional, *asked} if known else asked or set(OPTIONAL)
        lab.optional = [name for name in OPTIONAL if name in has]
        lab.save()
        wanted = [server for server in servers_of(lab) if not options.only or server.name in {*asked, *_ALWAYS}]
        needed = [package for server in wanted for package in server.packages]
        packages.install(needed, state.state_root() / "apt.lock", _tell)
        if options.renew and postgres.healthy(lab):
            for server in _outdated(lab, wanted):
                templates.forget(lab, server)
        bring_up(lab, wanted, _tell)
        for server in _outdated(lab, wanted):
            _tell(f"{server}'s base was made by an older version of the lab; lab/up --name {lab.name} --renew")
    if options.json:
        _print_json(describe(lab))


def _outdated(lab: Lab, wanted: Sequence[Server]) -> list[str]:
    return [server.name for server in (redmine, znuny) if server in wanted and not server.is_current(lab)]


def _down(options: argparse.Namespace) -> None:
    with state.lab_lock(options.name):
        lab = state.load_existing(options.name)
        for server in reversed(SERVERS):
            if server.stop(lab):
                _tell(f"{server.name} stopped")
            if options.wipe:
                server.remove(lab)
        if options.wipe:
            shutil.rmtree(lab.folder)
            _tell(f"wiped {lab.folder}")


def _info(options: argparse.Namespace) -> None:
    _print_json(describe(state.load_existing(options.name)))


def _reset(options: argparse.Namespace) -> None:
    with state.lab_lock(options.name):
        lab = _running(options.name)
        for server, restore, last in (
            (redmine.name, templates.restore, lab.database),
            (znuny.name, znuny.restore, lab.tickets),
        ):
            if server in lab.optional and server in (options.only or OPTIONAL) and last:
                template = templates.by_key(lab, options.to, server) if options.to else last
                restore(lab, template)
                _tell(f"{server} has {template}")
        if options.mail:
            _tell(f"{mailsink.empty(lab)} messages deleted")
        if options.store:
            postgres.empty_store(lab)
            _tell("the store's database is empty")


def _seed(options: argparse.Namespace) -> None:
    size = Size(options.clients, options.entries, options.months, options.month, options.seed, options.people)
    world = None
    with state.lab_lock(options.name):
        lab = _running(options.name)
        if not options.config_only:
            template = templates.SEEDED + size.key()
            if template not in templates.kept(lab):
                world = build(size)
                load(lab, world)
            templates.restore(lab, template)
            _tell(f"Redmine has {size.clients} clients and {size.entries} entries; lab/reset --to {size.key()}")
    if options.write_config:
        [gone] = sql.query(lab, templates.BASE, "select id from users where type = 'AnonymousUser'")
        config_files.write(lab, world or build(size), options.write_config, options.leave_out, gone["id"])
        _tell(f"wrote {options.write_config}/studio-support.toml; . {options.write_config}/env.sh")


def _running(name: str) -> Lab:
    return postgres.require(state.load_existing(name))


def _sql(options: argparse.Namespace) -> None:
    arguments = options.rest[1:] if options.rest[:1] == ["--"] else options.rest
    sql.shell(state.load_existing(options.name), options.database, arguments)
