"""What doctor says of the bridge: OTRS by its newest tickets, letters, clients, calendar, passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio_support.bridge import Bridge
from studio_support.doctor.bridge import (
    check_bridge_clients,
    check_calendar,
    check_letters,
    check_otrs,
    check_passes,
    check_statuses,
)
from studio_support.doctor.check import Check
from studio_support.errors import MissingRoute
from studio_support.otrs.model import Agent, Article, HistoryRow, Ticket, TicketsRead
from studio_support.studio import Studio
from studio_support.sync.model import Cursor

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
FIELDS = (("Estimate", ""), ("Agreed", ""), ("Urgency", ""), ("RedmineIssue", ""))
MAIL = Article(
    id=1,
    ticket_id=1,
    sender_type="customer",
    channel="email",
    visible=True,
    sender="jane@acme.example",
    to="support@studio.example",
    cc="",
    subject="Logo",
    body="Please.",
    created_at=NOW,
    received_at=NOW,
    fields=(("AutoSubmitted", "no"),),
)
TICKET = Ticket(
    id=1,
    number="2026112310000011",
    title="Logo",
    queue="Support",
    state="open",
    state_type="open",
    locked=False,
    owner="root@localhost",
    customer="ACME",
    customer_user="jane",
    priority="3 normal",
    created_at=NOW,
    changed_at=NOW,
    fields=FIELDS,
    articles=(MAIL,),
)
SETTINGS = """
[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"

[redmine]
url = "http://127.0.0.1:3000"
api_key_env = "KEY"
ticket_field = "OTRS ticket"

[otrs]
url = "http://127.0.0.1:8081/otrs"
web_service = "GenericTicketConnectorREST"
user = "robot"
password_env = "PASSWORD"
timezone = "UTC"
queues = ["Support"]

[store]
url = "sqlite:///store.db"

[sync]
"""


@dataclass
class Otrs:
    """OTRS as far as doctor asks it."""

    found: tuple[Ticket, ...] = (TICKET,)
    queues: frozenset[str] = field(default=frozenset({"Support"}))
    without_history: bool = False
    shows: datetime = NOW

    def check(self) -> None:
        """It answers."""

    def me(self) -> Agent:
        return Agent(9, "robot", "Robot")

    def server_time(self) -> datetime:
        return self.shows

    def has_any(self, queue: str) -> bool:
        return queue in self.queues

    def changed_ids_since(self, since: datetime, *, queues: Sequence[str] = ()) -> tuple[int, ...]:
        return tuple(ticket.id for ticket in self.found)

    def tickets(self, ids: Sequence[int], *, articles: str = "none", fields: bool = True) -> TicketsRead:
        return TicketsRead(tuple(ticket for ticket in self.found if ticket.id in ids))

    def history(self, ids: Sequence[int]) -> dict[int, tuple[HistoryRow, ...]]:
        if self.without_history:
            raise MissingRoute("http://otrs.invalid", "TicketHistoryGet", "GET /TicketHistory/:TicketID", "W", "w.yml")
        return dict.fromkeys(ids, ())


def studio(tmp_path: Path, otrs: object = None, *, sync: str = "", now: datetime = NOW, client: str = "") -> Studio:
    file = tmp_path / "studio-support.toml"
    file.write_text(SETTINGS + sync, encoding="utf-8")
    if client:
        (tmp_path / "clients").mkdir()
        (tmp_path / "clients" / "acme.toml").write_text(client, encoding="utf-8")
    return Studio.from_file(file, otrs=otrs, clock=lambda: now, environ={})


def said(checks: Sequence[Check]) -> dict[str, str]:
    return {check.name: check.result for check in checks}


def by_name(checks: Sequence[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def changed(**values: object) -> Otrs:
    return Otrs((replace(TICKET, articles=(replace(MAIL, **values),)),))  # type: ignore[arg-type]  # names attributes


def test_a_web_service_without_the_route_of_histories_is_not_sound(tmp_path: Path) -> None:
    with pytest.raises(MissingRoute, match="TicketHistoryGet"):
        list(check_otrs(studio(tmp_path, Otrs(without_history=True))))


def test_a_server_that_is_set_up_well_is_well(tmp_path: Path) -> None:
    checks = list(check_otrs(studio(tmp_path, Otrs())))
    assert said(checks) == {
        "otrs": "ok",
        "otrs time": "ok",
        "otrs queues": "ok",
        "otrs fields": "ok",
        "otrs clock": "ok",
        "auto-reply": "ok",
        "auto-submitted": "ok",
    }
    assert "robot" in by_name(checks, "otrs").detail


def test_a_queue_in_which_nothing_is_seen_is_named(tmp_path: Path) -> None:
    check = by_name(list(check_otrs(studio(tmp_path, Otrs(queues=frozenset())))), "otrs queues")
    assert check.result == "warning"
    assert "Support" in check.detail


def test_without_a_recent_ticket_it_says_what_cannot_be_looked_at(tmp_path: Path) -> None:
    assert said(list(check_otrs(studio(tmp_path, Otrs(())))))["otrs set-up"] == "warning"


def test_fields_that_are_not_there_are_named_with_what_they_are_for(tmp_path: Path) -> None:
    lacking = Otrs((replace(TICKET, fields=(("Agreed", ""), ("Urgency", ""), ("RedmineIssue", ""))),))
    check = by_name(list(check_otrs(studio(tmp_path, lacking))), "otrs fields")
    assert check.result == "warning"
    assert "Estimate (`ticket estimate`" in check.detail


def test_a_trigger_field_and_required_ones_have_to_be_there(tmp_path: Path) -> None:
    sync = 'to_redmine = { field = "ToRedmine" }\nrequired = ["Budget"]\n'
    check = by_name(list(check_otrs(studio(tmp_path, Otrs(), sync=sync))), "otrs fields")
    assert "ToRedmine (making issues)" in check.detail
    assert "Budget (sync.required)" in check.detail


@pytest.mark.parametrize(("hours", "result"), [(3, "failed"), (-1, "failed"), (0.2, "ok")])
def test_a_wrong_time_zone_shows_in_what_mails_say(tmp_path: Path, hours: float, result: str) -> None:
    otrs = changed(created_at=NOW + timedelta(hours=hours))
    assert by_name(list(check_otrs(studio(tmp_path, otrs))), "otrs clock").result == result


@pytest.mark.parametrize(
    ("minutes", "result", "words"),
    [(0.9, "ok", "agree"), (-0.9, "ok", "agree"), (5, "warning", "5 minutes ahead"), (-5, "warning", "behind ours")],
)
def test_a_clock_that_is_not_ours_is_told_before_it_moves_a_noon(
    tmp_path: Path, minutes: float, result: str, words: str
) -> None:
    otrs = Otrs(shows=NOW + timedelta(minutes=minutes))
    check = by_name(list(check_otrs(studio(tmp_path, otrs))), "otrs time")
    assert check.result == result and words in check.detail


def test_without_a_mail_the_clock_is_not_called_right(tmp_path: Path) -> None:
    assert by_name(list(check_otrs(studio(tmp_path, changed(received_at=None)))), "otrs clock").result == "warning"


def test_an_auto_reply_means_two_letters_unless_ours_is_off(tmp_path: Path) -> None:
    otrs = Otrs((replace(TICKET, articles=(MAIL, replace(MAIL, id=2, sender_type="system"))),))
    assert said(list(check_otrs(studio(tmp_path, otrs))))["auto-reply"] == "warning"
    quiet = studio(tmp_path, otrs, sync='letters_received = "off"\n')
    assert said(list(check_otrs(quiet)))["auto-reply"] == "ok"


class Statuses:
    """Redmine as far as doctor asks it."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def statuses(self) -> tuple[str, ...]:
        return self.names


@pytest.mark.parametrize(
    ("names", "results"),
    [
        (("New", "Closed", "resolved", "Rejected"), ["ok", "ok"]),
        (("New", "Closed", "Rejected"), ["warning", "ok"]),
        (("Neu", "Erledigt", "Rejected"), ["failed", "ok"]),
        (("New", "Closed", "Resolved"), ["ok", "failed"]),
    ],
)
def test_a_status_that_was_renamed_is_told_before_a_client_waits_in_vain(
    tmp_path: Path, names: tuple[str, ...], results: list[str]
) -> None:
    made = studio(tmp_path, Otrs())
    made.bridge.__dict__["issues"] = Statuses(*names)
    checks = list(check_statuses(made))
    assert [one.result for one in checks] == results
    assert all(", ".join(names) in one.next_step for one in checks if one.result == "failed")


@pytest.mark.parametrize("fields", [(), (("AutoSubmitted", ""),)])
def test_a_filter_that_fills_nothing_is_told(tmp_path: Path, fields: tuple[tuple[str, str], ...]) -> None:
    check = by_name(list(check_otrs(studio(tmp_path, changed(fields=fields)))), "auto-submitted")
    assert check.result == "warning"
    assert "AutoSubmitted" in check.next_step


def test_letters_of_the_studio_with_a_fault_are_failed_checks(tmp_path: Path) -> None:
    own = tmp_path / "letters"
    own.mkdir()
    (own / "done.de.txt.j2").write_text("Fertig\n\n{{ nobody }}\n", encoding="utf-8")
    [check] = check_letters(studio(tmp_path, sync='templates = "letters"\n'))
    assert check.result == "failed"
    assert "done.de.txt.j2, line 3" in check.detail
    assert [one.result for one in check_letters(studio(tmp_path))] == ["ok"]


CLIENT = """
id = "acme"
name = "ACME GmbH"
address = ["Road 1"]
country = "DE"
language = "de"
currency = "EUR"
redmine_projects = [{projects}]
{more}
[[rates]]
from = 2026-01-01
per_hour = "95.00"
"""


@pytest.mark.parametrize(
    ("projects", "more", "result"),
    [
        ('"site"', 'otrs_customers = ["ACME"]', "ok"),
        ('"site", "shop"', 'otrs_customers = ["ACME"]', "warning"),
        ('"site"', "", "warning"),
    ],
)
def test_a_client_needs_customers_and_one_project(tmp_path: Path, projects: str, more: str, result: str) -> None:
    made = studio(tmp_path, client=CLIENT.format(projects=projects, more=more))
    assert [check.result for check in check_bridge_clients(made)] == [result]


def test_a_year_without_days_that_is_near_is_a_failure(tmp_path: Path) -> None:
    assert [check.result for check in check_calendar(studio(tmp_path))] == ["ok"]
    [check] = check_calendar(studio(tmp_path, now=datetime(2027, 12, 28, 7, 0, tzinfo=UTC)))
    assert check.result == "failed"
    assert "2028" in check.detail


def test_cron_that_does_not_run_shows(tmp_path: Path) -> None:
    made = studio(tmp_path, Otrs())
    assert list(check_passes(made)) == []  # no store yet: nothing is made
    assert not (tmp_path / "store.db").exists()
    state = Bridge(made).state
    assert [check.result for check in check_passes(made)] == ["warning"]
    state.keep_cursor(Cursor(NOW, NOW, passed_at=NOW - timedelta(minutes=31)))
    assert [check.result for check in check_passes(made)] == ["warning"]
    state.keep_cursor(Cursor(NOW, NOW, passed_at=NOW - timedelta(minutes=9)))
    assert [check.result for check in check_passes(made)] == ["ok"]


def test_a_studio_without_otrs_has_no_bridge_to_check(tmp_path: Path) -> None:
    file = tmp_path / "studio-support.toml"
    begin, end = SETTINGS.index("[otrs]"), SETTINGS.index("[store]")
    file.write_text(SETTINGS[:begin] + SETTINGS[end:], encoding="utf-8")
    made = Studio.from_file(file, clock=lambda: NOW, environ={})
    assert [check.result for check in check_otrs(made)] == ["skipped"]
    assert [*check_letters(made), *check_bridge_clients(made), *check_passes(made)] == []
