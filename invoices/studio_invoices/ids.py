"""Control digits of tax numbers, bank accounts and references, by python-stdnum.

`fault` is what `studio_invoices.check` is handed: the check stays pure, and the tables of the library (formats of
IBANs of a hundred countries) are loaded with the first number that needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

_KINDS: Mapping[str, tuple[str, str]] = {
    "iban": ("iban", "IBAN"),
    "bic": ("bic", "BIC"),
    "inn": ("ru.inn", "ИНН"),
    "ogrn": ("ru.ogrn", "ОГРН"),
    "siren": ("fr.siren", "SIREN"),
    "siret": ("fr.siret", "SIRET"),
    "uid": ("ch.uid", "UID"),
    "leitweg": ("de.leitweg", "Leitweg-ID"),
    "creditor_reference": ("iso11649", "creditor reference (RF)"),
    "qr_reference": ("ch.esr", "QR reference"),
}
_TAX_NUMBERS: Mapping[str, tuple[str, str]] = {
    "DE": ("de.stnr", "Steuernummer"),
    "AT": ("at.tin", "Abgabenkontonummer"),
}
# CHE-123.456.788 alone is what e-invoices carry; with MWST, TVA or IVA it is what Swiss invoices print
_SUFFIXES = ("MWST", "TVA", "IVA", "TPV")


def fault(kind: str, value: str, country: str = "") -> str:
    """What is wrong with a number, as the end of a sentence ("is no IBAN: its check digits do not fit"); "" if nothing.

    kind: iban, bic, inn, ogrn, siren, siret, uid, leitweg, creditor_reference, qr_reference, vat_id (the country is
    its prefix), or tax_number (of `country`, ISO 3166). Numbers of countries that the library does not know are taken
    as they are. Blanks are not counted; nothing is raised.
    """
    if kind == "vat_id":
        return _vat_fault(value)
    module, name = _TAX_NUMBERS.get(country, ("", "")) if kind == "tax_number" else _KINDS[kind]
    return _verdict(_module(module), value, name) if module else ""


def _vat_fault(value: str) -> str:
    solid = value.replace(" ", "").replace(".", "").replace("-", "").upper()
    prefix = solid[:2]
    if solid.startswith("CHE"):
        return _verdict(_module("ch.vat" if solid.endswith(_SUFFIXES) else "ch.uid"), value, "Swiss VAT number")
    if not prefix.isascii() or not prefix.isalpha():
        return "is no VAT number: it begins with the two letters of no country"
    if prefix in ("EL", "XI") or prefix.lower() in _module("eu.vat").MEMBER_STATES:
        if prefix == "GR":
            return "is no VAT number: Greek ones begin with EL"
        if prefix == "XI":  # Northern Ireland: numbered like Great Britain
            return _verdict(_module("gb.vat"), solid[2:], "VAT number of XI")
        return _verdict(_module("eu.vat"), value, f"VAT number of {prefix}")
    if prefix == "GB":
        return _verdict(_module("gb.vat"), value, "VAT number of GB")
    return ""


def _module(name: str) -> Any:
    return import_module(f"stdnum.{name}")


def _verdict(module: Any, value: str, name: str) -> str:
    from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

    try:
        module.validate(value)
    except InvalidChecksum:
        return f"is no {name}: its check digits do not fit"
    except InvalidLength:
        return f"is no {name}: it has the wrong length"
    except ValidationError:
        return f"is no {name}"
    return ""
