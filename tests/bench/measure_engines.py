"""Documents a second of ours and of other engines, side by side: rounds in which each has its turn, medians of them.
A ratio is the median of the rounds' ratios, so that what slows the machine for a while touches both sides.

Arguments: lines of an invoice, rounds. Each engine lives in a process of its own (`pdf_engine`); time is its CPU time,
all threads counted, so that a second is one of one core, and most of what else runs on the machine is left out.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pypdfium2
from pdf_engine import OURS, RIVALS, given, maker
from pdf_sample import invoice, words

HERE = Path(__file__).parent
SECONDS = 0.25
_NO_TEXT = re.compile("[\\s\x02\ufffe-]")  # spaces, and hyphens as they are taken out of a broken line


class Engine:
    """One engine's process; `fault` says why it cannot be measured."""

    def __init__(self, name: str, lines: int, folder: str) -> None:
        command = [sys.executable, str(HERE / "pdf_engine.py"), name, str(lines), folder]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._orders, self._answers = self._process.stdin, self._process.stdout
        self.rates: list[float] = []
        self.kilobytes = 0.0
        self.fault = ""
        if not self._answers.readline():
            self.fault = (self._process.communicate()[1].strip().splitlines() or ["it ended"])[-1]

    def turn(self) -> None:
        """One round."""
        self._orders.write(f"{SECONDS}\n")
        self._orders.flush()
        answer = json.loads(self._answers.readline())
        self.rates.append(answer["made"] / answer["seconds"])
        self.kilobytes = answer["bytes"] / answer["made"] / 1000

    def end(self) -> None:
        """Ends the process."""
        if not self.fault:
            self._process.communicate()


def all_texts(value: Any) -> list[str]:
    """The strings of an invoice's texts, labels and figures."""
    if isinstance(value, dict):
        return [
            text for key, part in value.items() if key not in ("code", "language", "page") for text in all_texts(part)
        ]
    if isinstance(value, list):
        return [text for part in value for text in all_texts(part)]
    return [value]


def lacking(name: str, lines: int, folder: Path) -> list[str]:
    """The words of an invoice that an engine's document lacks: all must print the same."""
    number = 2
    made = pypdfium2.PdfDocument(maker(name, folder)(given(name, number, lines)))
    text = _NO_TEXT.sub("", "".join(page.get_textpage().get_text_range() for page in made))
    wanted = " ".join(all_texts(words(invoice(number, lines)))).split()
    return [word for word in wanted if _NO_TEXT.sub("", word) not in text]


def main(lines: int, rounds: int) -> None:
    """One JSON object: what was measured of each engine, or why it was not."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        engines = {name: Engine(name, lines, folder) for name in (*OURS, *RIVALS)}
        measured = {name: engine for name, engine in engines.items() if not engine.fault}
        for _ in range(rounds):
            for engine in measured.values():
                engine.turn()
        for name, engine in engines.items():
            engine.end()
            if engine.fault:
                found[name] = {"fault": engine.fault}
                continue
            missing = lacking(name, 12, Path(folder))
            assert not missing, f"{name} does not print {missing[:5]}"
            found[name] = {
                "a_second": statistics.median(engine.rates),
                "ratio": statistics.median(o / r for o, r in zip(engines[OURS[0]].rates, engine.rates, strict=True)),
                "least": min(engine.rates),
                "most": max(engine.rates),
                "kilobytes": engine.kilobytes,
            }
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
