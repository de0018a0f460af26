"""Rows of OTRS become values: text and numbers told apart, zones left behind, odd text mended."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studio_support.otrs.mapping import (
    BrokenRow,
    agent_of,
    arrival_of,
    article_of,
    history_of,
    id_of,
    instant_of,
    number_of,
    rows_of,
    session_time_of,
    text_of,
    ticket_of,
    wall_of,
)
from studio_support.otrs.model import TicketsRead, first_customer_article

MOSCOW, BERLIN, LONDON = (ZoneInfo(name) for name in ("Europe/Moscow", "Europe/Berlin", "UTC"))


def article_row(**other: Any) -> dict[str, Any]:
    row = {
        "ArticleID": "7",
        "SenderType": "customer",
        "CommunicationChannelID": 1,
        "IsVisibleForCustomer": 1,
        "From": "Jane <jane@acme.test>",
        "To": "support@studio.test",
        "Cc": None,
        "Subject": "Hi",
        "Body": "Text",
        "CreateTime": "2026-11-20 12:00:05",
        "IncomingTime": 1795174799,
        "CreateBy": 1,
        "MessageID": "<1@acme.test>",
        "ContentType": "text/plain; charset=utf-8",
    }
    return {**row, **other}


def ticket_row(**other: Any) -> dict[str, Any]:
    row = {
        "TicketID": 2,
        "TicketNumber": "2026112010000015",
        "Title": "Hi",
        "Queue": "Support",
        "State": "open",
        "StateType": "open",
        "Lock": "unlock",
        "Owner": "root@localhost",
        "Responsible": "root@localhost",
        "CustomerID": None,
        "CustomerUserID": "jane@acme.test",
        "Priority": "3 normal",
        "Created": "2026-11-20 12:00:00",
        "Changed": "2026-11-20 12:30:00",
    }
    return {**row, **other}


def test_a_ticket_in_moscow_s_wall_time_is_three_hours_earlier_in_utc() -> None:
    ticket = ticket_of(ticket_row(TicketNumber=2026112010000015, TicketID="2"), MOSCOW)
    assert (ticket.id, ticket.number) == (2, "2026112010000015")
    assert ticket.created_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert ticket.changed_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert ticket.changed_wall == "2026-11-20 12:30:00"
    assert (ticket.customer, ticket.locked, ticket.closed, ticket.articles, ticket.fields) == ("", False, False, (), ())


@pytest.mark.parametrize(("kind", "closed"), [("closed", True), ("merged", True), ("removed", True), ("new", False)])
def test_closed_merged_and_removed_tickets_have_ended(kind: str, closed: bool) -> None:
    assert ticket_of(ticket_row(StateType=kind), LONDON).closed is closed


@pytest.mark.parametrize(("lock", "locked"), [("lock", True), ("tmp_lock", True), ("unlock", False), (None, False)])
def test_a_lock_of_any_kind_locks(lock: str | None, locked: bool) -> None:
    assert ticket_of(ticket_row(Lock=lock), LONDON).locked is locked


def test_fields_of_no_value_are_empty_and_several_values_are_joined() -> None:
    fields = [{"Name": "Urgency", "Value": None}, {"Name": "Agreed", "Value": 0}, {"Name": "Tags", "Value": ["a", "b"]}]
    ticket = ticket_of(ticket_row(DynamicField=fields), LONDON)
    assert ticket.fields == (("Urgency", ""), ("Agreed", "0"), ("Tags", "a,b"))
    assert (ticket.field("Tags"), ticket.field("Unknown")) == ("a,b", "")
    single = ticket_of(ticket_row(DynamicField={"Name": "One", "Value": "x"}), LONDON)
    assert single.fields == (("One", "x"),)


def test_articles_stand_in_the_order_of_their_ids() -> None:
    rows = [article_row(ArticleID=9), article_row(ArticleID=7, SenderType="agent"), article_row(ArticleID=8)]
    ticket = ticket_of(ticket_row(Article=rows), LONDON)
    assert [article.id for article in ticket.articles] == [7, 8, 9]
    assert {article.ticket_id for article in ticket.articles} == {2}
    first = first_customer_article(ticket.articles)
    assert first is not None and first.id == 8


@pytest.mark.parametrize(
    ("channel", "name"), [(1, "email"), ("2", "phone"), (3, "internal"), (4, "chat"), (9, "other"), (None, "other")]
)
def test_channels_have_names(channel: object, name: str) -> None:
    assert article_of(article_row(CommunicationChannelID=channel), LONDON, 2).channel == name


def test_an_article_s_arrival_is_seconds_since_1970_whatever_the_zone() -> None:
    """1795174799 is 2026-11-20T11:39:59Z: 20777 days of 86400 s after 1970 and 41999 s more."""
    article = article_of(article_row(DynamicField=[{"Name": "AutoSubmitted", "Value": "yes"}]), MOSCOW, 2)
    assert 20777 * 86400 + 41999 == 1795174799
    assert article.received_at == datetime(2026, 11, 20, 11, 39, 59, tzinfo=UTC)
    assert article.created_at == datetime(2026, 11, 20, 9, 0, 5, tzinfo=UTC)
    assert (article.cc, article.html, article.attachments, article.created_by) == ("", None, (), 1)
    assert (article.field("AutoSubmitted"), article.field("Other")) == ("yes", "")


@pytest.mark.parametrize("incoming", [None, 0, "", "soon"])
def test_a_time_of_arrival_that_is_none_is_unknown(incoming: object) -> None:
    assert article_of(article_row(IncomingTime=incoming, CreateBy=None), LONDON, 2).received_at is None


def test_arrival_is_the_first_customer_article_s_else_the_ticket_s_creation_with_the_reason() -> None:
    mail = ticket_of(ticket_row(Article=[article_row(ArticleID=3, SenderType="system"), article_row()]), LONDON)
    assert arrival_of(mail).by == "incoming"
    assert arrival_of(mail).at == datetime(2026, 11, 20, 11, 39, 59, tzinfo=UTC)
    by_hand = arrival_of(ticket_of(ticket_row(Article=[article_row(SenderType="agent")]), LONDON))
    assert (by_hand.by, by_hand.at) == ("created", datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    assert by_hand.reason.startswith("no article is from the client")
    silent = arrival_of(ticket_of(ticket_row(Article=[article_row(IncomingTime=0)]), LONDON))
    assert (silent.by, silent.reason[:31]) == ("created", "the first article of the client")


def attachment(name: str, content: bytes, **other: Any) -> dict[str, Any]:
    row = {"Filename": name, "ContentType": "application/pdf", "FilesizeRaw": str(len(content))}
    return {**row, "Content": base64.b64encode(content).decode(), **other}


def test_attachments_with_and_without_their_contents() -> None:
    rows = [
        attachment("a.pdf", b"abc"),
        attachment("b.pdf", b"", FilesizeRaw=""),
        attachment("c.pdf", b"", FilesizeRaw="9"),
    ]
    inline = attachment("logo.png", b"x", Disposition="inline")
    article = article_of(article_row(Attachment=[*rows, inline]), LONDON, 2)
    assert [(one.filename, one.size, one.content, one.inline) for one in article.attachments] == [
        ("a.pdf", 3, b"abc", False),
        ("b.pdf", 0, b"", False),
        ("c.pdf", 9, None, False),
        ("logo.png", 1, b"x", True),
    ]


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ('text/html; charset="utf-8"', "ё😀".encode(), "ё😀"),
        ("text/html; charset=windows-1251", "ё".encode("cp1251"), "ё"),
        ("text/html; charset=no-such", b"abc\xff", "abc\ufffd"),
        ("text/html", b"abc\xff", "abc\ufffd"),
    ],
)
def test_the_html_of_a_letter_is_no_attachment(kind: str, content: bytes, text: str) -> None:
    rows = [attachment("file-2", content, ContentType=kind), attachment("file-2", b"x")]
    article = article_of(article_row(Attachment=rows), LONDON, 2)
    assert article.html == text
    assert [one.content_type for one in article.attachments] == ["application/pdf"]


def test_html_that_was_only_listed_is_there_and_empty() -> None:
    row = attachment("file-2", b"", ContentType="text/html", FilesizeRaw="10")
    assert article_of(article_row(Attachment=[row]), LONDON, 2).html == ""


@pytest.mark.parametrize(
    "row",
    [
        {"TicketID": None},
        {"TicketID": "x"},
        {"TicketID": True},
        {"TicketID": 0},
        {"TicketNumber": None},
        {"TicketNumber": "20x"},
        {"TicketNumber": 1.5},
        {"TicketNumber": True},
        {"Created": "0000-00-00 00:00:00"},
        {"Created": "9999-12-31 23:59:59x"},
        {"Changed": None},
        {"Article": ["text"]},
        {"Article": [{"ArticleID": "x"}]},
        {"DynamicField": "x"},
        {"Article": [article_row(Attachment=[{"Filename": "x", "Content": "abc"}])]},
    ],
)
def test_a_broken_row_says_which_part(row: dict[str, Any]) -> None:
    with pytest.raises(BrokenRow):
        ticket_of(ticket_row(**row), LONDON)


def test_the_edges_of_the_calendar_are_broken_rows_too() -> None:
    with pytest.raises(BrokenRow, match="Created"):
        instant_of("0001-01-01 00:00:00", ZoneInfo("Asia/Tokyo"), "Created")


def test_text_that_no_store_takes_is_mended() -> None:
    assert text_of("a\0b\ud800c😀") == "ab\ufffdc😀"
    assert (text_of(None), text_of(7)) == ("", "7")


def test_ids_and_numbers_may_come_as_text_or_as_numbers() -> None:
    assert (id_of("7", "x"), id_of(7, "x"), number_of(12), number_of("0012")) == (7, 7, "12", "0012")


def test_rows_may_be_none_one_or_many() -> None:
    assert rows_of(None, "x") == []
    assert rows_of({"a": 1}, "x") == [{"a": 1}]
    assert rows_of([{"a": 1}, {}], "x") == [{"a": 1}, {}]


def test_history_tells_lines_of_articles_from_those_of_the_ticket() -> None:
    line = {"HistoryType": "AddNote", "Name": "studio-support k", "CreateBy": 3, "CreateTime": "2026-11-20 12:00:00"}
    rows = history_of(
        {"TicketID": "2", "History": [{**line, "ArticleID": 0}, {**line, "ArticleID": "9"}, line]}, MOSCOW
    )
    assert [row.article_id for row in rows] == [None, 9, None]
    assert (rows[0].kind, rows[0].text, rows[0].created_by, rows[0].ticket_id) == ("AddNote", "studio-support k", 3, 2)
    assert rows[0].created_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_our_agent_is_told_by_the_session() -> None:
    rows = [{"Key": "UserID", "Value": "3"}, {"Key": "UserLogin", "Value": "robot"}]
    assert (agent_of(rows).id, agent_of(rows).login, agent_of(rows).name) == (3, "robot", "robot")
    named = agent_of([*rows, {"Key": "UserFullname", "Value": "Support Robot"}])
    assert named.name == "Support Robot"
    with pytest.raises(BrokenRow):
        agent_of([])


def test_tickets_are_found_by_number_in_a_reading() -> None:
    ticket = ticket_of(ticket_row(), LONDON)
    assert TicketsRead((ticket,)).by_number() == {"2026112010000015": ticket}


def test_a_search_goes_by_the_server_s_wall_time() -> None:
    noon = datetime(2026, 11, 20, 12, 0, 7, 900_000, tzinfo=UTC)
    assert wall_of(noon, LONDON) == "2026-11-20 12:00:07"
    assert wall_of(noon, MOSCOW) == "2026-11-20 15:00:07"
    assert wall_of(noon.astimezone(MOSCOW), BERLIN) == "2026-11-20 13:00:07"


def test_before_clocks_go_back_a_search_starts_where_they_will_go_back_to() -> None:
    """Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC. A change at the second 02:10 is after the first 02:40."""
    at_first_0240 = datetime(2026, 10, 25, 0, 40, tzinfo=UTC)
    assert at_first_0240.astimezone(BERLIN).strftime("%H:%M") == "02:40"
    assert wall_of(at_first_0240, BERLIN) == "2026-10-25 02:00:00"
    assert wall_of(datetime(2026, 10, 25, 1, 0, tzinfo=UTC), BERLIN) == "2026-10-25 02:00:00"
    assert wall_of(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), BERLIN) == "2026-10-25 02:10:00"


EPOCH_2020 = datetime(2020, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 10 * 365 * 86_400).map(lambda seconds: EPOCH_2020 + timedelta(seconds=seconds))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])


@given(INSTANTS, st.integers(0, 48 * 3600), ZONES)
@example(datetime(2026, 10, 25, 0, 40, tzinfo=UTC), 1800, "Europe/Berlin")
@example(datetime(2026, 4, 4, 14, 45, tzinfo=UTC), 900, "Australia/Lord_Howe")
def test_nothing_that_changed_since_is_missed(since: datetime, later_seconds: int, name: str) -> None:
    """The wall time of any later change is not below the one that is searched for, and that one exists."""
    zone = ZoneInfo(name)
    searched = wall_of(since, zone)
    change = since.replace(microsecond=0) + timedelta(seconds=later_seconds)
    assert change.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") >= searched
    naive = datetime.strptime(searched, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    assert naive.astimezone(UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") == searched


def session(**told: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in told.items()]


def test_a_session_tells_the_servers_time_by_the_earlier_of_its_two_readings() -> None:
    """1795348800 is 2026-11-22 12:00:00 UTC, 15:00 in Moscow."""
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    epoch = {"UserSessionStart": "1795348800", "UserLastLogin": "1795348800"}
    rows = session(**epoch, UserLastLoginTimestamp="2026-11-22 15:00:00")
    moscow = ZoneInfo("Europe/Moscow")
    assert session_time_of(rows, moscow) == noon
    assert session_time_of(rows, ZoneInfo("UTC")) == noon
    early = session(**epoch, UserLastLoginTimestamp="2026-11-22 12:00:00")
    assert session_time_of(early, moscow) == noon - timedelta(hours=3)
    assert session_time_of(session(UserSessionStart="1795348800"), moscow) == noon
    assert session_time_of(session(UserSessionStart="1795348800", UserLastLogin="1795348800"), moscow) == noon


def test_a_session_in_the_hour_that_comes_twice_is_no_wrong_zone() -> None:
    """1792891800 is 2026-10-25 01:30 UTC, the second 02:30 of that night in Berlin."""
    rows = session(
        UserSessionStart="1792891800", UserLastLogin="1792891800", UserLastLoginTimestamp="2026-10-25 02:30:00"
    )
    assert session_time_of(rows, ZoneInfo("Europe/Berlin")) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_session_without_a_time_is_broken() -> None:
    with pytest.raises(BrokenRow, match="UserSessionStart"):
        session_time_of([], ZoneInfo("UTC"))
    rows = session(UserSessionStart="1795348800", UserLastLogin="1795348800", UserLastLoginTimestamp="yesterday")
    with pytest.raises(BrokenRow, match="UserLastLoginTimestamp"):
        session_time_of(rows, ZoneInfo("UTC"))
