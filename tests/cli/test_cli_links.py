"""invoice link and revoke, links sweep, rotate and webserver, serve: as typed by a person or a script."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import AS_OF, Desk

BASE = "https://invoices.studio.example/"


@pytest.fixture
def closed(desk: Desk) -> Desk:
    """A desk on which October is closed: 2026-0001 for acme, 2026-0002 for beta."""
    desk.done("bill", "close", "2026-10")
    return desk


def folder_of(desk: Desk, link: str) -> Path:
    return desk.office.folder / "published" / link.strip().removeprefix(BASE).removesuffix("/invoice.html")


def test_a_link_is_bare_on_stdout_and_its_last_day_is_told_beside(closed: Desk) -> None:
    run = closed.done("invoice", "link", "2026-0001")
    assert re.fullmatch(rf"{BASE}[A-Za-z0-9_-]{{43}}/invoice\.html\n", run.out)
    assert run.err == "Opens until 2027-03-02.\n"
    assert folder_of(closed, run.out).is_dir()


def test_a_script_gets_the_same_as_json(closed: Desk) -> None:
    shown = closed.json("invoice", "link", "2026-0001")
    assert shown == {
        "number": "2026-0001",
        "for": None,
        "link": closed.done("invoice", "link", "2026-0001").out.strip(),
        "expires_on": "2027-03-02",
        "expired": False,
        "problems": [],
    }
    one = closed.json("invoice", "link", "2026-0001", "--for", "a@acme.example", "--expires", "2026-12-31")
    assert (one["for"], one["expires_on"]) == ("a@acme.example", "2026-12-31")
    assert one["link"] != shown["link"]


def test_a_link_without_a_page_behind_it_is_said_so(closed: Desk) -> None:
    link = closed.done("invoice", "link", "2026-0001").out
    shutil.rmtree(folder_of(closed, link))
    run = closed.run("invoice", "link", "2026-0001")
    assert (run.code, run.out) == (3, link)
    assert "bill close 2026-10" in run.err
    closed.done("bill", "close", "2026-10")
    assert closed.done("invoice", "link", "2026-0001").out == link


def test_a_document_shows_all_its_links_and_how_long_they_open(closed: Desk) -> None:
    own = closed.done("invoice", "link", "2026-0001").out.strip()
    one = closed.done("invoice", "link", "2026-0001", "--for", "a@acme.example", "--expires", "2026-11-02").out.strip()
    late = ("--as-of", "2026-11-03T09:00:00Z")
    assert closed.json(*late, "invoice", "show", "2026-0001")["links"] == [
        {"for": None, "link": own, "expires_on": "2027-03-02", "expired": False},
        {"for": "a@acme.example", "link": one, "expires_on": "2026-11-02", "expired": True},
    ]
    told = closed.done(*late, "invoice", "show", "2026-0001").err
    assert f"Link: {own} (opens until 2027-03-02)\n" in told
    assert f"Link for a@acme.example: {one} (expired on 2026-11-02)\n" in told


def test_taken_back_and_given_anew(closed: Desk) -> None:
    before = closed.done("invoice", "link", "2026-0001").out
    run = closed.done("invoice", "revoke", "2026-0001")
    assert (run.out, run.err) == ("", "1 link to 2026-0001 taken back. For a new one: invoice link 2026-0001 --renew\n")
    assert not folder_of(closed, before).exists()
    assert closed.done("invoice", "revoke", "2026-0001").err == "Nothing to do: no link to 2026-0001 opened.\n"
    refused = closed.run("invoice", "link", "2026-0001")
    assert (refused.code, refused.out) == (4, "")
    assert "was taken back" in refused.err
    assert closed.json("invoice", "show", "2026-0001")["link"] is None
    after = closed.done("invoice", "link", "2026-0001", "--renew").out
    assert after != before
    assert closed.json("invoice", "show", "2026-0001")["link"] == after.strip()


def test_what_has_expired_is_swept_and_cron_hears_nothing_else(closed: Desk) -> None:
    assert closed.done("links", "sweep") == closed.done("links", "sweep")
    assert closed.done("links", "sweep").err == ""
    closed.done("invoice", "link", "2026-0001", "--expires", "2026-11-02")
    late = closed.done("--as-of", "2026-11-03T09:00:00Z", "links", "sweep")
    assert late.err == "1 link expired, 0 links taken down.\n"
    shown = closed.done("--as-of", "2026-11-03T09:00:00Z", "invoice", "link", "2026-0001")
    assert shown.err.startswith("Expired since 2026-11-02")
    again = closed.json("--as-of", "2026-11-03T09:00:00Z", "links", "sweep")
    assert again == {"removed": 0, "expired": 0}


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        (["invoice", "link", "2026-0009"], 1, 'no invoice "2026-0009"'),
        (["invoice", "link", "2026-0001", "--expires", "tomorrow"], 2, "no day such as"),
        (["invoice", "link", "2026-0001", "--expires", "2026-11-01"], 4, "has passed"),
        (["invoice", "link", "2026-0001", "--for", "nobody"], 4, "not of the form"),
        (["invoice", "revoke", "2026-0001", "--for", "a@b.example"], 4, "has no link for a@b.example"),
        (["links", "rotate"], 1, "LINK_SECRET"),
        (["links", "rotate", "--new-secret-env", "NOT_THERE"], 2, "NOT_THERE is empty"),
        (["links", "webserver", "iis"], 2, "nginx"),
        (["serve", "--host", "203.0.113.7"], 4, "without TLS"),
        (["serve", "--host", "203.0.113.7", "--behind-proxy"], 1, "Cannot listen on http://203.0.113.7:8080"),
        (["serve", "--proxy", "proxy.example"], 2, "Give an address such as 10.0.0.5"),
        (["serve", "--proxy", "10.0.0.5/24"], 2, "has host bits set"),
        (["serve", "--host", "203.0.113.7", "--behind-proxy"], 1, "counts as one address for --misses"),
        (["serve", "--port", "0", "--certificate", "no.pem"], 1, "no.pem: No such file"),
        (["serve", "--port", "0", "--certificate", "studio-support.toml"], 1, "is no certificate with its key"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_code(closed: Desk, typed: list[str], code: int, told: str) -> None:
    run = closed.run(*typed)
    assert (run.code, run.out) == (code, "")
    assert told in run.err
    assert "Traceback" not in run.err
    assert "Serving" not in run.err


def test_another_machines_secret_is_refused_with_4(closed: Desk) -> None:
    closed.environ["LINK_SECRET"] = "f" * 64
    for typed in (["invoice", "link", "2026-0001"], ["links", "sweep"], ["invoice", "revoke", "2026-0001"]):
        run = closed.run(*typed)
        assert (run.code, run.out) == (4, "")
        assert "links rotate" in run.err


def test_another_stores_folder_is_refused_with_4(closed: Desk) -> None:
    (closed.office.folder / "published" / ".studio-support-store").write_text('{"store": "x", "secret": "y"}')
    run = closed.run("links", "sweep")
    assert run.code == 4
    assert "another store" in run.err


def test_the_secret_is_changed_and_nothing_dies(closed: Desk) -> None:
    before = closed.done("invoice", "link", "2026-0001").out
    closed.environ["NEW"] = "f" * 64
    run = closed.done("links", "rotate", "--new-secret-env", "NEW")
    assert run.err.splitlines() == [
        "2 links changed; those given out before work until they expire.",
        "From now on set LINK_SECRET to the new secret, wherever studio-support runs.",
    ]
    assert "f" * 64 not in run.out + run.err
    closed.environ["LINK_SECRET"] = "f" * 64
    after = closed.done("invoice", "link", "2026-0001").out
    assert after != before
    assert folder_of(closed, before).is_dir()
    assert folder_of(closed, after).is_dir()


def test_a_folder_in_a_checkout_stops_a_close_before_it_numbers(desk: Desk) -> None:
    subprocess.run(["git", "init", "--quiet", str(desk.office.folder)], check=True)
    run = desk.run("bill", "close", "2026-10")
    assert run.code == 4
    assert "/published/" in run.err
    assert desk.json("invoice", "list") == []
    (desk.office.folder / ".gitignore").write_text("/published/\n")
    desk.done("bill", "close", "2026-10")


@contextmanager
def served(desk: Desk, *options: str) -> Iterator[str]:
    """`serve` on a free port; its address. Ends it as systemd does."""
    command = [sys.executable, "-m", "studio_cli", "--as-of", AS_OF, "serve", "--port", "0", *options]
    environment = desk.environment() | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=desk.office.folder, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.match(r"Serving https://invoices\.studio\.example on (http://127\.0\.0\.1:\d+); ", line)
        assert found, line
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert process.returncode == -signal.SIGTERM
        assert (out, "Traceback" in err) == ("", False)


def test_the_pages_are_served_and_each_fetch_is_a_line_without_a_link(closed: Desk) -> None:
    link = closed.done("invoice", "link", "2026-0001").out.strip()
    name = link.removeprefix(BASE)
    with served(closed, "--log", "fetches.log") as address:
        with urllib.request.urlopen(f"{address}/{name}") as page:  # noqa: S310 - a loopback address
            assert b"Client acme" in page.read()
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{address}/{name[1:]}")  # noqa: S310 - likewise
        caught.value.close()
        assert caught.value.code == 404
        with urllib.request.urlopen(f"{address}/healthz") as health:  # noqa: S310 - likewise
            assert health.read() == b"ok\n"
    log = closed.office.folder / "fetches.log"
    assert log.stat().st_mode & 0o777 == 0o600
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(entry["fetched"], entry["status"]) for entry in entries] == [("page", 200), ("nothing", 404)]
    assert name[:20] not in log.read_text()


def test_serving_needs_no_secret(closed: Desk) -> None:
    link = closed.done("invoice", "link", "2026-0001").out.strip()
    del closed.office.environ["LINK_SECRET"]
    with served(closed) as address:
        page = urllib.request.urlopen(f"{address}/{link.removeprefix(BASE)}")  # noqa: S310 - a loopback address
        with page:
            assert page.status == 200


def test_a_taken_port_is_said(closed: Desk) -> None:
    with served(closed) as address:
        run = closed.run("serve", "--port", address.rpartition(":")[2])
    assert run.code == 1
    assert "Address already in use" in run.err
