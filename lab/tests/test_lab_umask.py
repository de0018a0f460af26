"""The servers' users reach their folders, whoever brings the lab up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio_lab import cli, state


@pytest.mark.parametrize("umask", [0o077, 0o027, 0o000])
def test_a_lab_s_folder_is_open_to_its_servers_and_what_is_private_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    """Hardened machines have other umasks; nobody may write into it but its owner, and `lab.json` holds passwords."""
    monkeypatch.setenv("STUDIO_LAB_STATE", str(tmp_path / "labs"))
    monkeypatch.setattr(cli, "_info", lambda options: state.load_or_create(options.name, None))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    before = os.umask(umask)
    try:
        assert cli.main(["info", "--name", "one"]) == 0
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "labs", tmp_path / "labs/one")]
    assert modes == [0o755, 0o755]
    assert (tmp_path / "labs/one/lab.json").stat().st_mode & 0o777 == 0o600
