"""The invoice as frozen values, named after EN 16931 (business terms BT/BG in the docstrings).

An issued invoice is a snapshot: it duplicates names, addresses, rates and texts on purpose, because what was
issued never changes when its sources do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Prices = Literal["net", "gross"]
Kind = Literal["invoice", "cancellation"]


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where to pay: account by IBAN (BT-84) or, in Russia, account, BIC and correspondent account."""

    name: str = ""
    bic: str = ""
    account: str = ""
    iban: str = ""
    correspondent_account: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Seller (BG-4) or buyer (BG-7): legal name, postal address lines, country (ISO 3166) and tax numbers."""

    name: str
    address: tuple[str, ...] = ()
    country: str = ""
    vat_id: str = ""
    tax_number: str = ""
    inn: str = ""
    kpp: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line (BG-25): one task at one rate, tax and heading.

    number: BT-126, from 1. project: what the line is grouped under. title: BT-153, the task's subject.
    issue, ticket: references to the task and to the client's own request (BT-128).
    minutes: charged, after rounding of durations (BT-129 with price base quantity 60);
    booked_minutes: what was booked. rate_per_hour: BT-146, net or gross as Invoice.prices says.
    net: BT-131; gross: only when prices are gross. label: printed instead of an amount on a line that is
    shown but not charged (minutes 0, net 0). heading: "earlier months" for time booked late, else None.
    first_day, last_day: when the work was done (BT-134, BT-135). comments: only where the client wants them.
    """

    number: int
    project: str
    title: str
    minutes: int
    booked_minutes: int
    rate_per_hour: Decimal
    net: Decimal
    tax_category: str
    tax_rate: Decimal
    first_day: date
    last_day: date
    gross: Decimal | None = None
    issue: str | None = None
    ticket: str | None = None
    specialist: str | None = None
    heading: str | None = None
    label: str | None = None
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """One row of the VAT breakdown (BG-23): category BT-118, rate in percent BT-119, base BT-116, tax BT-117,
    reason of an exemption BT-120."""

    category: str
    rate: Decimal
    base: Decimal
    tax: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """A document to be paid, or the document that cancels one.

    number: BT-1, None on a draft. kind: "cancellation" repeats the lines of the invoice that it takes back,
    named in `corrects` (BT-25) with its date (BT-26); its amounts are positive and labelled as taken back.
    issue_date BT-2, due_date BT-9, period_start/period_end BG-14 (both inclusive), currency BT-5,
    net BT-109, tax BT-110, gross BT-112 = BT-115. language: of the labels (ru, en, de, ...).
    """

    number: str | None
    kind: Kind
    issue_date: date
    due_date: date | None
    period_start: date
    period_end: date
    language: str
    currency: str
    prices: Prices
    seller: Party
    buyer: Party
    bank: BankAccount
    lines: tuple[Line, ...]
    taxes: tuple[TaxTotal, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    contract_number: str = ""
    contract_date: date | None = None
    buyer_reference: str = ""
    order_number: str = ""
    rounding_note: str = ""
    notes: tuple[str, ...] = ()
    corrects: str | None = None
    corrects_date: date | None = None
    reason: str = ""
