"""What is worth a word though nobody is billed for it here: late time that is nobody's, the studio's own time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from studio_invoices.errors import Problem
from studio_support.model import Project
from studio_support.period import Month
from tests.months import (
    AUGUST,
    NOVEMBER,
    OCTOBER,
    OTHER,
    SEPTEMBER,
    SHOP,
    SITE,
    charged,
    client,
    closing,
    entry,
    ledger,
    planned,
    set_aside,
    skips,
    terms,
    texts,
)

JULY = Month(2026, 7)
NEW = Project(77, "new", "New")
ALL = (SITE, SHOP, OTHER, NEW)
DONE = ledger(closing(month=AUGUST), closing(), closing(month=OCTOBER))


def test_late_time_that_no_client_lists_is_told_by_month() -> None:
    """It is on no certificate of this month, and nobody would look at the other months' again."""
    rows = (
        entry(1, 60, date(2026, 9, 3), in_project=NEW),
        entry(2, 30, date(2026, 9, 4), in_project=OTHER),
        entry(3, 15, date(2026, 8, 4), in_project=NEW),
        entry(4, 0, date(2026, 8, 5), in_project=NEW),
    )
    plan = planned(*rows, projects=ALL, ledger=DONE)
    told = [(notice.source, notice.message, notice.next_step) for notice in plan.notices]
    step = "List the projects in a client's file (`client discover --write`), or in internal_projects."
    assert told == [
        (
            "month:2026-08",
            "1 entry, 0:15 for 2026-08 in projects that no client lists (New): see `bill reconcile 2026-08`.",
            step,
        ),
        (
            "month:2026-09",
            "2 entries, 1:30 for 2026-09 in projects that no client lists (New, Other): see `bill reconcile 2026-09`.",
            step,
        ),
    ]
    assert (plan.problems, skips(plan)) == ((), {})


def test_strangers_time_is_no_news_to_one_client_nor_before_the_start_nor_after_the_month() -> None:
    stray = entry(1, 60, date(2026, 9, 3), in_project=NEW)
    assert planned(stray, projects=ALL, ledger=DONE, selected=frozenset({"acme"})).notices == ()
    assert planned(stray, projects=ALL, ledger=DONE, terms=terms(first_month=OCTOBER)).notices == ()
    ahead = entry(1, 60, date(2026, 11, 3), in_project=NEW)
    assert planned(ahead, projects=ALL, ledger=DONE).notices == ()
    ours = planned(stray, projects=ALL, ledger=DONE, terms=terms(internal_projects=("new",)))
    assert ours.notices == ()


def test_many_strange_projects_are_counted() -> None:
    projects = [Project(100 + n, f"p{n}", f"P{n}") for n in range(5)]
    rows = [entry(n, 60, date(2026, 9, 3), in_project=project) for n, project in enumerate(projects)]
    assert "(P0, P1, P2 and 2 more)" in texts(planned(*rows, projects=projects, ledger=DONE).notices)


def kept_as_internal(*minutes: int) -> dict[str, Any]:
    """Entries of these minutes in October, kept as the studio's own when it was closed."""
    rows = [entry(number, count) for number, count in enumerate(minutes, start=1)]
    placed = [set_aside(row, "", disposed="internal", reason='internal project "Site"') for row in rows]
    return {"rows": rows, "placed": placed}


def test_the_studios_own_time_that_a_client_lists_by_now_is_told_with_the_way_back() -> None:
    known = kept_as_internal(60, 45)
    closed = (closing(month=AUGUST), closing(), closing(month=OCTOBER))
    plan = planned(*known["rows"], ledger=ledger(*closed, placed=known["placed"]))
    (notice,) = plan.notices
    assert notice.client == "acme"
    assert notice.message == (
        "2 entries, 1:45 of 2026-10 in projects of acme were kept as the studio's own time when it was closed (Site)."
    )
    assert notice.next_step == (
        "If they are to be billed: `bill reopen 2026-10 --internal --reason TEXT`, then "
        "`bill close 2026-10 --client acme --supplement`."
    )
    assert skips(plan) == {"1": ("internal", None), "2": ("internal", None)}
    open_month = planned(*known["rows"], ledger=ledger(closing(month=AUGUST), closing(), placed=known["placed"]))
    assert "then `bill close 2026-10 --client acme`." in texts(open_month.notices)


def test_the_studios_own_time_is_told_in_a_later_month_too_if_it_is_seen_there() -> None:
    known = kept_as_internal(60)
    done = ledger(closing(month=AUGUST), closing(), closing(month=OCTOBER), placed=known["placed"])
    plan = planned(*known["rows"], month=NOVEMBER, ledger=done)
    assert "1 entry, 1:00 of 2026-10 in projects of acme" in texts(plan.notices)
    assert charged(plan) == {}
    still = planned(
        *known["rows"],
        month=NOVEMBER,
        ledger=done,
        clients=(client("b", "other"),),
        terms=terms(internal_projects=("site",)),
    )
    assert "studio's own" not in texts(still.notices)


def test_a_row_that_cannot_be_read_is_told_for_a_client_who_is_closed_already() -> None:
    """He is not parked by it, but his certificate does not balance: somebody has to know which row it is."""
    wrong = Problem("entry:7", "Its hours cannot be read.", "Correct them.")
    books = (client(), client("b", "other"))
    for selected in (None, frozenset({"acme"})):
        plan = planned(doubtful=((entry(7, 0), wrong),), clients=books, ledger=DONE, selected=selected)
        assert [(problem.client, problem.message) for problem in plan.problems] == [("acme", wrong.message)]
        assert "acme" in plan.already
    other = planned(doubtful=((entry(7, 0), wrong),), clients=books, ledger=DONE, selected=frozenset({"b"}))
    assert other.problems == ()


def test_a_month_that_a_close_left_open_is_named_though_no_rate_goes_back_to_it() -> None:
    """August, before the first rate; not what was closed since, comes later, or lies before the start."""
    young = client(rates=tuple(replace(row, from_day=date(2026, 10, 1)) for row in client().rates))
    left = {"acme": frozenset({JULY, AUGUST, SEPTEMBER, OCTOBER, NOVEMBER})}
    plan = planned(clients=(young,), ledger=ledger(closing(), left_open=left))
    (notice,) = plan.notices
    assert notice.message == "Earlier months are not closed for acme: 2026-08."
    draft = planned(clients=(client(draft=True),), ledger=ledger(closing(), left_open=left))
    assert "acme: 2026-08." in texts(draft.notices)
