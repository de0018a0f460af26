"""The sections of studio-support.toml that speak of the studio and its servers.

Keys without which a section means nothing are required; those that only some commands use may be absent, and
the command that uses one asks for it (see settings.py). Defaults are those of docs/reference.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PlainValidator, model_validator

from studio_support.config import addresses as a
from studio_support.config import fields as f
from studio_support.config.look_table import LookTable
from studio_support.tickets.number import Generator


class StudioSection(f.FileModel):
    """[studio]: where and when the studio works."""

    timezone: f.Zone = Field(examples=["Europe/Moscow"])
    country: f.Country | None = Field(None, examples=["RU"])
    subdivision: f.Text | None = None
    opens: f.TimeOfDay | None = Field(None, examples=["09:00"])
    closes: f.TimeOfDay | None = Field(None, examples=["18:00"])
    cutoff: f.TimeOfDay | None = Field(None, examples=["12:00"])
    grace_minutes: Annotated[int, f.whole(0, 240)] = 0
    closed: f.DayList = ()
    working: f.DayList = ()
    short: f.DayList = ()
    short_minutes: Annotated[int, f.whole(0, 720)] = 60
    language: f.Language | None = Field(None, examples=["ru"])
    currency: f.Currency | None = Field(None, examples=["RUB"])

    @model_validator(mode="after")
    def _day_in_order(self) -> StudioSection:
        if self.opens and self.closes and not self.opens < self.closes:
            raise f.fault("closes before it opens", 'Write opens = "09:00" and a later closes = "18:00".')
        if self.opens and self.closes and self.cutoff and not self.opens <= self.cutoff <= self.closes:
            raise f.fault("has its cutoff outside its hours", "Write a cutoff between opens and closes.")
        if self.opens and self.closes and f.minutes(self.closes) - f.minutes(self.opens) <= self.short_minutes:
            raise f.fault(
                f"leaves nothing of a short day, {self.short_minutes} minutes shorter", "Write fewer short_minutes."
            )
        return self

    @model_validator(mode="after")
    def _days_apart(self) -> StudioSection:
        for key, days in (("working", self.working), ("short", self.short)):
            both = sorted(set(self.closed) & set(days))
            if both:
                raise f.fault(f"has {both[0]} in both closed and {key}", "Keep it in one of the two.")
        return self


class BankTable(f.FileModel):
    """[seller.bank] or a row of [[seller.banks]]: where to pay."""

    name: f.Text = Field(examples=["Sparkasse"])
    bic: f.Bic | None = None
    account: f.Text | None = None
    iban: f.Iban | None = None
    correspondent_account: f.Text | None = None
    currency: f.Currency | None = None
    holder: f.OptionalText = ""

    @model_validator(mode="after")
    def _payable(self) -> BankTable:
        if not (self.iban or self.account):
            raise f.fault("names no account", 'Write iban = "DE…", or account = "…" with bic = "…".')
        return self


class SellerTable(f.FileModel):
    """[seller] or [sellers.NAME]: who issues, and the series of its numbers."""

    name: f.Text = Field(examples=["ООО «Веб-студия»"])
    address: f.Lines = Field(examples=[["ул. Ленина, 1", "214000 Смоленск"]])
    postcode: f.OptionalText = ""
    city: f.OptionalText = ""
    country: f.Country = Field(examples=["RU"])
    vat_id: f.VatId | None = None
    tax_number: f.Text | None = None
    inn: f.Inn | None = None
    kpp: f.Kpp | None = None
    ogrn: f.OptionalText = ""
    director: f.OptionalText = ""
    accountant: f.OptionalText = ""
    email: a.Email = Field(examples=["buh@studio.example"])
    contact_name: f.OptionalText = ""
    contact_phone: f.OptionalText = ""
    registration: f.OptionalText = ""
    registration_scheme: f.OptionalText = ""
    electronic_address: f.OptionalText = ""
    electronic_scheme: f.OptionalText = ""
    website: f.OptionalText = ""
    legal_lines: f.Texts = ()
    notes: f.Texts = ()
    bank: BankTable | None = None
    banks: Annotated[list[BankTable], f.Rows] = Field(default_factory=list)
    number_format: f.Text | None = None
    first_number: f.Positive | None = None
    cancellation_format: f.Text | None = None
    act_format: f.Text | None = None
    first_act_number: f.Positive | None = None
    yearly: bool | None = None
    look: LookTable = LookTable()

    @model_validator(mode="after")
    def _one_bank_a_currency(self) -> SellerTable:
        if self.bank and self.banks:
            raise f.fault(
                "has both bank and banks", "Write one [seller.bank], or a row of [[seller.banks]] a currency."
            )
        currencies = [bank.currency for bank in self.banks]
        for currency in currencies:
            if currencies.count(currency) > 1:
                what = f"in {currency}" if currency else "without a currency"
                raise f.fault(f"has two banks {what}", 'Give each row of banks its own currency = "EUR".')
        return self


class RedmineSection(f.FileModel):
    """[redmine]: the server that holds projects, issues and booked time."""

    url: Annotated[str, a.url(("http", "https"), "https://redmine.studio.example")] = Field(
        examples=["https://redmine.studio.example"]
    )
    api_key_env: f.Variable | None = None
    api_key_file: f.Text | None = None
    ticket_field: f.OptionalText = ""
    done_statuses: f.Texts = ("Closed", "Resolved")
    refused_statuses: f.Texts = ("Rejected",)
    client_note_field: f.OptionalText = ""
    text_formatting: Literal["textile", "markdown"] = "textile"
    largest_file_mb: Annotated[int, f.whole(1, 1000)] = 50
    timeout_seconds: f.Seconds = 30
    ca_file: f.OptionalText = ""


class OtrsFields(f.FileModel):
    """Names of the dynamic fields of tickets."""

    trigger: f.Text = "ToRedmine"
    estimate: f.Text = "Estimate"
    agreed: f.Text = "Agreed"
    urgency: f.Text = "Urgency"
    issue: f.Text = "RedmineIssue"
    auto: f.Text = "AutoSubmitted"
    project: f.Text = "RedmineProject"


def _generators(value: Any) -> tuple[str, ...]:
    names = f.texts_of(value)
    strange = next((name for name in names if name not in get_args(Generator)), None)
    if strange is not None or not names:
        wrong = f"names {strange!r}, which is no generator" if names else "names no generator"
        raise f.fault(wrong, f"Write some of {', '.join(get_args(Generator))}.")
    return names


class OtrsSection(f.FileModel):
    """[otrs]: the server that holds tickets."""

    url: Annotated[str, a.url(("http", "https"), "https://tickets.studio.example/otrs")] = Field(
        examples=["https://tickets.studio.example/otrs"]
    )
    web_service: f.Text = Field(examples=["GenericTicketConnectorREST"])
    user: f.Text = Field(examples=["robot"])
    password_env: f.Variable | None = None
    password_file: f.Text | None = None
    timezone: f.Zone = Field(examples=["UTC"])
    queues: f.Texts = Field(examples=[["Support"]])
    system_id: Annotated[str, f.shaped(r"\d+", "is no system id", 'Write its digits, like "10".')] = "10"
    hook: f.Text = "Ticket#"
    generators: Annotated[tuple[Generator, ...], PlainValidator(_generators)] = ("DateChecksum",)
    routes: dict[str, f.Text] = Field(default_factory=dict)
    timeout_seconds: f.Seconds = 30
    fields: OtrsFields = OtrsFields()


class ToRedmine(f.FileModel):
    """What makes a ticket an issue: a queue, a state or a field."""

    queue: f.Text | None = None
    state: f.Text | None = None
    field: f.Text | None = None

    @model_validator(mode="after")
    def _one(self) -> ToRedmine:
        if sum(bool(value) for value in (self.queue, self.state, self.field)) != 1:
            raise f.fault("must name one of queue, state and field", 'Write { queue = "To Redmine" }.')
        return self


Letters = Literal["send", "note", "off"]


class SyncSection(f.FileModel):
    """[sync]: how tickets become issues and who is told."""

    to_redmine: ToRedmine = ToRedmine(queue="To Redmine")
    overlap_minutes: Annotated[int, f.whole(0, 1440)] = 10
    hold_seconds: Annotated[int, f.whole(1, 86_400)] = 120
    max_letters: f.Count = 50
    max_closings: f.Count = 50
    letters_a_day: f.Count = 5
    letters_a_day_to_one: f.Count = 20
    required: f.Texts = ()
    assignees: dict[str, f.Text] = Field(default_factory=dict)
    letters: Letters = "send"
    letters_by_kind: dict[str, Letters] = Field(default_factory=dict)
    closed_state: f.Text = "closed successful"
    critical: f.Texts = ("critical", "kritisch", "critique", "критично", "критический", "5 very high")
    templates: f.OptionalText = ""

    @model_validator(mode="before")
    @classmethod
    def _per_kind(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        kinds = {key: value for key, value in table.items() if re.fullmatch(r"letters_(?!a_day)[a-z_]+", key)}
        rest = {key: value for key, value in table.items() if key not in kinds}
        for key, value in kinds.items():
            if value not in get_args(Letters):
                raise f.fault(f"has {key} = {value!r}", 'Write "send", "note" or "off".')
        if kinds:
            rest["letters_by_kind"] = {key.removeprefix("letters_"): value for key, value in kinds.items()}
        return rest


class StoreSection(f.FileModel):
    """[store]: database and files of what was issued."""

    url: Annotated[str, a.url(("sqlite", "postgresql", "postgresql+psycopg"), "sqlite:///studio-support.db")] | None = (
        Field(None, examples=["sqlite:///studio-support.db"])
    )
    url_env: f.Variable | None = None
    url_file: f.Text | None = None
    files: f.Text = "studio-support.files"

    @model_validator(mode="after")
    def _one_place(self) -> StoreSection:
        if sum(bool(value) for value in (self.url, self.url_env, self.url_file)) != 1:
            raise f.fault("must name one of url, url_env and url_file", 'Write url = "sqlite:///studio-support.db".')
        return self


class MailSection(f.FileModel):
    """[mail]: how letters leave."""

    smtp_url: Annotated[str, a.url(("smtp", "smtps"), "smtp://127.0.0.1:25")] | None = Field(
        None, examples=["smtp://127.0.0.1:25"]
    )
    user: f.Text | None = None
    password_env: f.Variable | None = None
    password_file: f.Text | None = None
    sender: a.Email = Field(examples=["billing@studio.example"])
    reply_to: a.OptionalEmail = ""
    via: Literal["smtp", "otrs"] = "smtp"
    otrs_queue: f.OptionalText = ""
    otrs_state: f.Text = "closed successful"
    divert_to: a.OptionalEmail = ""
    timeout_seconds: f.Seconds = 30
    ca_file: f.OptionalText = ""
    max_letters: f.Positive = 1000
    letters_a_day: f.Positive = 50
    templates: f.OptionalText = ""
    reminders: f.DaySteps = ()
    bounces_maildir: f.OptionalText = ""
    bounces_imap: Annotated[str, a.url(("imaps", "imap"), "imaps://imap.studio.example/INBOX")] | None = None
    bounces_user: f.Text | None = None
    bounces_password_env: f.Variable | None = None
    bounces_password_file: f.Text | None = None

    @model_validator(mode="after")
    def _returned(self) -> MailSection:
        if self.bounces_maildir and self.bounces_imap:
            raise f.fault("names two places of returned mail", "Keep one of bounces_maildir and bounces_imap.")
        known = self.bounces_user and (self.bounces_password_env or self.bounces_password_file)
        if self.bounces_imap and not known:
            right = 'Write bounces_user = "…" and bounces_password_env = "IMAP_PASSWORD" beside it.'
            raise f.fault("names bounces_imap without a login", right)
        return self

    @model_validator(mode="after")
    def _server(self) -> MailSection:
        if self.via == "smtp" and self.smtp_url is None:
            raise f.fault("names no server", 'Write smtp_url = "smtp://127.0.0.1:25", or via = "otrs".')
        if self.via == "otrs" and not self.otrs_queue:
            raise f.fault("names no queue", 'Write otrs_queue = "Billing" beside via = "otrs".')
        if self.user and not (self.password_env or self.password_file):
            raise f.fault("names a user without a password", 'Write password_env = "SMTP_PASSWORD" beside it.')
        return self


class LinksSection(f.FileModel):
    """[links]: where published copies lie, and the addresses that lead to them."""

    base_url: a.LinkBase = Field(examples=["https://invoices.studio.example"])
    secret_env: f.Variable | None = None
    secret_file: f.Text | None = None
    directory: f.Text = "published"
    expires_after_days: Annotated[int, f.whole(1, 3650)] = 120
