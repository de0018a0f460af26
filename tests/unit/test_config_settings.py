"""studio-support.toml: what is accepted, and how each fault is named."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio_invoices.model import BankAccount
from studio_support.billing.terms import Rule, TaxRow
from studio_support.config import find_config, load_settings
from studio_support.config.reading import BadFile, check_table
from studio_support.config.settings import Settings
from studio_support.config.settings_file import SettingsFile, faults_across
from studio_support.errors import ConfigError, MissingSecret
from studio_support.period import Month

WHOLE = """\
[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"
language = "ru"
currency = "RUB"

[seller]
name = "ООО «Веб-студия»"
address = ["ул. Ленина, 1", "214000 Смоленск"]
country = "RU"
inn = "7802895380"
kpp = "780201001"
email = "buh@studio.example"
[seller.bank]
name = "Банк"
bic = "044030653"
account = "40702810455000024248"
correspondent_account = "30101810500000000653"

[redmine]
url = "http://127.0.0.1:3000"
api_key_env = "REDMINE_API_KEY"
ticket_field = "OTRS ticket"

[otrs]
url = "http://127.0.0.1:8081/otrs"
web_service = "GenericTicketConnectorREST"
user = "robot"
password_env = "OTRS_PASSWORD"
timezone = "UTC"
queues = ["Support"]

[sync]
letters_done = "note"

[store]
url = "sqlite:///studio-support.db"

[mail]
smtp_url = "smtp://127.0.0.1:25"
sender = "billing@studio.example"

[links]
base_url = "https://invoices.studio.example/"
secret_env = "STUDIO_SUPPORT_LINK_SECRET"
directory = "published"

[billing]
number_format = "{year}-{number:04d}"
payment_days = 10
rounding = { increment_minutes = 15, mode = "nearest", per = "entry" }
non_billable_activities = ["Consultation"]
first_month = "2026-10"

[[billing.rule]]
tracker = "Bug"
issue_field = "Warranty"
value = "yes"
as = "non_billable"
show = true
label = { ru = "Бесплатно", en = "Free" }

[[billing.tax]]
from = 2026-01-01
category = "S"
rate = "22"
prices = "gross"

[[price_lists.standard]]
from = 2026-01-01
per_hour = 3000
"""


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


FAULTS = [
    # what is changed, into what, key, part of what is wrong, part of what would be right
    ('"Europe/Moscow"', '"Europe/Moskow"', "studio.timezone", "no time zone", "Europe/Moscow"),
    ('"Europe/Moscow"', '""', "studio.timezone", "is empty", "Write the text"),
    ('"Europe/Moscow"', "3", "studio.timezone", "is a whole number, not text", "in quotes"),
    ('timezone = "Europe/Moscow"\n', "", "studio.timezone", "is missing", 'Add timezone = "Europe/Moscow"'),
    ('opens = "09:00"', 'opens = "9 Uhr"', "studio.opens", "'9 Uhr' is no time of day", '"09:00"'),
    ('opens = "09:00"', 'opens = "19:00"', "studio", "closes before it opens", "later closes"),
    ('cutoff = "12:00"', 'cutoff = "19:00"', "studio", "cutoff outside", "between"),
    ('currency = "RUB"', 'currency = "RUR"', "studio.currency", "no currency", '"RUB"'),
    ('currency = "RUB"', 'currency = "ROUBLE"', "studio.currency", "no currency", "ISO 4217"),
    ('language = "ru"', 'language = "Russian"', "studio.language", "no language", '"ru"'),
    ('language = "ru"', 'langauge = "ru"', "studio.langauge", "no known key", "Did you mean language?"),
    ("[billing]", "[biling]\n[billing]", "biling", "no known section", "Did you mean billing?"),
    ("[billing]", "[xyzzy]\n[billing]", "xyzzy", "no known section", "Known here: billing, links, mail"),
    ('inn = "7802895380"', 'inn = "780289538"', "seller.inn", "no ИНН", "10 digits"),
    ('kpp = "780201001"', 'kpp = "7"', "seller.kpp", "no КПП", "9 digits"),
    ('email = "buh@studio.example"', 'email = "buh"', "seller.email", "no e-mail address", "@"),
    ('email = "buh@studio.example"\n', "", "seller.email", "is missing", 'Add email = "buh@studio.example"'),
    ('bic = "044030653"', 'bic = "44"', "seller.bank.bic", "no BIC", "044030653"),
    ('account = "40702810455000024248"\ncorr', "corr", "seller.bank", "names no account", "iban"),
    ('"http://127.0.0.1:3000"', '"127.0.0.1:3000"', "redmine.url", "no address that begins with http", "https://"),
    ('"http://127.0.0.1:3000"', '"http://[::1"', "redmine.url", "no address", "https://"),
    ('"http://127.0.0.1:8081/otrs"', '"ftp://x/otrs"', "otrs.url", "no address that begins", "https://"),
    ('queues = ["Support"]', 'queues = "Support"', "otrs.queues", "is text, not a list", "brackets"),
    ('queues = ["Support"]', 'queues = ["a", 1]', "otrs.queues", "a whole number as item 2", "in quotes"),
    ('queues = ["Support"]', 'queues = ["a", "a"]', "otrs.queues", "'a' twice", "once"),
    ('letters_done = "note"', 'letters_done = "mail"', "sync", "letters_done = 'mail'", '"send", "note" or "off"'),
    ('letters_done = "note"', "hold_seconds = 59", "sync.hold_seconds", "is 59, less than twice", "60 or more"),
    ('letters_done = "note"', "to_redmine = { }", "sync.to_redmine", "one of queue, state and field", "queue ="),
    ('letters_done = "note"', 'max_letters = "5"', "sync.max_letters", "is text, not a whole number", "from 0"),
    ('url = "sqlite:///studio-support.db"', 'files = "f"', "store", "one of url, url_env", "sqlite:///"),
    ('sender = "billing@studio.example"', 'sender = "b@x"\nvia = "post"', "mail.via", "is 'post'", '"smtp" or "otrs"'),
    ('sender = "billing@studio.example"', 'sender = "b@x"\nuser = "u"', "mail", "without a password", "password_env"),
    ('smtp_url = "smtp://127.0.0.1:25"\n', "", "mail", "names no server", "smtp_url"),
    ('"https://invoices.studio.example/"', '"http://x.example"', "links.base_url", "plain http", "https://"),
    ("payment_days = 10", "payment_days = -1", "billing.payment_days", "is -1, out of range", "from 0 to 730"),
    ("payment_days = 10", "payment_days = true", "billing.payment_days", "is true or false", "from 0 to 730"),
    ("increment_minutes = 15", "increment_minutes = 0", "billing.rounding.increment_minutes", "is 0", "from 1"),
    ('mode = "nearest"', 'mode = "down"', "billing.rounding.mode", "is 'down'", '"up" or "nearest"'),
    ('first_month = "2026-10"', 'first_month = "10/2026"', "billing.first_month", "no month", '"2026-10"'),
    ('as = "non_billable"\n', "", "billing.rule[1].as", "is missing", 'as = "non_billable"'),
    ("show = true", 'show = "yes"', "billing.rule[1].show", "is text", "true or false"),
    ('issue_field = "Warranty"\n', "", "billing.rule[1].value", "no known key", "Known here"),
    ('value = "yes"\n', "", "billing.rule[1].issue_field.value", "is missing", "Add value"),
    ("from = 2026-01-01\ncat", 'from = "2026-01-01"\ncat', "billing.tax[1].from", "is text, not a date", "2026-01-01"),
    ("from = 2026-01-01\ncat", "from = 2026-01-01T00:00:00\ncat", "billing.tax[1].from", "date with a time", "2026"),
    ("from = 2026-01-01\ncat", "from = 0026-01-01\ncat", "billing.tax[1].from", "hardly meant", "2026-01-01"),
    ("from = 2026-01-01\ncat", "cat", "billing.tax[1].from", "is missing", "Add from = 2026-01-01."),
    ('category = "S"', 'category = "X"', "billing.tax[1].category", "is 'X'", '"AE"'),
    ('rate = "22"\n', "", "billing.tax[1]", "category S but no rate", 'rate = "22"'),
    ('rate = "22"', 'rate = "0"', "billing.tax[1]", "category S with rate 0", '"Z"'),
    ('rate = "22"', "rate = 22.5", "billing.tax[1].rate", "fraction in TOML is not exact", '"22"'),
    ('rate = "22"', 'rate = "22 %"', "billing.tax[1].rate", "'22 %' is no number", '"22"'),
    ('rate = "22"', 'rate = "122"', "billing.tax[1].rate", "more than 100 percent", '"22"'),
    ('category = "S"', 'category = "AE"', "billing.tax[1]", "category AE with rate 22", 'rate = "0"'),
    ('category = "S"\nrate = "22"', 'category = "E"', "billing.tax[1]", "E without a reason", "reason ="),
    ('category = "S"\n', 'category = "S"\nreason = "why"\n', "billing.tax[1]", "S with a reason", "Take the reason"),
    ("[[billing.tax]]", "[billing.tax]", "billing.tax", "one table, not a list", "[[…]]"),
    ("per_hour = 3000", "per_hour = 0", "price_lists.standard[1].per_hour", "is 0", "above 0"),
    ("per_hour = 3000", "per_hour = 0.5", "price_lists.standard[1].per_hour", "fraction", '"95.00"'),
    ("per_hour = 3000", 'per_hour = "-5"', "price_lists.standard[1].per_hour", "no number", "no sign"),
    ("per_hour = 3000", 'per_hour = "5,50"', "price_lists.standard[1].per_hour", "no number", "with a point"),
    ("per_hour = 3000", 'per_hour = "1.00001"', "price_lists.standard[1].per_hour", "more than 4 decimals", '"95.00"'),
    ("per_hour = 3000", "per_hour = true", "price_lists.standard[1].per_hour", "is true or false", '"95.00"'),
    (
        "per_hour = 3000",
        'per_hour = 3000\n[[price_lists.standard]]\nfrom = 2026-01-01\nper_hour = "1"',
        "price_lists.standard",
        "two rows from 2026-01-01 for all",
        "Keep one",
    ),
    ('"{year}-{number:04d}"', '"{number}"', "seller.number_format", "prints no year", "{year}"),
    ('"{year}-{number:04d}"', '"{month}"', "seller.number_format", "field {month}", "{number:04d}"),
]


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"), FAULTS, ids=[f"{f[2]}-{i}" for i, f in enumerate(FAULTS)]
)
def test_each_fault_is_named_with_key_and_what_would_be_right(
    tmp_path: Path, old: str, new: str, key: str, wrong: str, right: str
) -> None:
    error = refused(tmp_path, changed(old, new))
    assert error.key == key
    assert wrong in error.wrong
    assert right in error.right
    assert error.file == str(tmp_path / "studio-support.toml")
    assert error.more == ()


def test_a_fault_names_the_line_of_its_key(tmp_path: Path) -> None:
    """Counted by hand in the text below; a missing key is placed at its table."""
    text = (
        '[studio]\n\ntimezone = "nowhere"\n\n[[billing.tax]]\nfrom = 2026-01-01\ncategory = "Z"\n'
        "[[billing.tax]]\nrate = 1.0\n"
    )
    error = refused(tmp_path, text)
    found = [(error.key, error.line), *((other.key, other.line) for other in error.more)]
    assert found == [
        ("studio.timezone", 3),
        ("billing.tax[2].category", 8),
        ("billing.tax[2].from", 8),
        ("billing.tax[2].rate", 9),
    ]


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    error = refused(tmp_path, changed('language = "ru"', 'language = 1\ncurency = "RUB"'))
    assert [error.key, *(other.key for other in error.more)] == ["studio.language", "studio.curency"]


@pytest.mark.parametrize(
    ("raw", "line", "wrong"),
    [
        (b"[studio]\ntimezone = \n", 2, "is not TOML"),
        (b"[studio\n", 1, "is not TOML"),
        (b'[studio]\ntimezone = "UTC"\ntimezone = "UTC"\n', 3, "is not TOML"),
        (b'[studio]\ntimezone = "\xff"\n', 2, "is not in UTF-8"),
    ],
)
def test_a_broken_file_names_its_line(tmp_path: Path, raw: bytes, line: int, wrong: str) -> None:
    path = tmp_path / "studio-support.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert caught.value.line == line
    assert wrong in caught.value.wrong


ODD = [
    0,
    -1,
    1.5,
    "",
    "x",
    "\n",
    True,
    [],
    [1],
    [[]],
    [{}],
    {},
    {"a": 1},
    date(2026, 1, 1),
    time(9),
    datetime(2026, 1, 1),  # noqa: DTZ001  # TOML has instants without a zone
]  # what TOML may hold


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))


def test_whatever_stands_wherever_is_accepted_or_named(tmp_path: Path) -> None:
    """Each value of the file, sections and rows too, is replaced by one of each kind that TOML knows."""
    outcomes = {"accepted": 0, "named": 0}
    for place in places(tomllib.loads(WHOLE)):
        for odd in ODD:
            table = tomllib.loads(WHOLE)
            inner: Any = table
            for step in place[:-1]:
                inner = inner[step]
            inner[place[-1]] = copy.deepcopy(odd)
            try:
                faults_across(check_table(SettingsFile, table, WHOLE), WHOLE)
                outcomes["accepted"] += 1
            except BadFile as bad:
                assert all(fault.key and fault.wrong and fault.right for fault in bad.faults)
                outcomes["named"] += 1
    assert outcomes["named"] > outcomes["accepted"] > 0


def test_a_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "studio-support.toml"
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert load_settings(path).studio.timezone == "Europe/Moscow"


def test_a_file_that_is_not_there_or_a_folder_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_settings(tmp_path / "nothing.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path)


def test_a_file_nested_beyond_reason_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        load(tmp_path, "a = " + "[" * 100_000)


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
