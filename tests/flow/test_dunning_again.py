"""What a person's word does with reminders that were taken back; letters that cannot leave, looked at beforehand."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from studio_support.delivery.outbox import Outbox
from studio_support.delivery.outcomes import NotHandedOver, TemporaryFailure
from studio_support.errors import MailboxRefused, MailRefused
from tests import world
from tests.mailed import CLOSED, FIRST, Office, mailed

REPORT = """\
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; c001@client.example
Action: failed
Status: 5.1.1

--B
Content-Type: text/rfc822-headers

Message-ID: {}
--B--
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Office]:
    """office(mail, clients, sent), see mailed."""
    return partial(mailed, tmp_path, monkeypatch)


def test_sending_again_does_not_wake_a_reminder_that_a_later_one_replaced(office: Callable[..., Office]) -> None:
    here = office()
    here.post.plan = [NotHandedOver("cut")]
    here.after(0).remind()
    here.after(7).remind()
    here.after(8).send_invoice(FIRST, again=True)
    assert len(here.post.taken) == 1, "that of the seventh day alone"


def test_sending_again_does_not_wake_a_reminder_that_a_payment_ended(office: Callable[..., Office]) -> None:
    here = office()
    here.post.plan = [NotHandedOver("cut")]
    here.after(0).remind()
    here.after(1).mark_paid(FIRST)
    here.after(2).mark_unpaid(FIRST)
    here.after(2).send_invoice(FIRST, again=True)
    assert here.post.taken == []


def test_a_dry_run_names_a_letter_that_cannot_leave_and_shows_the_others(office: Callable[..., Office]) -> None:
    late = office(clients=2, sent=False).on(date(2027, 3, 3))  # links end on 2 March
    late.links.give("2026-0002", expires_on=date(2027, 4, 1))
    shown = late.send_month(world.OCTOBER, dry_run=True)
    assert [message["number"] for message in shown.messages] == ["2026-0002"]
    assert [(row["number"], row["state"]) for row in shown.letters] == [
        (FIRST, "would be refused"),
        ("2026-0002", "would be sent"),
    ]
    [problem] = shown.problems
    assert f"its link expired on 2027-03-02; `invoice link {FIRST} --expires DAY`" in problem.message
    assert shown.summary.startswith("1 letter would be sent")


def test_a_server_that_cannot_be_used_is_told_once_a_day(office: Callable[..., Office]) -> None:
    here = office(clients=1, sent=False)

    def told(day: int, reason: str) -> bool:
        here.post.plan = [MailRefused("smtp://mx", reason)]
        with pytest.raises(MailRefused) as raised:
            here.on(date(2026, 11, day)).send_month(world.OCTOBER)
        return not raised.value.told_today

    assert [told(2, "refused"), told(2, "refused"), told(2, "no TLS"), told(3, "no TLS")] == [True, False, True, True]
    assert here.on(date(2026, 11, 3)).send_month(world.OCTOBER).news == "ended"


def test_other_clients_are_another_matter(office: Callable[..., Office]) -> None:
    """However long their list is."""
    here = office(clients=3, sent=False)
    for last in ("c002", "c003"):
        here.post.plan = [MailRefused("smtp://mx", "refused")]
        with pytest.raises(MailRefused) as raised:
            here.on(CLOSED.date()).send_month(world.OCTOBER, clients=("c001",) * 6 + (last,))
        assert not raised.value.told_today


def test_a_mailbox_that_cannot_be_read_is_told_once_a_day(office: Callable[..., Office]) -> None:
    here = office(mail='bounces_maildir = "nowhere"')
    told = []
    for _ in range(2):
        with pytest.raises(MailboxRefused) as raised:
            here.after(0).read_bounces()
        told.append(not raised.value.told_today)
    assert told == [True, False]


def test_a_report_ends_the_doubt_about_a_letter_that_a_dead_run_held(
    office: Callable[..., Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent in between: the report is counted once, and must not be lost."""
    here = office(mail='bounces_maildir = "Maildir"', sent=False)
    for place in ("new", "cur"):
        (here.folder / "Maildir" / place).mkdir(parents=True)
    with monkeypatch.context() as dead:
        dead.setattr(Outbox, "finish", lambda *args: None)
        here.on(CLOSED.date()).send_month(world.OCTOBER)
    [letter] = here.post.taken
    report = here.folder / "Maildir" / "new" / "1.host"
    report.write_text(REPORT.format(letter.message_id))
    moment = CLOSED.timestamp()
    os.utime(report, (moment, moment))
    assert here.on(CLOSED.date()).read_bounces().marked == 1
    assert here.on(CLOSED.date()).documents.listed(None)[0][1] == ["bounced c001@client.example"]


def test_a_letter_that_waits_for_a_link_says_so(office: Callable[..., Office]) -> None:
    here = office(sent=False)
    here.post.plan = [TemporaryFailure("450 later")]
    here.on(CLOSED.date()).send_month(world.OCTOBER)
    here.on(CLOSED.date()).links.revoke(FIRST)
    [problem] = here.on(date(2026, 11, 3)).send_month(world.OCTOBER).problems
    assert problem.message == f"The letter with {FIRST} to c001@client.example waits: its link was taken back."
    here.on(date(2026, 11, 3)).links.give(FIRST, renew=True)
    assert here.on(date(2026, 11, 3)).send_month(world.OCTOBER).problems == ()
    assert len(here.post.taken) == 1


def test_the_next_step_of_an_expired_link_speaks_of_no_address(office: Callable[..., Office]) -> None:
    late = office(sent=False).on(date(2027, 3, 3))
    [problem] = late.send_month(world.OCTOBER).problems
    assert "its link expired" in problem.message
    assert problem.next_step == f"Mend that, then `invoice send {FIRST} --again`."
