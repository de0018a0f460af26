"""Links through a studio's verbs: shown, renewed, prolonged, for one recipient, taken back, expired, rotated."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from studio_support.config import load_settings
from studio_support.config.secrets import Secret
from studio_support.delivery import link_rows
from studio_support.delivery.files import FilesystemError
from studio_support.errors import ConfigError, InvoiceStateError, Refused, UnknownInvoice
from studio_support.studio import Studio
from tests.world import NOW, OCTOBER, SECRET, SETTINGS, keep_reading, make_reading, write_world

BASE = "https://invoices.studio.example/"
OTHER = SECRET[::-1]


@dataclass
class World:
    """A studio with two issued documents, at any day and with any secret."""

    folder: Path
    environ: dict[str, str] = field(default_factory=lambda: {"LINK_SECRET": SECRET})

    def studio(self, day: date | None = None, secret: str | None = None) -> Studio:
        now = NOW if day is None else datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
        environ = self.environ if secret is None else {"LINK_SECRET": secret}
        settings = load_settings(self.folder / "studio-support.toml")
        return Studio(config=settings, clock=lambda: now, person="i.petrova", environ=environ)

    def folder_of(self, link: str) -> Path:
        assert link.startswith(BASE)
        return self.folder / "published" / link.removeprefix(BASE).removesuffix("/invoice.html")

    def opens(self, link: str) -> bool:
        """Whether the invoice itself lies behind a link, page and PDF."""
        folder = self.folder_of(link)
        if not folder.exists():
            return False
        return (folder / "invoice.pdf").exists() and "Client c00" in (folder / "invoice.html").read_text("utf-8")

    def originals(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in (self.folder / "files" / "originals").rglob("*.*")}

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "store.db")) as store:
            return store.execute(query).fetchall()


@pytest.fixture
def world(tmp_path: Path) -> World:
    folder = tmp_path / "studio"
    write_world(folder, 2)
    world = World(folder)
    result = world.studio().close_month(OCTOBER, source=keep_reading(make_reading(2, 20), tmp_path / "reading"))
    assert [draft["number"] for draft in result.drafts] == ["2026-0001", "2026-0002"]
    return world


def test_a_link_opens_so_many_days_after_the_issue_date(world: World) -> None:
    shown = world.studio().links.show("2026-0001")
    assert (shown.expires_on, shown.expired) == (date(2027, 3, 2), False)  # 2 November and 120 days
    assert world.opens(shown.link)
    assert world.studio(date(2027, 3, 2)).links.show("2026-0001").expired is False
    assert world.studio(date(2027, 3, 3)).links.show("2026-0001").expired is True


def test_the_store_holds_no_link_and_no_secret(world: World) -> None:
    link = world.studio().links.show("2026-0001").link
    name = world.folder_of(link).name
    everything = b"".join(path.read_bytes() for path in world.folder.glob("store.db*"))
    assert name.encode() not in everything
    assert SECRET.encode() not in everything


def test_a_new_address_kills_the_one_before(world: World) -> None:
    before = world.studio().links.show("2026-0001").link
    other = world.studio().links.show("2026-0002").link
    day = date(2026, 12, 1)
    given = world.studio(day).links.give("2026-0001", renew=True)
    assert given.link != before
    assert given.expires_on == date(2027, 3, 31)  # 1 December and 120 days
    assert (world.opens(before), world.opens(given.link), world.opens(other)) == (False, True, True)
    assert not world.folder_of(before).exists()
    assert world.studio(day).links.show("2026-0001").link == given.link


def test_an_expired_link_leaves_a_page_that_says_whom_to_ask_and_no_amounts(world: World) -> None:
    link = world.studio().links.show("2026-0001").link
    originals = world.originals()
    late = world.studio(date(2027, 3, 3))
    assert (late.links.sweep().expired, late.links.sweep().expired) == (2, 0)
    folder = world.folder_of(link)
    assert sorted(path.name for path in folder.iterdir()) == ["expired.html", "invoice.html"]
    assert (folder / "expired.html").read_bytes() == (folder / "invoice.html").read_bytes()
    page = (folder / "invoice.html").read_text("utf-8")
    assert "This link has expired" in page
    assert "mailto:billing@studio.example" in page
    assert "EUR" not in page
    assert "Client c001" not in page
    assert (folder.stat().st_mode & 0o777, (folder / "invoice.html").stat().st_mode & 0o777) == (0o755, 0o644)
    assert world.originals() == originals


def test_a_later_day_opens_the_same_address_again(world: World) -> None:
    link = world.studio().links.show("2026-0001").link
    day = date(2027, 3, 3)
    world.studio(day).links.sweep()
    given = world.studio(day).links.give("2026-0001", expires_on=date(2027, 3, 10))
    assert (given.link, given.expired) == (link, False)
    assert world.opens(link)
    assert world.studio(date(2027, 3, 11)).links.sweep().expired == 1
    assert not world.opens(link)


def test_an_earlier_day_is_held_too_but_not_one_that_has_passed(world: World) -> None:
    studio = world.studio()
    assert studio.links.give("2026-0001", expires_on=date(2026, 11, 2)).expired is False
    with pytest.raises(Refused, match="has passed"):
        studio.links.give("2026-0001", expires_on=date(2026, 11, 1))


def test_taking_back_leaves_nothing_but_the_originals(world: World) -> None:
    link = world.studio().links.show("2026-0001").link
    originals = world.originals()
    done = world.studio().links.revoke("2026-0001")
    assert (done.links, done.folders) == (1, 1)
    assert not world.folder_of(link).exists()
    assert world.originals() == originals
    assert world.studio().links.revoke("2026-0001").links == 0
    with pytest.raises(InvoiceStateError, match="taken back"):
        world.studio().links.show("2026-0001")
    with pytest.raises(InvoiceStateError, match="taken back"):
        world.studio().links.give("2026-0001", expires_on=date(2027, 1, 1))
    again = world.studio().links.give("2026-0001", renew=True)
    assert again.link != link
    assert world.opens(again.link)


def test_a_revoked_link_that_had_expired_leaves_nothing_either(world: World) -> None:
    link = world.studio().links.show("2026-0001").link
    late = world.studio(date(2027, 3, 3))
    late.links.sweep()
    late.links.revoke("2026-0001")
    assert not world.folder_of(link).exists()


def test_a_recipient_has_a_link_of_his_own(world: World) -> None:
    links = world.studio().links
    own = links.show("2026-0001").link
    one = links.give("2026-0001", recipient="a@acme.example")
    two = links.give("2026-0001", recipient="b@acme.example")
    assert len({own, one.link, two.link}) == 3
    assert links.give("2026-0001", recipient="a@acme.example").link == one.link
    assert all(world.opens(link) for link in (own, one.link, two.link))

    assert links.revoke("2026-0001", recipient="a@acme.example").links == 1
    assert [world.opens(link) for link in (own, one.link, two.link)] == [True, False, True]
    with pytest.raises(InvoiceStateError, match=r"for a@acme\.example was taken back"):
        links.give("2026-0001", recipient="a@acme.example")
    new = links.give("2026-0001", recipient="a@acme.example", renew=True)
    assert new.link != one.link
    assert links.revoke("2026-0001").links == 3
    assert [world.opens(link) for link in (own, new.link, two.link)] == [False, False, False]


@pytest.mark.parametrize("recipient", ["nobody", "a@b.example\nBcc: c@d.example", "a@b"])
def test_a_recipient_must_be_an_address(world: World, recipient: str) -> None:
    with pytest.raises(Refused):
        world.studio().links.give("2026-0001", recipient=recipient)
    with pytest.raises(Refused, match="no link for"):
        world.studio().links.revoke("2026-0001", recipient="c@d.example")


def test_a_cancelled_document_opens_nothing(world: World) -> None:
    links = world.studio().links
    own, one = links.show("2026-0001").link, links.give("2026-0001", recipient="a@acme.example").link
    world.studio().cancel("2026-0001", "wrong client")
    assert not world.folder_of(own).exists()
    assert not world.folder_of(one).exists()
    for attempt in (lambda: links.show("2026-0001"), lambda: links.give("2026-0001", renew=True)):
        with pytest.raises(InvoiceStateError, match="was cancelled"):
            attempt()


def test_each_change_is_signed(world: World) -> None:
    links = world.studio().links
    links.give("2026-0001", renew=True)
    links.give("2026-0001", expires_on=date(2027, 1, 1))
    links.revoke("2026-0001")
    rows = world.rows("SELECT verb, subject, person FROM audit WHERE verb LIKE 'link%' ORDER BY id")
    assert rows == [(verb, "invoice:2026-0001", "i.petrova") for verb in ("link new", "link expires", "link revoke")]


def test_an_unknown_number_is_said_so(world: World) -> None:
    for call in (world.studio().links.show, world.studio().links.give, world.studio().links.revoke):
        with pytest.raises(UnknownInvoice):
            call("2026-0009")


@pytest.mark.parametrize(
    "verb",
    [
        lambda studio: studio.links.show("2026-0001"),
        lambda studio: studio.links.give("2026-0001", renew=True),
        lambda studio: studio.links.revoke("2026-0001"),
        lambda studio: studio.links.sweep(),
        lambda studio: studio.documents.link("2026-0001"),
    ],
)
def test_another_machines_secret_is_refused(world: World, verb: Callable[[Studio], object]) -> None:
    before = sorted(path.name for path in (world.folder / "published").iterdir())
    with pytest.raises(Refused, match="another secret"):
        verb(world.studio(secret=OTHER))
    assert sorted(path.name for path in (world.folder / "published").iterdir()) == before


def test_a_rotated_secret_names_links_anew_and_keeps_the_old_ones_until_they_expire(world: World) -> None:
    before = world.studio().links.show("2026-0001").link
    mine = world.studio().links.give("2026-0001", recipient="a@acme.example").link
    done = world.studio().links.rotate(Secret(OTHER))
    assert (done.links, done.kept_in, done.problems) == (3, "", ())

    with pytest.raises(Refused, match="another secret"):
        world.studio().links.show("2026-0001")
    world.environ = {"LINK_SECRET": OTHER}
    after = world.studio().links.show("2026-0001")
    assert after.link != before
    assert after.expires_on == date(2027, 3, 2)
    assert all(world.opens(link) for link in (before, mine, after.link))

    late = world.studio(date(2027, 3, 3))
    assert late.links.sweep().expired == 6  # three links, each with two names
    assert not any(world.opens(link) for link in (before, mine, after.link))


def test_links_of_a_former_secret_can_be_taken_back(world: World) -> None:
    before = world.studio().links.show("2026-0001").link
    world.studio().links.rotate(Secret(OTHER))
    world.environ = {"LINK_SECRET": OTHER}
    after = world.studio().links.show("2026-0001").link
    assert world.studio().links.revoke("2026-0001").links == 2
    assert not world.folder_of(before).exists()
    assert not world.folder_of(after).exists()


def test_a_rotation_that_was_cut_off_is_finished_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.studio().links.show("2026-0001").link

    def cut(*_: object) -> None:
        raise FilesystemError("published", "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("studio_support.delivery.copies.Copies.rotate", cut)
        with pytest.raises(FilesystemError):
            world.studio().links.rotate(Secret(OTHER))
    with pytest.raises(Refused, match="another secret"):
        world.studio().links.show("2026-0001")

    world.studio().links.rotate(Secret(OTHER))
    world.environ = {"LINK_SECRET": OTHER}
    assert world.opens(world.studio().links.show("2026-0001").link)
    assert world.opens(before)


@pytest.fixture
def kept(world: World) -> Path:
    """The same studio with its secret in a file."""
    file = world.folder / "link-secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    settings = SETTINGS.replace('secret_env = "LINK_SECRET"', 'secret_file = "link-secret"')
    (world.folder / "studio-support.toml").write_text(settings.replace("{smtp_port}", "9"))
    return file


def test_a_secret_in_a_file_is_made_and_put_there(world: World, kept: Path) -> None:
    before = world.studio().links.show("2026-0001").link
    done = world.studio().links.rotate()
    assert (done.links, done.kept_in) == (2, str(kept))
    assert len(kept.read_text().strip()) == 64
    assert kept.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in world.folder.glob("link-secret*")) == ["link-secret"]
    after = world.studio().links.show("2026-0001").link
    assert after != before
    assert world.opens(before)
    assert world.opens(after)


@pytest.mark.parametrize("step", ["delivery.copies.Copies.rotate", "link_secret.SecretFile.settle"])
def test_a_made_secret_survives_a_cut(world: World, kept: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def cut(*_: object) -> None:
        raise FilesystemError("somewhere", "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(f"studio_support.{step}", cut)
        with pytest.raises(FilesystemError):
            world.studio().links.rotate()
    coming = kept.with_name("link-secret.new").read_text()
    world.studio().links.rotate()
    assert kept.read_text() == coming
    assert not kept.with_name("link-secret.new").exists()
    assert world.opens(world.studio().links.show("2026-0001").link)


def test_a_secret_in_a_variable_cannot_be_changed_from_here(world: World) -> None:
    with pytest.raises(ConfigError) as caught:
        world.studio().links.rotate()
    assert "--new-secret-env" in caught.value.right


def test_links_from_before_the_store_knew_them_expire_and_are_taken_back(world: World) -> None:
    """A store that was upgraded has no rows of links; the next sweep writes them down."""
    links = [world.studio().links.show(number).link for number in ("2026-0001", "2026-0002")]
    with closing(sqlite3.connect(world.folder / "store.db")) as store:
        store.executescript(
            "DROP TRIGGER links_kept; DELETE FROM links; DELETE FROM store_facts WHERE key='link_secret'"
        )
    assert world.studio(date(2027, 3, 3)).links.sweep().expired == 2
    assert not any(world.opens(link) for link in links)


def test_the_store_refuses_to_forget_a_link_or_to_bring_one_back(world: World) -> None:
    world.studio().links.revoke("2026-0001")
    for statement in (
        "DELETE FROM links",
        "UPDATE links SET token_sha256 = 'x'",
        "UPDATE links SET revoked_at = NULL WHERE revoked_at IS NOT NULL",
    ):
        with closing(sqlite3.connect(world.folder / "store.db")) as store, pytest.raises(sqlite3.IntegrityError):
            store.execute(statement)


def test_a_folder_that_is_not_ours_is_never_taken_for_a_link(world: World) -> None:
    strange = world.folder / "published" / ("x" * 43)
    strange.mkdir()
    (strange / "index.html").write_text("mine")
    world.studio(date(2027, 3, 3)).links.sweep()
    assert (strange / "index.html").read_text() == "mine"


def test_what_is_good_follows_from_the_rows_alone(world: World) -> None:
    studio = world.studio()
    studio.links.give("2026-0001", renew=True)
    with studio.store.reading() as connection:
        states = [(row.invoice_id, row.generation, row.good) for row in link_rows.link_rows(connection)]
    assert states == [(1, 1, False), (2, 1, True), (1, 2, True)]


def test_a_web_servers_configuration_knows_the_styles_of_the_pages(world: World) -> None:
    text = world.studio().links.web_server("nginx")
    assert text.count("'sha256-") == 2  # of the invoices and of the page of expired links
    assert f'root "{world.folder / "published"}"' in text


def test_a_pass_of_the_bridge_sweeps_once_a_day(world: World) -> None:
    link = world.studio().links.show("2026-0001").link
    assert world.studio(date(2027, 3, 2)).links.sweep_daily() is not None
    late = date(2027, 3, 3)
    swept = world.studio(late).links.sweep_daily()
    assert swept is not None
    assert swept.swept is not None
    assert swept.swept.expired == 2
    assert not world.opens(link)
    assert world.studio(late).links.sweep_daily() is None


def test_a_sweep_that_fails_is_tried_again_and_told_once_a_day(world: World) -> None:
    late = date(2027, 3, 3)
    told = [world.studio(late, secret=OTHER).links.sweep_daily() for _ in range(2)]
    assert [(type(one.error), one.told_today) for one in told if one] == [(Refused, False), (Refused, True)]
    mended = world.studio(late).links.sweep_daily()
    assert mended is not None
    assert mended.error is None
    again = world.studio(date(2027, 3, 4), secret=OTHER).links.sweep_daily()
    assert again is not None
    assert again.told_today is False


def test_another_runs_lock_is_waited_for_until_the_next_pass(world: World) -> None:
    with world.studio().locked("bill close"):
        assert world.studio().links.sweep_daily() is None
    assert world.studio().links.sweep_daily() is not None


def test_a_store_without_documents_makes_no_folder(tmp_path: Path) -> None:
    write_world(tmp_path / "empty", 1)
    world = World(tmp_path / "empty")
    assert world.studio().links.sweep_daily() is None
    assert not (world.folder / "published").exists()
