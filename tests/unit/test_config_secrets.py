"""Secrets: where they come from, and that they are not shown."""

from __future__ import annotations

import pickle
import traceback
from pathlib import Path

import pytest

from studio_support.config.secrets import Secret, read_secret
from studio_support.errors import ConfigError, MissingSecret

CONFIG = Path("studio-support.toml")


def test_a_secret_is_shown_by_reveal_alone() -> None:
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def put(folder: Path, text: str, mode: int) -> Path:
    path = folder / "key"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_file_of_its_owner_is_read(tmp_path: Path) -> None:
    file = put(tmp_path, "hunter2\n", 0o600)
    assert read_secret(CONFIG, "redmine.api_key", variable=None, file=file, environ={}).reveal() == "hunter2"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    file = put(tmp_path, "hunter2\n", mode)
    with pytest.raises(ConfigError) as caught:
        read_secret(CONFIG, "redmine.api_key", variable=None, file=file, environ={})
    assert caught.value.key == "redmine.api_key_file"
    assert caught.value.right == f"Run `chmod 600 {file}`."
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_the_variable_is_asked_before_the_file(tmp_path: Path) -> None:
    file = put(tmp_path, "from file", 0o600)
    environ = {"KEY": "from variable"}
    assert read_secret(CONFIG, "k", variable="KEY", file=file, environ=environ).reveal() == "from variable"
    assert read_secret(CONFIG, "k", variable="KEY", file=file, environ={"KEY": ""}).reveal() == "from file"


def test_what_is_not_there_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(MissingSecret) as absent:
        read_secret(CONFIG, "k", variable=None, file=tmp_path / "nothing", environ={})
    assert absent.value.source == f"file {tmp_path / 'nothing'}"
    with pytest.raises(MissingSecret) as empty:
        read_secret(CONFIG, "k", variable=None, file=put(tmp_path, " \n", 0o600), environ={})
    assert empty.value.source == f"file {tmp_path / 'key'}"
    with pytest.raises(MissingSecret) as unset:
        read_secret(CONFIG, "k", variable="KEY", file=None, environ={"KEY": ""})
    assert unset.value.source == "environment variable KEY"
    with pytest.raises(ConfigError) as nowhere:
        read_secret(CONFIG, "k", variable=None, file=None, environ={})
    assert nowhere.value.key == "k_env"
