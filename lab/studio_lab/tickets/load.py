"""Write tickets into a copy of Znuny's base, in bulk: one script of COPY statements.

Znuny's code is not asked, so what it would write with each ticket is written here: articles with their mail's fields,
the full-text index, a history of arrival and closing, the counter that ticket numbers come from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC

from studio_lab import sql, templates
from studio_lab.state import Lab

from .world import Article, Size, Ticket, build

Value = str | int | None


def load(lab: Lab, size: Size) -> str:
    """Make the template of these tickets, from the base, unless it is there; returns its name."""
    template, made_from = templates.TICKETS_SEEDED + size.key(), json.dumps(asdict(size))
    kept = templates.kept(lab, sql.ZNUNY)
    if template in kept:
        return template
    for name, made in kept.items():
        if made == made_from:
            templates.drop(lab, name)  # of an older version of this code
    templates.begin(lab, template, templates.TICKETS_BASE)
    sql.execute(lab, template, "begin;\n" + "".join(_script(list(build(size)), _Names(lab))) + "commit;\n")
    templates.finish(lab, template, made_from)
    return template


class _Names:
    """Ids of what the base has, by name, and the first ids that are free."""

    def __init__(self, lab: Lab) -> None:
        def ids(table: str, column: str = "name") -> dict[str, int]:
            rows = sql.query(lab, templates.TICKETS_BASE, f"select id, {column} as name from {table}")
            return {row["name"]: row["id"] for row in rows}

        def free(table: str) -> int:
            [row] = sql.query(lab, templates.TICKETS_BASE, f"select coalesce(max(id), 0) + 1 as id from {table}")
            return int(row["id"])

        self.users = ids("users", "login")
        self.queues = ids("queue")
        self.states = ids("ticket_state")
        self.locks = ids("ticket_lock_type")
        self.priorities = ids("ticket_priority")
        self.senders = ids("article_sender_type")
        self.channels = ids("communication_channel")
        self.history = ids("ticket_history_type")
        self.types = ids("ticket_type")
        self.ticket = free("ticket")
        self.article = free("article")


def _field(value: Value) -> str:
    if value is None:
        return "\\N"
    text = str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return text.replace("\r", "\\r")


def _copy(table: str, columns: str, rows: Iterable[Sequence[Value]]) -> str:
    lines = "".join("\t".join(map(_field, row)) + "\n" for row in rows)
    return f"copy {table} ({columns}) from stdin;\n{lines}\\.\n"


_STAMPS = "create_time, create_by, change_time, change_by"


def _script(tickets: Sequence[Ticket], names: _Names) -> Iterable[str]:
    numbered = list(enumerate(tickets, names.ticket))
    articles = [(ticket_id, ticket, article) for ticket_id, ticket in numbered for article in ticket.articles]
    yield _tickets(numbered, names)
    yield from _articles(list(enumerate(articles, names.article)), names)
    yield _history(list(enumerate(articles, names.article)), names)
    for table in ("ticket", "article"):
        yield f"select setval('{table}_id_seq', (select max(id) from {table}));\n"
    last = {ticket.created_at.date(): int(ticket.number[10:15]) for ticket in tickets}
    yield _copy(
        "ticket_number_counter",
        "counter, counter_uid, create_time",
        ((counter, f"seed{day:%Y%m%d}", f"{day} 23:59:59") for day, counter in sorted(last.items())),
    )


def _tickets(numbered: Sequence[tuple[int, Ticket]], names: _Names) -> str:
    return _copy(
        "ticket",
        "id, tn, title, queue_id, ticket_lock_id, type_id, user_id, responsible_user_id, ticket_priority_id,"
        " ticket_state_id, customer_id, customer_user_id, timeout, until_time, escalation_time,"
        f" escalation_update_time, escalation_response_time, escalation_solution_time, {_STAMPS}",
        (
            (
                *(ticket_id, one.number, one.title[:255], names.queues[one.queue]),
                *(names.locks["lock" if one.locked else "unlock"], names.types["Unclassified"]),
                *(names.users[one.owner], 1, names.priorities["3 normal"], names.states[one.state]),
                *(one.company, one.customer, 0, 0, 0, 0, 0, 0),
                *(str(one.created_at), 1, str(one.changed_at), names.users[one.owner]),
            )
            for ticket_id, one in numbered
        ),
    )


Numbered = Sequence[tuple[int, tuple[int, Ticket, Article]]]


def _articles(numbered: Numbered, names: _Names) -> Iterable[str]:
    def stamps(ticket: Ticket, article: Article) -> tuple[Value, ...]:
        by = names.users[ticket.owner] if article.sender == "agent" else 1
        return (str(article.at), by, str(article.at), by)

    yield _copy(
        "article",
        "id, ticket_id, article_sender_type_id, communication_channel_id, is_visible_for_customer,"
        f" search_index_needs_rebuild, {_STAMPS}",
        (
            (id, ticket_id, names.senders[one.sender], names.channels["Email"], 1, 0, *stamps(ticket, one))
            for id, (ticket_id, ticket, one) in numbered
        ),
    )
    yield _copy(
        "article_data_mime",
        "article_id, a_from, a_to, a_subject, a_message_id, a_message_id_md5, a_content_type, a_body, incoming_time,"
        f" content_path, {_STAMPS}",
        (
            (
                *(id, one.author, one.recipient, one.subject, one.message_id),
                hashlib.md5(one.message_id.encode(), usedforsecurity=False).hexdigest(),
                *("text/plain; charset=utf-8", one.body, int(one.at.replace(tzinfo=UTC).timestamp())),
                *(f"{one.at:%Y/%m/%d}", *stamps(ticket, one)),
            )
            for id, (ticket_id, ticket, one) in numbered
        ),
    )
    yield _copy(
        "article_search_index",
        "ticket_id, article_id, article_key, article_value",
        (
            (ticket_id, id, f"MIMEBase_{key}", " ".join(value.lower().split()))
            for id, (ticket_id, _, one) in numbered
            for key, value in (
                ("From", one.author),
                ("To", one.recipient),
                ("Subject", one.subject),
                ("Body", one.body),
            )
        ),
    )


def _history(numbered: Numbered, names: _Names) -> str:
    """New ticket, each mail, and the closing with the last one."""

    def rows() -> Iterable[tuple[Value, ...]]:
        for id, (ticket_id, ticket, one) in numbered:
            common = (ticket_id, names.types["Unclassified"], names.queues[ticket.queue], names.users[ticket.owner])
            at = str(one.at)
            if one is ticket.articles[0]:
                name = f"%%{ticket.number}%%{ticket.queue}%%3 normal%%new%%{ticket_id}"
                yield (name, names.history["NewTicket"], None, *common, 3, names.states["new"], at, 1, at, 1)
            kind, by = ("EmailCustomer", 1) if one.sender == "customer" else ("EmailAgent", names.users[ticket.owner])
            yield ("%%", names.history[kind], id, *common, 3, names.states[ticket.state], at, by, at, by)
            if one is ticket.articles[-1] and ticket.state.startswith("closed"):
                name = f"%%new%%{ticket.state}%%"
                yield (name, names.history["StateUpdate"], None, *common, 3, names.states[ticket.state], at, by, at, by)

    return _copy(
        "ticket_history",
        f"name, history_type_id, article_id, ticket_id, type_id, queue_id, owner_id, priority_id, state_id, {_STAMPS}",
        rows(),
    )
