"""What doctor finds in the settings, the clients' files, the store and the folders of one machine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio_support.demo.bundle import write_studio
from studio_support.doctor import Check, examine
from studio_support.studio import Studio
from tests.own_fonts import ASCII, font_file

NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
Change = tuple[str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the bundled studio: sound, without a store, without servers."""
    settings = write_studio(tmp_path)
    text = settings.read_text("utf-8")
    begin, end = text.index("[mail]"), text.index("[links]")
    settings.write_text(text[:begin] + text[end:], "utf-8")
    return tmp_path


def change(file: Path, *changes: Change) -> None:
    text = file.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def look(
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
    mail_to: str | None = None,
) -> dict[str, Check]:
    """The checks by name; no name comes twice."""
    os.utime(folder / "studio-support.toml", (NOW.timestamp(), NOW.timestamp()))
    studio = Studio.from_file(folder / "studio-support.toml", environ=environ or {}, clock=clock)
    checks = examine(studio, mail_to)
    by_name = {check.name: check for check in checks}
    assert len(by_name) == len(checks)
    return by_name


def test_a_sound_studio_fails_nothing_and_is_left_as_it_was(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    found = look(folder)
    assert {name: check.result for name, check in found.items()} == {
        "settings": "ok",
        "people": "ok",
        "month end": "ok",
        "clients": "ok",
        "recipients": "ok",
        "numbers": "ok",
        "clock": "ok",
        "time zones": "ok",
        "fonts": "ok",
        "tax numbers": "ok",
        "payment codes": "ok",
        "store": "ok",
        "files": "ok",
        "disk": "ok",
        "links": "warning",
        "web space": "ok",
        "redmine": "skipped",
        "mail": "skipped",
        "calendar": "ok",
        "otrs": "skipped",
    }
    assert sorted(folder.rglob("*")) == before
    assert "made on first use" in found["store"].detail
    assert "8 files" in found["clients"].detail
    assert "2026-0001, B2026-0001 (berlin)" in found["numbers"].detail


def test_a_check_says_what_to_do_unless_all_is_well(folder: Path) -> None:
    for check in look(folder).values():
        assert bool(check.next_step) == (check.result != "ok"), check
        assert check.as_dict() == {
            "check": check.name,
            "result": check.result,
            "detail": check.detail,
            "next_step": check.next_step,
        }


def test_settings_with_one_section_skip_what_needs_others(tmp_path: Path) -> None:
    text = '[studio]\ntimezone = "Europe/Berlin"\ncountry = "DE"\nopens = "09:00"\ncloses = "18:00"\ncutoff = "12:00"\n'
    (tmp_path / "studio-support.toml").write_text(text)
    found = look(tmp_path)
    assert {name for name, check in found.items() if check.result == "skipped"} == {
        "month end",
        "clients",
        "store",
        "links",
        "redmine",
        "mail",
        "otrs",
    }
    assert {check.result for check in found.values()} == {"ok", "skipped"}


def test_a_faulty_client_file_is_named(folder: Path) -> None:
    change(folder / "clients" / "acme.toml", ('currency = "EUR"', 'currency = "EURO"'))
    found = look(folder)["clients"]
    assert found.result == "failed"
    assert "1 of 8" in found.detail
    assert "clients/acme.toml" in found.detail
    assert "client check" in found.next_step


def test_drafts_and_clients_without_an_address_are_told(folder: Path) -> None:
    change(folder / "clients" / "acme.toml", ('id = "acme"', 'id = "acme"\ndraft = true'))
    change(folder / "clients" / "orlov.toml", ('emails = ["orlov@orlov-print.example"]', "emails = []"))
    found = look(folder)
    assert "1 of them drafts: acme" in found["clients"].detail
    assert (found["recipients"].result, "orlov" in found["recipients"].detail) == ("warning", True)


def test_an_address_that_no_letter_reaches_fails(folder: Path) -> None:
    change(folder / "clients" / "orlov.toml", ("orlov@orlov-print.example", "orlov@printshop"))
    found = look(folder)["recipients"]
    assert (found.result, "orlov: orlov@printshop" in found.detail) == ("failed", True)


def test_no_clients_at_all_is_a_warning(folder: Path) -> None:
    for file in (folder / "clients").iterdir():
        file.unlink()
    assert look(folder)["clients"].result == "warning"


def test_a_name_that_the_fonts_lack_is_named_with_its_letters(folder: Path) -> None:
    change(folder / "clients" / "acme.toml", ('name = "ACME GmbH"', 'name = "ACME 株式会社"'))
    found = look(folder)["fonts"]
    assert found.result == "failed"
    assert "clients/acme.toml: name" in found.detail
    assert "U+682A" in found.detail


def test_names_are_asked_of_the_fonts_that_the_seller_names(folder: Path) -> None:
    """A font of one's own that lacks the seller's umlauts is found before a month is closed; a broken one is named."""
    settings = folder / "studio-support.toml"
    change(settings, ("[sellers.berlin.bank]", '[sellers.berlin.look]\nfont = "own.ttf"\n\n[sellers.berlin.bank]'))
    change(settings, ("Torstr. 200", "Torstraße 200"))
    font_file(folder / "own.ttf", ASCII)
    found = look(folder)["fonts"]
    assert found.result == "failed"
    assert "sellers.berlin: address holds U+00DF" in found.detail
    (folder / "own.ttf").write_bytes(b"no font")
    broken = look(folder)["fonts"]
    assert (broken.result, "sellers.berlin.look.font" in broken.detail) == ("failed", True)


def test_numbers_with_wrong_control_digits_are_named(folder: Path) -> None:
    change(folder / "clients" / "acme.toml", ("DE224466884", "DE224466885"))
    change(folder / "studio-support.toml", ("DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"))
    found = look(folder)["tax numbers"]
    assert found.result == "failed"
    assert "sellers.berlin.bank.iban: 'DE89370400440532013001' is no IBAN" in found.detail
    assert "acme.vat_id: 'DE224466885' is no VAT number of DE: its check digits do not fit" in found.detail
    assert found.next_step.startswith("Correct `iban` in [sellers.berlin.bank].")


def test_a_seller_whose_invoices_bear_no_payment_code_is_told(folder: Path) -> None:
    """His bank takes Latin letters alone: once, however many clients he has, with the field to set."""
    settings = folder / "studio-support.toml"
    berlin = settings.read_text("utf-8").split("[sellers.berlin]")[1].split('name = "')[1].split('"')[0]
    change(settings, (f'name = "{berlin}"', 'name = "Студия Берлин"'))
    found = look(folder)["payment codes"]
    assert found.result == "warning"
    assert found.detail == (
        "invoices of Студия Берлин in EUR bear no payment code: "
        "the payee's name has letters that SEPA banks do not take"
    )
    assert found.next_step.startswith("Set `holder` of that account")


def test_totals_that_cannot_be_written_in_words_are_told(folder: Path) -> None:
    """Asked for by the seller's wording, for a client in a language that has no words."""
    settings = folder / "studio-support.toml"
    wording = '[sellers.berlin.look.texts]\n"totals.in_words" = "In words: {words}"\n\n[sellers.berlin.bank]'
    change(settings, ("[sellers.berlin.bank]", wording))
    assert "amounts in words" not in look(folder)
    change(folder / "clients" / "acme.toml", ('language = "de"', 'language = "nl"'))
    found = look(folder)["amounts in words"]
    assert found.result == "warning"
    assert found.detail == "acme: totals are printed in figures alone: there are no words for EUR in nl"
    assert "Words for EUR: de, en, fr, pl, ru, uk" in found.next_step


def test_no_tax_row_for_today_is_a_warning(folder: Path) -> None:
    change(folder / "studio-support.toml", ("[[billing.tax]]\nfrom = 2026-01-01", "[[billing.tax]]\nfrom = 2027-01-01"))
    found = look(folder)["month end"]
    assert (found.result, "2026-11-02" in found.detail) == ("warning", True)


def test_a_clock_that_cannot_be_right(folder: Path) -> None:
    assert look(folder, clock=lambda: datetime(2019, 1, 1, tzinfo=UTC))["clock"].result == "failed"
    assert look(folder, clock=lambda: datetime(2026, 10, 1, tzinfo=UTC))["clock"].result == "warning"


def test_a_short_link_secret_fails_without_being_shown(folder: Path) -> None:
    (folder / "link-secret").write_text("tooshort123")
    found = look(folder)["links"]
    assert (found.result, found.error is not None) == ("failed", True)
    assert "tooshort123" not in repr(found) + json.dumps(found.as_dict())


def test_a_link_secret_that_others_can_read_fails(folder: Path) -> None:
    (folder / "link-secret").chmod(0o644)
    found = look(folder)["links"]
    assert (found.result, "chmod 600" in found.next_step) == ("failed", True)


def test_another_secret_than_the_published_links_have_fails(folder: Path) -> None:
    (folder / "published" / ".studio-support-store").write_text('{"store": "x", "secret": "another"}')
    found = look(folder)["link secret"]
    assert (found.result, "used so far" in found.next_step) == ("failed", True)


def test_a_marker_that_cannot_be_read_fails(folder: Path) -> None:
    (folder / "published" / ".studio-support-store").write_text("[]")
    assert look(folder)["link secret"].result == "failed"


def test_an_https_address_needs_no_warning(folder: Path) -> None:
    uri = (folder / "published").resolve().as_uri()
    change(folder / "studio-support.toml", (uri, "https://invoices.studio.example"))
    assert look(folder)["links"].result == "ok"


def test_a_file_in_place_of_a_folder_fails(folder: Path) -> None:
    (folder / "published").rmdir()
    (folder / "published").write_text("")
    (folder / "studio-support.files").write_text("")
    found = look(folder)
    for name, place in (("web space", "published"), ("files", "studio-support.files")):
        assert found[name].result == "failed"
        assert str(folder / place) in found[name].detail
        assert found[name].error is not None


def test_a_missing_secret_names_its_place_only(folder: Path) -> None:
    change(folder / "studio-support.toml", ('secret_file = "link-secret"', 'secret_env = "LINK_SECRET"'))
    found = look(folder)["links"]
    assert (found.result, "LINK_SECRET" in found.detail) == ("failed", True)
    sound = look(folder, environ={"LINK_SECRET": "k" * 32})["links"]
    assert sound.result == "warning"
    assert "kkkk" not in repr(sound)
