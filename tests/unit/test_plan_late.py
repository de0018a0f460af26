"""A closed month stays closed: late time, supplements, other kinds of source, and what changed after billing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from studio_support.billing.ledger_view import MARK_OVERLAP
from studio_support.billing.month_plan import MonthPlan
from studio_support.billing.terms import Only
from studio_support.model import Project
from tests.months import (
    AUGUST,
    NOVEMBER,
    OCTOBER,
    OTHER,
    SEPTEMBER,
    SHOP,
    billed,
    changed,
    charged,
    client,
    closing,
    days_after,
    draft_of,
    entry,
    issue,
    ledger,
    planned,
    read_at,
    set_aside,
    skips,
    terms,
    texts,
)

LATE = entry(1, 60, date(2026, 9, 30), created_on=days_after(read_at(SEPTEMBER), 3))
HERE = entry(2, 30)
AFTERWARDS = entry(3, 45, created_on=days_after(read_at(OCTOBER), 1))


def reasons(plan: MonthPlan) -> dict[str, str]:
    return {row.entry: row.reason for row in plan.skipped}


def test_time_booked_late_for_a_closed_month_goes_on_this_invoice() -> None:
    plan = planned(LATE, HERE, ledger=ledger(closing()), terms=terms(first_month=SEPTEMBER))
    assert charged(plan) == {"1": "acme", "2": "acme"}
    assert {line.heading: [row.id for row in line.entries] for line in draft_of(plan).lines} == {
        None: ["2"],
        "earlier months": ["1"],
    }
    assert plan.notices == ()


def test_late_time_alone_makes_an_invoice() -> None:
    assert charged(planned(LATE, ledger=ledger(closing()))) == {"1": "acme"}


def test_late_time_of_a_month_that_was_never_closed_is_a_notice() -> None:
    """August is closed, September is not: it is billed by closing it, not on October's invoice."""
    plan = planned(LATE, HERE, ledger=ledger(closing(month=AUGUST)))
    assert charged(plan) == {"2": "acme"}
    assert skips(plan) == {"1": ("unbilled", "acme")}
    (notice,) = plan.notices
    assert notice.message == "Earlier months are not closed for acme: 2026-09 (1 entry, 1:00 booked late)."
    assert "bill close 2026-09 --client acme" in notice.next_step
    assert plan.problems == ()


def test_all_open_months_are_named_in_one_notice() -> None:
    """From the later of the studio's first month and the client's first rate on."""
    assert "acme: 2026-08, 2026-09." in texts(planned(HERE).notices)
    (notice,) = planned(LATE, HERE).notices
    assert "acme: 2026-08, 2026-09 (1 entry, 1:00 booked late)." in notice.message
    assert "`bill close 2026-08 --client acme`" in notice.next_step
    young = client(rates=tuple(changed(row, from_day=date(2026, 9, 20)) for row in client().rates))
    assert "acme: 2026-09." in texts(planned(HERE, clients=(young,)).notices)
    assert planned(HERE, clients=(young,), ledger=ledger(closing())).notices == ()
    assert planned(HERE, terms=terms(first_month=OCTOBER)).notices == ()
    assert planned(HERE, terms=terms(first_month=None)).notices == ()


def test_a_draft_file_has_no_open_months_of_its_own() -> None:
    assert planned(clients=(client(draft=True),)).notices == ()
    assert planned(clients=(client(rates=()),)).notices == ()


def test_late_time_before_the_start_is_never_billed() -> None:
    """Nor is it late: it was done before anything was billed here."""
    early = entry(4, spent_on=date(2026, 7, 31))
    plan = planned(early, HERE, ledger=ledger(closing()))
    assert charged(plan) == {"2": "acme"}
    assert skips(plan) == {"4": ("before_start", "acme")}


def test_time_of_later_months_and_strangers_late_time_are_left_alone() -> None:
    """Booked in advance, or late for a project that nobody lists: neither is billed; the latter is told."""
    advance = entry(5, spent_on=date(2026, 11, 3))
    stray = changed(LATE, id="6", project_id=77, project="New")
    plan = planned(advance, stray, HERE, ledger=ledger(closing(), closing(month=NOVEMBER)))
    assert charged(plan) == {"2": "acme"}
    assert skips(plan) == {}
    assert "month:2026-09" in {notice.source for notice in plan.notices}


