"""Reminders and returned mail of a whole studio: each reminder once, none of what is paid, disputed or not there."""

from __future__ import annotations

import email
import email.policy
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from studio_invoices.errors import Problem
from studio_support.billing.audit import read_audit
from studio_support.delivery.letter import Letter
from studio_support.delivery.outcomes import Accepted, NotHandedOver, Outcome, PermanentFailure, Uncertain
from studio_support.einvoices import EInvoice
from studio_support.errors import ConfigError, InvoiceStateError, LetterTemplateBroken, Refused, UnknownInvoice
from studio_support.publishing import Documents
from studio_support.sending import Sender
from studio_support.studio import Studio
from tests import world

MAIL = 'sender = "billing@studio.example"\n'
CLOSED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DUE = date(2026, 11, 12)  # payment_days = 10
FIRST = "2026-0001"


class Post:
    """A mail server as a model; `plan`: how the next letters end, then everything is taken."""

    def __init__(self) -> None:
        self.taken: list[Letter] = []
        self.plan: list[Outcome | BaseException] = []

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *error: object) -> None: ...

    def open(self) -> None: ...

    def send(self, letter: Letter) -> Outcome:
        outcome = self.plan.pop(0) if self.plan else Accepted("250 taken")
        if isinstance(outcome, BaseException):
            raise outcome
        if isinstance(outcome, Accepted):
            self.taken.append(letter)
        return outcome

    def interrupted(self) -> Outcome:
        return NotHandedOver("interrupted")

    def subjects(self) -> list[str]:
        return [letter.message.subject for letter in self.taken]


class Office:
    """A studio whose October is closed and mailed, on any day."""

    def __init__(self, folder: Path, post: Post) -> None:
        self.folder = folder
        self.post = post

    def on(self, day: date, hour: int = 9) -> Studio:
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        return world.open_studio(self.folder, clock=lambda: moment)

    def after(self, days: int) -> Studio:
        return self.on(DUE + timedelta(days=days))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Office]:
    """office(mail, clients, sent): `mail` goes into [mail]."""

    def make(mail: str = "reminders = [0, 7, 21]", clients: int = 1, sent: bool = True) -> Office:
        settings = world.SETTINGS.replace(MAIL, f"{MAIL}{mail}\n")
        world.write_world(tmp_path, clients, settings=settings)
        source = world.keep_reading(world.make_reading(clients, 3), tmp_path)
        post = Post()
        monkeypatch.setattr(Sender, "_mailer", post)
        made = Office(tmp_path, post)
        studio = made.on(CLOSED.date())
        studio.close_month(world.OCTOBER, source=source)
        if sent:
            assert studio.send_month(world.OCTOBER).problems == ()
            post.taken.clear()
        return made

    return make


def test_each_reminder_goes_once_however_often_it_is_asked_for(office: Callable[..., Office]) -> None:
    here = office(clients=2)
    for day in range(-3, 60):
        for _ in range(2):
            assert here.after(day).remind().problems == ()
    subjects = Counter(subject.partition(":")[0] for subject in here.post.subjects())
    assert len(here.post.taken) == 6  # two invoices, three reminders each
    assert subjects["Reminder"] == 4
    assert Counter(letter.recipient for letter in here.post.taken) == {
        "c001@client.example": 3,
        "c002@client.example": 3,
    }
    assert len({letter.message_id for letter in here.post.taken}) == 6


def test_a_reminder_names_what_is_due_and_the_link(office: Callable[..., Office]) -> None:
    here = office()
    studio = here.after(7)
    shown = studio.remind(dry_run=True)
    [message] = shown.messages
    assert here.post.taken == []
    studio.remind()
    [letter] = here.post.taken
    assert letter.message.subject == f"Reminder: invoice {FIRST} from Studio Ltd was due on November 12, 2026"
    assert (message["subject"], message["text"]) == (letter.message.subject, letter.message.text)
    assert "Payable until: November 12, 2026 (7 days ago)\n" in letter.message.text
    assert str(studio.documents.link(FIRST)) in letter.message.text
    assert letter.message.attachments == ()
    assert studio.remind(dry_run=True).letters == ()


def test_on_the_day_itself_nobody_is_called_late(office: Callable[..., Office]) -> None:
    here = office()
    here.after(0).remind()
    [subject] = here.post.subjects()
    assert subject == f"Invoice {FIRST} from Studio Ltd is due today"


def test_without_configured_steps_nobody_is_reminded(office: Callable[..., Office]) -> None:
    here = office(mail="")
    assert here.after(30).remind().letters == ()
    assert here.post.taken == []


