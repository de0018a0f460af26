"""What is read and searched: batches that are halved, filters that were ignored, answers to another question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from studio_support.errors import InvalidParameter, OtrsBroken, OutcomeUnknown
from studio_support.otrs.client import OtrsClient
from studio_support.otrs.mapping import arrival_of
from studio_support.testing import FakeZnuny
from studio_support.testing.otrs_records import FakeFile


@pytest.fixture
def znuny() -> Iterator[FakeZnuny]:
    with FakeZnuny() as server:
        server.add_customer("jane@acme.test", "ACME")
        yield server


@pytest.fixture
def client(znuny: FakeZnuny) -> Iterator[OtrsClient]:
    with OtrsClient(znuny.url, znuny.web_service, "robot", znuny.password, backoff_seconds=0.0) as made:
        yield made


def many(znuny: FakeZnuny, count: int, queue: str = "Support") -> list[int]:
    """Tickets with a customer's letter each; gives the ids."""
    znuny.auto_reply = False
    return [znuny.receive_mail("jane@acme.test", f"T{one}", "x", queue=queue).id for one in range(count)]


def answer(znuny: FakeZnuny, operation: str, told: dict[str, Any], times: int | None = 3) -> None:
    """The next calls of this operation are answered so; three, since a broken read is asked again."""
    znuny.fail(operation, "status", status=200, body=json.dumps(told).encode(), times=times)


def test_a_thousand_changed_tickets_with_all_letters_cost_at_most_fifteen_requests(
    znuny: FakeZnuny, client: OtrsClient
) -> None:
    many(znuny, 5)
    znuny.advance(3600)
    since = znuny.now()
    ids = many(znuny, 1000)
    read = client.changed_since(since)
    assert [ticket.id for ticket in read.tickets] == ids
    assert all(len(ticket.articles) == 1 for ticket in read.tickets)
    client.close()
    assert client.requests <= 15


def test_a_first_run_from_a_date_reads_what_changed_since_and_no_more(znuny: FakeZnuny, client: OtrsClient) -> None:
    """However many tickets there are: ten thousand old ones, three new ones, two requests."""
    many(znuny, 10_000)
    znuny.advance(86_400)
    since = znuny.now()
    new = many(znuny, 3)
    assert [ticket.id for ticket in client.changed_since(since).tickets] == new
    assert client.requests == 2


def test_missing_and_forbidden_ids_are_named_and_all_others_come(znuny: FakeZnuny) -> None:
    ids = many(znuny, 250)
    hidden = many(znuny, 2, "Junk")
    znuny.add_agent("narrow", "pw", queues=["Support"])
    with OtrsClient(znuny.url, znuny.web_service, "narrow", "pw") as client:
        read = client.tickets([*ids, *hidden, 100_000])
        assert [ticket.id for ticket in read.tickets] == ids
        assert [one.id for one in read.unreadable] == [*hidden, 100_000]
        assert "may not see" in read.unreadable[0].reason
        # Three batches; the three bad ids stand together at the end of 53, halved down to them.
        assert client.requests <= 3 + 2 * 3 * 6 + 2


def test_one_broken_row_is_named_and_harms_no_other(znuny: FakeZnuny, client: OtrsClient) -> None:
    ids = many(znuny, 3)
    znuny.tickets[ids[1]].number = "not a number"
    read = client.tickets(ids)
    assert [ticket.id for ticket in read.tickets] == [ids[0], ids[2]]
    assert [(one.id, one.reason) for one in read.unreadable] == [(ids[1], "TicketNumber is 'not a number'")]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"TicketID": 2}],
        [{"TicketID": 1}, {"TicketID": 1}],
        [{"TicketID": "x"}],
        "text",
        ["text"],
    ],
)
def test_other_tickets_than_asked_for_are_no_answer(znuny: FakeZnuny, client: OtrsClient, rows: object) -> None:
    many(znuny, 1)
    answer(znuny, "TicketGet", {"Ticket": rows})
    with pytest.raises(OtrsBroken):
        client.tickets([1])


def test_no_ids_are_no_request(client: OtrsClient) -> None:
    assert client.tickets([]).tickets == ()
    assert client.history([]) == {}
    assert client.requests == 0


