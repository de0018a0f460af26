"""Start servers that outlive the command, and stop exactly those again.

A pid alone is not an identity: it is reused. With the process we keep its start time as the kernel counts it, and
the boot it belongs to; only a process that matches all three is ours to stop. (Command lines do not serve: puma and
postgres rewrite theirs.)
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import LabError
from .state import write_private


@dataclass(frozen=True)
class Process:
    """A process that we started, told apart from any later one of the same pid."""

    pid: int
    started_ticks: int
    boot: str

    def is_running(self) -> bool:
        return self.boot == _boot() and _started_ticks(self.pid) == self.started_ticks


_children: list[subprocess.Popen[bytes]] = []  # started by this command; they outlive it


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _started_ticks(pid: int) -> int | None:
    """Start time of a living process in ticks since boot; None if there is none, or only its corpse."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold blanks and brackets
    return None if fields[0] == "Z" else int(fields[19])


def start(
    record: Path,
    command: Sequence[str],
    *,
    user: str,
    log: Path,
    folder: Path,
    environment: Mapping[str, str],
) -> Process:
    """Start a server in a session of its own and write down which process it is.

    Raises:
        LabError: the program is not there.
    """
    import pwd

    account = pwd.getpwnam(user)
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env=dict(environment),
                user=account.pw_uid,
                group=account.pw_gid,
                extra_groups=os.getgrouplist(user, account.pw_gid),
                start_new_session=True,
            )
        except FileNotFoundError as missing:
            raise LabError(f"{command[0]} is not installed: {missing}") from missing
    _children.append(child)
    ticks = _started_ticks(child.pid)
    if ticks is None:
        raise LabError(f"{command[0]} ended at once; see {log}")
    process = Process(child.pid, ticks, _boot())
    write_private(record, json.dumps(asdict(process)) + "\n")
    return process


def recorded(record: Path) -> Process | None:
    """The process written down there, if it still runs."""
    try:
        process = Process(**json.loads(record.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    return process if process.is_running() else None


def stop(record: Path, stop_signal: signal.Signals, patience_seconds: float) -> bool:
    """End the recorded process and forget it; SIGKILL for its whole session when it does not leave in time.

    Returns whether there was one to end.
    """
    process = recorded(record)
    if process is not None:
        os.kill(process.pid, stop_signal)
        if not wait_until(lambda: not process.is_running(), patience_seconds):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            wait_until(lambda: not process.is_running(), patience_seconds)
    record.unlink(missing_ok=True)
    return process is not None


def wait_until(condition: Callable[[], bool], patience_seconds: float) -> bool:
    """Whether the condition came true in time; asked twenty times a second."""
    deadline = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        _reap()
        time.sleep(0.05)
    return True


def _reap() -> None:
    """A child that ended stays a corpse until its parent, which may be us, looks at it."""
    _children[:] = [child for child in _children if child.poll() is None]


def run(
    command: Sequence[str],
    *,
    user: str | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> str:
    """Run a command to its end and return its standard output.

    Raises:
        LabError: it failed; the message has the end of what it said.
    """
    import pwd

    account = pwd.getpwnam(user) if user else None
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        cwd=folder,
        env=dict(environment) if environment is not None else None,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=os.getgrouplist(user, account.pw_gid) if account and user else None,
        check=False,
    )
    if done.returncode != 0:
        said = "\n".join((done.stdout[-3000:] + done.stderr[-3000:]).splitlines()[-25:])
        raise LabError(f"{' '.join(command[:4])} … failed with code {done.returncode}:\n{said}")
    return done.stdout
