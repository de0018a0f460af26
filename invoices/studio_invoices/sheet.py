"""The document as words: every string that the PDF and the page print, in the language of the invoice.

Both painters take their text from here, so that file and page never differ. Client text stands in these
strings as it came; making it drawable or escaping it is the painter's duty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from studio_invoices.formats import Formats, formats_for, hours_minutes
from studio_invoices.model import Invoice, Line, Party
from studio_invoices.money import minor_units
from studio_invoices.wording import Labels, labels_for, worded

EARLIER_MONTHS = "earlier months"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. rate and amount are empty where `label` is printed in their place.

    booked: the time booked, where it differs from the time charged. value: the amount, for running sums.
    """

    number: str
    title: str
    details: tuple[str, ...]
    time: str
    booked: str
    rate: str
    amount: str
    label: str
    comments: tuple[str, ...]
    value: Decimal


@dataclass(frozen=True, slots=True)
class Project:
    """The lines of one project under one heading, with their sums."""

    name: str
    continued: str
    rows: tuple[Row, ...]
    subtotal_label: str
    subtotal_time: str
    subtotal_amount: str


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading: empty for those of the month, "earlier months" for late ones."""

    heading: str
    projects: tuple[Project, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """One row under the table; note: why there is no tax."""

    label: str
    amount: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """What to do to pay, and where to."""

    sentence: str
    rows: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All the words of one document, in reading order."""

    language: str
    labels: Labels
    title: str
    page_title: str
    statements: tuple[str, ...]
    draft_mark: str
    seller_name: str
    seller_address: tuple[str, ...]
    seller_numbers: tuple[Pair, ...]
    seller_email: str
    buyer_name: str
    buyer_address: tuple[str, ...]
    meta: tuple[Pair, ...]
    columns: tuple[str, str, str, str, str]
    sections: tuple[Section, ...]
    sums: tuple[Sum, ...]
    grand_total: Sum
    payment: Payment | None
    bank: tuple[Pair, ...]
    bank_name: str
    notes: tuple[str, ...]
    small_print: tuple[str, ...]
    decimal: Callable[[Decimal], str]


def sheet_of(invoice: Invoice, texts: tuple[Pair, ...] = ()) -> Sheet:
    """All the words of an invoice. texts: labels of one's own, as in `studio_invoices.look.Look`."""
    labels = worded(labels_for(invoice.language), texts)
    formats = formats_for(invoice.language, invoice.currency)
    foreign = bool(invoice.seller.country) and invoice.seller.country != invoice.buyer.country
    asks_for_money = invoice.kind == "invoice"
    return Sheet(
        language=formats.language,
        labels=labels,
        title=_title(invoice, labels, formats),
        page_title=_page_title(invoice, labels["document"]),
        statements=_statements(invoice, labels, formats),
        draft_mark=labels["document"]["draft_mark"] if invoice.number is None else "",
        seller_name=invoice.seller.name,
        seller_address=_address(invoice.seller, formats, foreign),
        seller_numbers=_tax_numbers(invoice.seller, labels["parties"], ""),
        seller_email=invoice.seller.email,
        buyer_name=invoice.buyer.name,
        buyer_address=_address(invoice.buyer, formats, foreign),
        meta=_meta(invoice, labels, formats),
        columns=_columns(invoice, labels["table"]),
        sections=_sections(invoice, labels, formats),
        sums=_sums(invoice, labels, formats),
        grand_total=Sum(_total_label(invoice, labels, "gross"), formats.money(invoice.gross)),
        payment=_payment(invoice, labels, formats),
        bank=_bank(invoice, labels["payment"]) if asks_for_money else (),
        bank_name=invoice.bank.name if asks_for_money else "",
        notes=tuple(note for note in invoice.notes if note),
        small_print=_small_print(invoice, labels["notes"]),
        decimal=formats.decimal,
    )


def _title(invoice: Invoice, labels: Labels, formats: Formats) -> str:
    key = invoice.kind if invoice.number else f"{invoice.kind}_draft"
    return labels["document"][key].format(number=invoice.number, date=formats.day(invoice.issue_date))


