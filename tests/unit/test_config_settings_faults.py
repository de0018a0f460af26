"""Faults of studio-support.toml: each is named with its key, its line, and what would be right."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from studio_support.config import load_settings
from studio_support.config.reading import BadFile, check_table
from studio_support.config.settings_file import SettingsFile, faults_across
from studio_support.errors import ConfigError

WHOLE = (Path(__file__).parent / "data" / "settings_whole.toml").read_text(encoding="utf-8")


def refused(folder: Path, text: str) -> ConfigError:
    path = folder / "studio-support.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return caught.value


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1, "the test must change one place"
    return WHOLE.replace(old, new)


FAULTS = [
    # what is changed, into what, key, part of what is wrong, part of what would be right
    ('"Europe/Moscow"', '"Europe/Moskow"', "studio.timezone", "no time zone", "Europe/Moscow"),
    ('"Europe/Moscow"', '""', "studio.timezone", "is empty", "Write the text"),
    ('"Europe/Moscow"', "3", "studio.timezone", "is a whole number, not text", "in quotes"),
    ('timezone = "Europe/Moscow"\n', "", "studio.timezone", "is missing", 'Add timezone = "Europe/Moscow"'),
    ('opens = "09:00"', 'opens = "9 Uhr"', "studio.opens", "'9 Uhr' is no time of day", '"09:00"'),
    ('opens = "09:00"', 'opens = "19:00"', "studio", "closes before it opens", "later closes"),
    ('cutoff = "12:00"', 'cutoff = "19:00"', "studio", "cutoff outside", "between"),
    ('cutoff = "12:00"', "short_minutes = 540", "studio", "nothing of a short day", "fewer short_minutes"),
    ('cutoff = "12:00"', "closed = 2026-12-24", "studio.closed", "is a date, not a list", "in brackets"),
    ('cutoff = "12:00"', 'closed = ["2026-12-24"]', "studio.closed", "is text, not a date", "without quotes"),
    ('cutoff = "12:00"', "short = [2026-06-11, 2026-06-11]", "studio.short", "2026-06-11 twice", "once"),
    (
        'cutoff = "12:00"',
        "closed = [2026-12-24]\nworking = [2026-12-24]",
        "studio",
        "2026-12-24 in both closed and working",
        "one of the two",
    ),
    (
        'queues = ["Support"]',
        'queues = ["Support"]\ngenerators = []',
        "otrs.generators",
        "no generator",
        "DateChecksum",
    ),
    ('queues = ["Support"]', 'queues = ["Support"]\ngenerators = ["Own"]', "otrs.generators", "'Own'", "DateChecksum"),
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
    ('sender = "billing@studio.example"', 'sender = "b@x"\nvia = "otrs"', "mail", "names no queue", "otrs_queue"),
    (
        'sender = "billing@studio.example"',
        'sender = "b@x"\nreminders = [7, 0]',
        "mail.reminders",
        "rising",
        "[0, 7, 21]",
    ),
    ('sender = "billing@studio.example"', 'sender = "b@x"\nreminders = [-1]', "mail.reminders", "holds -1", "[0, 7"),
    ('sender = "billing@studio.example"', 'sender = "b@x"\nreminders = 7', "mail.reminders", "not a list", "[0, 7"),
    (
        'sender = "billing@studio.example"',
        'sender = "b@x"\nmax_letters = 0',
        "mail.max_letters",
        "out of range",
        "1 to",
    ),
    (
        'sender = "billing@studio.example"',
        'sender = "b@x"\nbounces_imap = "imaps://mx.example/INBOX"',
        "mail",
        "without a login",
        "bounces_user",
    ),
    (
        'sender = "billing@studio.example"',
        'sender = "b@x"\nbounces_imap = "imaps://u:p@mx.example/INBOX"',
        "mail.bounces_imap",
        "holds a secret",
        "_env",
    ),
    (
        'sender = "billing@studio.example"',
        'sender = "b@x"\nbounces_maildir = "M"\nbounces_imap = "imaps://mx.example/INBOX"',
        "mail",
        "two places",
        "Keep one",
    ),
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
    assert refused(tmp_path, "a = " + "[" * 100_000).wrong == "is nested too deeply"
