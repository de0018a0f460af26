"""What was agreed with whom, as plain values: the clients' contracts and the studio's own rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from studio_invoices.model import BankAccount, Party, Prices, Profile
from studio_support.period import Month


@dataclass(frozen=True, slots=True)
class RateRow:
    """A price per hour from a day on; specialist and activity narrow it (None: for all).

    per_hour: net or gross as the tax row of the day says. where: file and position, for explanations; not shown by
    repr, because plan hashes are made of it and a file that is moved changes no money.
    """

    from_day: date
    per_hour: Decimal
    specialist: str | None = None
    activity: str | None = None
    where: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TaxRow:
    """Tax from a day on: EN 16931 category, rate in percent, whether prices contain it, reason of exemption.

    where: file and position; not shown by repr, see RateRow.
    """

    from_day: date
    category: str
    rate: Decimal
    prices: Prices = "net"
    reason: str = ""
    where: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How durations are rounded: to whole increments, up or to the nearest, per entry or per printed line."""

    increment_minutes: int = 1
    mode: Literal["up", "nearest"] = "up"
    per: Literal["entry", "task"] = "task"


@dataclass(frozen=True, slots=True)
class Rule:
    """Time that is not billed by the hour. All given conditions must hold (None: any).

    issue_field, entry_field: (name, value) of a custom field. label: by language, printed when shown.
    """

    billed_as: Literal["non_billable", "fixed"]
    activity: str | None = None
    tracker: str | None = None
    project: str | None = None
    issue_field: tuple[str, str] | None = None
    entry_field: tuple[str, str] | None = None
    show: bool = False
    label: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Only:
    """A filter where clients share a project: the custom field of the issue, or entry, must have the value."""

    kind: Literal["issue_field", "entry_field"]
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Seller:
    """Who issues: party, bank accounts (one a currency; the first without currency serves all others), and
    the series of its numbers.

    first_number: of the first series that a store makes for this seller. cancellation_format: a series of their
    own for cancellations; None: they take the next number of the invoices' series. yearly: the series begins anew
    with each year of the issue date (then its formats need {year}); False: it runs on across years.
    act_format, first_act_number: likewise for acts, a series of their own.
    notes: printed on every invoice, such as the penalties that French law wants told.
    """

    key: str
    party: Party
    banks: tuple[BankAccount, ...] = ()
    number_format: str = "{year}-{number:04d}"
    first_number: int = 1
    cancellation_format: str | None = None
    yearly: bool = True
    act_format: str = "{year}-{number:04d}"
    first_act_number: int = 1
    notes: tuple[str, ...] = ()

    def bank_for(self, currency: str) -> BankAccount:
        """The account of this currency, else the first that names none, else an empty one."""
        for bank in self.banks:
            if bank.currency == currency:
                return bank
        return next((bank for bank in self.banks if not bank.currency), BankAccount())


@dataclass(frozen=True, slots=True)
class Client:
    """One payer under one contract (clients/ID.toml). Drafts are known but never billed.

    broken: the file has faults, and a problem says which; only id and projects are known, nothing is billed.
    redmine_projects: identifiers or names; subprojects belong to the nearest listed ancestor.
    profiles: which e-invoices he wants.
    rates: the client's own rows, then those of its price list. tax: own rows, before the studio's.
    attach: files that letters carry beside the link, "pdf" or "xml".
    file: for messages; not shown by repr, see RateRow.
    """

    id: str
    party: Party
    language: str
    currency: str
    redmine_projects: tuple[str, ...] = ()
    rates: tuple[RateRow, ...] = ()
    price_list: tuple[RateRow, ...] = ()
    tax: tuple[TaxRow, ...] = ()
    rounding: Rounding = Rounding()
    seller: str = ""
    payment_days: int = 10
    emails: tuple[str, ...] = ()
    attach: tuple[str, ...] = ()
    only: Only | None = None
    contract_number: str = ""
    contract_date: date | None = None
    buyer_reference: str = ""
    order_number: str = ""
    account_manager: str = ""
    group: str = ""
    debtor_account: str = ""
    documents: tuple[str, ...] = ("invoice",)
    profiles: tuple[Profile, ...] = ()
    comments: bool = False
    draft: bool = False
    broken: bool = False
    file: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """The studio's own rules for a month end. sellers by key; "" is [seller]."""

    timezone: str
    language: str
    currency: str
    sellers: dict[str, Seller]
    tax: tuple[TaxRow, ...] = ()
    rules: tuple[Rule, ...] = ()
    non_billable_activities: tuple[str, ...] = ()
    internal_projects: tuple[str, ...] = ()
    first_month: Month | None = None
    max_hours_per_entry: int = 24
    ticket_field: str = ""
    people_aliases: dict[str, str] = field(default_factory=dict)
