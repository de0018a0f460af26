"""Client text made drawable: nothing vanishes, nothing garbles what stands beside it.

What is done, in this order:

* canonical composition (NFC), so that a letter typed as base and accent finds its own glyph;
* any line break becomes ``\\n``, a tab or an exotic space becomes a space where the fonts lack it;
* characters that have no picture of their own are left out: soft hyphen, zero-width spaces and joiners,
  variation selectors, tags, byte order mark, marks and embeddings of writing direction. A selector or joiner inside an
  emoji is thereby folded into the substitutes of its visible parts; and without the controls, text that runs
  from right to left (drawn as substitutes) cannot turn the rest of the line around;
* a character that the fonts lack becomes its plain form (compatibility decomposition: full-width letters,
  mathematical bold, ligatures; a letter without the accent that the fonts lack), else ``[U+1F3A8]``.
  Control characters, private use and unpaired surrogates are shown as ``[U+0007]`` likewise, and so are overrides of
  writing direction: marks come with every text copied from a telephone, but an override has one use, to deceive.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202c\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_NEVER_DRAWN = frozenset({"Cc", "Cs", "Co", "Cn"})
_OVERRIDES = frozenset("\u202d\u202e")

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

Has = Callable[[str], bool]


def tidy(text: str) -> str:
    """The text composed (NFC), with ``\\n`` for line breaks and without characters that have no picture."""
    composed = text if text.isascii() else unicodedata.normalize("NFC", text)
    unbroken = _LINE_BREAKS.sub("\n", composed).replace("\t", " ")
    return _UNSEEN.sub("", unbroken)


def for_page(text: str) -> str:
    """The text for a web page, where any script has a font: only controls are replaced or left out."""
    unbroken = _TURNING.sub("", _LINE_BREAKS.sub("\n", text))
    return _UNPRINTABLE.sub(lambda found: f"[U+{ord(found.group()):04X}]", unbroken)


def _is_drawable(character: str, has: Has) -> bool:
    if character == "\n":
        return True
    category = unicodedata.category(character)
    if category in _NEVER_DRAWN or character in _OVERRIDES:
        return False
    return has(character) or category == "Zs"


def _plain_form(character: str, has: Has) -> str | None:
    parts = unicodedata.normalize("NFKD", character)
    unaccented = "".join(part for part in parts if not unicodedata.combining(part))
    for candidate in (unicodedata.normalize("NFC", parts), unaccented):
        if candidate.strip() and candidate != character and all(_is_drawable(part, has) for part in candidate):
            return candidate
    return None


def _shown(character: str, has: Has) -> str:
    if not _is_drawable(character, has):
        return _plain_form(character, has) or f"[U+{ord(character):04X}]"
    return character if character == "\n" or has(character) else " "


def missing(text: str, has: Has) -> tuple[str, ...]:
    """The characters of a text that cannot be drawn as they are, each once, in order of appearance."""
    return tuple(dict.fromkeys(c for c in tidy(text) if not _is_drawable(c, has)))


def replace_missing(text: str, has: Has) -> tuple[str, tuple[str, ...]]:
    """The text as it can be drawn, and the characters that were replaced, each once, in order of appearance."""
    tidied = tidy(text)
    shown = "".join(_shown(character, has) for character in tidied)
    return shown, tuple(dict.fromkeys(c for c in tidied if not _is_drawable(c, has)))
