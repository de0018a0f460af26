"""Amounts, dates and percentages as each language writes them; labels and their fallback."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from string import Formatter

import pytest
from babel import Locale
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices import fonts
from studio_invoices.formats import formats_for, hours_minutes
from studio_invoices.wording import labels_for, language_with_labels

D = Decimal
NBSP, NNBSP, MINUS = "\u00a0", "\u202f", "\u2212"

LANGUAGES = ["ru", "en", "de", "uk", "fr", "es", "it", "pl", "nl", "pt"]


@pytest.mark.parametrize(
    ("language", "currency", "amount", "text"),
    [
        ("ru", "RUB", "12345.67", f"12{NBSP}345,67{NBSP}₽"),
        ("de", "EUR", "12345.67", f"12.345,67{NBSP}€"),
        ("en", "EUR", "1234567.80", "€1,234,567.80"),
        ("en", "RUB", "5.00", f"RUB{NBSP}5.00"),
        ("de-CH", "CHF", "1234.50", f"CHF{NBSP}1’234.50"),
        ("de-AT", "EUR", "1234.50", f"€{NBSP}1.234,50"),
        ("en", "JPY", "1234", "¥1,234"),
        ("de", "KWD", "1234.567", f"1.234,567{NBSP}KWD"),
        ("en", "GEL", "2.00", f"GEL{NBSP}2.00"),
        ("ru", "EUR", "0.00", f"0,00{NBSP}€"),
        ("en", "EUR", "-12.50", f"{MINUS}€12.50"),
        ("pt", "EUR", "12345.67", f"12{NBSP}345,67{NBSP}€"),  # of Portugal, as the labels are
        ("pt-BR", "EUR", "1234.50", f"€{NBSP}1.234,50"),
        ("en", "", "1.00", "1.00"),
    ],
)
def test_money_is_written_as_cldr_has_it(language: str, currency: str, amount: str, text: str) -> None:
    """Signs, their place, no-break spaces; the code where our fonts lack the sign."""
    assert formats_for(language, currency).money(D(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("95", "95.00"),
        ("95.5", "95.50"),
        ("95.125", "95.125"),
        ("0.005", "0.005"),
        ("1E+3", "1,000.00"),
        ("-7", f"{MINUS}7.00"),
        ("0.1250", "0.125"),
    ],
)
def test_no_digit_is_rounded_away(amount: str, text: str) -> None:
    """At least the currency's decimals; a rate of 95.125 stays one."""
    assert formats_for("en", "EUR").decimal(D(amount)) == text


def test_what_is_no_amount_is_refused() -> None:
    """Infinity and not-a-number never get onto paper."""
    with pytest.raises(ValueError, match="no amount"):
        formats_for("en", "EUR").decimal(D("NaN"))


@given(
    st.sampled_from([*LANGUAGES, "de-CH", "de-AT", "en-GB", "pt-PT"]),
    st.sampled_from(["EUR", "RUB", "USD", "JPY", "KWD", "UAH"]),
    st.integers(0, 10**12),
)
def test_rounded_amounts_agree_with_babel(language: str, currency: str, units: int) -> None:
    """Where there is nothing to round, Babel's own formatting says the same."""
    formats = formats_for(language, currency)
    places = {"JPY": 0, "KWD": 3}.get(currency, 2)
    amount = D(units).scaleb(-places)
    locale = Locale.parse({"pt": "pt-PT"}.get(language, language), sep="-")
    theirs = format_currency(amount, currency, locale=locale)
    if get_currency_symbol(currency, locale)[-1].isalpha():
        # Babel leaves out the space that CLDR's currencySpacing asks for between letters and digits
        assert formats.money(amount).replace(NBSP, "") == theirs.replace(NBSP, "")
    else:
        assert formats.money(amount) == theirs
    pattern = "#,##0." + "0" * places if places else "#,##0"
    assert formats.decimal(amount) == format_decimal(amount, pattern, locale=locale)


