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


LINES = """\
# deb cdrom:[Debian 12 _Bookworm_]/ bookworm main
deb cdrom:[Debian 12 _Bookworm_]/ bookworm main
deb [signed-by=/keyrings/debian.gpg arch=amd64] http://mirror.test/debian/ bookworm main non-free-firmware # ours
deb-src http://mirror.test/debian/ bookworm main
deb http://mirror.test/security bookworm-security main
"""


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    """An empty /etc/apt."""
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def stanzas(apt: Path, text: str = DEBIAN, name: str = "debian.sources") -> None:
    (apt / "sources.list.d" / name).write_text(text, encoding="utf-8")


def made(apt: Path, ending: str = ".sources") -> str:
    return (apt / "sources.list.d" / (packages.NON_FREE + ending)).read_text(encoding="utf-8")


def all_made(apt: Path) -> list[str]:
    return sorted(path.name for path in (apt / "sources.list.d").glob(f"{packages.NON_FREE}*"))


def test_stanzas_of_debian_are_repeated_with_the_one_component(apt: Path) -> None:
    """Mirror and key stay; a foreign source with a component of the same name is left alone."""
    stanzas(apt)
    stanzas(apt, FOREIGN, "other.sources")
    assert packages.add_non_free(apt, "bookworm")
    text = made(apt)
    assert text.count("Components: non-free\n") == 2
    assert "main" not in text
    assert "other.test" not in text
    assert "URIs: http://mirror.test/debian" in text
    assert "Signed-By: /usr/share/keyrings/debian.gpg" in text
    assert len(all_made(apt)) == 1


def test_lines_are_repeated_with_the_one_component(apt: Path) -> None:
    """Debian's installer and debootstrap write lines: sources of code, discs and remarks are left out."""
    (apt / "sources.list").write_text(LINES, encoding="utf-8")
    stanzas(apt, "deb https://other.test bookworm-other main\n", "other.list")
    assert packages.add_non_free(apt, "bookworm")
    assert made(apt, ".list") == (
        "deb [signed-by=/keyrings/debian.gpg arch=amd64] http://mirror.test/debian/ bookworm non-free\n"
        "deb http://mirror.test/security bookworm-security non-free\n"
    )
    assert len(all_made(apt)) == 1


@pytest.mark.parametrize("name", ["debian.sources", "debian.list"])
def test_asking_again_changes_nothing(apt: Path, name: str) -> None:
    stanzas(apt, DEBIAN if name.endswith("sources") else LINES, name)
    assert packages.add_non_free(apt, "bookworm")
    [ending] = [Path(file).suffix for file in all_made(apt)]
    first = made(apt, ending)
    assert packages.add_non_free(apt, "bookworm")
    assert made(apt, ending) == first


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("debian.sources", DEBIAN.replace("Components: main\n", "Components: main contrib non-free\n")),
        ("debian.list", LINES + "deb http://mirror.test/debian bookworm contrib non-free\n"),
    ],
)
def test_machine_that_has_it_already_gets_no_second_file(apt: Path, name: str, text: str) -> None:
    """In either notation, and also where another source is written in the other one."""
    stanzas(apt, text, name)
    stanzas(
        apt, DEBIAN if name.endswith("list") else LINES, "more" + (".sources" if name.endswith("list") else ".list")
    )
    assert not packages.add_non_free(apt, "bookworm")
    assert all_made(apt) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("other.sources", FOREIGN),
        ("off.sources", DEBIAN.replace("Types: deb\n", "Types: deb\nEnabled: no\n")),
        ("code.sources", DEBIAN.replace("Types: deb\n", "Types: deb-src\n")),
        (
            "debian.list",
            "deb-src http://mirror.test/debian bookworm main\n# deb http://mirror.test/debian bookworm main\n",
        ),
        ("debian.save", DEBIAN),
    ],
)
def test_machine_without_a_source_of_debians_is_told(apt: Path, name: str, text: str) -> None:
    stanzas(apt, text, name)
    with pytest.raises(LabError, match="non-free"):
        packages.add_non_free(apt, "bookworm")
    assert all_made(apt) == []
