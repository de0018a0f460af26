"""Rates, taxes, rounding, rules and [billing]: what is agreed, in the studio's file and in the clients'."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from studio_support.config import fields as f

WITH_REASON = ("E", "AE", "K", "G", "O")
"""Categories of EN 16931 whose breakdown must say why no tax is charged (BR-E-10, BR-AE-10, BR-IC-10, ...)."""


class RateTable(f.FileModel):
    """[[rates]] or a row of a price list: a price per hour from a day on."""

    from_day: f.Day = Field(alias="from", examples=["2026-01-01"])
    per_hour: f.RatePerHour = Field(examples=["95.00"])
    specialist: f.Text | None = None
    activity: f.Text | None = None


class TaxTable(f.FileModel):
    """[[tax]]: category by EN 16931, rate in percent, whether prices contain it, from a day on."""

    from_day: f.Day = Field(alias="from", examples=["2026-01-01"])
    category: Literal["S", "AE", "E", "O", "Z", "G", "K"] = Field(examples=["S"])
    rate: f.Percent | None = Field(None, examples=["22"])
    prices: Literal["net", "gross"] = "net"
    reason: f.OptionalText = ""

    @model_validator(mode="after")
    def _rate_fits_category(self) -> TaxTable:
        if self.category == "S" and self.rate is None:
            raise f.fault("has category S but no rate", 'Write rate = "22", the percentage.')
        if self.category == "S" and not self.rate:
            raise f.fault("has category S with rate 0", 'Write category = "Z" for a rate of zero, "E" for exempt.')
        if self.category != "S" and self.rate:
            raise f.fault(
                f"has category {self.category} with rate {self.rate}",
                'Only category "S" bears a rate; write rate = "0", or leave it out.',
            )
        if self.category in WITH_REASON and not self.reason:
            raise f.fault(
                f"has category {self.category} without a reason",
                'Write reason = "…", the words by which the document says why no tax is charged.',
            )
        if self.category not in WITH_REASON and self.reason:
            raise f.fault(
                f"has category {self.category} with a reason",
                "Take the reason out: EN 16931 wants one only where tax is not due.",
            )
        return self


def _one_tax_a_day(rows: list[TaxTable]) -> list[TaxTable]:
    days = [row.from_day for row in rows]
    doubled = next((day for day in days if days.count(day) > 1), None)
    if doubled is not None:
        raise f.fault(f"has two rows from {doubled}, so that none can be chosen", "Keep one, or change its day.")
    return rows


def _one_rate_a_day(rows: list[RateTable]) -> list[RateTable]:
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        key = (row.from_day, row.specialist, row.activity)
        if key in seen:
            whom = " and ".join(word for word in (row.specialist, row.activity) if word) or "all"
            raise f.fault(
                f"has two rows from {row.from_day} for {whom}, so that none can be chosen",
                "Keep one, or change its day.",
            )
        seen.add(key)
    return rows


RateRows = Annotated[list[RateTable], f.Rows, AfterValidator(_one_rate_a_day)]
TaxRows = Annotated[list[TaxTable], f.Rows, AfterValidator(_one_tax_a_day)]


class RoundingTable(f.FileModel):
    """How durations are rounded."""

    increment_minutes: f.Increment = 1
    mode: Literal["up", "nearest"] = "up"
    per: Literal["entry", "task"] = "task"


class FieldValue(f.FileModel):
    """A custom field with the value that it must have."""

    name: f.Text = Field(examples=["Payer"])
    value: f.Text = Field(examples=["ACME"])


def _field(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _with_value(table: Any) -> Any:
    """`issue_field = "Payer", value = "ACME"` is the short form of `issue_field = { name = …, value = … }`."""
    if not isinstance(table, dict) or "value" not in table:
        return table
    named = [key for key in ("issue_field", "entry_field") if isinstance(table.get(key), str)]
    if len(named) != 1:
        return table
    rest = {key: value for key, value in table.items() if key not in ("value", named[0])}
    return rest | {named[0]: {"name": table[named[0]], "value": table["value"]}}


class RuleTable(f.FileModel):
    """[[billing.rule]]: time that is not billed by the hour; all conditions must hold."""

    billed_as: Literal["non_billable", "fixed"] = Field(alias="as", examples=["non_billable"])
    activity: f.Text | None = None
    tracker: f.Text | None = None
    project: f.Text | None = None
    issue_field: Annotated[FieldValue | None, BeforeValidator(_field)] = None
    entry_field: Annotated[FieldValue | None, BeforeValidator(_field)] = None
    show: bool = False
    label: dict[str, f.Text] = Field(default_factory=dict)

    _short_form = model_validator(mode="before")(_with_value)

    @model_validator(mode="after")
    def _has_a_condition(self) -> RuleTable:
        if not any((self.activity, self.tracker, self.project, self.issue_field, self.entry_field)):
            raise f.fault(
                "has no condition, so that nothing would ever be billed",
                "Name an activity, tracker, project, issue_field or entry_field.",
            )
        return self


class OnlyTable(f.FileModel):
    """only = { issue_field = "Payer", value = "ACME" }: a filter where clients share a project."""

    issue_field: f.Text | None = None
    entry_field: f.Text | None = None
    value: f.Text = Field(examples=["ACME"])

    @model_validator(mode="after")
    def _one_field(self) -> OnlyTable:
        if bool(self.issue_field) == bool(self.entry_field):
            raise f.fault(
                "must name one of issue_field and entry_field", 'Write { issue_field = "Payer", value = "ACME" }.'
            )
        return self


class BillingSection(f.FileModel):
    """[billing]: the rules of the month end."""

    first_month: f.MonthText | None = None
    number_format: f.Text = "{year}-{number:04d}"
    cancellation_format: f.Text | None = None
    first_number: f.Positive = 1
    act_format: f.Text = "{year}-{number:04d}"
    first_act_number: f.Positive = 1
    yearly: bool = True
    payment_days: f.Days = 10
    rounding: RoundingTable = RoundingTable()
    internal_projects: f.Texts = ()
    non_billable_activities: f.Texts = ()
    max_hours_per_entry: f.HoursPerEntry = 24
    rule: Annotated[list[RuleTable], f.Rows] = Field(default_factory=list)
    tax: TaxRows = Field(default_factory=list)
