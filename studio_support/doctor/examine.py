"""Every check of `doctor`, a function each: what can be found out before a month end, with the next step.

Nothing raises and nothing is changed. What lies in other places (store, servers, web space) is looked at in
places. No check shows a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studio_support.counting import counted
from studio_support.doctor.bridge import (
    check_bridge_clients,
    check_calendar,
    check_letters,
    check_otrs,
    check_passes,
    check_statuses,
)
from studio_support.doctor.check import Check, failed, guarded, ok, skipped, warning
from studio_support.doctor.ids import check_ids
from studio_support.doctor.mail import check_mail, check_returns, check_sender, check_templates
from studio_support.doctor.payment import check_payment_codes, check_words
from studio_support.doctor.places import check_files, check_links, check_redmine, check_store

if TYPE_CHECKING:
    from studio_invoices.model import BankAccount, Party
    from studio_support.studio import Studio

__all__ = ["Check", "examine"]

SECTIONS = ("studio", "seller", "redmine", "otrs", "store", "mail", "links", "billing")
MONTH_END = "the month end"
_MOST_NAMED = 5
# Kazakhstan went to one zone, UTC+5, on 2024-03-01 (tzdata 2024a): older data give +6 for Almaty.
_RECENT_RULE = ("Asia/Almaty", datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=5))
# The release that this was written for: a clock before it is wrong.
_NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def examine(studio: Studio, mail_to: str | None = None) -> list[Check]:
    """Looks at everything that can be looked at, from the settings to the servers. Raises nothing.

    mail_to: send a test letter there; without it no letter leaves.
    """
    looks = (
        ("settings", lambda: _settings(studio)),
        ("month end", lambda: _terms(studio)),
        ("clients", lambda: _clients(studio)),
        ("recipients", lambda: _recipients(studio)),
        ("numbers", lambda: _numbers(studio)),
        ("clock", lambda: _clock(studio)),
        ("time zones", lambda: _zones(studio)),
        ("fonts", lambda: _fonts(studio)),
        ("tax numbers", lambda: check_ids(studio)),
        ("payment codes", lambda: check_payment_codes(studio)),
        ("amounts in words", lambda: check_words(studio)),
        ("store", lambda: check_store(studio)),
        ("files", lambda: check_files(studio)),
        ("links", lambda: check_links(studio)),
        ("redmine", lambda: check_redmine(studio)),
        ("mail", lambda: check_mail(studio, mail_to)),
        ("letters", lambda: check_templates(studio)),
        ("returned mail", lambda: check_returns(studio)),
        ("sender's domain", lambda: check_sender(studio)),
        ("calendar", lambda: check_calendar(studio)),
        ("otrs", lambda: check_otrs(studio)),
        ("letters", lambda: check_letters(studio)),
        ("otrs customers", lambda: check_bridge_clients(studio)),
        ("redmine statuses", lambda: check_statuses(studio)),
        ("passes", lambda: check_passes(studio)),
    )
    return [check for name, look in looks for check in guarded(name, look)]


def _settings(studio: Studio) -> Iterator[Check]:
    config = studio.config
    present = [name for name in SECTIONS if config.has(name)]
    yield ok("settings", f"{config.file} is sound: {', '.join(present)}")
    if config.people_file.exists():
        from studio_support.config.people_file import load_people

        yield ok("people", f"{len(load_people(config.people_file).by_login)} in {config.people_file.name}")


def _terms(studio: Studio) -> Iterator[Check]:
    if not studio.config.has("billing"):
        yield skipped("month end", "billing", MONTH_END)
        return
    terms = studio.config.terms()
    day = studio.today()
    rows = [row for row in terms.tax if row.from_day <= day]
    if not rows:
        step = "Add a [[billing.tax]] row that begins on or before today, unless every client has one of its own."
        yield warning("month end", f"no tax row covers {day}", step)
        return
    tax = max(rows, key=lambda row: row.from_day)
    start = f"from {terms.first_month}" if terms.first_month else "from the first month that is closed"
    yield ok("month end", f"{start}, tax {tax.category} {tax.rate} % today, prices {tax.prices}")


def _clients(studio: Studio) -> Iterator[Check]:
    if not studio.config.has("billing"):
        yield skipped("clients", "billing", MONTH_END)
        return
    book = studio.book
    folder = studio.config.clients_folder
    if not book.clients:
        step = "Make them with `client discover --write`, `client import FILE`, or by hand from the sample."
        yield warning("clients", f"no file in {folder}", step)
        return
    drafts = [client.id for client in book.clients.values() if client.draft]
    detail = f"{counted(len(book.clients), 'file')}" + (
        f", {len(drafts)} of them drafts: {_named(drafts)}" if drafts else ""
    )
    if book.problems:
        first = book.problems[0]
        count = len(book.parked) or len(book.problems)
        more = f"{count} of {len(book.clients)} have faults; the first: {first.message}"
        yield failed("clients", more, f"{first.next_step} `client check` lists all.")
    elif len(drafts) == len(book.clients):
        yield warning("clients", detail, "Complete a draft and take out `draft = true`: drafts are never billed.")
    else:
        yield ok("clients", detail)


def _recipients(studio: Studio) -> Iterator[Check]:
    if not studio.config.has("billing"):
        return
    from studio_support.delivery.letter import usable_address

    billed = [client for client in studio.book.clients.values() if not client.draft and not client.broken]
    wrong = [f"{client.id}: {address}" for client in billed for address in client.emails if usable_address(address)]
    silent = [client.id for client in billed if not client.emails]
    if wrong:
        yield failed("recipients", f"not usable as addresses: {_named(wrong)}", "Correct `emails` in their files.")
    elif silent:
        step = "Add `emails` to their files, or hand them their links yourself."
        yield warning("recipients", f"without an address: {_named(silent)}", step)
    elif billed:
        yield ok("recipients", f"{counted(len(billed), 'client')}, each with an address")


def _numbers(studio: Studio) -> Iterator[Check]:
    if not studio.config.has("billing"):
        return
    from studio_support.billing.numbers import NumberFormat

    year = studio.today().year
    shown = []
    for key, seller in studio.config.terms().sellers.items():
        text = NumberFormat(seller.number_format).printed(year, seller.first_number)
        shown.append(f"{text} ({key})" if key else text)
    yield ok("numbers", f"series begin at {', '.join(shown)}, and can never meet")


def _clock(studio: Studio) -> Iterator[Check]:
    now = studio.clock()
    here = f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if now < _NOT_BEFORE:
        yield failed("clock", f"it is {here}", "Set this machine's clock (or --as-of): documents bear its date.")
        return
    changed = datetime.fromtimestamp(studio.config.file.stat().st_mtime, UTC)
    if changed > now + timedelta(days=1):
        step = "If no --as-of was given, set this machine's clock: documents bear its date."
        yield warning("clock", f"it is {here}, but the settings were changed on {changed:%Y-%m-%d}", step)
        return
    yield ok("clock", here)


def _zones(studio: Studio) -> Iterator[Check]:
    name, moment, offset = _RECENT_RULE
    step = "Update the system's time zone data (tzdata), or the tzdata package beside studio-support."
    try:
        known = moment.astimezone(ZoneInfo(name)).utcoffset()
    except ZoneInfoNotFoundError:
        yield failed("time zones", f"there are no data for {name}", step)
        return
    zone = studio.config.studio.timezone
    if known != offset:
        yield warning("time zones", f"the data are older than 2024: {name} is not where it is now", step)
        return
    here = studio.clock().astimezone(ZoneInfo(zone))
    detail = f"in {zone} it is {here:%Y-%m-%d %H:%M} (UTC{here:%z}); tzdata {version('tzdata')} is installed"
    yield ok("time zones", detail)


def _fonts(studio: Studio) -> Iterator[Check]:
    from studio_support.glyphs import glyphs_of

    if not studio.config.has("billing"):
        glyphs_of(studio.config, "")("A")
        yield ok("fonts", "can be used")
        return
    wrong = []
    for seller, where, text in _exact_texts(studio):
        lacking = glyphs_of(studio.config, seller)(text)
        if lacking:
            wrong.append(f"{where} holds {' '.join(f'U+{ord(sign):04X}' for sign in lacking)}")
    if wrong:
        step = "Write them with letters that the fonts have: on documents they must stand exactly."
        yield failed("fonts", f"not all names can be drawn: {_named(wrong)}", step)
    else:
        yield ok("fonts", "names and addresses of all sellers and clients can be drawn")


def _exact_texts(studio: Studio) -> Iterator[tuple[str, str, str]]:
    """What must stand on documents exactly as it is: whose documents, the place where it was written, the text."""
    for key, seller in studio.config.terms().sellers.items():
        where = f"sellers.{key}" if key else "seller"
        yield from ((key, *found) for found in _party(where, seller.party))
        for bank in seller.banks:
            yield from ((key, *found) for found in _bank(f"{where}.bank", bank))
    for client in studio.book.clients.values():
        if not client.broken:
            yield from ((client.seller, *found) for found in _party(client.file or client.id, client.party))


def _party(where: str, party: Party) -> Iterator[tuple[str, str]]:
    yield f"{where}: name", party.name
    yield f"{where}: address", "\n".join(party.address)
    for name in ("vat_id", "tax_number", "inn", "kpp", "email"):
        yield f"{where}: {name}", getattr(party, name)


def _bank(where: str, bank: BankAccount) -> Iterator[tuple[str, str]]:
    for name in ("name", "bic", "account", "iban", "correspondent_account"):
        yield f"{where}: {name}", getattr(bank, name)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
