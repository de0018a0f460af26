"""Lines of a draft: one task at one rate, tax and heading; grouped, titled, ordered; shown without being charged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from studio_support.billing.lines import in_currency
from studio_support.billing.month_plan import DraftLine
from studio_support.billing.terms import RateRow, Rounding, Rule, TaxRow
from studio_support.model import Issue, Person, Project, TimeEntry
from tests.months import (
    ANN,
    BOB,
    GENERAL,
    JANUARY_1,
    SHOP,
    SITE,
    TAX_22,
    D,
    client,
    closing,
    draft_of,
    entry,
    issue,
    ledger,
    planned,
    skips,
    terms,
)

TASK = issue(5, "Form is broken", ticket="2026100510000014")


def lines(*entries: TimeEntry, **more: Any) -> tuple[DraftLine, ...]:
    plan = planned(*entries, **more)
    assert plan.problems == ()
    return draft_of(plan).lines


def shape(made: tuple[DraftLine, ...]) -> list[tuple[str, str, int]]:
    return [(line.project, line.title, line.minutes) for line in made]


def test_a_line_is_a_task_at_a_rate() -> None:
    """Two people at one price share a line and nobody is named; at two prices there are two lines, the dearer first."""
    rows = (entry(1, 20, issue_id=5), entry(2, 30, issue_id=5, by=BOB, activity="Design"))
    (line,) = lines(*rows, issues=(TASK,))
    assert (line.title, line.ticket, line.issue) == ("Form is broken", "2026100510000014", 5)
    assert (line.minutes, line.specialist, line.people) == (50, None, ("Ann Able", "Bob Best"))
    own = client(rates=(GENERAL, RateRow(JANUARY_1, D(120), "b.best", where="acme.toml: rates[2]")))
    dearer, line = lines(*rows, issues=(TASK,), clients=(own,))
    assert (dearer.specialist, dearer.minutes, dearer.rate_per_hour) == ("Bob Best", 30, D(120))
    assert (line.specialist, line.minutes, line.rate_per_hour) == ("Ann Able", 20, D(95))
    assert (dearer.rate_source, line.rate_source) == ("acme.toml: rates[2]", "acme.toml: rates[1]")


def test_rows_of_the_same_price_make_one_line_with_both_sources() -> None:
    rates = (GENERAL, RateRow(date(2026, 10, 6), D("95.0"), where="acme.toml: rates[2]"))
    (line,) = lines(entry(1), entry(2, spent_on=date(2026, 10, 7)), clients=(client(rates=rates),))
    assert line.rate_source == "acme.toml: rates[1]; acme.toml: rates[2]"
    assert (line.first_day, line.last_day) == (date(2026, 10, 5), date(2026, 10, 7))


def test_namesakes_are_two_people() -> None:
    twin = Person(9, ANN.name)
    (line,) = lines(entry(1), entry(2, by=twin))
    assert (line.specialist, line.people) == (None, ("Ann Able",))


def test_time_without_a_task_is_a_line_a_project_and_activity() -> None:
    rows = [
        entry(1, 10),
        entry(2, 20, activity="Design"),
        entry(3, 30, in_project=SHOP),
        entry(4, 40),
        entry(5, 50, issue_id=5),
    ]
    made = lines(*rows, issues=(TASK,))
    assert shape(made) == [
        ("Shop", "Development", 30),
        ("Site", "Form is broken", 50),
        ("Site", "Design", 20),
        ("Site", "Development", 50),
    ]


def test_tasks_come_by_number_and_one_without_subject_by_it() -> None:
    rows = [entry(1, issue_id=10), entry(2, issue_id=9), entry(3, issue_id=11)]
    made = lines(*rows, issues=(issue(10, "Ten"), issue(9, "Nine"), Issue(11, "")))
    assert [(line.issue, line.title, line.ticket) for line in made] == [
        (9, "Nine", None),
        (10, "Ten", None),
        (11, "#11", None),
    ]
    assert [line.title for line in lines(entry(1, issue_id=12))] == ["#12"]


def test_two_projects_of_one_name_are_told_apart() -> None:
    """By identifier; by id where the list of projects does not hold one of them."""
    twin = Project(3, "site-two", "Site")
    rows = (entry(1, 10), entry(2, 20, in_project=twin))
    made = lines(*rows, projects=(SITE, twin), clients=(client("acme", "site", "site-two"),))
    assert shape(made) == [("Site (site)", "Development", 10), ("Site (site-two)", "Development", 20)]
    bare = Project(3, "", "Site", parent_id=1)
    made = lines(*rows, projects=(SITE, bare), clients=(client("acme", "site"),))
    assert [line.project for line in made] == ["Site (#3)", "Site (site)"]


def test_late_time_stands_under_its_own_heading_with_its_own_rate_and_days() -> None:
    """September's price for September's work, in a line of its own, after the month's."""
    rates = (GENERAL, RateRow(date(2026, 10, 1), D(100)))
    rows = (entry(1, 60, date(2026, 9, 30), issue_id=5), entry(2, 30, issue_id=5))
    made = lines(*rows, issues=(TASK,), clients=(client(rates=rates),), ledger=ledger(closing()))
    assert [(line.heading, line.minutes, line.rate_per_hour) for line in made] == [
        (None, 30, D(100)),
        ("earlier months", 60, D(95)),
    ]
    assert (made[1].first_day, made[1].last_day) == (date(2026, 9, 30), date(2026, 9, 30))


