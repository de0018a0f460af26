"""The JSON and CSV that scripts build on: names and types as documented, money as text, minutes as whole numbers."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.cli.conftest import Desk

DRAFT = {"client", "currency", "minutes", "booked_minutes", "net", "tax", "gross", "plan", "flags", "number", "link"}
LINE = {
    *("project", "issue", "ticket", "title", "specialist", "minutes", "booked_minutes", "rate_per_hour", "net"),
    *("gross", "tax_rate", "entries", "heading"),
}
MONEY = {"net", "tax", "gross", "rate_per_hour", "tax_rate", "base", "rate"}


def check_types(value: Any, name: str = "") -> None:
    """No number but whole ones, money as text of decimal digits, wherever it stands."""
    if isinstance(value, dict):
        for key, item in value.items():
            check_types(item, key)
    elif isinstance(value, list):
        for item in value:
            check_types(item, name)
    elif name in MONEY and value is not None:
        assert isinstance(value, str), name
        assert value.replace(".", "", 1).lstrip("-").isdecimal(), f"{name}: {value}"
    elif name.endswith("minutes"):
        assert value is None or type(value) is int, name
    else:
        assert not isinstance(value, float), name


def test_preview_gives_the_plan(desk: Desk) -> None:
    data = desk.json("bill", "preview", "2026-10")
    check_types(data)
    assert {"month", "plan", "drafts", "skipped", "problems", "notices"} <= set(data)
    assert data["month"] == "2026-10"
    by_client = {draft["client"]: draft for draft in data["drafts"]}
    acme = by_client["acme"]
    assert set(acme) >= DRAFT | {"lines", "taxes"}
    assert (acme["number"], acme["link"], acme["net"], acme["minutes"]) == (None, None, "225.00", 225)
    assert all(set(line) >= LINE for line in acme["lines"])
    assert acme["lines"][0]["entries"] == ["1", "2"]
    assert acme["lines"][0]["specialist"] is None, "two people share one rate"
    assert acme["lines"][1]["specialist"] == "Anna Petrova"
    assert set(acme["taxes"][0]) == {"category", "rate", "base", "tax"}
    skipped = {row["entry"]: row for row in data["skipped"]}
    assert skipped["4"] == {"entry": "4", "minutes": 60, "as": "non_billable", "reason": skipped["4"]["reason"]}
    assert skipped["6"]["as"] == "internal"


def test_close_gives_the_same_with_numbers_and_links_each_time(desk: Desk) -> None:
    plan = desk.json("bill", "preview", "2026-10")["plan"]
    first = desk.json("bill", "close", "2026-10", "--plan", plan)
    second = desk.json("bill", "close", "2026-10", "--plan", plan)
    check_types(first)
    assert first["plan"] == second["plan"] == plan
    assert [draft["number"] for draft in first["drafts"]] == ["2026-0001", "2026-0002"]
    assert second["drafts"] == first["drafts"]
    assert all(set(draft) >= DRAFT and draft["link"].startswith("https://") for draft in first["drafts"])
    assert all(set(notice) >= {"source", "message", "next_step"} for notice in first["notices"])
    assert first["notices"], "the first month of the store is told"


def test_reconcile_gives_the_certificate(desk: Desk) -> None:
    desk.done("bill", "close", "2026-10")
    data = desk.json("bill", "reconcile", "2026-10")
    check_types(data)
    places = ["billed", "prepaid", "goodwill", "non_billable", "fixed", "internal", "before_start", "written_off"]
    assert list(data["minutes"]) == ["booked", *places, "unbilled"]
    assert data["minutes"]["booked"] == sum(data["minutes"][place] for place in [*places, "unbilled"]) == 495
    assert {row["client"] for row in data["clients"]} == {"acme", "beta", None}
    assert all(set(row) == {"client", *data["minutes"]} for row in data["clients"])
    assert all(set(row) == {"entry", "client", "minutes", "as", "reason", "invoice"} for row in data["entries"])
    assert [row["entry"] for row in data["entries"]] == ["1", "2", "3", "4", "5", "6"]


def test_every_other_command_speaks_json_too(desk: Desk) -> None:
    desk.done("bill", "close", "2026-10")
    listed = desk.json("invoice", "list")
    assert [(row["number"], row["gross"], row["minutes"]) for row in listed] == [
        ("2026-0001", "267.75", 225),
        ("2026-0002", "321.30", 180),
    ]
    shown = desk.json("invoice", "show", "2026-0001")
    assert (shown["number"], shown["state"], shown["buyer"]["name"]) == ("2026-0001", "issued", "Client acme")
    explained = desk.json("bill", "explain", "2026-0001:1")
    assert [entry["id"] for entry in explained["lines"][0]["entries"]] == ["1", "2"]
    assert desk.json("bill", "explain", "entry:5")["places"][0]["invoice"] == "2026-0002"
    assert explained["issued_at"] == "2026-11-02T09:00:00Z"
    assert desk.json("numbers", "audit")["series"][0]["documents"] == 2
    letters = desk.json("bill", "send", "2026-10", "--dry-run")
    assert [letter["to"] for letter in letters["letters"]] == ["acme@client.example", "beta@client.example"]
    assert "2026-0001" in letters["messages"][0]["subject"]
    assert [row["id"] for row in desk.json("client", "list")] == ["acme", "beta"]
    assert desk.json("client", "show", "acme")["currency"] == "EUR"
    assert desk.json("client", "check") == {"clients": 2, "problems": [], "notices": []}
    assert desk.json("client", "discover") == []
    assert desk.json("db", "check") == {"problems": []}
    assert desk.json("db", "upgrade")["before"] == desk.json("db", "upgrade")["after"]
    assert desk.json("bill", "hold", "2026-11", "--client", "acme") == {
        "month": "2026-11",
        "client": "acme",
        "held": True,
    }
    assert desk.json("bill", "unhold", "2026-11", "--client", "acme")["held"] is False
    cancelled = desk.json("invoice", "cancel", "2026-0001", "--reason", "Wrong rate")
    assert (cancelled["number"], cancelled["cancels"], cancelled["month"]) == ("2026-0003", "2026-0001", "2026-10")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_is_for_spreadsheets_plain_figures_and_one_table(desk: Desk) -> None:
    preview = table(desk.done("--format", "csv", "bill", "preview", "2026-10").out)
    assert [(row["client"], row["minutes"], row["net"], row["currency"]) for row in preview] == [
        ("beta", "180", "270.00", "EUR"),
        ("acme", "225", "225.00", "EUR"),
    ]
    by_person = table(desk.done("--format", "csv", "bill", "preview", "2026-10", "--by", "person").out)
    assert [(row["client"], row["person"], row["minutes"], row["net"]) for row in by_person] == [
        ("beta", "Boris Ivanov", "180", "270.00"),
        ("acme", "Anna Petrova", "195", "195.00"),
        ("acme", "Boris Ivanov", "30", "30.00"),
    ]
    closed = table(desk.done("--format", "csv", "bill", "close", "2026-10").out)
    assert [(row["number"], row["gross"]) for row in closed] == [("2026-0001", "267.75"), ("2026-0002", "321.30")]
    entries = table(desk.done("--format", "csv", "bill", "reconcile", "2026-10", "--entries").out)
    assert [(row["entry"], row["minutes"], row["as"]) for row in entries][3] == ("4", "60", "non_billable")
    sums = table(desk.done("--format", "csv", "bill", "reconcile", "2026-10").out)
    assert [(row["client"], row["booked"], row["billed"]) for row in sums] == [
        ("acme", "285", "225"),
        ("beta", "180", "180"),
        ("", "30", "0"),
    ]


def test_a_task_that_a_spreadsheet_would_take_for_a_formula_stays_text(desk: Desk) -> None:
    desk.office.redmine.issues[desk.office.task_2].subject = "=HYPERLINK(1)"
    out = desk.done("--format", "csv", "bill", "preview", "2026-10", "--by", "task").out
    assert "Beta shop: #2 =HYPERLINK(1)" in out
    desk.done("bill", "close", "2026-10")
    [row] = table(desk.done("--format", "csv", "invoice", "show", "2026-0002").out)
    assert row["title"] == "'=HYPERLINK(1)"
    assert desk.json("invoice", "show", "2026-0002")["lines"][0]["title"] == "=HYPERLINK(1)"


def test_subtotals_come_on_request(desk: Desk) -> None:
    data = desk.json("bill", "preview", "2026-10", "--by", "project")
    acme = next(draft for draft in data["drafts"] if draft["client"] == "acme")
    assert acme["subtotals"] == [{"name": "ACME site", "minutes": 225, "net": "225.00"}]
