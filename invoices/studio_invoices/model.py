"""The invoice as frozen values, named after EN 16931 (business terms BT/BG in the docstrings).

An issued invoice is a snapshot: it duplicates names, addresses, rates and texts on purpose, because what was
issued never changes when its sources do. EN 16931 has one model for invoice and credit note, told apart by BT-3
alone; so has this room: `CreditNote` is an Invoice whose kind is "credit_note". Fields added later have defaults, so
that a snapshot kept before them can still be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Prices = Literal["net", "gross"]
Kind = Literal["invoice", "cancellation", "credit_note"]
TaxCategory = Literal["S", "AE", "E", "O", "Z", "G", "K"]
Profile = Literal["en16931", "xrechnung", "peppol", "facturx"]

# UNTDID 1001 (BT-3). What takes an invoice back, whole or in part, is a credit note with positive amounts: negative
# ones under 384 would round the other way in validators.
TYPE_CODES: dict[Kind, str] = {"invoice": "380", "cancellation": "381", "credit_note": "381"}


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where to pay (BG-17): account by IBAN (BT-84) or, in Russia, account, BIC and correspondent account.

    name: of the bank. bic: BT-86, or the Russian БИК. holder: BT-85, where the account is not in the seller's name.
    A Swiss QR-IBAN is an IBAN; its invoices need a QR reference (Invoice.payment_reference).
    """

    name: str = ""
    bic: str = ""
    account: str = ""
    iban: str = ""
    correspondent_account: str = ""
    currency: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Seller (BG-4) or buyer (BG-7): legal name (BT-27, BT-44), postal address, country (BT-40, BT-55; ISO 3166) and
    numbers.

    address: lines as printed under the name (BT-35/36/162, BT-50/51/163), with or without the line of postcode and
    town; `street_lines` and `postal_lines` tell both. postcode: BT-38, BT-53. city: BT-37, BT-52. subdivision: BT-39,
    BT-54.
    vat_id: BT-31, BT-48. tax_number: BT-32. inn, kpp, ogrn: Russia (ogrn: ОГРН or ОГРНИП).
    registration: legal number, BT-30, BT-47 (HRB, SIREN, UID); registration_scheme: its ISO 6523 code (BT-30-1), such
    as 0002 for a SIREN. contact_name, contact_phone, email: BG-6, BG-9 (BT-41/42/43, BT-56/57/58).
    electronic_address, electronic_scheme: BT-34, BT-49 with their scheme (EM, 9930, 0088, ...).
    director, accountant: who signs. legal_lines: BT-33, for the footer (managing directors, capital, court).
    """

    name: str
    address: tuple[str, ...] = ()
    country: str = ""
    vat_id: str = ""
    tax_number: str = ""
    inn: str = ""
    kpp: str = ""
    email: str = ""
    postcode: str = ""
    city: str = ""
    subdivision: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    registration: str = ""
    registration_scheme: str = ""
    electronic_address: str = ""
    electronic_scheme: str = ""
    ogrn: str = ""
    director: str = ""
    accountant: str = ""
    website: str = ""
    legal_lines: tuple[str, ...] = ()

    @property
    def street_lines(self) -> tuple[str, ...]:
        """The address without its line of postcode and town, where these are known apart."""
        return tuple(line for line in self.address if not self._is_town(line))

    @property
    def postal_lines(self) -> tuple[str, ...]:
        """The address as printed: with a line of postcode and town, which is added where the address has none."""
        town = " ".join(part for part in (self.postcode, self.city) if part)
        if not town or any(self._is_town(line) for line in self.address):
            return self.address
        return (*self.address, town)

    def _is_town(self, line: str) -> bool:
        return bool(self.city) and self.city in line and self.postcode in line


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line (BG-25): one task at one rate, tax and heading.

    number: BT-126, from 1. project: what the line is grouped under. title: BT-153, the task's subject.
    issue, ticket: references to the task and to the client's own request (BT-128).
    minutes: charged, after rounding of durations (BT-129 with price base quantity 60);
    booked_minutes: what was booked. rate_per_hour: BT-146, net or gross as Invoice.prices says.
    net: BT-131; gross: only when prices are gross. label: printed instead of an amount on a line that is
    shown but not charged (minutes 0, net 0). heading: "earlier months" for time booked late, else None.
    first_day, last_day: when the work was done (BT-134, BT-135), which decides the rate of tax. comments: only where
    the client wants them. tax_category, tax_rate: BT-151, BT-152.
    credits_line: on a credit note, the number of the line that it takes back, of the invoice named in `corrects`.
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
    credits_line: int | None = None


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """One row of the VAT breakdown (BG-23): category BT-118, rate in percent BT-119, base BT-116, tax BT-117,
    reason of an exemption BT-120 and its code BT-121 (VATEX list, such as VATEX-EU-AE)."""

    category: str
    rate: Decimal
    base: Decimal
    tax: Decimal
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """A document to be paid, or one that takes such a document back, whole (cancellation) or in part (credit note).

    number: BT-1, None on a draft. kind: "cancellation" repeats the lines of the invoice that it takes back,
    named in `corrects` (BT-25) with its date (BT-26); "credit_note" has lines with the minutes taken back, each naming
    the line that it credits. Amounts of both are positive and labelled as taken back.
    issue_date BT-2, due_date BT-9, period_start/period_end BG-14 (both inclusive), service_date BT-72 where the work
    was done on one day that the period does not tell, currency BT-5, net BT-109, tax BT-110, gross BT-112 = BT-115.
    language: of the labels (ru, en, de, ...). contract_number BT-12, buyer_reference BT-10, order_number BT-13.
    bank: the one account to pay to, already chosen by currency. payment_terms: BT-20, printed as it stands.
    payment_reference: BT-83 as a structured reference (RF..., or the 27 digits of a Swiss QR reference).
    purpose: text for the payer's order, BT-83 where there is no structured reference; empty: made from the number.
    profiles: what the client's systems want of the XML besides EN 16931; the check asks for what these add.
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
    payment_terms: str = ""
    payment_reference: str = ""
    purpose: str = ""
    service_date: date | None = None
    profiles: tuple[Profile, ...] = ()

    @property
    def type_code(self) -> str:
        """BT-3: 380 for an invoice, 381 for what takes one back."""
        return TYPE_CODES[self.kind]


CreditNote = Invoice


@dataclass(frozen=True, slots=True)
class Act:
    """«Акт»: that the work on an invoice's lines was done and accepted; a document of its own series and date.

    number: None on a draft. act_date: by default the last day of the invoice's period. invoice: whose lines, parties,
    contract and totals it repeats. The seven items of law 402-ФЗ art. 9(2) are its title, act_date, the
    seller's name, the lines, minutes with amounts, and the signatures' positions and names (Party.director).
    """

    number: str | None
    act_date: date
    invoice: Invoice
