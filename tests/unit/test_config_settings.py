"""studio-support.toml: what is accepted, and how each fault is named."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from studio_invoices.model import BankAccount
from studio_support.billing.terms import Rule, TaxRow
from studio_support.config import find_config, load_settings
from studio_support.config.settings import Settings
from studio_support.errors import ConfigError, MissingSecret
from studio_support.period import Month

WHOLE = (Path(__file__).parent / "data" / "settings_whole.toml").read_text(encoding="utf-8")


def write(folder: Path, text: str) -> Path:
    path = folder / "studio-support.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str = WHOLE) -> Settings:
    return load_settings(write(folder, text))


def refused(folder: Path, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return caught.value


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1, "the test must change one place"
    return WHOLE.replace(old, new)


def test_terms_hold_what_the_file_says(tmp_path: Path) -> None:
    """Every rule of the month end arrives in the frozen values."""
    terms = load(tmp_path).terms()
    assert (terms.timezone, terms.language, terms.currency) == ("Europe/Moscow", "ru", "RUB")
    assert terms.first_month == Month(2026, 10)
    assert terms.non_billable_activities == ("Consultation",)
    assert terms.max_hours_per_entry == 24
    assert terms.ticket_field == "OTRS ticket"
    assert terms.tax == (
        TaxRow(date(2026, 1, 1), "S", Decimal(22), "gross", "", "studio-support.toml: billing.tax[1]"),
    )
    assert terms.rules == (
        Rule(
            "non_billable",
            tracker="Bug",
            issue_field=("Warranty", "yes"),
            show=True,
            label=(("en", "Free"), ("ru", "Бесплатно")),
        ),
    )
    seller = terms.sellers[""]
    assert (seller.party.name, seller.party.inn, seller.party.kpp) == ("ООО «Веб-студия»", "7802895380", "780201001")
    assert seller.bank_for("RUB") == BankAccount(
        "Банк", "044030653", "40702810455000024248", correspondent_account="30101810500000000653"
    )
    assert (seller.number_format, seller.first_number, seller.cancellation_format, seller.yearly) == (
        "{year}-{number:04d}",
        1,
        None,
        True,
    )


def test_sections_hold_values_and_documented_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.studio.opens == time(9, 0)
    assert settings.studio.grace_minutes == 0
    assert settings.redmine.done_statuses == ("Closed", "Resolved")
    assert settings.redmine.timeout_seconds == 30
    assert settings.otrs.fields.issue == "RedmineIssue"
    assert settings.sync.letters_by_kind == {"done": "note"}
    assert settings.sync.letters == "send"
    assert settings.links.base_url == "https://invoices.studio.example"
    assert settings.links.expires_after_days == 120
    assert settings.price_lists()["standard"][0].per_hour == Decimal(3000)
    assert settings.files_folder == tmp_path / "studio-support.files"
    assert settings.links_directory == tmp_path / "published"
    assert settings.clients_folder == tmp_path / "clients"


def test_studio_alone_is_enough_to_load(tmp_path: Path) -> None:
    """A command asks only for the sections that it uses; what is absent is named then."""
    settings = load(tmp_path, '[studio]\ntimezone = "Europe/Berlin"\n')
    assert settings.studio.timezone == "Europe/Berlin"
    assert not settings.has("redmine")
    assert settings.sync.hold_seconds == 120
    for section in ("redmine", "otrs", "store", "mail", "links", "billing"):
        with pytest.raises(ConfigError) as caught:
            getattr(settings, section)
        assert caught.value.key == section
        assert f"[{section}]" in caught.value.right


@pytest.mark.parametrize(
    ("section", "key"),
    [("[studio]", "studio"), ("[seller]", "seller"), ("[billing]", "billing")],
)
def test_terms_name_the_section_they_lack(tmp_path: Path, section: str, key: str) -> None:
    """Cutting a section out of the file is noticed when the month end asks for it."""
    parts = WHOLE.split("\n\n")
    settings = load(
        tmp_path, "\n\n".join(part for part in parts if not part.startswith((section, f"[{section[:-1]}.")))
    )
    with pytest.raises(ConfigError) as caught:
        settings.terms()
    assert caught.value.key == key


def test_terms_name_the_key_they_lack(tmp_path: Path) -> None:
    settings = load(tmp_path, changed('language = "ru"\n', ""))
    with pytest.raises(ConfigError) as caught:
        settings.terms()
    assert (caught.value.key, caught.value.wrong) == ("studio.language", "is missing")


def test_sellers_with_one_number_format_are_refused(tmp_path: Path) -> None:
    """Two sellers' numbers could be the same, so the second needs a format of its own."""
    second = '\n[sellers.gmbh]\nname = "X GmbH"\naddress = ["A 1"]\ncountry = "DE"\nemail = "x@x.example"\n'
    error = refused(tmp_path, WHOLE + second)
    assert error.key == "sellers.gmbh.number_format"
    assert "could print the same number" in error.wrong
    own = second + 'number_format = "G{year}-{number}"\nfirst_number = 17\n'
    terms = load(tmp_path, WHOLE + own).terms()
    assert terms.sellers["gmbh"].number_format == "G{year}-{number}"
    assert terms.sellers["gmbh"].first_number == 17
    assert list(terms.sellers) == ["", "gmbh"]