@pytest.mark.parametrize("ids", ["text", [None], [0], ["1 or 2"], {"1": 2}])
def test_ids_that_are_none_are_no_answer(znuny: FakeZnuny, client: OtrsClient, ids: object) -> None:
    answer(znuny, "TicketSearch", {"TicketID": ids})
    with pytest.raises(OtrsBroken):
        client.changed_ids_since(znuny.now())


def test_more_ids_than_the_limit_mean_that_it_was_ignored(znuny: FakeZnuny, client: OtrsClient) -> None:
    answer(znuny, "TicketSearch", {"TicketID": ["1", "2"]})
    with pytest.raises(OtrsBroken, match="at most 1"):
        client.check()


def test_every_search_names_its_limit(znuny: FakeZnuny, client: OtrsClient) -> None:
    """Without one the server would stop at 500 and not say so."""
    ids = many(znuny, 600)
    assert len(client.changed_ids_since(znuny.now())) == len(ids) == 600
    client.tickets_by_number(["2026112010000017"])
    client.search_text("x", limit=7)
    client.search(queues=["Support"])
    limits = [call.told["Limit"] for call in znuny.called("TicketSearch")]
    assert limits == [200_000, 2, 7, 200_000]


def test_an_ignored_time_shows_in_what_comes(znuny: FakeZnuny, client: OtrsClient) -> None:
    many(znuny, 1)
    znuny.advance(3600)
    answer(znuny, "TicketSearch", {"TicketID": ["1"]}, times=1)
    with pytest.raises(OtrsBroken, match="TicketLastChangeTimeNewerDate was ignored"):
        client.changed_since(znuny.now())


def test_an_ignored_number_shows_in_what_comes(znuny: FakeZnuny, client: OtrsClient) -> None:
    many(znuny, 2)
    answer(znuny, "TicketSearch", {"TicketID": ["1"]}, times=1)
    with pytest.raises(OtrsBroken, match="TicketNumber was ignored"):
        client.tickets_by_number(["2026112010000099"])


def test_an_ignored_queue_shows_in_what_comes(znuny: FakeZnuny, client: OtrsClient) -> None:
    many(znuny, 1)
    answer(znuny, "TicketSearch", {"TicketID": ["1"]}, times=2)
    with pytest.raises(OtrsBroken, match="Queues was ignored"):
        client.search(queues=["Junk"])


def test_a_ticket_that_was_moved_between_search_and_look_is_left_out(znuny: FakeZnuny, client: OtrsClient) -> None:
    ids = many(znuny, 2)
    znuny.fail("TicketGet", "do", action=lambda: setattr(znuny.tickets[ids[0]], "queue", "Junk"))
    assert [ticket.id for ticket in client.search(queues=["Support"]).tickets] == [ids[1]]


def test_a_ticket_that_was_moved_there_and_back_does_not_stop_the_search(znuny: FakeZnuny, client: OtrsClient) -> None:
    """It is in the second search too, and fits when looked at again: no filter was ignored."""
    ids = many(znuny, 2)
    ticket = znuny.tickets[ids[0]]
    znuny.fail("TicketGet", "do", action=lambda: setattr(ticket, "queue", "Junk"))
    znuny.fail("TicketSearch", "do", skip=1, action=lambda: setattr(ticket, "queue", "Support"))
    assert [one.id for one in client.search(queues=["Support"]).tickets] == [ids[1]]


def test_an_unknown_dynamic_field_is_told_before_all_tickets_are_read(znuny: FakeZnuny, client: OtrsClient) -> None:
    many(znuny, 350)
    with pytest.raises(OtrsBroken, match="no dynamic field Nope"):
        client.search(fields={"Nope": "1"})
    assert client.requests == 2


def test_searches_by_field_state_customer_and_time_are_ands(znuny: FakeZnuny, client: OtrsClient) -> None:
    ids = many(znuny, 4)
    for one in ids[:3]:
        znuny.tickets[one].fields["ToRedmine"] = 1
    znuny.tickets[ids[0]].state = "closed successful"
    found = client.search(fields={"ToRedmine": "1"}, state_types=["new", "open"], customer="ACME", states=["new"])
    assert [ticket.id for ticket in found.tickets] == ids[1:3]
    assert client.search(created_since=znuny.now() + timedelta(seconds=-1)).by_number().keys() == {
        znuny.tickets[one].number for one in ids
    }
    with pytest.raises(ValueError, match="every ticket"):
        client.search()


