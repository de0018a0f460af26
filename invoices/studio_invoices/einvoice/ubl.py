"""EN 16931 in the syntax of UBL 2.1, Invoice and CreditNote (CEN/TS 16931-3-2).

Elements stand in the order that the schemas want; the two documents differ in names and in where the due date goes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from studio_invoices.einvoice.markup import Markup, document, group, joined, leaf
from studio_invoices.einvoice.terms import ROUNDING, LineTerms, Terms, TradeParty, VatRow

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_COMPONENTS = {"cac": f"{_UBL}CommonAggregateComponents-2", "cbc": f"{_UBL}CommonBasicComponents-2"}
_NOT_VAT = "TAX"


def write_ubl(terms: Terms) -> bytes:
    """The file, in UTF-8: an Invoice, or a CreditNote for type code 381."""
    kind = "CreditNote" if terms.is_credit else "Invoice"
    return document(
        kind,
        {"": f"{_UBL}{kind}-2", **_COMPONENTS},
        leaf("cbc:CustomizationID", terms.specification),
        leaf("cbc:ProfileID", terms.process),
        leaf("cbc:ID", terms.number),
        leaf("cbc:IssueDate", terms.issue_date),
        Markup() if terms.is_credit else leaf("cbc:DueDate", terms.due_date),
        leaf(f"cbc:{kind}TypeCode", terms.type_code),
        leaf("cbc:Note", terms.note),
        leaf("cbc:DocumentCurrencyCode", terms.currency),
        leaf("cbc:BuyerReference", terms.buyer_reference),
        _period(terms.period_start, terms.period_end),
        _order(terms),
        _preceding(terms),
        group("cac:ContractDocumentReference", leaf("cbc:ID", terms.contract)),
        group("cac:AccountingSupplierParty", _party(terms.seller)),
        group("cac:AccountingCustomerParty", _party(terms.buyer)),
        _delivery(terms),
        _payment(terms),
        group("cac:PaymentTerms", leaf("cbc:Note", terms.payment_terms)),
        group("cac:TaxTotal", _amount("cbc:TaxAmount", terms.tax, terms), *(_vat(row, terms) for row in terms.vat)),
        group(
            "cac:LegalMonetaryTotal",
            _amount("cbc:LineExtensionAmount", terms.net, terms),
            _amount("cbc:TaxExclusiveAmount", terms.net, terms),
            _amount("cbc:TaxInclusiveAmount", terms.gross, terms),
            _amount("cbc:PayableAmount", terms.due, terms),
        ),
        *(_line(line, terms) for line in terms.lines),
    )


def _amount(name: str, amount: Decimal, terms: Terms) -> Markup:
    return leaf(name, amount, currencyID=terms.currency)


def _period(start: date, end: date) -> Markup:
    return group("cac:InvoicePeriod", leaf("cbc:StartDate", start), leaf("cbc:EndDate", end))


def _order(terms: Terms) -> Markup:
    return group("cac:OrderReference", leaf("cbc:ID", terms.order))


def _preceding(terms: Terms) -> Markup:
    number = leaf("cbc:ID", terms.preceding)
    if not number:
        return number
    day = leaf("cbc:IssueDate", terms.preceding_date)
    return group("cac:BillingReference", group("cac:InvoiceDocumentReference", number, day))


def _scheme(name: str) -> Markup:
    return group("cac:TaxScheme", leaf("cbc:ID", name))


def _party(party: TradeParty) -> Markup:
    first, second, third = (*party.lines, "", "", "")[:3]
    return group(
        "cac:Party",
        leaf("cbc:EndpointID", party.endpoint.value, schemeID=party.endpoint.scheme),
        group(
            "cac:PartyIdentification",
            leaf("cbc:ID", party.identifier.value, schemeID=party.identifier.scheme),
        ),
        group(
            "cac:PostalAddress",
            leaf("cbc:StreetName", first),
            leaf("cbc:AdditionalStreetName", second),
            leaf("cbc:CityName", party.city),
            leaf("cbc:PostalZone", party.postcode),
            leaf("cbc:CountrySubentity", party.subdivision),
            group("cac:AddressLine", leaf("cbc:Line", third)),
            group("cac:Country", leaf("cbc:IdentificationCode", party.country)),
        ),
        _tax_scheme(party.vat_id, "VAT"),
        _tax_scheme(party.tax_number, _NOT_VAT),
        group(
            "cac:PartyLegalEntity",
            leaf("cbc:RegistrationName", party.name),
            leaf("cbc:CompanyID", party.registration.value, schemeID=party.registration.scheme),
            leaf("cbc:CompanyLegalForm", party.legal_information),
        ),
        group(
            "cac:Contact",
            leaf("cbc:Name", party.contact_name),
            leaf("cbc:Telephone", party.contact_phone),
            leaf("cbc:ElectronicMail", party.contact_email),
        ),
    )


def _tax_scheme(number: str, scheme: str) -> Markup:
    company = leaf("cbc:CompanyID", number)
    return group("cac:PartyTaxScheme", company, _scheme(scheme)) if company else company


def _delivery(terms: Terms) -> Markup:
    place = terms.deliver_to
    address = (
        leaf("cbc:CityName", place.city),
        leaf("cbc:PostalZone", place.postcode),
        group("cac:Country", leaf("cbc:IdentificationCode", place.country)),
    )
    location = group("cac:DeliveryLocation", group("cac:Address", *address))
    return group("cac:Delivery", leaf("cbc:ActualDeliveryDate", terms.delivered_on), location)


def _payment(terms: Terms) -> Markup:
    if not terms.payment_code:
        return Markup()
    head = (
        leaf("cbc:PaymentMeansCode", terms.payment_code),
        leaf("cbc:PaymentDueDate", terms.due_date) if terms.is_credit else Markup(),
        leaf("cbc:PaymentID", terms.payment_reference),
    )
    accounts = [
        group(
            "cac:PayeeFinancialAccount",
            leaf("cbc:ID", transfer.account),
            leaf("cbc:Name", transfer.holder),
            group("cac:FinancialInstitutionBranch", leaf("cbc:ID", transfer.bic)),
        )
        for transfer in terms.transfers
    ]
    return joined(*(group("cac:PaymentMeans", *head, account) for account in accounts or [Markup()]))


def _vat(row: VatRow, terms: Terms) -> Markup:
    return group(
        "cac:TaxSubtotal",
        _amount("cbc:TaxableAmount", row.base, terms),
        _amount("cbc:TaxAmount", row.tax, terms),
        group(
            "cac:TaxCategory",
            leaf("cbc:ID", row.category),
            leaf("cbc:Percent", row.rate),
            leaf("cbc:TaxExemptionReasonCode", row.reason_code),
            leaf("cbc:TaxExemptionReason", row.reason),
            _scheme("VAT"),
        ),
    )


def _line(line: LineTerms, terms: Terms) -> Markup:
    kind, quantity = ("CreditNote", "Credited") if terms.is_credit else ("Invoice", "Invoiced")
    reference = leaf("cbc:ID", line.object_id)
    return group(
        f"cac:{kind}Line",
        leaf("cbc:ID", line.number),
        leaf("cbc:Note", line.note),
        leaf(f"cbc:{quantity}Quantity", line.quantity, unitCode=line.unit),
        _amount("cbc:LineExtensionAmount", line.net, terms),
        _period(line.period_start, line.period_end),
        group("cac:DocumentReference", reference, leaf("cbc:DocumentTypeCode", "130")) if reference else reference,
        _rounding(line, terms),
        group(
            "cac:Item",
            leaf("cbc:Description", line.description),
            leaf("cbc:Name", line.name),
            group(
                "cac:ClassifiedTaxCategory",
                leaf("cbc:ID", line.category),
                leaf("cbc:Percent", line.rate),
                _scheme("VAT"),
            ),
        ),
        group(
            "cac:Price",
            _amount("cbc:PriceAmount", line.price, terms),
            leaf("cbc:BaseQuantity", line.base_quantity, unitCode=line.unit),
        ),
    )


def _rounding(line: LineTerms, terms: Terms) -> Markup:
    if not line.rounding:
        return Markup()
    return group(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", "true" if line.rounding > 0 else "false"),
        leaf("cbc:AllowanceChargeReason", ROUNDING),
        _amount("cbc:Amount", abs(line.rounding), terms),
    )
