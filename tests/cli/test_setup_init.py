"""`init` as typed: files that can be used at once, nothing overwritten, wrong answers refused in time."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command in an empty folder and an environment that holds nothing of the caller's."""

    def call(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "studio_cli", *arguments],
            cwd=tmp_path,
            env=environment(tmp_path, **environ),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )

    return call


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "PYTHONPATH", "COVERAGE_PROCESS_START")
        if name in os.environ
    }
    return {**kept, "HOME": str(folder / "home"), "STUDIO_SUPPORT_USER": "i.petrova", **more}


def test_init_writes_files_that_are_sound_at_once(run: Run, tmp_path: Path) -> None:
    done = run("init", "--yes")
    assert (done.returncode, done.stdout) == (0, "")
    assert "clients/sample.toml written." in done.stderr
    checked = run("client", "check")
    assert checked.returncode == 0, checked.stderr
    assert "0 with problems" in checked.stderr
    settings = tomllib.loads((tmp_path / "studio-support.toml").read_text("utf-8"))
    assert settings["seller"]["country"] == "RU"


def test_doctor_after_init_says_in_lines_what_is_missing(run: Run) -> None:
    """No server, no secret, no client that is billed: exit 3, and not a traceback in sight."""
    run("init", "--yes", "--redmine-url", "http://127.0.0.1:9", "--smtp-url", "smtp://127.0.0.1:9")
    # as of a day whose calendar is known for certain: doctor asks for that of the year to come
    done = run("--as-of", "2026-11-02T09:00:00Z", "doctor", REDMINE_API_KEY="5ecret" * 6)
    assert done.returncode == 3
    failed = [line for line in done.stdout.splitlines() if line.startswith("failed")]
    assert [line.split()[1] for line in failed] == ["links", "redmine", "mail"]
    assert "STUDIO_SUPPORT_LINK_SECRET" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "5ecret" not in done.stdout + done.stderr


def test_options_reach_the_file(run: Run, tmp_path: Path) -> None:
    options = ["--country", "DE", "--seller-name", "Studio “Nord” GmbH", "--seller-address", "Weg 1"]
    options += ["--seller-address", "20095 Hamburg", "--vat-id", "DE112233446", "--bank-name", "Haspa"]
    options += ["--iban", "DE89370400440532013000", "--first-month", "2026-10", "--cutoff", "11:00"]
    assert run("init", "--yes", *options).returncode == 0
    settings = tomllib.loads((tmp_path / "studio-support.toml").read_text("utf-8"))
    assert settings["seller"]["name"] == "Studio “Nord” GmbH"
    assert settings["seller"]["address"] == ["Weg 1", "20095 Hamburg"]
    assert settings["seller"]["bank"]["iban"] == "DE89370400440532013000"
    assert settings["studio"] | {"timezone": "Europe/Berlin", "cutoff": "11:00"} == settings["studio"]
    assert settings["billing"]["first_month"] == "2026-10"
    assert settings["billing"]["tax"][0]["rate"] == "19"


def test_what_is_there_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "studio-support.toml").write_text("# mine\n")
    done = run("init", "--yes")
    assert done.returncode == 4
    assert "is there already" in done.stderr
    assert (tmp_path / "studio-support.toml").read_text() == "# mine\n"
    assert not (tmp_path / "clients").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--country", "Deutschland"], "ISO 3166"),
        (["--currency", "RUR"], 'Did you mean "RUB"?'),
        (["--timezone", "Europe/Moskau"], "zone database"),
        (["--first-month", "October"], "2026-10"),
        (["--base-url", "http://invoices.studio.example"], "plain http"),
        (["--inn", "12"], "10 digits"),
        (["--nonsense"], "No such option"),
        (["surplus"], "unexpected extra argument"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_written(
    run: Run, tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = run("init", "--yes", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []


def test_a_folder_that_cannot_be_made_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("init", "--yes", "--dir", "file/below")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2


def at_a_terminal(folder: Path, answers: list[str], *arguments: str) -> tuple[int, str]:
    """Types each answer when a question waits for it; gives the exit code and what was shown."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "studio_cli", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, env=environment(folder), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    waiting = [answer.encode() + b"\n" for answer in answers]
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if not select.select([ours], [], [], 1.0)[0]:
            continue
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the other end was closed: the command has ended
            break
        if shown.endswith(b": ") and waiting:
            os.write(ours, waiting.pop(0))
    os.close(ours)
    return process.wait(timeout=60), shown.decode("utf-8", "replace")


def test_a_person_at_a_terminal_is_asked_and_may_mistype(tmp_path: Path) -> None:
    """The country chooses the other defaults; a wrong answer is explained and asked for again."""
    answers = ["Germany", "DE", "Studio Nord GmbH", "Weg 1; 20095 Hamburg", "post@studio.example"]
    answers += ["DE112233446", "Haspa", "DE89370400440532013000", "", "", "", "", "", "", "", "2026-10"]
    code, shown = at_a_terminal(tmp_path, answers, "init")
    assert code == 0, shown
    assert "ISO 3166" in shown
    settings = tomllib.loads((tmp_path / "studio-support.toml").read_text("utf-8"))
    assert settings["seller"]["address"] == ["Weg 1", "20095 Hamburg"]
    assert settings["seller"]["vat_id"] == "DE112233446"
    assert settings["seller"]["bank"] == {"name": "Haspa", "iban": "DE89370400440532013000"}
    assert (settings["studio"]["timezone"], settings["studio"]["language"]) == ("Europe/Berlin", "de")
    assert settings["billing"]["first_month"] == "2026-10"


def test_what_was_given_as_an_option_is_not_asked(tmp_path: Path) -> None:
    given = [
        "--country",
        "RU",
        "--seller-name",
        "ООО «Север»",
        "--seller-address",
        "ул. Мира, 1",
        "--inn",
        "7802895380",
    ]
    code, shown = at_a_terminal(tmp_path, [""] * 20, "init", *given)
    assert code == 0, shown
    assert "Country" not in shown
    assert "ИНН" not in shown
    assert "БИК" in shown
    settings = tomllib.loads((tmp_path / "studio-support.toml").read_text("utf-8"))
    assert settings["seller"]["inn"] == "7802895380"


def test_settings_that_are_there_are_told_before_the_first_question(tmp_path: Path) -> None:
    (tmp_path / "studio-support.toml").write_text("# mine\n")
    code, shown = at_a_terminal(tmp_path, [], "init")
    assert code == 4
    assert "Country" not in shown
