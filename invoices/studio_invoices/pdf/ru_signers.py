"""Who signs a Russian form: an organisation's head and accountant, a sole trader alone, both parties of an act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from studio_invoices.model import Party

_TRADER = re.compile(r"(?:ИП|Индивидуальный предприниматель)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_PERSONAL_INN = 12


@dataclass(frozen=True, slots=True)
class RuSigner:
    """One signature: for whom (empty on a bill), in what position, the name where it is known.

    picture: "signature" or "accountant_signature" of the look; empty for the client, who signs by hand.
    """

    side: str
    party: str
    position: str
    name: str
    picture: str


def signers_of_bill(seller: Party, words: Mapping[str, str]) -> tuple[RuSigner, ...]:
    """Руководитель and Бухгалтер; of a sole trader or a person only the one."""
    head = RuSigner("", "", _position(seller, words), _name(seller), "signature")
    if _is_person(seller):
        return (head,)
    return head, RuSigner("", "", words["accountant"], seller.accountant, "accountant_signature")


def signers_of_act(seller: Party, buyer: Party, words: Mapping[str, str]) -> tuple[RuSigner, ...]:
    """The head of either side."""
    return (
        RuSigner(words["performer"], seller.name, _position(seller, words), _name(seller), "signature"),
        RuSigner(words["client"], buyer.name, _position(buyer, words), _name(buyer), ""),
    )


def _is_person(party: Party) -> bool:
    return bool(_TRADER.match(party.name)) or len(party.inn) == _PERSONAL_INN


def _position(party: Party, words: Mapping[str, str]) -> str:
    if _TRADER.match(party.name):
        return words["trader"]
    return words["person"] if _is_person(party) else words["director"]


def _name(party: Party) -> str:
    """The director's name; a sole trader's own is in the name of the business."""
    if party.director:
        return party.director
    trader = _TRADER.match(party.name)
    return trader[1] if trader else party.name if _is_person(party) else ""
