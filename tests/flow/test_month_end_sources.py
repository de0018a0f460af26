"""Where a month comes from: Redmine's CSV export beside Redmine itself, and people who are resolved once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.errors import InputFileError
from studio_support.results import Source
from studio_support.testing.redmine_csv import csv_of
from tests.office import NOVEMBER, OCTOBER, ON_DECEMBER_2, Office, opened

COLUMNS = ("project", "spent_on", "user", "activity", "issue", "comments", "hours", "issue.cf_1")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The clients list their projects by the names that stand in an export."""
    with opened(tmp_path / "studio") as made:
        for client, name in (("acme", "ACME site"), ("beta", "Beta shop")):
            path = made.folder / "clients" / f"{client}.toml"
            path.write_text(path.read_text().replace(f'["{client}"]', f'["{name}"]'))
        made.write_settings(('["internal"]', '["internal", "Our own"]'))
        yield made


def export(office: Office, name: str = "timelog.csv", encoding: str | None = "UTF-8") -> Source:
    """What a person exports from Redmine's list of spent time."""
    redmine = office.redmine
    body = csv_of(redmine, redmine.users[1], redmine.entries.values(), COLUMNS, encoding)
    path = office.folder.parent / name
    path.write_bytes(body)
    return Source(path, "mdy")


def test_a_month_can_be_billed_from_an_export(office: Office) -> None:
    """The same sums as from Redmine itself, under keys of their own; nobody asks the server."""
    source = export(office)
    asked = len(office.redmine.requests)

    result = office.studio().close_month(OCTOBER, source=source)

    assert [(draft["client"], draft["net"]) for draft in result.drafts] == [("acme", "225.00"), ("beta", "270.00")]
    assert all(
        entry.startswith("csv:") for draft in result.drafts for line in draft["lines"] for entry in line["entries"]
    )
    certificate = office.studio().reconcile(OCTOBER, source=source)
    assert (certificate.balanced, certificate.minutes()["billed"], certificate.minutes()["internal"]) == (True, 405, 30)
    assert "given by hand" in certificate.control
    assert len(office.redmine.requests) == asked
    facts = office.facts()
    assert office.studio().close_month(OCTOBER, source=source).created == 0
    assert office.facts() == facts


def test_the_order_of_dates_is_asked_for_where_two_fit(office: Office) -> None:
    """10/05 to 10/09 may be October days or days of May to September."""
    source = export(office)
    with pytest.raises(InputFileError) as asked:
        office.studio().close_month(OCTOBER, source=Source(source.file))
    assert "--date-order" in asked.value.next_step
    assert not (office.folder / "files").exists()


def test_a_clients_month_is_never_billed_from_two_kinds_of_source(office: Office) -> None:
    """acme was closed from Redmine: the same hours of an export have other keys and must not be billed again."""
    office.studio().close_month(OCTOBER, clients=["acme"])

    result = office.studio().close_month(OCTOBER, source=export(office))

    assert [draft["client"] for draft in result.drafts] == ["acme", "beta"]
    assert result.created == 1
    assert any("acme" in problem.message and "keys unknown" in problem.message for problem in result.problems)
    assert office.rows("select count(*) from invoices where client = 'acme'") == [1]


def test_late_rows_of_a_month_closed_from_an_export_are_no_late_time(office: Office) -> None:
    """October came from an export; what Redmine shows of it in November cannot be told from what was billed."""
    office.studio().close_month(OCTOBER, source=export(office))
    office.redmine.book(office.acme, office.anna, 1, date(2026, 10, 30), created_on=datetime(2026, 11, 10, tzinfo=UTC))

    result = office.studio(ON_DECEMBER_2).close_month(NOVEMBER)

    assert result.drafts == ()
    assert any("2026-10" in problem.message for problem in result.problems)


