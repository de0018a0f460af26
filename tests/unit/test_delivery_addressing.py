"""Who gets which document, as a plan."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from studio_support.delivery.addressing import Addressing, Envelope, QueuedDocument, address, distinct
from studio_support.errors import UnknownClient


def document(
    number: int = 1, client: str = "acme", *, published: bool = True, link_live: bool = True
) -> QueuedDocument:
    return QueuedDocument(number, f"2026-{number:04d}", client, published, link_live)


def book(client: str) -> Sequence[str]:
    known: dict[str, list[str]] = {
        "acme": ["a@acme.example", "b@acme.example"],
        "nobody": [],
        "typo": ["ok@typo.example", "buh@typo,example"],
    }
    if client not in known:
        raise UnknownClient(client, ())
    return known[client]


def test_each_address_gets_an_envelope_of_its_own() -> None:
    assert address([document(1), document(2)], book) == Addressing(
        (
            Envelope(1, "a@acme.example", "2026-0001", "acme"),
            Envelope(1, "b@acme.example", "2026-0001", "acme"),
            Envelope(2, "a@acme.example", "2026-0002", "acme"),
            Envelope(2, "b@acme.example", "2026-0002", "acme"),
        )
    )


def test_envelopes_are_grouped_by_document() -> None:
    plan = address([document(2), document(1)], book)
    assert [(key, [e.recipient for e in group]) for key, group in plan.by_document()] == [
        (2, ["a@acme.example", "b@acme.example"]),
        (1, ["a@acme.example", "b@acme.example"]),
    ]


@pytest.mark.parametrize(
    ("parked", "message", "next_step"),
    [
        (document(client="nobody"), "no e-mail address", "clients/nobody.toml"),
        (document(client="typo"), "'buh@typo,example' is not of the form", "clients/typo.toml"),
        (document(client="gone"), "no such client", "clients/gone.toml"),
        (document(published=False), "no page yet", "bill close"),
        (document(link_live=False), "link was taken back", "new link"),
    ],
)
def test_a_document_that_cannot_be_addressed_is_parked_alone(
    parked: QueuedDocument, message: str, next_step: str
) -> None:
    plan = address([parked, document(2)], book)
    assert {envelope.number for envelope in plan.envelopes} == {"2026-0002"}
    (problem,) = plan.problems
    assert problem.source == "invoice:2026-0001"
    assert problem.client == parked.client
    assert message in problem.message
    assert next_step in problem.next_step


def test_blanks_empty_addresses_and_repetitions_are_dropped_in_order() -> None:
    assert distinct([" B@acme.example", "", "a@acme.example", "b@ACME.example ", "  "]) == [
        "B@acme.example",
        "a@acme.example",
    ]
