"""TOML files into models, and the faults of a file in words: key, line, what is wrong, what would be right."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, RootModel, ValidationError
from pydantic.fields import FieldInfo

from studio_support.config.fields import FAULT
from studio_support.config.words import nearest, toml_kind
from studio_support.counting import counted
from studio_support.errors import ConfigError

Loc = tuple[int | str, ...]
AnyModel = TypeVar("AnyModel", bound=BaseModel)
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")
_SECRET_KEYS = ("password", "api_key", "secret", "token", "key")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file. key: dotted, rows counted from 1; "" for the file as a whole."""

    key: str
    wrong: str
    right: str
    line: int | None = None


class BadFile(Exception):
    """A file has faults. `table` is what could be read of it; only for use within this package."""

    def __init__(self, faults: list[Fault], table: dict[str, Any], text: str = "") -> None:
        super().__init__(counted(len(faults), "fault"))
        self.faults = faults
        self.table = table
        self.text = text


def config_error(file: Path | str, faults: list[Fault]) -> ConfigError:
    """The first fault as an error of the file, the others beside it."""
    errors = [ConfigError(file, fault.key, fault.wrong, fault.right, line=fault.line) for fault in faults]
    first = faults[0]
    return ConfigError(file, first.key, first.wrong, first.right, line=first.line, more=errors[1:])


def read_text(path: Path) -> str:
    """The file's text in UTF-8; raises BadFile."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise BadFile([Fault("", "there is no such file", "Check the name, or make it with `init`.")], {}) from None
    except OSError as error:
        wrong = f"cannot be read ({error.strerror})"
        raise BadFile([Fault("", wrong, "Check that it is a file and that you may read it.")], {}) from None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadFile([Fault("", "is not in UTF-8", "Save it as UTF-8.", line)], {}) from None


def read_table(path: Path) -> tuple[dict[str, Any], str]:
    """The file's table and its text; raises BadFile."""
    text = read_text(path)
    return parse(text), text


def parse(text: str) -> dict[str, Any]:
    """The table of a TOML text; raises BadFile."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFile([_syntax(error)], {}, text) from None
    except RecursionError:
        raise BadFile([Fault("", "is nested too deeply", "Write it like the files that `init` makes.")], {}) from None


def _syntax(error: tomllib.TOMLDecodeError) -> Fault:
    match = re.search(r"line (\d+)", str(error))
    what = re.sub(r"\s*\(at .*?\)$", "", str(error))
    right = "Look at this line: texts stand in quotes, lists in [ ], a key once, one key a line."
    return Fault("", f"is not TOML: {what}", right, int(match[1]) if match else None)


def check_table(model: type[AnyModel], table: dict[str, Any], text: str) -> AnyModel:
    """The table as a model; raises BadFile with all faults."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        # `from None`: the chained error would carry the file's values, a misplaced secret among them.
        raise BadFile(_faults(error, model, table, text), table, text) from None


def _faults(error: ValidationError, model: type[BaseModel], table: dict[str, Any], text: str) -> list[Fault]:
    faults = []
    for row in error.errors(include_url=False):
        loc = tuple(part for part in row["loc"] if not str(part).startswith("function-"))
        parent, field = _model_at(model, loc)
        wrong, right = _words(row, loc, parent, field)
        faults.append(Fault(dotted(loc), wrong, right, locate(text, loc)))
    return sorted(faults, key=lambda fault: (fault.line or 0, fault.key))


def _words(row: Any, loc: Loc, parent: type[BaseModel] | None, field: FieldInfo | None) -> tuple[str, str]:
    kind, context, value = row["type"], row.get("ctx", {}), row["input"]
    last = str(loc[-1]) if loc else ""
    if kind == FAULT:
        return context["wrong"], context["right"]
    if kind == "missing":
        example = field.examples[0] if field and field.examples else "…"
        return "is missing", f"Add {last} = {_shown(example)}."
    if kind == "extra_forbidden":
        return _unknown(last, value, parent)
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", '"')
        return f"is {value!r}" if isinstance(value, str) else f"is {toml_kind(value)}", f"Write {allowed}."
    wanted = {
        "string_type": "text in quotes",
        "bool_type": "true or false, without quotes",
        "list_type": "a list in brackets",
        "dict_type": "a table",
        "model_type": "a table",
    }.get(kind)
    if wanted is None:
        return "cannot be used", f"{row['msg']}."
    return f"is {toml_kind(value)}", f"Write {wanted}."


def _unknown(key: str, value: Any, parent: type[BaseModel] | None) -> tuple[str, str]:
    known = sorted(field.alias or name for name, field in parent.model_fields.items()) if parent else []
    known = [name for name in known if name != "letters_by_kind"]  # ours: letters_KIND gathered
    what = "is no known section" if isinstance(value, dict) else "is no known key"
    if key in _SECRET_KEYS:
        places = [name for name in known if name.endswith(("_env", "_file"))]
        right = "Take it out: secrets never stand in this file."
        return what, right + (f" Name their place in {' or '.join(places)}." if places else "")
    meant = nearest(key, known)
    return what, f"Did you mean {meant}?" if meant else f"Known here: {', '.join(known)}."


def _shown(example: Any) -> str:
    if isinstance(example, list):
        return "[" + ", ".join(f'"{item}"' for item in example) + "]"
    return str(example) if re.fullmatch(r"\d{4}-\d\d-\d\d", example) else f'"{example}"'


def _model_at(model: type[BaseModel], loc: Loc) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model that holds the last part of a loc, and its field there, if there is one."""
    parent: type[BaseModel] | None = model
    field: FieldInfo | None = None
    if issubclass(model, RootModel):
        loc = ("root", *loc)
    for position, part in enumerate(loc):
        if isinstance(part, int):
            continue
        if parent is None:
            return None, None
        fields = {info.alias or name: info for name, info in parent.model_fields.items()}
        if part not in fields:
            # the key of a dict of tables ([sellers.NAME]) leaves the model where it is
            if field is not None and position < len(loc) - 1:
                continue
            return parent, None
        field = fields[part]
        if position < len(loc) - 1:
            parent = _inner_model(field.annotation)
    return parent, field


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _inner_model(inner))), None)


def dotted(loc: Loc) -> str:
    """A loc as people write it, rows counted from 1: ("rates", 0, "from") -> ``rates[1].from``."""
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def locate(text: str, loc: Loc) -> int | None:
    """The line of the key, or of the innermost table around it that has a line; None for the file as a whole."""
    lines: dict[Loc, int] = {}
    table: Loc = ()
    rows: dict[Loc, int] = {}
    for number, content in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(content):
            table = _with_rows(_parts(header[2]), rows)
            if header[1] == "[[":
                rows[table] = rows.get(table, -1) + 1
                table = (*table, rows[table])
            lines.setdefault(table, number)
        elif key := _KEY.match(content):
            lines.setdefault(table + _parts(key[1]), number)
    wanted = loc
    while wanted:
        if wanted in lines:
            return lines[wanted]
        wanted = wanted[:-1]
    return None


def _parts(text: str) -> Loc:
    return tuple(match[1] or match[2] or match[3] or "" for match in _PART.finditer(text))


def _with_rows(parts: Loc, rows: dict[Loc, int]) -> Loc:
    """[a.b] below [[a]] belongs to the latest row of a."""
    table: Loc = ()
    for part in parts[:-1]:
        table = (*table, part)
        if table in rows:
            table = (*table, rows[table])
    return table + parts[-1:]
