"""What letters of a whole studio carry and how they come back: attachments, links, templates, reports, limits."""

from __future__ import annotations

import email
import email.policy
import os
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from studio_invoices.errors import Problem
from studio_support.delivery.outcomes import NotHandedOver, Outcome, PermanentFailure, Uncertain
from studio_support.einvoices import EInvoice
from studio_support.errors import ConfigError, LetterTemplateBroken
from studio_support.publishing import Documents
from studio_support.sending import Sender
from tests import world
from tests.mailed import CLOSED, FIRST, Office, mailed


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Office]:
    """office(mail, clients, sent), see mailed."""
    return partial(mailed, tmp_path, monkeypatch)


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
    assert (first.marked, first.news, first.letters[0]["state"]) == (1, "new", "bounced")
    assert "came back: 5.1.1 550 no such user" in first.problems[0].message
    again = here.on(CLOSED.date(), hour=10).read_bounces()
    assert (again.marked, again.news, len(again.problems)) == (0, "known", 1)
    assert here.on(date(2026, 11, 3)).read_bounces().news == "new"

    studio = here.on(date(2026, 11, 3))
    assert [problem.source for problem in studio.send_month(world.OCTOBER).problems] == [f"invoice:{FIRST}"]
    assert studio.documents.listed(None)[0][1] == ["bounced c001@client.example"]
    assert [problem.source for problem in studio.stuck_letters(world.OCTOBER)] == [f"invoice:{FIRST}"]
    assert here.after(0).remind().problems[0].message.startswith(f"{FIRST} is due since")
    studio.send_invoice(FIRST, again=True)
    assert [studio.read_bounces().news for _ in range(2)] == ["ended", "none"]


def test_a_lasting_failure_is_told_when_it_begins_changes_and_ends_and_once_a_day(
    office: Callable[..., Office],
) -> None:
    here = office(clients=2, sent=False)

    def news(day: int, *outcomes: Outcome) -> str:
        here.post.plan = list(outcomes)
        return here.on(date(2026, 11, day)).send_month(world.OCTOBER).news

    assert news(2, Uncertain("cut"), NotHandedOver("cut")) == "new"
    assert news(2, NotHandedOver("cut")) == "known"
    assert news(3, NotHandedOver("cut")) == "new", "another day"
    assert news(3, PermanentFailure("550 no")) == "new", "it is refused now, and waits no more"
    assert news(3) == "known"
    for number in (FIRST, "2026-0002"):
        here.on(date(2026, 11, 3)).send_invoice(number, again=True)
    assert [news(3), news(3)] == ["ended", "none"]


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