def test_what_is_booked_after_closing_waits_for_the_next_invoice() -> None:
    done = ledger(closing(), closing(month=OCTOBER), placed=(billed(HERE),))
    since = changed(LATE, created_on=AFTERWARDS.created_on)
    plan = planned(HERE, AFTERWARDS, since, ledger=done)
    assert (plan.drafts, plan.already, plan.problems) == ((), ("acme",), ())
    assert skips(plan) == {"1": ("unbilled", "acme"), "2": ("billed", "acme"), "3": ("unbilled", "acme")}
    assert reasons(plan)["3"] == "booked after 2026-10 was closed: goes on the next invoice"
    assert reasons(plan)["1"] == "booked late for 2026-09: goes on the next invoice"
    following = planned(since, AFTERWARDS, month=NOVEMBER, ledger=done)
    assert charged(following) == {"1": "acme", "3": "acme"}


def test_nothing_is_promised_to_the_next_invoice_that_its_read_will_not_find() -> None:
    """Seen only because another client's mark is older; this client's next close looks back less far."""
    done = ledger(closing(), closing(month=OCTOBER))
    plan = planned(LATE, ledger=done)
    assert skips(plan) == {"1": ("unbilled", "acme")}
    assert "only a supplement bills it" in reasons(plan)["1"]
    assert "bill close 2026-09 --client acme --supplement" in plan.problems[0].next_step


@pytest.mark.parametrize(("days", "is_found"), [(1.0, True), (0.0, True), (-1.0, True), (-1.001, False), (-20, False)])
def test_what_came_to_a_closed_month_unbooked_is_found_by_a_supplement_alone(days: float, is_found: bool) -> None:
    """Moved from another project or day, or its project listed since: created too long ago to be sought as late."""
    row = entry(4, created_on=days_after(read_at(OCTOBER), days))
    assert days_after(read_at(OCTOBER), -1) == read_at(OCTOBER) - MARK_OVERLAP
    done = ledger(closing(), closing(month=OCTOBER))
    plan = planned(row, ledger=done)
    assert skips(plan) == {"4": ("unbilled", "acme")}
    assert (plan.problems == ()) is is_found
    if not is_found:
        assert "too old to be found as late time" in plan.problems[0].message
        assert "bill close 2026-10 --client acme --supplement" in plan.problems[0].next_step
        assert charged(planned(row, ledger=done, supplement=True)) == {"4": "acme"}


def test_the_mark_is_that_of_the_last_month_closed_not_of_the_last_run() -> None:
    """November is closed too: what was created before its read, for October, is sought by nobody any more."""
    done = ledger(closing(month=NOVEMBER), closing(month=OCTOBER))
    before = entry(4, created_on=days_after(read_at(NOVEMBER), -2))
    after = entry(5, created_on=days_after(read_at(NOVEMBER), 2))
    plan = planned(before, after, ledger=done)
    assert [problem.source for problem in plan.problems] == ["entry:4"]


def supplement(*rows: Any, **more: Any) -> MonthPlan:
    return planned(*rows, supplement=True, **more)


def test_a_supplement_bills_at_once_what_would_wait() -> None:
    done = ledger(closing(), closing(month=OCTOBER), placed=(billed(HERE),))
    plan = supplement(HERE, AFTERWARDS, LATE, ledger=done)
    assert charged(plan) == {"1": "acme", "3": "acme"}
    assert draft_of(plan).supplement == 1
    assert plan.already == ()


def test_a_second_supplement_has_a_number_of_its_own_and_bills_only_what_is_new() -> None:
    first = closing(month=OCTOBER, supplement=1, plan_hash="1" * 16)
    again = entry(6, created_on=days_after(read_at(OCTOBER), 5))
    done = ledger(closing(), closing(month=OCTOBER), first, placed=(billed(HERE), billed(AFTERWARDS)))
    plan = supplement(HERE, AFTERWARDS, again, ledger=done)
    assert charged(plan) == {"6": "acme"}
    assert draft_of(plan).supplement == 2
    nothing_new = supplement(HERE, AFTERWARDS, ledger=done)
    assert (nothing_new.drafts, nothing_new.already) == ((), ("acme",))


