"""An environment inside the tree works wherever the tree lies."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

from tools.editable import make_relative


def _environment(root: Path, folder: str = ".venv") -> tuple[Path, Path]:
    """A tree with a module, an environment without pip, and the .pth file of an editable install of both."""
    (root / "cli").mkdir(parents=True)
    (root / "cli" / "of_the_tree.py").write_text("")
    environment = root / folder
    venv.create(environment, symlinks=True)
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "foreign.pth").write_text("import sys\n/nowhere/at/all\n")
    file = packages / "_tree.pth"
    file.write_bytes(f"{root}\n{root / 'cli'}".encode())
    return environment, file


def _starts(environment: Path) -> bool:
    """Whether its Python starts and finds the module, where the locale has no letter but ASCII's."""
    done = subprocess.run(
        [environment / "bin" / "python", "-c", "import of_the_tree"],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_python_starts_in_a_folder_whose_letters_the_locale_lacks(tmp_path: Path) -> None:
    """Versions before 3.13 read .pth files in the locale's encoding."""
    environment, file = _environment(tmp_path / "Мои проекты" / "studio support")
    make_relative(environment, tmp_path / "Мои проекты" / "studio support")
    assert file.read_bytes() == b"../../../..\n../../../../cli\n"
    assert (file.parent / "foreign.pth").read_text() == "import sys\n/nowhere/at/all\n"
    assert _starts(environment)


def test_environment_outside_of_the_tree_keeps_its_paths(tmp_path: Path) -> None:
    environment, file = _environment(tmp_path / "one")
    before = file.read_bytes()
    make_relative(environment, tmp_path / "two")
    assert file.read_bytes() == before
