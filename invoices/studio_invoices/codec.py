"""Documents <-> plain JSON values: how a snapshot is kept. Decimals are strings, dates ISO 8601.

What a value is read as is told by the model's own annotations. A field that a kept snapshot lacks takes the model's
default: snapshots outlive the versions that wrote them.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from studio_invoices.annexes import PriceList, TimeSheet
from studio_invoices.model import Act, Invoice

Document = Invoice | Act | TimeSheet | PriceList
Read = Callable[[Any], Any]
Made = TypeVar("Made")


def invoice_to_dict(invoice: Invoice) -> dict[str, Any]:
    """The invoice as JSON-ready values, fields in the order of the model."""
    return to_dict(invoice)


def invoice_from_dict(values: dict[str, Any]) -> Invoice:
    """The inverse of `invoice_to_dict`; raises TypeError or KeyError on values that are no invoice."""
    return from_dict(Invoice, values)


def to_dict(document: Document) -> dict[str, Any]:
    """Any document as JSON-ready values, fields in the order of the model."""
    result = _plain(document)
    assert isinstance(result, dict)
    return result


def from_dict(kind: type[Made], values: dict[str, Any]) -> Made:
    """The inverse of `to_dict`: `from_dict(Act, values)`.

    Raises KeyError where a field without default is missing, TypeError for a field that the model does not know.
    """
    readers, required = _shape(kind)  # type: ignore[arg-type]  # a class is hashable; a TypeVar's is not known to be
    unknown = values.keys() - readers.keys()
    if unknown:
        raise TypeError(f"{kind.__name__} has no field {sorted(unknown)[0]!r}")
    for name in required:
        if name not in values:
            raise KeyError(name)
    return kind(**{name: readers[name](value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value


@lru_cache(maxsize=32)
def _shape(kind: type[Any]) -> tuple[dict[str, Read], tuple[str, ...]]:
    """How each field of a model is read, and which have no default."""
    hints = get_type_hints(kind)
    readers = {item.name: _reader(hints[item.name]) for item in fields(kind)}
    return readers, tuple(item.name for item in fields(kind) if item.default is MISSING)


def _reader(hint: Any) -> Read:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = _reader(next(part for part in get_args(hint) if part is not types.NoneType))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        item = _reader(get_args(hint)[0])
        return lambda value: tuple(item(part) for part in value)
    if hint is Decimal:
        return Decimal
    if hint is date:
        return date.fromisoformat
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda value: from_dict(hint, value)
    return lambda value: value