def test_a_paid_invoice_is_not_reminded_of(office: Callable[..., Office]) -> None:
    here = office(clients=2)
    known = here.on(date(2026, 11, 10)).mark_paid(FIRST)
    assert (known.paid_on, known.changed) == (date(2026, 11, 10), True)
    here.after(7).remind()
    assert [letter.recipient for letter in here.post.taken] == ["c002@client.example"]


def test_a_disputed_invoice_is_not_reminded_of_until_it_is_settled(office: Callable[..., Office]) -> None:
    here = office()
    here.after(-1).dispute(FIRST, "hours of Tuesday")
    here.after(7).remind()
    assert here.post.taken == []
    here.after(8).dispute(FIRST, None)
    here.after(8).remind()
    assert len(here.post.taken) == 1


def test_a_reminder_in_the_queue_does_not_leave_once_it_is_paid(office: Callable[..., Office]) -> None:
    here = office()
    here.post.plan = [NotHandedOver("cut")]
    assert here.after(0).remind().problems != ()
    here.after(1).mark_paid(FIRST)
    assert here.after(1).remind().problems == ()
    assert here.post.taken == []
    here.after(2).mark_unpaid(FIRST)
    assert here.after(2).remind().letters[0]["state"] == "withdrawn"
    here.after(7).remind()
    assert len(here.post.taken) == 1


def test_a_later_reminder_takes_the_place_of_one_that_waits(office: Callable[..., Office]) -> None:
    here = office()
    here.post.plan = [NotHandedOver("cut")]
    here.after(0).remind()
    here.after(7).remind()
    assert [subject.partition(":")[0] for subject in here.post.subjects()] == ["Reminder"]


def test_a_cancelled_invoice_is_not_reminded_of(office: Callable[..., Office]) -> None:
    here = office()
    here.on(date(2026, 11, 5)).cancel(FIRST, "wrong rate")
    here.after(7).remind()
    assert here.post.taken == []


def test_who_never_got_the_invoice_is_named_and_not_reminded(office: Callable[..., Office]) -> None:
    here = office(sent=False)
    result = here.after(0).remind()
    assert [problem.source for problem in result.problems] == [f"invoice:{FIRST}"]
    assert here.post.taken == []


def test_reminders_switched_on_late_do_not_wake_old_invoices(office: Callable[..., Office]) -> None:
    here = office()
    result = here.after(36).remind()
    assert here.post.taken == []
    assert result.summary.endswith(f"Overdue beyond the last reminder: {FIRST}.")


def test_a_reminder_in_doubt_is_not_sent_again_by_itself(office: Callable[..., Office]) -> None:
    here = office()
    here.post.plan = [Uncertain("cut")]
    here.after(7).remind()
    for _ in range(2):
        [problem] = here.after(8).remind().problems
        assert f"the reminder of {FIRST}" in problem.message
    assert here.post.taken == []
    here.after(8).send_invoice(FIRST, again=True)
    assert len(here.post.taken) == 1


def test_reminders_and_documents_are_sent_by_their_own_commands(office: Callable[..., Office]) -> None:
    here = office(clients=2, sent=False)
    here.post.plan = [Accepted("250"), NotHandedOver("cut")]
    here.on(CLOSED.date()).send_month(world.OCTOBER)
    here.post.taken.clear()
    here.post.plan = [NotHandedOver("cut")]
    here.after(0).remind()
    sent = here.after(0).send_month(world.OCTOBER)
    assert {letter["kind"] for letter in sent.letters} == {"invoice"}
    assert [subject.partition(" ")[0] for subject in here.post.subjects()] == ["Invoice"]
    assert here.post.subjects()[0].endswith("from Studio Ltd")


def test_sending_again_brings_a_new_address_the_invoice_and_no_old_reminder(office: Callable[..., Office]) -> None:
    here = office()
    here.after(0).remind()
    here.post.taken.clear()
    file = here.folder / "clients" / "c001.toml"
    file.write_text(
        file.read_text().replace('["c001@client.example"]', '["c001@client.example", "new@client.example"]')
    )
    here.after(1).send_invoice(FIRST, again=True)
    assert [(letter.recipient, letter.message.subject) for letter in here.post.taken] == [
        ("new@client.example", f"Invoice {FIRST} from Studio Ltd")
    ]


