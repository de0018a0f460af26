"""Amounts in words: the forms of a noun after a number, and the traps of each language."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.words import CUSTOMARY, amount_in_words, has_words, languages_with_words

D = Decimal

RUBLES = [
    ("12345.67", "Двенадцать тысяч триста сорок пять рублей 67 копеек"),
    ("0.50", "Ноль рублей 50 копеек"),
    ("0.00", "Ноль рублей 00 копеек"),
    ("1.01", "Один рубль 01 копейка"),
    ("2.02", "Два рубля 02 копейки"),
    ("5.05", "Пять рублей 05 копеек"),
    ("11.11", "Одиннадцать рублей 11 копеек"),
    ("12.12", "Двенадцать рублей 12 копеек"),
    ("14.14", "Четырнадцать рублей 14 копеек"),
    ("21.21", "Двадцать один рубль 21 копейка"),
    ("22.22", "Двадцать два рубля 22 копейки"),
    ("40.00", "Сорок рублей 00 копеек"),
    ("101.00", "Сто один рубль 00 копеек"),
    ("111.00", "Сто одиннадцать рублей 00 копеек"),
    ("112.00", "Сто двенадцать рублей 00 копеек"),
    ("1001.10", "Одна тысяча один рубль 10 копеек"),
    ("2000.00", "Две тысячи рублей 00 копеек"),
    ("11000.00", "Одиннадцать тысяч рублей 00 копеек"),
    ("21000.00", "Двадцать одна тысяча рублей 00 копеек"),
    ("1000000.00", "Один миллион рублей 00 копеек"),
    ("2000002.03", "Два миллиона два рубля 03 копейки"),
    ("-3.40", "Минус три рубля 40 копеек"),
]


@pytest.mark.parametrize(("amount", "words"), RUBLES)
def test_rubles(amount: str, words: str) -> None:
    """Eleven to fourteen, one hundred and one, nothing, thousands (feminine), millions, a minus."""
    assert amount_in_words(D(amount), "RUB", "ru") == words


@pytest.mark.parametrize(
    ("amount", "currency", "language", "words"),
    [
        ("1000000.00", "UAH", "ru", "Один миллион гривен 00 копеек"),
        ("2000001.00", "UAH", "ru", "Два миллиона одна гривна 00 копеек"),
        ("22.00", "UAH", "ru", "Двадцать две гривны 00 копеек"),
        ("21.30", "BYN", "ru", "Двадцать один белорусский рубль 30 копеек"),
        ("3.04", "KZT", "ru", "Три тенге 04 тиына"),
        ("1.21", "EUR", "ru", "Один евро 21 цент"),
        ("102.00", "USD", "ru", "Сто два доллара США 00 центов"),
        ("31", "JPY", "ru", "Тридцать одна иена"),
        ("12345.67", "UAH", "uk", "Дванадцять тисяч триста сорок п’ять гривень 67 копійок"),
        ("1.01", "UAH", "uk", "Одна гривня 01 копійка"),
        ("42.02", "UAH", "uk", "Сорок дві гривні 02 копійки"),
        ("11.00", "UAH", "uk", "Одинадцять гривень 00 копійок"),
        ("1000000.00", "UAH", "uk", "Один мільйон гривень 00 копійок"),
        ("2.03", "EUR", "uk", "Два євро 03 центи"),
        ("12345.67", "PLN", "pl", "Dwanaście tysięcy trzysta czterdzieści pięć złotych 67 groszy"),
        ("1.01", "PLN", "pl", "Jeden złoty 01 grosz"),
        ("2.02", "PLN", "pl", "Dwa złote 02 grosze"),
        ("12.00", "PLN", "pl", "Dwanaście złotych 00 groszy"),
        ("21.21", "PLN", "pl", "Dwadzieścia jeden złotych 21 groszy"),
        ("22.00", "PLN", "pl", "Dwadzieścia dwa złote 00 groszy"),
        ("101.00", "PLN", "pl", "Sto jeden złotych 00 groszy"),
        ("1.00", "UAH", "pl", "Jedna hrywna 00 kopiejek"),
        ("21.00", "UAH", "pl", "Dwadzieścia jeden hrywien 00 kopiejek"),
        ("22.00", "UAH", "pl", "Dwadzieścia dwie hrywny 00 kopiejek"),
        ("1.01", "EUR", "de", "Ein Euro 01 Cent"),
        ("1001.00", "CHF", "de", "Eintausendein Franken 00 Rappen"),
        ("1000000.00", "EUR", "de-AT", "Eine Million Euro 00 Cent"),
        ("1234.01", "GBP", "en", "One thousand, two hundred and thirty-four pounds sterling 01 penny"),
        ("1.00", "EUR", "en_GB", "One euro 00 cents"),
        ("0.80", "EUR", "fr", "Zéro euro 80 centimes"),
        ("1.00", "EUR", "fr", "Un euro 00 centime"),
        ("1000000.00", "EUR", "fr", "Un million d’euros 00 centime"),
        ("2000000.02", "CHF", "fr-CH", "Deux millions de francs suisses 02 centimes"),
        ("2000080.00", "EUR", "fr", "Deux millions quatre-vingts euros 00 centime"),
    ],
)
def test_other_currencies_and_languages(amount: str, currency: str, language: str, words: str) -> None:
    """Gender, few and many, no minor unit, regions, and what French puts after a million."""
    assert amount_in_words(D(amount), currency, language) == words


@pytest.mark.parametrize(
    ("amount", "currency", "language"),
    [("1.00", "EUR", "ja"), ("1.00", "XTS", "ru"), ("1.00", "RUB", "fr"), ("1000000000000.00", "RUB", "ru")],
)
def test_what_has_no_words_is_none(amount: str, currency: str, language: str) -> None:
    """A document then has figures alone, rather than wrong words."""
    assert amount_in_words(D(amount), currency, language) is None


@pytest.mark.parametrize(
    ("amount", "currency"), [("1.005", "RUB"), ("0.5", "JPY"), ("NaN", "RUB"), ("Infinity", "EUR")]
)
def test_no_rounding_happens_here(amount: str, currency: str) -> None:
    """Words of a rounded amount beside figures of another would be wrong twice."""
    with pytest.raises(ValueError, match="is no amount of"):
        amount_in_words(D(amount), currency, "ru")


def test_where_words_are_customary() -> None:
    """Off by default on German, English and French documents."""
    assert {"ru", "uk", "pl"} == CUSTOMARY


@given(st.integers(0, 10**13), st.sampled_from(["ru", "uk", "pl"]))
def test_the_minor_unit_is_always_two_figures(minor: int, language: str) -> None:
    """And one capital letter begins the sentence."""
    text = amount_in_words(Decimal(minor).scaleb(-2), "EUR", language)
    assert text is not None
    assert re.search(rf" {minor % 100:02d} \w+$", text)
    assert text[0].isupper()
    assert text[1:] == text[1:].lower()


def test_the_library_is_loaded_when_first_asked() -> None:
    """Importing the room costs nothing to those who print figures alone."""
    code = "import sys, studio_invoices.words; raise SystemExit('num2words' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_which_amounts_have_words() -> None:
    """By language without its region; a currency that nobody has words for has no languages."""
    assert has_words("EUR", "de-AT")
    assert has_words("EUR", "fr_BE")
    assert not has_words("EUR", "es")
    assert not has_words("CZK", "ru")
    assert languages_with_words("UAH") == ["pl", "ru", "uk"]
    assert languages_with_words("CZK") == []
