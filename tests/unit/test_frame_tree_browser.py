"""tools/browser on a machine without a browser: what it says, and what it leaves behind when it is stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_NEEDED = ("chmod", "cksum", "dirname", "env", "rm", "tr")


def run_on(folder: Path, user: int, apt_get: str) -> subprocess.CompletedProcess[str]:
    """The script on a machine in `folder`, with no browser and no web server; its policy-rc.d lies in `folder`."""
    tools, path = folder / "tools", folder / "bin"
    tools.mkdir()
    path.mkdir()
    text = (ROOT / "tools/browser").read_text("utf-8")
    assert "/usr/sbin/policy-rc.d" in text
    (tools / "browser").write_text(text.replace("/usr/sbin/", f"{folder}/"))
    shutil.copy(ROOT / "tools/browser.txt", tools)
    for name in _NEEDED:
        found = shutil.which(name)
        assert found is not None
        (path / name).symlink_to(found)
    for name, script in {"id": f"echo {user}", "apt-get": apt_get}.items():
        (path / name).write_text(f"#!/bin/sh\n{script}\n")
        (path / name).chmod(0o755)
    shell = shutil.which("dash") or "/bin/sh"
    command = [shell, str(tools / "browser"), "python-of-nobody"]
    return subprocess.run(
        command,
        env={**os.environ, "PATH": str(path)},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=_signals_as_in_a_terminal,
    )


def _signals_as_in_a_terminal() -> None:
    """A shell cannot trap what was ignored when it began, as under nohup or in another shell's background."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


def test_what_is_missing_is_named_in_words(tmp_path: Path) -> None:
    """Who may not install anything reads a sentence with the packages in it."""
    ended = run_on(tmp_path, 1000, "exit 1")
    assert ended.returncode == 1
    assert "Install chromium fonts-dejavu-core nginx apache2, or" in ended.stderr


@pytest.mark.parametrize(("name", "code"), [("INT", 130), ("TERM", 143), ("HUP", 143)])
def test_a_stopped_installation_leaves_no_policy(tmp_path: Path, name: str, code: int) -> None:
    """policy-rc.d keeps packages from starting services: were it left behind, none would start on that machine."""
    policy = tmp_path / "policy-rc.d"
    ended = run_on(tmp_path, 0, f'[ -x "{policy}" ] && echo refused; kill -{name} "$PPID"; exit 1')
    assert "refused" in ended.stdout
    assert ended.returncode == code
    assert not policy.exists()
