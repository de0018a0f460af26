"""Writes: tickets, states and locks, notes, letters. Each is handed over once; what became of it is told by the error.

A ticket is named by its id alone: a ticket number in the body would win over the id in the path. Everything that goes
wrong after the hand-over is OutcomeUnknown; OtrsRefused and NotSent mean that nothing was changed.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from studio_support.otrs.calls import Calls
from studio_support.otrs.letters import history_comment, html_of, one_line
from studio_support.otrs.mapping import BrokenRow, id_of, number_of, text_of
from studio_support.otrs.model import Attachment, Created

_TEXT = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
# What we write is no occasion for the server to write to the client by itself ("auto reply" to a ticket made by hand,
# "auto follow up" to a note). Nobody sets up an answer of this kind, and the server takes no empty one.
_NO_AUTO_REPLY = {"AutoResponseType": "auto remove"}
FieldValue = str | Sequence[str]


class Writes:
    """What changes tickets."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create(
        self,
        *,
        title: str,
        queue: str,
        customer_user: str,
        body: str,
        channel: Literal["phone", "internal"],
        state: str,
        priority: str,
        owner: str,
        key: str,
        sender_type: Literal["agent", "customer"],
        fields: Mapping[str, FieldValue],
    ) -> Created:
        """A ticket made by an agent, with its first article."""
        ticket: dict[str, object] = {"Title": one_line(title), "Queue": queue, "State": state, "Priority": priority}
        ticket["CustomerUser"] = customer_user
        if owner:
            ticket |= {"Owner": owner, "Lock": "lock"}
        article: dict[str, object] = {
            "CommunicationChannel": "Phone" if channel == "phone" else "Internal",
            "SenderType": sender_type,
            "IsVisibleForCustomer": 1,
            "Subject": one_line(title),
            "Body": _body(body),
            "ContentType": _TEXT,
            **_NO_AUTO_REPLY,
        }
        if key:
            article["HistoryComment"] = history_comment(key)
        values: dict[str, object] = {"Ticket": ticket, "Article": article}
        if fields:
            values["DynamicField"] = _dynamic(fields)
        answer = self._calls.write("TicketCreate", values)
        try:
            article_id = id_of(answer["ArticleID"], "ArticleID") if answer.get("ArticleID") else None
            return Created(id_of(answer.get("TicketID"), "TicketID"), number_of(answer.get("TicketNumber")), article_id)
        except BrokenRow as broken:
            raise self._calls.unknown("TicketCreate", f"the answer does not name the new ticket: {broken}") from None

    def update(self, ticket_id: int, ticket: Mapping[str, str], fields: Mapping[str, FieldValue]) -> None:
        """Changes attributes and dynamic fields; a pending state is no business of ours: it needs a time with it."""
        if ticket.get("State", "").lower().startswith("pending"):
            raise ValueError("a pending state needs a time, without which the server does half of the update")
        values: dict[str, object] = {"TicketID": ticket_id}
        if ticket:
            values["Ticket"] = dict(ticket)
        if fields:
            values["DynamicField"] = _dynamic(fields)
        self._update(values)

    def note(self, ticket_id: int, *, subject: str, body: str, key: str, visible: bool) -> int:
        """An internal article; gives its id."""
        article = {
            "CommunicationChannel": "Internal",
            "SenderType": "agent",
            # The server's own default would show the note to the customer.
            "IsVisibleForCustomer": int(visible),
            "Subject": one_line(subject) or "-",
            "Body": _body(body),
            "ContentType": _TEXT,
            "NoAgentNotify": 1,
            **_NO_AUTO_REPLY,
        }
        if key:
            article["HistoryComment"] = history_comment(key)
        return self._article_id(self._update({"TicketID": ticket_id, "Article": article}))

    def letter(
        self,
        ticket_id: int,
        *,
        to: str,
        subject: str,
        text: str,
        key: str,
        cc: Sequence[str],
        attachments: Sequence[Attachment],
    ) -> int:
        """An e-mail article that the server sends; gives its id. The mail is queued, not yet accepted anywhere."""
        article: dict[str, object] = {
            "ArticleSend": 1,
            "SenderType": "agent",
            "IsVisibleForCustomer": 1,
            "To": one_line(to),
            "Subject": one_line(subject),
            "Body": html_of(text, key),
            "ContentType": _HTML,
            "HistoryComment": history_comment(key),
            "NoAgentNotify": 1,
            **_NO_AUTO_REPLY,
        }
        if cc:
            article["Cc"] = ", ".join(map(one_line, cc))
        values: dict[str, object] = {"TicketID": ticket_id, "Article": article}
        if attachments:
            values["Attachment"] = [
                {
                    "Filename": one_line(file.filename),
                    "ContentType": file.content_type,
                    "Content": base64.b64encode(file.content or b"").decode(),
                }
                for file in attachments
            ]
        return self._article_id(self._update(values))

    def _update(self, values: Mapping[str, object]) -> dict[str, Any]:
        answer = self._calls.write("TicketUpdate", values)
        if str(answer.get("TicketID")) != str(values["TicketID"]):
            raise self._calls.unknown("TicketUpdate", f"the answer is about ticket {answer.get('TicketID')!s:.30}")
        return answer

    def _article_id(self, answer: Mapping[str, Any]) -> int:
        try:
            return id_of(answer.get("ArticleID"), "ArticleID")
        except BrokenRow as broken:
            raise self._calls.unknown("TicketUpdate", f"the answer does not name the article: {broken}") from None


def _body(text: str) -> str:
    """The server strips a body and then refuses an empty one."""
    return text_of(text) if text_of(text).strip() else "-"


def _dynamic(fields: Mapping[str, FieldValue]) -> list[dict[str, object]]:
    return [
        {"Name": name, "Value": text_of(value) if isinstance(value, str) else [text_of(one) for one in value]}
        for name, value in fields.items()
    ]
