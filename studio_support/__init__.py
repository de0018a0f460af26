"""studio-support as a library: months, clients, ledger, documents and letters of a web studio.

The front door is `Studio`. Everything public stands in `__all__` and is loaded when first asked for. The pure
functions underneath (`plan_month`, `certify`) work on plain values, without configuration, store or server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio_invoices.errors import Problem, StudioError
    from studio_support.billing.ledger import Ledger
    from studio_support.billing.ledger_view import LedgerView
    from studio_support.billing.month_plan import Draft, DraftLine, MonthPlan
    from studio_support.billing.plan import PlanInput, plan_month
    from studio_support.billing.reconcile import Certificate, certify
    from studio_support.billing.terms import Client, RateRow, Rounding, Rule, Seller, TaxRow, Terms
    from studio_support.model import Issue, Person, Project, Reading, TimeEntry, TimeEntrySource
    from studio_support.period import Month
    from studio_support.results import CloseResult, SendResult, Source
    from studio_support.studio import Studio
    from studio_support.tickets.calendar import Calendar, CalendarYear
    from studio_support.tickets.cutoff import Policy, Promise, promise

_HOMES = {
    "Calendar": "studio_support.tickets.calendar",
    "CalendarYear": "studio_support.tickets.calendar",
    "Certificate": "studio_support.billing.reconcile",
    "Client": "studio_support.billing.terms",
    "CloseResult": "studio_support.results",
    "Draft": "studio_support.billing.month_plan",
    "DraftLine": "studio_support.billing.month_plan",
    "Issue": "studio_support.model",
    "Ledger": "studio_support.billing.ledger",
    "LedgerView": "studio_support.billing.ledger_view",
    "Month": "studio_support.period",
    "MonthPlan": "studio_support.billing.month_plan",
    "Person": "studio_support.model",
    "PlanInput": "studio_support.billing.plan",
    "Policy": "studio_support.tickets.cutoff",
    "Problem": "studio_invoices.errors",
    "Project": "studio_support.model",
    "Promise": "studio_support.tickets.cutoff",
    "RateRow": "studio_support.billing.terms",
    "Reading": "studio_support.model",
    "Rounding": "studio_support.billing.terms",
    "Rule": "studio_support.billing.terms",
    "Seller": "studio_support.billing.terms",
    "SendResult": "studio_support.results",
    "Source": "studio_support.results",
    "Studio": "studio_support.studio",
    "StudioError": "studio_invoices.errors",
    "TaxRow": "studio_support.billing.terms",
    "Terms": "studio_support.billing.terms",
    "TimeEntry": "studio_support.model",
    "TimeEntrySource": "studio_support.model",
    "certify": "studio_support.billing.reconcile",
    "plan_month": "studio_support.billing.plan",
    "promise": "studio_support.tickets.cutoff",
}

__all__ = [
    "Calendar",
    "CalendarYear",
    "Certificate",
    "Client",
    "CloseResult",
    "Draft",
    "DraftLine",
    "Issue",
    "Ledger",
    "LedgerView",
    "Month",
    "MonthPlan",
    "Person",
    "PlanInput",
    "Policy",
    "Problem",
    "Project",
    "Promise",
    "RateRow",
    "Reading",
    "Rounding",
    "Rule",
    "Seller",
    "SendResult",
    "Source",
    "Studio",
    "StudioError",
    "TaxRow",
    "Terms",
    "TimeEntry",
    "TimeEntrySource",
    "certify",
    "plan_month",
    "promise",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
