"""A month is closed: numbered, frozen, published; once, and by the rules of its dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.errors import (
    InvoiceStateError,
    IssueDateRefused,
    MonthBeforeStart,
    MonthNotOver,
    PlanChanged,
    UnknownClient,
    UnknownManager,
)
from studio_support.results import CloseResult
from tests.office import OCTOBER, ON_DECEMBER_2, ON_NOVEMBER_2, SEPTEMBER, Office, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path / "studio") as made:
        yield made


def numbers(result: CloseResult) -> dict[str, str]:
    return {draft["client"]: draft["number"] for draft in result.drafts}


def test_a_close_numbers_freezes_and_publishes_each_client(office: Office) -> None:
    result = office.studio().close_month(OCTOBER)

    acme, beta = result.as_dict()["drafts"]
    assert (acme["client"], acme["number"], acme["currency"]) == ("acme", "2026-0001", "EUR")
    assert (acme["minutes"], acme["booked_minutes"]) == (225, 225)
    assert (acme["net"], acme["tax"], acme["gross"]) == ("225.00", "42.75", "267.75")
    assert acme["taxes"] == [{"category": "S", "rate": "19", "base": "225.00", "tax": "42.75"}]
    on_task, without = acme["lines"]
    assert on_task["entries"] == [str(office.first), str(office.second)]
    assert (on_task["project"], on_task["issue"], on_task["ticket"]) == ("ACME site", 1, "2026100510000015")
    assert (on_task["minutes"], on_task["rate_per_hour"], on_task["net"]) == (105, "60.00", "105.00")
    assert (on_task["title"], on_task["gross"], on_task["heading"]) == ("Fix the form", None, None)
    assert (without["minutes"], without["net"], without["issue"]) == (120, "120.00", None)
    assert (beta["number"], beta["net"], beta["gross"]) == ("2026-0002", "270.00", "321.30")
    for draft in (acme, beta):
        assert draft["link"].startswith("https://invoices.studio.example/")
        name = draft["link"].split("/")[3]
        assert (office.folder / "published" / name / "invoice.html").exists()
        assert (office.folder / "published" / name / "invoice.pdf").read_bytes().startswith(b"%PDF-")
    assert (result.created, result.problems, result.as_dict()["month"]) == (2, (), "2026-10")


def test_closing_twice_changes_nothing_and_lists_the_same(office: Office) -> None:
    first = office.studio().close_month(OCTOBER)
    facts, files = office.facts(), office.files()

    second = office.studio(ON_DECEMBER_2).close_month(OCTOBER)

    assert (office.facts(), office.files()) == (facts, files)
    assert second.as_dict()["drafts"] == first.as_dict()["drafts"]
    assert (second.created, second.problems) == (0, ())


def test_a_preview_writes_nothing_at_all(office: Office) -> None:
    before = office.files()

    plan = office.studio().plan_month(OCTOBER)

    assert [draft.client for draft in plan.drafts] == ["beta", "acme"]
    assert all(draft["number"] is None and draft["link"] is None for draft in plan.as_dict()["drafts"])
    assert office.files() == before
    assert not (office.folder / "store.db").exists()
    office.studio().close_month(OCTOBER, clients=["beta"])
    facts, files = office.facts(), office.files()
    office.studio().plan_month(OCTOBER)
    assert (office.facts(), office.files()) == (facts, files)


def test_a_close_can_be_held_to_the_plan_that_was_looked_at(office: Office) -> None:
    plan = office.studio().plan_month(OCTOBER)
    with pytest.raises(PlanChanged) as refused:
        office.studio().close_month(OCTOBER, plan_hash="0123456789abcdef")
    assert (refused.value.expected, refused.value.actual) == ("0123456789abcdef", plan.plan)
    assert office.rows("select count(*) from invoices") == [0]

    office.redmine.entries[office.third].hours = 2.5
    with pytest.raises(PlanChanged):
        office.studio().close_month(OCTOBER, plan_hash=plan.plan)

    office.redmine.entries[office.third].hours = 2
    assert len(office.studio().close_month(OCTOBER, plan_hash=plan.plan).drafts) == 2


def test_the_same_plan_may_be_closed_again_after_a_part_of_it(office: Office) -> None:
    """The first run got as far as beta; the repeat with the same hash finishes acme and lists both."""
    plan = office.studio().plan_month(OCTOBER)
    office.studio().close_month(OCTOBER, clients=["beta"])

    result = office.studio().close_month(OCTOBER, plan_hash=plan.plan)
    again = office.studio().close_month(OCTOBER, plan_hash=plan.plan)

    assert numbers(result) == {"beta": "2026-0001", "acme": "2026-0002"}
    assert (result.created, again.created) == (1, 0)
    assert again.as_dict()["drafts"] == result.as_dict()["drafts"]


def test_a_month_is_closed_only_when_it_is_over_in_the_studios_zone(office: Office) -> None:
    """Moscow is three hours ahead: 31 October 21:00 UTC is the first moment of November there."""
    last_moment = datetime(2026, 10, 31, 20, 59, 59, tzinfo=UTC)
    with pytest.raises(MonthNotOver):
        office.studio(last_moment).close_month(OCTOBER)
    assert not (office.folder / "store.db").exists()
    assert len(office.studio(last_moment).plan_month(OCTOBER).drafts) == 2

    assert office.studio(datetime(2026, 10, 31, 21, 0, tzinfo=UTC)).close_month(OCTOBER).created == 2


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 11, 3), "future"), (date(2026, 10, 30), "before the end of 2026-10")],
)
def test_an_issue_date_lies_between_the_periods_end_and_today(office: Office, day: date, words: str) -> None:
    with pytest.raises(IssueDateRefused, match=words):
        office.studio().close_month(OCTOBER, issue_date=day)
    assert not (office.folder / "store.db").exists()


@pytest.mark.parametrize("day", [date(2026, 10, 31), date(2026, 11, 2)])
def test_the_periods_last_day_and_today_are_good_issue_dates(office: Office, day: date) -> None:
    office.studio().close_month(OCTOBER, issue_date=day)
    assert set(office.rows("select issue_date from invoices")) == {day.isoformat()}


def test_no_issue_date_runs_back_behind_the_series(office: Office) -> None:
    office.studio().close_month(OCTOBER, clients=["acme"], issue_date=date(2026, 11, 2))
    with pytest.raises(IssueDateRefused, match="2026-11-02"):
        office.studio().close_month(OCTOBER, clients=["beta"], issue_date=date(2026, 11, 1))
    assert office.rows("select client from invoices") == ["acme"]


def test_one_series_that_refuses_the_date_does_not_stop_another(office: Office) -> None:
    """beta is billed by a second seller, whose series has a later document: acme goes on, beta is named."""
    second = '[sellers.second]\nname = "Second Ltd"\naddress = ["2 Side Street", "Dublin"]\ncountry = "IE"\n'
    second += 'vat_id = "IE6388047V"\nemail = "second@studio.example"\nnumber_format = "S-{year}-{number:04d}"\n'
    second += '[sellers.second.bank]\nname = "Bank"\niban = "IE29AIBK93115212345678"\n'
    office.write_settings(("[store]", second + "[store]"))
    office.write_client("gamma", "50.00")
    for client in ("beta", "gamma"):
        path = office.folder / "clients" / f"{client}.toml"
        path.write_text('seller = "second"\n' + path.read_text())
    project = office.redmine.add_project("gamma", "Gamma")
    office.redmine.book(project, office.anna, 1, date(2026, 10, 12))
    office.studio().close_month(OCTOBER, clients=["gamma"], issue_date=date(2026, 11, 2))

    result = office.studio().close_month(OCTOBER, issue_date=date(2026, 11, 1))

    assert numbers(result) == {"acme": "2026-0001", "gamma": "S-2026-0001"}
    assert [problem.client for problem in result.problems] == ["beta"]


def test_the_first_month_closed_becomes_the_start_and_close_says_so(office: Office) -> None:
    office.redmine.book(office.acme, office.anna, 1, date(2026, 9, 15))
    result = office.studio().close_month(OCTOBER)
    assert any("first month of this store" in notice.message for notice in result.notices)
    again = office.studio().close_month(OCTOBER)
    assert not any("first month" in notice.message for notice in again.notices)

    with pytest.raises(MonthBeforeStart) as refused:
        office.studio().close_month(SEPTEMBER)
    assert 'first_month = "2026-09"' in refused.value.next_step

    office.write_settings(("[billing]", '[billing]\nfirst_month = "2026-09"'))
    september = office.studio().close_month(SEPTEMBER)
    assert [draft["net"] for draft in september.drafts] == ["60.00"]
    assert not any("first month of this store" in notice.message for notice in september.notices)


def test_a_held_client_is_left_out_until_it_is_let_go(office: Office) -> None:
    office.studio().hold(OCTOBER, "acme", "waits for an order number")

    plan = office.studio().plan_month(OCTOBER)
    result = office.studio().close_month(OCTOBER)

    assert plan.parked == ("acme",)
    assert any("waits for an order number" in notice.message for notice in plan.notices)
    assert numbers(result) == {"beta": "2026-0001"}
    assert office.studio().unhold(OCTOBER, "acme") is True
    assert office.studio().unhold(OCTOBER, "acme") is False
    assert numbers(office.studio().close_month(OCTOBER)) == {"beta": "2026-0001", "acme": "2026-0002"}
    with pytest.raises(InvoiceStateError, match="closed already"):
        office.studio().hold(OCTOBER, "acme", "too late")


def test_one_clients_problem_parks_that_client_only(office: Office) -> None:
    """The first entry of acme is a day older than its only rate: never a zero, always a problem."""
    office.write_client("acme", "60.00", since="2026-10-06")

    result = office.studio().close_month(OCTOBER)

    assert numbers(result) == {"beta": "2026-0001"}
    assert [problem.client for problem in result.problems] == ["acme"]
    assert "2026-10-05" in result.problems[0].message
    assert result.problems[0].next_step.endswith(".")
    skipped = {row["entry"]: row for row in result.as_dict()["skipped"]}
    assert skipped[str(office.first)]["as"] == "unbilled"
    office.write_client("acme", "60.00")
    assert numbers(office.studio().close_month(OCTOBER)) == {"beta": "2026-0001", "acme": "2026-0002"}


def test_what_cannot_be_printed_parks_its_client(office: Office) -> None:
    """A character that the fonts lack, in the name of a payer: nothing is numbered for him."""
    path = office.folder / "clients" / "acme.toml"
    path.write_text(path.read_text().replace("Client acme", "Client \U0001f3a8 acme"))

    result = office.studio().close_month(OCTOBER)

    assert numbers(result) == {"beta": "2026-0001"}
    assert [problem.client for problem in result.problems] == ["acme"]
    assert "U+1F3A8" in result.problems[0].message


def test_a_client_with_nothing_to_bill_is_closed_all_the_same(office: Office) -> None:
    """Advice only: the month is closed without a number, and stays closed."""
    for entry in (office.first, office.second, office.third):
        office.redmine.delete_entry(entry)

    result = office.studio().close_month(OCTOBER)

    assert numbers(result) == {"beta": "2026-0001"}
    assert (result.created, result.empty) == (1, 1)
    assert office.rows("select placed, minutes from allocations where entry = ?", str(office.advice)) == [
        ("non_billable", 60)
    ]
    assert office.studio().close_month(OCTOBER).empty == 0


def test_only_chosen_clients_are_closed_and_wrong_names_are_refused(office: Office) -> None:
    assert numbers(office.studio().close_month(OCTOBER, clients=["beta"])) == {"beta": "2026-0001"}
    plan = office.studio().plan_month(OCTOBER, manager="i.petrova")
    assert [draft.client for draft in plan.drafts] == ["acme"]
    with pytest.raises(UnknownClient) as unknown:
        office.studio().close_month(OCTOBER, clients=["acne"])
    assert unknown.value.known == ("acme",)
    with pytest.raises(UnknownManager) as nobody:
        office.studio().plan_month(OCTOBER, manager="i.petrov")
    assert nobody.value.known == ("i.petrova", "s.orlova")


def test_every_act_is_in_the_audit_log_under_the_persons_name(office: Office) -> None:
    office.studio(person="anna").hold(OCTOBER, "acme", "")
    office.studio(person="boris").unhold(OCTOBER, "acme")
    office.studio(ON_NOVEMBER_2, person="clara").close_month(OCTOBER)
    found = office.rows("select person, verb from audit order by id")
    assert found[:2] == [("anna", "hold"), ("boris", "unhold")]
    assert {person for person, _ in found[2:]} == {"clara"}
    assert ("clara", "close") in found
