"""Configurations of web servers carry the headers of `serve` and open links alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from studio_support.delivery.web_config import apache, nginx
from studio_support.delivery.web_headers import BASE

HASHES = ("'sha256-AAAA='", "'sha256-BBBB='")
FOLDER = PurePosixPath("/srv/studio/published")
_FILES = ("invoice.pdf", "invoice.xml", "act.pdf", "timesheet.pdf", "timesheet.csv")
Make = Callable[[str, PurePosixPath, tuple[str, ...]], str]


@pytest.mark.parametrize("make", [nginx, apache])
def test_every_header_is_set(make: Make) -> None:
    text = make("https://invoices.studio.example", FOLDER, HASHES)
    for name, value in {**BASE, "Strict-Transport-Security": "max-age=31536000"}.items():
        assert re.search(rf'{name} "{re.escape(value)}"', text)
    assert f"style-src {HASHES[0]} {HASHES[1]};" in text
    assert 'root "/srv/studio/published"' in text.lower().replace("documentroot", "root")
    assert "443" in text


@pytest.mark.parametrize("make", [nginx, apache])
def test_in_the_clear_there_is_no_promise_of_tls(make: Make) -> None:
    text = make("http://127.0.0.1:8099", FOLDER, HASHES)
    assert "Strict-Transport" not in text
    assert "ssl" not in text.lower()
    assert "8099" in text


@pytest.mark.parametrize("base", ["https://s.example", "https://s.example:8443/our/bills"])
@pytest.mark.parametrize("make", [nginx, apache])
def test_the_pattern_opens_links_files_and_nothing_else(make: Make, base: str) -> None:
    prefix = "/our/bills" if "bills" in base else ""
    pattern = re.findall(r'(?:location ~ "|RewriteRule !)(\^\S+?\$)', make(base, FOLDER, HASHES))[0]
    pattern = pattern.replace("(?<", "(?P<")  # names of groups as Python writes them
    link = f"{prefix}/{'x' * 43}/"
    for path in (link, f"{link}invoice.html", *(link + name for name in _FILES)):
        assert re.match(pattern, path)
    for path in (
        f"{prefix}/.studio-support-store",
        f"{link}other.pdf",
        f"{link}invoice.csv",
        f"{link}expired.html",
        f"{prefix}/{'x' * 42}/",
        f"{prefix}/",
        "/",
    ):
        assert not re.match(pattern, path)
    assert ("8443" in make(base, FOLDER, HASHES)) == (":8443" in base)


@pytest.mark.parametrize(("make", "line"), [(nginx, "error_log stderr crit;"), (apache, "LogLevel crit")])
def test_no_log_holds_links_not_even_that_of_errors(make: Make, line: str) -> None:
    """A file that the server may not read is an "error" whose line has the whole address."""
    assert line in make("https://invoices.studio.example", PurePosixPath("/srv/published"), ("'sha256-x'",))


@pytest.mark.parametrize("make", [nginx, apache])
def test_the_page_of_an_expired_link_is_answered_with_410(make: Make) -> None:
    """By the file that tells so; tests/browser asks the servers themselves."""
    text = make("https://invoices.studio.example", FOLDER, HASHES)
    assert re.search(r"^ +(error_page|ErrorDocument) 410 .*/expired[.]html", text, re.MULTILINE)
    assert re.search(r"return 410|R=410", text)


def test_a_host_of_apache_has_a_log_of_its_own_lest_that_of_the_whole_server_holds_links() -> None:
    assert '    CustomLog "/dev/null" ' in apache("https://invoices.studio.example", FOLDER, HASHES)


@pytest.mark.parametrize("make", [nginx, apache])
def test_the_path_of_the_address_is_taken_by_the_letter(make: Make) -> None:
    text = make("https://s.example/bills+v1.0", FOLDER, HASHES)
    pattern = re.findall(r'(?:location ~ "|RewriteRule !)(\^\S+?\$)', text)[0].replace("(?<", "(?P<")
    assert re.match(pattern, f"/bills+v1.0/{'x' * 43}/")
    assert not re.match(pattern, f"/bills+v1x0/{'x' * 43}/")
    assert not re.match(pattern, f"/billssv1.0/{'x' * 43}/")
