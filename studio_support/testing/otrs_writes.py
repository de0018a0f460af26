"""TicketCreate and TicketUpdate of the fake Znuny, with their defaults: notes that customers see, locks taken from
anybody without a word, signatures in HTML, letters queued at once."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from studio_support.testing.otrs_records import (
    AUTO_RESPONSES,
    CHANNELS,
    PRIORITIES,
    SIGNATURE,
    STATES,
    SUBJECT_SIZE,
    FakeAgent,
    FakeArticle,
    FakeFile,
    FakeLetter,
    FakeTicket,
)
from studio_support.testing.otrs_world import OtrsWorld

Fails = Callable[[str, str], Exception]


def create_ticket(world: OtrsWorld, agent: FakeAgent, told: Mapping[str, Any], fails: Fails) -> dict[str, Any]:
    """A new ticket with its first article."""
    facts, article = _object(told, "Ticket"), _object(told, "Article")
    for name in ("Title", "CustomerUser"):
        if not facts.get(name):
            raise fails("TicketCreate.MissingParameter", f"TicketCreate: Ticket->{name} parameter is missing!")
    for name in ("Queue", "State", "Priority"):
        if not facts.get(name):
            raise fails("TicketCreate.MissingParameter", f"TicketCreate: Ticket->{name} parameter is missing!")
    _check(world, "TicketCreate", facts, article, told, fails)
    queue = str(facts["Queue"])
    if agent.queues is not None and queue not in agent.queues:
        raise fails("TicketCreate.AccessDenied", "TicketCreate: Can not create tickets!")
    ticket = world.open_ticket(str(facts["Title"]), queue=queue, customer_user=str(facts["CustomerUser"]), by=agent.id)
    ticket.state, ticket.priority = str(facts["State"]), str(facts["Priority"])
    _apply(world, agent, ticket, {key: facts[key] for key in ("Lock", "Owner") if key in facts})
    made = _add(world, agent, ticket, article, told, "NewTicket") if article else None
    _set_fields(world, agent, ticket, told)
    if made and world.auto_reply and article.get("AutoResponseType", "auto reply") == "auto reply":
        world.reply_by_itself(ticket, ticket.customer_user)
    answer = {"TicketID": str(ticket.id), "TicketNumber": ticket.number}
    return {**answer, "ArticleID": made.id} if made else answer


def update_ticket(
    world: OtrsWorld, agent: FakeAgent, ticket: FakeTicket, told: Mapping[str, Any], fails: Fails
) -> dict[str, Any]:
    """Attributes, fields and one article."""
    facts, article = _object(told, "Ticket"), _object(told, "Article")
    for name in ("Ticket", "Article"):
        if name in told and not isinstance(told[name], dict):
            raise fails("TicketUpdate.InvalidParameter", f"TicketUpdate: {name} parameter is not valid!")
    _check(world, "TicketUpdate", facts, article, told, fails)
    if str(facts.get("State", "")).startswith("pending") and not facts.get("PendingTime"):
        raise fails("TicketUpdate.MissingParameter", "Can't set a ticket on a pending state without pendig time!")
    _apply(world, agent, ticket, facts)
    made = _add(world, agent, ticket, article, told, "AddNote") if article else None
    _set_fields(world, agent, ticket, told)
    if made and world.auto_follow_up and article.get("AutoResponseType", "auto follow up") == "auto follow up":
        world.reply_by_itself(ticket, ticket.customer_user)
    answer: dict[str, Any] = {"TicketID": str(ticket.id), "TicketNumber": ticket.number}
    return {**answer, "ArticleID": made.id} if made else answer


def _object(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = told.get(name)
    if not isinstance(value, dict):
        return {}
    return {key: one.strip() if isinstance(one, str) else one for key, one in value.items()}


def _rows(told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = told.get(name) or []
    return value if isinstance(value, list) else [value]


def _check(
    world: OtrsWorld,
    operation: str,
    facts: Mapping[str, Any],
    article: Mapping[str, Any],
    told: Mapping[str, Any],
    fails: Fails,
) -> None:
    """All that the server looks at before it changes anything."""
    logins = {agent.login for agent in world.agents.values()}
    known: dict[str, Any] = {"Queue": world.queues, "State": STATES, "Priority": PRIORITIES, "Owner": logins}
    known["Lock"] = ("lock", "unlock")
    for name, allowed in known.items():
        if facts.get(name) and facts[name] not in allowed:
            raise fails(f"{operation}.InvalidParameter", f"{operation}: Ticket->{name} parameter is invalid!")
    customer = str(facts.get("CustomerUser") or "")
    if customer and customer not in world.customers and "@" not in customer:
        raise fails(f"{operation}.InvalidParameter", f"{operation}: Ticket->CustomerUser parameter is invalid!")
    if article:
        for name in ("Subject", "Body", "ContentType"):
            if not article.get(name):
                raise fails(f"{operation}.MissingParameter", f"{operation}: Article->{name} parameter is missing!")
        if article.get("AutoResponseType", "auto reply") not in AUTO_RESPONSES:
            raise fails(f"{operation}.InvalidParameter", f"{operation}: Article->AutoResponseType is invalid!")
        if article.get("CommunicationChannel", "Internal") not in CHANNELS:
            raise fails(f"{operation}.InvalidParameter", f"{operation}: Article->CommunicationChannel is invalid!")
        if str(article.get("ArticleSend") or "0") == "1" and "@" not in article.get("To", ""):
            # The server's own slip: the code names the other operation even in an update.
            raise fails("TicketCreate.InvalidParameter", "TicketCreate: Article->To parameter is missing!")
        if article.get("TimeUnit") and not re.fullmatch(r"-?\d+([.]\d+)?", str(article["TimeUnit"])):
            raise fails(f"{operation}.InvalidParameter", f"{operation}: Article->TimeUnit parameter is invalid!")
    for row in _rows(told, "DynamicField"):
        if row.get("Name") not in world.field_names:
            raise fails(f"{operation}.InvalidParameter", f"{operation}: DynamicField->Name parameter is invalid!")
        allowed = world.field_values.get(row["Name"])
        if allowed is not None and str(row.get("Value") or "") not in allowed:
            raise fails(f"{operation}.InvalidParameter", f"{operation}: DynamicField->Value parameter is invalid!")


def _apply(world: OtrsWorld, agent: FakeAgent, ticket: FakeTicket, facts: Mapping[str, Any]) -> None:
    """Changes nobody is asked about, one after the other, in the server's order; what is the same stays untouched."""
    if "Title" in facts and facts["Title"] != ticket.title:
        ticket.title = str(facts["Title"])
        world.note_history(ticket, "TitleUpdate", f"%%{ticket.title}", agent.id)
    if "Queue" in facts and facts["Queue"] != ticket.queue:
        ticket.queue = str(facts["Queue"])
        world.note_history(ticket, "Move", f"%%{ticket.queue}", agent.id)
    if "Lock" in facts:
        if facts["Lock"] == "lock" and not ticket.locked and "Owner" not in facts:
            ticket.owner = agent.id
        world.set_lock(ticket, facts["Lock"] == "lock", agent.id)
    if "State" in facts:
        world.set_state(ticket, str(facts["State"]), agent.id)
    if "Priority" in facts and facts["Priority"] != ticket.priority:
        ticket.priority = str(facts["Priority"])
        world.note_history(ticket, "PriorityUpdate", f"%%{ticket.priority}", agent.id)
    if "Owner" in facts and world.agent(str(facts["Owner"])).id != ticket.owner:
        ticket.owner = world.agent(str(facts["Owner"])).id
        world.note_history(ticket, "OwnerUpdate", f"%%{facts['Owner']}%%{ticket.owner}", agent.id)