def test_there_is_nothing_to_supplement_in_a_month_that_is_open() -> None:
    plan = supplement(HERE)
    assert skips(plan) == {"2": ("unbilled", "acme")}
    assert plan.parked == ("acme",)
    assert "2026-10 is not closed for acme" in texts(plan.notices)


def test_a_month_whose_invoice_was_cancelled_is_open_though_a_supplement_stands() -> None:
    """The supplement's entries stay billed; the month's own are billed again, under supplement 0."""
    done = ledger(closing(), closing(month=OCTOBER, supplement=1), placed=(billed(AFTERWARDS),))
    plan = planned(HERE, AFTERWARDS, ledger=done)
    assert charged(plan) == {"2": "acme"}
    assert draft_of(plan).supplement == 0
    assert skips(plan) == {"3": ("billed", "acme")}
    assert "is not closed for acme" in texts(supplement(HERE, ledger=done).notices)


def test_a_cancelled_month_is_billed_again_with_its_late_time() -> None:
    """September stands; October was cancelled, and with it September's late hour that stood on it: both come again."""
    again = planned(LATE, HERE, ledger=ledger(closing(), closing(month=NOVEMBER)))
    assert charged(again) == {"1": "acme", "2": "acme"}
    assert [line.heading for line in draft_of(again).lines] == [None, "earlier months"]


def test_late_time_of_a_cancelled_month_waits_for_that_month() -> None:
    """September itself was cancelled: its time is not late, it is open."""
    plan = planned(LATE, HERE, ledger=ledger(closing(month=AUGUST), closing(month=NOVEMBER)))
    assert charged(plan) == {"2": "acme"}
    assert "2026-09 (1 entry, 1:00 booked late)" in texts(plan.notices)


def test_an_older_month_closed_out_of_order_takes_the_late_time_of_months_before_it() -> None:
    """October was closed before September: September's plan has August's late hour, and leaves October's alone."""
    august = entry(4, spent_on=date(2026, 8, 31))
    october = entry(5, created_on=days_after(read_at(OCTOBER), 1))
    september = entry(6, spent_on=date(2026, 9, 10))
    done = ledger(closing(month=AUGUST), closing(month=OCTOBER))
    plan = planned(august, september, october, month=SEPTEMBER, ledger=done)
    assert charged(plan) == {"4": "acme", "6": "acme"}
    assert skips(plan) == {}
    following = planned(
        october, month=NOVEMBER, ledger=ledger(closing(month=AUGUST), closing(), closing(month=OCTOBER))
    )
    assert charged(following) == {"5": "acme"}


def test_a_client_parked_one_month_is_billed_for_it_by_closing_it_later() -> None:
    """October was parked, November is closed: October's time is never late, whenever it was booked."""
    known = ledger(closing())
    plan = planned(AFTERWARDS, month=NOVEMBER, ledger=known)
    assert charged(plan) == {}
    assert "2026-10 (1 entry, 0:45 booked late)" in texts(plan.notices)
    later = ledger(closing(), closing(month=NOVEMBER))
    assert charged(planned(HERE, AFTERWARDS, ledger=later)) == {"2": "acme", "3": "acme"}


# another kind of source

IN_CSV = changed(HERE, id="csv:abc:1", project_id=None, user_id=None, created_on=None)
CSV: dict[str, Any] = {
    "source": "csv",
    "projects": (Project(None, "", "Site"),),
    "clients": (client("acme", "Site"),),
}


def test_a_month_closed_from_redmine_takes_no_rows_of_a_csv() -> None:
    for more in ({}, {"supplement": True}):
        plan = planned(IN_CSV, **CSV, **more, ledger=ledger(closing(month=OCTOBER)))
        assert charged(plan) == {}
        assert skips(plan) == {"csv:abc:1": ("unbilled", "acme")}
        (problem,) = plan.problems
        assert "keys unknown to what was closed from redmine: csv:abc:1." in problem.message


def test_a_month_closed_from_a_csv_takes_nothing_from_redmine() -> None:
    from_csv = ledger(closing(month=AUGUST, source="csv"), closing(source="csv"), closing(month=OCTOBER, source="csv"))
    plan = planned(HERE, LATE, AFTERWARDS, ledger=from_csv)
    assert charged(plan) == {}
    assert len(plan.problems) == 2
    november = planned(LATE, entry(9, spent_on=date(2026, 11, 2)), month=NOVEMBER, ledger=from_csv)
    assert charged(november) == {"9": "acme"}
    assert [problem.client for problem in november.problems] == [None]