def test_a_change_of_tax_in_the_middle_of_the_month_splits_a_task() -> None:
    """A studio may lose its exemption on any day; each row keeps its category and reason."""
    taxes = (TaxRow(JANUARY_1, "E", D(0), reason="Small business"), TaxRow(date(2026, 10, 15), "S", D(5)))
    rows = (entry(1, 60, issue_id=5), entry(2, 60, date(2026, 10, 15), issue_id=5))
    plan = planned(*rows, issues=(TASK,), terms=terms(tax=taxes))
    draft = draft_of(plan)
    assert [(line.tax_category, line.tax_rate, line.minutes) for line in draft.lines] == [("E", 0, 60), ("S", 5, 60)]
    assert [(row.category, row.base, row.tax, row.reason) for row in draft.taxes] == [
        ("E", D("95.00"), D("0.00"), "Small business"),
        ("S", D("95.00"), D("4.75"), ""),
    ]


def test_a_reason_that_was_worded_anew_is_given_in_both_words_oldest_first() -> None:
    taxes = (TaxRow(JANUARY_1, "E", D(0), reason="Z words"), TaxRow(date(2026, 10, 15), "E", D(0), reason="A words"))
    rows = (entry(2, 60, date(2026, 10, 15)), entry(1, 60))
    for order in (rows, rows[::-1]):
        (tax,) = draft_of(planned(*order, terms=terms(tax=taxes))).taxes
        assert tax.reason == "Z words; A words"


def test_rounding_is_applied_once_to_what_is_printed() -> None:
    """Two entries of 20 min: 40 -> 45 per task, 30 + 30 per entry; the booked time stands beside it."""
    rows = (entry(1, 20, issue_id=5), entry(2, 20, issue_id=5))
    for per, minutes, net in (("task", 45, "71.25"), ("entry", 60, "95.00")):
        rounding = Rounding(15, "up", per)  # type: ignore[arg-type]  # one of the two scopes
        plan = planned(*rows, issues=(TASK,), clients=(client(rounding=rounding),))
        draft = draft_of(plan)
        (line,) = draft.lines
        assert (line.minutes, line.booked_minutes, str(line.net)) == (minutes, 40, net)
        assert (draft.minutes, draft.booked_minutes) == (minutes, 40)


def test_comments_are_on_the_document_only_where_the_client_wants_them() -> None:
    rows = (entry(1, comments="Fixed"), entry(2, comments=" "), entry(3, comments="Tested"))
    assert lines(*rows)[0].comments == ()
    assert lines(*rows, clients=(client(comments=True),))[0].comments == ("Fixed", "Tested")


def free(**more: Any) -> Rule:
    return Rule("non_billable", activity="Consultation", **more)


@pytest.mark.parametrize(
    ("labels", "language", "printed"),
    [
        ((("de", "Frei"), ("en", "Free")), "de", "Frei"),
        ((("de", "Frei"), ("en", "Free")), "ru", "Free"),
        ((("de", "Frei"),), "ru", "Frei"),
        ((), "ru", ""),
    ],
)
def test_time_free_of_charge_is_shown_with_a_label(
    labels: tuple[tuple[str, str], ...], language: str, printed: str
) -> None:
    """In the client's language, else English, else any; "" leaves the words to the document."""
    rows = (entry(1, 60), entry(2, 30, activity="consultation"))
    plan = planned(*rows, terms=terms(rules=(free(show=True, label=labels),)), clients=(client(language=language),))
    draft = draft_of(plan)
    charged, shown = sorted(draft.lines, key=lambda line: line.label is not None)
    assert (shown.label, shown.charged, shown.minutes, shown.booked_minutes, shown.net) == (printed, False, 0, 30, 0)
    assert charged.charged
    assert (draft.minutes, draft.booked_minutes, draft.net) == (60, 60, D("95.00"))
    assert skips(plan) == {"2": ("non_billable", "acme")}


def test_free_time_of_a_charged_task_is_a_line_of_its_own_after_it() -> None:
    rows = (entry(1, 60, issue_id=5), entry(2, 30, issue_id=5, activity="Consultation"))
    made = lines(*rows, issues=(TASK,), terms=terms(rules=(free(show=True, label=(("en", "Free"),)),)))
    assert [(line.title, line.label, line.booked_minutes) for line in made] == [
        ("Form is broken", None, 60),
        ("Form is broken", "Free", 30),
    ]


def test_free_time_alone_makes_no_invoice() -> None:
    plan = planned(entry(1, activity="Consultation"), terms=terms(rules=(free(show=True),)))
    assert plan.drafts == ()
    (draft,) = plan.empty_drafts
    assert (draft.billable, draft.net, draft.taxes, len(draft.lines)) == (False, D("0.00"), (), 1)


@pytest.mark.parametrize(
    ("rate", "currency", "shown"),
    [
        ("95", "EUR", "95.00"),
        ("95.5", "EUR", "95.50"),
        ("95.125", "EUR", "95.125"),
        ("9500", "JPY", "9500"),
        ("9500.50", "JPY", "9500.50"),
        ("7.5", "KWD", "7.500"),
        ("1E+2", "EUR", "100.00"),
    ],
)
def test_a_rate_is_shown_with_the_currencys_decimals_and_never_rounded(rate: str, currency: str, shown: str) -> None:
    assert str(in_currency(D(rate), currency)) == shown


def test_tax_of_shown_time_is_the_days() -> None:
    made = lines(entry(1, activity="Consultation"), terms=terms(rules=(free(show=True),)))
    assert (made[0].tax_category, made[0].tax_rate) == ("S", TAX_22.rate)
