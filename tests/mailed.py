"""A studio whose month is closed and mailed by a mail server that is a model: for tests of what follows a letter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from studio_support.delivery.letter import Letter
from studio_support.delivery.outcomes import Accepted, NotHandedOver, Outcome
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


def mailed(
    folder: Path,
    patch: pytest.MonkeyPatch,
    mail: str = "reminders = [0, 7, 21]",
    clients: int = 1,
    sent: bool = True,
) -> Office:
    """An office on 2 November. mail: goes into [mail]. sent: October's letters are accepted."""
    settings = world.SETTINGS.replace(MAIL, f"{MAIL}{mail}\n")
    world.write_world(folder, clients, settings=settings)
    source = world.keep_reading(world.make_reading(clients, 3), folder)
    post = Post()
    patch.setattr(Sender, "_mailer", post)
    made = Office(folder, post)
    studio = made.on(CLOSED.date())
    studio.close_month(world.OCTOBER, source=source)
    if sent:
        assert studio.send_month(world.OCTOBER).problems == ()
        post.taken.clear()
    return made
