"""The words of a Russian form as frozen values: what `ru_sheet` makes and the blocks draw."""

from __future__ import annotations

from dataclasses import dataclass

from studio_invoices.pdf.ru_signers import RuSigner
from studio_invoices.sheet import Pair, Sum


@dataclass(frozen=True, slots=True)
class RuBank:
    """The block that imitates a payment order, with the captions that it bears there."""

    bank_name: str
    bank_caption: str
    bic: Pair
    correspondent: Pair
    account: Pair
    inn: str
    kpp: str
    payee: str
    payee_caption: str


@dataclass(frozen=True, slots=True)
class RuRow:
    """One line of the table; price and amount are empty where `label` is printed in their place."""

    number: str
    title: str
    details: tuple[str, ...]
    quantity: str
    unit: str
    price: str
    amount: str
    label: str
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuGroup:
    """Lines of one project; continued: its heading on a further page."""

    heading: str
    continued: str
    rows: tuple[RuRow, ...]


@dataclass(frozen=True, slots=True)
class RuSheet:
    """All the words of one form, in reading order.

    bank: None where nothing is to be paid. parties: label, what matters most, the rest. total_quantity: all hours.
    """

    language: str
    title: str
    author: str
    subject: str
    draft_mark: str
    bank: RuBank | None
    code_caption: str
    statements: tuple[str, ...]
    parties: tuple[tuple[str, str, str], ...]
    columns: tuple[str, str, str, str, str, str]
    groups: tuple[RuGroup, ...]
    total_quantity: str
    sums: tuple[Sum, ...]
    grand_total: Sum
    count: str
    in_words: str
    terms: tuple[str, ...]
    signers: tuple[RuSigner, ...]
    stamp: str
    signing: Pair
    notes: tuple[str, ...]
    small_print: tuple[str, ...]
    running_head: str
    page: str
    is_act: bool
