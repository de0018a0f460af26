"""`serve` behind nginx, set up word by word as docs/how-to/publish.md shows it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from studio_support.testing.pages import serving
from tests.web_servers import fetch, free_port, web_server
from tests.web_site import Site

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "publish.md"


def example(port: int, behind: int) -> str:
    """The last configuration of nginx in the how-to, on other ports."""
    text = re.findall(r"```nginx\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)[-1]
    assert "proxy_pass http://127.0.0.1:8080;" in text
    changes = {"listen 443 ssl": f"listen {port} ssl", ":8080;": f":{behind};", "invoices.studio.example": "localhost"}
    for shown, here in changes.items():
        text = text.replace(shown, here)
    return text


@contextmanager
def proxied(behind: int) -> Iterator[tuple[str, Path]]:
    """The address of nginx before that port, and where its logs are."""
    logs = Path(tempfile.mkdtemp())
    logs.chmod(0o777)
    base_url = f"https://localhost:{free_port()}"
    try:
        with web_server("nginx", example(int(base_url.rpartition(":")[2]), behind), base_url, logs):
            yield base_url, logs
    finally:
        shutil.rmtree(logs)


@pytest.fixture(scope="module")
def base_url(site: Site) -> Iterator[str]:
    with proxied(site.served.port) as (address, _):
        yield address


def test_the_proxy_hands_everything_on_as_it_is(site: Site, base_url: str) -> None:
    page = site.path("2026-0001")
    pdf = page.replace(".html", ".pdf")
    asked: list[tuple[str, str, dict[str, str]]] = [
        (page, "GET", {}),
        (page, "HEAD", {}),
        (pdf, "GET", {"Range": "bytes=10-19"}),
        (site.dead["2026-0003"], "GET", {}),
        (site.dead["2026-0002"], "GET", {}),
        ("/nothing", "GET", {}),
        ("/healthz", "GET", {}),
        (page, "POST", {}),
    ]
    for path, method, headers in asked:
        direct = site.ask(path, method, **headers)
        through = fetch(base_url, path, method, **headers)
        kept = {name: value for name, value in direct.headers.items() if name not in {"server", "connection"}}
        assert (through.status, through.headers, through.body) == (direct.status, kept, direct.body), path


def test_nobody_changes_by_a_header_who_he_is(site: Site) -> None:
    """One limit on misses for one client, whatever he says of himself."""
    with serving(site.studio(), misses_per_minute=3) as served, proxied(served.port) as (base_url, _):
        found = [fetch(base_url, "/nothing", X_Forwarded_For=f"192.0.2.{number}").status for number in range(5)]
        assert found == [404] * 3 + [429] * 2
        assert fetch(base_url, site.path("2026-0001")).status == 200


def test_no_log_holds_a_link_when_nothing_answers_behind_it(site: Site) -> None:
    with proxied(free_port()) as (base_url, logs):
        assert fetch(base_url, site.path("2026-0001")).status == 502
        name = site.path("2026-0001").split("/")[1]
        for log in logs.rglob("*"):
            if log.is_file() and log.suffix != ".conf":
                assert name not in log.read_text("utf-8", "replace"), log
