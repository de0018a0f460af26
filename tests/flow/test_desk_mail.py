"""Invoices through OTRS: articles of billing tickets, each letter once, whatever the server does to a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from studio_support.doctor.mail import check_mail
from studio_support.errors import ConfigError, MailRefused
from studio_support.studio import Studio
from studio_support.testing.otrs import FakeZnuny
from studio_support.testing.otrs_faults import FaultKind
from tests import world

OTRS = """
[otrs]
url = "{url}"
web_service = "GenericTicketConnectorREST"
user = "robot"
password_env = "OTRS_PASSWORD"
timezone = "UTC"
queues = ["Support"]
timeout_seconds = 1
"""
VIA = 'via = "otrs"\notrs_queue = "{queue}"\nsender = "billing@studio.example"\n'
FIRST = "2026-0001"


class Office:
    """A studio whose October is closed, and its OTRS."""

    def __init__(self, folder: Path, znuny: FakeZnuny, queue: str, more: str) -> None:
        self.folder, self.znuny = folder, znuny
        smtp = 'smtp_url = "smtp://127.0.0.1:{smtp_port}"\nsender = "billing@studio.example"\n'
        assert smtp in world.SETTINGS
        settings = world.SETTINGS.replace(smtp, VIA.replace("{queue}", queue) + more)
        world.write_world(folder, 2, settings=settings + OTRS.replace("{url}", znuny.url))
        source = world.keep_reading(world.make_reading(2, 3), folder)
        self.at().close_month(world.OCTOBER, source=source)

    def at(self, minutes: int = 0) -> Studio:
        moment: datetime = world.NOW + timedelta(minutes=minutes)
        self.znuny.set_clock(moment)
        environ = {**world.ENVIRON, "OTRS_PASSWORD": FakeZnuny.password}
        return world.open_studio(self.folder, clock=lambda: moment, environ=environ)

    def sent(self) -> Counter[str]:
        return Counter(letter.to for letter in self.znuny.letters)

    def states(self, minutes: int = 0) -> list[str]:
        """Sends what may be sent at that minute; the letters' states after it."""
        return [letter["state"] for letter in self.at(minutes).send_month(world.OCTOBER).letters]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    with FakeZnuny() as znuny:
        znuny.add_queue("Billing")

        def make(queue: str = "Billing", more: str = "") -> Office:
            return Office(tmp_path / "studio", znuny, queue, more)

        yield make


BOTH = {"c001@client.example": 1, "c002@client.example": 1}


def test_each_letter_is_an_article_of_its_documents_ticket(office: Callable[..., Office]) -> None:
    here = office()
    for _ in range(2):
        assert here.states() == ["accepted", "accepted"]
    assert here.sent() == BOTH
    tickets = list(here.znuny.tickets.values())
    assert [(ticket.queue, ticket.state, ticket.customer_user) for ticket in tickets] == [
        ("Billing", "closed successful", "c001@client.example"),
        ("Billing", "closed successful", "c002@client.example"),
    ]
    letter = tickets[0].articles[-1]
    assert letter.subject.endswith(f"Invoice {FIRST} from Studio Ltd")
    assert str(here.at().documents.link(FIRST)) in (letter.html or "")


def test_a_reminder_joins_the_ticket_of_its_invoice(office: Callable[..., Office]) -> None:
    here = office(more="reminders = [0]\n")
    here.states()
    here.at(10 * 24 * 60).remind()
    assert len(here.znuny.tickets) == 2
    assert here.sent() == {"c001@client.example": 2, "c002@client.example": 2}


@pytest.mark.parametrize(("kind", "applied"), [("status", False), ("status", True), ("empty", True), ("html", True)])
def test_a_letter_whose_outcome_is_unknown_is_looked_up_after_the_hold_and_sent_once(
    office: Callable[..., Office], kind: FaultKind, applied: bool
) -> None:
    """500, or a connection that is closed without a byte: OTRS may have done it, or not."""
    here = office()
    here.znuny.fail("TicketUpdate", kind, applied=applied)
    assert here.states() == ["uncertain", "accepted"]
    assert here.states(1) == ["uncertain", "accepted"], "its hold of 120 seconds is not over"
    assert here.states(3) == ["accepted", "accepted"]
    assert here.states(4) == ["accepted", "accepted"]
    assert here.sent() == BOTH


