"""What EN 16931-1 calls an invoice, as plain values: business terms (BT) and groups (BG), free of any syntax.

`mapping` makes them of our own model, `cii` and `ubl` write them. A format that names the same terms otherwise is
a new writer; one that wants more of them is a new profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ROUNDING = "Rounding"  # the reason of a charge or an allowance that rounds a line (BT-139, BT-144)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A value and the scheme that it belongs to, where one is known."""

    value: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class TradeParty:
    """Seller (BG-4) or buyer (BG-7).

    name BT-27/44, identifier BT-29/46, registration BT-30/47, vat_id BT-31/48, tax_number BT-32 (seller only),
    legal_information BT-33, endpoint BT-34/49; lines BT-35, 36, 162 (50, 51, 163), city BT-37/52, postcode BT-38/53,
    subdivision BT-39/54, country BT-40/55; contact: BT-41/56 name, BT-42/57 telephone, BT-43/58 e-mail.
    """

    name: str
    country: str
    identifier: Identifier = Identifier()
    registration: Identifier = Identifier()
    vat_id: str = ""
    tax_number: str = ""
    legal_information: str = ""
    endpoint: Identifier = Identifier()
    lines: tuple[str, ...] = ()
    city: str = ""
    postcode: str = ""
    subdivision: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where goods went (BG-15): city BT-77, postcode BT-78, country BT-80."""

    country: str = ""
    city: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """An account to pay to (BG-17): account BT-84 and whether it is an IBAN, holder BT-85, bic BT-86."""

    account: str
    is_iban: bool
    holder: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class LineTerms:
    """An invoice line (BG-25).

    number BT-126, note BT-127, object_id BT-128, quantity BT-129 in unit BT-130, net BT-131, period BG-26, price BT-146
    for base_quantity BT-149 of the same unit, category BT-151, rate BT-152 (None: not subject to VAT), name BT-153,
    description BT-154. quantity x price / base_quantity, rounded half-up to the cent, is net; in a currency without
    decimals with rounding added: a charge (BG-28), or where it is negative an allowance (BG-27).
    """

    number: int
    name: str
    description: str
    note: str
    object_id: str
    quantity: Decimal
    unit: str
    base_quantity: Decimal
    price: Decimal
    net: Decimal
    period_start: date
    period_end: date
    category: str
    rate: Decimal | None
    rounding: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class VatRow:
    """VAT of one category and rate (BG-23): base BT-116, tax BT-117, category BT-118, rate BT-119, reason BT-120,
    reason_code BT-121."""

    category: str
    rate: Decimal | None
    base: Decimal
    tax: Decimal
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The whole document.

    process BT-23, specification BT-24, number BT-1, issue_date BT-2, type_code BT-3 (380 invoice, 381 credit note),
    currency BT-5, due_date BT-9, buyer_reference BT-10, contract BT-12, order BT-13, payment_terms BT-20, note BT-22,
    preceding BT-25 and preceding_date BT-26, period BG-14, delivered_on BT-72, deliver_to BG-15,
    payment_code BT-81 ("": nothing is said of payment), payment_reference BT-83, transfers BG-17;
    net BT-106 = BT-109, tax BT-110, gross BT-112, due BT-115.
    """

    process: str
    specification: str
    number: str
    issue_date: date
    type_code: str
    currency: str
    due_date: date | None
    buyer_reference: str
    contract: str
    order: str
    payment_terms: str
    note: str
    preceding: str
    preceding_date: date | None
    period_start: date
    period_end: date
    seller: TradeParty
    buyer: TradeParty
    delivered_on: date
    deliver_to: Place
    payment_code: str
    payment_reference: str
    transfers: tuple[Transfer, ...]
    vat: tuple[VatRow, ...]
    lines: tuple[LineTerms, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    due: Decimal

    @property
    def is_credit(self) -> bool:
        """Whether the amounts are given back (381)."""
        return self.type_code == "381"
