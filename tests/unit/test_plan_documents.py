"""From the plan to JSON and to the document: every field of the contract, nothing recomputed on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from studio_invoices.model import BankAccount, Party
from studio_support.billing.month_plan import Draft, draft_dict
from studio_support.billing.snapshot import to_cancellation, to_invoice
from studio_support.billing.terms import Client, Rounding, Rule, Seller
from tests.months import (
    AUGUST,
    OTHER,
    SELLER,
    SEPTEMBER,
    client,
    closing,
    draft_of,
    entry,
    issue,
    ledger,
    planned,
    terms,
)

TASK = issue(5, "Form is broken", ticket="2026100510000014")
RULES = terms(rules=(Rule("fixed", activity="Design", show=True, label=(("en", "Fixed price"),)),))
BOOK = client(
    contract_number="C-7",
    contract_date=date(2026, 1, 15),
    buyer_reference="B",
    order_number="O",
    payment_days=14,
    rounding=Rounding(15),
    comments=True,
)
LATE = entry(3, 60, date(2026, 9, 12))


def made() -> tuple[Draft, Client]:
    rows = (
        entry(1, 50, issue_id=5, comments="Fixed the form"),
        entry(2, 30, activity="Design", spent_on=date(2026, 10, 7)),
        LATE,
    )
    known = ledger(closing(month=AUGUST), closing())
    plan = planned(*rows, clients=(BOOK,), issues=(TASK,), terms=RULES, ledger=known)
    assert plan.problems == ()
    return draft_of(plan), BOOK


def test_a_plan_as_json_has_the_contracts_names() -> None:
    rows = (entry(1, 20, issue_id=5), entry(2, 0), entry(3, in_project=OTHER))
    plan = planned(*rows, issues=(TASK,), ledger=ledger(closing(month=AUGUST)))
    facts = plan.as_dict()
    assert json.loads(json.dumps(facts)) == facts
    (draft,) = facts["drafts"]
    (line,) = draft["lines"]
    assert (facts["month"], facts["plan"], draft["plan"]) == ("2026-10", plan.plan, plan.drafts[0].plan)
    assert {key: draft[key] for key in ("client", "currency", "minutes", "booked_minutes", "net", "tax", "gross")} == {
        "client": "acme",
        "currency": "EUR",
        "minutes": 20,
        "booked_minutes": 20,
        "net": "31.67",
        "tax": "6.97",
        "gross": "38.64",
    }
    assert (draft["number"], draft["link"], draft["supplement"], draft["flags"]) == (None, None, 0, [])
    assert draft["taxes"] == [{"category": "S", "rate": "22", "base": "31.67", "tax": "6.97"}]
    assert line == {
        "project": "Site",
        "issue": 5,
        "ticket": "2026100510000014",
        "title": "Form is broken",
        "specialist": "Ann Able",
        "minutes": 20,
        "booked_minutes": 20,
        "rate_per_hour": "95.00",
        "net": "31.67",
        "gross": None,
        "tax_rate": "22",
        "entries": ["1"],
        "heading": None,
        "label": None,
        "tax_category": "S",
        "first_day": "2026-10-05",
        "last_day": "2026-10-05",
    }
    assert facts["skipped"] == [
        {"entry": "2", "minutes": 0, "as": "non_billable", "reason": "no minutes booked"},
        {"entry": "3", "minutes": 60, "as": "unbilled", "reason": 'no client lists the project "Other"'},
    ]
    assert [set(problem) for problem in facts["problems"]] == [{"source", "message", "next_step", "client"}]
    assert [notice["client"] for notice in facts["notices"]] == ["acme"]


def test_last_months_figures_and_gross_amounts_stand_in_json() -> None:
    draft, _ = made()
    facts = draft_dict(replace(draft, last_minutes=90, last_net=draft.net))
    assert (facts["last_minutes"], facts["last_net"]) == (90, "190.00")
    gross = replace(draft, lines=(replace(draft.lines[0], gross=draft.lines[0].net),))
    assert draft_dict(gross)["lines"][0]["gross"] == "95.00"


def test_a_document_is_the_draft_and_the_parties_of_the_day() -> None:
    draft, book = made()
    document = to_invoice(draft, book, SELLER, date(2026, 11, 3))
    assert (document.number, document.kind, document.issue_date) == (None, "invoice", date(2026, 11, 3))
    assert document.due_date == date(2026, 11, 17)
    assert (document.period_start, document.period_end) == (date(2026, 9, 12), date(2026, 10, 31))
    assert (document.seller, document.buyer, document.bank) == (SELLER.party, book.party, SELLER.banks[0])
    assert (document.net, document.tax, document.gross, document.taxes) == (
        draft.net,
        draft.tax,
        draft.gross,
        draft.taxes,
    )
    assert (document.language, document.currency, document.prices) == ("en", "EUR", "net")
    assert (document.contract_number, document.contract_date) == ("C-7", date(2026, 1, 15))
    assert (document.buyer_reference, document.order_number) == ("B", "O")
    assert document.rounding_note == "Times are rounded up to 15 min, once per task."
    assert [line.number for line in document.lines] == [1, 2, 3]
    first, fixed, late = document.lines
    assert (first.issue, first.ticket, first.comments) == ("5", "2026100510000014", ("Fixed the form",))
    assert (first.minutes, first.booked_minutes, first.specialist) == (60, 50, "Ann Able")
    assert (fixed.label, fixed.minutes, fixed.net) == ("Fixed price", 0, 0)
    assert (late.heading, late.first_day, late.issue, late.ticket) == ("earlier months", date(2026, 9, 12), None, None)


def test_the_period_is_the_month_where_nothing_is_late() -> None:
    draft = draft_of(planned(entry(1, spent_on=date(2026, 10, 9))))
    document = to_invoice(draft, client(language="ru"), SELLER, None)
    assert (document.period_start, document.issue_date) == (date(2026, 10, 1), date(2026, 10, 31))
    assert document.due_date == date(2026, 11, 10)
    assert document.rounding_note == ""


def test_an_empty_draft_has_an_empty_document() -> None:
    draft = draft_of(planned(ledger=ledger(closing(month=SEPTEMBER))))
    document = to_invoice(draft, client(), SELLER, None)
    assert (document.lines, str(document.gross)) == ((), "0.00")


def test_a_cancellation_repeats_the_invoice_and_names_it() -> None:
    draft, book = made()
    issued = replace(to_invoice(draft, book, SELLER, date(2026, 11, 3)), number="2026-0042")
    taken_back = to_cancellation(issued, "Wrong client", date(2026, 11, 9))
    assert (taken_back.number, taken_back.kind, taken_back.due_date) == (None, "cancellation", None)
    assert (taken_back.corrects, taken_back.corrects_date) == ("2026-0042", date(2026, 11, 3))
    assert (taken_back.reason, taken_back.issue_date) == ("Wrong client", date(2026, 11, 9))
    assert (taken_back.lines, taken_back.taxes, taken_back.gross) == (issued.lines, issued.taxes, issued.gross)
    with pytest.raises(AssertionError, match="only what was issued"):
        to_cancellation(replace(issued, number=None), "x", date(2026, 11, 9))


@pytest.mark.parametrize(("currency", "account"), [("EUR", "euro"), ("USD", "any"), ("RUB", "rouble")])
def test_an_account_is_chosen_by_currency(currency: str, account: str) -> None:
    """Else the first that names none; without any account an empty one, which the check of documents refuses."""
    banks = (BankAccount("euro", currency="EUR"), BankAccount("any"), BankAccount("rouble", currency="RUB"))
    assert Seller("", Party("Web Studio"), banks).bank_for(currency).name == account
    assert Seller("", Party("Web Studio"), banks[:1]).bank_for("USD") == BankAccount()