def test_numbers_that_are_none_are_not_searched_for(znuny: FakeZnuny, client: OtrsClient) -> None:
    """A star would find all of them, and Arabic digits are digits to Python only."""
    many(znuny, 3)
    assert client.tickets_by_number(["2026*", "", "x", "٢٠٢٦"]).tickets == ()
    assert client.requests == 0
    assert client.ticket_by_number("2026112010000099") is None


def test_times_are_left_behind_in_the_server_s_zone(znuny: FakeZnuny) -> None:
    """08:00 UTC is written 11:00 in Moscow, and searched for as 11:00."""
    with FakeZnuny(zone="Europe/Moscow") as moscow:
        ticket = moscow.receive_mail("jane@acme.test", "Hi", "x")
        with OtrsClient(moscow.url, moscow.web_service, "robot", moscow.password, timezone="Europe/Moscow") as client:
            read = client.changed_since(datetime(2026, 11, 20, 8, 0, tzinfo=UTC)).tickets[0]
            told = moscow.called("TicketSearch")[0].told
        assert told["TicketLastChangeTimeNewerDate"] == "2026-11-20 11:00:00"
        assert read.changed_wall == "2026-11-20 11:00:00"
        assert read.created_at == ticket.created_at == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
        assert arrival_of(read).at == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def test_a_letter_is_looked_for_by_history_first_and_by_its_html_else(znuny: FakeZnuny, client: OtrsClient) -> None:
    """Where the line of history is gone (the server died between the two), the comment in the HTML is left."""
    ticket = client.ticket_by_number(znuny.receive_mail("jane@acme.test", "Hi", "x").number)
    assert ticket is not None
    sent = client.send_letter(ticket.id, to="jane@acme.test", subject="Done", text="x", key="k/1")
    assert client.find_letter(ticket, subject="Done", key="k/1") == sent
    before = len(znuny.called("TicketGet"))
    znuny.tickets[ticket.id].history.clear()
    assert client.find_letter(ticket, subject="Done", key="k/1") == sent
    assert len(znuny.called("TicketGet")) == before + 1
    znuny.receive_mail("jane@acme.test", f"RE: [Ticket#{ticket.number}] Done", "x", html="<!-- k/2 -->")
    znuny.tickets[ticket.id].articles[-1].subject = "Done"
    assert client.find_letter(ticket, subject="Done", key="k/2") is None


def test_a_letter_of_another_agent_is_not_ours(znuny: FakeZnuny, client: OtrsClient) -> None:
    znuny.add_agent("petrova", "pw")
    ticket = client.ticket_by_number(znuny.receive_mail("jane@acme.test", "Hi", "x").number)
    assert ticket is not None
    with OtrsClient(znuny.url, znuny.web_service, "petrova", "pw") as other:
        other.send_letter(ticket.id, to="jane@acme.test", subject="Done", text="x", key="k/1")
    assert client.find_letter(ticket, subject="Done", key="k/1") is None


def test_history_of_other_tickets_is_no_answer(znuny: FakeZnuny, client: OtrsClient) -> None:
    many(znuny, 2)
    answer(znuny, "TicketHistoryGet", {"TicketHistory": [{"TicketID": "2", "History": []}]}, times=1)
    with pytest.raises(OtrsBroken, match="other tickets"):
        client.history([1])
    answer(znuny, "TicketHistoryGet", {"TicketHistory": [{"TicketID": "x"}]}, times=1)
    with pytest.raises(OtrsBroken, match="TicketID"):
        client.history([1])
    assert set(client.history([1, 2])) == {1, 2}


@pytest.mark.parametrize(
    "told",
    [{}, {"TicketID": "2", "ArticleID": 9}, {"TicketID": "1"}, {"TicketID": "1", "ArticleID": 0}],
)
def test_a_write_whose_answer_does_not_say_what_it_should_is_of_unknown_outcome(
    znuny: FakeZnuny, client: OtrsClient, told: dict[str, Any]
) -> None:
    many(znuny, 1)
    answer(znuny, "TicketUpdate", told, times=1)
    with pytest.raises(OutcomeUnknown):
        client.add_note(1, subject="x", body="x")


