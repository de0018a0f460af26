"""The commands that are Znuny's: mail in, mail out, its console."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from typing import Any

from . import postgres, sql, state, znuny_console, znuny_world
from .errors import LabError
from .state import Lab


def add_commands(add: Callable[[str, Any, str], argparse.ArgumentParser]) -> None:
    """Add them to the lab's parser; `add` makes a command that has `--name`."""
    mail = add("mail", _mail, "A mail on stdin comes into Znuny; prints the ticket it became, as JSON.")
    mail.add_argument("--at", type=_moment, help="YYYY-MM-DD HH:MM:SS in UTC: Znuny's clock stands there")
    mail.add_argument("--queue", default=znuny_world.QUEUES[0], help="default %(default)s")
    mail.add_argument("--untrusted", action="store_true", help="its X-OTRS headers do not count")
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


def _lab(name: str) -> Lab:
    lab = postgres.require(state.load_existing(name))
    if "znuny" not in lab.optional:
        raise LabError(f"The lab {name!r} has no Znuny. Give it one: lab/up --name {name} --with znuny")
    return lab


def _mail(options: argparse.Namespace) -> None:
    mail = sys.stdin.buffer.read()
    with state.lab_lock(options.name):
        lab = _lab(options.name)
        newest = "select coalesce(max(id), 0) as id from article"
        before = sql.query(lab, sql.ZNUNY, newest)[0]["id"]
        command = ["Maint::PostMaster::Read", "--target-queue", options.queue]
        said = znuny_console.console(
            lab, [*command, *(["--untrusted"] if options.untrusted else [])], stdin=mail, at=options.at
        )
        made = sql.query(
            lab,
            sql.ZNUNY,
            "select t.id as ticket_id, t.tn as ticket_number, a.id as article_id, q.name as queue,"
            " to_char(t.create_time, 'YYYY-MM-DD HH24:MI:SS') as created from article a"
            " join ticket t on t.id = a.ticket_id join queue q on q.id = t.queue_id"
            f" join article_sender_type s on s.id = a.article_sender_type_id"
            f" where a.id > {before} and s.name <> 'system' order by a.id limit 1",
        )
    if not made:
        raise LabError("Znuny made no article of this mail:\n" + said.stderr.decode(errors="replace")[-2000:])
    print(json.dumps(made[0], ensure_ascii=False))


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
