"""Durations: whole increments, once, at one level; the figures are the table of the domain notes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.billing.rounding import charged_minutes, in_words, round_minutes
from studio_support.billing.terms import Rounding

INCREMENTS = st.integers(1, 120)
MINUTES = st.integers(0, 100_000)


@pytest.mark.parametrize(
    ("increment", "entry_up", "entry_nearest", "task_up"),
    [(6, 792, 594, 660), (10, 660, 660, 660), (15, 990, 495, 660), (30, 990, 990, 660)],
)
def test_thirty_three_times_twenty_minutes(increment: int, entry_up: int, entry_nearest: int, task_up: int) -> None:
    """13.2 / 9.9 / 11.0 h at 6 min, 11.0 throughout at 10, 16.5 / 8.25 / 11.0 at 15, 16.5 / 16.5 / 11.0 at 30."""
    minutes = [20] * 33
    assert charged_minutes(minutes, Rounding(increment, "up", "entry")) == entry_up
    assert charged_minutes(minutes, Rounding(increment, "nearest", "entry")) == entry_nearest
    assert charged_minutes(minutes, Rounding(increment, "up", "task")) == task_up


@pytest.mark.parametrize(
    ("increment", "entry_up", "entry_nearest"), [(6, 42, 42), (10, 70, 70), (15, 105, 105), (30, 210, 210)]
)
def test_seven_times_four_minutes(increment: int, entry_up: int, entry_nearest: int) -> None:
    """Up: 7 increments. To the nearest 10 would be nothing at all; at least one increment is charged instead."""
    minutes = [4] * 7
    assert charged_minutes(minutes, Rounding(increment, "up", "entry")) == entry_up
    assert charged_minutes(minutes, Rounding(increment, "nearest", "entry")) == entry_nearest
    assert charged_minutes(minutes, Rounding(increment, "up", "task")) == 30


@pytest.mark.parametrize(
    ("minutes", "up", "nearest"),
    [
        (0, 0, 0),
        (1, 15, 15),
        (7, 15, 15),
        (15, 15, 15),
        (16, 30, 15),
        (22, 30, 15),
        (23, 30, 30),
        (30, 30, 30),
        (45, 45, 45),
    ],
)
def test_quarters_of_an_hour(minutes: int, up: int, nearest: int) -> None:
    """An exact multiple stays; 22 is nearer to 15, 23 nearer to 30; 7 is nearer to 0, but not given away."""
    assert round_minutes(minutes, Rounding(15, "up")) == up
    assert round_minutes(minutes, Rounding(15, "nearest")) == nearest


def test_a_tie_goes_up() -> None:
    """60 lies in the middle between 40 and 80."""
    assert round_minutes(60, Rounding(40, "nearest")) == 80


def test_every_minute_counts_where_nothing_is_rounded() -> None:
    assert charged_minutes([7, 8, 9], Rounding()) == 24


@given(MINUTES, INCREMENTS)
def test_up_is_the_next_whole_increment(minutes: int, increment: int) -> None:
    result = round_minutes(minutes, Rounding(increment, "up"))
    assert result % increment == 0
    assert minutes <= result < minutes + increment


@given(MINUTES, INCREMENTS)
def test_nearest_is_at_most_half_an_increment_away_and_never_nothing(minutes: int, increment: int) -> None:
    result = round_minutes(minutes, Rounding(increment, "nearest"))
    assert result % increment == 0
    assert result > 0 or minutes == 0
    if minutes >= increment:
        assert 2 * abs(result - minutes) <= increment


@given(MINUTES, st.integers(0, 500), INCREMENTS, st.sampled_from(["up", "nearest"]))
def test_more_time_never_costs_less(minutes: int, more: int, increment: int, mode: str) -> None:
    rounding = Rounding(increment, mode)  # type: ignore[arg-type]  # sampled from the two modes
    assert round_minutes(minutes, rounding) <= round_minutes(minutes + more, rounding)


@given(st.lists(MINUTES, max_size=20), INCREMENTS)
def test_rounding_up_a_task_never_charges_more_than_rounding_up_its_entries(minutes: list[int], increment: int) -> None:
    per_task = charged_minutes(minutes, Rounding(increment, "up", "task"))
    per_entry = charged_minutes(minutes, Rounding(increment, "up", "entry"))
    assert sum(minutes) <= per_task <= per_entry


@pytest.mark.parametrize(
    ("rounding", "language", "words"),
    [
        (Rounding(), "en", ""),
        (Rounding(15), "en", "Times are rounded up to 15 min, once per task."),
        (Rounding(6, "up", "entry"), "fr", "Times are rounded up to 6 min, once per entry."),
        (
            Rounding(15, "nearest"),
            "de",
            "Zeiten werden einmal je Aufgabe auf die nächsten 15 Min. gerundet (die Hälfte nach oben, mindestens "
            "15 Min.).",
        ),
        (Rounding(10, "up", "entry"), "ru", "Время округляется вверх до 10 мин, один раз по каждой записи."),
    ],
)
def test_the_rule_is_stated_in_the_documents_language(rounding: Rounding, language: str, words: str) -> None:
    """So that a client can do the sum again; English where there are no words of that language."""
    assert in_words(rounding, language) == words
