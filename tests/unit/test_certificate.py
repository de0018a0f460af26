"""The certificate: booked minutes of a month, each in one place, per entry, per client and in sum."""

from __future__ import annotations

from datetime import date
from typing import Any

from studio_invoices.errors import Problem
from studio_support.billing.ledger_view import Allocation, Disposition
from studio_support.billing.plan import plan_month
from studio_support.billing.reconcile import PLACES, Certificate, certify
from studio_support.model import Project
from tests.months import (
    NOVEMBER,
    OCTOBER,
    OTHER,
    SITE,
    billed,
    changed,
    client,
    closing,
    entry,
    ledger,
    plan_input,
    set_aside,
    terms,
)

OFFICE = Project(4, "office", "Office")
RULES = terms(internal_projects=("office",), non_billable_activities=("Consultation",))


def certificate(*rows: Any, placed: tuple[Allocation | Disposition, ...] = (), **more: Any) -> Certificate:
    closed = more.pop("closed", (closing(month=OCTOBER),))
    view = ledger(*closed, placed=placed)
    values: dict[str, Any] = {"projects": (SITE, OTHER, OFFICE), "terms": RULES}
    given = plan_input(*rows, ledger=view, **(values | more))
    recorded = [row for row in placed if row.spent_on in OCTOBER]
    return certify(given.reading, plan_month(given), view.allocations, view.dispositions, recorded)


def nonzero(minutes: dict[str, int]) -> dict[str, int]:
    return {place: count for place, count in minutes.items() if count}


def test_every_place_has_its_minutes() -> None:
    """A closed month with one entry of each kind; October's late hour on November's invoice is billed too."""
    rows = [entry(number, 2**number) for number in range(1, 8)]
    rows += [entry(8, 256, in_project=OFFICE), entry(9, 512, in_project=OTHER)]
    placed = (
        billed(rows[0]),
        billed(rows[1], number="2026-0002"),
        set_aside(rows[2], disposed="goodwill"),
        set_aside(rows[3], disposed="non_billable"),
        set_aside(rows[4], disposed="fixed"),
        set_aside(rows[5], disposed="written_off"),
    )
    made = certificate(*rows, placed=placed)
    assert nonzero(made.minutes()) == {
        "booked": 1022,
        "billed": 6,
        "goodwill": 8,
        "non_billable": 16,
        "fixed": 32,
        "written_off": 64,
        "internal": 256,
        "unbilled": 640,
    }
    assert made.balanced
    facts = made.as_dict()
    assert list(facts["minutes"]) == ["booked", *PLACES]
    assert [(part["client"], nonzero(part)["booked"]) for part in facts["clients"]] == [("acme", 254), (None, 768)]
    by_entry = {row["entry"]: row for row in facts["entries"]}
    assert by_entry["2"] == {
        "entry": "2",
        "client": "acme",
        "minutes": 4,
        "as": "billed",
        "reason": "line 1",
        "invoice": "2026-0002",
    }
    assert (by_entry["3"]["reason"], by_entry["3"]["invoice"]) == ("a gift", None)
    assert (by_entry["9"]["as"], by_entry["9"]["client"]) == ("unbilled", None)
    assert (facts["month"], facts["balanced"], facts["control"]) == ("2026-10", True, "test")


def test_what_is_not_closed_yet_is_unbilled_or_where_the_plan_puts_it() -> None:
    rows = (entry(1, 60), entry(2, 30, activity="Consultation"), entry(3, 0))
    made = certificate(*rows, closed=())
    assert nonzero(made.minutes()) == {"booked": 90, "unbilled": 60, "non_billable": 30}
    assert [(row.entry, row.client, row.placed, row.reason) for row in made.rows] == [
        ("1", "acme", "unbilled", "not closed yet"),
        ("2", "acme", "non_billable", 'activity "Consultation"'),
        ("3", "acme", "non_billable", "no minutes booked"),
    ]
    assert made.balanced


def test_before_the_start_all_stands_under_that() -> None:
    made = certificate(entry(1), entry(2, in_project=OTHER), closed=(), terms=terms(first_month=NOVEMBER))
    assert nonzero(made.minutes()) == {"booked": 120, "before_start": 120}


def test_time_edited_after_closing_shows_as_the_difference() -> None:
    """90 minutes were billed; 120 or 60 are booked now: the difference is nobody's, and the certificate says so."""
    was = entry(1, 90)
    for minutes, difference in ((120, 30), (60, -30)):
        made = certificate(changed(was, minutes=minutes), placed=(billed(was),))
        assert nonzero(made.minutes()) == {"booked": minutes, "billed": 90, "unbilled": difference}
        assert (made.balanced, made.changed) == (False, ("1",))
        hours = "2:00" if minutes == 120 else "1:00"
        assert made.rows[1].reason == f"changed after closing: 1:30 then, {hours} now"


