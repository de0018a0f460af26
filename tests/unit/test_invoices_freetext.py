"""Client text: nothing vanishes, nothing turns the rest around."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.freetext import for_page, missing, replace_missing, tidy

LATIN = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x180)]))
has = LATIN.__contains__


def drawn(text: str) -> str:
    return replace_missing(text, has)[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\U0001f3a8", "[U+1F3A8]"),
        ("\uff21\uff42\uff43", "Abc"),
        ("\U0001d401old", "Bold"),
        ("\u2460 \u2167", "1 VIII"),
        ("\ufb01x", "fix"),
        ("\u1e2b", "h"),
        ("e\u0301", "\u00e9"),
        ("\u0416", "[U+0416]"),
        ("a\u3000b\u00a0c\u2003d", "a b c d"),
        ("x\x07y\x00", "x[U+0007]y[U+0000]"),
        ("\ud83c", "[U+D83C]"),
        ("\ue000", "[U+E000]"),
        ("\ufdfa", "[U+FDFA]"),
        ("\u20ac\u0301", "[U+20AC][U+0301]"),
    ],
)
def test_what_the_fonts_lack_is_shown_by_a_substitute(text: str, shown: str) -> None:
    """The plain form where there is one that can be drawn, else the code point in brackets."""
    assert drawn(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u2764\ufe0f", "[U+2764]"),
        ("\U0001f468\u200d\U0001f469", "[U+1F468][U+1F469]"),
        ("a\u200bb\u00adc\ufeffd\u2060e", "abcde"),
        ("1\u202a23\u202c4\u200f5\u2067", "12345"),
        ("1\u202e23\u202c4\u202d", "1[U+202E]234[U+202D]"),
        ("\U0001f3f4\U000e0067\U000e007f", "[U+1F3F4]"),
    ],
)
def test_what_has_no_picture_of_its_own_is_left_out(text: str, shown: str) -> None:
    """Selectors and joiners go into what they belong to; marks of direction go, overrides are shown."""
    assert drawn(text) == shown


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_break_is_one_newline(line_break: str) -> None:
    """Whatever system or program the text came from."""
    assert drawn(f"a{line_break}b\tc") == "a\nb c"


def test_text_from_right_to_left_leaves_the_rest_in_place() -> None:
    """Each letter becomes a substitute where it stands; digits and Latin words keep their order."""
    assert drawn("order 12: \u05e9\u05dc 34 end") == "order 12: [U+05E9][U+05DC] 34 end"


def test_replaced_characters_are_listed_once_in_order() -> None:
    """They are what the notice will name."""
    text = "\U0001f3a8 \u0416 \U0001f3a8 ok\n\t"
    assert replace_missing(text, has)[1] == ("\U0001f3a8", "\u0416")
    assert missing(text, has) == ("\U0001f3a8", "\u0416")
    assert missing("all right\n", has) == ()


@given(st.text(st.characters()))
def test_any_text_becomes_drawable(text: str) -> None:
    """Only newlines and characters that the fonts have remain, and doing it twice changes nothing."""
    shown, replaced = replace_missing(text, has)
    assert all(character == "\n" or character in LATIN for character in shown)
    assert drawn(shown) == shown
    assert replaced == missing(text, has)
    assert bool(replaced) == any(c != "\n" and c not in LATIN and unicodedata.category(c) != "Zs" for c in tidy(text))


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_no_visible_character_vanishes(text: str) -> None:
    """Each visible character leaves at least one character behind."""
    composed = unicodedata.normalize("NFC", text)
    visible = [c for c in composed if tidy(c)]
    assert len(drawn(text).replace(" ", "")) >= len([c for c in visible if not c.isspace()])


def test_a_page_keeps_every_script() -> None:
    """Browsers have fonts for all: only controls are replaced or, if they turn text around, left out."""
    assert (
        for_page("\u05e9\u05dc \U0001f468\u200d\U0001f469 \u2764\ufe0f")
        == "\u05e9\u05dc \U0001f468\u200d\U0001f469 \u2764\ufe0f"
    )
    assert for_page("a\x00b\ud800c\ufffed\r\ne\u202ef\u2028g\th") == "a[U+0000]b[U+D800]c[U+FFFE]d\ne[U+202E]f\ng\th"
    assert for_page("+49\u202a 40\u202c 1\u200f") == "+49 40 1"