def _page_title(invoice: Invoice, words: Mapping[str, str]) -> str:
    """Short, because messengers show a page's title to whoever is sent its link: no amount, no name."""
    if invoice.number is None:
        return words["page_title_draft"]
    return words[f"page_title_{invoice.kind}"].format(number=invoice.number)


def _statements(invoice: Invoice, labels: Labels, formats: Formats) -> tuple[str, ...]:
    if invoice.kind != "cancellation":
        return ()
    words = labels["document"]
    if invoice.corrects_date is None:
        first = words["takes_back_undated"].format(number=invoice.corrects or "")
    else:
        first = words["takes_back"].format(number=invoice.corrects or "", date=formats.day(invoice.corrects_date))
    return (first, words["reason"].format(reason=invoice.reason)) if invoice.reason else (first,)


def _address(party: Party, formats: Formats, foreign: bool) -> tuple[str, ...]:
    named = formats.country(party.country) if foreign and party.country else ""
    return (*party.address, named) if named and named not in party.address else party.address


def _tax_numbers(party: Party, words: Mapping[str, str], prefix: str) -> tuple[Pair, ...]:
    names = ("vat_id", "tax_number", "inn", "kpp")
    return tuple((words[prefix + name], getattr(party, name)) for name in names if getattr(party, name))


def _meta(invoice: Invoice, labels: Labels, formats: Formats) -> tuple[Pair, ...]:
    words = labels["meta"]
    contract = invoice.contract_number
    if contract and invoice.contract_date is not None:
        day = formats.day(invoice.contract_date)
        contract = words["contract_dated"].format(number=contract, date=day)
    due = invoice.due_date if invoice.kind == "invoice" else None
    pairs = (
        (words["number"], invoice.number or ""),
        (words["corrects"], invoice.corrects or ""),
        (words["date"], formats.day(invoice.issue_date)),
        (words["due"], "" if due is None else formats.day(due)),
        (words["period"], formats.days(invoice.period_start, invoice.period_end)),
        (words["contract"], contract),
        (words["buyer_reference"], invoice.buyer_reference),
        (words["order_number"], invoice.order_number),
        *_tax_numbers(invoice.buyer, words, "buyer_"),
    )
    return tuple(pair for pair in pairs if pair[1])


