"""Values as TOML text: just what the files of clients need (the standard library reads TOML, but writes none)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def text_value(text: str) -> str:
    """A basic string: quotes, backslashes and control characters escaped."""
    return '"' + "".join(_ESCAPES.get(sign) or _plain(sign) for sign in text) + '"'


def _plain(sign: str) -> str:
    return f"\\u{ord(sign):04X}" if ord(sign) < 32 or ord(sign) == 127 else sign


def key_text(key: str) -> str:
    """A key, quoted where it must be."""
    return key if _BARE.fullmatch(key) else text_value(key)


def value_text(value: Any) -> str:
    """Text, whole number, truth, date, list or table on one line; raises TypeError for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return text_value(value)
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_text(item) for item in value) + "]"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key_text(key)} = {value_text(item)}" for key, item in value.items())
        return "{ " + inner + " }" if inner else "{}"
    raise TypeError(f"no TOML for {type(value).__name__}")


def document_text(table: Mapping[str, Any]) -> str:
    """A whole document: plain keys first, then lists of tables under [[headers]]."""
    lines = []
    rows = {key: value for key, value in table.items() if _is_rows(value)}
    for key, value in table.items():
        if key not in rows:
            lines.append(f"{key_text(key)} = {value_text(value)}")
    for key, tables in rows.items():
        for row in tables:
            lines += ["", f"[[{key_text(key)}]]"]
            lines += [f"{key_text(name)} = {value_text(value)}" for name, value in row.items()]
    return "\n".join(lines) + "\n"


def _is_rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, Mapping) for item in value)
