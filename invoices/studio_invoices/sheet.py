"""The document as words: every string that the PDF and the page print, in the language of the invoice.

Both painters take their text from here, so that file and page never differ. Client text stands in these
strings as it came; making it drawable or escaping it is the painter's duty.
"""

from __future__ import annotations

from collections.abc import Mapping

from studio_invoices.formats import Formats, formats_for
from studio_invoices.model import Invoice, Party
from studio_invoices.sheet_money import bank_rows, gross_in_words, payment_of, sums_of, tax_numbers, total_label
from studio_invoices.sheet_table import columns_of, sections_of
from studio_invoices.sheet_types import EARLIER_MONTHS, Pair, Payment, Project, Row, Section, Sheet, Sum
from studio_invoices.wording import Labels, labels_for, worded

__all__ = ["EARLIER_MONTHS", "Pair", "Payment", "Project", "Row", "Section", "Sheet", "Sum", "sheet_of"]


def sheet_of(invoice: Invoice, texts: tuple[Pair, ...] = ()) -> Sheet:
    """All the words of an invoice. texts: labels of one's own, as in `studio_invoices.look.Look`."""
    labels = worded(labels_for(invoice.language), texts)
    formats = formats_for(invoice.language, invoice.currency)
    foreign = bool(invoice.seller.country) and invoice.seller.country != invoice.buyer.country
    asks_for_money = invoice.kind == "invoice"
    return Sheet(
        language=formats.language,
        labels=labels,
        title=_title(invoice, labels, formats),
        page_title=_page_title(invoice, labels["document"]),
        statements=_statements(invoice, labels, formats),
        draft_mark=labels["document"]["draft_mark"] if invoice.number is None else "",
        seller_name=invoice.seller.name,
        seller_address=_address(invoice.seller, formats, foreign),
        seller_numbers=tax_numbers(invoice.seller, labels["parties"]),
        seller_email=invoice.seller.email,
        seller_contact=tuple(text for text in _contact(invoice.seller) if text),
        seller_legal=legal_lines(invoice.seller, labels["parties"]),
        buyer_name=invoice.buyer.name,
        buyer_address=_address(invoice.buyer, formats, foreign),
        period=formats.days(invoice.period_start, invoice.period_end),
        meta=_meta(invoice, labels, formats),
        columns=columns_of(invoice, labels["table"]),
        sections=sections_of(invoice, labels, formats),
        sums=sums_of(invoice, labels, formats),
        grand_total=Sum(
            total_label(invoice, labels, "gross"),
            formats.money(invoice.gross),
            gross_in_words(invoice, labels, texts),
        ),
        payment=payment_of(invoice, labels, formats),
        bank=bank_rows(invoice, labels["payment"]) if asks_for_money else (),
        bank_name=invoice.bank.name if asks_for_money else "",
        notes=tuple(note for note in invoice.notes if note),
        small_print=_small_print(invoice, labels["notes"]),
        decimal=formats.decimal,
    )


def _title(invoice: Invoice, labels: Labels, formats: Formats) -> str:
    key = invoice.kind if invoice.number else f"{invoice.kind}_draft"
    return labels["document"][key].format(number=invoice.number, date=formats.day_held(invoice.issue_date))


def _page_title(invoice: Invoice, words: Mapping[str, str]) -> str:
    """Short, because messengers show a page's title to whoever is sent its link: no amount, no name."""
    if invoice.number is None:
        return words["page_title_draft"]
    return words[f"page_title_{invoice.kind}"].format(number=invoice.number)


def _statements(invoice: Invoice, labels: Labels, formats: Formats) -> tuple[str, ...]:
    if invoice.kind == "invoice":
        return ()
    words = labels["document"]
    key = "takes_back" if invoice.kind == "cancellation" else "credits"
    if invoice.corrects_date is None:
        first = words[f"{key}_undated"].format(number=invoice.corrects or "")
    else:
        first = words[key].format(number=invoice.corrects or "", date=formats.day_held(invoice.corrects_date))
    return (first, words["reason"].format(reason=invoice.reason)) if invoice.reason else (first,)


def _address(party: Party, formats: Formats, foreign: bool) -> tuple[str, ...]:
    named = formats.country(party.country) if foreign and party.country else ""
    lines = party.postal_lines
    return (*lines, named) if named and named not in lines else lines


def _contact(party: Party) -> tuple[str, ...]:
    """Whom to ask: for the head of the letter."""
    return party.contact_name, party.contact_phone, party.email, party.website


def legal_lines(party: Party, words: Mapping[str, str]) -> tuple[str, ...]:
    """What company law wants on a letter: the register, who directs, and the seller's own lines."""
    director = party.director if not any(party.director in line for line in party.legal_lines) else ""
    register = party.registration if not any(party.registration in line for line in party.legal_lines) else ""
    named = (("registration", register), ("ogrn", party.ogrn), ("director", director))
    return (*(f"{words[key]} {value}" for key, value in named if value), *party.legal_lines)


def _meta(invoice: Invoice, labels: Labels, formats: Formats) -> tuple[Pair, ...]:
    words = labels["meta"]
    contract = invoice.contract_number
    if contract and invoice.contract_date is not None:
        day = formats.day_held(invoice.contract_date)
        contract = words["contract_dated"].format(number=contract, date=day)
    asks_for_money = invoice.kind == "invoice"
    due = invoice.due_date if asks_for_money else None
    pairs = (
        (words["number"], invoice.number or ""),
        (words["credited" if invoice.kind == "credit_note" else "corrects"], invoice.corrects or ""),
        (words["date"], formats.day(invoice.issue_date)),
        (words["due"], "" if due is None else formats.day(due)),
        (words["period"], formats.days(invoice.period_start, invoice.period_end)),
        (words["service_date"], "" if invoice.service_date is None else formats.day(invoice.service_date)),
        (words["terms"], invoice.payment_terms if asks_for_money else ""),
        (words["contract"], contract),
        (words["buyer_reference"], invoice.buyer_reference),
        (words["order_number"], invoice.order_number),
        *tax_numbers(invoice.buyer, words, "buyer_"),
    )
    return tuple(pair for pair in pairs if pair[1])


def _small_print(invoice: Invoice, words: Mapping[str, str]) -> tuple[str, ...]:
    notes = (
        "" if invoice.kind == "invoice" else words["nothing_to_pay"],
        words[f"arithmetic_{invoice.prices}"],
        invoice.rounding_note,
    )
    return tuple(note for note in notes if note)
