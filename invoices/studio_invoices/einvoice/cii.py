"""EN 16931 in the syntax of UN/CEFACT, Cross Industry Invoice D16B/D22B (CEN/TS 16931-3-3).

Elements stand in the order that the schema wants.
"""

from __future__ import annotations

from datetime import date

from studio_invoices.einvoice.markup import Markup, document, group, joined, leaf
from studio_invoices.einvoice.terms import ROUNDING, LineTerms, Terms, TradeParty, Transfer, VatRow

_UNCEFACT = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": f"{_UNCEFACT}CrossIndustryInvoice:100",
    "ram": f"{_UNCEFACT}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_UNCEFACT}UnqualifiedDataType:100",
    "qdt": f"{_UNCEFACT}QualifiedDataType:100",
}


def write_cii(terms: Terms) -> bytes:
    """The file, in UTF-8."""
    return document(
        "rsm:CrossIndustryInvoice",
        NAMESPACES,
        group(
            "rsm:ExchangedDocumentContext",
            group("ram:BusinessProcessSpecifiedDocumentContextParameter", leaf("ram:ID", terms.process)),
            group("ram:GuidelineSpecifiedDocumentContextParameter", leaf("ram:ID", terms.specification)),
        ),
        group(
            "rsm:ExchangedDocument",
            leaf("ram:ID", terms.number),
            leaf("ram:TypeCode", terms.type_code),
            _day("ram:IssueDateTime", terms.issue_date),
            group("ram:IncludedNote", leaf("ram:Content", terms.note)),
        ),
        group(
            "rsm:SupplyChainTradeTransaction",
            *(_line(line) for line in terms.lines),
            _agreement(terms),
            _delivery(terms),
            _settlement(terms),
        ),
    )


def _day(name: str, day: date | None, space: str = "udt") -> Markup:
    if day is None:
        return Markup()
    return group(name, leaf(f"{space}:DateTimeString", f"{day:%Y%m%d}", format="102"))


def _period(start: date, end: date) -> Markup:
    return group("ram:BillingSpecifiedPeriod", _day("ram:StartDateTime", start), _day("ram:EndDateTime", end))


def _line(line: LineTerms) -> Markup:
    return group(
        "ram:IncludedSupplyChainTradeLineItem",
        group(
            "ram:AssociatedDocumentLineDocument",
            leaf("ram:LineID", line.number),
            group("ram:IncludedNote", leaf("ram:Content", line.note)),
        ),
        group("ram:SpecifiedTradeProduct", leaf("ram:Name", line.name), leaf("ram:Description", line.description)),
        group(
            "ram:SpecifiedLineTradeAgreement",
            group(
                "ram:NetPriceProductTradePrice",
                leaf("ram:ChargeAmount", line.price),
                leaf("ram:BasisQuantity", line.base_quantity, unitCode=line.unit),
            ),
        ),
        group(
            "ram:SpecifiedLineTradeDelivery",
            leaf("ram:BilledQuantity", line.quantity, unitCode=line.unit),
        ),
        group(
            "ram:SpecifiedLineTradeSettlement",
            group(
                "ram:ApplicableTradeTax",
                leaf("ram:TypeCode", "VAT"),
                leaf("ram:CategoryCode", line.category),
                leaf("ram:RateApplicablePercent", line.rate),
            ),
            _period(line.period_start, line.period_end),
            _rounding(line),
            group("ram:SpecifiedTradeSettlementLineMonetarySummation", leaf("ram:LineTotalAmount", line.net)),
            _object(line.object_id),
        ),
    )


def _rounding(line: LineTerms) -> Markup:
    if not line.rounding:
        return Markup()
    return group(
        "ram:SpecifiedTradeAllowanceCharge",
        group("ram:ChargeIndicator", leaf("udt:Indicator", "true" if line.rounding > 0 else "false")),
        leaf("ram:ActualAmount", abs(line.rounding)),
        leaf("ram:Reason", ROUNDING),
    )


def _object(object_id: str) -> Markup:
    name = leaf("ram:IssuerAssignedID", object_id)
    return group("ram:AdditionalReferencedDocument", name, leaf("ram:TypeCode", "130")) if name else name


def _agreement(terms: Terms) -> Markup:
    return group(
        "ram:ApplicableHeaderTradeAgreement",
        leaf("ram:BuyerReference", terms.buyer_reference),
        _party("ram:SellerTradeParty", terms.seller),
        _party("ram:BuyerTradeParty", terms.buyer),
        group("ram:BuyerOrderReferencedDocument", leaf("ram:IssuerAssignedID", terms.order)),
        group("ram:ContractReferencedDocument", leaf("ram:IssuerAssignedID", terms.contract)),
    )


