"""What Peppol asks of sellers of single countries, besides what it asks of all: in the terms of our fields.

Source: the national rules of Peppol BIS Billing 3.0 (DK-R, GR-R, IS-R, IT-R, NL-R, NO-R, SE-R; Germany's, DE-R, are
those of XRechnung, see `required`). Rules about what we never write, such as direct debits or attachments, are not
here; nor are those that only warn, except where a later release of Peppol made an error of the warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from studio_invoices.account_keys import solid
from studio_invoices.einvoice.parties import buyer_of, payment_code, registration_of, seller_of, vat_number
from studio_invoices.einvoice.schemes import norwegian_number_fits, swedish_number_fits
from studio_invoices.model import Invoice, Party

Found = tuple[str, str, str]

_SELLER, _BUYER = ("seller", "in [seller]"), ("client:buyer", "in the client's file")
_ICELANDIC = "0196"
_DUTCH = ("0106", "0190")
_DANISH = "0184"
_DANISH_MEANS = ("1", "10", "31", "42", "48", "49", "50", "58", "59", "93", "97")
_SWEDISH_RATES = (Decimal(6), Decimal(12), Decimal(25))
_F_TAX = "godkänd för f-skatt"


def national(invoice: Invoice) -> Iterator[Found]:
    """What Peppol wants of this seller's invoices by the rules of his country."""
    rules = _RULES.get(_rules_of(invoice.seller))
    if rules:
        yield from rules(invoice)


def tax_country(party: Party) -> str:
    """Peppol asks the VAT number first; Greece is EL there."""
    return solid(party.vat_id)[:2] or party.country


def _rules_of(seller: Party) -> str:
    """Denmark, Iceland, the Netherlands and Sweden go by the address, the others by the VAT number."""
    if seller.country in ("DK", "IS", "NL", "SE"):
        return seller.country
    found = tax_country(seller)
    return found if found in ("EL", "GR", "IT", "NO") else ""


def _address(party: Party, where: tuple[str, str], rule: str, *, town: bool = True) -> Iterator[Found]:
    """street: what is left of the address without its line of postcode and town."""
    source, step = where
    missing = {"postcode": not party.postcode.strip(), "city": town and not party.city.strip()}
    for field, lacks in missing.items():
        if lacks:
            yield f"{source}.{field}", f"the {field} by itself ({rule})", f"Set `{field}` {step}."
    if not any(line.strip() for line in party.street_lines):
        yield f"{source}.address", f"a street ({rule})", f"Set `address` {step}."


def _registration(
    party: Party, where: tuple[str, str], schemes: tuple[str, ...], rule: str, *, needed: bool
) -> Iterator[Found]:
    source, step = where
    found = registration_of(party)
    if needed and not found.value:
        yield f"{source}.registration", f"the number of the national register ({rule})", f"Set `registration` {step}."
    elif found.value and found.scheme not in schemes:
        named = " or ".join(schemes)
        message = f"the register's code beside its number: {named} ({rule})"
        yield f"{source}.registration_scheme", message, f'Set `registration_scheme = "{schemes[0]}"` {step}.'


def _danish(invoice: Invoice) -> Iterator[Found]:
    yield from _registration(invoice.seller, _SELLER, (_DANISH,), "DK-R-002, DK-R-014", needed=True)
    if invoice.buyer.country != "DK":
        return
    nameless = any(row.category == "O" for row in invoice.taxes)
    if buyer_of(invoice.buyer, without_vat_id=nameless).identifier.value:
        message = "no number of the client's that no register explains (DK-R-013)"
        field = "vat_id" if nameless and invoice.buyer.vat_id else "tax_number"
        yield f"client:buyer.{field}", message, f"Take `{field}` out of the client's file."
    code = payment_code(invoice, national=True)
    if code and code not in _DANISH_MEANS:
        message = "an account by IBAN and BIC (DK-R-005, DK-R-006)"
        yield "seller.bank", message, "Set `iban` and `bic` in [seller.bank]."


