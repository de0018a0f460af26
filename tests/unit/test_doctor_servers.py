"""What doctor finds on Redmine and on the mail server: fakes on loopback, with the faults of real ones."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

from studio_support.demo.bundle import write_studio
from studio_support.doctor import Check, examine
from studio_support.studio import Studio
from studio_support.testing import FakeRedmine

NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
PROJECTS = (
    "beresta-site",
    "polar-cargo",
    "orlov",
    "zvezda",
    "acme-site",
    "acme-shop",
    "nordlicht",
    "harbour",
    "studio",
)


@pytest.fixture
def redmine() -> Iterator[FakeRedmine]:
    """A server with all projects of the bundled studio, and a ticket on an issue."""
    with FakeRedmine() as server:
        for identifier in PROJECTS:
            server.add_project(identifier, identifier.upper())
        server.add_issue(1, "Fix it", ticket="2026110210000012")
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = write_studio(tmp_path)
    text = settings.read_text("utf-8")
    begin, end = text.index("[mail]"), text.index("[links]")
    settings.write_text(text[:begin] + text[end:], "utf-8")
    return tmp_path


def examined(folder: Path, section: str, key: str = "", mail_to: str | None = None) -> dict[str, Check]:
    file = folder / "studio-support.toml"
    file.write_text(f"{file.read_text('utf-8')}\n{section}\n", "utf-8")
    studio = Studio.from_file(file, environ={"KEY": key}, clock=lambda: NOW)
    found = examine(studio, mail_to)
    assert key == "" or key not in repr(found)
    return {check.name: check for check in found}


def on_redmine(folder: Path, redmine: FakeRedmine, key: str) -> dict[str, Check]:
    section = (
        f'[redmine]\nurl = "{redmine.url}"\napi_key_env = "KEY"\nticket_field = "OTRS ticket"\ntimeout_seconds = 5'
    )
    found = examined(folder, section, key)
    return {name: check for name, check in found.items() if name.startswith("redmine") or name == "listed projects"}


def test_a_sound_redmine_passes_every_check(folder: Path, redmine: FakeRedmine) -> None:
    found = on_redmine(folder, redmine, redmine.admin_key)
    assert {check.result for check in found.values()} == {"ok"}
    assert {"redmine server", "redmine key", "redmine projects", "redmine ticket field", "listed projects"} <= set(
        found
    )
    # 9 clients' projects are listed, zvezda by two; "studio" is internal.
    assert "all 9" in found["listed projects"].detail


def test_a_wrong_key_fails_and_is_not_shown(folder: Path, redmine: FakeRedmine) -> None:
    found = on_redmine(folder, redmine, "f" * 40)
    assert [(check.name, check.result) for check in found.values()] == [("redmine key", "failed")]
    assert "My account" in found["redmine key"].next_step


def test_a_missing_key_names_the_variable(folder: Path, redmine: FakeRedmine) -> None:
    found = on_redmine(folder, redmine, "")["redmine"]
    assert (found.result, "KEY" in found.detail, found.error is not None) == ("failed", True, True)


def test_a_role_that_sees_its_own_entries_only_fails(folder: Path, redmine: FakeRedmine) -> None:
    robot, role = redmine.add_user("robot", "Billing", "Robot"), redmine.add_role("Own", "own")
    for project in redmine.projects:
        redmine.add_member(project, robot, role)
    found = on_redmine(folder, redmine, redmine.key_of(robot))
    assert found["redmine time entries"].result == "failed"
    assert "listed projects" not in found


def test_an_archived_project_of_a_client_fails_with_his_name(folder: Path, redmine: FakeRedmine) -> None:
    redmine.archive(PROJECTS.index("orlov") + 1)
    found = on_redmine(folder, redmine, redmine.admin_key)["listed projects"]
    assert found.result == "failed"
    assert found.detail.startswith('orlov: The project "orlov"')


def test_a_project_without_its_time_module_fails(folder: Path, redmine: FakeRedmine) -> None:
    redmine.projects[PROJECTS.index("orlov") + 1].modules = ("issue_tracking",)
    found = on_redmine(folder, redmine, redmine.admin_key)["listed projects"]
    assert (found.result, "time tracking" in found.detail) == ("failed", True)


def test_a_project_that_nobody_lists_is_a_warning(folder: Path, redmine: FakeRedmine) -> None:
    redmine.add_project("mayak", "Кафе «Маяк»")
    found = on_redmine(folder, redmine, redmine.admin_key)["listed projects"]
    assert (found.result, found.detail) == ("warning", "1 project listed by nobody: mayak")
    assert "client discover" in found.next_step


def test_no_ticket_field_and_no_export_are_gone_around(folder: Path, redmine: FakeRedmine) -> None:
    redmine.ticket_field = "Another field"
    redmine.csv = False
    found = on_redmine(folder, redmine, redmine.admin_key)
    assert found["redmine ticket field"].result == "warning"
    assert found["redmine CSV export"].result == "warning"
    assert found["listed projects"].result == "ok"


def test_an_entry_booked_in_the_future_shows_a_wrong_clock(folder: Path, redmine: FakeRedmine) -> None:
    redmine.book(1, 1, 1.0, date(2026, 11, 2), created_on=datetime(2026, 11, 2, 9, 0, tzinfo=UTC))
    assert on_redmine(folder, redmine, redmine.admin_key)["redmine clock"].result == "failed"


def test_a_server_that_breaks_while_projects_are_read_fails(folder: Path, redmine: FakeRedmine) -> None:
    redmine.fail("/projects.json", "not_json", times=None)
    found = on_redmine(folder, redmine, redmine.admin_key)
    assert "failed" in {check.result for check in found.values()}


class Mailbox:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return "550 no room for you" if envelope.rcpt_tos == ["full@studio.example"] else "250 kept"


class OnAnyPort(Controller):
    """Listens on the port that it is given by the system, which nobody can take in between."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    controller = OnAnyPort(box, hostname="127.0.0.1", port=0, ready_timeout=60)
    controller.start()
    yield box, controller.port
    controller.stop()


