"""Published invoices never lie where they would be committed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from studio_support.delivery import git_check
from studio_support.delivery.copies import Copies
from studio_support.delivery.git_check import refuse_in_checkout
from studio_support.demo.bundle import write_studio
from studio_support.errors import FilesystemError, Refused


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "repo")], check=True)
    return tmp_path / "repo"


def test_a_checkout_that_does_not_ignore_the_folder_is_refused_before_it_is_made(checkout: Path) -> None:
    folder = checkout / "site" / "published"
    with pytest.raises(Refused, match="does not ignore it") as caught:
        Copies(folder).claim("store", "secret")
    assert caught.value.next_step.startswith("Add the line /site/published/ to ")
    assert not (checkout / "site").exists()


def refused(folder: Path) -> bool:
    try:
        refuse_in_checkout(folder)
    except Refused:
        return True
    return False


@pytest.mark.parametrize("rule", ["/site/published/", "published/", "site", "*", "/site/**"])
def test_a_folder_that_is_ignored_is_fine_whether_it_is_there_or_not(checkout: Path, rule: str) -> None:
    (checkout / ".gitignore").write_text(f"{rule}\n")
    folder = checkout / "site" / "published"
    assert not refused(folder)
    folder.mkdir(parents=True)
    assert not refused(folder)


def test_a_folder_may_ignore_itself(checkout: Path) -> None:
    folder = checkout / "published"
    folder.mkdir()
    (folder / ".gitignore").write_text("*\n")
    assert not refused(folder)


def test_a_rule_that_is_taken_back_does_not_count(checkout: Path) -> None:
    (checkout / ".gitignore").write_text("/published/*\n!/published/*\n")
    with pytest.raises(Refused):
        refuse_in_checkout(checkout / "published")


def test_the_checkout_itself_is_refused(checkout: Path) -> None:
    with pytest.raises(Refused, match="does not ignore it"):
        refuse_in_checkout(checkout)


def test_outside_of_a_checkout_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    assert not refused(tmp_path / "published")


@pytest.mark.parametrize("failure", ["missing", "hangs", "cannot say"])
def test_without_gits_word_only_a_folder_that_ignores_itself_will_do(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    def run(command: list[str], **_: Any) -> Any:
        if failure == "missing":
            raise FileNotFoundError("git")
        if failure == "hangs":
            raise subprocess.TimeoutExpired(command, 10)
        return subprocess.CompletedProcess(command, 128)

    monkeypatch.setattr(git_check.subprocess, "run", run)
    (checkout / ".gitignore").write_text("published/\n")
    with pytest.raises(Refused):
        refuse_in_checkout(checkout / "published")
    (checkout / "published").mkdir()
    (checkout / "published" / ".gitignore").write_text("*\n")
    refuse_in_checkout(checkout / "published")


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_numbered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was ours and is read-only now: root may write anywhere, so the refusal is the system's in name only."""
    folder = tmp_path / "published"
    Copies(folder).claim("store", "secret")

    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("studio_support.delivery.copies.TemporaryFile", refuse)
    with pytest.raises(FilesystemError) as caught:
        Copies(folder).claim("store", "secret")
    assert (caught.value.path, caught.value.reason) == (str(folder), "Permission denied")


def test_a_demo_runs_in_anybodys_checkout(checkout: Path) -> None:
    write_studio(checkout / "demo")
    refuse_in_checkout(checkout / "demo" / "published")
    seen = subprocess.run(["git", "-C", str(checkout), "status", "--porcelain"], capture_output=True, check=True)
    assert seen.stdout == b""
