"""Price lists as documents: the annex to a client's contract, as it stands on a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio_invoices.annexes import PriceList
from studio_invoices.check_annexes import price_list_problems
from studio_invoices.errors import Problem
from studio_invoices.formats import formats_for
from studio_invoices.wording import labels_for
from studio_support.billing.price_rows import NameOf, names_of, price_rows
from studio_support.billing.rates import choose_tax
from studio_support.billing.rounding import in_words
from studio_support.billing.terms import Client, TaxRow
from studio_support.glyphs import glyphs_of

if TYPE_CHECKING:
    from studio_support.studio import Studio


@dataclass(frozen=True, slots=True)
class PriceAnnex:
    """A client's price list. pdf: None where problems forbid it. notices: what to look at before it is handed out."""

    client: str
    pdf: bytes | None
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()


def price_annex(studio: Studio, client_id: str) -> PriceAnnex:
    """The price list of a client as of the studio's today. Raises UnknownClient, ConfigError."""
    client = studio.book.get(client_id)
    own = [problem for problem in studio.book.problems if problem.client == client_id]
    if client.draft or client.broken or own:
        unfinished = Problem(f"client:{client_id}", "Its file is not complete.", "Complete it.", client_id)
        return PriceAnnex(client_id, None, tuple(own) or (unfinished,))
    terms, today = studio.config.terms(), studio.today()
    tax = choose_tax(client.tax, terms.tax, today)
    if tax is None:
        step = "Add a row [[billing.tax]], or [[tax]] in the client's file, that begins by then."
        return PriceAnnex(client_id, None, (Problem("tax", f"No tax is given for {today}.", step, client_id),))
    ledger = studio.ledger_if_there()
    name_of = names_of(() if ledger is None else ledger.known_people(), terms.people_aliases)
    prices = PriceList(
        as_of=today,
        language=client.language,
        currency=client.currency,
        prices=tax.prices,
        seller=terms.sellers[client.seller].party,
        buyer=client.party,
        rows=price_rows(client, today, name_of),
        contract_number=client.contract_number,
        contract_date=client.contract_date,
        notes=tuple(note for note in (_tax_note(tax, client), in_words(client.rounding, client.language)) if note),
    )
    problems, notices = _unnamed(client, name_of)
    problems += price_list_problems(prices, glyphs_of(studio.config, client.seller), client_id)
    if problems:
        return PriceAnnex(client_id, None, tuple(problems), tuple(notices))
    from studio_invoices.pdf import render_pdf

    studio.documents.check_looks()
    return PriceAnnex(
        client_id, render_pdf(prices, "prices", look=studio.config.look(client.seller)), (), tuple(notices)
    )


def _tax_note(tax: TaxRow, client: Client) -> str:
    """Which tax is added, or contained; why there is none."""
    if tax.category != "S":
        return tax.reason
    rate = formats_for(client.language, client.currency).percent(tax.rate)
    return labels_for(client.language)["prices"][f"tax_{tax.prices}"].format(rate=rate)


def _unnamed(client: Client, name_of: NameOf) -> tuple[list[Problem], list[Problem]]:
    """Specialists whose names are not known: an id says nothing to a reader, a login may do."""
    step = "Write the full name into the row, or into people.toml; whoever booked time is known once a month is closed."
    named = {row.specialist for row in (*client.rates, *client.price_list) if row.specialist is not None}
    found = [
        Problem(f"client:{client.id}", f'The full name of "{text}" is not known.', step, client.id)
        for text in sorted(named)
        if name_of(text) is None
    ]
    return [row for row in found if '"#' in row.message], [row for row in found if '"#' not in row.message]
