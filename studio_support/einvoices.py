"""An issued document as an e-invoice: written, checked as far as the installed extras reach, and said how far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from studio_invoices.einvoice.profiles import FORMATS, Syntax, profile_for, to_xml
from studio_invoices.einvoice.required import requirements
from studio_invoices.einvoice.validation import can_check_rules, can_check_schema, validate
from studio_invoices.errors import Problem
from studio_invoices.model import Invoice, Profile

Checked = Literal["rules", "schema", "fields", "issued"]


@dataclass(frozen=True, slots=True)
class EInvoice:
    """The XML of one document. profile: what it claims to follow.

    problems: why it is no e-invoice of that profile; with any, `xml` must not be handed out. checked: how far was
    looked: "rules" (schema and schematron of EN 16931), "schema", "fields" (no extra is installed), or "issued": it
    passed when it was issued, and would not pass now.
    """

    xml: bytes
    syntax: Syntax
    profile: Profile
    problems: tuple[Problem, ...]
    checked: Checked


def e_invoice(
    document: Invoice, client: str | None = None, syntax: Syntax | None = None, *, kept: bytes | None = None
) -> EInvoice:
    """The first of the document's profiles that has the syntax; plain EN 16931 where none has, or it names none.

    client: copied into each problem. kept: the XML as it passed when the document was issued, which then stands: what
    was issued is handed out, whatever rules there are since.
    """
    profile = profile_for(document, syntax)
    written = syntax or FORMATS[profile].syntaxes[0]
    xml = to_xml(document, written, profile) if kept is None else kept
    problems = requirements(replace(document, profiles=(profile,)), client)
    if not problems:
        problems = [replace(problem, client=client) for problem in validate(xml, written)]
    checked: Checked = "rules" if can_check_rules() else "schema" if can_check_schema() else "fields"
    if problems and kept is not None:
        return EInvoice(kept, written, profile, (), "issued")
    return EInvoice(xml, written, profile, tuple(problems), checked)


def usual_syntax(document: Invoice) -> Syntax:
    """The syntax of the document's e-invoice where none is asked for."""
    return FORMATS[profile_for(document)].syntaxes[0]


def proven(draft: Invoice, client: str) -> list[Problem]:
    """What the official schemas and rules find wrong with a draft in each format that its buyer wants.

    The draft is proven as if it had a number. Without the extras there is nothing to prove it by.
    """
    if not can_check_schema():
        return []
    document = draft if draft.number else replace(draft, number="0")
    found: dict[str, Problem] = {}
    for profile in document.profiles:
        for problem in e_invoice(replace(document, profiles=(profile,)), client).problems:
            found.setdefault(problem.source, problem)
    return list(found.values())
