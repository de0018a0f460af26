"""The bridge of a studio on disk: its files become rules and clients, its letters are ours, its lock keeps one pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.bridge import Bridge
from studio_support.config import load_settings
from studio_support.config.sections import ToRedmine
from studio_support.config.sync_clients import load_sync_clients
from studio_support.errors import ConfigError, LockHeld
from studio_support.otrs.client import OtrsClient
from studio_support.redmine.issues import RedmineIssues
from studio_support.store.locks import exclusive
from studio_support.studio import Studio
from studio_support.sync.model import FieldNames
from studio_support.sync.rules import rules_of, trigger_of
from studio_support.sync.run import LOCK
from studio_support.testing.bridge import Clock, FakeIssues, FakeTickets

SETTINGS = """
[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"
language = "ru"
currency = "RUB"

[redmine]
url = "http://127.0.0.1:3000"
api_key_env = "KEY"
ticket_field = "OTRS ticket"
text_formatting = "markdown"

[otrs]
url = "http://127.0.0.1:8081/otrs"
web_service = "GenericTicketConnectorREST"
user = "robot"
password_env = "PASSWORD"
timezone = "UTC"
queues = ["Support"]
generators = ["DateChecksum", "Date"]
fields = { issue = "Redmine" }

[sync]
to_redmine = { state = "to redmine" }
letters_done = "note"
required = ["estimate"]

[store]
url = "sqlite:///store.db"
"""
CLIENT = """
id = "{id}"
name = "Client"
address = ["Road 1"]
country = "DE"
language = "de"
currency = "EUR"
redmine_projects = ["{id}-site"]
otrs_customers = ["{customer}"]
{more}
"""
RATES = '[[rates]]\nfrom = {day}\nper_hour = "95.00"'
ENVIRON = {"KEY": "a" * 40, "PASSWORD": "secret"}


def write(folder: Path, **clients: str) -> Path:
    (folder / "clients").mkdir()
    for name, text in clients.items():
        (folder / "clients" / f"{name}.toml").write_text(text, encoding="utf-8")
    file = folder / "studio-support.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    return file


def acme() -> str:
    return CLIENT.format(id="acme", customer="ACME", more=RATES.format(day="2026-01-01"))


def test_a_pass_of_a_studio_writes_the_clients_language_and_keeps_the_lock(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    tickets, issues = FakeTickets(clock), FakeIssues(clock)
    studio = Studio.from_file(write(tmp_path, acme=acme()), clock=clock, environ=ENVIRON, person="cron")
    bridge = Bridge(studio, tickets=tickets, issues=issues)
    assert bridge.run().quiet
    clock.tick(minutes=1)
    tickets.mail_in()
    shown = bridge.run(dry_run=True)
    assert (shown.plan.letters, tickets.mailbox) == (1, [])
    bridge.run()
    [(address, subject, text)] = tickets.mailbox
    assert address == "jane@acme.example"
    assert "18:00" in text
    assert subject
    with exclusive(studio.store, LOCK, "another", 0.0), pytest.raises(LockHeld):
        bridge.run()
    studio.store.close()


def test_the_settings_become_rules(tmp_path: Path) -> None:
    rules = rules_of(load_settings(write(tmp_path)))
    assert rules.trigger == ("state", "to redmine")
    assert rules.numbers.generators == ("DateChecksum", "Date")
    assert rules.fields == replace(FieldNames(), issue="Redmine")
    assert (rules.required, rules.letters_by_kind, rules.markup) == (("estimate",), {"done": "note"}, "markdown")
    assert rules.ticket_url == "http://127.0.0.1:8081/otrs/index.pl?Action=AgentTicketZoom;TicketID={id}"


def test_queue_state_or_field_are_triggers() -> None:
    assert trigger_of(ToRedmine(queue="To Redmine")) == ("queue", "To Redmine")
    assert trigger_of(ToRedmine(field="ToRedmine")) == ("field", "ToRedmine")


def test_clients_without_anything_agreed_are_known_as_such(tmp_path: Path) -> None:
    settings = load_settings(
        write(
            tmp_path,
            acme=acme(),
            broken='id = "broken"\notrs_customers = ["B", 5]',
            draft='id = "draft"\ndraft = true\notrs_customers = ["D"]',
            future=CLIENT.format(id="future", customer="F", more=RATES.format(day="2027-01-01")),
            unreadable="id = ",
        )
    )
    found = {client.id: client for client in load_sync_clients(settings, date(2026, 11, 23))}
    assert (found["acme"].no_contract, found["acme"].project, found["acme"].language) == ("", "acme-site", "de")
    assert found["broken"].customers == ("B",)
    assert found["broken"].no_contract == "has a file with faults (broken.toml)"
    assert found["draft"].no_contract == "is a draft"
    assert found["future"].no_contract == "has no rate that holds on 2026-11-23"
    assert found["unreadable"].customers == ()


def test_no_folder_has_no_clients_and_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path))
    (tmp_path / "clients").rmdir()
    assert load_sync_clients(settings, date(2026, 11, 23)) == ()
    (tmp_path / "clients").write_text("")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_sync_clients(settings, date(2026, 11, 23))


def test_the_servers_of_the_settings_are_the_ports(tmp_path: Path) -> None:
    studio = Studio.from_file(write(tmp_path), environ=ENVIRON, clock=Clock())
    bridge = Bridge(studio)
    assert isinstance(bridge.tickets, OtrsClient)
    assert isinstance(bridge.issues, RedmineIssues)
    assert bridge.tickets.url == "http://127.0.0.1:8081/otrs"
