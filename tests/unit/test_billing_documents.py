"""Drafts looked at as documents: what parks a client, and what is told once of a seller or a client."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from studio_invoices.model import BankAccount, Party
from studio_support.billing.documents import act_date, bare_document, checked, code_notices, words_notices
from studio_support.billing.month_plan import MonthPlan
from studio_support.billing.terms import Client, Seller
from tests.months import OTHER, client, draft_of, entry, planned, terms

EURO = Seller(
    "berlin",
    Party("Студия Север", ("Torstr. 200",), "DE", vat_id="DE136695976"),
    (BankAccount("Bank", "HASPDEHHXXX", iban="DE89370400440532013000"),),
)
BOTH = terms(sellers={"": EURO})


def looked(plan: MonthPlan, *clients: Client) -> MonthPlan:
    book = {row.id: row for row in clients}
    return checked(plan, book, BOTH, lambda kind, value, country: None, lambda seller: lambda text: ())


def test_an_act_dated_before_its_work_parks_the_client() -> None:
    """It says that work was done that is not done yet; whoever gets no act is not asked."""
    wants = client("acme", documents=("invoice", "act"))
    plan = planned(entry(1), clients=(wants,), terms=BOTH)
    (draft,) = plan.drafts
    assert act_date(draft, wants) == date(2026, 10, 31)
    later = replace(draft, lines=(replace(draft.lines[0], last_day=date(2026, 11, 1)),))
    found = looked(replace(plan, drafts=(later,)), wants)
    assert found.parked == ("acme",)
    (problem,) = [problem for problem in found.problems if problem.source == "act"]
    assert problem.message == "the act is dated 2026-10-31, before the last day of its work, 2026-11-01"
    assert problem.client == "acme"
    without = looked(replace(plan, drafts=(later,)), client("acme"))
    assert [problem.source for problem in without.problems if problem.source == "act"] == []
    assert act_date(draft, client("acme")) is None


def test_a_sellers_missing_code_is_told_once_for_all_clients() -> None:
    """Two clients, one seller in Cyrillic with a euro account: one notice, which names no client and parks nobody."""
    one, two = client("acme"), client("beta", "other")
    plan = planned(entry(1), entry(2, in_project=OTHER), clients=(one, two), terms=BOTH)
    assert len(plan.drafts) == 2
    found = looked(plan, one, two)
    (notice,) = [notice for notice in found.notices if "payment code" in notice.message]
    assert (notice.source, notice.client) == ("seller.bank.holder", None)
    assert "invoices of Студия Север in EUR" in notice.message
    assert found.parked == ()
    assert draft_of(found, "beta").client == "beta"


def test_what_lies_with_a_client_is_told_of_that_client() -> None:
    """A Swiss buyer whose name no Swiss bank takes."""
    swiss = Seller(
        "",
        Party("Webwerk AG", ("Bahnhofstrasse 12a",), "CH", postcode="8001", city="Zürich"),
        (BankAccount("PostFinance", iban="CH9300762011623852957"),),
    )
    buyer = Party("Сыроварня", ("Dorfplatz",), "CH", postcode="3053", city="Münchenbuchsee")
    known = client("acme", party=buyer, currency="CHF")
    document = bare_document(known, terms(sellers={"": swiss}), date(2026, 11, 2))
    (notice,) = code_notices(document, known, terms(sellers={"": swiss}))
    assert (notice.source, notice.client, notice.next_step) == (
        "client:buyer.name",
        "acme",
        "Correct `name` in his file.",
    )


def test_totals_without_words_are_told_where_words_are_customary_or_asked_for() -> None:
    """Ukrainian has hryvnias and no tenge; Spanish has none, and is told only if the seller asks for words."""

    def told(language: str, currency: str, *, asked: bool = False) -> list[tuple[str, str]]:
        found = words_notices(client("acme", language=language, currency=currency), lambda seller: asked)
        assert all((notice.source, notice.client) == ("client:language", "acme") for notice in found)
        return [(notice.message, notice.next_step) for notice in found]

    assert told("uk", "UAH") == told("es", "EUR") == told("de-AT", "EUR", asked=True) == []
    assert told("uk-UA", "KZT") == [
        (
            "totals are printed in figures alone: there are no words for KZT in uk-UA",
            "Nothing is wrong on the invoice. Words for KZT: ru.",
        )
    ]
    ((message, step),) = told("es", "EUR", asked=True)
    assert message == "totals are printed in figures alone: there are no words for EUR in es"
    assert step == "Nothing is wrong on the invoice. Words for EUR: de, en, fr, pl, ru, uk."
    ((_, step),) = told("pl", "CZK")
    assert step.endswith("bill in a currency that has them.")


def test_totals_without_words_are_told_with_the_plan() -> None:
    """As a notice, which parks nobody."""
    spanish = client("acme", language="es")
    plan = planned(entry(1), clients=(spanish,), terms=BOTH)
    quiet = looked(plan, spanish)
    assert not [notice for notice in quiet.notices if "in figures alone" in notice.message]
    fault, glyphs = (lambda kind, value, country: None), (lambda seller: lambda text: ())
    asked = checked(plan, {"acme": spanish}, BOTH, fault, glyphs, lambda seller: True)
    assert [notice.client for notice in asked.notices if "in figures alone" in notice.message] == ["acme"]
    assert len(asked.drafts) == 1
