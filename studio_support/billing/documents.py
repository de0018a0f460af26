"""Drafts as documents, checked before anything is issued: what cannot be printed right parks its client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from studio_invoices.check import Ids, check, check_act, jurisdiction_of, notices
from studio_invoices.check_annexes import time_sheet_notices
from studio_invoices.errors import Problem
from studio_invoices.model import Act, Invoice
from studio_invoices.payment_notice import payment_notice
from studio_invoices.words import CUSTOMARY, base_of, has_words, languages_with_words
from studio_support.billing.month_plan import Draft, MonthPlan, Skipped
from studio_support.billing.numbers import NumberFormat
from studio_support.billing.snapshot import to_invoice
from studio_support.billing.terms import Client, Terms
from studio_support.billing.time_sheets import time_rows, time_sheet, wants_sheet
from studio_support.einvoices import proven

Glyphs = Callable[[str], Sequence[str]]
GlyphsOf = Callable[[str], Glyphs]  # by the seller's key: each may have fonts of his own
WordsAsked = Callable[[str], bool]  # by the seller's key: whether his wording asks for totals in words


def draft_document(draft: Draft, clients: Mapping[str, Client], terms: Terms) -> Invoice:
    """A draft as a document without number, dated at the period's end."""
    client = clients[draft.client]
    return to_invoice(draft, client, terms.sellers[client.seller], None)


def act_date(draft: Draft, client: Client) -> date | None:
    """The day that the act beside a draft bears: the month's last. None: the client gets no act."""
    return draft.month.last_day if draft.billable and "act" in client.documents else None


def checked(
    plan: MonthPlan,
    clients: Mapping[str, Client],
    terms: Terms,
    ids: Ids,
    glyphs_of: GlyphsOf,
    words_asked: WordsAsked = lambda seller: False,
) -> MonthPlan:
    """The plan without the drafts that could not be a right document; each is parked by its Problems.

    ids: whether tax numbers and accounts have their control digits (`studio_invoices.ids.fault`). glyphs_of: the
    characters of a text that the fonts of a seller lack. words_asked: see words_notices.
    """
    kept: list[Draft] = []
    problems: list[Problem] = []
    told: list[Problem] = []
    codes: dict[Problem, None] = {}  # of a seller's every client once
    skipped: list[Skipped] = []
    parked: list[str] = []
    for draft in plan.drafts:
        document = draft_document(draft, clients, terms)
        jurisdiction = jurisdiction_of(document.seller.country)
        glyphs = glyphs_of(clients[draft.client].seller)
        found = check(document, jurisdiction, ids, glyphs, draft.client)
        accepted_on = act_date(draft, clients[draft.client])
        if accepted_on is not None:
            found += check_act(Act(None, accepted_on, document), draft.client)
        if not found and document.profiles:
            found = proven(document, draft.client)
        if not found:
            kept.append(draft)
            told.extend(_together(draft.client, _notices(draft, document, clients[draft.client], glyphs)))
            codes.update(dict.fromkeys(code_notices(document, clients[draft.client], terms)))
            told.extend(words_notices(clients[draft.client], words_asked))
            continue
        problems.extend(found)
        parked.append(draft.client)
        reason = f"{draft.client} is parked by a problem"
        skipped.extend(
            Skipped(entry.id, entry.minutes, "unbilled", reason, draft.client)
            for line in draft.lines
            if line.charged
            for entry in line.entries
        )
    return replace(
        plan,
        drafts=tuple(kept),
        problems=(*plan.problems, *problems),
        notices=(*plan.notices, *told, *codes),
        skipped=(*plan.skipped, *skipped),
        parked=(*plan.parked, *parked),
    )


def code_notices(document: Invoice, client: Client, terms: Terms) -> list[Problem]:
    """Why the client's invoices will bear no payment code; empty where they bear one, or none is to be expected.

    What lies with the seller names no client, so that it is the same for all of them.
    """
    number = NumberFormat(terms.sellers[client.seller].number_format).printed(document.issue_date.year, 1)
    found = payment_notice(document, number)
    if found is None:
        return []
    return [replace(found, client=client.id) if found.source.startswith("client:") else found]


def words_notices(client: Client, asked: WordsAsked) -> list[Problem]:
    """That totals are not written in words where that is customary or asked for: no language has all currencies."""
    language = base_of(client.language)
    if has_words(client.currency, language) or not (language in CUSTOMARY or asked(client.seller)):
        return []
    message = f"totals are printed in figures alone: there are no words for {client.currency} in {client.language}"
    others = ", ".join(languages_with_words(client.currency))
    step = f"Nothing is wrong on the invoice. Words for {client.currency}: {others}." if others else _NO_WORDS
    return [Problem("client:language", message, step, client.id)]


_NO_WORDS = "Nothing is wrong on the invoice. If words are agreed upon, bill in a currency that has them."


def bare_document(client: Client, terms: Terms, day: date) -> Invoice:
    """An invoice to the client over one unit of his currency, without lines: to ask what holds for each of his."""
    seller, one = terms.sellers[client.seller], Decimal(1)
    return Invoice(
        number=None,
        kind="invoice",
        issue_date=day,
        due_date=None,
        period_start=day,
        period_end=day,
        language=client.language,
        currency=client.currency,
        prices="net",
        seller=seller.party,
        buyer=client.party,
        bank=seller.bank_for(client.currency),
        lines=(),
        taxes=(),
        net=one,
        tax=Decimal(0),
        gross=one,
    )


def _notices(draft: Draft, document: Invoice, client: Client, glyphs: Glyphs) -> list[Problem]:
    found = notices(document, glyphs)
    if wants_sheet(client):
        found += time_sheet_notices(time_sheet(document, time_rows(draft, client)), glyphs)
    return found


def _together(client: str, found: Sequence[Problem]) -> list[Problem]:
    """One notice a document: the first place in full, the others counted."""
    if not found:
        return []
    more = f" (and in {len(found) - 1} more places)" if len(found) > 1 else ""
    return [replace(found[0], client=client, message=found[0].message.rstrip(".") + more + ".")]
