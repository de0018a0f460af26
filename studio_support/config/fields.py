"""Kinds of values in our TOML files: each says what is wrong with a value, and what would be right.

Strict on purpose: money is never taken from a TOML float (0.1 is not a tenth there), dates never from text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator
from pydantic_core import PydanticCustomError

from studio_support.config.codes import COUNTRIES, CURRENCIES
from studio_support.config.words import nearest, toml_kind
from studio_support.period import Month

FAULT = "studio_fault"


class FileModel(BaseModel):
    """A table of a TOML file: frozen, without lenient conversions, unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


def fault(wrong: str, right: str) -> PydanticCustomError:
    """An error of a value, in the words that people will read."""
    return PydanticCustomError(FAULT, "{wrong}", {"wrong": wrong, "right": right})


def string(value: Any) -> str:
    """Text on one line, perhaps empty, without outer blanks."""
    if not isinstance(value, str):
        raise fault(f"is {toml_kind(value)}, not text", 'Write it in quotes, like "…".')
    if any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in value):
        raise fault("holds a line break or another control character", "Write it as one line of text.")
    return value.strip()


def text_of(value: Any) -> str:
    """Text that is not empty."""
    text = string(value)
    if not text:
        raise fault("is empty", "Write the text between the quotes, or take the key out.")
    return text


def texts_of(value: Any) -> tuple[str, ...]:
    """A list of texts, each of them once."""
    if not isinstance(value, list):
        raise fault(f"is {toml_kind(value)}, not a list", 'Write it in brackets, like ["…", "…"].')
    for position, item in enumerate(value, start=1):
        if not isinstance(item, str) or not item.strip():
            raise fault(
                f"holds {toml_kind(item) if item != '' else 'an empty text'} as item {position}",
                'Every item is text in quotes, like ["…", "…"].',
            )
    texts = tuple(text_of(item) for item in value)
    doubled = next((item for item in texts if texts.count(item) > 1), None)
    if doubled is not None:
        raise fault(f"names {doubled!r} twice", "Name it once.")
    return texts


