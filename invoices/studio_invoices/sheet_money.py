"""The words below the table: sums, the account, how to pay."""

from __future__ import annotations

from collections.abc import Mapping

from studio_invoices.account_keys import grouped_reference
from studio_invoices.formats import Formats
from studio_invoices.model import Invoice, Kind, Party
from studio_invoices.money import round_half_up
from studio_invoices.sheet_types import Pair, Payment, Sum
from studio_invoices.wording import Labels
from studio_invoices.words import CUSTOMARY, amount_in_words, base_of

_PREFIXES: dict[Kind, str] = {"invoice": "", "cancellation": "taken_back_", "credit_note": "credited_"}


def tax_numbers(party: Party, words: Mapping[str, str], prefix: str = "") -> tuple[Pair, ...]:
    """The tax numbers that a party has, each under its name; prefix: of the labels' keys."""
    names = ("vat_id", "tax_number", "inn", "kpp")
    return tuple((words[prefix + name], getattr(party, name)) for name in names if getattr(party, name))


def total_label(invoice: Invoice, labels: Labels, which: str) -> str:
    """What a sum (net, tax or gross) is called on this kind of document."""
    return labels["totals"][_PREFIXES[invoice.kind] + which]


def sums_of(invoice: Invoice, labels: Labels, formats: Formats) -> tuple[Sum, ...]:
    """What stands between the table and the total: net, each tax with its base, all taxes if several."""
    words = labels["taxes"]
    sums = [Sum(total_label(invoice, labels, "net"), formats.money(invoice.net))]
    for row in invoice.taxes:
        label = words.get(row.category, words["other"])
        filled = label.format(rate=formats.percent(row.rate), base=formats.money(row.base))
        note = "" if row.reason.casefold() in filled.casefold() else row.reason
        sums.append(Sum(filled, formats.money(row.tax), note))
    if len(invoice.taxes) > 1:
        sums.append(Sum(total_label(invoice, labels, "tax"), formats.money(invoice.tax)))
    return tuple(sums)


def asks_for_words(texts: tuple[Pair, ...]) -> bool:
    """Whether a studio's own wording asks for totals in words where they are not customary."""
    return any(key == "totals.in_words" for key, _ in texts)


def gross_in_words(invoice: Invoice, labels: Labels, texts: tuple[Pair, ...]) -> str:
    """The total in words, where that is customary or asked for: by a wording of one's own for ``totals.in_words``."""
    language = base_of(invoice.language)
    if language not in CUSTOMARY and not asks_for_words(texts):
        return ""
    if invoice.gross != round_half_up(invoice.gross, invoice.currency):
        return ""
    words = amount_in_words(invoice.gross, invoice.currency, language)
    if words is None:
        return ""
    held = "\u00a0".join(words.rsplit(" ", 1))  # «05 копеек» on one line
    return labels["totals"]["in_words"].format(words=held)


def bank_rows(invoice: Invoice, words: Mapping[str, str]) -> tuple[Pair, ...]:
    """The account to pay to, each number under its name."""
    bank = invoice.bank
    rows = (
        (words["iban"], _in_fours(bank.iban)),
        (words["account"], bank.account),
        (words["bank"], bank.name),
        (words["ru_bic" if bank.correspondent_account else "bic"], bank.bic),
        (words["correspondent_account"], bank.correspondent_account),
    )
    return tuple(row for row in rows if row[1])


def payment_of(invoice: Invoice, labels: Labels, formats: Formats) -> Payment | None:
    """What to do to pay; None on what takes an invoice back."""
    if invoice.kind != "invoice":
        return None
    words = labels["payment"]
    # a Russian payment order names the payee's tax numbers
    numbers = tax_numbers(invoice.seller, labels["parties"], "") if invoice.bank.correspondent_account else ()
    payee = (words["payee"], invoice.bank.holder or invoice.seller.name)
    # in groups, as the slip has it: twenty-seven digits in one run are copied wrong
    quoted = grouped_reference(invoice.payment_reference).replace(" ", "\u00a0") or invoice.purpose
    reference = ((words["reference"], quoted),) if quoted else ()
    rows = (payee, *numbers, *bank_rows(invoice, words), *reference)
    return Payment(_payment_sentence(invoice, words, formats), rows)


def _payment_sentence(invoice: Invoice, words: Mapping[str, str], formats: Formats) -> str:
    if invoice.number is None:
        return words["sentence_draft"]
    if not invoice.gross:
        return words["sentence_nothing"]
    amount = formats.money(invoice.gross)
    if invoice.due_date is None:
        return words["sentence_without_date"].format(amount=amount, number=invoice.number)
    day = formats.day_held(invoice.due_date)
    return words["sentence"].format(amount=amount, number=invoice.number, date=day)


def _in_fours(iban: str) -> str:
    """As ISO 13616 prints it: groups of four, here held together by no-break spaces."""
    solid = iban.replace(" ", "")
    return "\u00a0".join(solid[i : i + 4] for i in range(0, len(solid), 4))