def _icelandic(invoice: Invoice) -> Iterator[Found]:
    yield from _registration(invoice.seller, _SELLER, (_ICELANDIC,), "IS-R-002", needed=True)
    yield from _address(invoice.seller, _SELLER, "IS-R-003", town=False)
    if invoice.buyer.country == "IS":
        yield from _registration(invoice.buyer, _BUYER, (_ICELANDIC,), "IS-R-004", needed=True)
        yield from _address(invoice.buyer, _BUYER, "IS-R-005", town=False)


def _dutch(invoice: Invoice) -> Iterator[Found]:
    yield from _address(invoice.seller, _SELLER, "NL-R-002")
    yield from _registration(invoice.seller, _SELLER, _DUTCH, "NL-R-003", needed=False)
    if invoice.buyer.country == "NL":
        yield from _address(invoice.buyer, _BUYER, "NL-R-004")
        yield from _registration(invoice.buyer, _BUYER, _DUTCH, "NL-R-005", needed=False)
    if invoice.gross > 0 and invoice.type_code != "381" and not payment_code(invoice, national=True):
        yield "seller.bank", "an account to pay to (NL-R-007)", "Set [seller.bank] with `iban`."


def _italian(invoice: Invoice) -> Iterator[Found]:
    yield from _address(invoice.seller, _SELLER, "IT-R-002, IT-R-003, IT-R-004")
    number = seller_of(invoice.seller, without_vat_id=False).tax_number
    if number and not re.fullmatch("[A-Z0-9]{11,16}", number):
        message = "a codice fiscale of 11 to 16 capital letters and digits (IT-R-001)"
        yield "seller.tax_number", message, "Correct `tax_number` in [seller]."


def _norwegian(invoice: Invoice) -> Iterator[Found]:
    number = vat_number(invoice.seller)
    right = re.fullmatch("NO[0-9]{9}MVA", number) and norwegian_number_fits(number[2:11])
    if number.startswith("NO") and not right:
        message = "a VAT number of NO, nine digits and MVA (NO-R-001)"
        yield "seller.vat_id", message, "Correct `vat_id` in [seller], such as NO123456785MVA."


def _swedish(invoice: Invoice) -> Iterator[Found]:
    seller = invoice.seller
    number = registration_of(seller).value
    if number and not swedish_number_fits(number):
        message = "an organisation number of ten digits, the last a check digit (SE-R-003, SE-R-004, SE-R-013)"
        yield "seller.registration", message, "Correct `registration` in [seller]: digits alone."
    stated = seller_of(seller, without_vat_id=False).tax_number
    if number and stated and " ".join(stated.lower().split()) != _F_TAX:
        message = "nothing but „Godkänd för F-skatt“ beside the organisation number (SE-R-005)"
        yield "seller.tax_number", message, 'Set `tax_number = "Godkänd för F-skatt"` in [seller], or take it out.'
    if not vat_number(seller).startswith("SE"):
        return
    if not re.fullmatch("SE[0-9]{12}", vat_number(seller)):
        message = "a VAT number of SE and twelve digits (SE-R-001, SE-R-002)"
        yield "seller.vat_id", message, "Correct `vat_id` in [seller]."
    for row in invoice.taxes:
        if row.category == "S" and row.rate not in _SWEDISH_RATES:
            message = f"a rate of tax that Sweden has: 6, 12 or 25 %, not {row.rate.normalize():f} (SE-R-006)"
            yield "invoice", message, "Correct the rate in [[billing.tax]] or [[tax]]."


def _greek(invoice: Invoice) -> Iterator[Found]:
    message = "the number of myDATA (MARK) and a number of six parts (GR-R-001, GR-R-004), which are not written here"
    yield "seller.country", message, "Bill this client without `peppol`."


_RULES: Mapping[str, Callable[[Invoice], Iterator[Found]]] = {
    "DK": _danish,
    "EL": _greek,
    "GR": _greek,
    "IS": _icelandic,
    "IT": _italian,
    "NL": _dutch,
    "NO": _norwegian,
    "SE": _swedish,
}
