"""doctor on what invoices would lack: payment codes where account and currency would let them have one, and totals in
words where those are customary or asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from studio_support.counting import counted
from studio_support.doctor.check import Check, ok, warning

if TYPE_CHECKING:
    from studio_support.studio import Studio

_NAME = "payment codes"
_MOST_NAMED = 3


def check_payment_codes(studio: Studio) -> Iterator[Check]:
    """One warning with the first reasons; nothing where nobody is billed."""
    if not studio.config.has("billing"):
        return
    from studio_support.billing.documents import bare_document, code_notices

    terms, day = studio.config.terms(), studio.today()
    billed = [client for client in studio.book.clients.values() if not client.draft and not client.broken]
    found = dict.fromkeys(
        notice for client in billed for notice in code_notices(bare_document(client, terms, day), client, terms)
    )
    if found:
        reasons = [f"{notice.client}: {notice.message}" if notice.client else notice.message for notice in found]
        more = f"; and {len(reasons) - _MOST_NAMED} more" if len(reasons) > _MOST_NAMED else ""
        yield warning(_NAME, "; ".join(reasons[:_MOST_NAMED]) + more, next(iter(found)).next_step)
    elif billed:
        yield ok(
            _NAME, f"wherever account and currency let an invoice have one; {counted(len(billed), 'client')} looked at"
        )


def check_words(studio: Studio) -> Iterator[Check]:
    """One warning with the first clients; nothing where all is well."""
    if not studio.config.has("billing"):
        return
    from studio_invoices.sheet_money import asks_for_words
    from studio_support.billing.documents import words_notices

    def asked(seller: str) -> bool:
        return asks_for_words(studio.config.look(seller).texts)

    billed = [client for client in studio.book.clients.values() if not client.draft and not client.broken]
    found = [notice for client in billed for notice in words_notices(client, asked)]
    if found:
        more = f"; and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        named = "; ".join(f"{notice.client}: {notice.message}" for notice in found[:_MOST_NAMED])
        yield warning("amounts in words", named + more, found[0].next_step)
