"""XML as text, written by two functions. What is empty is left out: neither syntax allows an empty element.

The same values give the same bytes, whatever libraries are installed. Text is what a page would show of it
(`freetext.for_page`), so that no character is left that XML 1.0 forbids.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from studio_invoices.freetext import for_page

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Markup(str):
    """Text that is XML already."""

    __slots__ = ()


def leaf(name: str, value: str | int | Decimal | date | None, **attributes: str) -> Markup:
    """An element that holds a value; nothing where there is none. Dates are written as ISO 8601."""
    text = _text(value)
    if not text:
        return Markup()
    written = "".join(f' {key}="{_attribute(content)}"' for key, content in attributes.items() if content)
    return Markup(f"<{name}{written}>{escape(text)}</{name}>")


def group(name: str, *children: Markup) -> Markup:
    """An element that holds elements; nothing where all of them are empty."""
    inside = "\n".join(child for child in children if child)
    return Markup(f"<{name}>\n{inside}\n</{name}>") if inside else Markup()


def joined(*parts: Markup) -> Markup:
    """Elements side by side."""
    return Markup("\n".join(part for part in parts if part))


def document(name: str, namespaces: dict[str, str], *children: Markup) -> bytes:
    """A whole file in UTF-8. namespaces: address by prefix, the prefix "" for elements without one."""
    spaces = "".join(f' xmlns{":" if prefix else ""}{prefix}="{space}"' for prefix, space in namespaces.items())
    inside = "\n".join(child for child in children if child)
    return f"{_HEAD}<{name}{spaces}>\n{inside}\n</{name}>\n".encode()


def _text(value: str | int | Decimal | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return for_page(str(value)).strip()


def _attribute(text: str) -> str:
    return escape(_text(text), {'"': "&quot;"})
