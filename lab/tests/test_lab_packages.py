"""The component non-free comes from wherever main comes, and from nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio_lab import packages
from studio_lab.errors import LabError

DEBIAN = """\
Types: deb
# a remark with a blank line after the stanza
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://mirror.test/security
Suites: bookworm-security
Components: main contrib
"""
FOREIGN = "Types: deb\nURIs: https://other.test\nSuites: bookworm-other\nComponents: main\n"


def test_stanzas_of_debian_are_repeated_with_the_one_component(tmp_path: Path) -> None:
    """Mirror and key stay; a foreign source with a component of the same name is left alone."""
    (tmp_path / "debian.sources").write_text(DEBIAN, encoding="utf-8")
    (tmp_path / "other.sources").write_text(FOREIGN, encoding="utf-8")
    assert packages.add_non_free(tmp_path, "bookworm")
    made = (tmp_path / packages.NON_FREE).read_text(encoding="utf-8")
    assert made.count("Components: non-free\n") == 2
    assert "main" not in made
    assert "other.test" not in made
    assert "URIs: http://mirror.test/debian" in made
    assert "Signed-By: /usr/share/keyrings/debian.gpg" in made


def test_asking_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "debian.sources").write_text(DEBIAN, encoding="utf-8")
    packages.add_non_free(tmp_path, "bookworm")
    first = (tmp_path / packages.NON_FREE).read_text(encoding="utf-8")
    packages.add_non_free(tmp_path, "bookworm")
    assert (tmp_path / packages.NON_FREE).read_text(encoding="utf-8") == first


def test_machine_that_has_it_already_gets_no_second_file(tmp_path: Path) -> None:
    text = DEBIAN.replace("Components: main\n", "Components: main contrib non-free\n")
    (tmp_path / "debian.sources").write_text(text, encoding="utf-8")
    assert not packages.add_non_free(tmp_path, "bookworm")
    assert not (tmp_path / packages.NON_FREE).exists()


@pytest.mark.parametrize("name", ["other.sources", "debian.list"])
def test_machine_without_a_source_of_debians_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FOREIGN, encoding="utf-8")
    with pytest.raises(LabError, match="non-free"):
        packages.add_non_free(tmp_path, "bookworm")