def test_an_unknown_row_of_a_month_closed_from_csv_is_a_problem_never_late() -> None:
    """It may be a known row whose comment was edited: its hours may stand on the invoice already."""
    late_row = changed(IN_CSV, id="csv:def:1", spent_on=date(2026, 9, 30))
    many = [changed(late_row, id=f"csv:{n}:1") for n in "wxyz"]
    plan = planned(IN_CSV, late_row, *many, **CSV, ledger=ledger(closing(month=AUGUST), closing(source="csv")))
    assert charged(plan) == {"csv:abc:1": "acme"}
    (problem,) = plan.problems
    assert "5 entries, 2:30 of acme for 2026-09" in problem.message
    assert problem.message.endswith("csv:y:1 and 2 more.")
    assert plan.parked == ()


# what changed after it was billed or set aside

DONE = ledger(closing(month=AUGUST), closing(), closing(month=OCTOBER), placed=(billed(HERE), set_aside(AFTERWARDS)))


@pytest.mark.parametrize(
    "edit",
    [
        {"minutes": 31},
        {"spent_on": date(2026, 10, 6)},
        {"user_id": 8},
        {"activity": "Design"},
        {"project_id": 2},
        {"issue_id": 5},
    ],
)
def test_an_edited_entry_stays_where_it_was_billed_and_is_told(edit: dict[str, Any]) -> None:
    plan = planned(changed(HERE, **edit), ledger=DONE)
    assert skips(plan) == {"2": ("billed", "acme")}
    (notice,) = plan.notices
    assert (notice.source, notice.client) == ("entry:2", "acme")
    assert "billed on 2026-0001 with 0:30 when 2026-10 was closed" in notice.message


@pytest.mark.parametrize("edit", [{"user": "Ann Baker"}, {"project": "New name"}, {"comments": "typo"}])
def test_a_new_name_of_person_or_project_changes_nothing(edit: dict[str, Any]) -> None:
    assert planned(changed(HERE, **edit), ledger=DONE).notices == ()


def test_an_entry_set_aside_and_edited_since_is_told() -> None:
    """It was consultation, free of charge; now it is development, and nobody would bill it."""
    plan = planned(changed(AFTERWARDS, activity="Design"), ledger=DONE)
    assert skips(plan) == {"3": ("non_billable", "acme")}
    assert "set aside as non_billable with 0:45" in texts(plan.notices)
    assert planned(AFTERWARDS, ledger=DONE).notices == ()


def test_without_a_fingerprint_only_the_time_tells() -> None:
    old = ledger(
        closing(month=AUGUST), closing(), closing(month=OCTOBER), placed=(set_aside(AFTERWARDS, fingerprint=""),)
    )
    assert planned(changed(AFTERWARDS, activity="Design"), ledger=old).notices == ()
    assert len(planned(changed(AFTERWARDS, minutes=1), ledger=old).notices) == 1


def test_an_entry_moved_to_another_month_after_billing_is_not_billed_there() -> None:
    """Into November, which is open: it stands on October's invoice, and the change is told."""
    moved = changed(HERE, spent_on=date(2026, 11, 1))
    plan = planned(moved, month=NOVEMBER, ledger=DONE)
    assert skips(plan) == {"2": ("billed", "acme")}
    assert len(plan.notices) == 1
    back = planned(changed(HERE, spent_on=date(2026, 9, 30)), ledger=DONE)
    assert (skips(back), len(back.notices)) == ({}, 1)


def test_an_entry_moved_to_another_client_after_billing_is_not_billed_to_him() -> None:
    books = (client(), client("b", "other"))
    moved = changed(HERE, project_id=OTHER.id, project=OTHER.name)
    for selected in (None, frozenset({"acme"}), frozenset({"b"})):
        plan = planned(moved, clients=books, ledger=DONE, selected=selected)
        assert charged(plan) == {}
        assert [notice.client for notice in plan.notices if notice.source == "entry:2"] == ["acme"]
    assert skips(planned(moved, clients=books, ledger=DONE, selected=frozenset({"b"}))) == {}
    nobody = planned(moved, clients=books, ledger=DONE, selected=frozenset({"c"}))
    assert nobody.notices == ()


