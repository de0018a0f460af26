"""What a refused or returned letter asks for: the next step follows the server's own code."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio_support.delivery.outbox import LetterRow
from studio_support.delivery.outcomes import LetterState
from studio_support.sending_words import stuck_problems

ADDRESS = "Correct the address in clients/acme.toml"
ROOM = "Ask the client to see to that mailbox, or name another address in clients/acme.toml"
SIZE = "Take files out of attach in clients/acme.toml, or let the mail server take larger letters"
TRUST = "Ask who runs the mail server why it is not trusted (`doctor` looks at SPF and DMARC)"


def row(state: LetterState, detail: str) -> LetterRow:
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    facts = ("2026-0007", "acme", "2026-10", "invoice", "a@acme.example", "<1@x>", state, 1, detail, moment)
    return LetterRow(1, 1, 1, *facts)


@pytest.mark.parametrize(
    ("state", "detail", "step"),
    [
        ("refused", "550 5.1.1 <a@acme.example>: No such user", ADDRESS),
        ("refused", "550 unknown", ADDRESS),
        ("refused", "553 5.1.3 bad address", ADDRESS),
        ("refused", "the server takes no addresses with other than ASCII characters (SMTPUTF8)", ADDRESS),
        ("refused", "552 5.2.2 over quota", ROOM),
        ("refused", "552 over quota", ROOM),
        ("refused", "552 5.3.4 Message size exceeds fixed limit", SIZE),
        ("refused", "552 5.2.3 larger than the mailbox takes", SIZE),
        ("refused", "too large: 81000 bytes, and the server takes 50000 (SIZE)", SIZE),
        ("refused", "550 5.7.26 unauthenticated sender", TRUST),
        ("refused", "554 blocked", TRUST),
        ("refused", "its link expired on 2026-11-01", "Mend that"),
        ("bounced", "5.1.1 550 5.1.1 <a@acme.example>: unknown", ADDRESS),
        ("bounced", "5.0.0 552 5.2.2 <a@acme.example>: over quota", ROOM),
        ("bounced", "for b@other.example: 5.7.1 550 5.7.1 spam", TRUST),
        ("bounced", "5.0.0 Unrouteable address", ADDRESS),
        ("bounced", "4.4.7 delivery time expired", ADDRESS),
    ],
)
def test_the_next_step_follows_the_code(state: LetterState, detail: str, step: str) -> None:
    [problem] = stuck_problems([row(state, detail)])
    assert problem.next_step == f"{step}, then `invoice send 2026-0007 --again`."
    assert detail in problem.message
