"""Drafts as documents, checked before anything is issued: what cannot be printed right parks its client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from studio_invoices.check import Ids, check, jurisdiction_of, notices
from studio_invoices.check_annexes import time_sheet_notices
from studio_invoices.errors import Problem
from studio_invoices.model import Invoice
from studio_support.billing.month_plan import Draft, MonthPlan, Skipped
from studio_support.billing.snapshot import to_invoice
from studio_support.billing.terms import Client, Terms
from studio_support.billing.time_sheets import time_rows, time_sheet, wants_sheet
from studio_support.einvoices import proven

Glyphs = Callable[[str], Sequence[str]]
GlyphsOf = Callable[[str], Glyphs]  # by the seller's key: each may have fonts of his own


def draft_document(draft: Draft, clients: Mapping[str, Client], terms: Terms) -> Invoice:
    """A draft as a document without number, dated at the period's end."""
    client = clients[draft.client]
    return to_invoice(draft, client, terms.sellers[client.seller], None)


def checked(plan: MonthPlan, clients: Mapping[str, Client], terms: Terms, ids: Ids, glyphs_of: GlyphsOf) -> MonthPlan:
    """The plan without the drafts that could not be a right document; each is parked by its Problems.

    ids: whether tax numbers and accounts have their control digits (`studio_invoices.ids.fault`). glyphs_of: the
    characters of a text that the fonts of a seller lack.
    """
    kept: list[Draft] = []
    problems: list[Problem] = []
    told: list[Problem] = []
    skipped: list[Skipped] = []
    parked: list[str] = []
    for draft in plan.drafts:
        document = draft_document(draft, clients, terms)
        jurisdiction = jurisdiction_of(document.seller.country)
        glyphs = glyphs_of(clients[draft.client].seller)
        found = check(document, jurisdiction, ids, glyphs, draft.client)
        if not found and document.profiles:
            found = proven(document, draft.client)
        if not found:
            kept.append(draft)
            told.extend(_together(draft.client, _notices(draft, document, clients[draft.client], glyphs)))
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
        notices=(*plan.notices, *told),
        skipped=(*plan.skipped, *skipped),
        parked=(*plan.parked, *parked),
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
