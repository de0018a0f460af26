"""From settings to the server: a closed month, mailed, diverted, corrected and taken back by the studio's verbs."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio_support.errors import ConfigError
from studio_support.studio import Studio
from tests.world import OCTOBER, SETTINGS, keep_reading, make_reading, open_studio, write_world


def closed(folder: Path, port: int, settings: str = SETTINGS) -> Studio:
    write_world(folder, 2, port, settings)
    studio = open_studio(folder)
    result = studio.close_month(OCTOBER, source=keep_reading(make_reading(2, 20), folder / "reading"))
    assert [draft["number"] for draft in result.drafts] == ["2026-0001", "2026-0002"]
    return studio


def test_each_client_is_mailed_the_link_to_a_page_that_is_there(tmp_path: Path, serve: Callable[..., Any]) -> None:
    server = serve()
    studio = closed(tmp_path / "studio", server.port)
    studio.send_month(OCTOBER)
    studio.send_month(OCTOBER)

    assert sorted(kept.recipients[0] for kept in server.kept) == ["c001@client.example", "c002@client.example"]
    for kept in server.kept:
        mail = email.message_from_bytes(kept.content, policy=email.policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        (link,) = [line for line in body.get_content().split() if line.startswith("https://")]
        base, name, page = link.rsplit("/", 2)
        assert base == "https://invoices.studio.example"
        assert (tmp_path / "studio" / "published" / name / page).is_file()
        assert not [part for part in mail.walk() if part.get_content_disposition() == "attachment"]


def test_a_diverted_month_reaches_nobody_else_and_answers_go_where_they_should(
    tmp_path: Path, serve: Callable[..., Any]
) -> None:
    server = serve()
    mail = 'sender = "billing@studio.example"\nreply_to = "help@studio.example"\ndivert_to = "me@studio.example"'
    settings = SETTINGS.replace('sender = "billing@studio.example"', mail)
    closed(tmp_path / "studio", server.port, settings).send_month(OCTOBER)

    assert [kept.recipients for kept in server.kept] == [["me@studio.example"]] * 2
    headers = [email.message_from_bytes(kept.content, policy=email.policy.default) for kept in server.kept]
    assert {header["Reply-To"] for header in headers} == {"help@studio.example"}
    assert {header["X-Studio-Support-Recipient"] for header in headers} == {
        "c001@client.example",
        "c002@client.example",
    }


def test_a_cancelled_invoice_opens_no_more_and_its_waiting_mail_never_leaves(
    tmp_path: Path, serve: Callable[..., Any]
) -> None:
    server = serve()
    studio = closed(tmp_path / "studio", server.port)
    published = tmp_path / "studio" / "published"
    before = {path.name for path in published.iterdir() if path.is_dir()}

    studio.cancel("2026-0001", reason="wrong client")
    studio.send_month(OCTOBER)

    after = {path.name for path in published.iterdir() if path.is_dir()}
    assert len(before - after) == 1
    assert server.kept_for("c002@client.example") == 1
    subjects = [str(email.message_from_bytes(kept.content)["Subject"]) for kept in server.kept]
    assert not [subject for subject in subjects if "Invoice 2026-0001 from" in subject]


def test_a_dry_run_shows_the_letters_and_connects_to_nobody(tmp_path: Path, serve: Callable[..., Any]) -> None:
    server = serve()
    studio = closed(tmp_path / "studio", server.port)
    shown = studio.send_month(OCTOBER, dry_run=True)
    assert server.connections == 0
    assert [letter["to"] for letter in shown.letters] == ["c001@client.example", "c002@client.example"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('sender = "billing@studio.example"', 'sender = "billing@studio"'),
        ('smtp_url = "smtp://127.0.0.1:{smtp_port}"', 'smtp_url = "smtp://robot@127.0.0.1:{smtp_port}"'),
    ],
)
def test_mail_settings_that_cannot_work_are_a_fault_of_the_file(
    tmp_path: Path, serve: Callable[..., Any], old: str, new: str
) -> None:
    studio = closed(tmp_path / "studio", serve().port, SETTINGS.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        studio.send_month(OCTOBER)
    assert caught.value.key.startswith("mail")
