"""The SMTP sink as a server of the lab. It runs `lab/sink.py` by a Python that has aiosmtpd."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import processes
from .state import Lab, locked, state_root

name = "smtp"
packages: tuple[str, ...] = ()
patience_seconds = 10.0

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SINK = REPOSITORY / "lab" / "sink.py"
LIBRARY = "aiosmtpd"


def _record(lab: Lab) -> Path:
    return lab.folder / "smtp.process"


def folder(lab: Lab) -> Path:
    """Where the accepted messages are."""
    return lab.folder / "mail"


def configure(lab: Lab) -> None:
    """The folder for messages, and an interpreter that can run the sink."""
    folder(lab).mkdir(exist_ok=True)
    if not processes.recorded(_record(lab)):
        _interpreter()


def _interpreter() -> Path:
    """The project's own environment if it has the library, else one of the labs' own, made on first use."""
    candidates = [REPOSITORY / ".venv" / "bin" / "python", Path(sys.executable), _own_environment() / "bin" / "python"]
    for candidate in candidates:
        if candidate.exists() and _has_library(candidate):
            return candidate
    with locked(state_root() / "venv.lock"):
        if not _has_library(candidates[-1]):
            processes.run([sys.executable, "-m", "venv", str(_own_environment())])
            command = [str(candidates[-1]), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", LIBRARY]
            pins = REPOSITORY / "constraints.txt"
            processes.run([*command, "-c", str(pins)] if pins.exists() else command)
    return candidates[-1]


def _own_environment() -> Path:
    return state_root() / "venv"


def _has_library(python: Path) -> bool:
    try:
        done = subprocess.run([python, "-c", f"import {LIBRARY}.smtp"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def start(lab: Lab) -> None:
    """Start it, unless it runs."""
    if processes.recorded(_record(lab)):
        return
    command = [str(_interpreter()), str(SINK), "--port", str(lab.smtp_port), "--dir", str(folder(lab))]
    processes.start(
        _record(lab),
        command,
        user="root",
        log=lab.folder / "log" / "smtp.log",
        folder=lab.folder,
        environment={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"},
    )


def healthy(lab: Lab) -> bool:
    """Whether it greets."""
    try:
        with smtplib.SMTP("127.0.0.1", lab.smtp_port, timeout=5) as client:
            return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def prepare(lab: Lab) -> None:
    """Nothing: all is there before it starts."""


def stop(lab: Lab) -> bool:
    """Stop it. Returns whether it ran."""
    return processes.stop(_record(lab), signal.SIGTERM, patience_seconds)


def empty(lab: Lab) -> int:
    """Delete the messages taken so far; returns how many there were."""
    messages = list(folder(lab).glob("*.eml"))
    for path in (*folder(lab).glob("*.json"), *messages):
        path.unlink(missing_ok=True)
    return len(messages)


def remove(lab: Lab) -> None:
    """Nothing of it is outside the lab's folder."""


def info(lab: Lab) -> dict[str, Any]:
    """Address and the folder of accepted messages."""
    return {"url": f"smtp://127.0.0.1:{lab.smtp_port}", "port": lab.smtp_port, "dir": str(folder(lab))}
