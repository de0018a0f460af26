"""What OtrsClient promises on any OTRS: this suite runs on the fake here, on the lab's Znuny in tests/live.

`desk` makes tickets of the test's own; others may work on the same server meanwhile.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from studio_support.errors import AccessDenied, AuthFailed, InvalidParameter, MissingRoute, OtrsBroken, OtrsUnreachable
from studio_support.otrs.client import OtrsClient
from studio_support.otrs.letters import is_letter
from studio_support.otrs.mapping import arrival_of
from studio_support.otrs.model import Attachment
from studio_support.testing import FakeZnuny
from studio_support.testing.otrs_records import FakeLetter

# Zones differ by quarters of an hour: a time that was taken for another zone's is further off than half of one.
LEAST_ZONE = timedelta(minutes=15)
ODD = "Grüße <b>&amp; 😀\n  שלום עולם «ёлки» \u200f\n'\"--> <script>x</script>"


class FakeDesk:
    """The fake behind the handles that the suite asks for; tests/live has the same for the lab."""

    def __init__(self, znuny: FakeZnuny) -> None:
        self.znuny = znuny
        znuny.add_customer("jane@acme.test", "ACME", "Jane Doe")
        znuny.add_agent("petrova", "petrova-password", "Anna Petrova")
        znuny.add_agent("blind", "blind-password", queues=[])
        self.opened: list[OtrsClient] = []
        self.numbers: list[str] = []

    def client(self, user: str = "robot", **options: Any) -> OtrsClient:
        """A client on this desk's server."""
        password = options.pop("password", f"{user}-password")
        told = {"timeout_seconds": 20, "backoff_seconds": 0.01, **options}
        client = OtrsClient(self.znuny.url, told.pop("web_service", self.znuny.web_service), user, password, **told)
        self.opened.append(client)
        return client

    def now(self) -> Any:
        """The server's clock."""
        return self.znuny.now()

    def mail(self, subject: str, body: str, sender: str = "jane@acme.test") -> str:
        """A mail from Jane Doe; gives the ticket's number."""
        return self.znuny.receive_mail(f"Jane Doe <{sender}>", subject, body).number

    def letters(self, number: str) -> list[str]:
        """Plain texts of the letters that left for jane@acme.test about a ticket, automatic replies left out."""
        known: list[FakeLetter] = [one for one in self.znuny.letters if one.ticket == number]
        ticket = self.znuny.ticket(number)
        return [article.body for one in known for article in ticket.articles if article.id == one.article and one.html]

    def end_sessions(self) -> None:
        """Sessions die."""
        self.znuny.end_sessions()


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    """A Znuny of the test's own."""
    with FakeZnuny() as znuny:
        made = FakeDesk(znuny)
        yield made
        for client in made.opened:
            client.close()


