"""Reminders of a whole studio: each reminder once, none of what is paid, disputed or not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from studio_support.billing.audit import read_audit
from studio_support.delivery.outcomes import Accepted, NotHandedOver, Uncertain
from studio_support.errors import InvoiceStateError, Refused, UnknownInvoice
from tests import world
from tests.mailed import CLOSED, FIRST, Office, mailed


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Office]:
    """office(mail, clients, sent), see mailed."""
    return partial(mailed, tmp_path, monkeypatch)


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
