"""What is wrong parks its client and names the entry; the others go on, and nothing is billed by halves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from studio_invoices.errors import Problem
from studio_support.billing.month_plan import MonthPlan
from studio_support.billing.terms import Only, RateRow, Rule, TaxRow
from studio_support.errors import SourceBroken
from studio_support.model import Person, Project
from tests.months import (
    ANN,
    BOB,
    GENERAL,
    JANUARY_1,
    NOVEMBER,
    OTHER,
    SEPTEMBER,
    SHOP,
    SITE,
    TAX_22,
    D,
    charged,
    client,
    closing,
    draft_of,
    entry,
    issue,
    ledger,
    planned,
    skips,
    terms,
    texts,
)

B = client("b", "other")
ANNS = RateRow(JANUARY_1, D(120), "a.able", where="acme.toml: rates[2]")


def is_parked(plan: MonthPlan, *entries: str) -> bool:
    """acme is parked with all its entries, and b is billed."""
    assert plan.parked == ("acme",)
    assert [draft.client for draft in plan.drafts] == ["b"]
    assert {row for row, place in skips(plan).items() if place == ("unbilled", "acme")} == set(entries)
    return all(problem.client == "acme" for problem in plan.problems)


def with_b(*rows: Any, acme: Any = None, **more: Any) -> MonthPlan:
    return planned(*rows, entry(99, in_project=OTHER), clients=(acme or client(), B), **more)


def test_a_missing_rate_names_the_earliest_entry_and_counts_the_others() -> None:
    rows = (
        entry(1, spent_on=date(2026, 10, 9), by=BOB),
        entry(2, 30, by=BOB),
        entry(3, by=BOB, activity="Design"),
        entry(4),
    )
    plan = with_b(*rows, acme=client(rates=(ANNS,)))
    assert is_parked(plan, "1", "2", "3", "4")
    assert [problem.message for problem in plan.problems] == [
        "No rate for Bob Best, Development: entry 2 of 2026-10-05 (and 1 more), 1:30.",
        "No rate for Bob Best, Design: entry 3 of 2026-10-05, 1:00.",
    ]
    assert plan.problems[0].source == "entry:2"
    assert "clients/acme.toml" in plan.problems[0].next_step


def test_a_rate_that_begins_too_late_is_no_rate() -> None:
    plan = with_b(entry(1), acme=client(rates=(RateRow(date(2026, 10, 6), D(95)),), file=""))
    assert is_parked(plan, "1")
    assert "Add a [[rates]] row to acme" in plan.problems[0].next_step


def test_a_missing_tax_names_the_entry() -> None:
    """Shown time needs one as well: its line bears a category."""
    late_tax = terms(tax=(TaxRow(date(2026, 10, 6), "S", D(22)),), rules=(Rule("fixed", activity="Design", show=True),))
    after = date(2026, 10, 20)
    rows = (entry(1), entry(2, spent_on=after), entry(3, activity="Design"))
    plan = planned(*rows, entry(99, in_project=OTHER, spent_on=after), clients=(client(), B), terms=late_tax)
    assert is_parked(plan, "1", "2", "3")
    assert texts(plan.problems).startswith("acme: No tax row covers the day: entry 1 of 2026-10-05 (and 1 more), 2:00.")


@pytest.mark.parametrize(
    ("minutes", "wrong"),
    [(-1, "Negative time"), (24 * 60 + 1, "More than 24 hours in one entry")],
)
def test_negative_and_absurd_hours_park(minutes: int, wrong: str) -> None:
    """Even where the entry would cost nothing: the row is wrong, not free."""
    for activity in ("Development", "Consultation"):
        row = entry(1, minutes, activity=activity)
        plan = with_b(row, entry(2), terms=terms(non_billable_activities=("Consultation",)))
        assert is_parked(plan, "1", "2")
        assert wrong in plan.problems[0].message
        assert "entry 1 of 2026-10-05" in plan.problems[0].message


def test_a_long_day_is_allowed_up_to_the_limit() -> None:
    assert charged(planned(entry(1, 24 * 60))) == {"1": "acme"}
    assert charged(planned(entry(1, 60 * 60), terms=terms(max_hours_per_entry=60))) == {"1": "acme"}


def test_net_and_gross_prices_on_one_document_park() -> None:
    rows = (entry(1), entry(2, spent_on=date(2026, 10, 20)))
    mixed = (TAX_22, TaxRow(date(2026, 10, 15), "S", D(22), "gross"))
    plan = with_b(*rows, acme=client(tax=mixed))
    assert is_parked(plan, "1", "2")
    assert "some gross prices" in plan.problems[0].message


def test_free_time_does_not_mix_prices() -> None:
    rows = (entry(1), entry(2, spent_on=date(2026, 10, 20), activity="Design"))
    mixed = (TAX_22, TaxRow(date(2026, 10, 15), "S", D(22), "gross"))
    show = terms(rules=(Rule("fixed", activity="Design", show=True),))
    assert planned(*rows, clients=(client(tax=mixed),), terms=show).problems == ()


def test_two_rows_that_price_one_person_differently_park() -> None:
    rates = (GENERAL, ANNS, RateRow(JANUARY_1, D(130), "#7", where="acme.toml: rates[3]"))
    plan = with_b(entry(1), acme=client(rates=rates))
    assert is_parked(plan, "1")
    assert "120 in acme.toml: rates[2], 130 in acme.toml: rates[3]" in plan.problems[0].message
    listed = (RateRow(JANUARY_1, D(1)), RateRow(JANUARY_1, D(2)))
    assert is_parked(with_b(entry(1), acme=client(price_list=listed)), "1")


def test_a_row_that_names_nobody_parks_even_where_it_would_not_be_used() -> None:
    plan = with_b(entry(1), acme=client(rates=(GENERAL, RateRow(JANUARY_1, D(1), "gone"))))
    assert is_parked(plan, "1")


def test_a_deleted_users_time_parks_where_somebody_has_a_rate_of_his_own() -> None:
    """Redmine gives it to Anonymous: whose price it had is not known any more."""
    ghost = Person(4, "Anonymous")
    plan = with_b(entry(1, by=ghost), acme=client(rates=(GENERAL, ANNS)))
    assert is_parked(plan, "1")
    assert 'specialist = "#4"' in plan.problems[0].next_step
    priced = client(rates=(GENERAL, ANNS, RateRow(JANUARY_1, D(80), "#4")))
    assert draft_of(planned(entry(1, by=ghost), clients=(priced,))).net == D("80.00")
    assert draft_of(planned(entry(1, by=ghost))).net == D("95.00")


CSV: dict[str, Any] = {
    "source": "csv",
    "projects": (Project(None, "", "Site"), Project(None, "", "Other")),
}


def in_csv(id: str, name: str, project: str = "Site") -> Any:
    return entry(f"csv:{id}", project_id=None, project=project, user_id=None, user=name, created_on=None)


def csv_plan(*rows: Any, rates: tuple[RateRow, ...] = (GENERAL, ANNS), **more: Any) -> MonthPlan:
    books = (client("acme", "Site", rates=rates), client("b", "Other"))
    return planned(*rows, in_csv("99", "Ann Able", "Other"), clients=books, **(CSV | more))


def test_a_name_of_two_people_in_a_csv_parks_where_somebody_has_a_rate_of_his_own() -> None:
    twins = (ANN, Person(9, "Bob Best"), BOB)
    assert is_parked(csv_plan(in_csv("1", "Bob Best"), people=twins), "csv:1")
    assert charged(csv_plan(in_csv("1", "Bob Best"), people=twins, rates=(GENERAL,)))["csv:1"] == "acme"


def test_an_unknown_name_in_a_csv_may_be_the_absent_specialists_new_one() -> None:
    """Bob has a price of his own and no time this month; Cy Cole is known to nobody: the price may be Bob's."""
    rates = (GENERAL, RateRow(JANUARY_1, D(150), "b.best"))
    plan = csv_plan(in_csv("1", "Cy Cole"), rates=rates)
    assert is_parked(plan, "csv:1")
    assert '"Cy Cole" may be b.best by a new name' in plan.problems[0].message
    known = terms(people_aliases={"c.cole": "Cy Cole"})
    assert csv_plan(in_csv("1", "Cy Cole"), rates=rates, terms=known).problems == ()
    present = csv_plan(in_csv("1", "Cy Cole"), in_csv("2", "Bob Best"), rates=rates)
    assert present.problems == ()
    own = (*rates, RateRow(JANUARY_1, D(70), "Cy Cole", "Design"))
    assert csv_plan(in_csv("1", "Cy Cole"), rates=own).problems == ()


