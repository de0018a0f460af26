"""Amounts in words, made from the same Decimal as the figures beside them.

Customary in Russia, Ukraine and Poland («Всего наименований 3, на сумму …»); elsewhere only where asked for. The
library says the number; the names of currencies are ours, because its own lack the franc and call a million hryvnias
«одна миллион». The minor unit stays in figures, always with all its digits: «… рублей 05 копеек». Spanish is left out
because the library says «veintiuno mil», Italian, Dutch and Portuguese because nobody has proved theirs: no words are
better than wrong ones, which are held to before the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from studio_invoices.money import minor_units, round_half_up

Forms = tuple[str, ...]

# where the words belong on a document unless a client asks for them elsewhere
CUSTOMARY = frozenset({"ru", "uk", "pl"})
_MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class _Unit:
    """A currency in one language: forms for 1, for 2 to 4 (Slavic languages alone), for many; likewise its minor."""

    major: Forms
    minor: Forms
    feminine: bool = False


_CENT_RU: Forms = ("цент", "цента", "центов")
_KOPECK_RU: Forms = ("копейка", "копейки", "копеек")
_CENT_UK: Forms = ("цент", "центи", "центів")
_CENT_PL: Forms = ("cent", "centy", "centów")

_UNITS: Mapping[str, Mapping[str, _Unit]] = {
    "ru": {
        "RUB": _Unit(("рубль", "рубля", "рублей"), _KOPECK_RU),
        "BYN": _Unit(("белорусский рубль", "белорусских рубля", "белорусских рублей"), _KOPECK_RU),
        "UAH": _Unit(("гривна", "гривны", "гривен"), _KOPECK_RU, feminine=True),
        "KZT": _Unit(("тенге",) * 3, ("тиын", "тиына", "тиынов")),
        "EUR": _Unit(("евро",) * 3, _CENT_RU),
        "USD": _Unit(("доллар США", "доллара США", "долларов США"), _CENT_RU),
        "GBP": _Unit(("фунт стерлингов", "фунта стерлингов", "фунтов стерлингов"), ("пенс", "пенса", "пенсов")),
        "CHF": _Unit(
            ("швейцарский франк", "швейцарских франка", "швейцарских франков"), ("раппен", "раппена", "раппенов")
        ),
        "JPY": _Unit(("иена", "иены", "иен"), (), feminine=True),
    },
    "uk": {
        "UAH": _Unit(("гривня", "гривні", "гривень"), ("копійка", "копійки", "копійок"), feminine=True),
        "EUR": _Unit(("євро",) * 3, _CENT_UK),
        "USD": _Unit(("долар США", "долари США", "доларів США"), _CENT_UK),
        "PLN": _Unit(("злотий", "злоті", "злотих"), ("грош", "гроші", "грошів")),
        "GBP": _Unit(("фунт стерлінгів", "фунти стерлінгів", "фунтів стерлінгів"), ("пенс", "пенси", "пенсів")),
        "CHF": _Unit(
            ("швейцарський франк", "швейцарські франки", "швейцарських франків"), ("рапен", "рапени", "рапенів")
        ),
    },
    "pl": {
        "PLN": _Unit(("złoty", "złote", "złotych"), ("grosz", "grosze", "groszy")),
        "EUR": _Unit(("euro",) * 3, _CENT_PL),
        "USD": _Unit(("dolar amerykański", "dolary amerykańskie", "dolarów amerykańskich"), _CENT_PL),
        "CHF": _Unit(("frank szwajcarski", "franki szwajcarskie", "franków szwajcarskich"), ("rap", "rapy", "rapów")),
        "UAH": _Unit(("hrywna", "hrywny", "hrywien"), ("kopiejka", "kopiejki", "kopiejek"), feminine=True),
    },
    "de": {
        "EUR": _Unit(("Euro",) * 2, ("Cent",) * 2),
        "CHF": _Unit(("Franken",) * 2, ("Rappen",) * 2),
        "USD": _Unit(("US-Dollar",) * 2, ("Cent",) * 2),
    },
    "en": {
        "EUR": _Unit(("euro", "euros"), ("cent", "cents")),
        "USD": _Unit(("US dollar", "US dollars"), ("cent", "cents")),
        "GBP": _Unit(("pound sterling", "pounds sterling"), ("penny", "pence")),
        "CHF": _Unit(("Swiss franc", "Swiss francs"), ("centime", "centimes")),
        "JPY": _Unit(("yen",) * 2, ()),
    },
    "fr": {
        "EUR": _Unit(("euro", "euros"), ("centime", "centimes")),
        "CHF": _Unit(("franc suisse", "francs suisses"), ("centime", "centimes")),
    },
}

_MINUS = {"ru": "минус", "uk": "мінус", "pl": "minus", "de": "minus", "en": "minus", "fr": "moins"}
# the last word of a number before a feminine noun; "миллион" never ends in these
_FEMININE = {
    "ru": {"один": "одна", "два": "две"},
    "uk": {"один": "одна", "два": "дві"},
    "pl": {"dwa": "dwie", "jeden": "jedna"},
}


def has_words(currency: str, language: str) -> bool:
    """Whether amounts of this currency can be written out in this language; its region is ignored."""
    return currency in _UNITS.get(base_of(language), {})


def languages_with_words(currency: str) -> list[str]:
    """The languages in which amounts of this currency can be written out."""
    return sorted(language for language, units in _UNITS.items() if currency in units)


def base_of(language: str) -> str:
    """``pt_BR`` -> ``pt``."""
    return language.replace("_", "-").split("-")[0].lower()


def amount_in_words(amount: Decimal, currency: str, language: str) -> str | None:
    """12345.67 RUB in ru -> «Двенадцать тысяч триста сорок пять рублей 67 копеек».

    amount: rounded already, to the currency's minor unit; anything finer, or not a number, raises ValueError (a figure
    and its words must never differ). language: its region is ignored. None where language or currency has no words
    here, and from 10**12 on.
    """
    base = base_of(language)
    unit = _UNITS.get(base, {}).get(currency)
    if not amount.is_finite() or amount != round_half_up(amount, currency):
        raise ValueError(f"{amount} is no amount of {currency}")
    if unit is None or abs(amount) >= _MOST:
        return None
    places = minor_units(currency)
    whole, rest = divmod(int(abs(amount).scaleb(places)), 10**places)
    parts = [_MINUS[base]] if amount < 0 else []
    parts += [_number(whole, base, unit), _counted(whole, unit.major, base)]
    if places:
        parts += [f"{rest:0{places}d}", _form(rest, unit.minor, base)]
    text = " ".join(parts).replace(" d' ", " d'").replace("'", "\u2019")
    return text[0].upper() + text[1:]


def _number(whole: int, language: str, unit: _Unit) -> str:
    from num2words import num2words  # half of its import time is for languages that are not wanted here

    text: str = num2words(whole, lang=language)
    if language == "de":
        return text.removesuffix("s") if text.endswith("eins") else text
    head, _, last = text.rpartition(" ")
    if unit.feminine:
        # Polish declines the unit alone: jedna hrywna, but dwadzieścia jeden hrywien
        last = last if language == "pl" and last == "jeden" and head else _FEMININE[language].get(last, last)
    return f"{head} {last}".strip()


def _counted(whole: int, forms: Forms, language: str) -> str:
    """The noun after a number in words: French puts "de" between a bare million and what is counted."""
    noun = _form(whole, forms, language)
    if language == "fr" and whole and whole % 1_000_000 == 0:
        return f"d' {noun}" if noun[0] in "aeiou" else f"de {noun}"
    return noun


def _form(count: int, forms: Forms, language: str) -> str:
    if language in ("ru", "uk"):
        if count % 10 == 1 and count % 100 != 11:
            return forms[0]
        return forms[1] if _few(count) else forms[2]
    if language == "pl":
        if count == 1:
            return forms[0]
        return forms[1] if _few(count) else forms[2]
    # French counts nothing and one in the singular
    return forms[0] if count == 1 or (language == "fr" and count == 0) else forms[1]


def _few(count: int) -> bool:
    return 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14