def test_money_is_noted_for_invoices_that_stand_alone(office: Callable[..., Office]) -> None:
    here = office()
    studio = here.after(1)
    with pytest.raises(UnknownInvoice):
        studio.mark_paid("2026-9999")
    with pytest.raises(Refused, match="was issued on 2026-11-02"):
        studio.mark_paid(FIRST, date(2026, 11, 1))
    with pytest.raises(Refused, match="future"):
        studio.mark_paid(FIRST, date(2026, 12, 24))
    with pytest.raises(Refused, match="reason"):
        studio.dispute(FIRST, "  ")
    done = studio.cancel(FIRST, "wrong rate")
    for number in (FIRST, done.number):
        with pytest.raises(InvoiceStateError):
            studio.mark_paid(number)
        with pytest.raises(InvoiceStateError):
            studio.dispute(number, "no")


def test_noting_the_same_twice_changes_nothing(office: Callable[..., Office]) -> None:
    studio = office().after(1)
    assert [studio.mark_paid(FIRST).changed for _ in range(2)] == [True, False]
    assert [studio.dispute(FIRST, "hours").changed for _ in range(2)] == [True, False]
    assert [studio.dispute(FIRST, None).changed for _ in range(2)] == [True, False]
    assert [studio.mark_unpaid(FIRST).changed for _ in range(2)] == [True, False]
    with studio.store.reading() as connection:
        verbs = [row.verb for row in read_audit(connection, f"invoice:{FIRST}")]
    assert verbs[-4:] == ["paid", "dispute", "undispute", "unpaid"]
    known = studio.receivables()[FIRST]
    assert (known.paid_on, known.dispute, known.disputed_at) == (None, "", None)


def test_killed_between_queueing_and_sending_a_reminder_still_goes_once(office: Callable[..., Office]) -> None:
    here = office()
    here.post.plan = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        here.after(7).remind()
    for day in (7, 7, 8):
        here.after(day).remind()
    assert len(here.post.taken) == 1


def test_an_attachment_goes_to_who_asked_for_it(office: Callable[..., Office]) -> None:
    here = office(clients=2, sent=False)
    file = here.folder / "clients" / "c002.toml"
    file.write_text(f'attach = ["pdf"]\n{file.read_text()}')
    studio = here.on(CLOSED.date())
    studio.send_month(world.OCTOBER)
    plain, attached = here.post.taken
    assert plain.message.attachments == ()
    [pdf] = attached.message.attachments
    assert (pdf.name, pdf.subtype, pdf.content) == ("2026-0002.pdf", "pdf", studio.documents.pdf("2026-0002"))


def test_the_e_invoice_goes_to_who_asked_for_it_and_never_a_faulty_one(
    office: Callable[..., Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = office(clients=2, sent=False)
    for name in ("c001", "c002"):
        file = here.folder / "clients" / f"{name}.toml"
        file.write_text(f'attach = ["xml"]\n{file.read_text()}')
    studio = here.on(CLOSED.date())
    sound = studio.documents.xml
    wrong = Problem("invoice", "BT-44 is missing", "Fill it in.")

    def xml(documents: Documents, number: str) -> EInvoice:
        return EInvoice(b"<x/>", "cii", "en16931", (wrong,) if number == FIRST else (), "fields")

    assert sound(FIRST).syntax in ("cii", "ubl")
    monkeypatch.setattr(Documents, "xml", xml)
    result = studio.send_month(world.OCTOBER)
    [letter] = here.post.taken
    assert [(file.name, file.subtype, file.content) for file in letter.message.attachments] == [
        ("2026-0002.xml", "xml", b"<x/>")
    ]
    assert "its e-invoice is faulty: BT-44 is missing" in result.problems[0].message


def test_who_has_a_link_of_his_own_is_sent_that_one(office: Callable[..., Office]) -> None:
    here = office(sent=False)
    file = here.folder / "clients" / "c001.toml"
    file.write_text(
        file.read_text().replace('["c001@client.example"]', '["c001@client.example", "tax@client.example"]')
    )
    studio = here.on(CLOSED.date())
    own = studio.links.give(FIRST, recipient="Tax@client.example").link
    studio.send_month(world.OCTOBER)
    texts = {letter.recipient: letter.message.text for letter in here.post.taken}
    common = str(studio.documents.link(FIRST))
    assert own != common
    assert (common in texts["c001@client.example"], own in texts["tax@client.example"]) == (True, True)
    assert common not in texts["tax@client.example"]


def test_templates_of_the_studios_own_stand_in_for_ours(office: Callable[..., Office]) -> None:
    here = office(mail='templates = "letters"', sent=False)
    folder = here.folder / "letters"
    folder.mkdir()
    (folder / "invoice.en.txt.j2").write_text("Hi {{ invoice.number }}\n\nLook: {{ link }} today.\n")
    studio = here.on(CLOSED.date())
    studio.send_month(world.OCTOBER)
    [letter] = here.post.taken
    link = str(studio.documents.link(FIRST))
    assert (letter.message.subject, letter.message.text) == (f"Hi {FIRST}", f"Look: {link} today.\n")
    assert f'Look: <a href="{link}">{link}</a> today.' in letter.message.html


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Hi\n\nno link\n", "leaves the link out"),
        ("{{ link }}", "no text below"),
        ("Hi\n\n{{ nobody }} {{ link }}", "nobody"),
        ("Hi\n\n{{ link", "unexpected"),
        ("Hi\n\n{{ invoice.__class__.__mro__ }} {{ link }}", "unsafe"),
    ],
)
def test_a_broken_template_stops_the_run_before_any_letter_is_in_hand(
    office: Callable[..., Office], text: str, wrong: str
) -> None:
    here = office(mail='templates = "letters"', sent=False)
    (here.folder / "letters").mkdir()
    (here.folder / "letters" / "invoice.en.txt.j2").write_text(text)
    with pytest.raises(LetterTemplateBroken, match=wrong):
        here.on(CLOSED.date()).send_month(world.OCTOBER)
    assert here.post.taken == []
    assert [letter.state for letter in Sender(here.on(CLOSED.date())).outbox.letters()] == ["queued"]


