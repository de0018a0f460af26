"""The Russian forms as words: every string of a «Счёт на оплату» and of an «Акт», without their looks.

The bill is regulated by nothing but custom; its parts and their order are those of 1C, which accountants know. The act
has the seven items of law 402-ФЗ art. 9(2): name, date, entity, content, measures with units, positions, signatures.
Lines, notes and figures are those of `studio_invoices.sheet`, so that no figure is made twice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from studio_invoices.formats import Formats, formats_for, hours_minutes
from studio_invoices.model import Act, BankAccount, Invoice, Party, TaxTotal
from studio_invoices.pdf.ru_signers import RuSigner, signers_of_act, signers_of_bill
from studio_invoices.pdf.ru_types import RuBank, RuGroup, RuRow, RuSheet
from studio_invoices.purpose import purpose_of
from studio_invoices.sheet import Sheet, Sum, sheet_of
from studio_invoices.wording import Labels, labels_for, worded
from studio_invoices.words import amount_in_words

_SUFFIXES = {"invoice": "", "cancellation": "_undone", "credit_note": "_corrected"}
_UNTAXED = frozenset({"E", "O"})
PURPOSE_LIMIT = 160  # that of the code, so that both say the same
Texts = tuple[tuple[str, str], ...]


def bill_sheet(invoice: Invoice, texts: Texts = ()) -> RuSheet:
    """The words of a «Счёт на оплату», or of the document that takes one back.

    texts: own wording, keys as in ``labels/ru.toml`` and ``forms/ru.toml``.
    """
    words = worded(_form_labels(), texts)
    asks_for_money = invoice.kind == "invoice"
    return _form(
        invoice,
        None,
        words,
        texts,
        bank=_bank(invoice.seller, invoice.bank, words["ru_bank"]) if asks_for_money else None,
        terms=_terms(invoice, words) if asks_for_money else (),
        signers=signers_of_bill(invoice.seller, words["ru_signatures"]),
    )


def act_sheet(act: Act, texts: Texts = ()) -> RuSheet:
    """The words of an «Акт об оказании услуг» over the lines of an invoice."""
    words = worded(_form_labels(), texts)
    signing = words["ru_signatures"]
    return _form(
        act.invoice,
        act,
        words,
        texts,
        bank=None,
        terms=(signing["accepted" if act.invoice.kind == "invoice" else "changed"],),
        signers=signers_of_act(act.invoice.seller, act.invoice.buyer, signing),
    )


@lru_cache(maxsize=1)
def _form_labels() -> Labels:
    """The labels of Russian documents and those of the forms."""
    forms = tomllib.loads((files("studio_invoices") / "forms" / "ru.toml").read_text("utf-8"))
    return {**labels_for("ru"), **forms}


def _form(
    invoice: Invoice,
    act: Act | None,
    words: Labels,
    texts: Texts,
    *,
    bank: RuBank | None,
    terms: tuple[str, ...],
    signers: tuple[RuSigner, ...],
) -> RuSheet:
    sheet = sheet_of(replace(invoice, language="ru"), texts)
    formats = formats_for("ru", invoice.currency)
    kind = ("bill" if act is None else "act") + _SUFFIXES[invoice.kind]
    amount = _amount(invoice.gross, formats, words["ru_totals"])
    is_draft = (invoice.number if act is None else act.number) is None
    signing = words["ru_signatures"]
    title = _title(invoice, act, kind, words["ru_document"], formats)
    return RuSheet(
        language="ru",
        title=title,
        author=invoice.seller.name,
        subject=formats.days(invoice.period_start, invoice.period_end),
        draft_mark=words["document"]["draft_mark"] if is_draft else "",
        bank=bank,
        code_caption=words["ru_bank"]["code"],
        statements=tuple(_statements(invoice, kind, words["ru_document"], formats)),
        parties=tuple(_parties(invoice, act, sheet, words, formats)),
        columns=_columns(invoice, act is not None, words["ru_table"]),
        groups=_groups(sheet, words["ru_table"]),
        total_quantity=hours_minutes(sum(line.minutes for line in invoice.lines)),
        sums=_sums(invoice, words["ru_totals"], formats),
        grand_total=Sum(words["ru_totals"][kind], formats.decimal(invoice.gross)),
        count=words["ru_totals"]["act_count" if kind == "act" else "bill_count"].format(
            count=len(invoice.lines), amount=amount
        ),
        in_words=amount_in_words(invoice.gross, invoice.currency, "ru") or "",
        terms=terms,
        signers=signers,
        stamp=signing["stamp"],
        signing=(signing["signature"], signing["full_name"]),
        notes=sheet.notes,
        small_print=sheet.small_print,
        running_head=words["ru_document"]["running_head"].format(title=title, seller=invoice.seller.name),
        page=words["ru_document"]["page"],
        is_act=act is not None,
    )


def _title(invoice: Invoice, act: Act | None, kind: str, words: Mapping[str, str], formats: Formats) -> str:
    number, day = (invoice.number, invoice.issue_date) if act is None else (act.number, act.act_date)
    return words[kind if number else f"{kind}_draft"].format(number=number, date=_unbroken(formats.day(day)))


def _unbroken(text: str) -> str:
    """Held together on one line."""
    return text.replace(" ", "\u00a0")


def _named_bill(number: str | None, day: object, words: Mapping[str, str]) -> str:
    return words["named_bill" if day else "named_bill_undated"].format(number=number or "", date=day)


def _statements(invoice: Invoice, kind: str, words: Mapping[str, str], formats: Formats) -> Iterator[str]:
    if invoice.kind == "invoice":
        return
    day = invoice.corrects_date and _unbroken(formats.day(invoice.corrects_date))
    bill = _named_bill(invoice.corrects, day, words)
    if invoice.kind == "credit_note":
        yield words["corrected"].format(bill=bill)
    else:
        yield words["undone" if kind == "bill_undone" else "act_undone_statement"].format(bill=bill)
    if invoice.reason:
        yield words["reason"].format(reason=invoice.reason)


def _bank(seller: Party, bank: BankAccount, words: Mapping[str, str]) -> RuBank:
    return RuBank(
        bank_name=bank.name,
        bank_caption=words["bank"],
        bic=(words["bic"], bank.bic),
        correspondent=(words["account"], bank.correspondent_account),
        account=(words["account"], bank.account) if bank.account else (words["iban"], bank.iban),
        inn=words["inn"].format(inn=seller.inn) if seller.inn else "",
        kpp=words["kpp"].format(kpp=seller.kpp) if seller.kpp else "",
        payee=bank.holder or seller.name,
        payee_caption=words["payee"],
    )


def _parties(
    invoice: Invoice, act: Act | None, sheet: Sheet, labels: Labels, formats: Formats
) -> Iterator[tuple[str, str, str]]:
    words = labels["ru_parties"]
    seller, buyer = ("supplier", "customer") if act is None else ("performer", "client")
    # how to reach the seller; where the buyer's bills are sent is nothing to print
    reached = (_phone(invoice.seller, words), invoice.seller.email)
    yield words[seller], invoice.seller.name, _particulars(invoice.seller, (*sheet.seller_address, *reached), words)
    yield words[buyer], invoice.buyer.name, _particulars(invoice.buyer, sheet.buyer_address, words)
    contract = invoice.contract_number
    if contract:
        key = "contract" if invoice.contract_date is None else "contract_dated"
        day = "" if invoice.contract_date is None else _unbroken(formats.day(invoice.contract_date))
        yield words["basis"], "", words[key].format(number=contract, date=day)
    if act is not None and invoice.number and invoice.kind == "invoice":
        day = _unbroken(formats.day(invoice.issue_date))
        yield words["bill" if contract else "basis"], "", _named_bill(invoice.number, day, labels["ru_document"])
    yield words["period"], "", formats.days(invoice.period_start, invoice.period_end)
    for key in ("buyer_reference", "order_number"):
        if getattr(invoice, key):
            yield words[key], "", getattr(invoice, key)


def _phone(party: Party, words: Mapping[str, str]) -> str:
    return words["phone"].format(number=party.contact_phone) if party.contact_phone else ""


def _particulars(party: Party, address: tuple[str, ...], words: Mapping[str, str]) -> str:
    """Numbers and address in one run, as 1C has them."""
    ogrn = "ogrnip" if len(party.ogrn) == 15 else "ogrn"
    keys = (("inn", party.inn), ("kpp", party.kpp), (ogrn, party.ogrn))
    foreign = (("vat_id", party.vat_id), ("tax_number", party.tax_number))
    numbers = [words[key].format(number=value) for key, value in (*keys, *foreign) if value]
    return ", ".join(part for part in (*numbers, *address) if part)


def _columns(invoice: Invoice, is_act: bool, words: Mapping[str, str]) -> tuple[str, str, str, str, str, str]:
    currency = words["rouble"] if invoice.currency == "RUB" else invoice.currency
    taxed = any(line.tax_category not in _UNTAXED for line in invoice.lines)
    prices = f"_{invoice.prices}" if taxed else ""
    return (
        words["number"],
        words["works" if is_act else "goods"],
        words["quantity"],
        words["unit"],
        words[f"price{prices}"].format(currency=currency),
        words[f"amount{prices}"].format(currency=currency),
    )


def _groups(sheet: Sheet, words: Mapping[str, str]) -> tuple[RuGroup, ...]:
    groups = []
    for section in sheet.sections:
        for project in section.projects:
            names = [project.name, project.continued]
            if section.heading:
                names = [words["earlier"].format(heading=section.heading, project=name) for name in names]
            rows = tuple(
                RuRow(
                    number=row.number,
                    title=row.title,
                    details=(*row.details, row.booked) if row.booked else row.details,
                    quantity=row.time,
                    unit=words["hour"],
                    price=row.rate,
                    amount=row.amount,
                    label=row.label,
                    comments=row.comments,
                )
                for row in project.rows
            )
            groups.append(RuGroup(names[0], names[1], rows))
    return tuple(groups)


def _sums(invoice: Invoice, words: Mapping[str, str], formats: Formats) -> tuple[Sum, ...]:
    """Итого in the prices of the lines, then the tax within or on top of it."""
    printed = invoice.gross if invoice.prices == "gross" else invoice.net
    several = len(invoice.taxes) > 1
    return (
        Sum(words["subtotal"], formats.decimal(printed)),
        *(_tax(row, invoice, several, words, formats) for row in invoice.taxes),
    )


def _tax(row: TaxTotal, invoice: Invoice, several: bool, words: Mapping[str, str], formats: Formats) -> Sum:
    if row.category in _UNTAXED:
        key = "none"
    elif row.category == "AE":
        key = "agent"
    else:
        key = "included" if invoice.prices == "gross" else "added"
    text = words[f"{key}_of" if several else key]
    label = text.format(rate=_unbroken(formats.percent(row.rate)), base=_unbroken(formats.decimal(row.base)))
    amount = words["dash"] if key in ("none", "agent") else formats.decimal(row.tax)
    return Sum(label, amount, "" if row.reason.casefold() in label.casefold() else row.reason)


def _amount(amount: Decimal, formats: Formats, words: Mapping[str, str]) -> str:
    if formats.currency == "RUB":
        return words["roubles"].format(amount=formats.decimal(amount))
    return formats.money(amount)


def _terms(invoice: Invoice, labels: Labels) -> tuple[str, ...]:
    """By when to pay and what to write on the order."""
    words = labels["ru_totals"]
    if invoice.number is None:
        return (labels["payment"]["sentence_draft"],)
    if not invoice.gross:
        return (labels["payment"]["sentence_nothing"],)
    formats = formats_for("ru", invoice.currency)
    due = invoice.due_date and words["due"].format(date=_unbroken(formats.day(invoice.due_date)))
    payment = words["purpose"].format(purpose=purpose_of(invoice, PURPOSE_LIMIT))
    return tuple(term for term in (due, payment, invoice.payment_terms) if term)