def _lines(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise fault(f"is {toml_kind(value)}, not a list", 'Write a line each, like ["Hauptstr. 1", "10115 Berlin"].')
    return tuple(text_of(item) for item in value)


def shaped(
    pattern: str, wrong: str, right: str, *, clean: Callable[[str], str] = str, repeat: bool = True
) -> PlainValidator:
    """Text that fits a pattern as a whole after `clean`; the fault repeats what was written unless told not to."""
    compiled = re.compile(pattern)

    def check(value: Any) -> str:
        text = clean(text_of(value))
        if not compiled.fullmatch(text):
            raise fault(f"{text!r} {wrong}" if repeat else wrong, right)
        return text

    return PlainValidator(check)


def _compact(text: str) -> str:
    return re.sub(r"[\s.-]", "", text).upper()


def _country(value: Any) -> str:
    text = text_of(value)
    if text in COUNTRIES:
        return text
    usual = {"UK": "GB", "EL": "GR"}.get(text.upper(), text.upper())
    hint = f'Did you mean "{usual}"? ' if usual in COUNTRIES else ""
    raise fault(f"{text!r} is no country", hint + 'Write two letters by ISO 3166, like "DE" or "RU".')


def _currency(value: Any) -> str:
    text = text_of(value)
    if text in CURRENCIES:
        return text
    usual = {"RUR": "RUB", "BYR": "BYN", "€": "EUR", "$": "USD", "₽": "RUB"}.get(text.upper(), text.upper())
    hint = f'Did you mean "{usual}"? ' if usual in CURRENCIES else ""
    raise fault(f"{text!r} is no currency", hint + 'Write three letters by ISO 4217, like "EUR" or "RUB".')


def _zone(value: Any) -> str:
    text = text_of(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        meant = nearest(text, sorted(available_timezones()))
        hint = f'Did you mean "{meant}"? ' if meant else ""
        raise fault(
            f"{text!r} is no time zone", hint + 'Write a name of the zone database, like "Europe/Berlin".'
        ) from None
    return text


def _decimal(value: Any, *, example: str, decimals: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str):
        reason = ": a fraction in TOML is not exact" if isinstance(value, float) else ""
        raise fault(f"is {toml_kind(value)}{reason}", f'Write it as text in quotes: "{example}".')
    text = str(value).strip()
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        raise fault(
            f"{text!r} is no number that can be charged",
            f'Write digits with a point, no sign, blanks or currency: "{example}".',
        )
    if len(text.partition(".")[2]) > decimals:
        raise fault(f"{text!r} has more than {decimals} decimals", f'Write it like "{example}".')
    return Decimal(text)


def _rate_per_hour(value: Any) -> Decimal:
    rate = _decimal(value, example="95.00", decimals=4)
    if rate == 0:
        raise fault(
            "is 0, so that work would be given away",
            'Write a price above 0; for free work use an activity or a [[billing.rule]] as = "non_billable".',
        )
    return rate


def _percent(value: Any) -> Decimal:
    rate = _decimal(value, example="22", decimals=4)
    if rate > 100:
        raise fault(f"{value!r} is more than 100 percent", 'Write the percentage, like "22".')
    return rate


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        if not 1990 <= value.year <= 2200:
            raise fault(f"{value} is hardly meant", "Write a date of these times, like 2026-01-01.")
        return value
    raise fault(f"is {toml_kind(value)}, not a date", "Write it without quotes: 2026-01-01.")


def _day_list(value: Any) -> tuple[date, ...]:
    if not isinstance(value, list):
        raise fault(f"is {toml_kind(value)}, not a list", "Write it in brackets: [2026-12-24, 2026-12-31].")
    days = tuple(_day(item) for item in value)
    doubled = next((day for day in days if days.count(day) > 1), None)
    if doubled is not None:
        raise fault(f"names {doubled} twice", "Name it once.")
    return days


def _day_steps(value: Any) -> tuple[int, ...]:
    right = "Write days after the due date in rising order, like [0, 7, 21]."
    if not isinstance(value, list):
        raise fault(f"is {toml_kind(value)}, not a list", right)
    for item in value:
        if isinstance(item, bool) or not isinstance(item, int) or not 0 <= item <= 365:
            raise fault(f"holds {item!r}, which is no number of days from 0 to 365", right)
    if sorted(set(value)) != value:
        raise fault("is not in rising order", right)
    return tuple(value)


def _time_of_day(value: Any) -> time:
    if isinstance(value, time):
        return value
    text = text_of(value)
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if match is None:
        raise fault(f"{text!r} is no time of day", 'Write hours and minutes, like "09:00".')
    return time(int(match[1]), int(match[2]))


def _month(value: Any) -> Month:
    try:
        return Month.parse(text_of(value))
    except ValueError:
        raise fault(f"{value!r} is no month", 'Write it like "2026-10".') from None


def minutes(wall: time) -> int:
    """Minutes since midnight."""
    return wall.hour * 60 + wall.minute


def whole(low: int, high: int) -> PlainValidator:
    """A whole number within these bounds, both included."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise fault(f"is {toml_kind(value)}, not a whole number", f"Write a number from {low} to {high}.")
        if not low <= value <= high:
            raise fault(f"is {value}, out of range", f"Write a number from {low} to {high}.")
        return value

    return PlainValidator(check)


def _rows(value: Any) -> Any:
    if isinstance(value, dict):
        raise fault("is one table, not a list of rows", "Write the header with two brackets: [[…]].")
    return value


Text = Annotated[str, PlainValidator(text_of)]
OptionalText = Annotated[str, PlainValidator(string)]
Texts = Annotated[tuple[str, ...], PlainValidator(texts_of)]
Lines = Annotated[tuple[str, ...], PlainValidator(_lines)]
Country = Annotated[str, PlainValidator(_country)]
Currency = Annotated[str, PlainValidator(_currency)]
Zone = Annotated[str, PlainValidator(_zone)]
RatePerHour = Annotated[Decimal, PlainValidator(_rate_per_hour)]
Percent = Annotated[Decimal, PlainValidator(_percent)]
Day = Annotated[date, PlainValidator(_day)]
DayList = Annotated[tuple[date, ...], PlainValidator(_day_list)]
DaySteps = Annotated[tuple[int, ...], PlainValidator(_day_steps)]
TimeOfDay = Annotated[time, PlainValidator(_time_of_day)]
MonthText = Annotated[Month, PlainValidator(_month)]
Days = Annotated[int, whole(0, 730)]
Seconds = Annotated[int, whole(1, 3600)]
Count = Annotated[int, whole(0, 1_000_000)]
Positive = Annotated[int, whole(1, 1_000_000_000)]
Increment = Annotated[int, whole(1, 480)]
HoursPerEntry = Annotated[int, whole(1, 1000)]
Rows = BeforeValidator(_rows)
Language = Annotated[str, shaped(r"[a-z]{2,3}([-_][A-Z]{2})?", "is no language", 'Write it like "de", "en" or "ru".')]
Iban = Annotated[
    str,
    shaped(
        r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", "is no IBAN", 'Write it like "DE02 1203 0000 0000 2020 51".', clean=_compact
    ),
]
Bic = Annotated[
    str,
    shaped(
        r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?|\d{9}",
        "is no BIC",
        'Write 8 or 11 letters and digits ("COBADEFF"), in Russia 9 digits ("044030653").',
        clean=_compact,
    ),
]
VatId = Annotated[
    str,
    shaped(
        r"[A-Z]{2}[A-Z0-9+*]{2,14}",
        "is no VAT number",
        'Write it with its country, like "DE123456789".',
        clean=_compact,
    ),
]
Inn = Annotated[
    str, shaped(r"\d{10}|\d{12}", "is no ИНН", "Write its 10 digits (12 for a sole trader).", clean=_compact)
]
Kpp = Annotated[str, shaped(r"\d{4}[A-Z0-9]{2}\d{3}", "is no КПП", "Write its 9 digits.", clean=_compact)]
ClientId = Annotated[
    str,
    shaped(
        r"[a-z0-9][a-z0-9._-]*",
        "cannot be an id",
        'Write small Latin letters, digits, ".", "_" and "-", beginning with a letter or digit, like "acme".',
    ),
]
Variable = Annotated[
    str,
    shaped(
        r"[A-Z_][A-Z0-9_]{0,79}",
        "is no name of an environment variable",
        'Write the name of the variable in capitals, not the secret itself, like "REDMINE_API_KEY".',
        repeat=False,  # what stands here by mistake is often the secret
    ),
]