@pytest.mark.parametrize("minutes", [1, 10])
def test_sending_again_looks_the_letter_up_before(office: Callable[..., Office], minutes: int) -> None:
    """It is there: within the hold as well as after it, nobody gets it twice."""
    here = office()
    here.znuny.fail("TicketUpdate", "status", applied=True)
    assert here.states()[0] == "uncertain"
    sent = here.at(minutes).send_invoice(FIRST, again=True)
    assert [letter["state"] for letter in sent.letters] == ["accepted"]
    assert here.sent() == BOTH


@pytest.mark.parametrize("applied", [False, True])
def test_a_ticket_whose_outcome_is_unknown_is_looked_up_and_made_once(
    office: Callable[..., Office], applied: bool
) -> None:
    here = office()
    here.znuny.fail("TicketCreate", "status", applied=applied)
    assert here.states() == ["queued", "accepted"]
    assert here.states(1) == ["queued", "accepted"]
    assert here.states(10) == ["accepted", "accepted"]
    assert (here.sent(), len(here.znuny.tickets)) == (BOTH, 2)


@pytest.mark.parametrize("call", ["TicketCreate", "TicketUpdate"])
def test_a_corrected_address_gets_the_article_in_the_same_ticket(office: Callable[..., Office], call: str) -> None:
    """The first attempt did not reach OTRS, which is known once the hold is over."""
    here = office()
    here.znuny.fail(call, "status", applied=False)
    here.states()
    file = here.folder / "clients" / "c001.toml"
    file.write_text(file.read_text().replace("c001@client.example", "right@client.example"))
    shown = {letter["to"]: letter["state"] for letter in here.at(10).send_month(world.OCTOBER).letters}
    assert shown == {
        "c001@client.example": "withdrawn",
        "c002@client.example": "accepted",
        "right@client.example": "accepted",
    }
    assert here.sent() == {"c002@client.example": 1, "right@client.example": 1}
    assert len(here.znuny.tickets) == 2


def test_a_dry_run_shows_text_and_files_and_asks_otrs_nothing(office: Callable[..., Office]) -> None:
    here = office()
    shown = here.at().send_month(world.OCTOBER, dry_run=True)
    assert [(message["to"], message["files"]) for message in shown.messages] == [(to, []) for to in BOTH]
    assert not any("headers" in message for message in shown.messages)
    assert (here.znuny.tickets, here.sent()) == ({}, {})


def test_a_queue_that_is_not_there_refuses_the_letters(office: Callable[..., Office]) -> None:
    here = office(queue="Nowhere")
    result = here.at().send_month(world.OCTOBER)
    assert [letter["state"] for letter in result.letters] == ["refused", "refused"]
    assert len(result.problems) == 2
    assert here.sent() == {}


def test_a_server_that_is_not_to_be_used_stops_the_run(office: Callable[..., Office]) -> None:
    here = office()
    here.znuny.fail("*", "status", status=500, times=None)
    with pytest.raises(MailRefused):
        here.at().send_month(world.OCTOBER)
    here.znuny.faults.clear()
    assert here.states() == ["accepted", "accepted"]
    assert here.sent() == BOTH


def test_a_queue_of_the_bridge_is_refused(office: Callable[..., Office]) -> None:
    with pytest.raises(ConfigError, match="otrs_queue"):
        office(queue="Support").at().send_month(world.OCTOBER)


def test_diverted_letters_go_there_alone(office: Callable[..., Office]) -> None:
    here = office(more='divert_to = "me@studio.example"\n')
    here.states()
    assert here.sent() == {"me@studio.example": 2}
    assert all("[c00" in letter.subject for letter in here.znuny.letters)


def test_what_the_client_asked_for_is_attached(office: Callable[..., Office]) -> None:
    here = office()
    file = here.folder / "clients" / "c001.toml"
    file.write_text(f'attach = ["pdf"]\n{file.read_text()}')
    here.states()
    with_file, without = (ticket.articles[-1].files for ticket in here.znuny.tickets.values())
    assert [(one.filename, one.content) for one in with_file if one.filename.endswith(".pdf")] == [
        (f"{FIRST}.pdf", here.at().documents.pdf(FIRST))
    ]
    assert not [one for one in without if one.filename.endswith(".pdf")]


def test_doctor_looks_at_otrs_and_makes_nothing(office: Callable[..., Office]) -> None:
    here = office()
    results = [(check.name, check.result) for check in check_mail(here.at(), "me@studio.example")]
    assert results == [("mail", "ok"), ("test letter", "skipped")]
    assert here.znuny.tickets == {}