def test_broken_files_and_untrusted_listings_park() -> None:
    fault = Problem("file:clients/acme.toml", "clients/acme.toml has no currency.", "Add it.", "acme")
    assert is_parked(with_b(entry(1), config_problems=(fault,)), "1")
    assert is_parked(with_b(entry(1), acme=client(broken=True)), "1")
    assert is_parked(with_b(entry(1), acme=client("acme", "site", "gone")), "1")
    unreadable = (SITE, OTHER, Project(2, "shop", "Shop", readable=False))
    assert is_parked(with_b(entry(1), acme=client("acme", "site", "shop"), projects=unreadable), "1")


def test_rows_whose_time_cannot_be_read_park_whoever_owns_them() -> None:
    wrong = Problem("entry:7", "The hours of 7 cannot be read.", "Correct them.")
    plan = with_b(entry(1), doubtful=((entry(7, 0, in_project=SHOP), wrong),))
    assert is_parked(plan, "1", "7")
    nobodys = with_b(entry(1), doubtful=((entry(7, 0, project_id=77, project="New"), wrong),))
    assert nobodys.parked == ()
    assert [problem.client for problem in nobodys.problems] == [None]
    assert skips(nobodys)["7"] == ("unbilled", None)
    other_month = with_b(entry(1), doubtful=((entry(7, 0, date(2026, 9, 1)), wrong),))
    assert is_parked(other_month, "1")