def test_an_edit_that_leaves_the_time_alone_stays_balanced() -> None:
    was = entry(1, 90)
    made = certificate(changed(was, activity="Design", spent_on=date(2026, 10, 9)), placed=(billed(was),))
    assert (made.balanced, made.problems) == (True, ())
    assert [notice.source for notice in made.notices] == ["entry:1"]


def test_much_that_is_missing_is_told_once_for_each_place() -> None:
    """As when a month closed from Redmine is compared with a file that lacks it."""
    rows = [entry(number, 30) for number in (1, 2, 3)]
    placed = (billed(rows[0]), billed(rows[1]), set_aside(rows[2]))
    made = certificate(placed=placed, source="csv")
    first, second = (problem.message for problem in made.problems)
    assert first.startswith("2 entries (first 1), 1:00, billed on 2026-0001 when 2026-10 was closed, cannot be found")
    assert "in the file for 2026-10" in first
    assert second.startswith("Entry 3, 0:30, set aside as non_billable")


def test_time_deleted_or_moved_away_after_closing_shows_as_missing() -> None:
    was, us = entry(1, 90), entry(2, 15, in_project=OFFICE)
    placed = (billed(was), set_aside(us, "", disposed="internal"))
    made = certificate(placed=placed)
    assert nonzero(made.minutes()) == {"billed": 90, "internal": 15, "unbilled": -105}
    assert made.minutes()["booked"] == 0
    assert (made.balanced, made.changed) == (False, ("1", "2"))
    assert [(problem.source, problem.client) for problem in made.problems] == [("entry:1", "acme"), ("entry:2", None)]
    assert {(row.client, row.placed) for row in made.rows} == {
        ("acme", "billed"),
        ("acme", "unbilled"),
        (None, "internal"),
        (None, "unbilled"),
    }


def test_time_moved_into_the_month_after_it_was_billed_counts_where_it_is_now() -> None:
    """November has it as billed on October's invoice; it is billed once."""
    was = entry(1, 90)
    view = ledger(closing(month=OCTOBER), placed=(billed(was),))
    given = plan_input(changed(was, spent_on=date(2026, 11, 2)), month=NOVEMBER, ledger=view, terms=RULES)
    made = certify(given.reading, plan_month(given), view.allocations, view.dispositions, ())
    assert nonzero(made.minutes()) == {"booked": 90, "billed": 90}
    assert made.balanced


def test_time_that_cannot_be_read_spoils_the_balance() -> None:
    """Its minutes are not known, so nobody can say that booked is the sum of the places."""
    wrong = Problem("entry:7", "Its hours cannot be read.", "Correct them.")
    rows = ((entry(7, 0), wrong), (entry(8, 0, date(2026, 9, 1)), wrong))
    made = certificate(entry(1), closed=(), doubtful=rows)
    assert (made.balanced, made.unread) == (False, ("7",))
    assert [(row.entry, row.minutes, row.reason) for row in made.rows if row.entry == "7"] == [
        ("7", 0, "its time cannot be read")
    ]
    held = certificate(placed=(billed(entry(7, 90)),), doubtful=rows[:1])
    assert nonzero(held.minutes()) == {"billed": 90, "unbilled": -90}
    assert held.changed == ("7",)


def test_late_time_of_other_months_is_not_on_this_certificate() -> None:
    late = entry(1, spent_on=date(2026, 9, 30))
    made = certificate(late, entry(2), placed=(billed(late),))
    assert made.minutes()["booked"] == 60


def test_it_is_settled_only_without_problems() -> None:
    good = certificate(entry(1), closed=())
    assert good.balanced
    assert good.settled
    unlisted = certificate(entry(1, in_project=OTHER), closed=())
    assert unlisted.balanced
    assert not unlisted.settled


def test_an_entry_that_no_plan_placed_is_unbilled_and_nobodys() -> None:
    """Cannot happen with a plan of the same reading; if it does, it must show."""
    given = plan_input(entry(1), clients=(client(),))
    other = plan_month(plan_input())
    made = certify(given.reading, other, {}, {}, ())
    assert [(row.client, row.placed, row.reason) for row in made.rows] == [(None, "unbilled", "in no draft")]


def test_an_empty_entry_that_was_filled_in_is_unbilled_like_any_other_late_time() -> None:
    """It had 0:00 when October was closed. Deleted, it is missed by nobody."""
    was = entry(1, 0)
    made = certificate(changed(was, minutes=90), placed=(set_aside(was),))
    assert nonzero(made.minutes()) == {"booked": 90, "unbilled": 90}
    assert made.balanced
    assert certificate(placed=(set_aside(was),)).balanced
