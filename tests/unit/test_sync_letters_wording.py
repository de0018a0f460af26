"""Times and durations in words: the forms that a schoolbook gives, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.sync.wording import LANGUAGES, due_words, duration, language_of

MOSCOW = timezone(timedelta(hours=3))


def plain(text: str) -> str:
    """With blanks that break."""
    return text.replace("\u00a0", " ")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time on the studio's clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=MOSCOW)


TUESDAY = date(2026, 6, 16)
WEDNESDAY = date(2026, 6, 17)
MONDAY = date(2026, 6, 22)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 минут"),
        (1, "1 минута"),
        (2, "2 минуты"),
        (4, "4 минуты"),
        (5, "5 минут"),
        (11, "11 минут"),
        (12, "12 минут"),
        (14, "14 минут"),
        (21, "21 минута"),
        (22, "22 минуты"),
        (30, "30 минут"),
        (60, "1 час"),
        (61, "1 час 1 минута"),
        (120, "2 часа"),
        (210, "3 часа 30 минут"),
        (240, "4 часа"),
        (300, "5 часов"),
        (660, "11 часов"),
        (720, "12 часов"),
        (840, "14 часов"),
        (1260, "21 час"),
        (1320, "22 часа"),
        (1500, "25 часов"),
        (6060, "101 час"),
        (6660, "111 часов"),
        (6720, "112 часов"),
        (7320, "122 часа"),
    ],
)
def test_russian_numbers_take_three_forms(minutes: int, words: str) -> None:
    assert plain(duration(minutes, "ru")) == words


@pytest.mark.parametrize(
    ("language", "minutes", "words"),
    [
        ("en", 0, "0 minutes"),
        ("en", 1, "1 minute"),
        ("en", 60, "1 hour"),
        ("en", 121, "2 hours 1 minute"),
        ("de", 0, "0 Minuten"),
        ("de", 61, "1 Stunde 1 Minute"),
        ("de", 150, "2 Stunden 30 Minuten"),
        ("fr", 0, "0 minute"),
        ("fr", 61, "1 heure 1 minute"),
        ("fr", 150, "2 heures 30 minutes"),
    ],
)
def test_other_languages_take_two(language: str, minutes: int, words: str) -> None:
    assert plain(duration(minutes, language)) == words  # type: ignore[arg-type]  # one of the four


def test_a_number_does_not_part_from_its_noun() -> None:
    assert duration(210, "ru") == "3\u00a0часа 30\u00a0минут"


def test_less_than_nothing_is_no_duration() -> None:
    with pytest.raises(ValueError, match="0 minutes or more"):
        duration(-1, "ru")


@given(st.integers(0, 100_000), st.sampled_from(LANGUAGES))
def test_minutes_can_be_read_back(minutes: int, language: str) -> None:
    numbers = [int(part) for part in plain(duration(minutes, language)).split() if part.isdigit()]  # type: ignore[arg-type]  # likewise
    if len(numbers) == 2:
        assert numbers[0] * 60 + numbers[1] == minutes
    else:
        assert numbers[0] in (minutes, minutes / 60)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "сегодня до 18:00"),
        ("en", "today by 18:00"),
        ("de", "heute bis 18:00 Uhr"),
        ("fr", "aujourd’hui avant 18 h"),
    ],
)
def test_the_same_day_is_today(language: str, words: str) -> None:
    assert plain(due_words(at(TUESDAY, 18), at(TUESDAY, 11, 59), language)) == words  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "завтра, в среду, 17 июня, до 12:00"),
        ("en", "tomorrow, Wednesday 17 June, by 12:00"),
        ("de", "morgen, Mittwoch, 17. Juni, bis 12:00 Uhr"),
        ("fr", "demain, mercredi 17 juin, avant 12 h"),
    ],
)
def test_the_next_day_is_tomorrow_and_named(language: str, words: str) -> None:
    """Named, because the letter may be read the next morning."""
    assert plain(due_words(at(WEDNESDAY, 12), at(TUESDAY, 12), language)) == words  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "в понедельник, 22 июня, до 12:30"),
        ("en", "on Monday 22 June by 12:30"),
        ("de", "am Montag, dem 22. Juni, bis 12:30 Uhr"),
        ("fr", "lundi 22 juin avant 12 h 30"),
    ],
)
@pytest.mark.parametrize("now", [at(date(2026, 6, 19), 12), at(date(2026, 6, 24), 9), None])
def test_any_other_day_has_its_name(language: str, words: str, now: datetime | None) -> None:
    """A day to come, one that is over, or where nobody says what day it is."""
    assert plain(due_words(at(MONDAY, 12, 30), now, language)) == words  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "в понедельник, 11 января 2027 года, до 9:00"),
        ("en", "on Monday 11 January 2027 by 9:00"),
        ("de", "am Montag, dem 11. Januar 2027, bis 9:00 Uhr"),
        ("fr", "lundi 11 janvier 2027 avant 9 h"),
    ],
)
def test_another_year_is_said(language: str, words: str) -> None:
    now = at(date(2026, 12, 30), 12)
    assert plain(due_words(at(date(2027, 1, 11), 9), now, language)) == words  # type: ignore[arg-type]  # likewise


def test_the_first_of_a_month_is_the_first_in_french() -> None:
    assert plain(due_words(at(date(2026, 7, 1), 12), None, "fr")) == "mercredi 1er juillet avant 12 h"


def test_every_day_and_month_has_its_form() -> None:
    """«во вторник», and no other, has a vowel after its preposition."""
    days = [due_words(at(TUESDAY + timedelta(days=n), 12), None, "ru").split(",")[0] for n in range(7)]
    assert days == [
        *("во вторник", "в среду", "в четверг", "в пятницу"),
        *("в субботу", "в воскресенье", "в понедельник"),
    ]
    months = [plain(due_words(at(date(2026, m, 15), 12), None, "ru")).split(", ")[1] for m in range(1, 13)]
    assert months == [
        *("15 января", "15 февраля", "15 марта", "15 апреля", "15 мая", "15 июня"),
        *("15 июля", "15 августа", "15 сентября", "15 октября", "15 ноября", "15 декабря"),
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [("ru", "ru"), ("de-AT", "de"), ("fr_CA", "fr"), (" EN ", "en"), ("es", "en"), ("", "en"), ("rum", "en")],
)
def test_a_language_without_letters_is_english(text: str, language: str) -> None:
    assert language_of(text) == language


def test_times_are_told_as_they_stand_on_the_clock_that_is_given() -> None:
    assert due_words(datetime(2026, 6, 16, 9, 5, tzinfo=UTC), None, "en").endswith("by 9:05")
