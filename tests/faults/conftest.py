"""What the fault tests share: a closed-over template of a studio, a mail sink, children that can be killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SINK = Path(__file__).parents[2] / "lab" / "sink.py"


@dataclass(frozen=True)
class Sink:
    """A mail sink in a process of its own: letters stand in `folder`."""

    port: int
    folder: Path

    def empty(self) -> None:
        for path in self.folder.iterdir():
            path.unlink()


@pytest.fixture(scope="session")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    folder = tmp_path_factory.mktemp("sink")
    command = [sys.executable, str(SINK), "--port", "0", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            listening = process.stdout.readline()  # comes once it does
            assert listening.startswith("listening on 127.0.0.1:"), listening
            yield Sink(int(listening.rpartition(":")[2]), folder)
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def dice() -> random.Random:
    """Seeded by STUDIO_FAULTS_SEED, so that a failure can be run again."""
    return random.Random(int(os.environ.get("STUDIO_FAULTS_SEED", "1")))


@pytest.fixture(scope="session")
def kills() -> int:
    """How many kills are asked for (STUDIO_FAULTS)."""
    return int(os.environ.get("STUDIO_FAULTS", "20"))


def fork(work: Callable[[], None]) -> int:
    """Runs `work` in a forked child, already warm; its exit code is 0 when it ended well."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the parent sees the exit code and the log the traceback
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def finish(pid: int) -> int:
    """Waits for a child; its exit code, negative for a signal."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def kill_after(pid: int, seconds: float) -> bool:
    """kill -9 after so many seconds; whether the child was still running."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(min(0.0005, max(0.0, deadline - time.monotonic())))
    os.kill(pid, signal.SIGKILL)
    return finish(pid) == -signal.SIGKILL
