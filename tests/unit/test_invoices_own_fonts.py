"""Fonts of the studio's own: taken, refused, fallen back to. Made here, so that no font of the system is needed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from studio_invoices import fonts
from studio_invoices.fonterrors import FontUnusable
from studio_invoices.fonts import FontFiles
from tests.own_fonts import ASCII, font_file


def test_a_font_of_ones_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    """With its own widths and name, in both weights, from the cache the second time."""
    own = FontFiles(font_file(tmp_path / "own.ttf", ASCII, width=321))
    found = fonts.load(tmp_path / "cache", own)
    assert found.regular.name == found.semibold.name == "Own-Regular"
    assert found.regular.widths["A"] == 321
    assert fonts.covers("Aé", tmp_path / "cache", own) == ("é",)
    fonts._load.cache_clear()
    assert fonts.load(tmp_path / "cache", own) == found
    assert fonts.load(tmp_path / "cache").regular.widths["A"] != 321


def test_the_bold_may_be_a_file_of_its_own(tmp_path: Path) -> None:
    """What one of the two lacks is lacking: a text is never half drawn."""
    regular = font_file(tmp_path / "r.ttf", ASCII + "éя")
    bold = font_file(tmp_path / "b.ttf", ASCII + "é", width=600, name="Fat")
    found = fonts.load(tmp_path, FontFiles(regular, bold))
    assert (found.regular.widths["A"], found.semibold.widths["A"]) == (500, 600)
    assert found.semibold.name == "Fat-Regular"
    assert "é" in found.regular.widths
    assert "я" not in found.regular.widths


def test_fallbacks_are_asked_in_order(tmp_path: Path) -> None:
    """Only for what the fonts before them lack."""
    first = font_file(tmp_path / "1.ttf", "A☃", width=700, name="One")
    second = font_file(tmp_path / "2.ttf", "☃☂", width=900, name="Two")
    found = fonts.load(tmp_path, FontFiles(fallbacks=(first, second)))
    widths = found.regular.widths
    assert widths["A"] == fonts.load(tmp_path).regular.widths["A"]
    assert (widths["☃"], widths["☂"]) == (700, 900)
    by_font = {subset.metrics.name: subset.characters[1:] for subset in found.regular.subsets[-2:]}
    assert by_font == {"One-Regular": "☃", "Two-Regular": "☂"}


@pytest.mark.parametrize("character", ["ש", "ع", "क", "ก"])
def test_scripts_that_need_more_than_letters_side_by_side_are_left_out(tmp_path: Path, character: str) -> None:
    """From right to left, or shaped: drawn one by one they would read wrong, so they are replaced visibly."""
    own = FontFiles(fallbacks=(font_file(tmp_path / "f.ttf", "☃" + character),))
    assert fonts.covers("☃" + character, tmp_path, own) == (character,)


def refused(own: FontFiles, cache: Path) -> FontUnusable:
    with pytest.raises(FontUnusable) as caught:
        fonts.load(cache, own)
    assert caught.value.cure.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is not a font"),
        (b"\x89PNG\r\n", "is not a font"),
        (b"OTTO" + bytes(100), "has PostScript outlines"),
        (b"ttcf" + bytes(100), "is a collection of fonts"),
        (b"wOF2" + bytes(100), "is a web font"),
        (b"\x00\x01\x00\x00" + bytes(100), "has no TrueType outlines"),
    ],
)
def test_what_is_no_truetype_font_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    """By its first bytes, or by what fontTools meets inside; it never raises anything else."""
    path = tmp_path / "font.ttf"
    path.write_bytes(content)
    error = refused(FontFiles(path), tmp_path)
    assert (error.part, error.fault.startswith(fault)) == ("font", True)


def test_each_part_is_named(tmp_path: Path) -> None:
    """Missing files as well."""
    good = font_file(tmp_path / "good.ttf", ASCII)
    none = tmp_path / "none.ttf"
    assert refused(FontFiles(none), tmp_path).part == "font"
    assert refused(FontFiles(good, none), tmp_path).part == "font_bold"
    assert refused(FontFiles(fallbacks=(good, none)), tmp_path).part == "fallback_fonts[1]"
    assert refused(FontFiles(good, font_file(tmp_path / "thin.ttf", "Aa")), tmp_path).part == "font_bold"


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    """Cut off in the middle."""
    good = font_file(tmp_path / "good.ttf", ASCII)
    good.write_bytes(good.read_bytes()[:900])
    assert "broken" in refused(FontFiles(good), tmp_path).fault


@pytest.mark.parametrize("licence", [0x0002, 0x0100, 0x0200])
def test_fonts_that_may_not_be_embedded_are_refused(tmp_path: Path, licence: int) -> None:
    """OS/2 fsType: restricted, no subsetting, bitmaps only."""
    own = FontFiles(font_file(tmp_path / "f.ttf", ASCII, licence=licence))
    assert "licence" in refused(own, tmp_path).fault
    preview = FontFiles(font_file(tmp_path / "p.ttf", ASCII, licence=0x0004))
    assert fonts.load(tmp_path, preview).regular.name == "Own-Regular"


def test_a_font_without_plain_letters_is_refused(tmp_path: Path) -> None:
    """Figures and Latin letters are in every document."""
    assert "'0'" in refused(FontFiles(font_file(tmp_path / "f.ttf", ASCII.replace("0", ""))), tmp_path).fault


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """In the same process."""
    path = font_file(tmp_path / "f.ttf", ASCII, width=400)
    assert fonts.load(tmp_path, FontFiles(path)).regular.widths["A"] == 400
    font_file(path, ASCII + "é", width=450)
    assert fonts.load(tmp_path, FontFiles(path)).regular.widths["A"] == 450


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is asked first."""
    monkeypatch.setattr(fonts, "MAX_BYTES", 100)
    assert "more than" in refused(FontFiles(font_file(tmp_path / "f.ttf", ASCII)), tmp_path).fault


def test_the_narrow_space_is_wide_enough_to_be_seen() -> None:
    """French groups of digits: a fifth of the type size at least."""
    assert fonts.load().regular.widths["\u202f"] == 200


def test_variable_fonts_make_both_weights() -> None:
    """Ours is one: its bold is wider."""
    found = fonts.load()
    assert found.semibold.widths["m"] > found.regular.widths["m"]
    assert io.BytesIO(found.regular.subsets[0].program).read(1)
