"""Pages from `serve` in Chromium, with its headers: the style is let in, the PDF opens in place, dead links say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web_site import Site
from tools.chromium import Tab

Address = Callable[[str], str]


def answer(tab: Tab) -> dict[str, object]:
    """What came for the page itself."""
    told = [
        p["response"] for method, p in tab.events if method == "Network.responseReceived" and p["type"] == "Document"
    ]
    first: dict[str, object] = told[0]
    return first


def header(tab: Tab, name: str) -> str:
    headers = answer(tab)["headers"]
    assert isinstance(headers, dict)
    return str({key.lower(): value for key, value in headers.items()}[name])


def test_the_page_opens_with_its_style(tab: Tab, site: Site, address: Address) -> None:
    """The policy lets in the page's own style and nothing is refused; the page looks as it does from a folder."""
    tab.open(address(site.path("2026-0001")))
    assert tab.complaints() == []
    assert answer(tab)["status"] == 200
    assert "style-src 'sha256-" in header(tab, "content-security-policy")
    assert tab.value("getComputedStyle(document.querySelector('.sheet')).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.value("getComputedStyle(document.querySelector('.code, .payment')).display") in ("block", "flex")
    assert tab.value("document.querySelector('.lines thead th').scope") == "col"


def test_a_foreign_style_is_refused(tab: Tab, site: Site, address: Address) -> None:
    """The same look into the browser's complaints finds what the policy does not let in."""
    tab.open(address(site.path("2026-0001")))
    tab.value("document.head.appendChild(document.createElement('style')).textContent = 'body{color:red}'; 0")
    tab.value("document.body.setAttribute('style', 'color:red'); 0")
    assert any("Content Security Policy" in text for text in tab.complaints())
    assert tab.value("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"


@pytest.mark.parametrize("number", [0, 1])
def test_the_files_open_in_place(tab: Tab, site: Site, address: Address, number: int) -> None:
    """PDF and act: followed from the page, shown by the browser, not saved."""
    tab.send("Browser.setDownloadBehavior", behavior="deny", eventsEnabled=True)
    tab.open(address(site.path("2026-0001")))
    target = tab.value(f"document.querySelectorAll('.files a')[{number}].href")
    tab.open(target)
    assert tab.value("document.contentType") == "application/pdf"
    assert header(tab, "content-disposition").startswith("inline; filename=")
    assert [method for method, _ in tab.events if "download" in method.lower()] == []
    # a PDF names no icon of its own, so a browser may ask for the host's, at a moment of its own
    assert [text for text in tab.complaints() if not text.endswith("/favicon.ico")] == []


@pytest.mark.parametrize(("path", "status"), [("EXPIRED", 410), ("REVOKED", 404), ("CANCELLED", 404), ("A" * 43, 404)])
def test_dead_links_say_so(tab: Tab, site: Site, address: Address, axe: str, path: str, status: int) -> None:
    """Readable on a telephone, in the dark too, kept from nobody; the one complaint is the status."""
    for scheme in ("light", "dark"):
        tab.prefer(scheme)
        tab.screen(360, 740, mobile=True)
        tab.open(address(f"/{site.names.get(path, path)}/invoice.html"))
        assert answer(tab)["status"] == status
        assert [text for text in tab.complaints() if f"status of {status}" not in text] == []
        assert tab.value("document.documentElement.scrollWidth") == 360
        tab.value(axe + ";0")
        assert tab.value("axe.run(document).then(r => r.violations.map(v => v.id))") == []
        assert tab.value("document.body.innerText").count("Client c00") == 0
