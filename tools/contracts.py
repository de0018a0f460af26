"""Contracts for import-linter in the terms of the design: which rooms are pure, which room a library is kept to.

The built-in contracts name what is forbidden; these name what is allowed, so that a library or a module added
tomorrow is forbidden already.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

from tools.rooms import IMPURE_STANDARD_LIBRARY, PACKAGE_FOLDERS, pure_rooms


def is_pure_import(imported: str, rooms: frozenset[str]) -> bool:
    """Whether a pure room may import this module."""
    if imported in rooms:
        return True
    parts = imported.split(".")
    ancestors = {".".join(parts[: length + 1]) for length in range(len(parts))}
    return parts[0] in sys.stdlib_module_names and not ancestors & IMPURE_STANDARD_LIBRARY


def pure_faults(graph: ImportGraph, listed: Iterable[str]) -> list[str]:
    """What the listed rooms import and should not, and which of them do not exist."""
    listed = list(listed)
    rooms = frozenset(listed)
    faults = [f"{room} is listed and does not exist" for room in listed if room not in graph.modules]
    for room in listed:
        if room in graph.modules:
            imported = sorted(graph.find_modules_directly_imported_by(room))
            faults += [f"{room} imports {name}" for name in imported if not is_pure_import(name, rooms)]
    return faults


def reserve_faults(graph: ImportGraph, libraries: Iterable[str], rooms: Iterable[str]) -> list[str]:
    """Which of our modules import one of the libraries and match none of the patterns in `rooms`."""
    patterns = list(rooms)
    faults = []
    for library in sorted(libraries):
        importers = graph.find_modules_that_directly_import(library) if library in graph.modules else set()
        faults += [
            f"{importer} imports {library}"
            for importer in sorted(importers)
            if importer.partition(".")[0] in PACKAGE_FOLDERS
            and not any(fnmatchcase(importer, pattern) for pattern in patterns)
        ]
    return faults


class _Listing(Contract):
    """A contract that is broken by a list of faults, printed one a line."""

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line a fault."""
        for fault in check.metadata["faults"]:
            output.print_error(f"- {fault}")
        output.new_line()


class PureContract(_Listing):
    """Each room of tools/pure_rooms.txt exists and imports the pure standard library and other such rooms only."""

    type_name = "pure"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every listed room."""
        faults = pure_faults(graph, pure_rooms())
        return ContractCheck(kept=not faults, metadata={"faults": faults})


class ReservedContract(_Listing):
    """`libraries` are imported by modules that match one of `rooms` (shell patterns) and by no other of ours."""

    type_name = "reserved"

    libraries = fields.SetField(subfield=fields.StringField())
    rooms = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at everybody who imports one of the libraries."""
        # import-linter puts the values where the fields are declared.
        libraries, rooms = cast("set[str]", self.libraries), cast("set[str]", self.rooms)
        faults = reserve_faults(graph, libraries, rooms)
        return ContractCheck(kept=not faults, metadata={"faults": faults})