def test_a_new_ticket_without_a_name_is_of_unknown_outcome(znuny: FakeZnuny, client: OtrsClient) -> None:
    answer(znuny, "TicketCreate", {"TicketID": "7"}, times=1)
    with pytest.raises(OutcomeUnknown, match="TicketNumber"):
        client.create_ticket(title="x", queue="Support", customer_user="jane@acme.test", body="x")


def test_a_ticket_made_by_hand_is_locked_for_its_owner(znuny: FakeZnuny, client: OtrsClient) -> None:
    znuny.add_agent("petrova", "pw")
    made = client.create_ticket(
        title="By\nphone", queue="Support", customer_user="jane@acme.test", body="", owner="petrova", channel="internal"
    )
    ticket = client.ticket_by_number(made.number)
    assert ticket is not None
    assert (ticket.title, ticket.owner, ticket.locked) == ("By phone", "petrova", True)
    assert [(one.channel, one.visible) for one in ticket.articles] == [("internal", True)]
    with pytest.raises(InvalidParameter):
        client.create_ticket(title="x", queue="Nope", customer_user="jane@acme.test", body="x")


def test_a_pending_state_is_no_business_of_an_update(znuny: FakeZnuny, client: OtrsClient) -> None:
    with pytest.raises(ValueError, match="pending"):
        client.update_ticket(1, state="pending reminder")
    assert znuny.calls == []


def test_no_line_break_reaches_a_header(znuny: FakeZnuny, client: OtrsClient) -> None:
    many(znuny, 1)
    client.send_letter(
        1,
        to="jane@acme.test\nBcc: all@acme.test",
        subject="Hi\r\nX: y",
        text="x",
        key="k",
        cc=["bob@acme.test\r\nBcc: eve@acme.test", "eve@acme.test"],
    )
    letter = znuny.letters[-1]
    assert letter.to == "jane@acme.test Bcc: all@acme.test"
    assert letter.cc == "bob@acme.test Bcc: eve@acme.test, eve@acme.test"
    assert letter.subject.endswith("] Hi X: y")


def test_what_we_write_gets_no_answer_from_the_server_itself(znuny: FakeZnuny, client: OtrsClient) -> None:
    """Znuny answers tickets and articles that come over REST as if a client had written them, unless told otherwise."""
    znuny.auto_follow_up = True
    made = client.create_ticket(title="x", queue="Support", customer_user="jane@acme.test", body="x")
    client.add_note(made.id, subject="x", body="x")
    client.send_letter(made.id, to="jane@acme.test", subject="x", text="x", key="k")
    assert [letter.subject for letter in znuny.letters] == [f"[Ticket#{made.number}] x"]


def test_a_sixty_megabyte_file_is_seen_by_its_size_before_it_is_fetched(znuny: FakeZnuny, client: OtrsClient) -> None:
    size = 60 * 1024 * 1024
    ticket = znuny.receive_mail("jane@acme.test", "Big", "x", files=[FakeFile("big.bin", bytes(size))])
    listed = client.ticket_with_files(ticket.id, contents=False)
    assert listed is not None
    [file] = listed.articles[0].attachments
    assert (file.size, file.content) == (size, None)
    whole = client.ticket_with_files(ticket.id)
    assert whole is not None and len(whole.articles[0].attachments[0].content or b"") == size
    assert client.ticket_with_files(999) is None


def test_text_that_no_store_takes_comes_mended(znuny: FakeZnuny, client: OtrsClient) -> None:
    ticket = znuny.receive_mail("jane@acme.test", "Hi\0 there 😀", "half \ud83d pair")
    read = client.ticket_by_number(ticket.number)
    assert read is not None
    # Half a pair is three bytes of UTF-8, none of which is a character.
    assert (read.title, read.articles[0].body) == ("Hi there 😀", "half \ufffd\ufffd\ufffd pair")


def test_what_we_say_is_mended_as_well(znuny: FakeZnuny, client: OtrsClient) -> None:
    many(znuny, 1)
    client.add_note(1, subject="a\0b\ud83d", body="\ud83d", key="k")
    article = znuny.tickets[1].articles[-1]
    assert (article.subject, article.body) == ("ab\ufffd", "\ufffd")
