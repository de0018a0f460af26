"""The commented studio-support.toml and the sample client that `init` writes.

Lines that begin with "# key = value" show the default of an option that is not set; a test holds them to it.
Bank accounts and tax numbers that nobody answered stand commented out: a placeholder there would end on invoices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from studio_support.config.init_seller import FOR_E_INVOICES, LOOK, SIGNED
from studio_support.config.settings import FILE_NAME, check_settings
from studio_support.config.toml_text import text_value as q
from studio_support.config.toml_text import value_text
from studio_support.config.writing import write_text
from studio_support.errors import Refused

WEB_SERVICE_FILE = "otrs-webservice.yml"
STANDARD_TAX = {"AT": "20", "DE": "19", "RU": "22"}
"""Standard rate in percent, in force since TAX_FROM or before; elsewhere it has to be answered."""
TAX_FROM = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class InitAnswers:
    """What `init` asks for. Empty: unknown, and left commented out (OTRS: no section).

    tax_rate: percent; empty means the country's standard rate where known. tax_category, tax_reason: EN 16931.
    """

    seller_name: str = "ООО «Веб-студия»"
    seller_address: tuple[str, ...] = ("ул. Ленина, 1", "214000 Смоленск")
    country: str = "RU"
    seller_email: str = "buh@studio.example"
    inn: str = ""
    kpp: str = ""
    vat_id: str = ""
    tax_number: str = ""
    bank_name: str = ""
    bic: str = ""
    account: str = ""
    correspondent_account: str = ""
    iban: str = ""
    timezone: str = "Europe/Moscow"
    language: str = "ru"
    currency: str = "RUB"
    opens: str = "09:00"
    closes: str = "18:00"
    cutoff: str = "12:00"
    redmine_url: str = "http://127.0.0.1:3000"
    ticket_field: str = "OTRS ticket"
    otrs_url: str = ""
    otrs_user: str = "robot"
    otrs_queue: str = "Support"
    store_url: str = "sqlite:///studio-support.db"
    smtp_url: str = "smtp://127.0.0.1:25"
    sender: str = "billing@studio.example"
    base_url: str = "https://invoices.studio.example"
    first_month: str = ""
    tax_category: str = "S"
    tax_rate: str = ""
    tax_reason: str = ""
    prices: str = "net"

    @classmethod
    def for_country(cls, country: str) -> InitAnswers:
        """Defaults that fit a country (ISO 3166); for one that is not known here plain international ones."""
        name, address, zone, language, currency = _BY_COUNTRY.get(country, _ELSEWHERE)
        return cls(
            country=country,
            seller_name=name,
            seller_address=address,
            timezone=zone,
            language=language,
            currency=currency,
        )


_BY_COUNTRY = {
    "AT": ("Web-Studio GmbH", ("Hauptstraße 1", "1010 Wien"), "Europe/Vienna", "de", "EUR"),
    "DE": ("Web-Studio GmbH", ("Hauptstr. 1", "10115 Berlin"), "Europe/Berlin", "de", "EUR"),
    "RU": ("ООО «Веб-студия»", ("ул. Ленина, 1", "214000 Смоленск"), "Europe/Moscow", "ru", "RUB"),
}
_ELSEWHERE = ("Web Studio", ("Main Street 1", "Town"), "UTC", "en", "EUR")


def write_init(folder: Path, answers: InitAnswers, *, replace: bool = False) -> tuple[Path, ...]:
    """Writes studio-support.toml, clients/sample.toml where there is no client yet, and with OTRS the web service that
    it has to import; gives the files written.

    Raises ConfigError where an answer cannot be used (nothing is written then), Refused where the settings are
    there already (unless they are to be replaced), FilesystemError.
    """
    settings, clients = folder / FILE_NAME, folder / "clients"
    check_settings(settings, settings_text(answers))
    if not write_text(settings, settings_text(answers), replace=replace):
        raise _there(settings)
    written = [settings]
    sample = clients / "sample.toml"
    if not any(clients.glob("*.toml")) and write_text(sample, sample_client_text(answers)):
        written.append(sample)
    service = folder / WEB_SERVICE_FILE
    if answers.otrs_url and not service.exists():
        written.append(write_web_service(service))
    return tuple(written)


def write_web_service(file: Path) -> Path:
    """Writes the REST web service that OTRS or Znuny has to import. Raises Refused where the file is there already.

    Raises FilesystemError.
    """
    text = (files("studio_support") / "otrs" / "webservice.yml").read_text("utf-8")
    if not write_text(file, text):
        raise Refused(f"{file} is there already.", "Name another file, or take that one away; nothing was changed.")
    return file


def refuse_existing(folder: Path) -> None:
    """Raises Refused where the settings are there already: before anybody is asked anything."""
    settings = folder / FILE_NAME
    if settings.exists():
        raise _there(settings)


def _there(settings: Path) -> Refused:
    return Refused(f"{settings} is there already.", "Edit it, or run `init` in another folder; nothing was changed.")


def settings_text(answers: InitAnswers) -> str:
    """studio-support.toml with every option: set as answered, or commented out with its default."""
    parts = (_HEAD, _studio(answers), _seller(answers), _redmine(answers), _otrs(answers), _SYNC)
    return "\n".join((*parts, _delivery(answers), _billing(answers)))


_HEAD = """\
# Settings of studio-support. Lines that begin with "# key = value" are optional and show their default.
# Secrets never stand here: ..._env names an environment variable, ..._file a file that only its owner may read.
# Paths are relative to this file. Clients are beside it in clients/*.toml, people in people.toml.
"""


def _studio(a: InitAnswers) -> str:
    return f"""\
