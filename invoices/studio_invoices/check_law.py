"""What the law of the seller's country wants on an invoice, as far as it can be looked for in the fields.

Sources, by jurisdiction:

* EU: Directive 2006/112/EC art. 226 (3, 4, 5, 11, 11a): tax numbers, addresses, the reason where no tax is charged;
* DE: UStG §14(4), §34a UStDV; up to 250 EUR gross (§33 UStDV) the client need not be named with an address;
* AT: UStG §11(1); up to 400 EUR gross likewise, above 10,000 EUR the client's UID as well;
* FR: art. 242 nonies A ann. II CGI, art. L441-9 Code de commerce (day of payment, penalties, 40 euros), R123-237
  (SIREN), decree 2022-1299 (the client's SIREN);
* CH: MWSTG art. 26;
* RU: nobody regulates the счёт, but payment orders (762-П) want ИНН, КПП, БИК and both accounts.

Rates and thresholds of registration are configuration, not looked at here. This is no tax advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from studio_invoices.countries import EU_COUNTRIES
from studio_invoices.model import Invoice, Party

Jurisdiction = Literal["", "RU", "DE", "AT", "FR", "CH", "EU"]
Found = tuple[str, str, str]

_OWN: dict[str, Jurisdiction] = {"RU": "RU", "DE": "DE", "AT": "AT", "FR": "FR", "CH": "CH", "LI": "CH"}
_SMALL = {"DE": Decimal(250), "AT": Decimal(400)}
_AT_LARGE = Decimal(10_000)
_COMPANY_DIGITS = 10


def jurisdiction_of(country: str) -> Jurisdiction:
    """Whose law an invoice of a seller in this country must satisfy; "" where nothing is known of it."""
    code = country.upper()
    return _OWN.get(code, "EU" if code in EU_COUNTRIES else "")


def law(invoice: Invoice, jurisdiction: Jurisdiction) -> Iterator[Found]:
    """What is missing. Wrong numbers are found by `check_numbers`."""
    if jurisdiction == "":
        return
    if jurisdiction == "RU":
        yield from _russian(invoice)
        return
    yield from _account(invoice)
    yield from _addresses(invoice, jurisdiction)
    yield from _tax_numbers(invoice, jurisdiction)
    if jurisdiction != "CH":
        yield from _reasons(invoice)
    if jurisdiction == "FR":
        yield from _french(invoice)


def _charges_tax(invoice: Invoice) -> bool:
    return any(row.tax for row in invoice.taxes)


def _account(invoice: Invoice) -> Iterator[Found]:
    if invoice.kind == "invoice" and not (invoice.bank.iban or invoice.bank.account):
        message = f"there is no account to pay {invoice.currency} to"
        yield "seller.bank", message, "Set [seller.bank] with `iban`."


def _is_small(invoice: Invoice, jurisdiction: Jurisdiction) -> bool:
    gross = invoice.gross  # what is no number is found with the sums
    return invoice.currency == "EUR" and gross.is_finite() and gross <= _SMALL.get(jurisdiction, Decimal(-1))


def _addresses(invoice: Invoice, jurisdiction: Jurisdiction) -> Iterator[Found]:
    if not _has_address(invoice.seller):
        yield "seller.address", "the seller has no address", "Set `address` in [seller]."
    if not _has_address(invoice.buyer) and not _is_small(invoice, jurisdiction):
        yield "client:buyer.address", "the client has no address", "Set `address` in the client's file."


def _has_address(party: Party) -> bool:
    return any(line.strip() for line in party.postal_lines)


def _tax_numbers(invoice: Invoice, jurisdiction: Jurisdiction) -> Iterator[Found]:
    seller, buyer = invoice.seller, invoice.buyer
    categories = {row.category for row in invoice.taxes}
    step = "Set `vat_id` in [seller]."
    if jurisdiction == "CH":
        if _charges_tax(invoice) and not seller.vat_id:
            yield "seller.vat_id", "who charges Swiss VAT must name his number (CHE-…)", step
        return
    needs_vat_id = categories & {"AE", "K", "G"} or (
        jurisdiction in ("AT", "FR") and _charges_tax(invoice) and not _is_small(invoice, jurisdiction)
    )
    if needs_vat_id and not seller.vat_id:
        yield "seller.vat_id", f"the seller's VAT number is missing, which {_named(categories)} needs", step
    elif not (seller.vat_id or seller.tax_number) and not _is_small(invoice, jurisdiction):
        message = "the seller has neither VAT number nor tax number"
        yield "seller.vat_id", message, "Set `vat_id` or `tax_number` in [seller]."
    for_client = "Set `vat_id` in the client's file, or another [[tax]] for him."
    if categories & {"AE", "K"} and not buyer.vat_id:
        message = f"the client's VAT number is missing, which {_named(categories & {'AE', 'K'})} needs"
        yield "client:buyer.vat_id", message, for_client
    elif jurisdiction == "AT" and _is_large_in_austria(invoice) and not buyer.vat_id:
        message = "the client's UID is missing, which an invoice above 10,000 EUR needs"
        yield "client:buyer.vat_id", message, "Set `vat_id` in the client's file."


def _is_large_in_austria(invoice: Invoice) -> bool:
    large = invoice.currency == "EUR" and invoice.gross.is_finite() and invoice.gross > _AT_LARGE
    return large and invoice.buyer.country == "AT" and _charges_tax(invoice)


def _named(categories: set[str]) -> str:
    return f"tax category {', '.join(sorted(categories))}"


def _reasons(invoice: Invoice) -> Iterator[Found]:
    for row in invoice.taxes:
        if row.category == "E" and not (row.reason.strip() or row.reason_code):
            source = f"tax:{row.category} {row.rate:f}"
            yield source, "it does not say why it is exempt", "Set `reason` in the row of [[billing.tax]] or [[tax]]."


def _french(invoice: Invoice) -> Iterator[Found]:
    if not invoice.seller.registration:
        yield "seller.registration", "the seller's SIREN is missing", "Set `registration` in [seller]."
    if invoice.kind != "invoice":
        return
    if invoice.due_date is None:
        yield "invoice", "it does not say by when to pay", "Set `payment_days`."
    if invoice.buyer.country != "FR":
        return
    if not invoice.buyer.registration:
        yield "client:buyer.registration", "the client's SIREN is missing", "Set `registration` in the client's file."
    texts = " ".join((invoice.payment_terms, *invoice.notes, *invoice.seller.legal_lines)).replace("\u00a0", " ")
    if "40 €" not in texts and "40 euros" not in texts:
        message = "the penalties for late payment and the indemnity of 40 € are not told"
        yield "invoice", message, "Tell them in `notes` of [seller]."


def _russian(invoice: Invoice) -> Iterator[Found]:
    seller, bank = invoice.seller, invoice.bank
    if not seller.inn:
        yield "seller.inn", "the seller's ИНН is missing", "Set `inn` in [seller]."
    elif len(seller.inn) == _COMPANY_DIGITS and not seller.kpp:
        yield "seller.kpp", "the КПП is missing, which a company (ИНН of 10 digits) has", "Set `kpp` in [seller]."
    if invoice.currency != "RUB" or invoice.kind != "invoice":
        return
    for name, words in (
        ("name", "the bank's name"),
        ("bic", "the bank's БИК"),
        ("account", "the account (расчётный счёт)"),
        ("correspondent_account", "the correspondent account"),
    ):
        if not getattr(bank, name):
            yield (
                f"seller.bank.{name}",
                f"{words} is missing, without which no ruble arrives",
                f"Set `{name}` in [seller.bank].",
            )
