"""One PDF engine in a process of its own, which makes documents when it is told to.

Arguments: engine, number of lines, folder for fonts. Each line on standard input is a number of CPU seconds; the answer
is a line of JSON: documents made, CPU seconds that they took (all threads together), bytes of them all. Between
documents a new invoice is prepared, which is not counted. Every document has texts of its own, and
all languages are made as often.
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pdf_sample import LANGUAGES, code_matrix, invoice, words

OURS = ("ours", "ours, codes by segno")
RIVALS = {
    "platypus": ("rival_platypus", "engine"),
    "platypus, figures as strings": ("rival_platypus", "engine_strings"),
    "typst": ("rival_typst", "engine"),
    "weasyprint": ("rival_weasyprint", "engine"),
    "fpdf2": ("rival_fpdf2", "engine"),
}
_DIGITS = bytes.maketrans(b"\0\1", b"01")


def maker(name: str, folder: Path) -> Callable[[Any], bytes]:
    """What makes a file: of an Invoice for ours, of its texts for the others."""
    if name in RIVALS:
        module, function = RIVALS[name]
        make: Callable[[Any], bytes] = getattr(importlib.import_module(module), function)(folder)
        return make
    from studio_invoices.pdf import codes, render_pdf

    if name == "ours, codes by segno":
        codes.qr_rows = lambda content: tuple(  # type: ignore[assignment]  # stands in for our own encoder
            row.translate(_DIGITS).decode() for row in code_matrix(content.decode()).matrix
        )
    return lambda document: render_pdf(document, cache_dir=folder)


def given(name: str, number: int, lines: int) -> Any:
    """What an engine is handed."""
    document = invoice(number, lines)
    return document if name in OURS else words(document)


def main(name: str, lines: int, folder: Path) -> None:
    """Makes one document first, so that fonts and templates are loaded; then answers until the input ends."""
    # answers go out by a handle of their own: an engine that prints cannot spoil them
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    make = maker(name, folder)
    numbers = itertools.count(1)
    make(given(name, next(numbers), lines))
    print("ready", file=answers, flush=True)
    for order in sys.stdin:
        made, spent, size = 0, 0.0, 0
        while spent < float(order) or made % len(LANGUAGES):
            material = given(name, next(numbers), lines)
            began = time.process_time()
            size += len(make(material))
            spent += time.process_time() - began
            made += 1
        print(json.dumps({"made": made, "seconds": spent, "bytes": size}), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
