"""Texts that cannot stand on a document as they are.

In a name, address, bank or tax field any such character is a problem that names the field: what stands there is
compared letter by letter by banks, tax offices and courts. In free text a visible substitute is drawn, with a notice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from studio_invoices.model import BankAccount, Invoice, Line, Party, TaxTotal

Glyphs = Callable[[str], Sequence[str]]
Found = tuple[str, str, str]
Field = tuple[str, str]

_RETYPE = "Write it with letters that the document's fonts have, or choose other fonts."
_TYPE_AGAIN = "Type it anew: such characters come with texts that were copied."
_NOTHING = "Nothing needs to be done; change the text at its source if the substitute is not good enough."
# controls (line breaks of addresses aside), lone surrogates, no characters, and what turns the direction of writing
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
_PARTY = (
    *("name", "country", "vat_id", "tax_number", "inn", "kpp", "email", "postcode", "city", "subdivision"),
    *("contact_name", "contact_phone", "registration", "registration_scheme", "electronic_address"),
    *("electronic_scheme", "ogrn", "director", "accountant", "website"),
)
_BANK = ("name", "bic", "account", "iban", "correspondent_account", "holder")


def undrawable(invoice: Invoice, glyphs: Glyphs) -> Iterator[Found]:
    """Exact fields with characters that are hidden, or that the fonts lack."""
    yield from undrawable_texts(_exact_texts(invoice), glyphs)


def undrawable_texts(fields: Iterable[Field], glyphs: Glyphs) -> Iterator[Found]:
    """Those of these fields, as (source, text), with characters that are hidden, or that the fonts lack."""
    for source, text in fields:
        name = source.removeprefix("client:")
        hidden = tuple(dict.fromkeys(_HIDDEN.findall(text)))
        if hidden:
            yield source, f"{name} holds {_listed(hidden)}, which cannot be printed", _TYPE_AGAIN
        lacking = [sign for sign in glyphs(text) if sign not in hidden]
        if lacking:
            yield source, f"{name} holds {_listed(lacking)}, which the fonts lack", _RETYPE


def free_text_notices(invoice: Invoice, glyphs: Glyphs) -> Iterator[Found]:
    """Free texts in which substitutes will be drawn."""
    for source, where, text in _free_texts(invoice):
        notice = lacking_notice(source, where, text, glyphs)
        if notice is not None:
            yield notice


def lacking_notice(source: str, where: str, text: str, glyphs: Glyphs) -> Found | None:
    """That substitutes will be drawn in a free text; None where none will."""
    lacking = glyphs(text)
    if not lacking:
        return None
    return source, f"{where} holds {_listed(lacking)}, which the fonts lack: a substitute will be drawn", _NOTHING


def _exact_texts(invoice: Invoice) -> Iterator[Field]:
    """Names, addresses, bank and tax fields: what must stand on the document exactly as it is."""
    yield from party_texts("client:buyer", invoice.buyer)
    yield from party_texts("seller", invoice.seller)
    yield from _bank_texts(invoice.bank)
    yield "invoice.number", invoice.number or ""
    yield "invoice.corrects", invoice.corrects or ""
    yield "invoice.payment_reference", invoice.payment_reference
    yield "invoice.purpose", invoice.purpose
    for row in invoice.taxes:
        yield f"tax:{tax_name(row)}", row.reason
        yield f"tax:{tax_name(row)}", row.reason_code


def party_texts(source: str, party: Party) -> Iterator[Field]:
    """The exact fields of a seller or buyer, each under its source."""
    yield f"{source}.address", "\n".join(party.address)
    yield f"{source}.legal_lines", "\n".join(party.legal_lines)
    for name in _PARTY:
        yield f"{source}.{name}", getattr(party, name)


def _bank_texts(bank: BankAccount) -> Iterator[Field]:
    for name in _BANK:
        yield f"seller.bank.{name}", getattr(bank, name)


def tax_name(row: TaxTotal) -> str:
    """How a row of tax is named in a source: ``S 19``."""
    return f"{row.category} {row.rate:f}"


def _free_texts(invoice: Invoice) -> Iterator[tuple[str, str, str]]:
    """Source, words for it, text."""
    seen: set[str] = set()
    for line in invoice.lines:
        source = f"line:{line.number}"
        for name, text in _line_texts(line):
            yield source, f"{name} of line {line.number}", text
        if line.project not in seen:
            seen.add(line.project)
            yield source, "the project's name", line.project
    for name in ("contract_number", "buyer_reference", "order_number"):
        yield f"client:{name}", name, getattr(invoice, name)
    yield "invoice", "the rounding note", invoice.rounding_note
    yield "invoice", "the reason", invoice.reason
    yield "invoice", "the terms of payment", invoice.payment_terms
    for number, note in enumerate(invoice.notes, start=1):
        yield "invoice", f"note {number}", note


def _line_texts(line: Line) -> Iterator[Field]:
    yield "the title", line.title
    yield "the issue", line.issue or ""
    yield "the ticket number", line.ticket or ""
    yield "the specialist", line.specialist or ""
    yield "the heading", line.heading or ""
    yield "the label", line.label or ""
    for comment in line.comments:
        yield "a comment", comment


def _listed(characters: Iterable[str]) -> str:
    return ", ".join(map(_named, characters))


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    shown = f"“{character}” " if unicodedata.category(character)[0] not in "CMZ" else ""
    return f"{shown}({code} {name})" if name else f"{shown}({code})"
