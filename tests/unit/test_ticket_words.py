"""Words of a search as Znuny's index knows them."""

from __future__ import annotations

import pytest

from studio_support.desk.words import sought


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("order form", ("order", "form")),
        ('"Order form", (really)!', ("Order", "form", "really")),
        ("a form of C++", ("form",)),
        ("C++ x", ("C", "x")),
        ("form form", ("form",)),
        ("297,50", ("29750",)),
        ("«Баннер» для сайта.", ("Баннер", "для", "сайта")),
        ("jane@acme.test", ("jane@acme.test",)),
        ("for* %", ("for",)),
        ("* % . ***", ()),
        ("  ", ()),
    ],
)
def test_signs_and_short_words_are_left_out(text: str, words: tuple[str, ...]) -> None:
    assert sought(text) == words
