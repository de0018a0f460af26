"""Tax numbers, accounts and references that cannot be: wrong digits send money astray, or cost a client his deduction.

Pure: control digits of tax numbers and IBANs are asked through a function handed in (`studio_invoices.ids.fault`); the
keys of Russian accounts are arithmetic of our own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from studio_invoices.account_keys import (
    creditor_reference_fits,
    is_qr_iban,
    qr_reference_fits,
    ru_account_fits,
    ru_bic_fits,
    ru_correspondent_fits,
    solid,
)
from studio_invoices.model import BankAccount, Invoice, Party

# kind, number, country -> what is wrong with it, as the end of a sentence; "" for nothing
Ids = Callable[[str, str, str], str]
Found = tuple[str, str, str]

_KPP = re.compile("[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
_LEITWEG = re.compile("[0-9]{2,12}(?:-[0-9A-Za-z]{1,30})?-[0-9]{2}")
_SIREN_DIGITS, _SIRET_DIGITS = 9, 14


def numbers(invoice: Invoice, ids: Ids) -> Iterator[Found]:
    """Numbers with faults, of both parties, the account and the payment."""
    yield from party_numbers("seller", invoice.seller, ids, "in [seller]")
    yield from party_numbers("client:buyer", invoice.buyer, ids, "in the client's file")
    yield from bank_numbers(invoice.bank, ids)
    yield from _reference(invoice)
    if "xrechnung" in invoice.profiles and _LEITWEG.fullmatch(invoice.buyer_reference):
        yield from _faulty(
            "client:buyer_reference", "leitweg", invoice.buyer_reference, "", ids, "in the client's file"
        )


def party_numbers(source: str, party: Party, ids: Ids, where: str) -> Iterator[Found]:
    """Faults of a party's own numbers. where: the file or section to mend, as the end of the next step."""
    country = party.country.upper()
    if country in ("RU", ""):
        yield from _faulty(f"{source}.inn", "inn", party.inn, country, ids, where)
        yield from _faulty(f"{source}.ogrn", "ogrn", party.ogrn, country, ids, where)
        yield from _kpp(source, party, where)
    yield from _faulty(f"{source}.vat_id", "vat_id", party.vat_id, country, ids, where)
    yield from _faulty(f"{source}.tax_number", "tax_number", party.tax_number, country, ids, where)
    kind = _registration_kind(party, country)
    if kind:
        yield from _faulty(f"{source}.registration", kind, party.registration, country, ids, where)


def _faulty(source: str, kind: str, value: str, country: str, ids: Ids, where: str) -> Iterator[Found]:
    if value and (fault := ids(kind, value, country)):
        field = source.rpartition(".")[2].removeprefix("client:")
        yield source, f"{source.removeprefix('client:')}: {value!r} {fault}", f"Correct `{field}` {where}."


def _kpp(source: str, party: Party, where: str) -> Iterator[Found]:
    if not party.kpp:
        return
    name = source.removeprefix("client:")
    if len(party.inn) == 12:  # an entrepreneur's ИНН
        message = f"{name}: an entrepreneur (ИНН of 12 digits) has no КПП, but {party.kpp!r} is given"
        yield f"{source}.kpp", message, f"Take `kpp` out {where}."
    elif not _KPP.fullmatch(party.kpp):
        yield f"{source}.kpp", f"{name}: {party.kpp!r} is no КПП: it has 9 digits", f"Correct `kpp` {where}."


def _registration_kind(party: Party, country: str) -> str:
    """Which number the registration is, where its country has one with control digits; "" where it has none."""
    digits = sum(sign.isdigit() for sign in party.registration)
    if country == "FR":
        return {_SIREN_DIGITS: "siren", _SIRET_DIGITS: "siret"}.get(digits, "")
    return "uid" if country == "CH" and solid(party.registration).startswith("CHE") else ""


def bank_numbers(bank: BankAccount, ids: Ids, source: str = "seller.bank") -> Iterator[Found]:
    """Faults of an account: IBAN and BIC, or in Russia БИК, account and correspondent account with their keys."""
    where = f"in [{source}]"
    yield from _faulty(f"{source}.iban", "iban", bank.iban, "", ids, where)
    if not bank.correspondent_account:
        if bank.iban:
            yield from _faulty(f"{source}.bic", "bic", bank.bic, "", ids, where)
        return
    bic = solid(bank.bic)
    if not bic:
        return  # that it is missing is a matter of law
    if not ru_bic_fits(bic):
        yield f"{source}.bic", f"{source}: {bank.bic!r} is no БИК: it has 9 digits", f"Correct `bic` {where}."
        return
    if bank.account and not ru_account_fits(solid(bank.account), bic):
        message = f"{source}: {bank.account!r} is no account of the bank with БИК {bic}: its key does not fit"
        yield f"{source}.account", message, f"Correct `account` or `bic` {where}."
    if not ru_correspondent_fits(solid(bank.correspondent_account), bic):
        shown = bank.correspondent_account
        message = f"{source}: {shown!r} is no correspondent account of the bank with БИК {bic}: its key does not fit"
        yield f"{source}.correspondent_account", message, f"Correct `correspondent_account` or `bic` {where}."


def _reference(invoice: Invoice) -> Iterator[Found]:
    reference, source = invoice.payment_reference, "invoice.payment_reference"
    step = "Give a reference with its check digits, or none."
    if reference and not (creditor_reference_fits(reference) or qr_reference_fits(reference)):
        yield source, f"{reference!r} is neither a creditor reference (RF) nor a QR reference of 27 digits", step
    elif invoice.kind == "invoice" and is_qr_iban(invoice.bank.iban) != qr_reference_fits(reference):
        yield source, "a QR-IBAN and a QR reference go together only", step