def _columns(invoice: Invoice, words: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    kind = "amount" if invoice.kind == "invoice" else "taken_back"
    amount = words[f"{kind}_{invoice.prices}"].format(currency=invoice.currency)
    return words["number"], words["task"], words["time"], words[f"rate_{invoice.prices}"], amount


def _sections(invoice: Invoice, labels: Labels, formats: Formats) -> tuple[Section, ...]:
    grouped: dict[str, dict[str, list[Line]]] = {}
    for line in sorted(invoice.lines, key=lambda line: line.heading is not None):
        grouped.setdefault(line.heading or "", {}).setdefault(line.project, []).append(line)
    words = labels["table"]
    mixed = len({(line.tax_category, line.tax_rate) for line in invoice.lines}) > 1
    return tuple(
        Section(
            words["earlier_months"] if heading == EARLIER_MONTHS else heading,
            tuple(_project(name, lines, labels, formats, mixed) for name, lines in projects.items()),
        )
        for heading, projects in grouped.items()
    )


def _project(name: str, lines: list[Line], labels: Labels, formats: Formats, mixed: bool) -> Project:
    words = labels["table"]
    shown = name or words["without_project"]
    rows = tuple(_row(line, labels, formats, mixed) for line in lines)
    zero = Decimal(0).scaleb(-minor_units(formats.currency))
    return Project(
        name=shown,
        continued=words["continued"].format(project=shown),
        rows=rows,
        subtotal_label=words["subtotal"].format(project=shown),
        subtotal_time=hours_minutes(sum(line.minutes for line in lines)),
        subtotal_amount=formats.decimal(sum((row.value for row in rows), zero)),
    )


def _row(line: Line, labels: Labels, formats: Formats, mixed: bool) -> Row:
    words = labels["table"]
    value = line.net if line.gross is None else line.gross
    free = line.label is not None
    details = (
        f"#{line.issue}" if line.issue else "",
        words["ticket"].format(ticket=line.ticket) if line.ticket else "",
        line.specialist or "",
        formats.days(line.first_day, line.last_day) if line.heading is not None else "",
        labels["taxes"]["short"].format(rate=formats.percent(line.tax_rate)) if mixed and not free else "",
    )
    return Row(
        number=str(line.number),
        title=line.title,
        details=tuple(detail for detail in details if detail),
        time=hours_minutes(line.minutes),
        booked=""
        if line.booked_minutes == line.minutes
        else words["booked"].format(time=hours_minutes(line.booked_minutes)),
        rate="" if free else formats.decimal(line.rate_per_hour),
        amount="" if free else formats.decimal(value),
        label=(line.label or words["not_charged"]) if free else "",
        comments=line.comments,
        value=value,
    )


def _total_label(invoice: Invoice, labels: Labels, which: str) -> str:
    prefix = "" if invoice.kind == "invoice" else "taken_back_"
    return labels["totals"][prefix + which]


def _sums(invoice: Invoice, labels: Labels, formats: Formats) -> tuple[Sum, ...]:
    words = labels["taxes"]
    sums = [Sum(_total_label(invoice, labels, "net"), formats.money(invoice.net))]
    for row in invoice.taxes:
        label = words.get(row.category, words["other"])
        filled = label.format(rate=formats.percent(row.rate), base=formats.money(row.base))
        note = "" if row.reason.casefold() in filled.casefold() else row.reason
        sums.append(Sum(filled, formats.money(row.tax), note))
    if len(invoice.taxes) > 1:
        sums.append(Sum(_total_label(invoice, labels, "tax"), formats.money(invoice.tax)))
    return tuple(sums)


def _bank(invoice: Invoice, words: Mapping[str, str]) -> tuple[Pair, ...]:
    bank = invoice.bank
    rows = (
        (words["iban"], _in_fours(bank.iban)),
        (words["account"], bank.account),
        (words["bank"], bank.name),
        (words["ru_bic" if bank.correspondent_account else "bic"], bank.bic),
        (words["correspondent_account"], bank.correspondent_account),
    )
    return tuple(row for row in rows if row[1])


def _payment(invoice: Invoice, labels: Labels, formats: Formats) -> Payment | None:
    if invoice.kind != "invoice":
        return None
    words = labels["payment"]
    # a Russian payment order names the payee's tax numbers
    numbers = _tax_numbers(invoice.seller, labels["parties"], "") if invoice.bank.correspondent_account else ()
    rows = ((words["payee"], invoice.seller.name), *numbers, *_bank(invoice, words))
    return Payment(_payment_sentence(invoice, words, formats), rows)


def _payment_sentence(invoice: Invoice, words: Mapping[str, str], formats: Formats) -> str:
    if invoice.number is None:
        return words["sentence_draft"]
    if not invoice.gross:
        return words["sentence_nothing"]
    amount = formats.money(invoice.gross)
    if invoice.due_date is None:
        return words["sentence_without_date"].format(amount=amount, number=invoice.number)
    day = formats.day(invoice.due_date)
    return words["sentence"].format(amount=amount, number=invoice.number, date=day)


def _in_fours(iban: str) -> str:
    """As ISO 13616 prints it: groups of four, here held together by no-break spaces."""
    solid = iban.replace(" ", "")
    return "\u00a0".join(solid[i : i + 4] for i in range(0, len(solid), 4))


def _small_print(invoice: Invoice, words: Mapping[str, str]) -> tuple[str, ...]:
    notes = (
        words["nothing_to_pay"] if invoice.kind == "cancellation" else "",
        words[f"arithmetic_{invoice.prices}"],
        invoice.rounding_note,
    )
    return tuple(note for note in notes if note)
