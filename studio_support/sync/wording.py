"""Times and durations in a client's words: "tomorrow, Tuesday 17 June, by 12:00", "3 часа 30 минут".

What a library of locales gives is a date; a letter needs it within a sentence, with preposition and case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

Language = Literal["ru", "en", "de", "fr"]
LANGUAGES: tuple[Language, ...] = ("ru", "en", "de", "fr")
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Words:
    """months: as they stand after a day's number. weekdays: Monday first, as after "tomorrow,", and as "on Monday"."""

    months: Sequence[str]
    weekdays: Sequence[str]
    on_weekdays: Sequence[str]
    today: str
    tomorrow: str


_WORDS: Mapping[Language, _Words] = {
    "ru": _Words(
        (
            *("января", "февраля", "марта", "апреля", "мая", "июня"),
            *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
        ),
        ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"),
        ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"),
        "сегодня",
        "завтра",
    ),
    "en": _Words(
        (
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        ("on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday", "on Sunday"),
        "today",
        "tomorrow",
    ),
    "de": _Words(
        (
            *("Januar", "Februar", "März", "April", "Mai", "Juni"),
            *("Juli", "August", "September", "Oktober", "November", "Dezember"),
        ),
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        ("am Montag", "am Dienstag", "am Mittwoch", "am Donnerstag", "am Freitag", "am Samstag", "am Sonntag"),
        "heute",
        "morgen",
    ),
    "fr": _Words(
        (
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ),
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        "aujourd’hui",
        "demain",
    ),
}
# Forms of hour and minute. Russian: 1, 2 to 4, 5 and more. Others: one and several.
_UNITS: Mapping[Language, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ru": (("час", "часа", "часов"), ("минута", "минуты", "минут")),
    "en": (("hour", "hours"), ("minute", "minutes")),
    "de": (("Stunde", "Stunden"), ("Minute", "Minuten")),
    "fr": (("heure", "heures"), ("minute", "minutes")),
}


def language_of(text: str) -> Language:
    """The language of a letter: "de-AT" is read as de, a language without letters as English."""
    wanted = text.replace("_", "-").partition("-")[0].strip().lower()
    return next((one for one in LANGUAGES if one == wanted), "en")


def due_words(due: datetime, now: datetime | None, language: Language) -> str:
    """By when, as it stands within a sentence; both on the studio's clock.

    "today by 18:00", "tomorrow, Tuesday 17 June, by 12:00", "on Monday 22 June by 12:00". Without `now`, or for a day
    that is over, always with the day's name; the year stands there where it is not the year of `now`.
    """
    words, day = _WORDS[language], due.date()
    by = _by(due, language)
    today = now.date() if now is not None else None
    if today == day:
        return f"{words.today} {by}"
    date_words = _date(day, language, with_year=today is not None and today.year != day.year)
    if today is not None and day - today == _A_DAY:
        return f"{words.tomorrow}, {words.weekdays[day.weekday()]}{_before_date(language)}{date_words}, {by}"
    if language == "de":
        # in the dative, which "am" asks for
        return f"{words.on_weekdays[day.weekday()]}, dem {date_words}, {by}"
    comma = "," if language == "ru" else ""
    return f"{words.on_weekdays[day.weekday()]}{comma} {date_words}{comma} {by}"


def duration(minutes: int, language: Language) -> str:
    """Hours and minutes in words: "3 часа 30 минут", "1 hour", "45 Minuten". Raises ValueError below zero."""
    if minutes < 0:
        raise ValueError("a duration is 0 minutes or more")
    hours, rest = divmod(minutes, 60)
    hour_forms, minute_forms = _UNITS[language]
    parts = [f"{hours}\u00a0{_form(hours, hour_forms, language)}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest}\u00a0{_form(rest, minute_forms, language)}")
    return " ".join(parts)


def _form(count: int, forms: tuple[str, ...], language: Language) -> str:
    """The form of a noun after a number."""
    if language == "ru":
        if count % 10 == 1 and count % 100 != 11:
            return forms[0]
        return forms[1] if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else forms[2]
    if language == "fr":
        return forms[0] if count < 2 else forms[1]
    return forms[0] if count == 1 else forms[1]


def _by(due: datetime, language: Language) -> str:
    if language == "fr":
        return f"avant {due.hour}\u00a0h" + (f"\u00a0{due.minute:02d}" if due.minute else "")
    clock = f"{due.hour}:{due.minute:02d}"
    return {"ru": f"до {clock}", "en": f"by {clock}", "de": f"bis {clock} Uhr"}[language]


def _before_date(language: Language) -> str:
    return ", " if language in ("ru", "de") else " "


def _date(day: date, language: Language, *, with_year: bool) -> str:
    number = f"{day.day}." if language == "de" else "1er" if language == "fr" and day.day == 1 else str(day.day)
    year = f" {day.year}" + (" года" if language == "ru" else "") if with_year else ""
    return f"{number}\u00a0{_WORDS[language].months[day.month - 1]}{year}"
