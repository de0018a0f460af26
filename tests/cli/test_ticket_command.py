"""`inbox` and `ticket …` as typed, over fakes of both servers: text, JSON, CSV, exit codes, next steps."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from studio_cli.app import run
from studio_support.bridge import Bridge
from studio_support.studio import Studio
from tests.desk_world import ENVIRON, Room


class Said(NamedTuple):
    """What a command printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """Types commands in a room whose servers are fakes."""

    def __init__(self, room: Room, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.room = room
        self._captured = captured
        patch.chdir(room.folder)
        for name, value in ENVIRON.items():
            patch.setenv(name, value)
        bridge = property(lambda studio: Bridge(studio, tickets=room.tickets, issues=room.issues))
        patch.setattr(Studio, "bridge", bridge)
        patch.setattr("studio_cli.context.Context.clock", property(lambda context: room.clock))

    def __call__(self, *words: str, user: str = "anna") -> Said:
        self._captured.readouterr()
        code = run(["--user", user, *words])
        out, err = self._captured.readouterr()
        return Said(code, out, err)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.fixture
def typed(room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(room, monkeypatch, capsys)


def test_the_inbox_is_a_table_json_and_csv(room: Room, typed: Terminal) -> None:
    ticket = room.request()
    shown = typed("inbox")
    assert shown.code == 0
    assert "Mon 2026-11-23 18:00" in shown.out
    assert "7:40" in shown.out
    [row] = typed("--format", "json", "inbox").json["promises"]
    assert (row["ticket"], row["minutes_left"], row["at_risk"]) == (room.number(ticket), 460, False)
    [line] = csv.DictReader(io.StringIO(typed("--format", "csv", "inbox").out))
    assert (line["ticket"], line["minutes_left"], line["estimated_at"]) == (room.number(ticket), "460", "")


def test_at_risk_is_silent_while_all_is_well_and_3_when_not(room: Room, typed: Terminal) -> None:
    room.request()
    assert typed("inbox", "--at-risk") == Said(0, "", "")
    room.clock.tick(hours=9)
    late = typed("inbox", "--at-risk")
    assert late.code == 3
    assert "missed" in late.out


def test_an_empty_inbox_says_so_and_how_old_it_is(room: Room, typed: Terminal) -> None:
    never = "No open promise.\nNo pass has run on this store yet, so no request is known: `sync run` begins.\n"
    assert typed("inbox") == Said(0, "", never)
    room.passes()
    assert typed("inbox") == Said(0, "", "No open promise.\n")
    assert typed("inbox", "--mine").err == "No open promise of yours.\n"
    room.clock.tick(minutes=61)
    assert typed("inbox").err == (
        "No open promise.\n"
        "The last pass was at 2026-11-23 10:10: what came since is not listed. Look at `sync status`.\n"
    )
    assert typed("inbox", "--at-risk") == Said(0, "", "")


def test_the_inbox_without_otrs_is_shown_and_is_no_success(room: Room, typed: Terminal) -> None:
    ticket = room.request()
    room.tickets.down = True
    shown = typed("inbox")
    assert shown.code == 3
    assert room.number(ticket) in shown.out
    assert "OTRS could not be asked for titles and locks" in shown.err


def test_locks_of_who_is_away_stand_below(room: Room, typed: Terminal) -> None:
    room.clock.tick(days=8)
    ticket = room.request()
    typed("ticket", "take", room.number(ticket))
    shown = typed("inbox", user="ivan").out
    assert "petrova (away, for ivan)" in shown
    assert "Locked by colleagues who are away" in shown
    assert "anna is away until 2026-12-04" in shown


def test_one_story_is_told_from_the_letter_to_the_issue(room: Room, typed: Terminal) -> None:
    ticket = room.request()
    number = room.number(ticket)
    typed("ticket", "estimate", number, "1:30")
    assert typed("ticket", "task", number).out.startswith("Its issue is #337.\n")
    shown = typed("ticket", "show", f"Ticket#{number}")
    assert shown.code == 0
    for words in (
        f"{number}: Logo",
        "closed successful, 3 normal, queue Support",
        "acme (jane, ACME)",
        "due Mon 2026-11-23 18:00, received 2026-11-23 10:10",
        "A working day, before the cutoff at 12:00",
        "1:30 h",
        "client: Jane Doe <jane@acme.example>",
        "| Please change the logo.",
        "task set",
        "#337",
    ):
        assert words in shown.out
    assert typed("--format", "json", "ticket", "show", number).json["issues"][0]["issue"] == 337
    assert typed("--format", "csv", "ticket", "show", number).out.startswith("at,who,from,channel,subject\n")


def test_a_wrong_number_is_a_usage_error_with_the_likely_one(room: Room, typed: Terminal) -> None:
    ticket = room.request()
    number = room.number(ticket)
    wrong = number[:-1] + str(int(number[-1]) % 9 + 1)
    said = typed("ticket", "show", wrong)
    assert (said.code, said.out) == (2, "")
    assert said.err == f'Error: "{wrong}" is no ticket number: it has a wrong check digit.\nLikely it is {number}.\n'
    room.tickets.hidden.add(ticket)
    unknown = typed("ticket", "show", number)
    assert unknown.code == 1
    assert unknown.err.startswith(f"Error: OTRS shows no ticket {number}.\n")


def test_taking_and_letting_go_are_a_line_each(room: Room, typed: Terminal) -> None:
    ticket = room.tickets.mail_in()
    number = room.number(ticket)
    assert typed("ticket", "take", number, "--dry-run").out == f"{number} Logo: would be locked by petrova.\n"
    assert typed("ticket", "take", number).out == f"{number} Logo: locked by petrova.\n"
    assert typed("ticket", "take", number).out == f"{number} Logo: locked by petrova already.\n"
    refused = typed("ticket", "take", number, user="ivan")
    assert refused.code == 4
    assert "is locked by anna (petrova in OTRS).\n" in refused.err
    assert refused.err.endswith(f"`ticket take {number} --force`.\n")
    forced = typed("ticket", "take", number, "--force", user="ivan")
    assert forced.out == f"{number} Logo: locked by sidorov, taken from petrova.\n"
    assert typed("--format", "json", "ticket", "release", number, user="ivan").json["locked"] is False
    assert typed("ticket", "release", number).out == f"{number} Logo: free already.\n"


def test_a_dry_run_shows_the_letter_in_full(room: Room, typed: Terminal) -> None:
    ticket = room.request()
    shown = typed("ticket", "estimate", room.number(ticket), "90m", "--note", "With tests.", "--dry-run")
    assert shown.code == 0
    assert "--- tell estimate: letter to jane@acme.example\nSubject: Estimate of the work: Logo\n" in shown.out
    assert "\nWith tests.\n" in shown.out
    assert "may differ from it, up or down." in shown.out
    assert shown.err == "Nothing was written (--dry-run).\n"
    assert len(room.tickets.mailbox) == 1


def test_a_command_that_is_repeated_says_that_it_was_done(room: Room, typed: Terminal) -> None:
    number = room.number(room.request())
    assert "tell estimate" in typed("ticket", "estimate", number, "3.5").out
    again = typed("ticket", "estimate", number, "3:30")
    assert (again.code, again.out) == (0, "The estimate is 3:30 already, and the client was told.\n")
    assert typed("ticket", "approve", number).out.startswith("The client agrees: Agreed is set.\n")
    data = typed("--format", "json", "ticket", "approve", number).json
    assert data["said"][0] == "It is agreed already (Agreed: 1)."
    assert typed("--format", "csv", "ticket", "approve", number).out.startswith("ticket,action,about,ending,detail\n")


def test_what_no_guard_lets_pass_is_4_with_the_next_step(room: Room, typed: Terminal) -> None:
    room.required("estimate")
    number = room.number(room.request())
    refused = typed("ticket", "task", number)
    assert refused.code == 4
    assert f"`ticket estimate {number} HOURS`" in refused.err
    assert typed("ticket", "apologise", number).code == 4
    assert typed("ticket", "estimate", number, "a while").code == 2


def test_a_letter_of_unknown_fate_is_3_and_said(room: Room, typed: Terminal) -> None:
    number = room.number(room.request())
    room.tickets.fate = lambda what: "lost" if what.startswith("letter") else "fine"
    first = typed("ticket", "done", number)
    assert first.code == 3
    assert "nobody knows what became of it" in first.err
    second = typed("ticket", "done", number)
    assert second.code == 3
    assert "Done: handed over at 07:20:00 UTC" in second.err
    room.tickets.fate = lambda what: "fine"
    room.clock.tick(minutes=3)
    assert typed("ticket", "done", number).code == 0


def test_a_new_ticket_is_made_once_from_the_same_words(room: Room, typed: Terminal) -> None:
    room.passes()
    words = ["ticket", "new", "--channel", "phone", "--customer", "jane@acme.example", "--title", "Prices"]
    made = typed(*words, "--text", "New prices, please.")
    assert (made.code, "ask in writing" in made.out) == (0, True)
    [ticket] = room.tickets.rows
    assert f"Ticket {room.number(ticket)} was made." in made.err
    again = typed(*words, "--text", "New prices, please.")
    assert again.out == f"The ticket was made before from the same words: {room.number(ticket)}.\n"
    assert typed(*words, "--text", " ").code == 2
    shown = typed(*words, "--text", "Something else.", "--dry-run")
    assert "A ticket would be made in Support for jane@acme.example, by phone." in shown.out
    assert len(room.tickets.rows) == 1


def test_what_was_said_comes_from_stdin(room: Room, typed: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    room.passes()
    stdin = io.TextIOWrapper(io.BytesIO("Сайт не открывается".encode()), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", stdin)
    words = ["ticket", "new", "--channel", "messenger", "--customer", "jane@acme.example", "--title", "Site"]
    assert typed(*words).code == 0
    assert room.tickets.rows[1].articles[0].body == "Сайт не открывается"


def test_words_are_searched_and_not_found_is_no_failure(room: Room, typed: Terminal) -> None:
    number = room.number(room.request())
    found = typed("ticket", "search", "change", "the", "logo")
    assert (found.code, number in found.out) == (0, True)
    nothing = typed("ticket", "search", "zebra")
    assert (nothing.code, nothing.out) == (0, "")
    assert 'Nothing with "zebra" is found.' in nothing.err
    assert "There may be more" in typed("ticket", "search", "logo", "--limit", "1").err
    assert typed("ticket", "search", " ").code == 2


def test_titles_steer_no_terminal(room: Room, typed: Terminal) -> None:
    ticket = room.tickets.mail_in(subject="\x1b[2JLogo\u202e", body="a\x1b[31mb")
    shown = typed("ticket", "show", room.number(ticket)).out + typed("ticket", "take", room.number(ticket)).out
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize("typed_hours", ["0", "0:00", "-1", "-1:30", "2:75", "99999", "--soon"])
def test_what_is_no_estimate_is_told_as_such(room: Room, typed: Terminal, typed_hours: str) -> None:
    number = room.number(room.request())
    said = typed("ticket", "estimate", number, typed_hours)
    assert (said.code, said.out) == (2, "")
    assert f'Invalid value for HOURS: "{typed_hours}" is no estimate of a minute or more' in said.err
    assert room.tickets.writes == [one for one in room.tickets.writes if one.startswith("letter")]


def test_the_command_for_an_estimate_still_knows_its_options(room: Room, typed: Terminal) -> None:
    number = room.number(room.request())
    assert typed("ticket", "estimate", number, "2", "--note", "Soon.", "--dry-run").code == 0
    assert typed("ticket", "estimate", number, "2", "--dry-rum").code == 2
    assert len(room.tickets.mailbox) == 1