def test_what_belongs_to_no_client_is_told_but_parks_nobody() -> None:
    general = Problem("file:studio-support.toml", "Something.", "Do it.")
    lost = Problem("file:clients/lost.toml", "clients/lost.toml has faults.", "Correct it.", "lost")
    row = Problem("entry:8", "No project.", "Look.")
    plan = with_b(entry(1), config_problems=(general, lost), problems=(row,))
    assert plan.parked == ()
    assert set(plan.problems) == {general, lost, row}
    chosen = with_b(entry(1), config_problems=(general, lost), problems=(row,), selected=frozenset({"acme"}))
    assert chosen.problems == ()
    gone = with_b(entry(1), config_problems=(general, lost), selected=frozenset({"lost"}))
    assert gone.problems == (lost,)


def test_a_draft_file_is_a_problem_only_once_there_is_time_for_it() -> None:
    draft = client(draft=True, rates=())
    plan = with_b(entry(1), entry(2, 30), acme=draft)
    assert is_parked(plan, "1", "2")
    (problem,) = plan.problems
    assert "is a draft, and time was booked for it: 2 entries, 1:30." in problem.message
    quiet = with_b(acme=draft)
    assert (quiet.parked, quiet.problems, [d.client for d in quiet.empty_drafts]) == ((), (), [])


def test_a_held_client_waits_with_the_reason() -> None:
    for reason, told in (("talks", "on hold: talks"), ("", "on hold")):
        plan = with_b(entry(1), ledger=ledger(held={"acme": reason}))
        assert is_parked(plan, "1")
        assert plan.skipped[0].reason == told
        assert "bill unhold 2026-10 --client acme" in texts(plan.notices)


def test_before_the_first_month_nothing_is_billed() -> None:
    for known in (
        {"terms": terms(first_month=NOVEMBER)},
        {"ledger": ledger(first_month=NOVEMBER), "terms": terms(first_month=None)},
    ):
        rows = (entry(1), entry(2, in_project=OTHER, spent_on=date(2026, 10, 31)), entry(3, project_id=77, project="X"))
        plan = planned(*rows, clients=(client(), B), **known)
        assert plan.drafts == plan.empty_drafts == ()
        assert plan.parked == ("acme", "b")
        assert {place for place, _ in skips(plan).values()} == {"before_start"}


def test_the_configurations_start_comes_before_the_stores() -> None:
    plan = planned(entry(1), terms=terms(first_month=SEPTEMBER), ledger=ledger(first_month=NOVEMBER))
    assert charged(plan) == {"1": "acme"}


