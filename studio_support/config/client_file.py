"""clients/ID.toml as a model: one payer under one contract."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PlainValidator

from studio_invoices.model import Profile
from studio_support.config import addresses as a
from studio_support.config import fields as f
from studio_support.config.agreements import OnlyTable, RateRows, RoundingTable, TaxRows


def _documents(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or any(item not in ("invoice", "act", "timesheet") for item in value):
        right = 'Write documents = ["invoice"]; "act", "timesheet" or both may follow.'
        raise f.fault("is no list of documents", right)
    return tuple(dict.fromkeys(value))


def _attach(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or any(item not in ("pdf", "xml") for item in value):
        raise f.fault("is no list of files", 'Write attach = ["pdf"], ["xml"] for the e-invoice, or both; [] for none.')
    return tuple(dict.fromkeys(value))


def _e_invoice(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or any(name not in get_args(Profile) for name in names):
        known = ", ".join(get_args(Profile))
        raise f.fault("names no format of e-invoices", f"Write one of {known}, or a list of them in brackets.")
    return tuple(dict.fromkeys(names))


class ClientFile(f.FileModel):
    """A client's file. draft: made by `client discover`, known but never billed."""

    id: f.ClientId = Field(examples=["acme"])
    name: f.Text = Field(examples=["ACME GmbH"])
    address: f.Lines = Field(examples=[["Hauptstr. 1", "10115 Berlin"]])
    postcode: f.OptionalText = ""
    city: f.OptionalText = ""
    country: f.Country = Field(examples=["DE"])
    vat_id: f.VatId | None = None
    tax_number: f.Text | None = None
    inn: f.Inn | None = None
    kpp: f.Kpp | None = None
    ogrn: f.OptionalText = ""
    director: f.OptionalText = ""
    registration: f.OptionalText = ""
    registration_scheme: f.OptionalText = ""
    electronic_address: f.OptionalText = ""
    electronic_scheme: f.OptionalText = ""
    language: f.Language = Field(examples=["de"])
    currency: f.Currency = Field(examples=["EUR"])
    emails: a.Emails = ()
    attach: Annotated[tuple[str, ...], PlainValidator(_attach)] = ()
    contract_number: f.OptionalText = ""
    contract_date: f.Day | None = None
    buyer_reference: f.OptionalText = ""
    order_number: f.OptionalText = ""
    payment_days: f.Days | None = None
    seller: f.OptionalText = ""
    group: f.OptionalText = ""
    debtor_account: f.OptionalText = ""
    documents: Annotated[tuple[str, ...], PlainValidator(_documents)] = ("invoice",)
    e_invoice: Annotated[tuple[Profile, ...], PlainValidator(_e_invoice)] = ()
    comments: bool = False
    redmine_projects: f.Texts = ()
    only: OnlyTable | None = None
    otrs_customers: f.Texts = ()
    account_manager: f.OptionalText = ""
    deputy: f.OptionalText = ""
    channel: f.OptionalText = ""
    default_project: f.OptionalText = ""
    max_wait_minutes: Annotated[int, f.whole(1, 525_600)] | None = None
    critical_wait_minutes: Annotated[int, f.whole(1, 525_600)] | None = None
    letters: Literal["send", "note", "off"] | None = None
    price_list: f.OptionalText = ""
    tax: TaxRows = Field(default_factory=list)
    rounding: RoundingTable | None = None
    rates: RateRows = Field(default_factory=list)
    draft: bool = False


class DraftFile(ClientFile):
    """A draft: only its id must be known; what is still missing is asked for once `draft` is taken out."""

    name: f.OptionalText = ""
    address: f.Lines = ()
    country: f.Country | None = None  # type: ignore[assignment]  # a draft may lack what a client must have
    language: f.Language | None = None  # type: ignore[assignment]  # likewise
    currency: f.Currency | None = None  # type: ignore[assignment]  # likewise


def model_of(table: dict[str, Any]) -> type[ClientFile]:
    """DraftFile for a table with draft = true, else ClientFile."""
    return DraftFile if table.get("draft") is True else ClientFile