def on_mail(folder: Path, port: int, mail_to: str | None = None, more: str = "") -> dict[str, Check]:
    section = f'[mail]\nsmtp_url = "smtp://127.0.0.1:{port}"\nsender = "billing@studio.example"\n{more}'
    found = examined(folder, section, mail_to=mail_to)
    return {name: check for name, check in found.items() if name in {"mail", "mail diversion", "test letter"}}


def test_a_mail_server_is_tried_without_sending_anything(folder: Path, mailbox: tuple[Mailbox, int]) -> None:
    found = on_mail(folder, mailbox[1])
    assert [(check.name, check.result) for check in found.values()] == [("mail", "ok")]
    assert mailbox[0].envelopes == []


def test_a_test_letter_goes_to_the_address_that_was_given(folder: Path, mailbox: tuple[Mailbox, int]) -> None:
    found = on_mail(folder, mailbox[1], "me@studio.example")
    assert found["test letter"].result == "ok"
    [envelope] = mailbox[0].envelopes
    assert envelope.rcpt_tos == ["me@studio.example"]
    assert b"test letter" in (envelope.original_content or b"")


def test_a_test_letter_follows_the_diversion_that_is_told(folder: Path, mailbox: tuple[Mailbox, int]) -> None:
    found = on_mail(folder, mailbox[1], "me@studio.example", 'divert_to = "all@studio.example"')
    assert found["mail diversion"].result == "warning"
    assert [envelope.rcpt_tos for envelope in mailbox[0].envelopes] == [["all@studio.example"]]


def test_a_refused_test_letter_fails_with_the_servers_words(folder: Path, mailbox: tuple[Mailbox, int]) -> None:
    found = on_mail(folder, mailbox[1], "full@studio.example")["test letter"]
    assert (found.result, "no room for you" in found.detail) == ("failed", True)


def test_an_unusable_address_for_the_test_letter_fails_before_anything_is_sent(
    folder: Path, mailbox: tuple[Mailbox, int]
) -> None:
    assert on_mail(folder, mailbox[1], "me")["test letter"].result == "failed"
    assert mailbox[0].envelopes == []


def test_a_mail_server_that_is_not_there_fails(folder: Path) -> None:
    with closing(socket.socket()) as taken:  # nobody listens there, and nobody else can
        taken.bind(("127.0.0.1", 0))
        found = on_mail(folder, taken.getsockname()[1])["mail"]
    assert (found.result, found.error is not None) == ("failed", True)


def test_mail_through_otrs_needs_otrs(folder: Path) -> None:
    found = examined(folder, '[mail]\nvia = "otrs"\notrs_queue = "Billing"\nsender = "billing@studio.example"')["mail"]
    assert (found.result, "[otrs]" in found.detail) == ("failed", True)


def test_a_password_is_asked_for_and_never_shown(folder: Path) -> None:
    found = examined(
        folder,
        '[mail]\nsmtp_url = "smtp://127.0.0.1:1"\nsender = "b@studio.example"\nuser = "u"\npassword_env = "KEY"',
        "hunter2hunter2",
    )["mail"]
    assert found.result == "failed"
