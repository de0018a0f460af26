"""doctor on tax numbers and accounts: what would park every client at the month end is found before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from studio_support.doctor.check import Check, failed, ok

if TYPE_CHECKING:
    from studio_support.studio import Studio

_NAME = "tax numbers"
_MOST_NAMED = 5


def check_ids(studio: Studio) -> Iterator[Check]:
    """Control digits of every seller's, account's and client's numbers; nothing where nothing is billed."""
    if not studio.config.has("billing"):
        return
    faults = list(_faults(studio))
    if faults:
        named = "; ".join(message for message, _ in faults[:_MOST_NAMED])
        more = f"; and {len(faults) - _MOST_NAMED} more" if len(faults) > _MOST_NAMED else ""
        yield failed(_NAME, named + more, f"{faults[0][1]} Until then its documents are parked.")
    else:
        yield ok(_NAME, "those of all sellers and clients, and all accounts, have the control digits they must have")


def _faults(studio: Studio) -> Iterator[tuple[str, str]]:
    """What is wrong, and what to do about it."""
    from studio_invoices.check_numbers import bank_numbers, party_numbers
    from studio_invoices.ids import fault

    for key, seller in studio.config.terms().sellers.items():
        section = f"sellers.{key}" if key else "seller"
        found = [*party_numbers(section, seller.party, fault, f"in [{section}]")]
        for bank in seller.banks:
            found += bank_numbers(bank, fault, f"{section}.bank")
        yield from ((message, step) for _, message, step in found)
    for client in studio.book.clients.values():
        if not client.broken:
            file = client.file or client.id
            for _, message, step in party_numbers(client.id, client.party, fault, f"in {file}"):
                yield message, step