[studio]
timezone = {q(a.timezone)}
country = {q(a.country)}    # business calendar; subdivision = "BE" beside it for a German state
opens = {q(a.opens)}
closes = {q(a.closes)}
cutoff = {q(a.cutoff)}
# grace_minutes = 0    # arrivals up to so long after the cutoff count as before it
# closed = []    # days off of the studio's own, like [2026-12-24, 2026-12-31]
# working = []    # Saturdays and other days off that are worked
# short = []    # days that close earlier, by short_minutes
# short_minutes = 60
language = {q(a.language)}
currency = {q(a.currency)}
"""


def _maybe(key: str, value: str, example: str) -> str:
    """The key as answered; unanswered it is shown with dots, which are nobody's account."""
    return f"{key} = {q(value)}" if value else f"#   {key} = {q(example)}"


def _seller(a: InitAnswers) -> str:
    russian = a.country == "RU"
    numbers = (
        [_maybe("inn", a.inn, "…"), _maybe("kpp", a.kpp, "…")]
        if russian
        else [_maybe("vat_id", a.vat_id, f"{a.country}…"), _maybe("tax_number", a.tax_number, "…")]
    )
    head = [
        "[seller]    # further ones as [sellers.NAME]; a client may name one",
        f"name = {q(a.seller_name)}",
        f"address = {value_text(a.seller_address)}",
        f"country = {q(a.country)}",
        *numbers,
        f"email = {q(a.seller_email)}",
        *(SIGNED if russian else ()),
        "# For e-invoices: postcode and town by themselves, who answers questions, legal number, electronic address.",
        *FOR_E_INVOICES,
        "# A seller may have its own series: number_format, first_number, yearly, cancellation_format as in [billing].",
        "",
    ]
    return "\n".join((*head, *_bank(a), *LOOK, ""))


def _bank(a: InitAnswers) -> list[str]:
    header = "[seller.bank]    # or a row of [[seller.banks]] a currency, with currency = …; holder = … if another"
    known = [("name", a.bank_name), ("bic", a.bic), ("account", a.account), ("iban", a.iban)]
    known.append(("correspondent_account", a.correspondent_account))
    if a.bank_name and (a.account or a.iban):
        return [header, *(f"{key} = {q(value)}" for key, value in known if value)]
    wanted = ("name", "bic", "account", "correspondent_account") if a.country == "RU" else ("name", "bic", "iban")
    return [f"# {header}", *(f"# {key} = {q('…')}" for key in wanted)]


def _redmine(a: InitAnswers) -> str:
    return f"""\
[redmine]
url = {q(a.redmine_url)}
api_key_env = "REDMINE_API_KEY"    # or api_key_file
ticket_field = {q(a.ticket_field)}    # custom field of issues with the ticket's number; "" for none
# done_statuses = ["Closed", "Resolved"]    # the client is told
# refused_statuses = ["Rejected"]    # only the manager is told
# client_note_field = ""    # issue field whose text goes into the letter
# text_formatting = "textile"    # or "markdown", as in Administration, Settings, General
# largest_file_mb = 50    # larger attachments stay at the ticket; Redmine has a limit of its own
# timeout_seconds = 30
# ca_file = ""    # certificates of a private authority
"""


