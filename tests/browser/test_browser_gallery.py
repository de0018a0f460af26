"""docs/gallery/pages shows the pages as they are drawn now, but for what another version of the browser smooths."""

from __future__ import annotations

from PIL import Image

from tools.gallery import differing
from tools.page_gallery import NAMES, TARGET, pictures

MOST = 0.02  # of the pixels at half size


def test_the_gallery_shows_the_pages_of_now() -> None:
    """After a change that is meant: `python -m tools.page_gallery`, and look at the pictures."""
    wrong = {}
    for name, picture in pictures():
        share = differing(picture, Image.open(TARGET / f"{name}.png")) / (picture.width * picture.height / 4)
        if share > MOST:
            wrong[name] = f"{share:.1%}"
    assert wrong == {}


def test_other_words_are_seen() -> None:
    """The comparison finds another page: the Russian one is not the German one."""
    german, russian = (Image.open(TARGET / f"{name}.png") for name in ("de", "ru"))
    size = (german.width, min(german.height, russian.height))
    both = [picture.crop((0, 0, *size)) for picture in (german, russian)]
    assert differing(*both) > MOST * size[0] * size[1] / 4


def test_pictures_are_small() -> None:
    """150 KB each, and none that nobody makes any more."""
    assert {path.stem for path in TARGET.glob("*.png")} == set(NAMES)
    assert max(path.stat().st_size for path in TARGET.glob("*.png")) <= 150_000