class TestOtrsContract:
    """The suite."""

    def test_a_mail_is_a_ticket_with_its_arrival_and_zones_left_behind(self, desk: Any) -> None:
        """Number as text, ids as integers, the customer's article with the time at which the server took it in."""
        began = desk.now()
        number = desk.mail("The shop is down", "Please help.")
        ticket = desk.client().ticket_by_number(number, articles="first")
        assert ticket is not None
        assert (ticket.number, ticket.title, ticket.queue) == (number, "The shop is down", "Support")
        assert (ticket.state, ticket.state_type, ticket.locked, ticket.closed) == ("new", "new", False, False)
        assert (ticket.customer, ticket.customer_user) == ("ACME", "jane@acme.test")
        assert isinstance(ticket.id, int)
        [first] = ticket.articles
        assert (first.sender_type, first.channel, first.visible) == ("customer", "email", True)
        assert first.sender == "Jane Doe <jane@acme.test>"
        assert first.body.strip() == "Please help."
        arrival = arrival_of(ticket)
        assert arrival.by == "incoming"
        assert timedelta(0) <= arrival.at - began < LEAST_ZONE / 2
        assert abs(ticket.created_at - arrival.at) < LEAST_ZONE / 2

    def test_the_server_s_own_reply_is_neither_an_agent_s_nor_a_client_s(self, desk: Any) -> None:
        # An address of its own: a server writes by itself forty times a day to any one.
        sender = f"somebody-{secrets.token_hex(4)}@acme.test"
        ticket = desk.client().ticket_by_number(desk.mail("Hello", "x", sender))
        assert [article.sender_type for article in ticket.articles] == ["customer", "system"]

    def test_a_ticket_made_by_hand_has_no_arrival_but_its_creation(self, desk: Any) -> None:
        """Nor does the server write to the client of its own accord, as it does unless told otherwise."""
        client = desk.client()
        made = client.create_ticket(
            title=ODD.replace("\n", " "),
            queue="Support",
            customer_user="jane@acme.test",
            body=ODD,
            key="t/phone",
            fields={"Estimate": "3"},
        )
        desk.numbers.append(made.number)
        ticket = client.ticket_by_number(made.number)
        assert ticket.id == made.id
        assert (ticket.customer, ticket.field("Estimate"), ticket.field("Urgency")) == ("ACME", "3", "")
        assert ticket.title == " ".join(ODD.split())
        [article] = ticket.articles
        assert (article.id, article.sender_type, article.channel) == (made.article_id, "agent", "phone")
        assert article.body == ODD
        arrival = arrival_of(ticket)
        assert (arrival.by, arrival.at) == ("created", ticket.created_at)
        assert client.find_created(key="t/phone", since=ticket.created_at) == made
        assert client.find_created(key="t/another", since=ticket.created_at) is None

    def test_changes_are_found_from_the_second_on_and_a_quiet_look_costs_one_request(self, desk: Any) -> None:
        number = desk.mail("Change", "x")
        client = desk.client()
        ticket = client.ticket_by_number(number)
        since = ticket.changed_at
        assert ticket.id in client.changed_ids_since(since)
        assert number in client.changed_since(since, queues=["Support"], articles="none").by_number()
        assert ticket.id not in client.changed_ids_since(since, queues=["Junk"])
        before = client.requests
        assert client.changed_since(desk.now() + timedelta(hours=1)).tickets == ()
        assert client.requests - before == 1

    def test_every_kind_of_change_touches_the_ticket(self, desk: Any) -> None:
        client = desk.client()
        ticket = client.ticket_by_number(desk.mail("Touch", "x"))
        client.update_ticket(
            ticket.id, title="Touched", state="open", locked=True, owner="petrova", fields={"Urgency": "high"}
        )
        now = client.tickets([ticket.id]).tickets[0]
        assert (now.title, now.state, now.locked, now.owner) == ("Touched", "open", True, "petrova")
        assert now.field("Urgency") == "high"
        client.update_ticket(ticket.id, state="closed successful", queue="Junk")
        closed = client.tickets([ticket.id]).tickets[0]
        assert (closed.state_type, closed.closed, closed.locked, closed.queue) == ("closed", True, False, "Junk")

    def test_a_ticket_number_never_goes_with_an_update(self, desk: Any) -> None:
        """It would win over the id: the other ticket of the two stays as it was."""
        client = desk.client()
        one = client.ticket_by_number(desk.mail("One", "x"), articles="none")
        other = client.ticket_by_number(desk.mail("Other", "x"), articles="none")
        client.update_ticket(one.id, title="One changed")
        assert [ticket.title for ticket in client.tickets([one.id, other.id]).tickets] == ["One changed", "Other"]

    def test_a_letter_leaves_with_its_text_as_written_and_is_found_by_both_marks(self, desk: Any) -> None:
        client = desk.client()
        number = desk.mail("Letter", "x")
        ticket = client.ticket_by_number(number)
        subject, key = "Received: your request", f"{number}/received/1"
        assert client.find_letter(ticket, subject=subject, key=key) is None
        article_id = client.send_letter(ticket.id, to="jane@acme.test", subject=subject, text=ODD, key=key)
        assert client.find_letter(ticket, subject=subject, key=key) == article_id
        assert client.find_letter(ticket, subject=subject, key=f"{number}/received/2") is None
        article = next(one for one in client.ticket_with_files(ticket.id).articles if one.id == article_id)
        assert (article.sender_type, article.channel, article.visible) == ("agent", "email", True)
        assert article.created_by == client.me().id
        assert is_letter(article, subject=subject, number=number, key=key, agent=client.me().id)
        assert not is_letter(article, subject=subject, number=number, key=f"{key}0", agent=client.me().id)
        assert "<!--" in article.html and "<!--" not in article.body
        [left] = [text for text in desk.letters(number) if "Grüße" in text]
        assert "<b>&amp; 😀" in left and "<script>x</script>" in left and "<br" not in left
        assert key not in left

    def test_a_long_subject_that_the_server_cuts_is_still_ours(self, desk: Any) -> None:
        client = desk.client()
        ticket = client.ticket_by_number(desk.mail("Long", "x"))
        subject = "Ваша задача поставлена: " + "очень длинная тема " * 12
        sent = client.send_letter(ticket.id, to="jane@acme.test", subject=subject, text="x", key="t/long/1")
        article = next(one for one in client.ticket_with_files(ticket.id).articles if one.id == sent)
        assert is_letter(article, subject=subject, number=ticket.number, key="t/long/1", agent=None)

    def test_a_note_is_hidden_from_the_customer_and_found_by_its_key(self, desk: Any) -> None:
        client = desk.client()
        number = desk.mail("Note", "x")
        ticket = client.ticket_by_number(number)
        note = client.add_note(ticket.id, subject="Trial", body=ODD, key="t/note/1")
        article = client.ticket_by_number(number).articles[-1]
        assert (article.id, article.channel, article.visible, article.body) == (note, "internal", False, ODD)
        assert client.find_written(ticket.id, key="t/note/1") == note
        assert client.find_written(ticket.id, key="t/note/2") is None

    def test_attachments_come_when_asked_for_with_names_and_sizes_first(self, desk: Any) -> None:
        client = desk.client()
        ticket = client.ticket_by_number(desk.mail("Files", "x"))
        file = Attachment("Счёт 1.pdf", "application/pdf", 5, b"%PDF\x00")
        client.send_letter(ticket.id, to="jane@acme.test", subject="File", text="x", key="t/f/1", attachments=[file])
        listed = client.ticket_with_files(ticket.id, contents=False).articles[-1]
        assert [(one.filename, one.size, one.content) for one in listed.attachments] == [("Счёт 1.pdf", 5, None)]
        whole = client.ticket_with_files(ticket.id).articles[-1]
        assert [(one.filename, one.content) for one in whole.attachments] == [("Счёт 1.pdf", b"%PDF\x00")]

    def test_one_missing_ticket_is_named_and_the_others_come(self, desk: Any) -> None:
        client = desk.client()
        numbers = {desk.mail(f"Batch {count}", "x") for count in range(3)}
        ids = [ticket.id for ticket in client.tickets_by_number([*numbers, "garbage", "2026*", "1"]).tickets]
        read = client.tickets([*ids, 2_000_000_001])
        assert {ticket.number for ticket in read.tickets} == numbers
        assert [one.id for one in read.unreadable] == [2_000_000_001]

    def test_a_search_by_dynamic_field_finds_that_ticket_and_an_unknown_field_is_no_search(self, desk: Any) -> None:
        client = desk.client()
        number = desk.mail("Field", "x")
        ticket = client.ticket_by_number(number)
        client.update_ticket(ticket.id, fields={"RedmineIssue": f"#{number}"})
        assert [one.number for one in client.search(fields={"RedmineIssue": f"#{number}"}).tickets] == [number]
        assert client.search(fields={"RedmineIssue": "nobody has this"}).tickets == ()
        found = client.search(queues=["Support"], state_types=["new"], created_since=ticket.created_at)
        assert number in found.by_number()
        with pytest.raises(OtrsBroken, match="NoSuchField"):
            client.search(fields={"NoSuchField": "1"}, created_since=ticket.created_at)

    def test_full_text_finds_what_a_client_wrote(self, desk: Any) -> None:
        number = desk.mail("Text", "The word is Xylophonzeichen, nobody else writes it.")
        found = desk.client().search_text("xylophonzeichen", limit=500)
        assert number in found.by_number()

    def test_an_agent_without_rights_finds_nothing_reads_nothing_changes_nothing(self, desk: Any) -> None:
        ticket = desk.client().ticket_by_number(desk.mail("Private", "x"))
        blind = desk.client("blind")
        assert blind.changed_ids_since(ticket.changed_at) == ()
        assert [one.id for one in blind.tickets([ticket.id]).unreadable] == [ticket.id]
        with pytest.raises(AccessDenied):
            blind.update_ticket(ticket.id, title="Mine now")
        with pytest.raises(AccessDenied):
            blind.history([ticket.id])

    def test_refusals_change_nothing_and_say_what_is_wrong(self, desk: Any) -> None:
        client = desk.client()
        ticket = client.ticket_by_number(desk.mail("Refused", "x"))
        fields = [{"NoSuchField": "1"}, {"Urgency": "no such value"}]
        changes: list[dict[str, Any]] = [{"queue": "No such queue"}, {"state": "no such state"}]
        for change in [*changes, *({"fields": one} for one in fields)]:
            with pytest.raises(InvalidParameter):
                client.update_ticket(ticket.id, title="Half", **change)
        with pytest.raises(InvalidParameter):
            client.send_letter(ticket.id, to="", subject="x", text="x", key="t/r/1")
        assert client.tickets([ticket.id]).tickets[0].title == "Refused"

    def test_wrong_password_route_and_web_service_are_told_apart(self, desk: Any) -> None:
        with pytest.raises(AuthFailed):
            desk.client(password="wrong").check()
        with pytest.raises(MissingRoute) as missing:
            desk.client(routes={"TicketSearch": "POST /NoSuchRoute"}).check()
        assert (missing.value.operation, missing.value.route) == ("TicketSearch", "POST /NoSuchRoute")
        with pytest.raises(OtrsUnreachable, match="web service NoSuchService"):
            desk.client(web_service="NoSuchService").check()
        desk.client().check()

    def test_a_session_that_dies_is_renewed_without_a_word(self, desk: Any) -> None:
        client = desk.client()
        ticket = client.ticket_by_number(desk.mail("Session", "x"))
        assert client.me().login == "robot"
        desk.end_sessions()
        client.update_ticket(ticket.id, title="After the end")
        desk.end_sessions()
        assert client.tickets([ticket.id]).tickets[0].title == "After the end"

    def test_a_login_beyond_ascii_goes_by_session(self, desk: Any) -> None:
        with pytest.raises(AuthFailed):
            desk.client(password="пароль").check()


def test_the_server_tells_its_time_to_the_second_in_a_session_made_for_it(desk: Any) -> None:
    """By seconds since 1970 and by its wall, whatever its zone; asked again by the same client as well."""
    otrs = desk.client()
    for _ in range(2):
        before = desk.now().replace(microsecond=0)
        told = otrs.server_time()
        assert before <= told <= desk.now()
    assert otrs.me().login == "robot"


def test_a_zone_that_is_not_the_servers_shows_in_its_time_where_searches_would_miss_what_is_new(desk: Any) -> None:
    """Read as Moscow's, a wall of UTC is three hours old; read as New York's it is ahead, which loses nothing."""
    before = desk.now().replace(microsecond=0)
    east, west = (desk.client(timezone=zone).server_time() for zone in ("Europe/Moscow", "America/New_York"))
    after = desk.now()
    assert before - timedelta(hours=3) <= east <= after - timedelta(hours=3)
    assert before <= west <= after
