"""How long a letter waits after a "later", and which letters leave in a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from studio_support.delivery.limits import Limits, admit, retry_after


@dataclass(frozen=True)
class To:
    recipient: str


def names(letters: tuple[To, ...]) -> list[str]:
    return [letter.recipient for letter in letters]


@pytest.mark.parametrize(
    ("deferrals", "minutes"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 240), (8, 240), (1000, 240)]
)
def test_the_wait_doubles_from_five_minutes_to_four_hours(deferrals: int, minutes: int) -> None:
    assert retry_after(deferrals) == timedelta(minutes=minutes)


def test_without_a_limit_reached_all_leave_in_their_order() -> None:
    found = admit([To("b"), To("a"), To("b")], {}, Limits())
    assert names(found.letters) == ["b", "a", "b"]
    assert (found.beyond_run, found.beyond_day, found.beyond) == ((), (), ())


def test_a_run_takes_so_many_and_leaves_the_rest() -> None:
    found = admit([To("a"), To("b"), To("c")], {}, Limits(max_letters=2))
    assert names(found.letters) == ["a", "b"]
    assert names(found.beyond_run) == ["c"]


def test_a_recipient_gets_so_many_a_day_whatever_the_case_of_his_address() -> None:
    """Two were handed within the day, a third may follow; the others are not kept by it."""
    letters = [To("Me@acme.example"), To("me@acme.example"), To("you@acme.example")]
    found = admit(letters, {"me@acme.example": 2}, Limits(letters_a_day=3))
    assert names(found.letters) == ["Me@acme.example", "you@acme.example"]
    assert names(found.beyond_day) == ["me@acme.example"]


def test_who_had_enough_takes_nobody_elses_place_in_the_run() -> None:
    found = admit([To("a"), To("b")], {"a": 1}, Limits(max_letters=1, letters_a_day=1))
    assert names(found.letters) == ["b"]
    assert names(found.beyond_day) == ["a"]
    assert found.beyond == (*found.beyond_run, *found.beyond_day)
