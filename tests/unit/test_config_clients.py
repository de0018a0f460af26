"""The client book: one client's faulty file parks that client, the others go on."""

from __future__ import annotations

import time
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from studio_support.billing.terms import Only, Rounding
from studio_support.config import ClientBook, Settings, load_clients, load_settings
from studio_support.errors import ConfigError, UnknownClient

SETTINGS = """\
[studio]
timezone = "Europe/Berlin"
[seller]
name = "Studio"
address = ["Weg 1"]
country = "DE"
email = "s@studio.example"
[sellers.ooo]
name = "ООО"
address = ["ул. 1"]
country = "RU"
email = "o@studio.example"
number_format = "R{year}-{number}"
[billing]
payment_days = 14
rounding = { increment_minutes = 15, mode = "nearest" }
[[price_lists.standard]]
from = 2026-01-01
per_hour = "80"
"""

HEAD = """\
name = "ACME GmbH"
address = ["Hauptstr. 1", "10115 Berlin"]
country = "DE"
vat_id = "DE 123456789"
language = "de"
currency = "EUR"
"""
RATES = """
[[rates]]
from = 2026-01-01
per_hour = "95.00"
[[rates]]
from = 2026-03-01
specialist = "i.petrov"
activity = "Design"
per_hour = 120
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "studio-support.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "clients").mkdir()
    return load_settings(path)


def put(settings: Settings, name: str, text: str) -> None:
    (settings.clients_folder / f"{name}.toml").write_text(text, encoding="utf-8")


def add(settings: Settings, name: str, extra: str = "", rates: str = RATES) -> None:
    put(settings, name, f'id = "{name}"\n{HEAD}{extra}{rates}')


def load(settings: Settings) -> ClientBook:
    return load_clients(settings.clients_folder, settings)


def test_a_swiss_vat_number_may_end_in_its_tax(settings: Settings) -> None:
    """The longest of all: CHE, nine digits, MWST; signs between them are taken out."""
    add(settings, "acme", "", RATES)
    file = settings.clients_folder / "acme.toml"
    file.write_text(file.read_text("utf-8").replace("DE 123456789", "CHE-116.281.710 MWST"), "utf-8")
    assert load(settings).get("acme").party.vat_id == "CHE116281710MWST"


def test_a_client_holds_what_its_file_says(settings: Settings) -> None:
    add(
        settings,
        "acme",
        'emails = ["a@acme.example", "b@acme.example"]\nredmine_projects = ["site", "shop"]\n'
        'contract_number = "7/26"\ncontract_date = 2026-01-15\nbuyer_reference = "BR"\norder_number = "ON"\n'
        'account_manager = "i.petrova"\ngroup = "G"\ndebtor_account = "10001"\ndocuments = ["invoice", "act"]\n'
        'comments = true\nprice_list = "standard"\nonly = { issue_field = "Payer", value = "ACME" }\n'
        'otrs_customers = ["ACME"]\ndeputy = "x"\nchannel = "y"\ndefault_project = "site"\nmax_wait_minutes = 30\n'
        'letters = "note"\n',
        '\n[[tax]]\nfrom = 2026-01-01\ncategory = "AE"\nreason = "Reverse charge"\n' + RATES,
    )
    book = load(settings)
    assert (book.problems, book.notices) == ((), ())
    acme = book.get("acme")
    assert (acme.party.name, acme.party.vat_id, acme.party.email) == ("ACME GmbH", "DE123456789", "a@acme.example")
    assert acme.emails == ("a@acme.example", "b@acme.example")
    assert acme.redmine_projects == ("site", "shop")
    assert [(r.from_day, r.per_hour, r.specialist, r.activity, r.where) for r in acme.rates] == [
        (date(2026, 1, 1), Decimal("95.00"), None, None, "clients/acme.toml: rates[1]"),
        (date(2026, 3, 1), Decimal(120), "i.petrov", "Design", "clients/acme.toml: rates[2]"),
    ]
    assert str(acme.rates[0].per_hour) == "95.00"
    assert [(r.per_hour, r.where) for r in acme.price_list] == [
        (Decimal(80), "studio-support.toml: price_lists.standard[1]")
    ]
    assert (acme.tax[0].category, acme.tax[0].rate, acme.tax[0].reason) == ("AE", Decimal(0), "Reverse charge")
    assert acme.only == Only("issue_field", "Payer", "ACME")
    assert (acme.contract_number, acme.contract_date, acme.documents) == (
        "7/26",
        date(2026, 1, 15),
        ("invoice", "act"),
    )
    assert (acme.payment_days, acme.comments, acme.draft, acme.broken) == (14, True, False, False)
    assert acme.file == "clients/acme.toml"


def test_rounding_and_payment_days_override_the_studios_key_by_key(settings: Settings) -> None:
    add(settings, "plain")
    add(settings, "own", "payment_days = 0\nrounding = { mode = 'up' }\n")
    add(settings, "entry", "rounding = { increment_minutes = 6, per = 'entry' }\n")
    book = load(settings)
    assert book.get("plain").rounding == Rounding(15, "nearest", "task")
    assert (book.get("own").rounding, book.get("own").payment_days) == (Rounding(15, "up", "task"), 0)
    assert book.get("entry").rounding == Rounding(6, "nearest", "entry")


def test_an_absent_folder_has_no_clients(settings: Settings) -> None:
    settings.clients_folder.rmdir()
    assert load(settings) == ClientBook()


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(settings: Settings) -> None:
    settings.clients_folder.rmdir()
    settings.clients_folder.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(settings)


def test_only_toml_files_count(settings: Settings) -> None:
    add(settings, "acme")
    for name in (".acme.toml.part", "acme.toml~", "README.md", ".hidden.toml"):
        (settings.clients_folder / name).write_text("x", encoding="utf-8")
    assert list(load(settings).clients) == ["acme"]


def test_a_faulty_file_parks_its_client_and_the_others_go_on(settings: Settings) -> None:
    """Every fault is told; the client keeps its projects, so that nobody above is billed for its time."""
    add(settings, "acme", 'redmine_projects = ["site"]\ncurency = "EUR"\nemails = ["nobody"]\n')
    add(settings, "best")
    book = load(settings)
    assert [(p.source, p.client) for p in book.problems] == [("file:clients/acme.toml", "acme")] * 2
    assert [p.message for p in book.problems] == [
        "clients/acme.toml (curency, line 9) is no known key.",
        "clients/acme.toml (emails, line 10) 'nobody' is no e-mail address.",
    ]
    assert book.problems[0].next_step == "Did you mean currency?"
    assert book.parked == {"acme"}
    assert (book.get("acme").broken, book.get("acme").redmine_projects, book.get("acme").rates) == (True, ("site",), ())
    assert not book.get("best").broken


def test_a_file_that_is_no_toml_is_known_by_its_name_and_its_projects(settings: Settings) -> None:
    put(settings, "acme", "redmine_projects = [\"site\",\n 'shop']\nname = \n")
    put(settings, "best", "name = \n")
    book = load(settings)
    assert book.get("acme").redmine_projects == ("site", "shop")
    assert book.get("best").redmine_projects == ()
    assert [p.client for p in book.problems] == ["acme", "best"]
    assert "line 3" in book.problems[0].message


@pytest.mark.parametrize("projects", ["5", '[5, "site"]'])
def test_projects_of_the_wrong_kind_are_a_problem(settings: Settings, projects: str) -> None:
    add(settings, "acme", f"redmine_projects = {projects}\n")
    book = load(settings)
    assert book.parked == {"acme"}
    assert book.get("acme").redmine_projects == (() if projects == "5" else ("site",))


FAULTS = [
    ('name = "ACME GmbH"\n', "", "name", "is missing", 'Add name = "ACME GmbH".'),
    (
        'address = ["Hauptstr. 1", "10115 Berlin"]',
        'address = "Hauptstr. 1"',
        "address",
        "is text, not a list",
        "line each",
    ),
    ('country = "DE"', 'country = "UK"', "country", "'UK' is no country", '"GB"'),
    ('country = "DE"', 'country = "Germany"', "country", "no country", "ISO 3166"),
    ('vat_id = "DE 123456789"', 'vat_id = "1"', "vat_id", "no VAT number", "DE123456789"),
    ('currency = "EUR"', 'currency = "€"', "currency", "no currency", '"EUR"'),
    ('language = "de"', 'language = "de\\nX"', "language", "control character", "one line"),
    ('id = "acme"', 'id = "ACME & Co"', "id", "cannot be an id", "small Latin letters"),
    ("[[rates]]\nfrom = 2026-03-01", "[[rates]]\nfrom = 2026-02-30", "", "is not TOML", "line"),
    ("from = 2026-03-01\n", "", "rates[2].from", "is missing", "Add from = 2026-01-01."),
    ('per_hour = "95.00"', "per_hour = 95.0", "rates[1].per_hour", "not exact", '"95.00"'),
    (
        'per_hour = "95.00"',
        'per_hour = "95.00"\nper_hur = 1',
        "rates[1].per_hur",
        "no known key",
        "Did you mean per_hour?",
    ),
    ('language = "de"', 'language = "de"\ndocuments = ["bill"]', "documents", "no list of documents", '["invoice"]'),
    ('language = "de"', 'language = "de"\nletters = "mail"', "letters", "is 'mail'", '"send", "note" or "off"'),
    ('language = "de"', 'language = "de"\nonly = { value = "x" }', "only", "one of issue_field", "Payer"),
    ('language = "de"', 'language = "de"\nonly = "x"', "only", "is text", "Write a table."),
    (
        'language = "de"',
        'language = "de"\nprice_list = "gold"',
        "price_list",
        "'gold', which does not exist",
        "standard",
    ),
    ('language = "de"', 'language = "de"\nseller = "ag"', "seller", "'ag', which does not exist", "Known are: ooo."),
    ('language = "de"', 'language = "de"\ndraft = "no"', "draft", "is text", "true or false"),
    (
        'from = 2026-03-01\nspecialist = "i.petrov"\nactivity = "Design"',
        "from = 2026-01-01",
        "rates",
        "two rows from 2026-01-01 for all",
        "Keep one",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"), FAULTS, ids=[f"{f[2]}-{i}" for i, f in enumerate(FAULTS)]
)
def test_each_fault_is_named_with_key_and_what_would_be_right(
    settings: Settings, old: str, new: str, key: str, wrong: str, right: str
) -> None:
    text = f'id = "acme"\n{HEAD}{RATES}'
    assert text.count(old) == 1
    put(settings, "acme", text.replace(old, new))
    problem = load(settings).problems[0]
    assert len(load(settings).problems) == 1
    assert problem.message.startswith("clients/acme.toml" + (f" ({key}" if key else " ("))
    assert wrong in problem.message
    assert right in problem.next_step


def test_a_client_without_a_seller_needs_one_where_there_is_no_general_one(settings: Settings) -> None:
    path = settings.file
    path.write_text(SETTINGS.replace("[seller]", "[sellers.gmbh]"), encoding="utf-8")
    add(settings, "acme")
    add(settings, "best", 'seller = "ooo"\n')
    book = load(load_settings(path))
    assert book.parked == {"acme"}
    assert "names no seller" in book.problems[0].message
    assert book.problems[0].next_step == "Write seller = one of gmbh, ooo."


def test_without_price_lists_or_sellers_the_next_step_says_how_to_add_one(settings: Settings) -> None:
    settings.file.write_text("[billing]\n", encoding="utf-8")
    add(settings, "acme", 'price_list = "gold"\n')
    steps = [p.next_step for p in load(load_settings(settings.file)).problems]
    assert steps == [
        "There is none: add [[price_lists.NAME]] to studio-support.toml.",
        "Add [seller] to studio-support.toml.",
    ]


def test_two_files_with_one_id_park_that_client(settings: Settings) -> None:
    add(settings, "acme", 'redmine_projects = ["site"]\n')
    put(settings, "other", f'id = "acme"\n{HEAD}redmine_projects = ["shop"]\n')
    book = load(settings)
    assert [p.message for p in book.problems] == [
        "clients/other.toml has the id acme, which clients/acme.toml has too."
    ]
    assert book.parked == {"acme"}
    assert (book.get("acme").redmine_projects, book.get("acme").broken) == (("site", "shop"), True)


def test_a_file_of_another_name_is_a_notice(settings: Settings) -> None:
    put(settings, "kunde-1", f'id = "acme"\n{HEAD}')
    book = load(settings)
    assert book.problems == ()
    assert [n.message for n in book.notices] == ["clients/kunde-1.toml holds the client acme."]
    assert book.taken == {"acme", "kunde-1"}


def test_a_project_of_two_clients_needs_a_filter_in_each(settings: Settings) -> None:
    """Without one, or with the same one, both are parked; with different ones both are billed."""
    add(settings, "acme", 'redmine_projects = ["site"]\n')
    add(settings, "best", 'redmine_projects = ["site"]\nonly = { issue_field = "Payer", value = "B" }\n')
    add(settings, "calm", 'redmine_projects = ["other"]\n')
    book = load(settings)
    assert book.parked == {"acme", "best"}
    assert "'site', which clients/best.toml lists too" in book.problems[0].message
    add(settings, "acme", 'redmine_projects = ["site"]\nonly = { issue_field = "Payer", value = "B" }\n')
    assert load(settings).parked == {"acme", "best"}
    add(settings, "acme", 'redmine_projects = ["site"]\nonly = { entry_field = "Payer", value = "A" }\n')
    assert load(settings).problems == ()


def test_a_draft_is_known_but_needs_nothing(settings: Settings) -> None:
    put(settings, "new", 'draft = true\nid = "new"\nredmine_projects = ["site"]\n')
    book = load(settings)
    assert book.problems == ()
    assert (book.get("new").draft, book.get("new").redmine_projects) == (True, ("site",))


def test_a_draft_whose_project_a_client_lists_is_a_notice(settings: Settings) -> None:
    put(settings, "new", 'draft = true\nid = "new"\nredmine_projects = ["site"]\n')
    add(settings, "acme", 'redmine_projects = ["site"]\n')
    book = load(settings)
    assert book.problems == ()
    assert [n.client for n in book.notices] == ["new"]


def test_an_unknown_client_is_answered_with_the_nearest(settings: Settings) -> None:
    add(settings, "acme")
    add(settings, "best")
    book = load(settings)
    with pytest.raises(UnknownClient) as near:
        book.get("Acme1")
    assert near.value.known == ("acme",)
    with pytest.raises(UnknownClient) as far:
        book.get("xyz")
    assert far.value.known == ("acme", "best")


def test_clients_need_the_rules_of_billing(settings: Settings) -> None:
    settings.file.write_text("[studio]\ntimezone = 'UTC'\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\[billing\]"):
        load(load_settings(settings.file))


def test_two_thousand_clients_load_in_under_a_second(settings: Settings) -> None:
    """Of the processor's time; a slower machine, or one that measures coverage, may take six times as long as the bare
    parser of TOML takes there for the same files (twice, as a rule)."""
    for number in range(2000):
        add(settings, f"c{number:04d}", f'redmine_projects = ["p{number}", "q{number}"]\nemails = ["a@c.example"]\n')
    began = time.process_time()
    for file in settings.clients_folder.iterdir():
        tomllib.loads(file.read_text("utf-8"))
    parsed = time.process_time() - began
    began = time.process_time()
    book = load(settings)
    seconds = time.process_time() - began
    assert len(book.clients) == 2000
    assert book.problems == ()
    assert seconds < max(1.0, 6 * parsed)


ONE_FOR_EUR = '[[seller.banks]]\nname = "Bank"\niban = "DE89370400440532013000"\ncurrency = "{}"\n'


@pytest.mark.parametrize(
    ("accounts", "parked"), [(["USD"], True), (["USD", "EUR"], False), ([None], False), ([], False)]
)
def test_a_currency_that_the_seller_has_no_account_for_parks_the_client(
    settings: Settings, accounts: list[str | None], parked: bool
) -> None:
    """The invoice would not say where to pay. An account without a currency serves all; without any none is printed."""
    rows = "".join(ONE_FOR_EUR.format(c) if c else ONE_FOR_EUR.replace('currency = "{}"\n', "") for c in accounts)
    path = settings.file
    path.write_text(SETTINGS.replace("[sellers.ooo]", rows + "[sellers.ooo]"), encoding="utf-8")
    add(settings, "acme")
    book = load_clients(settings.clients_folder, load_settings(path))
    assert (book.parked == {"acme"}) is parked
    if parked:
        (problem,) = book.problems
        assert (
            problem.message == "clients/acme.toml (currency) is EUR, for which [seller] has no bank account (only USD)."
        )
        assert problem.next_step == 'Add to studio-support.toml a row [[seller.banks]] with currency = "EUR".'
