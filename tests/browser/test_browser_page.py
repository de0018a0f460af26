"""The page in Chromium: it opens alone, fits a telephone, can be read in the dark, and keeps nobody out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import documents
from tools.chromium import Tab

NAMES = sorted(documents())
WIDTHS = (320, 360, 768, 1280)
# an element whose text is cut off by its own box, which one cannot scroll, or that reaches out of the screen
_CUT = """[...document.querySelectorAll('body *:not(caption):not(.lines > thead):not(.lines > thead *)')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5
    || (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible'));
}).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30))"""


# what axe-core leaves to people: contrast of single letters and of lines that touch, both measured by _CONTRAST, and
# heads of projects, which are heads of lines and not of cells
_LEFT_OPEN = {"color-contrast", "th-has-data-cells"}
# the least contrast of any text with the ground below it, as WCAG 2 defines it
_CONTRAST = """(() => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    const colour = parts(getComputedStyle(e).backgroundColor);
    return colour[3] === 0 ? ground(e.parentElement) : colour;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim()) continue;
    const [low, high] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => a - b);
    found.push((high + 0.05) / (low + 0.05));
  }
  return Math.min(...found);
})()"""


def violations(tab: Tab, axe: str) -> list[str]:
    """What axe-core finds, in its rules for WCAG 2.2 AA and its own best practices, or could not decide."""
    tab.value(axe + ";0")
    found: dict[str, Any] = tab.value(
        "axe.run(document).then(r => ({"
        "bad: r.violations.map(v => [v.id, ...v.nodes.map(n => n.html.slice(0, 90))].join(' | ')),"
        "open: r.incomplete.map(v => v.id), checked: r.passes.map(v => v.id)}))"
    )
    assert {"color-contrast", "document-title", "html-has-lang", "heading-order"} <= set(found["checked"])
    bad: list[str] = found["bad"]
    return bad + sorted(set(found["open"]) - _LEFT_OPEN)


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_from_a_folder(tab: Tab, pages: dict[str, Path], name: str) -> None:
    """Nothing is missing, blocked or complained of."""
    tab.open(pages[name].as_uri())
    assert tab.complaints() == []
    assert [p["request"]["url"] for method, p in tab.events if method == "Network.requestWillBeSent"] == [
        pages[name].as_uri()
    ]
    assert (
        tab.value("document.scripts.length + document.querySelectorAll('[src],link,iframe,object,embed').length") == 0
    )


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_every_screen(tab: Tab, pages: dict[str, Path], name: str) -> None:
    """No scrolling sideways, nothing cut off, from a small telephone to a desk."""
    for width in WIDTHS:
        tab.screen(width, 740, mobile=width < 500)
        tab.open(pages[name].as_uri())
        assert tab.value("document.documentElement.scrollWidth") == width
        assert tab.value("innerWidth") == width
        assert tab.value(_CUT) == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_nobody_out(tab: Tab, pages: dict[str, Path], axe: str, name: str, scheme: str) -> None:
    """axe-core finds nothing on a desk and on a telephone, contrast in the light and in the dark included."""
    tab.prefer(scheme)
    for width in (360, 1280):
        tab.screen(width, 740, mobile=width < 500)
        tab.open(pages[name].as_uri())
        dark = tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(16, 20, 24)"
        assert dark == (scheme == "dark")
        assert tab.value(_CONTRAST) >= 4.5
        if not dark or name in ("german", "russian"):  # all else that it looks at has no colour
            assert violations(tab, axe) == [], width


def test_what_keeps_people_out_is_found(tab: Tab, pages: dict[str, Path], axe: str, tmp_path: Path) -> None:
    """The same checks over a page that was spoilt: grey on white, no language, a heading left out."""
    source = pages["german"].read_text()
    spoilt = source.replace("--grey:#56606a", "--grey:#c0c8ce").replace(' lang="de"', "").replace("h2", "h4")
    path = tmp_path / "spoilt.html"
    path.write_text(spoilt)
    tab.open(path.as_uri())
    tab.value(axe + ";0")
    found = tab.value("axe.run(document).then(r => r.violations.map(v => v.id))")
    assert {"color-contrast", "html-has-lang", "heading-order"} <= set(found)
    assert tab.value(_CONTRAST) < 2


@pytest.mark.parametrize("name", ["german", "russian"])
def test_it_needs_no_scripts(tab: Tab, pages: dict[str, Path], name: str) -> None:
    """With scripts switched off the same is seen, pixel by pixel."""
    tab.open(pages[name].as_uri())
    before = tab.picture()
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(pages[name].as_uri())
    assert tab.picture() == before


def test_the_keyboard_reaches_every_link(tab: Tab, pages: dict[str, Path]) -> None:
    """In the order of reading, and the one that has the focus is seen to have it."""
    tab.open(pages["german"].as_uri())
    reached = []
    for _ in range(4):
        for kind in ("rawKeyDown", "keyUp"):
            tab.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        reached.append(tab.value("document.activeElement.getAttribute('href')"))
        assert tab.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached == ["mailto:rechnung%40webwerk.example", "./invoice.pdf", "./act.pdf", "./invoice.xml"]


def test_text_from_right_to_left_stays_in_its_place(tab: Tab, pages: dict[str, Path]) -> None:
    """Each such text is isolated: figures beside it keep their side."""
    tab.open(pages["hard"].as_uri())
    sides = tab.value(
        "[...document.querySelectorAll('.lines tr:has(.rate:not(:empty))')].map(r => [...r.children].map("
        "cell => cell.getBoundingClientRect().left)).map(lefts => lefts.join() == lefts.sort((a, b) => a - b).join())"
    )
    assert sides == [True, True]
