"""What `init` writes can be read back, shows every option, and shows true defaults."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel

from studio_support.config import load_clients, load_settings
from studio_support.config.agreements import BillingSection, RuleTable, TaxTable
from studio_support.config.client_file import ClientFile
from studio_support.config.init_files import (
    STANDARD_TAX,
    InitAnswers,
    sample_client_text,
    settings_text,
    write_init,
    write_web_service,
)
from studio_support.config.sections import (
    BankTable,
    LinksSection,
    MailSection,
    OtrsSection,
    RedmineSection,
    SellerTable,
    StoreSection,
    StudioSection,
    SyncSection,
)
from studio_support.errors import ConfigError, FilesystemError, Refused

FULL = InitAnswers(
    seller_name='Studio "Zwei" \\ Co',
    country="DE",
    vat_id="DE123456789",
    tax_number="12/345",
    bank_name="Sparkasse",
    bic="COBADEFF",
    iban="DE02 1203 0000 0000 2020 51",
    timezone="Europe/Berlin",
    language="de",
    currency="EUR",
    otrs_url="https://tickets.example/otrs",
    first_month="2026-10",
)
RUSSIAN = InitAnswers(inn="7802895380", kpp="780201001", bank_name="Банк", bic="044030653", account="1", country="RU")
ANSWERS = [
    InitAnswers(),
    FULL,
    RUSSIAN,
    InitAnswers(country="FR", tax_rate="20"),
    InitAnswers(country="FR"),
    *(InitAnswers.for_country(country) for country in ("AT", "DE", "RU", "FR")),
    InitAnswers(tax_category="E", tax_reason="Без налога (НДС)"),
]


@pytest.mark.parametrize("answers", ANSWERS)
def test_what_is_written_can_be_read(tmp_path: Path, answers: InitAnswers) -> None:
    settings_file, sample, *_ = write_init(tmp_path, answers)
    settings = load_settings(settings_file)
    terms = settings.terms()
    assert terms.sellers[""].party.name == answers.seller_name
    assert settings.has("otrs") == bool(answers.otrs_url)
    book = load_clients(settings.clients_folder, settings)
    assert (book.problems, book.notices) == ((), ())
    assert book.get(sample.stem).draft


def test_answers_stand_in_the_file(tmp_path: Path) -> None:
    write_init(tmp_path, FULL)
    terms = load_settings(tmp_path / "studio-support.toml").terms()
    bank = terms.sellers[""].bank_for("EUR")
    assert (bank.iban, bank.bic, bank.name) == ("DE02120300000000202051", "COBADEFF", "Sparkasse")
    assert (terms.sellers[""].party.vat_id, terms.sellers[""].party.tax_number) == ("DE123456789", "12/345")
    assert str(terms.first_month) == "2026-10"


def test_defaults_fit_the_country() -> None:
    german, other = InitAnswers.for_country("DE"), InitAnswers.for_country("NZ")
    assert (german.timezone, german.language, german.currency) == ("Europe/Berlin", "de", "EUR")
    assert (other.country, other.timezone, other.language) == ("NZ", "UTC", "en")
    assert InitAnswers.for_country("RU") == InitAnswers()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (InitAnswers(country="RU"), [("S", "22", "")]),
        (InitAnswers(country="DE"), [("S", "19", "")]),
        (InitAnswers(country="FR"), []),
        (InitAnswers(country="FR", tax_rate="20"), [("S", "20", "")]),
        (InitAnswers(country="DE", tax_category="E", tax_reason="§ 19 UStG"), [("E", "0", "§ 19 UStG")]),
    ],
)
def test_the_tax_row_is_known_answered_or_left_out(
    tmp_path: Path, answers: InitAnswers, expected: list[tuple[str, str, str]]
) -> None:
    """A rate that nobody said is not invented: the row stands commented out."""
    write_init(tmp_path, answers)
    rows = load_settings(tmp_path / "studio-support.toml").terms().tax
    assert [(row.category, str(row.rate), row.reason) for row in rows] == expected
    assert all(row.from_day == date(2026, 1, 1) for row in rows)


def test_no_bank_account_is_invented(tmp_path: Path) -> None:
    for country in ("RU", "DE", *STANDARD_TAX):
        write_init(tmp_path, InitAnswers(country=country), replace=True)
        seller = load_settings(tmp_path / "studio-support.toml").terms().sellers[""]
        assert seller.banks == ()
        assert (seller.party.inn, seller.party.vat_id) == ("", "")


def uncommented(text: str) -> str:
    """Sets every option to the default that its comment shows; blocks under a commented header stay out."""
    lines, in_block = [], False
    for line in text.splitlines():
        in_block = line.startswith("# [") or (in_block and line.startswith("#"))
        lines.append(line[2:] if not in_block and re.match(r"# [a-z_]+ = ", line) else line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("answers", [InitAnswers(), FULL])
def test_each_default_shown_is_the_default(tmp_path: Path, answers: InitAnswers) -> None:
    """Setting every option to what its comment shows changes nothing."""
    path, sample, *_ = write_init(tmp_path, answers)
    before = load_settings(path).content
    client_before = load_clients(tmp_path / "clients", load_settings(path)).get("sample")
    text = uncommented(settings_text(answers))
    assert text != settings_text(answers)
    path.write_text(text, encoding="utf-8")
    assert load_settings(path).content == before
    sample.write_text(uncommented(sample_client_text(answers)), encoding="utf-8")
    assert load_clients(tmp_path / "clients", load_settings(path)).get("sample") == client_before


def test_commented_options_are_many(tmp_path: Path) -> None:
    """Guards the test above: it would pass if nothing were taken for a default."""
    changed = [
        line for line in uncommented(settings_text(FULL)).splitlines() if line not in settings_text(FULL).splitlines()
    ]
    assert len(changed) == 59  # studio 5, seller 11, redmine 7, otrs 6, sync 11, store 1, mail 12, billing 4


def keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_every_option_is_shown() -> None:
    text = settings_text(FULL)
    models = (
        StudioSection,
        SellerTable,
        BankTable,
        RedmineSection,
        OtrsSection,
        SyncSection,
        StoreSection,
        MailSection,
        LinksSection,
        BillingSection,
        RuleTable,
        TaxTable,
    )
    wanted = set().union(*(keys(model) for model in models)) - {"letters_by_kind"}
    shown = set(re.findall(r"[a-z_]+", settings_text(FULL) + settings_text(InitAnswers())))
    assert wanted - shown == set()
    assert "letters_done" in text
    assert keys(ClientFile) - set(re.findall(r"[a-z_]+", sample_client_text(FULL))) == set()


def test_settings_that_are_there_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "studio-support.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="is there already"):
        write_init(tmp_path, InitAnswers())
    assert path.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "clients").exists()


def test_a_sample_is_not_put_among_clients(tmp_path: Path) -> None:
    clients = tmp_path / "clients"
    clients.mkdir()
    (clients / "acme.toml").write_text("mine", encoding="utf-8")
    assert write_init(tmp_path, InitAnswers()) == (tmp_path / "studio-support.toml",)
    assert [path.name for path in clients.iterdir()] == ["acme.toml"]


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        (InitAnswers(timezone="Moscow"), "studio.timezone"),
        (InitAnswers(redmine_url="http://u:p@h"), "redmine.url"),
        (InitAnswers(seller_email="x"), "seller.email"),
        (InitAnswers(tax_category="E"), "billing.tax[1]"),
    ],
)
def test_an_answer_that_cannot_be_used_writes_nothing(tmp_path: Path, answers: InitAnswers, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        write_init(tmp_path, answers)
    assert caught.value.key == key
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error_of_the_file_system(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FilesystemError):
        write_init(tmp_path / "file", InitAnswers())


def test_the_web_service_comes_with_a_server_that_has_to_import_it(tmp_path: Path) -> None:
    """As it is, route by route; an own one that lies there already is left alone."""
    written = write_init(tmp_path, InitAnswers(otrs_url="https://tickets.studio.example/otrs"))
    service = tmp_path / "otrs-webservice.yml"
    assert service in written
    text = service.read_text("utf-8")
    for route in ("/TicketSearch", "/TicketList", "/TicketHistory/:TicketID", "/Session"):
        assert route in text
    service.write_text("own", "utf-8")
    again = write_init(tmp_path, InitAnswers(otrs_url="https://tickets.studio.example/otrs"), replace=True)
    assert service not in again
    assert service.read_text("utf-8") == "own"
    with pytest.raises(Refused):
        write_web_service(service)


def test_without_otrs_no_web_service_is_written(tmp_path: Path) -> None:
    write_init(tmp_path, InitAnswers())
    assert not (tmp_path / "otrs-webservice.yml").exists()