def test_a_changed_row_of_an_export_is_a_problem_and_never_a_late_line(office: Office) -> None:
    office.studio().close_month(OCTOBER, source=export(office))
    office.redmine.entries[office.third].hours = 2.5
    changed = export(office, "changed.csv")

    plan = office.studio().plan_month(OCTOBER, source=changed)

    assert plan.drafts == ()
    assert any("keys unknown" in problem.message for problem in plan.problems)
    assert not office.studio().reconcile(OCTOBER, source=changed).balanced


def specialist_row(office: Office, name: str) -> None:
    path = office.folder / "clients" / "acme.toml"
    row = f'\n[[rates]]\nfrom = 2026-01-01\nspecialist = "{name}"\nper_hour = "120.00"\n'
    path.write_text(path.read_text() + row)


@pytest.mark.parametrize("name", ["boris", "Boris Ivanov", "#4"])
def test_a_rate_row_names_a_person_by_login_name_or_id(office: Office, name: str) -> None:
    """30 minutes of Boris at 120.00 are 60.00; 75 and 120 minutes of Anna at 60.00 are 195.00."""
    assert office.boris == 4
    specialist_row(office, name)
    [acme] = office.studio().close_month(OCTOBER, clients=["acme"]).drafts
    assert acme["net"] == "255.00"


def test_a_rate_row_may_name_by_id_somebody_who_books_nothing(office: Office) -> None:
    """An administrator, say, who would cost more if he worked; an id that nobody has is a problem, as a name is."""
    specialist_row(office, "#1")
    [acme] = office.studio().close_month(OCTOBER, clients=["acme"]).drafts
    assert acme["net"] == "225.00"
    office.write_client("beta", "90.00")
    path = office.folder / "clients" / "beta.toml"
    row = '\n[[rates]]\nfrom = 2026-01-01\nspecialist = "#99"\nper_hour = "120.00"\n'
    path.write_text(path.read_text().replace('["beta"]', '["Beta shop"]') + row)
    [problem] = office.studio().plan_month(OCTOBER, clients=["beta"]).problems
    assert "names nobody who is known" in problem.message


def test_people_are_resolved_once_and_remembered(office: Office) -> None:
    """Boris is renamed, then somebody else gets his old name: the row means Boris for ever, and says so."""
    specialist_row(office, "Boris Ivanov")
    office.studio().close_month(OCTOBER, clients=["acme"])
    assert office.rows("select client, specialist, person from specialists") == [("acme", "Boris Ivanov", "#4")]
    office.redmine.users[office.boris].last = "Smirnov"
    office.redmine.book(office.acme, office.boris, 1, date(2026, 11, 3))

    plan = office.studio(ON_DECEMBER_2).plan_month(NOVEMBER, clients=["acme"])
    assert [str(draft.net) for draft in plan.drafts] == ["120.00"]

    other = office.redmine.add_user("other", "Boris", "Ivanov")
    office.redmine.book(office.acme, other, 1, date(2026, 11, 4))
    plan = office.studio(ON_DECEMBER_2).plan_month(NOVEMBER, clients=["acme"])
    assert plan.drafts == ()
    [problem] = plan.problems
    assert problem.client == "acme"
    assert "Boris Ivanov" in problem.message


def test_a_rate_row_that_names_nobody_or_two_people_is_a_problem(office: Office) -> None:
    specialist_row(office, "Borys Ivanov")
    plan = office.studio().plan_month(OCTOBER, clients=["acme"])
    assert (plan.drafts, [problem.client for problem in plan.problems]) == ((), ["acme"])
    assert "Borys Ivanov" in plan.problems[0].message

    office.write_client("acme", "60.00")
    path = office.folder / "clients" / "acme.toml"
    path.write_text(path.read_text().replace('["acme"]', '["ACME site"]'))
    specialist_row(office, "Boris Ivanov")
    twin = office.redmine.add_user("twin", "Boris", "Ivanov")
    office.redmine.book(office.acme, twin, 1, date(2026, 10, 12))
    plan = office.studio().plan_month(OCTOBER, clients=["acme"])
    assert plan.drafts == ()
    assert "several people" in plan.problems[0].message
