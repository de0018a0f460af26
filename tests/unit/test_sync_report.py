"""What actions of a pass are called and said to be about, and their JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from studio_support.sync.actions import (
    Acknowledge,
    Action,
    CloseTicket,
    Connect,
    CreateIssue,
    Letter,
    LinkIssue,
    NewIssue,
    NoteOnIssue,
    Promise,
    Recognise,
    SawIssue,
    Settle,
    Warn,
    WarnEnded,
)
from studio_support.sync.model import Intent, Key
from studio_support.sync.report import action_dict, instant, intent_dict, name_of, shown, told_of
from tests.bridge_world import make_promise

NUMBER = "2026112310000011"
# Monday, 10:00 in Moscow: due the same day by 18:00
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LETTER = Letter("jane@acme.example", "en", "Received", "Thank you.")
ACKNOWLEDGE = Acknowledge(Key(1, "received", 1), NUMBER, letter=LETTER)
ISSUE = NewIssue("acme-site", "Logo", "Please.", NUMBER, estimate_minutes=90, priority=4, assignee="anna")
CREATE = CreateIssue(Key(1, "issue", 1), NUMBER, issue=ISSUE, round=1)
PROMISE = Promise(1, NUMBER, 1, 5, make_promise(AT), "incoming", "acme", critical=False, adopted=True)


@pytest.mark.parametrize(
    ("action", "name", "about"),
    [
        (ACKNOWLEDGE, "acknowledge", "to jane@acme.example"),
        (replace(ACKNOWLEDGE, letter=replace(LETTER, to="")), "acknowledge", "to nobody"),
        (
            replace(ACKNOWLEDGE, letter=replace(LETTER, mode="note")),
            "acknowledge",
            "to jane@acme.example, filed as a note",
        ),
        (
            replace(ACKNOWLEDGE, letter=replace(LETTER, mode="off")),
            "acknowledge",
            "counted as told, nothing is sent",
        ),
        (CREATE, "create_issue", "acme-site: Logo"),
        (LinkIssue(Key(1, "link", 1), NUMBER, issue_id=None, field="F"), "link_issue", "the issue that is made"),
        (LinkIssue(Key(1, "link", 1), NUMBER, issue_id=7, field="F"), "link_issue", "issue #7"),
        (NoteOnIssue(Key(1, "note", 9), NUMBER, issue_id=7, text="More."), "note_on_issue", "issue #7"),
        (
            CloseTicket(Key(1, "close", 1), NUMBER, state="closed successful", why="the task is set"),
            "close_ticket",
            "closed successful: the task is set",
        ),
        (PROMISE, "promise", "due 2026-11-23 18:00 Europe/Moscow"),
        (Recognise(1, NUMBER, 1, "acknowledged", AT, "letter"), "recognise", "acknowledged by letter"),
        (Connect(1, NUMBER, 7, 1, 1, "field", "open", "acme-site"), "connect", "issue #7, by field"),
        (Settle(Key(1, "done", 1), NUMBER), "settle", "an earlier done of unknown outcome"),
        (Warn("key", "It lasts.", "Mend it."), "warn", "It lasts."),
    ],
)
def test_each_action_has_a_name_and_says_what_it_is_about(action: Action, name: str, about: str) -> None:
    assert shown(action)
    assert (name_of(action), told_of(action)) == (name, about)


def test_what_only_refreshes_our_memory_is_not_shown_and_says_nothing() -> None:
    assert not shown(SawIssue(1, 7, "open", "acme-site"))
    assert not shown(WarnEnded("key", "It lasted."))
    assert told_of(SawIssue(1, 7, "open", "acme-site")) == ""


def test_a_letter_is_told_in_full_with_its_key() -> None:
    assert action_dict(ACKNOWLEDGE, "done", "well") == {
        "action": "acknowledge",
        "ticket": NUMBER,
        "about": "to jane@acme.example",
        "ending": "done",
        "detail": "well",
        "key": "1/received/1",
        "letter": {
            "to": "jane@acme.example",
            "language": "en",
            "mode": "send",
            "subject": "Received",
            "text": "Thank you.",
        },
    }


def test_an_issue_is_told_with_all_that_it_gets() -> None:
    assert action_dict(CREATE)["issue"] == {
        "project": "acme-site",
        "subject": "Logo",
        "description": "Please.",
        "estimate_minutes": 90,
        "priority": 4,
        "assignee": "anna",
    }


def test_a_promise_is_told_as_cutoff_tells_it_and_a_warning_belongs_to_no_ticket() -> None:
    data = action_dict(PROMISE)
    assert data["promise"]["due_at"] == "2026-11-23T15:00:00Z"
    assert "key" not in data
    assert action_dict(Warn("key", "It lasts.", "Mend it."))["ticket"] is None


def test_instants_are_utc_to_the_second() -> None:
    moscow = timezone(timedelta(hours=3))
    assert instant(datetime(2026, 11, 23, 10, 0, 0, 999, tzinfo=moscow)) == "2026-11-23T07:00:00Z"
    assert instant(None) is None


def test_a_write_of_unknown_outcome_is_told_with_its_tries() -> None:
    intent = Intent(Key(1, "done", 2), "unknown", AT, 3, "Done", "jane@acme.example", "send", "no answer")
    assert intent_dict(intent, NUMBER) == {
        "ticket": NUMBER,
        "kind": "done",
        "round": 2,
        "state": "unknown",
        "at": "2026-11-23T07:00:00Z",
        "attempts": 3,
        "to": "jane@acme.example",
        "detail": "no answer",
    }
    assert intent_dict(Intent(Key(1, "close", 1), "made", AT), "")["ticket"] is None
