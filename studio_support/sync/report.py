"""What a pass did, and where the bridge stands, as the JSON of the commands `sync run` and `sync status`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from studio_support.sync.actions import (
    Action,
    CloseTicket,
    Connect,
    CreateIssue,
    LetterAction,
    LinkIssue,
    NoteOnIssue,
    Promise,
    Recognise,
    Settle,
    Warn,
    Write,
)
from studio_support.sync.model import Intent

NAMES = {
    "Acknowledge": "acknowledge",
    "AskInWriting": "ask_in_writing",
    "TellEstimate": "tell_estimate",
    "TellTaskSet": "tell_task_set",
    "TellDone": "tell_done",
    "Apologise": "apologise",
    "CreateIssue": "create_issue",
    "LinkIssue": "link_issue",
    "CloseTicket": "close_ticket",
    "NoteOnIssue": "note_on_issue",
    "Settle": "settle",
    "Promise": "promise",
    "Recognise": "recognise",
    "Connect": "connect",
    "Warn": "warn",
}


def shown(action: Action) -> bool:
    """Whether people are told of an action; what only refreshes our memory is not shown."""
    return type(action).__name__ in NAMES


def name_of(action: Action) -> str:
    """What an action is called in JSON and in tables."""
    return NAMES[type(action).__name__]


def instant(at: datetime | None) -> str | None:
    """An instant as RFC 3339 in UTC, to the second."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def told_of(action: Action) -> str:
    """What an action is about, in words."""
    if isinstance(action, LetterAction):
        to = action.letter.to or "nobody"
        return {"send": f"to {to}", "note": f"to {to}, filed as a note", "off": "counted as told, nothing is sent"}[
            action.letter.mode
        ]
    if isinstance(action, CreateIssue):
        return f"{action.issue.project}: {action.issue.subject}"
    if isinstance(action, LinkIssue):
        return "the issue that is made" if action.issue_id is None else f"issue #{action.issue_id}"
    if isinstance(action, NoteOnIssue):
        return f"issue #{action.issue_id}"
    if isinstance(action, CloseTicket):
        return f"{action.state}: {action.why}"
    if isinstance(action, Promise):
        return f"due {action.due.due_local:%Y-%m-%d %H:%M} {action.due.zone}"
    if isinstance(action, Recognise):
        return f"{action.clock} by {action.by}"
    if isinstance(action, Connect):
        return f"issue #{action.issue_id}, by {action.by}"
    if isinstance(action, Settle):
        return f"an earlier {action.key.kind} of unknown outcome"
    return action.message if isinstance(action, Warn) else ""


def number_of(action: Action) -> str:
    """The ticket's number; "" for what concerns no single ticket."""
    return str(getattr(action, "number", ""))


def action_dict(action: Action, ending: str | None = None, detail: str = "") -> dict[str, Any]:
    """One action; ending: how it went, None where it was only planned."""
    data: dict[str, Any] = {
        "action": name_of(action),
        "ticket": number_of(action) or None,
        "about": told_of(action),
        "ending": ending,
        "detail": detail or None,
    }
    if isinstance(action, Write):
        data["key"] = f"{action.key.ticket_id}/{action.key.kind}/{action.key.round}"
    if isinstance(action, LetterAction):
        letter = action.letter
        data["letter"] = {
            "to": letter.to,
            "language": letter.language,
            "mode": letter.mode,
            "subject": letter.subject,
            "text": letter.text,
        }
    if isinstance(action, CreateIssue):
        issue = action.issue
        data["issue"] = {
            "project": issue.project,
            "subject": issue.subject,
            "description": issue.description,
            "estimate_minutes": issue.estimate_minutes,
            "priority": issue.priority,
            "assignee": issue.assignee or None,
        }
    if isinstance(action, Promise):
        data["promise"] = action.due.as_dict()
    return data


def intent_dict(intent: Intent, number: str) -> dict[str, Any]:
    """A write whose outcome is not known, or that failed."""
    return {
        "ticket": number or None,
        "kind": intent.key.kind,
        "round": intent.key.round,
        "state": intent.state,
        "at": instant(intent.at),
        "attempts": intent.attempts,
        "to": intent.recipient or None,
        "detail": intent.detail or None,
    }
