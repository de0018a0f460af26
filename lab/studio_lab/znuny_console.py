"""Znuny's own programs, run for the lab as Znuny's user: its console, and scripts of ours in its objects."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import znuny_home
from .errors import LabError
from .state import Lab

_CONSOLE = "bin/otrs.Console.pl"


def run(
    lab: Lab,
    command: Sequence[str],
    *,
    stdin: bytes | None = None,
    database: str | None = None,
    at: str | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[bytes]:
    """Run a Perl program of the lab's Znuny to its end.

    Args:
        command: a file below the home, and its arguments.
        database: another database than the live one.
        at: `YYYY-MM-DD HH:MM:SS` in UTC; the program's clock stands still there.

    Raises:
        LabError: it failed, and `check` is true; the message has the end of what it said.
    """
    account = pwd.getpwnam(znuny_home.USER)
    environment = znuny_home.environment(lab) | ({"LAB_DATABASE": database} if database else {})
    full = ["perl", str(znuny_home.folder(lab) / command[0]), *command[1:]]
    if at is not None:
        # A standing clock: starting Perl takes a second or two, and a mail of 11:59:59 must not become one of noon.
        # Only the calendar's clock, as time-outs go by the other.
        environment |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        full = ["faketime", "-f", at, *full]
    done = subprocess.run(
        full,
        input=stdin if stdin is not None else b"",
        capture_output=True,
        cwd=znuny_home.folder(lab),
        env=environment,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        umask=0o002,
        check=False,
    )
    if check and done.returncode != 0:
        said = "\n".join((done.stdout[-3000:] + done.stderr[-3000:]).decode(errors="replace").splitlines()[-25:])
        raise LabError(f"{' '.join(command[:3])} … failed with code {done.returncode}:\n{said}")
    return done


def console(
    lab: Lab,
    arguments: Sequence[str],
    *,
    stdin: bytes | None = None,
    database: str | None = None,
    at: str | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[bytes]:
    """Run a console command, as `Maint::Config::Rebuild`; the rest as for `run`."""
    return run(lab, [_CONSOLE, *arguments, "--no-ansi"], stdin=stdin, database=database, at=at, check=check)


def become_console(lab: Lab, arguments: Sequence[str]) -> None:
    """Become the console, with this terminal. Does not return."""
    account = pwd.getpwnam(znuny_home.USER)
    program: Path = znuny_home.folder(lab) / _CONSOLE
    os.chdir(znuny_home.folder(lab))
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.umask(0o002)
    perl = "/usr/bin/perl"
    os.execve(perl, [perl, str(program), *arguments], znuny_home.environment(lab))  # noqa: S606 - no shell
