"""Widths of text and where lines break."""

from __future__ import annotations

import re
import unicodedata

from studio_invoices.fontface import FontSet
from studio_invoices.freetext import replace_missing
from studio_invoices.pdf.shapes import REGULAR

# a line may break after these inside a word that has to be broken, if that leaves a fair part of it on the line
_SOFT_BREAKS = frozenset("-/\\_.,:;&?=#@)]}+|‐–—")
_FAIR_PART = 0.5
_WORDS = re.compile(r" +|[^ ]+")


class Ruler:
    """Measures and wraps text in one font set. Texts must have gone through `drawable` first."""

    def __init__(self, fonts: FontSet) -> None:
        self._widths = (fonts.regular.widths, fonts.semibold.widths)
        self._covered = frozenset(fonts.regular.widths)
        self._cache: tuple[dict[str, int], dict[str, int]] = ({}, {})

    def drawable(self, text: str) -> str:
        """The text with visible substitutes for what the fonts lack; line breaks stay."""
        if self._covered.issuperset(text) and unicodedata.is_normalized("NFC", text):
            return text
        return replace_missing(text, self._covered.__contains__)[0]

    def on_one_line(self, text: str) -> str:
        """`drawable`, with line breaks turned into spaces."""
        return self.drawable(text).replace("\n", " ")

    def width(self, text: str, size: float, weight: int = REGULAR) -> float:
        """Width of a text in points."""
        return self._thousandths(text, weight) * size / 1000

    def wrap(self, text: str, limit: float, size: float, weight: int = REGULAR) -> list[str]:
        """The text broken into lines no wider than `limit` points; at least one line, maybe empty.

        Breaks at spaces; a word wider than a line is broken after punctuation, else anywhere, never before
        an accent. A line takes one character even where the limit is narrower than that.
        """
        lines: list[str] = []
        room = limit * 1000 / size
        for paragraph in text.split("\n"):
            if self._thousandths(paragraph, weight) <= room:
                lines.append(paragraph.rstrip(" "))
            else:
                lines += self._wrap_paragraph(paragraph, room, weight)
        return lines

    def shortened(self, text: str, limit: float, size: float, weight: int = REGULAR) -> str:
        """The text if it fits on one line, else its beginning and an ellipsis; for what is repeated only."""
        first, *more = self.wrap(text, limit, size, weight)
        if not more:
            return first
        return self.wrap(text, limit - self.width("…", size, weight), size, weight)[0] + "…"

    def _thousandths(self, text: str, weight: int) -> int:
        cache = self._cache[weight]
        found = cache.get(text)
        if found is None:
            widths = self._widths[weight]
            found = sum([widths[character] for character in text])
            if len(cache) < 20_000:  # a bound, so that a long-lived process does not grow
                cache[text] = found
        return found

    def _wrap_paragraph(self, paragraph: str, room: float, weight: int) -> list[str]:
        lines: list[str] = []
        line, used = "", 0
        for token in _WORDS.findall(paragraph):
            width = self._thousandths(token, weight)
            if used + width <= room or token[0] == " ":
                line, used = line + token, used + width
                continue
            if line.strip(" "):
                lines.append(line.rstrip(" "))
            *broken, line = self._break_word(token, room, weight)
            lines += broken
            used = self._thousandths(line, weight)
        if line.strip(" ") or not lines:
            lines.append(line.rstrip(" "))
        return lines

    def _break_word(self, word: str, room: float, weight: int) -> list[str]:
        """The word in pieces that fit; the last one may be followed by more text."""
        widths = self._widths[weight]
        pieces: list[str] = []
        start = 0
        used = 0
        soft = 0
        position = 0
        while position < len(word):
            character = word[position]
            width = widths[character]
            if used + width > room and position > start and not unicodedata.combining(character):
                end = soft if soft - start > (position - start) * _FAIR_PART else position
                pieces.append(word[start:end])
                start = soft = end
                used = sum(widths[c] for c in word[start:position])
                continue  # what was left over may leave no room for this character either
            used += width
            position += 1
            if character in _SOFT_BREAKS:
                soft = position
        pieces.append(word[start:])
        return pieces
