"""Operations of the fake Znuny that read: who asks, sessions, TicketGet, histories; and the way to those that write."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio_support.testing.otrs_records import CHANNELS, STATES, FakeAgent, FakeArticle, FakeTicket
from studio_support.testing.otrs_search import search, sees
from studio_support.testing.otrs_world import OtrsWorld
from studio_support.testing.otrs_writes import create_ticket, update_ticket


class Denied(Exception):
    """An Error object: code and message."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message or f"{code.partition('.')[0]}: {code.partition('.')[2]}"


@dataclass(slots=True)
class FakeSession:
    """A session and when it was last used."""

    agent: FakeAgent
    made_at: datetime
    used_at: datetime


class Operations:
    """The operations of the web service. Sessions die by age and by idleness, as the server's settings say."""

    def __init__(self, world: OtrsWorld) -> None:
        self.world = world
        self.sessions: dict[str, FakeSession] = {}
        self.max_session_seconds = 57_600.0
        self.max_idle_seconds = 21_600.0

    def answer(self, operation: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON of an answer; an error is an object in it."""
        try:
            return self._answer(operation, told)
        except Denied as denied:
            return {"Error": {"ErrorCode": denied.code, "ErrorMessage": denied.message}}

    def _answer(self, operation: str, told: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "SessionCreate":
            return self._log_in(told)
        if operation == "SessionGet":
            return self._session(str(told.get("SessionID") or ""))
        if operation == "SessionRemove":
            return self._log_out(told)
        agent = self._agent(operation, told)
        if operation == "TicketSearch":
            return search(self.world, agent, told)
        if operation == "TicketGet":
            return self._get(agent, told)
        if operation == "TicketHistoryGet":
            tickets = self._seen(agent, operation, told)
            return {"TicketHistory": [_history(self.world, ticket) for ticket in tickets]}
        if operation == "TicketCreate":
            return create_ticket(self.world, agent, told, Denied)
        if operation == "TicketUpdate":
            return update_ticket(self.world, agent, self._to_change(agent, told), told, Denied)
        raise AssertionError(f"no operation {operation}")

    def end_sessions(self) -> None:
        """All sessions have ended."""
        self.sessions.clear()

    def _log_in(self, told: Mapping[str, Any]) -> dict[str, Any]:
        agent = self._by_password(told)
        if agent is None:
            raise Denied("SessionCreate.AuthFail", "SessionCreate: Authorization failing!")
        session = secrets.token_hex(16)
        self.sessions[session] = FakeSession(agent, self.world.now(), self.world.now())
        return {"SessionID": session}

    def _by_password(self, told: Mapping[str, Any]) -> FakeAgent | None:
        login, password = told.get("UserLogin"), told.get("Password")
        found = (one for one in self.world.agents.values() if (one.login, one.password) == (login, password))
        return next(found, None)

    def _by_session(self, session: str) -> FakeAgent | None:
        known, now = self.sessions.get(session), self.world.now()
        if known is None:
            return None
        old = (now - known.made_at).total_seconds() > self.max_session_seconds
        if old or (now - known.used_at).total_seconds() > self.max_idle_seconds:
            del self.sessions[session]
            return None
        known.used_at = now
        return known.agent

    def _session(self, session: str) -> dict[str, Any]:
        agent = self._by_session(session)
        if agent is None:
            raise Denied("SessionGet.SessionInvalid", "SessionGet: SessionID is Invalid!")
        told = {"UserID": str(agent.id), "UserLogin": agent.login, "UserFullname": agent.name, "UserType": "User"}
        begun = self.sessions[session].made_at
        told |= dict.fromkeys(("UserSessionStart", "UserLastLogin"), str(int(begun.timestamp())))
        told["UserLastLoginTimestamp"] = self.world.wall(begun)
        return {"SessionData": [{"Key": key, "Value": value} for key, value in told.items()]}

    def _log_out(self, told: Mapping[str, Any]) -> dict[str, Any]:
        if self._by_password(told) is None:
            raise Denied("SessionRemove.AuthFail", "SessionRemove: Authorization failed!")
        self.sessions.pop(str(told.get("SessionID")), None)
        return {"Success": 1}

    def _agent(self, operation: str, told: Mapping[str, Any]) -> FakeAgent:
        """A session goes before login and password, and a bad one is not made good by them."""
        session = told.get("SessionID")
        agent = self._by_session(str(session)) if session else self._by_password(told)
        if agent is None:
            raise Denied(f"{operation}.AuthFail", f"{operation}: Authorization failing!")
        return agent

    def _seen(self, agent: FakeAgent, operation: str, told: Mapping[str, Any]) -> list[FakeTicket]:
        """The tickets asked for; one that is missing or forbidden is the end of it."""
        asked = told.get("TicketID")
        ids = asked if isinstance(asked, list) else re.split(r"\s*,\s*", str(asked or ""))
        if not asked or asked == "0":
            raise Denied(f"{operation}.MissingParameter", f"{operation}: TicketID parameter is missing!")
        found = [self.world.tickets.get(int(one)) if str(one).isdecimal() else None for one in ids]
        tickets = [one for one in found if one is not None and sees(agent, one)]
        if len(tickets) != len(found):
            raise Denied(f"{operation}.AccessDenied", f"{operation}: User does not have access to the ticket!")
        return tickets

    def _to_change(self, agent: FakeAgent, told: Mapping[str, Any]) -> FakeTicket:
        """The ticket of an update: a number in the body wins over the id in the path."""
        number = told.get("TicketNumber")
        if number:
            ticket = next((one for one in self.world.tickets.values() if one.number == str(number)), None)
        else:
            asked = str(told.get("TicketID") or "")
            ticket = self.world.tickets.get(int(asked)) if asked.isdecimal() else None
        if ticket is None or not sees(agent, ticket):
            raise Denied("TicketUpdate.AccessDenied", "TicketUpdate: User does not have access to the ticket!")
        return ticket

    def _get(self, agent: FakeAgent, told: Mapping[str, Any]) -> dict[str, Any]:
        return {"Ticket": [_ticket(self.world, one, told) for one in self._seen(agent, "TicketGet", told)]}


def _on(told: Mapping[str, Any], flag: str, default: str = "0") -> bool:
    return str(told.get(flag, default)) not in ("0", "")


def _ticket(world: OtrsWorld, ticket: FakeTicket, told: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "TicketID": ticket.id,
        "TicketNumber": ticket.number,
        "Title": ticket.title,
        "Queue": ticket.queue,
        "QueueID": list(world.queues).index(ticket.queue) + 1,
        "State": ticket.state,
        "StateType": STATES[ticket.state],
        "Lock": "lock" if ticket.locked else "unlock",
        "Owner": world.agents[ticket.owner].login,
        "OwnerID": ticket.owner,
        "Responsible": "root@localhost",
        "CustomerID": ticket.customer or None,
        "CustomerUserID": ticket.customer_user or None,
        "Priority": ticket.priority,
        "Created": world.wall(ticket.created_at),
        "Changed": world.wall(ticket.changed_at),
        "Age": int((world.now() - ticket.created_at).total_seconds()),
        "UntilTime": 0,
        "TimeUnit": sum(float(one.time_unit) for one in ticket.articles),
    }
    if _on(told, "DynamicFields"):
        row["DynamicField"] = [{"Name": name, "Value": ticket.fields.get(name)} for name in world.field_names]
    if _on(told, "AllArticles") and (articles := _articles(ticket, told)):
        row["Article"] = [_article(world, ticket, one, told) for one in articles]
    return row


def _articles(ticket: FakeTicket, told: Mapping[str, Any]) -> list[FakeArticle]:
    kinds = told.get("ArticleSenderType")
    wanted = kinds if isinstance(kinds, list) else [kinds] if kinds else []
    found = [one for kind in wanted for one in ticket.articles if one.sender_type == kind]
    found = found if wanted else list(ticket.articles)
    limit = int(told.get("ArticleLimit") or 0)
    if not limit:
        return found
    # The order counts only together with a limit.
    return (found[::-1] if str(told.get("ArticleOrder")) == "DESC" else found)[:limit]


def _article(world: OtrsWorld, ticket: FakeTicket, article: FakeArticle, told: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ArticleID": article.id,
        "ArticleNumber": ticket.articles.index(article) + 1,
        "TicketID": ticket.id,
        "SenderType": article.sender_type,
        "CommunicationChannelID": CHANNELS[article.channel],
        "IsVisibleForCustomer": int(article.visible),
        "From": article.sender,
        "To": article.to,
        "Cc": article.cc,
        "Subject": article.subject,
        "Body": article.body,
        "ContentType": "text/plain; charset=utf-8",
        "CreateTime": world.wall(article.created_at),
        "CreateBy": article.created_by,
        "IncomingTime": int(article.created_at.timestamp()),
        "MessageID": article.message_id,
        "TimeUnit": float(article.time_unit),
    }
    if _on(told, "DynamicFields"):
        row["DynamicField"] = [{"Name": one, "Value": article.fields.get(one)} for one in world.article_field_names]
    if _on(told, "Attachments"):
        files = [(one.filename, one.content_type, one.content) for one in article.files]
        if article.html is not None and _on(told, "HTMLBodyAsAttachment"):
            files.append(("file-2", 'text/html; charset="utf-8"', article.html.encode()))
        contents = _on(told, "GetAttachmentContents", "1")
        row["Attachment"] = [
            {
                "FileID": str(number),
                "Filename": name,
                "ContentType": kind,
                "FilesizeRaw": str(len(content)),
                "Content": base64.b64encode(content).decode() if contents else "",
                "Disposition": "inline" if name == "file-2" else "attachment",
            }
            for number, (name, kind, content) in enumerate(files, start=1)
        ]
    return row


def _history(world: OtrsWorld, ticket: FakeTicket) -> dict[str, Any]:
    return {
        "TicketID": str(ticket.id),
        "History": [
            {
                "TicketID": ticket.id,
                "ArticleID": one.article or 0,
                "Name": one.text,
                "HistoryType": one.kind,
                "CreateBy": one.created_by,
                "CreateTime": world.wall(one.created_at),
            }
            for one in ticket.history
        ],
    }


def encoded(answer: Mapping[str, Any]) -> bytes:
    """An answer as bytes."""
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass")
