"""Our parties and account as EN 16931 wants them (BG-4, BG-7, BG-17)."""

from __future__ import annotations

import re

from studio_invoices.account_keys import solid
from studio_invoices.einvoice.terms import Identifier, TradeParty, Transfer
from studio_invoices.model import BankAccount, Invoice, Party

_SWIFT = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_MOST_LINES = 3
_MAIL_SCHEME = "EM"
# UNTDID 4461: SEPA credit transfer; credit transfer; transfer by IBAN and BIC as Denmark codes it (DK-R-005); not
# defined (what is given back may be set off); as agreed
_SEPA, _TRANSFER, _DANISH, _UNDEFINED, _AGREED = "58", "30", "31", "1", "57"


def seller_of(party: Party, *, without_vat_id: bool) -> TradeParty:
    """The seller. without_vat_id: nothing is subject to VAT, and BR-O-02 forbids BT-31.

    BR-CO-26 wants an identifier (BT-29), a registration (BT-30) or a VAT id: where the last two are missing, the
    number that tax offices know him by stands as identifier as well.
    """
    numbers = (party.vat_id, party.tax_number, party.inn)
    anonymous = not (party.registration or party.ogrn or (party.vat_id and not without_vat_id))
    return _party(
        party,
        without_vat_id=without_vat_id,
        identifier=next(filter(None, numbers), "") if anonymous else "",
        tax_number=party.tax_number or party.inn,
        legal_information="\n".join(party.legal_lines),
    )


def buyer_of(party: Party, *, without_vat_id: bool) -> TradeParty:
    """The buyer. What BR-O-02 forbids as BT-48, or is no VAT id, stands as identifier (BT-46)."""
    number = (without_vat_id and party.vat_id) or party.tax_number or party.inn
    return _party(party, without_vat_id=without_vat_id, identifier=number)


def _party(
    party: Party, *, without_vat_id: bool, identifier: str, tax_number: str = "", legal_information: str = ""
) -> TradeParty:
    return TradeParty(
        name=party.name,
        country=party.country,
        identifier=Identifier(identifier),
        registration=registration_of(party),
        vat_id="" if without_vat_id else vat_number(party),
        tax_number=tax_number,
        legal_information=legal_information,
        endpoint=endpoint_of(party),
        lines=_lines(party.street_lines if party.city else party.address),
        city=party.city,
        postcode=party.postcode,
        subdivision=party.subdivision,
        contact_name=party.contact_name,
        contact_phone=party.contact_phone,
        contact_email=party.email,
    )


def registration_of(party: Party) -> Identifier:
    """The number of the register (BT-30, BT-47) and the register's code."""
    number = (party.registration or party.ogrn).strip()
    return Identifier(number, party.registration_scheme.strip() if number else "")


def vat_number(party: Party) -> str:
    """The VAT number (BT-31, BT-48) as registers know it: without blanks, and but for Swiss ones without the dots and
    hyphens that it is printed with."""
    number = solid(party.vat_id)
    return number if number.startswith("CHE") else re.sub(r"[.\-]", "", number)


def endpoint_of(party: Party) -> Identifier:
    """The electronic address (BT-34, BT-49): as given, else the mail address; empty where no scheme is known."""
    own = party.electronic_address.strip()
    address = own or party.email.strip()
    scheme = party.electronic_scheme.strip() if own else ""
    if not scheme and "@" in address:
        scheme = _MAIL_SCHEME
    return Identifier(address, scheme) if address and scheme else Identifier()


def _lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    """At most three lines; what is more joins the third."""
    kept = tuple(line for line in lines if line.strip())
    if len(kept) <= _MOST_LINES:
        return kept
    return (*kept[: _MOST_LINES - 1], ", ".join(kept[_MOST_LINES - 1 :]))


def transfers_of(bank: BankAccount) -> tuple[Transfer, ...]:
    """The account to pay to, if there is one; a code that is no BIC of ISO 9362 (the Russian БИК) is left out."""
    account = bank.iban or bank.account
    if not account:
        return ()
    bic = solid(bank.bic)
    return (Transfer(solid(account), bool(bank.iban), bank.holder, bic if _SWIFT.fullmatch(bic) else ""),)


def payment_code(invoice: Invoice, *, national: bool) -> str:
    """How it is paid (BT-81); "" where nothing is said of it. national: by the codes that Peppol's rules leave to the
    seller's country. What takes back asks for nothing to be paid; the nearest that Dutch rules have is 57 (NL-R-008).
    """
    bank, country = invoice.bank, invoice.seller.country
    if invoice.type_code == "381":
        return _AGREED if national and country == "NL" else _UNDEFINED
    if bank.iban and invoice.currency == "EUR":
        return _SEPA
    danish = national and country == invoice.buyer.country == "DK"
    if danish and bank.iban and _SWIFT.fullmatch(solid(bank.bic)):
        return _DANISH
    return _TRANSFER if transfers_of(bank) else ""
