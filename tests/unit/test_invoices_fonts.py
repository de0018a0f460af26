"""Fonts: built once, cached safely, covering what they say they cover."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from studio_invoices import fonts
from studio_invoices.fontface import FontCacheDamaged, pack, unpack


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    """Each test loads as a new process would."""
    fonts._load.cache_clear()
    yield
    fonts._load.cache_clear()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache directory that already holds the fonts."""
    directory = tmp_path_factory.mktemp("fonts")
    fonts.load(directory)
    return directory


def cache_file(directory: Path) -> Path:
    (file,) = directory.iterdir()
    return file


def test_the_cache_file_is_named_after_all_it_depends_on(built: Path) -> None:
    """A new font package, fontTools or recipe makes new fonts; nothing else lies beside the file."""
    assert re.fullmatch(r"ibm-plex-sans-[\d.]+-fonttools-[\d.]+-[0-9a-f]{8}\.fonts", cache_file(built).name)


def test_a_later_process_neither_builds_nor_imports_fonttools(built: Path) -> None:
    """Asked in a process of its own: the fonts are there and fontTools is not."""
    script = (
        "import sys; from pathlib import Path; from studio_invoices import fonts;"
        f"found = fonts.load(Path({str(built)!r}));"
        "print(len(found.regular.widths) > 800, any(name.startswith('fontTools') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_fonts_from_the_cache_equal_fonts_just_built(tmp_path: Path) -> None:
    """What is written is what was built, byte for byte."""
    first = fonts.load(tmp_path)
    fonts._load.cache_clear()
    assert fonts.load(tmp_path) == first
    assert unpack(pack(first)) == first


def test_building_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """No time stamp and no chance gets into the fonts."""
    fonts.load(tmp_path)
    assert cache_file(tmp_path).read_bytes() == cache_file(built).read_bytes()


@pytest.mark.parametrize("damage", [b"", b"studio-support fonts 1\n", b"something else altogether, and long enough"])
def test_a_damaged_cache_file_is_made_anew(built: Path, tmp_path: Path, damage: bytes) -> None:
    """Cut off, altered or foreign: never an error."""
    whole = cache_file(built).read_bytes()
    for content in (damage, whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        with pytest.raises(FontCacheDamaged):
            unpack(content)
    target = tmp_path / cache_file(built).name
    target.write_bytes(whole[: len(whole) // 2])
    assert fonts.load(tmp_path).regular.widths["A"] > 0
    assert target.read_bytes() == whole


def test_the_users_cache_directory_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME where it is absolute, else ~/.cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    fonts.load()
    assert cache_file(tmp_path / "xdg" / "studio-support").stat().st_size > 50_000
    fonts._load.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    fonts.load()
    assert cache_file(tmp_path / "home" / ".cache" / "studio-support").exists()


def test_a_private_temporary_directory_stands_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the cache directory cannot be made (a file is in its place)."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    fonts.load(blocked / "cache")
    private = tmp_path / "tmp" / f"studio-support-{os.getuid()}"
    assert cache_file(private).exists()
    assert private.stat().st_mode & 0o077 == 0


def test_a_temporary_directory_that_others_can_write_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody else could have put a file there: the fonts are built in memory instead."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    planted = tmp_path / f"studio-support-{os.getuid()}"
    planted.mkdir()
    planted.chmod(0o777)
    assert fonts.load(blocked / "cache").regular.widths["A"] > 0
    assert list(planted.iterdir()) == []


def test_no_directory_at_all_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither cache nor temporary directory: built in memory."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(blocked))
    assert fonts.load(blocked / "cache").semibold.widths["A"] > 0


def test_an_interrupted_write_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a half-written file nor a temporary one."""

    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fonts.load(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_both_weights_draw_the_same_characters(built: Path) -> None:
    """Coverage is asked of one and holds for both; each character is in a subset, none has byte 0."""
    found = fonts.load(built)
    for face in (found.regular, found.semibold):
        placed = [c for subset in face.subsets for c in subset.characters[1:]]
        assert set(placed) == set(face.widths) == set(found.regular.widths)
        assert all(len(subset.characters) <= 256 for subset in face.subsets)
        assert all(subset.characters[0] == "\x00" for subset in face.subsets)


def test_subsets_show_the_right_glyphs(built: Path) -> None:
    """Byte n of each subset leads to the glyph of its character: same width, same outline as in the source."""
    face = fonts.load(built).semibold
    for subset in face.subsets:
        program = zlib.decompress(subset.program)
        assert len(program) == subset.program_length
        font = TTFont(BytesIO(program))
        (table,) = font["cmap"].tables
        assert (table.platformID, table.platEncID) == (1, 0)
        for byte, character in enumerate(subset.characters[1:], start=1):
            assert round(font["hmtx"][table.cmap[byte]][0]) == face.widths[character]
            if character.isalnum():
                assert font["glyf"][table.cmap[byte]].numberOfContours != 0


def test_figures_are_tabular(built: Path) -> None:
    """Columns of figures align because all digits are of one width, in both weights."""
    found = fonts.load(built)
    for face in (found.regular, found.semibold):
        assert len({face.widths[digit] for digit in "0123456789"}) == 1


def test_invoices_of_our_languages_need_no_substitute(built: Path) -> None:
    """Latin with accents, Cyrillic with Ukrainian and Kazakh, Greek, currency signs, typographic spaces."""
    text = "ÄÖÜßéèêçñøåœŁęğıİžřů Съешь ещё ЁЇҐўҚә ΑΒΓαβγ €₽₴₸№£$ «»„“”–—…×÷−\u00a0\u202f\u2009\u2011"
    assert fonts.covers(text, built) == ()


def test_missing_glyphs_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    """Each once, in order; line breaks, tabs and joiners are not counted."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(built.parent))
    assert fonts.missing_glyphs("A\U0001f3a8\n\u05e9\t\U0001f3a8\u200d") == ("\U0001f3a8", "\u05e9")
    assert fonts.substitute("A\U0001f3a8\uff22", built) == ("A[U+1F3A8]B", ("\U0001f3a8", "\uff22"))


def test_faces_are_values(built: Path) -> None:
    """Frozen: nobody alters the fonts of other documents."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        fonts.load(built).regular.name = "x"  # type: ignore[misc]  # the very thing that must fail
