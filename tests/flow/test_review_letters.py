"""A cancelled invoice's letter in doubt is nobody's task any more: `bill send` comes to an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio_support.delivery.letter import Letter
from studio_support.delivery.outcomes import Accepted, Outcome, Uncertain
from studio_support.delivery.stored import Selection
from studio_support.sending import Sender
from tests import world


class Hands:
    """A mail server that takes everything."""

    def __enter__(self) -> Hands:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def open(self) -> None:
        pass

    def send(self, letter: Letter) -> Outcome:
        return Accepted("250 taken")

    def interrupted(self) -> Outcome:
        return Uncertain("interrupted")


def test_a_letter_in_doubt_of_a_cancelled_invoice_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`invoice send --again` would refuse it: the invoice is cancelled, and the client is told so by another letter."""
    world.write_world(tmp_path, 1)
    source = world.keep_reading(world.make_reading(1, 3), tmp_path)
    studio = world.open_studio(tmp_path)
    [draft] = studio.close_month(world.OCTOBER, source=source).drafts
    monkeypatch.setattr(Sender, "_mailer", Hands())
    sender = Sender(studio)
    selection = Selection(month=str(world.OCTOBER))
    sender.outbox.apply(sender.outbox.plan(sender.recipients, selection))
    sender.outbox.begin_handover(sender.outbox.due(selection)[0])
    doubtful = studio.send_month(world.OCTOBER)
    assert [problem.source for problem in doubtful.problems] == [f"invoice:{draft['number']}"]
    cancellation = studio.cancel(draft["number"], "wrong rate")
    sent = studio.send_month(world.OCTOBER)
    assert sent.problems == ()
    states = {letter["number"]: letter["state"] for letter in sent.letters}
    assert states == {draft["number"]: "uncertain", cancellation.number: "accepted"}
