"""A list of clients (CSV from a spreadsheet) into files of clients, one each.

The header holds the keys of a client's file; lists are separated by ";". `rate` with `rate_from` makes one row
of rates. Sound lines become files, faulty ones become problems; a file that is there and differs is kept.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from studio_invoices.errors import Problem
from studio_support.config.client_file import ClientFile, model_of
from studio_support.config.reading import BadFile, Fault, check_table, read_table
from studio_support.config.toml_text import document_text
from studio_support.config.words import nearest
from studio_support.config.writing import write_text
from studio_support.errors import InputFileError

_LISTS = ("address", "emails", "attach", "redmine_projects", "otrs_customers", "documents")
_NUMBERS = ("payment_days", "max_wait_minutes", "critical_wait_minutes")
_TRUTHS = ("comments", "draft")
_RATE = ("rate", "rate_from")
_ALIASES = {"per_hour": "rate", "from": "rate_from"}
_TABLES = ("only", "tax", "rounding", "rates")
COLUMNS = (*(name for name in ClientFile.model_fields if name not in _TABLES), *_RATE)
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class ImportResult:
    """written, unchanged: ids of clients, in the order of the list. problems: lines that made no file."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    problems: tuple[Problem, ...]


def import_clients(
    csv_path: Path, folder: Path, *, replace_files: bool = False, encoding: str | None = None
) -> ImportResult:
    """Writes a file for each sound line of the list into the folder of the clients.

    replace_files: also where another file of this name is there. encoding: None: by its mark, else UTF-8.
    Raises InputFileError where the list as a whole cannot be used, FilesystemError where a file cannot be written.
    """
    homes = _homes(folder)
    written: list[str] = []
    unchanged: list[str] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, row in _rows(csv_path, _decoded(csv_path, encoding)):
        table, faults = _table(row)
        client_id = table["id"] if isinstance(table.get("id"), str) else None
        faults += _faults(table, {fault.key for fault in faults})
        if client_id in seen:
            faults.append(
                Fault("id", f"is {client_id!r} again, as in line {seen[client_id]}", "Keep one line a client.")
            )
        elif client_id is not None:
            seen[client_id] = line
        home = homes.get(client_id or "", folder / f"{client_id}.toml")
        if not faults and _same(home, table):
            unchanged.append(str(client_id))
        elif not faults and write_text(home, document_text(table), replace=replace_files):
            written.append(str(client_id))
        elif not faults:
            right = f"Change {folder.name}/{home.name} by hand, or import again so that it is replaced."
            faults.append(Fault("id", f"belongs to {folder.name}/{home.name}, which holds something else", right))
        problems.extend(_problem(csv_path, line, fault, client_id) for fault in faults)
    return ImportResult(tuple(written), tuple(unchanged), tuple(problems))


def _problem(csv_path: Path, line: int, fault: Fault, client_id: str | None) -> Problem:
    column = f", {fault.key}" if fault.key else ""
    return Problem(
        f"file:{csv_path.name}:{line}", f"{csv_path.name} (line {line}{column}) {fault.wrong}.", fault.right, client_id
    )


def _decoded(path: Path, encoding: str | None) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputFileError(path, None, f"cannot be read ({error.strerror})", "Check the name of the file.") from None
    if encoding is None:
        utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        encoding = "utf-16" if utf16 else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except LookupError:
        raise InputFileError(path, None, f"{encoding!r} is no encoding", "Name one like cp1251 or utf-8.") from None
    except UnicodeDecodeError as error:
        # never guessed: names of clients go on invoices, and a wrong guess would only be seen there
        line = raw[: error.start].count(b"\n") + 1
        right = 'Save it as "CSV UTF-8", or name its encoding, like cp1251 or cp1252.'
        raise InputFileError(path, line, f"is not in {encoding.removesuffix('-sig').upper()}", right) from None


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(path, line, cells)
                continue
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                wrong = f"has {len(cells)} cells, the header {len(columns)}"
                raise InputFileError(path, line, wrong, f'Put cells that hold a "{delimiter}" in quotes.')
            yield line, {key: cell.strip() for key, cell in zip(columns, cells, strict=False) if key and cell.strip()}
    except csv.Error as error:
        wrong = f"is no table ({error})"
        raise InputFileError(path, reader.line_num, wrong, "Save it again from the spreadsheet as CSV.") from None
    if columns is None:
        raise InputFileError(path, None, "is empty", f"Begin it with a header like: {';'.join(COLUMNS[:5])}.")


