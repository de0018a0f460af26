"""E-invoices: EN 16931 in its two syntaxes, the formats that receivers ask for, and the proof that ours are valid.

`to_xml` writes, `requirements` says before issue what is missing, `validate` applies the official schemas and rules
where they are installed, `render_facturx` puts the XML into the PDF. Loaded when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio_invoices.einvoice.hybrid import archive_for, render_facturx
    from studio_invoices.einvoice.profiles import FORMATS, Syntax, profile_for, to_xml
    from studio_invoices.einvoice.required import requirements
    from studio_invoices.einvoice.validation import apply_rules, can_check_rules, can_check_schema, validate

_HOMES = {
    "FORMATS": "profiles",
    "Syntax": "profiles",
    "apply_rules": "validation",
    "archive_for": "hybrid",
    "can_check_rules": "validation",
    "can_check_schema": "validation",
    "profile_for": "profiles",
    "render_facturx": "hybrid",
    "requirements": "required",
    "to_xml": "profiles",
    "validate": "validation",
}

__all__ = [
    "FORMATS",
    "Syntax",
    "apply_rules",
    "archive_for",
    "can_check_rules",
    "can_check_schema",
    "profile_for",
    "render_facturx",
    "requirements",
    "to_xml",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
