"""Who gets which document: recipients are resolved when mail is sent, one letter each, as a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from studio_support.delivery.letter import usable_address
from studio_support.errors import Problem, UnknownClient


@dataclass(frozen=True, slots=True)
class QueuedDocument:
    """A row of the outbox that nobody is addressed for yet. published: its page exists. link_live: and may be read."""

    outbox_id: int
    number: str
    client: str
    published: bool
    link_live: bool


@dataclass(frozen=True, slots=True)
class Envelope:
    """One letter to be made. number, client: of the document, for people."""

    outbox_id: int
    recipient: str
    number: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class Addressing:
    """The letters to be made, and the documents that cannot be addressed. problems park their document only."""

    envelopes: tuple[Envelope, ...] = ()
    problems: tuple[Problem, ...] = ()

    def by_document(self) -> Iterator[tuple[int, list[Envelope]]]:
        """The letters grouped by outbox row, in order."""
        groups: dict[int, list[Envelope]] = {}
        for envelope in self.envelopes:
            groups.setdefault(envelope.outbox_id, []).append(envelope)
        yield from groups.items()


def address(documents: Sequence[QueuedDocument], recipients_of: Callable[[str], Sequence[str]]) -> Addressing:
    """One envelope a document and distinct address; a document with a wrong address is parked whole.

    Addresses that differ in case only are one mailbox: nobody runs two that do. recipients_of may raise
    UnknownClient.
    """
    envelopes: list[Envelope] = []
    problems: list[Problem] = []
    for document in documents:
        found = _recipients(document, recipients_of)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            envelopes += [Envelope(document.outbox_id, who, document.number, document.client) for who in found]
    return Addressing(tuple(envelopes), tuple(problems))


def distinct(addresses: Sequence[str]) -> list[str]:
    """Addresses without surrounding blanks, empty ones and repetitions, in their order."""
    first: dict[str, str] = {}
    for address in addresses:
        if address.strip():
            first.setdefault(address.strip().casefold(), address.strip())
    return list(first.values())


def _recipients(document: QueuedDocument, recipients_of: Callable[[str], Sequence[str]]) -> list[str] | Problem:
    client, number = document.client, document.number

    def problem(wrong: str, next_step: str) -> Problem:
        return Problem(f"invoice:{number}", f"{number} for {client} was not mailed: {wrong}.", next_step, client)

    if not document.published:
        return problem("it has no page yet", "Run `bill close` again for its month: it finishes what is left.")
    if not document.link_live:
        return problem("its link was taken back", "Cancel the document, or give it a new link.")
    try:
        recipients = distinct(recipients_of(client))
    except UnknownClient:
        return problem("there is no such client any more", f"Restore clients/{client}.toml and run `bill send` again.")
    if not recipients:
        return problem("the client has no e-mail address", f"Fill in emails in clients/{client}.toml, then send again.")
    for recipient in recipients:
        wrong = usable_address(recipient)
        if wrong is not None:
            return problem(f"{recipient!r} {wrong}", f"Correct emails in clients/{client}.toml, then send again.")
    return recipients
