"""What an e-invoice lacks, found before it is issued: in the terms of our fields, so that a person can mend it.

Sources: EN 16931-1 (BR, BR-CO, BR-S, BR-AE, ...), XRechnung 3.0 (BR-DE), Peppol BIS Billing 3.0 (R010 ...; its rules
for single countries are in `national`). Only
what our own data can lack is asked for; sums, codes and dates are right by construction, and `validate` proves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio_invoices.account_keys import solid
from studio_invoices.einvoice.national import Found, national, tax_country
from studio_invoices.einvoice.parties import endpoint_of, registration_of, transfers_of
from studio_invoices.einvoice.schemes import misfit
from studio_invoices.errors import Problem
from studio_invoices.model import Invoice, Party, Profile
from studio_invoices.money import minor_units

_COUNTRY = re.compile("[A-Z]{2}")
_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_REGISTER = re.compile("[0-9]{4}")  # ISO 6523
_NETWORK_SCHEME = _REGISTER
_ADDRESS_SCHEME = re.compile("[0-9]{4}|A[NQSU]|EM")  # EAS
_FEWEST_DIGITS = 3
_NAMES: dict[Profile, str] = {
    "en16931": "EN 16931",
    "xrechnung": "XRechnung",
    "peppol": "Peppol",
    "facturx": "Factur-X",
}


def requirements(invoice: Invoice, client: str | None = None) -> list[Problem]:
    """Problems that keep the invoice from being what each of its profiles wants; none where it has no profile.

    Sources: ``client:buyer.city`` for what the client's file says, ``seller.city`` for the studio's own, ``invoice``
    for the rest. `client` is copied into each problem.
    """
    found: dict[tuple[str, str], Problem] = {}
    for profile in invoice.profiles:
        for source, message, step in _wanted(invoice, profile):
            problem = Problem(source, f"{_NAMES[profile]} wants {message}", step, client)
            found.setdefault((source, step if source == "invoice" else ""), problem)  # a field is told of once
    return list(found.values())


def _wanted(invoice: Invoice, profile: Profile) -> Iterator[Found]:
    yield from _core(invoice)
    domestic = {tax_country(invoice.seller), tax_country(invoice.buyer)} == {"DE"}
    if profile == "xrechnung" or (profile == "peppol" and domestic):  # DE-R-001 ff. of Peppol are those of XRechnung
        yield from _german(invoice)
    if profile == "xrechnung":
        yield from _addresses(invoice)
    if profile == "peppol":
        yield from _network_addresses(invoice)
        yield from national(invoice)
        if not (invoice.buyer_reference.strip() or invoice.order_number.strip()):
            message = "a buyer reference or an order number (BT-10, BT-13)"
            yield "client:buyer_reference", message, "Set `buyer_reference` or `order_number` in the client's file."


def _core(invoice: Invoice) -> Iterator[Found]:
    seller, buyer = invoice.seller, invoice.buyer
    categories = {row.category for row in invoice.taxes}
    if minor_units(invoice.currency) > 2:
        message = f"amounts of two decimals, and {invoice.currency} has three (BR-DEC-23)"
        yield "client:currency", message, "Bill this client in another currency, or without an e-invoice."
    for source, party, step in _parties(invoice):
        if not _COUNTRY.fullmatch(party.country):
            yield f"{source}.country", "the country as a code of two letters (BT-40, BT-55)", f"Set `country` {step}."
        if party.vat_id and "O" not in categories and not _COUNTRY.match(solid(party.vat_id)):
            message = f"a VAT number that begins with its country, and {party.vat_id!r} does not (BR-CO-09)"
            yield f"{source}.vat_id", message, f"Correct `vat_id` {step}."
        yield from _schemes(source, party, step)
    if not (seller.vat_id or seller.tax_number or seller.inn):
        message = "the seller's VAT or tax number (BT-31, BT-32)"
        yield "seller.vat_id", message, "Set `vat_id` or `tax_number` in [seller]."
    elif categories & {"K", "G"} and not seller.vat_id:
        yield "seller.vat_id", "the seller's VAT number (BT-31)", "Set `vat_id` in [seller]."
    if "AE" in categories and not (buyer.vat_id or buyer.registration or buyer.ogrn):
        message = "the client's VAT number, who owes the tax (BR-AE-02)"
        yield "client:buyer.vat_id", message, "Set `vat_id` in the client's file."
    if "K" in categories and not buyer.vat_id:
        yield "client:buyer.vat_id", "the client's VAT number (BR-IC-02)", "Set `vat_id` in the client's file."
    if "O" in categories and len(invoice.taxes) > 1:
        message = "nothing else beside what is not subject to VAT (BR-O-11)"
        yield "invoice", message, "Give the client one category of tax for all days of the period."
    for row in invoice.taxes:
        if row.category == "E" and not (row.reason.strip() or row.reason_code):
            message = "the reason of the exemption (BR-E-10)"
            yield "tax:E 0", message, "Set `reason` in the row of [[billing.tax]] or [[tax]]."


def _schemes(source: str, party: Party, step: str) -> Iterator[Found]:
    register = registration_of(party).scheme
    if register and not _REGISTER.fullmatch(register):
        message = f"the code of a register by its four digits (ISO 6523), and {register!r} is none (BR-CL-11)"
        yield f"{source}.registration_scheme", message, f"Correct `registration_scheme` {step}."
    scheme = endpoint_of(party).scheme
    if scheme and not _ADDRESS_SCHEME.fullmatch(scheme):
        message = f"a scheme of electronic addresses, EM or four digits, and {scheme!r} is none (BR-CL-25)"
        yield f"{source}.electronic_scheme", message, f"Correct `electronic_scheme` {step}."


def _parties(invoice: Invoice) -> Iterator[tuple[str, Party, str]]:
    yield "seller", invoice.seller, "in [seller]"
    yield "client:buyer", invoice.buyer, "in the client's file"


def _german(invoice: Invoice) -> Iterator[Found]:
    """BR-DE-1 to BR-DE-28."""
    for source, party, step in _parties(invoice):
        if not party.city.strip():
            yield f"{source}.city", "the town by itself (BR-DE-3, BR-DE-8)", f"Set `city` {step}."
        if not party.postcode.strip():
            yield f"{source}.postcode", "the postcode by itself (BR-DE-4, BR-DE-9)", f"Set `postcode` {step}."
    seller = invoice.seller
    if not seller.contact_name.strip():
        message = "somebody whom the client can ask (BR-DE-5)"
        yield "seller.contact_name", message, "Set `contact_name` in [seller]."
    if sum(character.isdigit() for character in seller.contact_phone) < _FEWEST_DIGITS:
        message = "the telephone number of the seller's contact (BR-DE-6, BR-DE-27)"
        yield "seller.contact_phone", message, "Set `contact_phone` in [seller]."
    if not _MAIL.fullmatch(seller.email):
        yield "seller.email", "the mail address of the seller's contact (BR-DE-7)", "Set `email` in [seller]."
    if not invoice.buyer_reference.strip():
        yield (
            "client:buyer_reference",
            "a buyer reference, such as a Leitweg-ID (BR-DE-15)",
            "Set `buyer_reference` in the client's file.",
        )
    if invoice.type_code != "381" and not transfers_of(invoice.bank):
        message = "an account to pay to (BR-DE-1)"
        yield "seller.bank", message, "Set [seller.bank] with `iban`."
    if any(line.strip().startswith("#") for line in invoice.payment_terms.splitlines()):
        message = "terms of payment in which no line begins with #, which would be a code (BR-DE-18)"
        yield "invoice", message, "Begin the line with a word."


def _addresses(invoice: Invoice) -> Iterator[Found]:
    """BT-34 and BT-49 (PEPPOL-EN16931-R020, R010; taken over by XRechnung 3.0)."""
    for source, party, step in _parties(invoice):
        if not endpoint_of(party).value:
            message = "an electronic address with its scheme (BT-34, BT-49)"
            right = f"Set `electronic_address` and `electronic_scheme`, or a mail address, {step}."
            yield f"{source}.electronic_address", message, right


def _network_addresses(invoice: Invoice) -> Iterator[Found]:
    """BT-34 and BT-49 in a scheme of the network, which has no mail addresses (PEPPOL-EN16931-CL008)."""
    for source, party, step in _parties(invoice):
        endpoint = endpoint_of(party)
        if not _ADDRESS_SCHEME.fullmatch(endpoint.scheme or "EM"):
            continue  # no scheme of any network: told of already
        if not endpoint.value or not _NETWORK_SCHEME.fullmatch(endpoint.scheme):
            message = "an electronic address in a scheme of four digits, such as 9930; no mail address (BT-34, BT-49)"
            right = f"Set `electronic_address` and `electronic_scheme` {step}."
            yield f"{source}.electronic_address", message, right
        named = {"electronic_address": endpoint, "registration": registration_of(party)}
        for field, identifier in named.items():
            if fault := misfit(identifier.scheme, identifier.value):
                message = f"the {field} by its scheme {identifier.scheme}; {identifier.value!r} is no {fault}"
                yield f"{source}.{field}", message, f"Correct `{field}` {step}."