def report(message_id: str) -> bytes:
    message = email.message.EmailMessage(email.policy.SMTP)
    message["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="B"'
    text = f"""\
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; c001@client.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user

--B
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--B--
"""
    return f"Content-Type: {message['Content-Type']}\n\n{text}".replace("\n", "\r\n").encode()


def test_returned_mail_is_marked_listed_and_told_once_a_day(office: Callable[..., Office]) -> None:
    here = office(mail='bounces_maildir = "Maildir"\nreminders = [0]')
    for name in ("new", "cur", "tmp"):
        (here.folder / "Maildir" / name).mkdir(parents=True)
    quiet = here.on(CLOSED.date()).read_bounces()
    assert (quiet.letters, quiet.problems, quiet.marked) == ((), (), 0)

    [letter] = Sender(here.on(CLOSED.date())).outbox.letters()
    path = here.folder / "Maildir" / "new" / "1.host"
    path.write_bytes(report(letter.message_id))
    os.utime(path, (CLOSED.timestamp(), CLOSED.timestamp()))
    first = here.on(CLOSED.date()).read_bounces()
    assert (first.marked, first.to_tell, first.letters[0]["state"]) == (1, True, "bounced")
    assert "came back: 5.1.1 550 no such user" in first.problems[0].message
    again = here.on(CLOSED.date(), hour=10).read_bounces()
    assert (again.marked, again.to_tell, len(again.problems)) == (0, False, 1)
    assert here.on(date(2026, 11, 3)).read_bounces().to_tell

    studio = here.on(date(2026, 11, 3))
    assert [problem.source for problem in studio.send_month(world.OCTOBER).problems] == [f"invoice:{FIRST}"]
    assert studio.documents.listed(None)[0][1] == ["bounced c001@client.example"]
    assert [problem.source for problem in studio.stuck_letters(world.OCTOBER)] == [f"invoice:{FIRST}"]
    assert here.after(0).remind().problems[0].message.startswith(f"{FIRST} is due since")
    studio.send_invoice(FIRST, again=True)
    assert studio.read_bounces().letters == ()


def test_without_a_mailbox_the_setting_is_asked_for(office: Callable[..., Office]) -> None:
    with pytest.raises(ConfigError, match="bounces_maildir"):
        office(mail="").after(0).read_bounces()


def test_limits_of_the_settings_hold_and_are_named(office: Callable[..., Office]) -> None:
    here = office(mail="max_letters = 1\nletters_a_day = 1", clients=2, sent=False)
    first = here.on(CLOSED.date()).send_month(world.OCTOBER)
    assert len(here.post.taken) == 1
    assert any("max_letters = 1" in problem.message for problem in first.problems)
    assert here.on(CLOSED.date()).send_month(world.OCTOBER).problems == ()
    here.post.plan = [PermanentFailure("550 no")]
    assert here.on(date(2026, 11, 3), hour=8).send_invoice(FIRST, again=True).problems == ()


def test_a_dry_run_shows_the_whole_letter(office: Callable[..., Office]) -> None:
    here = office(mail='reply_to = "help@studio.example"', sent=False)
    [message] = here.on(CLOSED.date()).send_month(world.OCTOBER, dry_run=True).messages
    shown: dict[str, Any] = dict(message)
    assert (shown["from"], shown["reply_to"]) == ("billing@studio.example", "help@studio.example")
    assert shown["html"].startswith("<!DOCTYPE html>")
    assert here.post.taken == []
