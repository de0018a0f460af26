"""Only what the lab started is ever stopped."""

from __future__ import annotations

import getpass
import json
import os
import signal
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from studio_lab import processes, state
from studio_lab.errors import LabError


@pytest.fixture
def sleeper(tmp_path: Path) -> processes.Process:
    return processes.start(
        tmp_path / "record",
        ["sleep", "60"],
        user=getpass.getuser(),
        log=tmp_path / "log",
        folder=tmp_path,
        environment=dict(os.environ),
    )


def test_recorded_process_is_stopped_once(sleeper: processes.Process, tmp_path: Path) -> None:
    """The second time there is nothing to stop, and no record."""
    assert processes.recorded(tmp_path / "record") == sleeper
    assert processes.stop(tmp_path / "record", signal.SIGTERM, 5)
    assert not sleeper.is_running()
    assert not processes.stop(tmp_path / "record", signal.SIGTERM, 5)


def test_process_that_ignores_its_signal_is_killed(tmp_path: Path) -> None:
    """The whole session goes, after the patience given."""
    ready = tmp_path / "ready"
    process = processes.start(
        tmp_path / "record",
        ["sh", "-c", f"trap '' TERM; touch {ready}; while :; do sleep 1; done"],
        user=getpass.getuser(),
        log=tmp_path / "log",
        folder=tmp_path,
        environment=dict(os.environ),
    )
    assert processes.wait_until(ready.exists, 60)
    assert processes.stop(tmp_path / "record", signal.SIGTERM, 0.3)
    assert not process.is_running()


@pytest.mark.parametrize("change", [{"started_ticks": 1}, {"boot": "another"}])
def test_pid_of_another_process_is_left_alone(
    sleeper: processes.Process, tmp_path: Path, change: dict[str, int | str]
) -> None:
    """The same pid of another time or another boot is not ours."""
    stale = tmp_path / "stale"
    stale.write_text(json.dumps(asdict(replace(sleeper, **change))), encoding="utf-8")  # type: ignore[arg-type] # a field of either type
    assert processes.recorded(stale) is None
    assert not processes.stop(stale, signal.SIGKILL, 1)
    assert sleeper.is_running()
    processes.stop(tmp_path / "record", signal.SIGTERM, 5)


def test_failing_command_says_what_it_said(tmp_path: Path) -> None:
    """The end of its output is the message."""
    with pytest.raises(LabError, match="cannot find the thing"):
        processes.run(["sh", "-c", "echo cannot find the thing >&2; exit 3"])


def test_labs_of_different_names_get_different_ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A block stays with its lab, is not given twice, and cannot be changed under a lab."""
    monkeypatch.setenv("STUDIO_LAB_STATE", str(tmp_path))
    one, two = state.load_or_create("one", None), state.load_or_create("two", None)
    assert one.base_port != two.base_port
    assert state.load_or_create("one", None) == one
    with pytest.raises(LabError, match="has the ports from"):
        state.load_or_create("one", one.base_port + 100)


@pytest.mark.parametrize("name", ["", "Dev", "../dev", "a b", "1st", "x" * 40])
def test_name_of_a_lab_is_a_plain_word(name: str) -> None:
    """It becomes a folder, a lock file and an instance of Redmine."""
    with pytest.raises(LabError, match="cannot name a lab"):
        state.check_name(name)