def _party(name: str, party: TradeParty) -> Markup:
    first, second, third = (*party.lines, "", "", "")[:3]
    identifier, registration = party.identifier, party.registration
    return group(
        name,
        leaf("ram:GlobalID" if identifier.scheme else "ram:ID", identifier.value, schemeID=identifier.scheme),
        leaf("ram:Name", party.name),
        leaf("ram:Description", party.legal_information),
        group("ram:SpecifiedLegalOrganization", leaf("ram:ID", registration.value, schemeID=registration.scheme)),
        group(
            "ram:DefinedTradeContact",
            leaf("ram:PersonName", party.contact_name),
            group("ram:TelephoneUniversalCommunication", leaf("ram:CompleteNumber", party.contact_phone)),
            group("ram:EmailURIUniversalCommunication", leaf("ram:URIID", party.contact_email)),
        ),
        group(
            "ram:PostalTradeAddress",
            leaf("ram:PostcodeCode", party.postcode),
            leaf("ram:LineOne", first),
            leaf("ram:LineTwo", second),
            leaf("ram:LineThree", third),
            leaf("ram:CityName", party.city),
            leaf("ram:CountryID", party.country),
            leaf("ram:CountrySubDivisionName", party.subdivision),
        ),
        group(
            "ram:URIUniversalCommunication",
            leaf("ram:URIID", party.endpoint.value, schemeID=party.endpoint.scheme),
        ),
        group("ram:SpecifiedTaxRegistration", leaf("ram:ID", party.vat_id, schemeID="VA")),
        group("ram:SpecifiedTaxRegistration", leaf("ram:ID", party.tax_number, schemeID="FC")),
    )


def _delivery(terms: Terms) -> Markup:
    place = terms.deliver_to
    address = (
        leaf("ram:PostcodeCode", place.postcode),
        leaf("ram:CityName", place.city),
        leaf("ram:CountryID", place.country),
    )
    return group(
        "ram:ApplicableHeaderTradeDelivery",
        group("ram:ShipToTradeParty", group("ram:PostalTradeAddress", *address)),
        group("ram:ActualDeliverySupplyChainEvent", _day("ram:OccurrenceDateTime", terms.delivered_on)),
    )


def _settlement(terms: Terms) -> Markup:
    return group(
        "ram:ApplicableHeaderTradeSettlement",
        leaf("ram:PaymentReference", terms.payment_reference),
        leaf("ram:InvoiceCurrencyCode", terms.currency),
        _payment(terms),
        *(_vat(row) for row in terms.vat),
        _period(terms.period_start, terms.period_end),
        group(
            "ram:SpecifiedTradePaymentTerms",
            leaf("ram:Description", terms.payment_terms),
            _day("ram:DueDateDateTime", terms.due_date),
        ),
        group(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            leaf("ram:LineTotalAmount", terms.net),
            leaf("ram:TaxBasisTotalAmount", terms.net),
            leaf("ram:TaxTotalAmount", terms.tax, currencyID=terms.currency),
            leaf("ram:GrandTotalAmount", terms.gross),
            leaf("ram:DuePayableAmount", terms.due),
        ),
        group(
            "ram:InvoiceReferencedDocument",
            leaf("ram:IssuerAssignedID", terms.preceding),
            _day("ram:FormattedIssueDateTime", terms.preceding_date, "qdt"),
        ),
    )


def _payment(terms: Terms) -> Markup:
    name, code = "ram:SpecifiedTradeSettlementPaymentMeans", leaf("ram:TypeCode", terms.payment_code)
    if not terms.transfers:
        return group(name, code)
    return joined(*(group(name, code, *_transfer(transfer)) for transfer in terms.transfers))


def _transfer(transfer: Transfer) -> tuple[Markup, Markup]:
    return (
        group(
            "ram:PayeePartyCreditorFinancialAccount",
            leaf("ram:IBANID", transfer.account if transfer.is_iban else ""),
            leaf("ram:AccountName", transfer.holder),
            leaf("ram:ProprietaryID", "" if transfer.is_iban else transfer.account),
        ),
        group("ram:PayeeSpecifiedCreditorFinancialInstitution", leaf("ram:BICID", transfer.bic)),
    )


def _vat(row: VatRow) -> Markup:
    return group(
        "ram:ApplicableTradeTax",
        leaf("ram:CalculatedAmount", row.tax),
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:ExemptionReason", row.reason),
        leaf("ram:BasisAmount", row.base),
        leaf("ram:CategoryCode", row.category),
        leaf("ram:ExemptionReasonCode", row.reason_code),
        leaf("ram:RateApplicablePercent", row.rate),
    )
