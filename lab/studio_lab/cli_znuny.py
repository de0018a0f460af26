"""The commands that are Znuny's: mail in, mail out, its console."""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import postgres, sql, state, templates, znuny, znuny_console, znuny_world
from .errors import LabError
from .state import Lab
from .tickets.load import load
from .tickets.world import Size, moment


def add_commands(add: Callable[[str, Any, str], argparse.ArgumentParser]) -> None:
    """Add them to the lab's parser; `add` makes a command that has `--name`."""
    mail = add("mail", _mail, "A mail on stdin, or many in files, come into Znuny; prints the tickets, as JSON.")
    mail.add_argument("files", nargs="*", type=Path, metavar="FILE", help="in one go, quickly; prints a list")
    mail.add_argument("--at", type=_moment, help="YYYY-MM-DD HH:MM:SS in UTC: Znuny's clock stands there")
    mail.add_argument("--queue", default=znuny_world.QUEUES[0], help="default %(default)s")
    mail.add_argument("--untrusted", action="store_true", help="its X-OTRS headers do not count")
    usual = Size()
    seed = add("seed-tickets", _seed, "Fill Znuny with tickets of the past, or put the same ones back.")
    seed.add_argument("--count", type=int, default=usual.count, help="default %(default)s")
    seed.add_argument("--since", type=_moment, default=usual.since, help="the first came then (default %(default)s)")
    seed.add_argument("--until", type=_moment, default=usual.until, help="none later, UTC (default %(default)s)")
    seed.add_argument("--seed", type=int, default=usual.seed, help="another number, other tickets")
    keep = add("keep", _keep, "Keep the databases as they are now: lab/reset --to KEY puts them back.")
    keep.add_argument("key", type=_key, metavar="KEY", help="small letters and digits")
    flush = add("mail-flush", _flush, "Send what Znuny has queued, now; prints what became of it, as JSON.")
    flush.add_argument("--at", type=_moment, help="as for lab/mail")
    console = add("otrs-console", _console, "Znuny's own console, as its user.")
    console.add_argument("rest", nargs=argparse.REMAINDER, metavar="COMMAND …", help="e.g. Maint::Cache::Delete")
    reply = add("auto-reply", _auto_reply, "Znuny's own answer to each new ticket in a queue.")
    reply.add_argument("wanted", choices=("on", "off"), help="as after lab/up and lab/reset: on, in the first queue")
    reply.add_argument("--queue", default=znuny_world.QUEUES[0], help="default %(default)s")
    for command in (mail, flush, console):
        command.set_defaults(quiet=True)


def _moment(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no moment like 2026-11-20 11:59:30")
    return text


def _key(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]{0,30}", text) or text == "base":
        raise argparse.ArgumentTypeError(f"{text!r}: small letters and digits, a letter first, and not base")
    return text


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _lab(name: str) -> Lab:
    lab = postgres.require(state.load_existing(name))
    if "znuny" not in lab.optional:
        raise LabError(f"The lab {name!r} has no Znuny. Give it one: lab/up --name {name} --with znuny")
    return lab


_NEW = """\
select t.id as ticket_id, t.tn as ticket_number, a.id as article_id, q.name as queue,
  to_char(t.create_time, 'YYYY-MM-DD HH24:MI:SS') as created
from article a join ticket t on t.id = a.ticket_id join queue q on q.id = t.queue_id
  join article_sender_type s on s.id = a.article_sender_type_id
where a.id > {before} and s.name <> 'system' order by a.id"""


def _mail(options: argparse.Namespace) -> None:
    with state.lab_lock(options.name):
        lab = _lab(options.name)
        [newest] = sql.query(lab, sql.ZNUNY, "select coalesce(max(id), 0) as id from article")
        if options.files:
            said = _read_many(lab, options)
        else:
            command = ["Maint::PostMaster::Read", "--target-queue", options.queue]
            command += ["--untrusted"] if options.untrusted else []
            done = znuny_console.console(lab, command, stdin=sys.stdin.buffer.read(), at=options.at)
            said = done.stderr.decode(errors="replace")
        made = sql.query(lab, sql.ZNUNY, _NEW.format(before=newest["id"]))
    if len(made) < (len(options.files) or 1):
        raise LabError(f"Znuny made {len(made)} articles of this:\n{said[-2000:]}")
    print(json.dumps(made if options.files else made[0], ensure_ascii=False))


def _read_many(lab: Lab, options: argparse.Namespace) -> str:
    mails = [base64.b64encode(path.read_bytes()).decode() for path in options.files]
    content = {"queue": options.queue, "trusted": int(not options.untrusted), "mails": mails}
    done = znuny_console.run(lab, ["mails.pl"], stdin=json.dumps(content).encode(), at=options.at)
    return done.stderr.decode(errors="replace")


def _seed(options: argparse.Namespace) -> None:
    size = Size(options.count, options.since, options.until, options.seed)
    if options.count < 1 or moment(size.since) > moment(size.until):
        raise LabError("A seed has one ticket at least, and begins before it ends.")
    with state.lab_lock(options.name):
        lab = _lab(options.name)
        znuny.restore(lab, load(lab, size))
        _tell(f"Znuny has {size.count} tickets from {size.since} to {size.until}; lab/reset --to {size.key()}")


def _keep(options: argparse.Namespace) -> None:
    with state.lab_lock(options.name):
        lab = postgres.require(state.load_existing(options.name))
        for server in lab.optional:
            _tell(f"kept {templates.keep(lab, server, options.key)}")


def _flush(options: argparse.Namespace) -> None:
    with state.lab_lock(options.name):
        lab = _lab(options.name)
        waiting = "select count(*) as n from mail_queue"
        before = sql.query(lab, sql.ZNUNY, waiting)[0]["n"]
        done = znuny_console.console(lab, ["Maint::Email::MailQueue", "--send"], at=options.at, check=False)
        after = sql.query(lab, sql.ZNUNY, waiting)[0]["n"]
    said = (done.stdout + done.stderr).decode(errors="replace")
    failed = [int(number) for number in re.findall(r"message with ID '?(\d+)", said)]
    print(json.dumps({"queued": before, "left": after, "failed": failed, "said": said.strip()}, ensure_ascii=False))


def _auto_reply(options: argparse.Namespace) -> None:
    with state.lab_lock(options.name):
        lab = _lab(options.name)
        queue = options.queue.replace("'", "''")
        sql.execute(
            lab,
            sql.ZNUNY,
            f"delete from queue_auto_response r using queue q where q.id = r.queue_id and q.name = '{queue}'",
        )
        if options.wanted == "on":
            sql.execute(
                lab,
                sql.ZNUNY,
                "insert into queue_auto_response"
                " (queue_id, auto_response_id, create_time, create_by, change_time, change_by)"
                " select q.id, a.id, current_timestamp, 1, current_timestamp, 1 from queue q, auto_response a"
                f" where q.name = '{queue}' and a.name like 'default reply %'",
            )


def _console(options: argparse.Namespace) -> None:
    rest = options.rest[1:] if options.rest[:1] == ["--"] else options.rest
    znuny_console.become_console(_lab(options.name), rest)
