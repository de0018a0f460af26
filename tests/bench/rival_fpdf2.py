"""The invoice by fpdf2: its own tables, which measure and break the cells; the font files read for each document, as
its documents cannot share them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.fonts import FontFace
from pdf_sample import dark_runs, font_files

_GREY = (102, 112, 120)


class _Document(FPDF):
    def __init__(self, texts: dict[str, Any], fonts: tuple[Path, Path]) -> None:
        super().__init__(unit="pt", format="A4")
        self._texts = texts
        self.add_font("Plex", "", str(fonts[0]))
        self.add_font("Plex", "B", str(fonts[1]))
        self.set_margins(50, 48, 50)
        self.set_auto_page_break(True, 70)
        self.set_title(texts["title"])

    def footer(self) -> None:
        """The company's data and page x of y."""
        self.set_y(-54)
        self.set_font("Plex", "", 7)
        self.set_text_color(*_GREY)
        page = self._texts["page"].format(page=self.page_no(), pages="{nb}")
        self.cell(0, 10, page, align="R", new_x="LMARGIN")
        for line in self._texts["foot"]:
            self.cell(0, 10, line, new_x="LMARGIN", new_y="NEXT")


def engine(folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """What makes a file of an invoice's texts."""
    fonts = font_files(folder)
    return lambda texts: _make(texts, fonts)


def _make(texts: dict[str, Any], fonts: tuple[Path, Path]) -> bytes:
    pdf = _Document(texts, fonts)
    pdf.add_page()
    _say(pdf, texts["seller"], "B", 17)
    _say(pdf, texts["sender"], "", 7.5)
    pdf.ln(10)
    top = pdf.y
    for i, line in enumerate(texts["buyer"]):
        _say(pdf, line, "" if i else "B", 9)
    bottom = pdf.y
    pdf.y = top
    for label, value in texts["meta"]:
        pdf.x = 330
        pdf.cell(96, 12, label)
        pdf.cell(120, 12, value, new_x="LMARGIN", new_y="NEXT")
    pdf.y = max(pdf.y, bottom) + 16
    _say(pdf, texts["title"], "B", 17)
    pdf.set_font("Plex", "", 9)
    _lines(pdf, texts)
    pdf.ln(10)
    if pdf.will_page_break(170):
        pdf.add_page()
    _sums(pdf, texts)
    _payment(pdf, texts)
    pdf.set_font("Plex", "", 7.5)
    for note in texts["small_print"]:
        pdf.multi_cell(0, 10, note, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def _say(pdf: FPDF, text: str, style: str, size: float) -> None:
    pdf.set_font("Plex", style, size)
    pdf.cell(0, size * 1.3, text, new_x="LMARGIN", new_y="NEXT")


def _lines(pdf: FPDF, texts: dict[str, Any]) -> None:
    bold = FontFace(emphasis="BOLD")
    pdf.set_draw_color(213, 218, 222)
    pdf.set_line_width(0.4)
    with pdf.table(
        col_widths=(24, 264, 58, 66, 72),
        text_align=("LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
        borders_layout="HORIZONTAL_LINES",
        line_height=12,
        headings_style=bold,
    ) as table:
        table.row(texts["columns"])
        for project in texts["projects"]:
            row = table.row(style=bold)
            row.cell("")
            row.cell(project["name"], colspan=4)
            for number, title, details, time, rate, amount in project["rows"]:
                table.row([number, f"{title}\n{details}", time, rate, amount])
            for label, time, amount in project["sums"]:
                table.row(["", label, time, "", amount], style=bold)


def _sums(pdf: FPDF, texts: dict[str, Any]) -> None:
    for label, amount in texts["sums"]:
        pdf.x = 305
        pdf.cell(150, 14, label)
        pdf.cell(90, 14, amount, align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(14)


def _payment(pdf: FPDF, texts: dict[str, Any]) -> None:
    size, runs = dark_runs(texts["code"])
    unit = 96 / (size + 8)
    left, top = 449.0, pdf.y
    pdf.set_fill_color(0)
    for x, y, length in runs:
        pdf.rect(left + (x + 4) * unit, top + (y + 4) * unit, length * unit, unit, style="F")
    _say(pdf, texts["payment"], "B", 9)
    pdf.set_font("Plex", "", 9)
    pdf.multi_cell(380, 12, texts["sentence"], new_x="LMARGIN", new_y="NEXT")
    for label, value in texts["account"]:
        pdf.cell(80, 12, label)
        pdf.cell(250, 12, value, new_x="LMARGIN", new_y="NEXT")
    pdf.set_xy(left, top + 96)
    pdf.set_font("Plex", "", 7.5)
    pdf.cell(96, 10, texts["caption"], align="C", new_x="LMARGIN", new_y="NEXT")