def test_a_seller_has_one_bank_a_currency(tmp_path: Path) -> None:
    banks = '[[seller.banks]]\nname = "B"\niban = "DE02 1203 0000 0000 2020 51"\ncurrency = "EUR"\n'
    start, _, rest = WHOLE.partition("[seller.bank]")
    rest = rest[rest.index("[redmine]") :]
    seller = load(tmp_path, f"{start}{banks}\n{rest}").terms().sellers[""]
    assert seller.bank_for("EUR").iban == "DE02120300000000202051"
    assert "two banks in EUR" in refused(tmp_path, f"{start}{banks}{banks}\n{rest}").wrong
    assert "both bank and banks" in refused(tmp_path, WHOLE.replace("[redmine]", f"{banks}\n[redmine]")).wrong


def test_a_hold_shorter_than_time_outs_is_refused_even_where_sync_is_absent(tmp_path: Path) -> None:
    settings = load(tmp_path, '[redmine]\nurl = "http://h"\ntimeout_seconds = 61\n')
    with pytest.raises(ConfigError, match="hold_seconds"):
        _ = settings.sync


def test_the_rule_without_a_condition_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, '[[billing.rule]]\nas = "fixed"\n')
    assert "no condition" in error.wrong


def test_a_rule_may_name_two_fields_each_with_its_value(tmp_path: Path) -> None:
    rule = (
        '\n[[billing.rule]]\nas = "fixed"\nissue_field = { name = "A", value = "1" }\n'
        'entry_field = { name = "B", value = "2" }\n'
    )
    rules = load(tmp_path, WHOLE.replace("\n[[price_lists", rule + "\n[[price_lists")).terms().rules
    assert (rules[1].issue_field, rules[1].entry_field) == (("A", "1"), ("B", "2"))


def test_percentages_print_without_needless_decimals(tmp_path: Path) -> None:
    assert [str(load(tmp_path, changed('"22"', f'"{rate}"')).terms().tax[0].rate) for rate in ("20.00", "8.50")] == [
        "20",
        "8.5",
    ]


