"""Rows of OTRS's REST interface to values: strings and integers told apart, zones left behind, odd text mended.

Seen on Znuny 6.5: search gives ids as text and get as numbers; `Created`, `Changed` and `CreateTime` bear no zone and
mean the server's own; `IncomingTime` is seconds since 1970; dynamic fields without a value are null.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from studio_support.otrs.model import (
    Agent,
    Arrival,
    Article,
    Attachment,
    Channel,
    HistoryRow,
    Ticket,
    first_customer_article,
)

Row = Mapping[str, Any]
_CHANNELS: dict[str, Channel] = {"1": "email", "2": "phone", "3": "internal", "4": "chat"}
_NOT_STORABLE = re.compile("[\ud800-\udfff]")
_WALL = "%Y-%m-%d %H:%M:%S"
_HTML_BODY = re.compile(r"\Afile-\d+(\.html?)?\Z", re.IGNORECASE)
# Zones change their offset on whole quarters of an hour, and never by more than three hours at once.
_QUARTER = timedelta(minutes=15)
_QUARTERS = 12


class BrokenRow(ValueError):
    """A row that is not what it should be: which part, and what stood there."""

    def __init__(self, part: str, value: object) -> None:
        super().__init__(f"{part} is {str(value)[:60]!r}")


def text_of(value: object) -> str:
    """Text for every store: null is "", NUL goes, half a surrogate pair becomes U+FFFD."""
    if value is None:
        return ""
    return _NOT_STORABLE.sub("\ufffd", str(value).replace("\0", ""))


def id_of(value: object, part: str) -> int:
    """An id that may come as text or as a number. Raises BrokenRow."""
    if isinstance(value, bool) or not re.fullmatch(r"[1-9]\d{0,18}", str(value)):
        raise BrokenRow(part, value)
    return int(str(value))


def number_of(value: object) -> str:
    """A ticket number, always text. Raises BrokenRow for anything that is not digits."""
    if isinstance(value, bool | float) or not re.fullmatch(r"[0-9]{1,50}", str(value)):
        raise BrokenRow("TicketNumber", value)
    return str(value)


def instant_of(wall: object, zone: tzinfo, part: str) -> datetime:
    """The instant (aware UTC) of a time without a zone in the server's own. An hour that comes twice: the first."""
    try:
        return datetime.strptime(str(wall), _WALL).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BrokenRow(part, wall) from None


def wall_of(instant: datetime, zone: tzinfo) -> str:
    """The text that a search in the server's zone needs so as to miss nothing that happened from `instant` on.

    Where clocks are set back after it, wall time jumps back too: the lowest reading that still comes is taken.
    """
    at = instant.astimezone(UTC).replace(microsecond=0)
    quarter = datetime.fromtimestamp(at.timestamp() // 900 * 900, UTC)
    later = (quarter + _QUARTER * count for count in range(1, _QUARTERS + 1))
    return min(moment.astimezone(zone).strftime(_WALL) for moment in (at, *later))


def ticket_of(row: Row, zone: tzinfo) -> Ticket:
    """A ticket with the articles that came with it. Raises BrokenRow."""
    ticket_id = id_of(row.get("TicketID"), "TicketID")
    articles = [article_of(one, zone, ticket_id) for one in rows_of(row.get("Article"), "Article")]
    return Ticket(
        id=ticket_id,
        number=number_of(row.get("TicketNumber")),
        title=text_of(row.get("Title")),
        queue=text_of(row.get("Queue")),
        state=text_of(row.get("State")),
        state_type=text_of(row.get("StateType")),
        locked=text_of(row.get("Lock")) not in ("", "unlock"),
        owner=text_of(row.get("Owner")),
        responsible=text_of(row.get("Responsible")),
        customer=text_of(row.get("CustomerID")),
        customer_user=text_of(row.get("CustomerUserID")),
        priority=text_of(row.get("Priority")),
        created_at=instant_of(row.get("Created"), zone, "Created"),
        changed_at=instant_of(row.get("Changed"), zone, "Changed"),
        changed_wall=text_of(row.get("Changed")),
        fields=_fields_of(row.get("DynamicField")),
        articles=tuple(sorted(articles, key=lambda one: one.id)),
    )


def rows_of(value: object, part: str) -> list[Row]:
    """A list of objects; nothing is an empty one, a single object a list of one. Raises BrokenRow."""
    found: list[Any] = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(one, Mapping) for one in found):
        raise BrokenRow(part, value)
    return found


def _fields_of(value: object) -> tuple[tuple[str, str], ...]:
    return tuple((text_of(one.get("Name")), _field_value(one.get("Value"))) for one in rows_of(value, "DynamicField"))