def _columns(path: Path, line: int, cells: list[str]) -> list[str]:
    columns = [_ALIASES.get(name := cell.strip().lower().replace(" ", "_"), name) for cell in cells]
    for column in columns:
        if column and column not in COLUMNS:
            meant = nearest(column, COLUMNS)
            right = f"Did you mean {meant}?" if meant else f"Known columns: {', '.join(COLUMNS)}."
            raise InputFileError(path, line, f"has an unknown column {column!r}", right)
        if column and columns.count(column) > 1:
            raise InputFileError(path, line, f"has the column {column!r} twice", "Keep one of them.")
    if "id" not in columns:
        raise InputFileError(path, line, "has no column id", f"Begin it with a header like: {';'.join(COLUMNS[:5])}.")
    return columns


def _table(row: dict[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """A line as the table of a client's file, in the order of its keys; cells that cannot be read are faults."""
    table: dict[str, Any] = {}
    faults: list[Fault] = []
    for key in COLUMNS:
        if key not in row or key in _RATE:
            continue
        value = _value(key, row[key])
        if isinstance(value, Fault):
            faults.append(value)
        table[key] = value
    if "rate" in row or "rate_from" in row:
        missing = next((key for key in _RATE if key not in row), None)
        since = _day("rate_from", row.get("rate_from", ""))
        if missing is not None:
            faults.append(Fault(missing, "is empty", "Fill in both rate and rate_from, or none."))
        elif isinstance(since, Fault):
            faults.append(since)
        else:
            table["rates"] = [{"from": since, "per_hour": _point(row["rate"])}]
    return {key: value for key, value in table.items() if not isinstance(value, Fault)}, faults


def _value(key: str, cell: str) -> Any:
    if key in _LISTS:
        return [part.strip() for part in cell.split(";") if part.strip()]
    if key in _NUMBERS and cell.isascii() and cell.isdigit():
        return int(cell)
    if key in _TRUTHS:
        truth = _YES_NO.get(cell.lower())
        return Fault(key, f"is {cell!r}", 'Write "yes" or "no".') if truth is None else truth
    return _day(key, cell) if key == "contract_date" else cell


def _day(key: str, cell: str) -> date | Fault:
    """2026-01-31 or 31.01.2026; with slashes nobody could tell day from month."""
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", cell)
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", cell)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if dotted:
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
    except ValueError:
        pass  # no such day: reported below like any other text
    return Fault(key, f"is {cell!r}, no date", "Write it like 2026-01-31 or 31.01.2026.")


def _point(cell: str) -> str:
    """Spreadsheets write a comma where the country does; 1.234,50 stays as it is and is refused."""
    return cell.replace(",", ".") if re.fullmatch(r"\d+,\d{1,2}", cell) else cell


def _faults(table: dict[str, Any], known: set[str]) -> list[Fault]:
    try:
        check_table(model_of(table), table, "")
    except BadFile as bad:
        named = {"rates[1].per_hour": "rate", "rates[1].from": "rate_from"}
        faults = [replace(fault, key=named.get(fault.key, fault.key)) for fault in bad.faults]
        return [_for_cell(fault) for fault in faults if fault.key not in known]
    return []


def _for_cell(fault: Fault) -> Fault:
    if fault.wrong == "is missing":
        return replace(fault, wrong="is empty", right=f"Fill in the column {fault.key}.")
    return fault


def _homes(folder: Path) -> dict[str, Path]:
    """Where clients live already, by id: a file need not bear its client's id as its name."""
    homes: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            table, _ = read_table(path)
        except BadFile:
            continue
        if isinstance(table.get("id"), str):
            homes.setdefault(table["id"], path)
    return homes


def _same(path: Path, table: dict[str, Any]) -> bool:
    try:
        return read_table(path)[0] == tomllib.loads(document_text(table))
    except BadFile:
        return False
