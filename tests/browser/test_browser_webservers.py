"""The published folder behind nginx and Apache, as `links webserver` sets them up: what opens, what is over, what tells
nothing. Each test runs with both, at the root of a host with TLS and below a path without."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import pytest

from studio_support.config import load_settings
from studio_support.studio import Studio
from tests.web_servers import KINDS, fetch, free_port, web_server
from tests.web_site import Reply
from tests.world import ENVIRON, NOW, OCTOBER, SETTINGS, keep_reading, make_reading, write_world
from tools.chromium import Browser

Kind = Literal["nginx", "apache"]
HEADERS = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
FILES = ("invoice.html", "", "invoice.pdf", "invoice.xml", "act.pdf", "timesheet.pdf", "timesheet.csv")
OVER = date(2026, 11, 30)  # the last day of 2026-0003


@dataclass
class Web:
    """A published folder on a web server: 2026-0001 opens with all its files, 2026-0002 was taken back, 2026-0003 has
    expired and was swept."""

    kind: Kind
    folder: Path
    logs: Path
    base_url: str
    links: dict[str, str]

    def studio(self, day: date | None = None) -> Studio:
        return studio_at(self.folder, day)

    def path(self, number: str, file: str = "invoice.html") -> str:
        address = self.links[number].removesuffix("invoice.html") + file
        return "/" + address.split("/", 3)[3]

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        return fetch(self.base_url, path, method, **headers)


def studio_at(folder: Path, day: date | None) -> Studio:
    now = NOW if day is None else datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
    settings = load_settings(folder / "studio-support.toml")
    return Studio(config=settings, clock=lambda: now, person="i.petrova", environ=ENVIRON)


@pytest.fixture(scope="module", params=[f"{kind}-{where}" for kind in KINDS for where in ("host", "path")])
def web(request: pytest.FixtureRequest) -> Iterator[Web]:
    kind, where = request.param.split("-")
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)  # the web server goes in by another user
    try:
        port = free_port()
        base_url = f"https://localhost:{port}" if where == "host" else f"http://127.0.0.1:{port}/our/bills+1.0"
        folder, logs = root / "studio", root / "server"
        write_world(folder, 4, settings=SETTINGS.replace("https://invoices.studio.example", base_url))
        first = folder / "clients" / "c001.toml"
        first.write_text('documents = ["invoice", "act", "timesheet"]\ne_invoice = "en16931"\n' + first.read_text())
        studio_at(folder, None).close_month(OCTOBER, source=keep_reading(make_reading(4, 20), root / "reading"))
        links = studio_at(folder, None).links
        made = {number: links.show(number).link for number in ("2026-0001", "2026-0002", "2026-0003", "2026-0004")}
        links.revoke("2026-0002")
        links.give("2026-0003", expires_on=OVER)
        studio_at(folder, date(2026, 12, 1)).links.sweep()
        logs.mkdir(mode=0o777)
        logs.chmod(0o777)
        with web_server(kind, links.web_server(kind), base_url, logs):
            yield Web(kind, folder, logs, base_url, made)
    finally:
        shutil.rmtree(root)


def headers_of(web: Web) -> dict[str, str]:
    secure = {"strict-transport-security": "max-age=31536000"} if web.base_url.startswith("https") else {}
    return {**HEADERS, **secure}


@pytest.mark.parametrize("file", FILES)
def test_a_link_opens_each_of_its_files(web: Web, file: str) -> None:
    reply = web.ask(web.path("2026-0001", file))
    behind = web.folder / "published" / web.links["2026-0001"].split("/")[-2] / (file or "invoice.html")
    assert (reply.status, reply.body) == (200, behind.read_bytes())
    assert headers_of(web).items() <= reply.headers.items()
    kinds = {".pdf": "application/pdf", ".xml": "application/xml", ".csv": "text/csv; charset=utf-8"}
    assert reply.headers["content-type"] == kinds.get(file[-4:], "text/html; charset=utf-8")
    disposition = {".pdf": "inline", ".xml": "attachment", ".csv": "attachment"}.get(file[-4:])
    assert reply.headers.get("content-disposition") == disposition
    policy = reply.headers["content-security-policy"]
    assert policy.startswith({".pdf": "frame-ancestors 'none'"}.get(file[-4:], "default-src 'none'; "))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_expired_link_is_gone_and_says_whom_to_ask(web: Web, file: str, method: str) -> None:
    reply = web.ask(web.path("2026-0003", file), method)
    assert reply.status == 410
    assert headers_of(web).items() <= reply.headers.items()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "content-disposition" not in reply.headers
    assert reply.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    if method == "GET":
        assert b"This link has expired" in reply.body
        assert b'href="mailto:billing@studio.example?subject=' in reply.body
        assert b"EUR" not in reply.body


def test_a_link_whose_day_is_moved_opens_again(web: Web) -> None:
    path, pdf = web.path("2026-0004"), web.path("2026-0004", "invoice.pdf")
    before = web.ask(path)
    web.studio().links.give("2026-0004", expires_on=OVER)
    web.studio(date(2026, 12, 1)).links.sweep()
    assert [web.ask(path).status, web.ask(pdf).status] == [410, 410]
    web.studio(date(2026, 12, 1)).links.give("2026-0004", expires_on=date(2027, 1, 31))
    after = web.ask(path)
    assert (after.status, after.body) == (200, before.body)
    assert web.ask(pdf).status == 200


def test_a_link_that_was_being_opened_again_when_the_power_went_is_opened_by_the_next_close(web: Web) -> None:
    folder = web.folder / "published" / web.links["2026-0004"].split("/")[-2]
    (folder / "expired.html").write_bytes(b"what the sweep had left")
    assert web.ask(web.path("2026-0004")).status == 410
    assert web.studio(date(2026, 12, 1)).documents.publish(OCTOBER) == []
    assert web.ask(web.path("2026-0004")).status == 200


def test_what_opens_nothing_is_all_the_same(web: Web) -> None:
    """Taken back, unknown, mistyped, and whatever else lies in the folder or beside it."""
    link, over = web.path("2026-0001", ""), web.path("2026-0003", "")
    paths = (
        web.path("2026-0002"),
        web.path("2026-0002", "invoice.pdf"),
        link[:-2] + "/invoice.html",
        link[:-1],
        f"{link}other.pdf",
        f"{link}INVOICE.PDF",
        f"{link}expired.html",
        f"{over}expired.html",
        f"/{over.split('/')[-2]}/expired.html",
        f"{link}invoice.html/x",
        f"{link.rsplit('/', 2)[0]}/.studio-support-store",
        f"{link.rsplit('/', 2)[0]}/",
        "/",
        "/.studio-support-store",
        "/studio-support.toml",
        "/index.html",
        "/icons/",
        "/server-status",
        "/" + "x" * 4000,
    )
    replies = [web.ask(path) for path in paths]
    assert [reply.status for reply in replies] == [404] * len(paths)
    bodies = {path: reply.body for path, reply in zip(paths, replies, strict=True)}
    assert set(bodies.values()) == {replies[0].body}
    assert all(headers_of(web).items() <= reply.headers.items() for reply in replies)


@pytest.mark.parametrize("up", ["..", "%2e%2e", ".%2e", "..%2f..", "%2e%2e%5c", "..;"])
def test_no_way_leads_out_of_the_folder(web: Web, up: str) -> None:
    """Each server refuses them in its own words."""
    link = web.path("2026-0001", "")
    for path in (f"{link}{up}/{up}/studio-support.toml", f"/{up}/studio-support.toml", f"{link}{up}/{up}/{up}/{up}/"):
        reply = web.ask(path)
        assert reply.status in (400, 404)
        assert b"studio" not in reply.body.lower()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_nothing_but_get_and_head_is_answered(web: Web, method: str) -> None:
    for path in (web.path("2026-0001"), web.path("2026-0002"), web.path("2026-0003"), "/nothing"):
        assert web.ask(path, method).status == 405


def test_viewers_get_parts_and_nothing_is_kept_on_the_way(web: Web) -> None:
    pdf = web.path("2026-0001", "invoice.pdf")
    part = web.ask(pdf, Range="bytes=10-19")
    assert (part.status, part.body) == (206, web.ask(pdf).body[10:20])
    assert headers_of(web).items() <= part.headers.items()
    assert web.ask(pdf, "HEAD").body == b""


def test_no_log_holds_a_link(web: Web) -> None:
    """Not even where something goes wrong: a file that the web server may not read, an address that is too long."""
    name = web.links["2026-0001"].split("/")[-2]
    behind = web.folder / "published" / name / "timesheet.csv"
    behind.chmod(0)
    try:
        web.ask(web.path("2026-0001", "timesheet.csv"))
    finally:
        behind.chmod(0o644)
    web.ask(web.path("2026-0001") + "?" + "x" * 20000)
    web.ask(web.path("2026-0001", "nothing.pdf"))
    for log in web.logs.rglob("*"):
        if log.is_file() and log.suffix != ".conf":
            assert name not in log.read_text("utf-8", "replace"), log


def test_chromium_shows_the_page_with_its_style_and_the_expired_one_too(web: Web, browser: Browser) -> None:
    """In the clear alone: the certificate of the tests is nobody's."""
    if web.base_url.startswith("https"):
        return
    tab = browser.tab()
    tab.open(web.base_url.removesuffix("/our/bills+1.0") + web.path("2026-0001"))
    assert tab.complaints() == []
    assert tab.value("getComputedStyle(document.querySelector('.sheet')).backgroundColor") == "rgb(255, 255, 255)"
    tab.open(web.base_url.removesuffix("/our/bills+1.0") + web.path("2026-0003", "invoice.pdf"))
    assert [text for text in tab.complaints() if "status of 410" not in text] == []
    assert tab.value("getComputedStyle(document.querySelector('main')).maxWidth") != "none"
    assert tab.value("document.querySelector('a').href").startswith("mailto:billing@studio.example?subject=")
    tab.close()