def _field_value(value: object) -> str:
    return ",".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def article_of(row: Row, zone: tzinfo, ticket_id: int) -> Article:
    """An article. Raises BrokenRow."""
    files = [_attachment_of(one) for one in rows_of(row.get("Attachment"), "Attachment")]
    bodies = [one for one in files if _is_body(one)]
    return Article(
        id=id_of(row.get("ArticleID"), "ArticleID"),
        ticket_id=ticket_id,
        sender_type=text_of(row.get("SenderType")),
        channel=_CHANNELS.get(str(row.get("CommunicationChannelID")), "other"),
        visible=str(row.get("IsVisibleForCustomer")) == "1",
        sender=text_of(row.get("From")),
        to=text_of(row.get("To")),
        cc=text_of(row.get("Cc")),
        subject=text_of(row.get("Subject")),
        body=text_of(row.get("Body")),
        created_at=instant_of(row.get("CreateTime"), zone, "CreateTime"),
        received_at=_received(row.get("IncomingTime")),
        created_by=id_of(row["CreateBy"], "CreateBy") if row.get("CreateBy") else None,
        message_id=text_of(row.get("MessageID")),
        content_type=text_of(row.get("ContentType")),
        html=_decoded(bodies[0]) if bodies else None,
        attachments=tuple(one for one in files if not _is_body(one)),
        fields=_fields_of(row.get("DynamicField")),
    )


def _received(value: object) -> datetime | None:
    """Seconds since 1970; 0 and nothing mean that the server does not know."""
    if not re.fullmatch(r"[1-9]\d{0,10}", str(value)):
        return None
    return datetime.fromtimestamp(int(str(value)), UTC)


def _is_body(file: Attachment) -> bool:
    """Whether it is the article's own HTML, which the server lists under the name file-2."""
    return bool(_HTML_BODY.match(file.filename)) and file.content_type.lower().startswith("text/html")


def _decoded(file: Attachment) -> str:
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", file.content_type, re.IGNORECASE)
    try:
        return text_of((file.content or b"").decode(charset[1] if charset else "utf-8", "replace"))
    except LookupError:
        return text_of((file.content or b"").decode("utf-8", "replace"))


def _attachment_of(row: Row) -> Attachment:
    try:
        content = base64.b64decode(str(row.get("Content") or ""), validate=False)
    except binascii.Error:
        raise BrokenRow("Attachment", row.get("Filename")) from None
    size = str(row.get("FilesizeRaw") or "")
    given = bool(row.get("Content")) or size in ("", "0")
    return Attachment(
        filename=text_of(row.get("Filename")),
        content_type=text_of(row.get("ContentType")),
        size=int(size) if size.isdecimal() else len(content),
        content=content if given else None,
        inline=str(row.get("Disposition") or "").lower() == "inline",
    )


def arrival_of(ticket: Ticket) -> Arrival:
    """When the request arrived: the first customer article's IncomingTime, else the ticket's `Created`."""
    first = first_customer_article(ticket.articles)
    if first is not None and first.received_at is not None:
        return Arrival(first.received_at, "incoming", "the server took the client's first letter in at this time")
    missing = "the first article of the client has no time of arrival" if first else "no article is from the client"
    return Arrival(ticket.created_at, "created", f"{missing}: the time at which the ticket was made counts")


def history_of(row: Row, zone: tzinfo) -> tuple[HistoryRow, ...]:
    """The history of one ticket, oldest first as it came. Raises BrokenRow."""
    ticket_id = id_of(row.get("TicketID"), "TicketID")
    return tuple(
        HistoryRow(
            ticket_id=ticket_id,
            kind=text_of(one.get("HistoryType")),
            text=text_of(one.get("Name")),
            created_at=instant_of(one.get("CreateTime"), zone, "CreateTime"),
            created_by=id_of(one.get("CreateBy"), "CreateBy"),
            article_id=id_of(one["ArticleID"], "ArticleID") if str(one.get("ArticleID") or "0") != "0" else None,
        )
        for one in rows_of(row.get("History"), "History")
    )


def session_time_of(session: Sequence[Row], zone: tzinfo) -> datetime:
    """The server's time when the session was made: by its seconds since 1970 or by its wall, the earlier one.

    Raises BrokenRow.
    """
    told = {str(one.get("Key")): one.get("Value") for one in session}
    begun = _received(told.get("UserSessionStart"))
    if begun is None:
        raise BrokenRow("UserSessionStart", told.get("UserSessionStart"))
    login, wall = _received(told.get("UserLastLogin")), told.get("UserLastLoginTimestamp")
    if login is None or not wall:
        return begun
    try:
        # readings are compared, not instants: an hour that comes twice is read alike on both sides
        shown = datetime.strptime(str(wall), _WALL).replace(tzinfo=UTC)
    except ValueError:
        raise BrokenRow("UserLastLoginTimestamp", wall) from None
    return begun + min(shown - login.astimezone(zone).replace(tzinfo=UTC), timedelta(0))


def agent_of(session: Sequence[Row]) -> Agent:
    """Whose session it is. Raises BrokenRow."""
    told = {str(one.get("Key")): one.get("Value") for one in session}
    name = text_of(told.get("UserFullname")) or text_of(told.get("UserLogin"))
    return Agent(id_of(told.get("UserID"), "UserID"), text_of(told.get("UserLogin")), name)
