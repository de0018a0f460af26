"""A run among others: locks, Ctrl-C, full disks, readers that leave, terminals."""

from __future__ import annotations

import fcntl
import os
import re
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Desk
from tests.cli.terminal import WAIT_SECONDS, Terminal
from tests.office import Office
from tests.waiting import until


@contextmanager
def lock_held(office: Office, by: str) -> Iterator[None]:
    """The lock of everything that writes money, as another run would hold it."""
    handle = os.open(office.folder / "store.db.billing.lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.pwrite(handle, by.encode(), 0)
        yield
    finally:
        os.ftruncate(handle, 0)
        os.close(handle)


@pytest.mark.parametrize(
    "command",
    [
        ["bill", "close", "2026-10"],
        ["bill", "send", "2026-10"],
        ["bill", "hold", "2026-10", "--client", "beta"],
        ["invoice", "send", "2026-0001"],
        ["invoice", "cancel", "2026-0001", "--reason", "x"],
    ],
    ids=" ".join,
)
def test_a_run_without_a_terminal_leaves_a_held_lock_at_once(desk: Desk, command: list[str]) -> None:
    desk.done("bill", "close", "2026-10")
    with lock_held(desk.office, "s.orlova, bill close 2026-10, process 7, since 2026-11-02 08:59 UTC"):
        began = time.monotonic()
        run = desk.run(*command)
        assert run.code == 5
        assert "s.orlova, bill close 2026-10, process 7" in run.err
        assert time.monotonic() - began < 60, "who waits for it at a terminal, waits so long"


def test_looking_needs_no_lock(desk: Desk) -> None:
    desk.done("bill", "close", "2026-10", "--client", "beta")
    with lock_held(desk.office, "s.orlova, bill close 2026-10, process 7"):
        assert desk.run("bill", "preview", "2026-10").code == 0
        assert desk.run("invoice", "list").code == 0
    assert desk.run("bill", "close", "2026-10").code == 0


def test_a_person_at_a_terminal_is_told_who_holds_the_lock_and_waits(desk: Desk) -> None:
    desk.done("bill", "close", "2026-10", "--client", "beta")
    with lock_held(desk.office, "s.orlova, bill close 2026-10, process 7"):
        terminal = Terminal(desk, "bill", "close", "2026-10")
        shown = terminal.until(lambda text: "Waiting" in text)
        assert "Waiting up to 60 s for another run: s.orlova, bill close 2026-10, process 7." in shown
        assert terminal.process.poll() is None
    assert terminal.end() == 0
    assert "2026-0002" in terminal.shown


def test_ctrl_c_ends_in_one_sentence_and_nothing_is_left(desk: Desk) -> None:
    """The server is silent for longer than the test has patience: the person gives up. The same command later does
    all of it."""
    desk.office.write_settings(("timeout_seconds = 5", "timeout_seconds = 60"))
    silence = desk.office.redmine.fail("/time_entries.json", "hang", times=None)
    running = subprocess.Popen(
        desk.arguments("bill", "close", "2026-10"),
        cwd=desk.office.folder,
        env=desk.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background ignores it
    )
    until(lambda: bool(desk.office.redmine.asked("/time_entries.json")), "the server is asked")
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=WAIT_SECONDS)
    assert running.returncode == 130, err
    assert time.monotonic() - began < 20, "it does not sit out the server's silence, of 30 s"
    assert out == ""
    assert err.strip().startswith("Interrupted: ")
    assert err.strip().count("\n") == 0, "one sentence, on a line of its own after ^C"
    assert desk.office.rows("select count(*) from invoices") == [0]

    silence.times = 0
    assert "2026-0002" in desk.done("bill", "close", "2026-10").out


@pytest.mark.parametrize("limit", [0, 4096, 40_000, 90_000])
def test_a_full_disk_is_told_and_the_same_command_goes_on_later(desk: Desk, limit: int) -> None:
    """No file may grow beyond a limit, which is how a process meets a full disk without any privilege."""
    run = desk.run("bill", "close", "2026-10", before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert run.code in (1, 3), run.err
    assert "Traceback" not in run.err
    assert re.search(r"(File too large|input/output error|disk is full)\.", run.err), run.err
    assert "then run the same command again: it goes on where it stopped." in run.err

    data = desk.json("bill", "close", "2026-10")
    assert [draft["number"] for draft in data["drafts"]] == ["2026-0001", "2026-0002"]
    for draft in data["drafts"]:
        page = desk.office.folder / "published" / draft["link"].split("/")[3]
        assert (page / "invoice.pdf").read_bytes().endswith(b"%%EOF\n")
        assert "</html>" in (page / "invoice.html").read_text()
    assert desk.done("db", "check").err == "The store is sound.\n"
    assert desk.json("bill", "reconcile", "2026-10")["balanced"] is True
    left = [path for path in desk.office.folder.rglob("*") if path.name.startswith((".tmp", ".writing"))]
    assert left == []


def test_output_that_does_not_fit_is_told(desk: Desk) -> None:
    with Path("/dev/full").open("wb") as full:
        for command in (["client", "list"], ["--format", "json", "client", "list"], ["--help"]):
            done = subprocess.run(
                desk.arguments(*command),
                cwd=desk.office.folder,
                env=desk.environment(),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 1
            assert done.stderr.startswith("Error: standard output: No space left on device.")
            assert done.stderr.count("\n") == 2


def test_a_reader_that_leaves_early_changes_neither_the_work_nor_the_exit_code(desk: Desk) -> None:
    """As with `| head`: the pipe is closed before anything is written. One client is parked, so the code is 3."""
    desk.office.write_client("acme", "60.00", since="2026-10-06")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        desk.arguments("bill", "close", "2026-10"),
        cwd=desk.office.folder,
        env=desk.environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 3
    assert "Broken pipe" not in done.stderr
    assert "Traceback" not in done.stderr
    assert desk.office.rows("select client from invoices") == ["beta"]


def test_nobody_listening_on_either_stream_stops_nothing(desk: Desk) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        desk.arguments("bill", "close", "2026-10"),
        cwd=desk.office.folder,
        env=desk.environment(),
        stdout=writing,
        stderr=writing,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 0
    assert len(desk.office.rows("select client from invoices")) == 2


def test_colour_and_width_belong_to_terminals(desk: Desk) -> None:
    piped = desk.done("client", "list").out
    assert "\x1b" not in piped
    terminal = Terminal(desk, "client", "list")
    assert terminal.end() == 0
    assert "\x1b[1m" in terminal.shown
    desk.environ["NO_COLOR"] = "1"
    plain = Terminal(desk, "client", "list")
    assert plain.end() == 0
    assert "\x1b[33m" not in plain.shown


def test_a_pdf_goes_into_a_pipe_or_a_file_never_onto_a_terminal(desk: Desk) -> None:
    desk.done("bill", "close", "2026-10")
    piped = subprocess.run(
        desk.arguments("invoice", "pdf", "2026-0001"),
        cwd=desk.office.folder,
        env=desk.environment(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert piped.stdout.startswith(b"%PDF-")
    desk.done("invoice", "pdf", "2026-0001", "--out", "one.pdf")
    assert (desk.office.folder / "one.pdf").read_bytes() == piped.stdout
    desk.done("invoice", "pdf", "--month", "2026-10", "--out", "all")
    assert (desk.office.folder / "all" / "2026-0001 acme.pdf").read_bytes() == piped.stdout
    terminal = Terminal(desk, "invoice", "pdf", "2026-0001")
    assert terminal.end() == 2
    assert "%PDF" not in terminal.shown