def _otrs(a: InitAnswers) -> str:
    lines = f"""\
[otrs]
url = {q(a.otrs_url or "https://tickets.studio.example/otrs")}
web_service = "GenericTicketConnectorREST"
user = {q(a.otrs_user)}
password_env = "OTRS_PASSWORD"    # or password_file
timezone = "UTC"    # zone of the timestamps that the REST interface returns
queues = [{q(a.otrs_queue)}]
# system_id = "10"
# hook = "Ticket#"
# generators = ["DateChecksum"]    # what numbers tickets: DateChecksum, Date, AutoIncrement, Random
# routes = {{}}    # paths of the web service where they are not the usual ones
# timeout_seconds = 30
# fields = {{ trigger = "ToRedmine", estimate = "Estimate", agreed = "Agreed", urgency = "Urgency", \
issue = "RedmineIssue", auto = "AutoSubmitted", project = "RedmineProject" }}
"""
    if a.otrs_url:
        return lines
    return "".join(line if line.startswith("#") else f"# {line}" for line in lines.splitlines(keepends=True))


_SYNC = """\
[sync]
# to_redmine = { queue = "To Redmine" }    # or state = …, field = …: what makes a ticket an issue
# overlap_minutes = 10
# hold_seconds = 120    # at least twice the larger timeout_seconds
# max_letters = 50
# max_closings = 50
# letters_a_day = 5    # at one ticket
# letters_a_day_to_one = 20    # to one recipient, over all tickets
# required = []    # e.g. ["estimate", "agreed"]: what a ticket needs before it becomes an issue
# assignees = {}    # Redmine login by OTRS queue, client or account manager
# letters = "send"    # or "note" (filed as an internal note), "off"; per kind: letters_done = "note"
# closed_state = "closed successful"    # what a ticket gets when its task is set
# critical = ["critical", "kritisch", "critique", "критично", "критический", "5 very high"]    # urgency, priority
# templates = ""    # folder of letters of your own
"""


def _delivery(a: InitAnswers) -> str:
    return f"""\
[store]
url = {q(a.store_url)}    # or url_env, url_file; PostgreSQL: postgresql+psycopg://…
# files = "studio-support.files"    # originals of everything issued, raw reads

[mail]
smtp_url = {q(a.smtp_url)}    # user = "…" and password_env (or password_file) beside it where the server asks
sender = {q(a.sender)}
# reply_to = ""
# via = "smtp"    # or "otrs": articles of billing tickets
# otrs_queue = ""    # for via = "otrs": a queue of its own, such as "Billing"
# otrs_state = "closed successful"    # of a billing ticket, until somebody answers
# divert_to = ""    # everything goes there instead, the true recipient is shown
# timeout_seconds = 30    # for each step of the dialogue with the server
# ca_file = ""    # trust this authority instead of the system's
# max_letters = 1000    # in one run; what is left goes in the next
# letters_a_day = 50    # to one recipient within 24 hours
# templates = ""    # a folder with letters of your own: invoice.ru.txt.j2, reminder.de.txt.j2, letter.html.j2 …
# reminders = []    # for `bill remind`: days after the due date, like [0, 7, 21]; none without it
# bounces_maildir = ""    # where reports of mail that came back arrive, for `bill bounces`; or in IMAP:
#   bounces_imap = "imaps://imap.studio.example/INBOX"
#   bounces_user = "…" with bounces_password_env = "…" or bounces_password_file = "…"

[links]
base_url = {q(a.base_url)}    # plain http only for loopback; file: URLs for trying it out
secret_env = "STUDIO_SUPPORT_LINK_SECRET"    # or secret_file
directory = "published"    # copies for any web server
expires_after_days = 120    # after the issue date
"""