def test_a_secret_in_the_file_is_refused_and_never_repeated(tmp_path: Path) -> None:
    """Neither in an address, nor under a key of its own, nor where the name of a variable belongs."""
    for old, new in (
        ('url = "http://127.0.0.1:3000"', 'url = "http://u:hunter2secret@127.0.0.1:3000"'),
        ('url = "http://127.0.0.1:3000"', 'url = "http://127.0.0.1:3000?key=hunter2secret"'),
        ('api_key_env = "REDMINE_API_KEY"', 'api_key = "hunter2secret"'),
        ('api_key_env = "REDMINE_API_KEY"', 'api_key_env = "hunter2secret"'),
        ('smtp_url = "smtp://127.0.0.1:25"', 'smtp_url = "smtp://u:hunter2secret@127.0.0.1:25"'),
        ('url = "sqlite:///studio-support.db"', 'url = "postgresql://u:hunter2secret@h/db"'),
        ('url = "sqlite:///studio-support.db"', 'url = "postgresql://u@h/db?password=hunter2secret"'),
        ('url = "http://127.0.0.1:8081/otrs"', 'url = "http://u:hunter2secret@h/otrs"'),
    ):
        error = refused(tmp_path, changed(old, new))
        shown = f"{error} {error!r} {error.wrong} {error.right} {error.__cause__!r}"
        assert "hunter2secret" not in shown
        assert error.__suppress_context__
        assert "_env" in error.right or "name of the variable" in error.right


def test_secrets_are_read_from_their_places(tmp_path: Path) -> None:
    settings = load(tmp_path)
    environ = {"REDMINE_API_KEY": "k1", "OTRS_PASSWORD": "p1", "STUDIO_SUPPORT_LINK_SECRET": "s1\n"}
    assert settings.redmine_api_key(environ).reveal() == "k1"
    assert settings.otrs_password(environ).reveal() == "p1"
    assert settings.link_secret(environ).reveal() == "s1"
    assert settings.mail_password(environ) is None
    with pytest.raises(MissingSecret) as caught:
        settings.redmine_api_key({})
    assert (caught.value.key, caught.value.source) == ("redmine.api_key", "environment variable REDMINE_API_KEY")


def test_the_mail_password_is_asked_for_where_a_user_is_named(tmp_path: Path) -> None:
    settings = load(tmp_path, changed("[mail]\n", '[mail]\nuser = "u"\npassword_env = "SMTP_PASSWORD"\n'))
    secret = settings.mail_password({"SMTP_PASSWORD": "m"})
    assert secret is not None
    assert secret.reveal() == "m"


def test_a_store_beside_the_settings_is_found_from_anywhere(tmp_path: Path) -> None:
    assert load(tmp_path).store_url({}).reveal() == f"sqlite:///{tmp_path}/studio-support.db"
    other = load(tmp_path, '[store]\nurl_env = "STORE"\n')
    assert other.store_url({"STORE": "postgresql://u:p@h/d"}).reveal() == "postgresql://u:p@h/d"
    assert "p@h" not in repr(other.store_url({"STORE": "postgresql://u:p@h/d"}))
    memory = load(tmp_path, '[store]\nurl = "sqlite:///:memory:"\n')
    assert memory.store_url({}).reveal() == "sqlite:///:memory:"
    absolute = load(tmp_path, '[store]\nurl = "sqlite:////srv/s.db"\n')
    assert absolute.store_url({}).reveal() == "sqlite:////srv/s.db"


def test_people_beside_the_settings_become_aliases(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text("[i.petrov]\nredmine = 5\n", encoding="utf-8")
    assert load(tmp_path).terms().people_aliases == {"i.petrov": "#5"}


def test_the_file_is_searched_in_the_folder_then_in_the_users(tmp_path: Path) -> None:
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    with pytest.raises(ConfigError, match="is neither in"):
        find_config(None, here, home)
    write(home, "")
    assert find_config(None, here, home) == home / "studio-support.toml"
    write(here, "")
    assert find_config(None, here, home) == here / "studio-support.toml"
    assert find_config(tmp_path / "other.toml", here, home) == tmp_path / "other.toml"


def test_settings_do_not_show_their_content(tmp_path: Path) -> None:
    assert repr(load(tmp_path)) == f"Settings('{tmp_path}/studio-support.toml')"