def test_signs_of_all_currencies_can_be_drawn() -> None:
    """Whatever sign CLDR gives in our languages is in our fonts, or the code is printed instead."""
    for language in LANGUAGES:
        for currency in Locale.parse(language).currencies:
            if get_currency_symbol(currency, language) != currency:
                assert fonts.covers(formats_for(language, currency).money(D(1))) == (), currency


@pytest.mark.parametrize(
    ("language", "rate", "text"),
    [
        ("de", "19", f"19{NBSP}%"),
        ("ru", "22.00", f"22{NBSP}%"),
        ("en", "8.1", "8.1%"),
        ("de", "8.10", f"8,1{NBSP}%"),
        ("en", "0", "0%"),
        ("en", "20", "20%"),
    ],
)
def test_percentages_have_no_needless_digits(language: str, rate: str, text: str) -> None:
    """19, 19.0 and 19.00 are one rate."""
    assert formats_for(language, "EUR").percent(D(rate)) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", f"30 ноября 2026{NNBSP}г."),
        ("de", "30. November 2026"),
        ("en", "November 30, 2026"),
        ("en-GB", "30 November 2026"),
    ],
)
def test_dates_are_written_in_full(language: str, text: str) -> None:
    """No reader has to guess which number is the month."""
    assert formats_for(language, "EUR").day(date(2026, 11, 30)) == text


@pytest.mark.parametrize(
    ("language", "first", "last", "text"),
    [
        ("de", date(2026, 2, 1), date(2026, 2, 28), "Februar 2026"),
        ("ru", date(2026, 11, 1), date(2026, 11, 30), f"ноябрь 2026{NNBSP}г."),
        ("en", date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        ("en-GB", date(2026, 9, 3), date(2026, 9, 3), "3 Sept 2026"),
        ("de", date(2026, 9, 3), date(2026, 9, 28), "3.–28. Sept. 2026"),
        ("de", date(2026, 11, 1), date(2026, 11, 29), "1.–29. Nov. 2026"),
    ],
)
def test_a_whole_month_has_its_name_and_other_spans_their_days(
    language: str, first: date, last: date, text: str
) -> None:
    """Both days are included; leap years count."""
    assert formats_for(language, "EUR").days(first, last) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0:00"), (1, "0:01"), (20, "0:20"), (605, "10:05"), (60_001, "1000:01"), (-75, f"{MINUS}1:15")],
)
def test_time_is_hours_and_minutes(minutes: int, text: str) -> None:
    """Never a decimal fraction of an hour."""
    assert hours_minutes(minutes) == text


@pytest.mark.parametrize("language", ["sv", "", "xx-YY", "klingon"])
def test_an_unknown_language_falls_back_to_english_altogether(language: str) -> None:
    """Labels, dates and amounts alike: no document in two languages."""
    assert language_with_labels(language) == "en"
    assert labels_for(language) == labels_for("en")
    assert formats_for(language, "EUR") == formats_for("en", "EUR")


def test_a_region_keeps_the_labels_of_its_language() -> None:
    """de_AT is German with Austrian amounts; a region that nobody knows is no error."""
    assert labels_for("de_AT") == labels_for("de")
    assert formats_for("de_XX", "EUR").money(D("1.00")) == f"1,00{NBSP}€"


def test_countries_are_named_in_the_language() -> None:
    """By CLDR; an unknown code stays as it is."""
    assert formats_for("de", "EUR").country("RU") == "Russland"
    assert formats_for("ru", "EUR").country("de") == "Германия"
    assert formats_for("en", "EUR").country("X9") == "X9"


def fields_of(label: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(label) if field is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_labels(language: str) -> None:
    """Same sections and keys, nothing empty, all of it drawable, no field to fill in that English lacks.

    A title may name the date as well: in Russian it does. Sections of Russian forms (``ru_``) stand in Russian alone.
    """
    english = labels_for("en")
    labels = {name: section for name, section in labels_for(language).items() if not name.startswith("ru_")}
    assert {name: set(section) for name, section in labels.items()} == {
        name: set(section) for name, section in english.items()
    }
    for name, section in labels.items():
        for key, label in section.items():
            assert label.strip()
            assert fonts.covers(label) == ()
            assert fields_of(label) - {"date"} <= fields_of(english[name][key]), (name, key)