A_ONLY, B_ONLY = Only("issue_field", "Payer", "A"), Only("issue_field", "Payer", "B")


def shared(*rows: Any, **more: Any) -> MonthPlan:
    tasks = tuple(issue(n, fields=(("Payer", payer),)) for n, payer in enumerate("ABC", start=1))
    books = (client("a", "site", only=A_ONLY), client("b", "site", only=more.pop("second", B_ONLY)))
    return planned(*rows, issues=tasks, clients=books, **more)


def test_a_shared_project_is_split_by_the_field() -> None:
    plan = shared(entry(1, issue_id=1), entry(2, issue_id=2), entry(3, issue_id=3), entry(4))
    assert charged(plan) == {"1": "a", "2": "b"}
    assert skips(plan) == {"3": ("unbilled", None), "4": ("unbilled", None)}
    (problem,) = plan.problems
    assert problem.client is None
    assert problem.message == "The `only` of a, b must match exactly one client: of 2 entries, 2:00 it does not."


def test_time_that_two_clients_claim_is_neithers() -> None:
    plan = shared(entry(1, issue_id=1), second=Only("issue_field", "Payer", "A"))
    assert skips(plan) == {"1": ("unbilled", None)}
    assert len(plan.problems) == 1


def test_unclear_time_is_told_to_those_whom_it_may_concern() -> None:
    assert len(shared(entry(4), selected=frozenset({"a"})).problems) == 1
    assert shared(entry(4), selected=frozenset({"c"})).problems == ()
    assert shared(entry(4), terms=terms(first_month=NOVEMBER)).problems == ()


def test_a_broken_file_claims_what_nobody_else_does() -> None:
    """Its `only` may be the fault itself: the sound client keeps his, the rest waits for the broken one."""
    tasks = tuple(issue(n, fields=(("Payer", payer),)) for n, payer in enumerate("AB", start=1))
    books = (client("a", "site", only=A_ONLY), client("b", "site", broken=True))
    plan = planned(entry(1, issue_id=1), entry(2, issue_id=2), issues=tasks, clients=books)
    assert charged(plan) == {"1": "a"}
    assert skips(plan) == {"2": ("unbilled", "b")}
    assert plan.parked == ("b",)


def test_a_project_in_two_files_without_only_is_billed_to_neither() -> None:
    books = (client("a", "site"), client("b", "site"))
    plan = planned(entry(1), clients=books)
    assert plan.parked == ("a", "b")
    assert skips(plan) == {"1": ("unbilled", None)}
    assert {problem.client for problem in plan.problems} == {"a", "b"}


def test_time_that_nobody_lists_is_a_problem_and_internal_time_is_none() -> None:
    rows = (
        entry(1),
        entry(2, 30, in_project=OTHER),
        entry(3, 20, in_project=OTHER),
        entry(4, project_id=9, project="Us"),
    )
    us = Project(9, "us", "Us")
    plan = planned(*rows, projects=(SITE, OTHER, us), terms=terms(internal_projects=("us",)))
    assert skips(plan) == {"2": ("unbilled", None), "3": ("unbilled", None), "4": ("internal", None)}
    assert [(row.entry.id, row.client, row.disposed) for row in plan.internal] == [("4", None, "internal")]
    (problem,) = plan.problems
    assert problem.message == 'No client lists the project "Other": 2 entries, 0:50.'
    assert "client discover --write" in problem.next_step
    chosen = planned(
        *rows, projects=(SITE, OTHER, us), terms=terms(internal_projects=("us",)), selected=frozenset({"acme"})
    )
    assert (chosen.problems, chosen.internal, skips(chosen)) == ((), (), {})


def test_only_chosen_clients_are_planned() -> None:
    plan = with_b(entry(1), selected=frozenset({"b"}), ledger=ledger(closing("b")))
    assert charged(plan) == {"99": "b"}
    assert skips(plan) == {}


def test_an_entry_that_comes_twice_stops_the_run() -> None:
    with pytest.raises(SourceBroken, match="entry 1 came twice"):
        planned(entry(1), entry(1))
    with pytest.raises(SourceBroken, match="entry 1 came twice"):
        planned(entry(1), entry(1, spent_on=date(2026, 9, 30)))
