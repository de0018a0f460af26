"""Our Invoice as the terms of EN 16931. All that a receiver reads is decided here, once for both syntaxes.

Credit notes and cancellations are 381 with positive amounts: 384 with the same amounts would claim them again, and
with negative ones would round ties the other way in validators (domain: XPath rounds -2.675 to -2.67).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from studio_invoices.einvoice.parties import buyer_of, payment_code, seller_of, transfers_of
from studio_invoices.einvoice.pricing import BASE_MINUTES, UNIT, net_price, rounding
from studio_invoices.einvoice.terms import LineTerms, Place, Terms, VatRow
from studio_invoices.model import Invoice, Line, TaxTotal

_NOT_SUBJECT = "O"
# why these bear no tax (CEF list VATEX); E has as many reasons as there are exemptions
_REASON_CODES = {"AE": "VATEX-EU-AE", "G": "VATEX-EU-G", "K": "VATEX-EU-IC", "O": "VATEX-EU-O"}
_WITHOUT_REASON = ("S", "Z")


@dataclass(frozen=True, slots=True)
class Specification:
    """What a document claims to follow: identifier BT-24, process BT-23.

    rate_of_o: the breakdown gives a rate of 0 for what is not subject to VAT (BR-DE-14, DE-R-014). national: the
    seller's country has rules of its own in it (Peppol).
    """

    identifier: str
    process: str = ""
    rate_of_o: bool = False
    national: bool = False


def terms_of(invoice: Invoice, specification: Specification) -> Terms:
    """The terms of an invoice; a draft has no number (BT-1), and is no document of EN 16931 without one."""
    without_vat_id = any(row.category == _NOT_SUBJECT for row in invoice.taxes)
    is_credit = invoice.type_code == "381"
    buyer = buyer_of(invoice.buyer, without_vat_id=without_vat_id)
    goods = any(row.category == "K" for row in invoice.taxes)
    return Terms(
        process=specification.process,
        specification=specification.identifier,
        number=invoice.number or "",
        issue_date=invoice.issue_date,
        type_code=invoice.type_code,
        currency=invoice.currency,
        due_date=invoice.due_date,
        buyer_reference=invoice.buyer_reference,
        contract=invoice.contract_number,
        order=invoice.order_number,
        payment_terms="" if is_credit else invoice.payment_terms,
        note=_note(invoice),
        preceding=invoice.corrects or "",
        preceding_date=invoice.corrects_date,
        period_start=min([invoice.period_start, *(line.first_day for line in invoice.lines)]),
        period_end=max([invoice.period_end, *(line.last_day for line in invoice.lines)]),
        seller=seller_of(invoice.seller, without_vat_id=without_vat_id),
        buyer=buyer,
        delivered_on=invoice.service_date or max((line.last_day for line in invoice.lines), default=invoice.period_end),
        deliver_to=Place(buyer.country, buyer.city, buyer.postcode) if goods else Place(),
        payment_code=payment_code(invoice, national=specification.national),
        payment_reference="" if is_credit else _reference(invoice),
        transfers=() if is_credit else transfers_of(invoice.bank),
        vat=tuple(_vat(row, specification) for row in invoice.taxes),
        lines=tuple(_line(line, invoice) for line in invoice.lines),
        net=invoice.net,
        tax=invoice.tax,
        gross=invoice.gross,
        due=invoice.gross,
    )


def _note(invoice: Invoice) -> str:
    """One note: Peppol allows no second one (PEPPOL-EN16931-R002)."""
    return "\n".join(part for part in (invoice.reason, invoice.rounding_note, *invoice.notes) if part.strip())


def _reference(invoice: Invoice) -> str:
    return invoice.payment_reference or invoice.purpose or invoice.number or ""


def _vat(row: TaxTotal, specification: Specification) -> VatRow:
    silent = row.category in _WITHOUT_REASON
    return VatRow(
        category=row.category,
        rate=_rate(row.category, row.rate, keep=specification.rate_of_o),
        base=row.base,
        tax=row.tax,
        reason="" if silent else row.reason,
        reason_code="" if silent else row.reason_code or _REASON_CODES.get(row.category, ""),
    )


def _rate(category: str, rate: Decimal, *, keep: bool = False) -> Decimal | None:
    return None if category == _NOT_SUBJECT and not keep else rate


def _line(line: Line, invoice: Invoice) -> LineTerms:
    issue = f"#{line.issue}" if line.issue else ""
    where = " · ".join(part for part in (line.project, issue, line.specialist or "") if part.strip())
    return LineTerms(
        number=line.number,
        name=line.title.strip() or line.project.strip() or issue,
        description="\n".join(part for part in (where, *line.comments) if part.strip()),
        note=" · ".join(part for part in (line.label, line.heading) if part and part.strip()),
        object_id=line.ticket or "",
        quantity=Decimal(line.minutes),
        unit=UNIT,
        base_quantity=Decimal(BASE_MINUTES),
        price=net_price(line, invoice.prices, invoice.currency),
        net=line.net,
        period_start=line.first_day,
        period_end=line.last_day,
        category=line.tax_category,
        rate=_rate(line.tax_category, line.tax_rate),
        rounding=rounding(line, invoice.prices, invoice.currency),
    )