def test_billed_time_whose_client_changed_by_a_field_or_a_file_is_told_once() -> None:
    """The entry itself is as it was; its task has another payer now."""
    tasks = (issue(5, fields=(("Payer", "B"),)),)
    books = [client(id, "site", only=Only("issue_field", "Payer", id.upper())) for id in ("a", "b")]
    rows = [entry(number, 30, issue_id=5) for number in (1, 2)]
    done = ledger(*(closing(id, OCTOBER) for id in "ab"), placed=[billed(row, "a") for row in rows])
    plan = planned(*rows, issues=tasks, clients=books, ledger=done, terms=terms(first_month=OCTOBER))
    assert skips(plan) == {"1": ("billed", "a"), "2": ("billed", "a")}
    (notice,) = plan.notices
    assert (notice.client, notice.message) == ("a", "2 entries, 1:00 placed for a belong to b by now, first entry 1.")


def test_internal_time_that_became_a_clients_stays_internal_and_is_told() -> None:
    us = set_aside(HERE, "", disposed="internal", reason='internal project "Us"')
    plan = planned(HERE, ledger=ledger(closing(month=AUGUST), closing(), placed=(us,)))
    assert skips(plan) == {"2": ("internal", None)}
    assert "kept as the studio's own time" in texts(plan.notices)
    edited = planned(changed(HERE, project_id=SHOP.id), ledger=ledger(closing(month=AUGUST), closing(), placed=(us,)))
    assert [notice.client for notice in edited.notices] == ["acme"]
    assert edited.internal == ()


@pytest.mark.parametrize(("days", "told"), [(0, "filled in after 2026-10 was closed"), (-9, "moved, filled in, or")])
def test_an_empty_entry_that_is_filled_in_after_the_close_is_late_time(days: float, told: str) -> None:
    """Set aside with 0:00; whether the next close finds it goes by when it was booked."""
    was = entry(4, 0, created_on=days_after(read_at(OCTOBER), days))
    done = ledger(closing(), closing(month=OCTOBER), placed=(set_aside(was),))
    plan = planned(changed(was, minutes=90), ledger=done)
    assert skips(plan) == {"4": ("unbilled", "acme")}
    assert reasons(plan)["4"].startswith(told)
    assert "has been changed" not in texts(plan.notices)
    assert charged(supplement(changed(was, minutes=90), ledger=done)) == {"4": "acme"}
    assert charged(planned(changed(was, minutes=90), month=NOVEMBER, ledger=done)) == {"4": "acme"}


def test_an_export_says_what_it_does_not_look_for() -> None:
    """August came from Redmine, September from a CSV: the mark is August's, and only August's time can be missing."""
    mixed = ledger(closing(month=AUGUST), closing(source="csv"))
    plan = planned(IN_CSV, **CSV, ledger=mixed)
    assert charged(plan) == {"csv:abc:1": "acme"}
    assert "booked since 2026-09-02 for 2026-08 or earlier" in texts(plan.notices)
    assert "`bill close 2026-08 --supplement`" in texts(plan.notices)
    all_csv = ledger(closing(month=AUGUST, source="csv"), closing(source="csv"))
    assert planned(IN_CSV, **CSV, ledger=all_csv).notices == ()


def test_a_month_closed_from_a_csv_moves_no_mark_that_redmine_had_set() -> None:
    """September's late hour is older than October's export: November's read looks back to September's own."""
    done = ledger(closing(month=AUGUST), closing(), closing(month=OCTOBER, source="csv"))
    since = days_after(read_at(SEPTEMBER), -1)
    plan = planned(LATE, month=NOVEMBER, ledger=done, late_since=since)
    assert (charged(plan), plan.parked) == ({"1": "acme"}, ())
    short = planned(LATE, month=NOVEMBER, ledger=done, late_since=days_after(read_at(OCTOBER), -1))
    assert short.parked == ("acme",)


def test_a_month_closed_empty_from_a_csv_is_opened_again_by_its_own_command() -> None:
    plan = planned(HERE, ledger=ledger(closing(), closing(month=OCTOBER, source="csv", number=None)))
    assert "`bill reopen 2026-10 --client acme`" in texts(plan.problems)
