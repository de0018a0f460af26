"""The page printed by Chromium: the text of the screen on A4, heads repeated, no line broken over pages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from studio_invoices import with_totals
from studio_invoices.html import render_page
from studio_invoices.model import Invoice
from studio_support.testing.documents import sample_invoice, sample_lines, sample_russian, sample_swiss
from tests.browser.conftest import documents
from tools.chromium import Tab

A4 = (595, 842)
NAMES = sorted(documents())
_JOINED = re.compile("[\ufb00-\ufb06]")
# what is seen, text by text; without the links to files, which paper has no use for, and what only is read aloud
_TEXTS = """(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (text && !parent.closest('nav, caption') && parent.getClientRects().length) texts.push(text);
  }
  return texts;
})()"""


def solid(text: str) -> str:
    """Without spaces, and letters as they are typed, whatever the font joins."""
    typed = _JOINED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return "".join(typed.split())


def printed(tab: Tab, path: Path, **options: object) -> list[str]:
    """The text of each printed page, spaces left out, without its number."""
    tab.open(path.as_uri())
    tab.prefer(media="")
    reader = PdfReader(BytesIO(tab.pdf(**options)))
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages} == {A4}
    texts = [solid(page.extract_text()) for page in reader.pages]
    for number, text in enumerate(texts, start=1):
        assert f"{number}/{len(texts)}" in text
    return [text.replace(f"{number}/{len(texts)}", "", 1) for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "hard"])
def test_paper_has_the_text_of_the_screen(tab: Tab, pages: dict[str, Path], name: str) -> None:
    """Every text of the screen is on paper, and no letter more than the heads of the table on each further page."""
    tab.open(pages[name].as_uri())
    seen = [solid(text) for text in tab.value(_TEXTS)]
    heads = solid(tab.value("document.querySelector('.lines thead').textContent"))
    sheets = printed(tab, pages[name])
    whole = "".join(sheets)
    assert len(seen) > 30
    for text in seen:
        assert text in whole, text
    surplus = Counter(whole) - Counter("".join(seen))
    repeated = [sheet for sheet in sheets[1:] if heads in sheet]
    assert surplus == Counter(heads * len(repeated))
    assert Counter("".join(seen)) - Counter(whole) == Counter()


@pytest.mark.parametrize("name", ["long", "long-russian"])
def test_heads_are_repeated_and_lines_stay_whole(tab: Tab, pages: dict[str, Path], name: str) -> None:
    """On each page with lines: the heads. Each line stands on one page; no project's name ends a page."""
    invoice = documents()[name]
    sheets = printed(tab, pages[name])
    tab.prefer()
    heads = solid(tab.value("document.querySelector('.lines thead').textContent"))
    rows = [
        solid(text) for text in tab.value("[...document.querySelectorAll('.lines tbody tr')].map(r => r.innerText)")
    ]
    assert len(sheets) >= 3
    numbered = [row for row in rows if re.match(r"\d", row)]
    assert len(numbered) == len(invoice.lines)
    for row in rows:
        assert sum(row in sheet for sheet in sheets) >= 1, row
    for sheet in sheets:
        lines = [row for row in numbered if row in sheet]
        assert not lines or sheet.startswith(heads) or sheet is sheets[0]
        names = [solid(line.project) for line in invoice.lines]
        assert not any(sheet.endswith(name) for name in names)
    assert heads in sheets[0]
    assert not sheets[-1].endswith(heads)


@pytest.mark.parametrize(
    ("make", "first_sum", "counts"),
    [(sample_invoice, "Nettotal", range(30, 39)), (sample_russian, "СуммаНДС5%", range(4, 13))],
)
def test_sums_are_never_without_a_line(
    tab: Tab, tmp_path: Path, make: Callable[..., Invoice], first_sum: str, counts: range
) -> None:
    """Wherever the page ends: a line stands above the sums, and the first page has lines below its head."""
    for count in counts:
        path = tmp_path / f"{count}.html"
        invoice = make(count=count)
        path.write_text(render_page(invoice, pdf_name="invoice.pdf"))
        sheets = printed(tab, path)
        assert f"#{invoice.lines[0].issue}" in sheets[0], count
        (summed,) = [sheet for sheet in sheets if first_sum in sheet]
        assert re.search(r"#\d{4}", summed.split(first_sum)[0]), count


def test_the_foot_is_never_torn(tab: Tab, tmp_path: Path) -> None:
    """Wherever the page ends: name, street and town of the seller below the last line stand on one page."""
    swiss = sample_swiss()
    for count in range(20, 31):
        lines = sample_lines("fr", count, Decimal("150.00"), Decimal("8.1"))
        path = tmp_path / f"{count}.html"
        path.write_text(render_page(with_totals(replace(swiss, lines=lines)), pdf_name="invoice.pdf"))
        sheets = printed(tab, path)
        assert any("RueduMidi121003Lausanne" in sheet for sheet in sheets), count


def test_paper_is_light_whatever_the_screen_is(tab: Tab, pages: dict[str, Path]) -> None:
    """Printed out of the dark: black on white, nothing of the night."""
    tab.open(pages["german"].as_uri())
    tab.prefer("dark", "")
    dark = tab.pdf()
    tab.prefer("light", "")
    light = tab.pdf()
    texts = [[page.get_contents().get_data() for page in PdfReader(BytesIO(made)).pages] for made in (dark, light)]
    assert texts[0] == texts[1]


def test_the_link_is_not_printed(tab: Tab, pages: dict[str, Path]) -> None:
    """A browser's own head and foot would print the address, which opens the page: ours take their place."""
    sheets = printed(tab, pages["german"], displayHeaderFooter=True)
    assert not any("file:" in sheet or "german.html" in sheet for sheet in sheets)
