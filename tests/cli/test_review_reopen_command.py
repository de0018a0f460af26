"""`bill reopen` on the command line: what it says, its JSON, and what it wants to be told."""

from __future__ import annotations

from tests.cli.conftest import Desk

REOPEN = ("bill", "reopen", "2026-10", "--reason", "wrong rule")


def test_a_month_is_opened_and_then_is_open(desk: Desk) -> None:
    """All development is free by mistake: acme has four entries."""
    desk.office.write_settings(('["Consultation"]', '["Consultation", "Development"]'))
    desk.done("bill", "close", "2026-10")
    told = desk.done(*REOPEN, "--client", "acme").err
    assert told == (
        "2026-10 of acme is open again, and 4 entries are free. To close it: bill close 2026-10 --client acme\n"
    )
    assert desk.done(*REOPEN, "--client", "acme").err == "2026-10 of acme is open already; nothing was changed.\n"
    assert desk.json(*REOPEN, "--internal") == {"month": "2026-10", "client": None, "reopened": True, "entries": 1}
    csv = desk.done("--format", "csv", *REOPEN, "--internal").out
    assert csv.splitlines() == ["month,client,reopened,entries", "2026-10,,no,0"]


def test_it_wants_one_of_client_and_internal_and_a_reason(desk: Desk) -> None:
    assert desk.run(*REOPEN).code == 2
    assert desk.run(*REOPEN, "--client", "acme", "--internal").code == 2
    assert desk.run("bill", "reopen", "2026-10", "--client", "acme").code == 2
    assert desk.run("bill", "reopen", "2026-10", "--client", "acme", "--reason", " ").code == 2
