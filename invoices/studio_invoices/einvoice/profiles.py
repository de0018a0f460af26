"""What receivers ask for: one value a format. A new format is a new row, and a writer if its syntax is new.

Identifiers: EN 16931 and its national and network rules (CIUS) are told apart by BT-24 and BT-23 alone. XRechnung 3.0:
KoSIT; Peppol BIS Billing 3.0: OpenPeppol, UBL only; Factur-X: FNFE-MPE and FeRD, CII inside a PDF.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from studio_invoices.einvoice.cii import write_cii
from studio_invoices.einvoice.mapping import Specification, terms_of
from studio_invoices.einvoice.terms import Terms
from studio_invoices.einvoice.ubl import write_ubl
from studio_invoices.model import Invoice, Profile

Syntax = Literal["cii", "ubl"]

WRITERS: Mapping[Syntax, Callable[[Terms], bytes]] = {"cii": write_cii, "ubl": write_ubl}

_EN16931 = "urn:cen.eu:en16931:2017"


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what it claims (BT-24, BT-23) and its syntaxes, the usual one first."""

    specification: Specification
    syntaxes: tuple[Syntax, ...]


FORMATS: Mapping[Profile, Format] = {
    "en16931": Format(Specification(_EN16931), ("ubl", "cii")),
    "xrechnung": Format(
        Specification(
            f"{_EN16931}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
            "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
            rate_of_o=True,
        ),
        ("ubl", "cii"),
    ),
    "peppol": Format(
        Specification(
            f"{_EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
            "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
            rate_of_o=True,
            national=True,
        ),
        ("ubl",),
    ),
    "facturx": Format(Specification(_EN16931), ("cii",)),
}


def profile_for(invoice: Invoice, syntax: Syntax | None = None) -> Profile:
    """The first of the invoice's profiles that has this syntax; plain EN 16931 where none has."""
    for profile in invoice.profiles:
        if syntax is None or syntax in FORMATS[profile].syntaxes:
            return profile
    return "en16931"


def to_xml(invoice: Invoice, syntax: Syntax | None = None, profile: Profile | None = None) -> bytes:
    """The invoice as XML in UTF-8; the same invoice gives the same bytes.

    profile: by default what the invoice's buyer wants, see `profile_for`. syntax: by default the profile's usual one.
    Raises ValueError where the profile has no such syntax. Whether the result is valid is for `required.requirements`
    to say beforehand and for `validation.validate` afterwards.
    """
    chosen = profile or profile_for(invoice, syntax)
    known = FORMATS[chosen].syntaxes
    if syntax is not None and syntax not in known:
        raise ValueError(f"{chosen} has no syntax {syntax}, only {', '.join(known)}")
    return WRITERS[syntax or known[0]](terms_of(invoice, FORMATS[chosen].specification))
