"""A real browser for the pages, and a studio that serves some. `make browser` runs these tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio_invoices.html import render_page
from studio_invoices.model import BankAccount, Invoice, Party
from studio_support.testing import documents as samples
from tests.web_site import Site, made_site
from tools.chromium import Browser, Tab, chromium

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4


def hard() -> Invoice:
    """Long words without a space, text from right to left and a great amount, wherever a client may put them."""
    text = f"{LONG} שלום עולם \U0001f3a8 <b>&"
    party = Party(text, (text, text), "DE", vat_id=LONG[:40], email=f"{LONG[:60]}@{LONG[:60]}.example", director=text)
    line = samples.sample_lines("de", 1)[0]
    lines = tuple(
        replace(line, number=n, title=text, project=text, ticket=LONG, specialist=text, comments=(text,), heading=h)
        for n, h in ((1, None), (2, "earlier months"))
    )
    bank = BankAccount(text, "HASPDEHHXXX", iban="DE89370400440532013000")
    return samples.sample_invoice("de", lines=lines, seller=party, buyer=party, bank=bank, notes=(text,), reason=text)


def documents() -> dict[str, Invoice]:
    """What a client may be sent."""
    return {
        "german": samples.sample_invoice("de", 5),
        "russian": samples.sample_russian(),
        "long": samples.sample_invoice("en", 48),
        "long-russian": samples.sample_russian(40),
        "mixed": samples.sample_mixed("en"),
        "credit": samples.sample_credit("fr"),
        "draft": samples.sample_invoice("pl", 3, number=None),
        "hard": hard(),
    }


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each document as a page in a folder."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name, invoice in documents().items():
        path = made[name] = folder / f"{name}.html"
        path.write_text(render_page(invoice, pdf_name="invoice.pdf", act_name="act.pdf", xml_name="invoice.xml"))
    return made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A page as wide as a desk's screen, closed afterwards."""
    opened = browser.tab()
    opened.screen(1280)
    opened.prefer()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    file = os.environ.get("STUDIO_AXE")
    if not file:
        pytest.fail("axe-core is not there: run these tests by `make browser`")
    return Path(file).read_text("utf-8")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A studio that serves its invoices; see tests/web_site.py."""
    with made_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="session")
def address(site: Site) -> Callable[[str], str]:
    """The address of a path on that site."""
    return lambda path: f"http://127.0.0.1:{site.served.port}{path}"
