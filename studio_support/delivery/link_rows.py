"""The links of a store as it knows them: by digest, with the day until which each opens.

What is good follows from the rows alone: a link opens while it is not taken back, its document is not cancelled,
and, for a document's own link, while it is of the generation that the document names. Whether it has expired is a
matter of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, not_, or_, select, update

from studio_support.store.tables import acts, invoices, links, store_facts

_SECRET = "link_secret"  # noqa: S105 -- the key of its fingerprint
_SWEPT = "links_swept"


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link that was given out. recipient: "" for the document's own. secret: fingerprint of what made its name.

    expires_on: the last day on which it opens. good: it was not taken back, by itself or with its document.
    """

    id: int
    invoice_id: int
    recipient: str
    generation: int
    secret: str
    token_sha256: str
    expires_on: date
    good: bool


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to be written down."""

    invoice_id: int
    recipient: str
    generation: int
    secret: str
    token_sha256: str
    expires_on: date


def is_good() -> ColumnElement[bool]:
    """SQL over links joined with invoices: whether a link opens, unless it has expired."""
    own = and_(invoices.c.link_live, links.c.generation == invoices.c.link_generation)
    return and_(links.c.revoked_at.is_(None), invoices.c.state == "issued", or_(links.c.recipient != "", own))


_COLUMNS = tuple(links.c[name] for name in LinkRow.__dataclass_fields__ if name != "good")


def _link(row: Iterable[Any]) -> LinkRow:
    facts = [*row]
    facts[-1] = bool(facts[-1])  # SQLite answers 0 or 1
    return LinkRow(*facts)


def link_rows(connection: Connection, invoice_ids: Sequence[int] | None = None) -> list[LinkRow]:
    """All links of these documents, or of all, in the order in which they were made."""
    query = select(*_COLUMNS, is_good()).join(invoices, invoices.c.id == links.c.invoice_id).order_by(links.c.id)
    if invoice_ids is not None:
        query = query.where(links.c.invoice_id.in_(invoice_ids))
    return [_link(row) for row in connection.execute(query)]


def unregistered(connection: Connection, secret: str) -> list[int]:
    """The ids of documents whose own present link has no row of this secret."""
    own = and_(
        links.c.invoice_id == invoices.c.id,
        links.c.recipient == "",
        links.c.generation == invoices.c.link_generation,
        links.c.secret == secret,
    )
    return list(connection.scalars(select(invoices.c.id).outerjoin(links, own).where(links.c.id.is_(None))))


def not_open(connection: Connection, today: date) -> dict[str, LinkRow]:
    """By digest, the links that are good no more or have expired: what must not lie open anywhere."""
    over = or_(not_(is_good()), links.c.expires_on < today)
    query = select(*_COLUMNS, is_good()).join(invoices, invoices.c.id == links.c.invoice_id).where(over)
    rows = (_link(row) for row in connection.execute(query))
    return {row.token_sha256: row for row in rows}


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a good link: a document with its files' sums, and until when it opens.

    act_number, act_sha256: of the act beside it, None where there is none or it is not drawn yet.
    """

    invoice_id: int
    number: str
    issue_date: date
    pdf_sha256: str
    page_sha256: str
    act_number: str | None
    act_sha256: str | None
    expires_on: date


# made once: they are asked at every fetch
_FOUND = select(links.c.id).where(links.c.token_sha256 == bindparam("digest"), links.c.revoked_at.is_(None))
_BEHIND = (
    select(
        *(invoices.c[name] for name in ("id", "number", "issue_date", "pdf_sha256", "page_sha256")),
        acts.c.number,
        acts.c.pdf_sha256,
        links.c.expires_on,
    )
    .join_from(links, invoices, invoices.c.id == links.c.invoice_id)
    .outerjoin(acts, acts.c.invoice_id == invoices.c.id)
    .where(links.c.id == bindparam("link"), is_good())
    .where(invoices.c.pdf_sha256.is_not(None), invoices.c.page_sha256.is_not(None))
)


def behind(connection: Connection, token_sha256: str) -> Behind | None:
    """The document of a good link by its digest, expired or not; None if it is unknown, taken back or not drawn yet.

    An unknown link and one that was taken back take the same way here: one look into one index.
    """
    link_id = connection.scalar(_FOUND, {"digest": token_sha256})
    if link_id is None:
        return None
    row = connection.execute(_BEHIND, {"link": link_id}).first()
    return None if row is None else Behind(*list[Any](row))


def gone_with_document(connection: Connection) -> list[int]:
    """The ids of links that went with their document and do not say so themselves yet."""
    query = select(links.c.id).join(invoices, invoices.c.id == links.c.invoice_id)
    return list(connection.scalars(query.where(links.c.revoked_at.is_(None), not_(is_good()))))


def add_links(connection: Connection, new: Sequence[NewLink], person: str, now: datetime) -> int:
    """Writes down links that are not there yet; how many were new."""
    wanted = {row.token_sha256: row for row in new}
    if not wanted:
        return 0
    known = set(connection.scalars(select(links.c.token_sha256).where(links.c.token_sha256.in_(wanted))))
    rows = [
        {name: getattr(row, name) for name in NewLink.__dataclass_fields__} | {"made_at": now, "made_by": person[:120]}
        for key, row in wanted.items()
        if key not in known
    ]
    if rows:
        connection.execute(insert(links), rows)
    return len(rows)


def revoke(connection: Connection, link_ids: Sequence[int], now: datetime) -> None:
    """Takes links back, for good."""
    mine = links.c.id.in_(link_ids), links.c.revoked_at.is_(None)
    connection.execute(update(links).where(*mine).values(revoked_at=now))


def expire_on(connection: Connection, link_ids: Sequence[int], day: date) -> None:
    """Sets the last day on which these links open."""
    connection.execute(update(links).where(links.c.id.in_(link_ids)).values(expires_on=day))


def set_own_link(connection: Connection, invoice_id: int, generation: int, *, live: bool) -> None:
    """Says which generation of a document's own link is the present one, and whether it opens."""
    values = {"link_generation": generation, "link_live": live}
    connection.execute(update(invoices).where(invoices.c.id == invoice_id).values(**values))


def is_anything_issued(connection: Connection) -> bool:
    """Whether there is a document that could have a link."""
    return connection.scalar(select(invoices.c.id).limit(1)) is not None


def known_secret(connection: Connection) -> str | None:
    """The fingerprint of the secret that this store's links are made with, None before the first one."""
    return _fact(connection, _SECRET)


def remember_secret(connection: Connection, fingerprint: str) -> None:
    """Makes this the secret of the store's links."""
    _keep_fact(connection, _SECRET, fingerprint)


def last_sweep(connection: Connection) -> str | None:
    """What `remember_sweep` was told last."""
    return _fact(connection, _SWEPT)


def remember_sweep(connection: Connection, what: str) -> None:
    """Keeps on which day links were swept, or could not be."""
    _keep_fact(connection, _SWEPT, what)


def _fact(connection: Connection, key: str) -> str | None:
    found = connection.scalar(select(store_facts.c.value).where(store_facts.c.key == key))
    return None if found is None else str(found)


def _keep_fact(connection: Connection, key: str, value: str) -> None:
    if _fact(connection, key) is None:
        connection.execute(insert(store_facts).values(key=key, value=value))
    else:
        connection.execute(update(store_facts).where(store_facts.c.key == key).values(value=value))
