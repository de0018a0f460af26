"""The preview as a manager reads it: what to look at, in which order, on whatever screen."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pypdf
import pytest

from tests.cli.conftest import Desk
from tests.cli.terminal import Terminal
from tests.office import ON_OCTOBER_2, SEPTEMBER, Office


def a_past(office: Office) -> None:
    """September was billed: acme 1:00, beta 3:00; in October acme has far more, beta nothing; gamma is new."""
    office.redmine.book(office.acme, office.anna, 1, date(2026, 9, 15))
    office.redmine.book(office.beta, office.boris, 3, date(2026, 9, 15))
    office.studio(ON_OCTOBER_2).close_month(SEPTEMBER)
    office.redmine.delete_entry(office.fifth)
    office.write_client("gamma", "50.00")
    gamma = office.redmine.add_project("gamma", "Gamma")
    office.redmine.book(gamma, office.anna, 1, date(2026, 10, 12))


def test_the_most_suspicious_come_first_with_last_month_and_change(desk: Desk) -> None:
    """beta had 3:00 and has nothing; acme has 3:45 after 1:00, 225.00 after 60.00, which is 275 % more."""
    a_past(desk.office)
    run = desk.done("bill", "preview", "2026-10")
    rows = [line for line in run.out.splitlines() if re.match(r"(acme|beta|gamma|\d+ drafts)", line)]
    assert [line.split()[0] for line in rows] == ["beta", "acme", "gamma", "3"]
    assert re.fullmatch(r"beta +0:00 +0.00  EUR +270.00 +-100 %  none this month, 3:00 in 2026-09", rows[0])
    assert re.fullmatch(r"acme +3:45 +225.00  EUR +60.00 +\+275 %  much more than usual \(1:00\)", rows[1])
    assert re.fullmatch(r"gamma +1:00 +50.00  EUR +new client", rows[2])
    assert re.fullmatch(r"3 drafts +4:45 +275.00  EUR +330.00", rows[3])
    assert "Plan " in run.err


def test_what_is_closed_or_left_out_is_named(desk: Desk) -> None:
    desk.done("bill", "close", "2026-10", "--client", "beta")
    desk.office.write_client("acme", "60.00", since="2026-10-06")
    run = desk.run("bill", "preview", "2026-10")
    assert run.code == 3
    assert "Closed already: beta." in run.err
    assert "Not closed by a close now: acme." in run.err
    assert "-> Add a [[rates]] row to clients/acme.toml that begins on or before that day." in run.err
    assert "Not on these drafts: billed 3:00, internal 0:30, unbilled 4:45." in run.err


def test_only_flagged_drafts_on_request(desk: Desk) -> None:
    desk.office.redmine.book(desk.office.beta, desk.office.boris, 1, date(2026, 9, 3))
    desk.office.studio(ON_OCTOBER_2).close_month(SEPTEMBER, clients=["beta"])
    run = desk.done("bill", "preview", "2026-10", "--flagged")
    assert "beta" in run.out, "three times as much as usual"
    data = desk.json("bill", "preview", "2026-10", "--flagged")
    assert all(draft["flags"] for draft in data["drafts"])
    clients = {draft["client"] for draft in data["drafts"]}
    all_clients = {draft["client"] for draft in desk.json("bill", "preview", "2026-10")["drafts"]}
    assert clients == all_clients == {"acme", "beta"}


def test_the_command_that_closes_exactly_this_can_be_copied(desk: Desk) -> None:
    run = desk.done("bill", "preview", "2026-10", "--manager", "i.petrova")
    [line] = [line for line in run.err.splitlines() if line.startswith("Plan ")]
    command = line.partition("To close exactly this: ")[2].split()
    assert command[:3] == ["bill", "close", "2026-10"]
    assert command[-2:] == ["--client", "acme"]
    closed = desk.json(*command)
    assert [draft["client"] for draft in closed["drafts"]] == ["acme"]


@pytest.mark.parametrize("columns", [60, 80, 100, 160])
def test_nothing_is_cut_on_a_narrow_terminal(desk: Desk, columns: int) -> None:
    a_past(desk.office)
    terminal = Terminal(desk, "bill", "preview", "2026-10", columns=columns)
    assert terminal.end() == 0
    plain = "\n".join(terminal.screen())
    table = plain.partition("Not on these drafts")[0].splitlines()
    assert max(len(line) for line in table) <= columns
    for figure in ("3:45", "225.00", "+275 %", "much more than usual (1:00)", "none this month, 3:00 in 2026-09"):
        assert figure in " ".join(plain.split())
    assert "…" not in plain


def test_drafts_to_look_at_are_watermarked_and_bear_no_number(desk: Desk, tmp_path: Path) -> None:
    a_past(desk.office)
    desk.office.redmine.issues[desk.office.task_1].subject = "<b>Fix</b> & go"
    before = desk.office.facts()
    run = desk.done("bill", "preview", "2026-10", "--html", str(tmp_path / "drafts"))
    assert f"Drafts to look at: {tmp_path / 'drafts' / 'index.html'}" in run.err
    names = sorted(path.name for path in (tmp_path / "drafts").iterdir())
    assert names == ["acme.html", "acme.pdf", "gamma.html", "gamma.pdf", "index.html"]
    index = (tmp_path / "drafts" / "index.html").read_text()
    assert index.index("<b>beta</b>") < index.index("<b>acme</b>") < index.index("<b>gamma</b>")
    assert "none this month" in index
    assert 'href="acme.html"' in index
    assert 'href="beta' not in index
    page = (tmp_path / "drafts" / "acme.html").read_text()
    assert "&lt;b&gt;Fix&lt;/b&gt; &amp; go" in page
    pdf = pypdf.PdfReader(tmp_path / "drafts" / "acme.pdf")
    text = "".join(sheet.extract_text() for sheet in pdf.pages)
    assert "DRAFT" in text.upper()
    assert "2026-0003" not in text + page
    assert desk.office.facts() == before
