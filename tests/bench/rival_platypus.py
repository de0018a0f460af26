"""The invoice by reportlab's Platypus as usual: fonts registered and styles made once, a table of paragraphs with
repeated heads, page x of y by a canvas that holds its pages back. Measured also with figures as plain strings, which
a table draws without wrapping them: what who has looked for the time would write."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pdf_sample import dark_runs, font_files
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

_INK, _GREY, _LINE = colors.HexColor("#1f2328"), colors.HexColor("#667078"), colors.HexColor("#d5dade")
_WIDTHS = (24, 264, 58, 66, 72)
_WIDTH = sum(_WIDTHS)


def engine(folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """What makes a file of an invoice's texts."""
    regular, bold = font_files(folder)
    pdfmetrics.registerFont(TTFont("Plex", str(regular)))
    pdfmetrics.registerFont(TTFont("Plex-Bold", str(bold)))
    pdfmetrics.registerFontFamily("Plex", normal="Plex", bold="Plex-Bold")
    return lambda texts: _make(texts, _paragraphs)


def engine_strings(folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """The same, with figures as strings."""
    engine(folder)
    return lambda texts: _make(texts, _strings)


Figures = Callable[[str, list[str]], list[Any]]

_BODY = ParagraphStyle("body", fontName="Plex", fontSize=9, leading=12, textColor=_INK)
_BOLD = ParagraphStyle("bold", _BODY, fontName="Plex-Bold")
_RIGHT = {"Plex": ParagraphStyle("right", _BODY, alignment=TA_RIGHT)}
_RIGHT["Plex-Bold"] = ParagraphStyle("bold right", _BOLD, alignment=TA_RIGHT)
_TITLE = ParagraphStyle("title", _BOLD, fontSize=17, leading=22, spaceBefore=16, spaceAfter=10)
_SMALL = ParagraphStyle("small", _BODY, fontSize=7.5, leading=10, textColor=_GREY)


def _paragraphs(font: str, figures: list[str]) -> list[Any]:
    return [Paragraph(escape(figure), _RIGHT[font]) if figure else "" for figure in figures]


def _strings(_font: str, figures: list[str]) -> list[Any]:
    return list(figures)


class _Code(Flowable):
    def __init__(self, payload: str, side: float) -> None:
        super().__init__()
        self.width = self.height = side
        self._payload = payload

    def draw(self) -> None:
        size, runs = dark_runs(self._payload)
        unit = self.width / (size + 8)
        path = self.canv.beginPath()
        for x, y, length in runs:
            path.rect((x + 4) * unit, self.height - (y + 5) * unit, length * unit, unit)
        self.canv.setFillColor(colors.black)
        self.canv.drawPath(path, stroke=0, fill=1)


class _Numbered(Canvas):
    """Holds the pages back until it is known how many there are."""

    texts: dict[str, Any]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._held: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._held.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        held = self._held
        for number, state in enumerate(held, start=1):
            self.__dict__.update(state)
            self.setFont("Plex", 7)
            self.setFillColor(_GREY)
            for i, line in enumerate(self.texts["foot"]):
                self.drawString(56, 44 - i * 10, line)
            self.drawRightString(A4[0] - 56, 44, self.texts["page"].format(page=number, pages=len(held)))
            super().showPage()
        super().save()


def _make(texts: dict[str, Any], figures: Figures) -> bytes:
    target = io.BytesIO()
    canvas = type("_OfThis", (_Numbered,), {"texts": texts})
    document = SimpleDocTemplate(
        target, pagesize=A4, leftMargin=50, rightMargin=50, topMargin=48, bottomMargin=70, title=texts["title"]
    )
    story = [
        Paragraph(escape(texts["seller"]), _TITLE),
        Paragraph(escape(texts["sender"]), _SMALL),
        Spacer(0, 10),
        _two(texts),
        Paragraph(escape(texts["title"]), _TITLE),
        _lines(texts, figures),
        Spacer(0, 10),
        KeepTogether([_sums(texts, figures), Spacer(0, 14), _payment(texts)]),
        Spacer(0, 10),
        *(Paragraph(escape(note), _SMALL) for note in texts["small_print"]),
    ]
    document.build(story, canvasmaker=canvas)
    return target.getvalue()


def _two(texts: dict[str, Any]) -> Table:
    name, *address = texts["buyer"]
    buyer = [Paragraph(escape(name), _BOLD), *(Paragraph(escape(line), _BODY) for line in address)]
    meta = Table([[Paragraph(escape(part), _BODY) for part in pair] for pair in texts["meta"]], colWidths=(96, 114))
    meta.setStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 1)])
    return Table([[buyer, meta]], colWidths=(_WIDTH - 216, 216), style=[("VALIGN", (0, 0), (-1, -1), "TOP")])


def _lines(texts: dict[str, Any], cells: Figures) -> Table:
    number, task, *figures = texts["columns"]
    rows = [[Paragraph(number, _BOLD), Paragraph(task, _BOLD), *_paragraphs("Plex-Bold", figures)]]
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
        ("FONT", (0, 1), (-1, -1), "Plex", 9, 12),
        ("TEXTCOLOR", (0, 0), (-1, -1), _INK),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
    ]
    for project in texts["projects"]:
        style.append(("SPAN", (1, len(rows)), (-1, len(rows))))
        rows.append(["", Paragraph(escape(project["name"]), _BOLD), "", "", ""])
        for no, title, details, time, rate, amount in project["rows"]:
            cell = [Paragraph(escape(title), _BODY), Paragraph(escape(details), _SMALL)]
            rows.append([no, cell, *cells("Plex", [time, rate, amount])])
        for label, time, amount in project["sums"]:
            style.append(("FONT", (2, len(rows)), (-1, len(rows)), "Plex-Bold", 9, 12))
            rows.append(["", Paragraph(escape(label), _BOLD), *cells("Plex-Bold", [time, "", amount])])
    return Table(rows, colWidths=_WIDTHS, style=style, repeatRows=1)


def _sums(texts: dict[str, Any], cells: Figures) -> Table:
    *parts, (whole, gross) = texts["sums"]
    rows = [[Paragraph(escape(label), _BODY), *cells("Plex", [amount])] for label, amount in parts]
    rows.append([Paragraph(escape(whole), _BOLD), *cells("Plex-Bold", [gross])])
    style = [
        ("ALIGN", (1, 0), (1, -1), "RIGHT"),
        ("FONT", (0, 0), (-1, -2), "Plex", 9, 12),
        ("FONT", (0, -1), (-1, -1), "Plex-Bold", 9, 12),
        ("LINEABOVE", (0, -1), (-1, -1), 0.8, _INK),
    ]
    return Table(rows, colWidths=(150, 90), style=style, hAlign="RIGHT")


def _payment(texts: dict[str, Any]) -> Table:
    account = Table([[Paragraph(escape(part), _BODY) for part in pair] for pair in texts["account"]], (80, 250))
    left = [Paragraph(escape(texts["payment"]), _BOLD), Paragraph(escape(texts["sentence"]), _BODY), account]
    right = [_Code(texts["code"], 96), Paragraph(escape(texts["caption"]), _SMALL)]
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, -1), colors.HexColor("#f2f6f8"))]
    return Table([[left, right]], colWidths=(_WIDTH - 116, 116), style=style)