def _billing(a: InitAnswers) -> str:
    first = f"first_month = {q(a.first_month)}" if a.first_month else '#   first_month = "2026-10"'
    return f"""\
[billing]
{first}    # nothing booked before it is billed here; without it: the first month closed
number_format = "{{year}}-{{number:04d}}"
# first_number = 1    # continues a series kept by hand
# yearly = true    # the series begins anew each year; false: it runs on
#   cancellation_format = "C-{{year}}-{{number:04d}}"    # without it cancellations take the invoices' next number
#   act_format = "{{year}}-{{number:04d}}"    # of acts, where a client gets them; first_act_number = 1
payment_days = 10
rounding = {{ increment_minutes = 1, mode = "up", per = "task" }}    # mode up|nearest, per entry|task
# internal_projects = []    # known, never billed, no problem
# max_hours_per_entry = 24    # an entry above it is a problem
non_billable_activities = []

# [[billing.rule]]    # what else is not billed by the hour: activity, tracker, project, issue_field, entry_field
# activity = "…"    # or issue_field = "…" with value = "…"
# as = "non_billable"    # or "fixed"
# show = true
# label = {{ ru = "Бесплатно", en = "Free of charge" }}

{_tax(a)}
# [[price_lists.standard]]    # shared rates; a client names the list: price_list = "standard"
# from = 2026-01-01
# per_hour = "95.00"    # specialist = "…", activity = "…" narrow it
"""


def _tax(a: InitAnswers) -> str:
    rate = a.tax_rate or (STANDARD_TAX.get(a.country, "") if a.tax_category == "S" else "0")
    reason = f"\nreason = {q(a.tax_reason)}" if a.tax_reason else ""
    text = f"""\
[[billing.tax]]    # chosen by the day of the work; a client may override
from = {TAX_FROM.isoformat()}
category = {q(a.tax_category)}    # EN 16931: S, AE, E, O, Z, G, K; reason = "…" where one is due
rate = {q(rate or "…")}
prices = {q(a.prices)}    # or "gross": the rate is contained{reason}
"""
    return text if rate else "".join(f"# {line}" for line in text.splitlines(keepends=True))


def sample_client_text(answers: InitAnswers) -> str:
    """A client's file with every option, marked as a draft so that nothing is ever billed to it."""
    return f"""\
# A sample: copy it to a file of your client's id, fill it in, and take out `draft = true`.
# It is master for money; ids of OTRS and Redmine in it are references, nothing is written back to them.
draft = true
id = "sample"
name = "ACME GmbH"
address = ["Hauptstr. 1", "10115 Berlin"]
country = {q(answers.country)}
#   vat_id = "DE…", tax_number = "…", or inn = "…" and kpp = "…"; ogrn = "…"; director = "…": who signs acts
# e_invoice = []    # "facturx", "xrechnung", "peppol" or "en16931", or several; what one needs is asked for at preview
# postcode = ""    # by itself for XRechnung, the town likewise; the address may repeat both
# city = ""
# registration = ""    # HRB, SIREN, ...
# registration_scheme = ""    # its ISO 6523 code
# electronic_address = ""    # without it the first of emails
# electronic_scheme = ""    # its EAS code: 9930 for a German VAT number
language = {q(answers.language)}
currency = {q(answers.currency)}
emails = []    # who gets the link: ["accounts@client.example"]
# attach = []    # or ["pdf"], ["xml"]: files that letters carry beside the link
# contract_number = ""
#   contract_date = 2026-01-01
# buyer_reference = ""
# order_number = ""
#   payment_days = 10    # without it as in [billing]
# seller = ""    # NAME of a [sellers.NAME]
# group = ""
# debtor_account = ""
# documents = ["invoice"]    # and "act", "timesheet" beside it
# comments = false    # comments of entries on documents
redmine_projects = []    # identifiers or names; subprojects belong to the nearest listed ancestor
#   only = {{ issue_field = "Payer", value = "ACME" }}    # or entry_field: where two clients share a project
# otrs_customers = []
# account_manager = ""
# deputy = ""
# channel = ""
# default_project = ""
#   max_wait_minutes = 120    # working minutes; it can only shorten a promise
#   critical_wait_minutes = 30    # the same for what the client calls critical
#   letters = "send"    # or "note", "off"; without it as in [sync]
# price_list = ""
#   [[tax]] rows and rounding = {{ … }} as in [billing] override it

[[rates]]    # one price for all unless a narrower row says otherwise
from = 2026-01-01
per_hour = "95.00"

# [[rates]]
# from = 2026-03-01
# specialist = "i.petrov"    # Redmine login, full name as the server prints it, or "#id"; activity = "…" likewise
# per_hour = "120.00"
"""
