"""The ledger: what was billed, under which number, and where every minute stands. A ledger, not a flag.

One object over a store; each writing method is one transaction. The rooms behind it: ledger_issue, ledger_cancel,
ledger_read, ledger_documents, ledger_facts, audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from studio_support.billing import ledger_issue, ledger_read
from studio_support.billing.ledger_types import Issued, IssueOrder
from studio_support.billing.ledger_view import LedgerView
from studio_support.period import Month
from studio_support.store.engine import Store


class Ledger:
    """The ledger of one store. Every method may raise StoreError and FilesystemError beside what it names."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def view(self, month: Month, clients: Sequence[str], entry_ids: Iterable[str]) -> LedgerView:
        """What a plan of this month needs to know: places of just these entries, what is closed, held and past."""
        with self.store.reading() as connection:
            return ledger_read.view(connection, month, clients, entry_ids)

    def oldest_mark(self, clients: Sequence[str]) -> datetime | None:
        """How far back late entries are to be sought (aware UTC), None when none of the clients was ever closed."""
        with self.store.reading() as connection:
            return ledger_read.oldest_mark(connection, clients)

    def issue(self, order: IssueOrder) -> Issued:
        """Closes one client's month; see ledger_issue.issue for what it refuses. Repeated: the same, created False."""
        return ledger_issue.issue(self.store, order)
