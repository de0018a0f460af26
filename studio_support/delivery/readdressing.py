"""Letters that nobody has follow the client's file: a corrected address gets the letter, the old one does not. Pure.

An address with a typo is found out by a server's "later" or "no", or by a report of non-delivery; the person who then
corrects the file has said all that is to be said. A letter that may have arrived is left to `invoice send --again`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from studio_support.delivery.addressing import Envelope, QueuedDocument, address
from studio_support.errors import Problem

GONE = "no longer an address of the client"  # how the detail begins of a letter that was withdrawn for that
NOBODY_HAS = ("queued", "refused", "bounced")
_DOUBTFUL = "uncertain"


class Addressed(Protocol):
    """A letter, as outbox.LetterRow is one."""

    @property
    def outbox_id(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def is_reminder(self) -> bool: ...


L = TypeVar("L", bound=Addressed)


@dataclass(frozen=True, slots=True)
class Readdressing(Generic[L]):
    """withdrawn: letters whose addresses are gone, with what is to be noted. envelopes: letters to be made instead.
    revived: letters to addresses that were gone and are back; doubtful: those of them that may have arrived, which a
    person has to decide on. held: letters that must not leave, since the file does not say where to; problems: why."""

    withdrawn: tuple[tuple[L, str], ...] = ()
    envelopes: tuple[Envelope, ...] = ()
    revived: tuple[L, ...] = ()
    doubtful: tuple[L, ...] = ()
    held: tuple[L, ...] = ()
    problems: tuple[Problem, ...] = ()


def gone(letter: Addressed, instead: Sequence[str] = ()) -> str:
    """What is noted of a letter whose address is gone: who gets it instead, and what had become of it."""
    now = f", now {', '.join(instead)}" if instead else ""
    return f"{GONE}{now}; was {letter.state}" + (f": {letter.detail}" if letter.detail else "")


def readdress(letters: Iterable[L], recipients_of: Callable[[str], Sequence[str]]) -> Readdressing[L]:
    """What follows from the clients' files as they are now for letters that were addressed before.

    letters: all of each document, whatever their state. Where every address of a document's open letters still stands,
    nothing follows: an address that was added gets no old mail. recipients_of may raise UnknownClient.
    """
    documents: dict[int, list[L]] = {}
    for letter in letters:
        documents.setdefault(letter.outbox_id, []).append(letter)
    parts = [_document(mine, recipients_of) for mine in documents.values()]
    return Readdressing(
        tuple(pair for part in parts for pair in part.withdrawn),
        tuple(envelope for part in parts for envelope in part.envelopes),
        tuple(letter for part in parts for letter in part.revived),
        tuple(letter for part in parts for letter in part.doubtful),
        tuple(letter for part in parts for letter in part.held),
        tuple(problem for part in parts for problem in part.problems),
    )


def _document(letters: Sequence[L], recipients_of: Callable[[str], Sequence[str]]) -> Readdressing[L]:
    first = letters[0]
    # a reminder that was refused or came back is a matter of its day: nobody new gets it later
    states = ("queued",) if first.is_reminder else NOBODY_HAS
    movable = [letter for letter in letters if letter.state in states]
    if not movable:
        return Readdressing()
    document = QueuedDocument(first.outbox_id, first.number, first.client, published=True, link_live=True)
    found = address([document], recipients_of)
    if found.problems:
        held = tuple(letter for letter in movable if letter.state == "queued")
        return Readdressing(held=held, problems=found.problems if held else ())
    wanted = {envelope.recipient.casefold(): envelope for envelope in found.envelopes}
    leaving = [letter for letter in movable if letter.recipient.casefold() not in wanted]
    if not leaving:
        return Readdressing()
    known = {letter.recipient.casefold(): letter for letter in letters}
    envelopes = tuple(envelope for who, envelope in wanted.items() if who not in known)
    back = [known[who] for who in wanted if who in known and _is_back(known[who])]
    revived = tuple(letter for letter in back if not _was_in_doubt(letter))
    doubtful = tuple(letter for letter in back if _was_in_doubt(letter))
    instead = [*(envelope.recipient for envelope in envelopes), *(letter.recipient for letter in revived)]
    return Readdressing(tuple((letter, gone(letter, instead)) for letter in leaving), envelopes, revived, doubtful)


def _is_back(letter: Addressed) -> bool:
    """Whether it was withdrawn because its address was gone."""
    return letter.state == "withdrawn" and letter.detail.startswith(GONE)


def _was_in_doubt(letter: Addressed) -> bool:
    """Whether it may have arrived before its address was gone."""
    return f"; was {_DOUBTFUL}" in letter.detail