def _set_fields(world: OtrsWorld, agent: FakeAgent, ticket: FakeTicket, told: Mapping[str, Any]) -> None:
    for row in _rows(told, "DynamicField"):
        value = row.get("Value")
        if ticket.fields.get(row["Name"]) != value:
            ticket.fields[row["Name"]] = value
            world.note_history(ticket, "TicketDynamicFieldUpdate", f"%%FieldName%%{row['Name']}", agent.id)


def _add(
    world: OtrsWorld,
    agent: FakeAgent,
    ticket: FakeTicket,
    facts: Mapping[str, Any],
    told: Mapping[str, Any],
    default_kind: str,
) -> FakeArticle:
    send = str(facts.get("ArticleSend") or "0") == "1"
    html = str(facts["ContentType"]).lower().startswith("text/html")
    subject, body = str(facts["Subject"]), str(facts["Body"])
    if send:
        tag = f"[{world.hook}{ticket.number}]"
        subject = f"{tag} {_cut(subject.replace(tag, '').strip())}"
        body += SIGNATURE
    files = [
        FakeFile(str(one["Filename"]), base64.b64decode(one["Content"]), str(one["ContentType"]))
        for one in _rows(told, "Attachment")
    ]
    article = world.add_article(
        ticket,
        sender_type=str(facts.get("SenderType") or "agent"),
        channel="Email" if send else str(facts.get("CommunicationChannel") or "Internal"),
        visible=str(facts.get("IsVisibleForCustomer", "1")) == "1",
        sender=world.queues[ticket.queue] if send else agent.name,
        to=str(facts.get("To") or ""),
        cc=str(facts.get("Cc") or ""),
        subject=subject,
        body=_plain(body) if html else body,
        html=body if html else None,
        files=files,
        created_by=agent.id,
        time_unit=str(facts.get("TimeUnit") or "0"),
    )
    kind = str(facts.get("HistoryType") or default_kind)
    world.note_history(ticket, kind, str(facts.get("HistoryComment") or "%%"), agent.id, article)
    if send:
        letter = FakeLetter(
            ticket.number, article.id, article.sender, article.to, article.cc, subject, body, world.now()
        )
        world.letters.append(letter)
    return article


def _cut(subject: str) -> str:
    """What is left of a long subject."""
    return subject if len(subject) <= SUBJECT_SIZE else f"{subject[:SUBJECT_SIZE]} [...]"


def _plain(html: str) -> str:
    """The text of HTML: comments gone, line breaks kept."""
    text = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    text = re.sub(r"<br\s*/?>\n?|</p>\n?", "\n", text)
    return unescape(re.sub(r"<[^>]+>", "", text))
