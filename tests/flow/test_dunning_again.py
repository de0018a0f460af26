"""What a person's word does with reminders that were taken back; letters that cannot leave, looked at beforehand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from studio_support.delivery.outcomes import NotHandedOver
from tests import world
from tests.mailed import FIRST, Office, mailed


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


def test_the_next_step_of_an_expired_link_speaks_of_no_address(office: Callable[..., Office]) -> None:
    late = office(sent=False).on(date(2027, 3, 3))
    [problem] = late.send_month(world.OCTOBER).problems
    assert "its link expired" in problem.message
    assert problem.next_step == f"Mend that, then `invoice send {FIRST} --again`."
