"""Puts a document together: blocks and table on pages, then what every page bears."""

from __future__ import annotations

from decimal import Decimal
from math import cos, radians, sin

from studio_invoices.fontface import FontSet
from studio_invoices.model import Invoice
from studio_invoices.pdf import style
from studio_invoices.pdf.blocks import Blocks
from studio_invoices.pdf.flow import Frame, Placed, Row, paginate
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.shapes import PAGE_HEIGHT, PAGE_WIDTH, SEMIBOLD, Box, Drawing, Shape, Text
from studio_invoices.pdf.table import Table
from studio_invoices.sheet import Sheet

_WATERMARK_ANGLE = 54.0
_WATERMARK_LENGTH = 640.0
_WATERMARK_SIZE = 120.0


def lay_out(invoice: Invoice, sheet: Sheet, fonts: FontSet, watermark: str) -> Drawing:
    """The display list of an invoice."""
    ruler = Ruler(fonts)
    blocks = Blocks(sheet, ruler)
    table = Table(sheet, ruler)
    head, head_bottom = blocks.letter_head()
    foot, foot_top = blocks.foot()
    body = table.rows()
    body[-1].glued = True
    rows = [*blocks.statements(), *body, *blocks.sums(), *blocks.payment(), *blocks.notes()]
    pages = paginate(rows, _frame(sheet, table, head_bottom, foot_top))
    running_head = blocks.running_head()
    mark = _watermark(ruler, watermark)
    drawn = tuple(
        (
            *mark,
            *(running_head if number > 1 else head),
            *_shapes(page),
            *foot,
            blocks.page_number(number, len(pages), foot_top),
        )
        for number, page in enumerate(pages, start=1)
    )
    return Drawing(
        pages=drawn,
        title=sheet.title,
        author=sheet.seller_name,
        subject="",
        language=sheet.language,
        made_on=invoice.issue_date,
    )


def _frame(sheet: Sheet, table: Table, head_bottom: float, foot_top: float) -> Frame:
    words = sheet.labels["table"]

    def opening(row: Row, carried: Decimal | None) -> list[Row]:
        rows = [table.head()]
        if carried is not None:
            rows.append(table.carried(words["brought_forward"], carried))
        if row.group:
            rows.append(table.continued(row.group))
        return rows

    return Frame(
        first_top=head_bottom,
        next_top=style.NEXT_TOP,
        bottom=foot_top - 10,
        opening=opening,
        closing=lambda carried: table.carried(words["carried_forward"], carried),
        closing_height=15.0,
    )


def _shapes(page: list[Placed]) -> list[Shape]:
    shapes: list[Shape] = []
    for placed in page:
        top = placed.y
        for shape in placed.row.shapes:
            if isinstance(shape, Box):
                shapes.append(Box(shape.x, shape.y + top, shape.width, shape.height, shape.colour))
            else:
                x, y, weight, size, colour, content, angle = shape
                shapes.append(Text(x, y + top, weight, size, colour, content, angle))
    return shapes


def _watermark(ruler: Ruler, text: str) -> list[Shape]:
    """The mark across the page, below all else; as large as the diagonal has room for."""
    content = ruler.on_one_line(text)
    width = ruler.width(content, 1.0, SEMIBOLD)
    if not width:
        return []
    size = min(_WATERMARK_SIZE, _WATERMARK_LENGTH / width)
    centre = complex(PAGE_WIDTH / 2, PAGE_HEIGHT / 2 + 20)
    return [_turned(content, centre, width * size, size)]


def _turned(content: str, centre: complex, width: float, size: float) -> Text:
    turn = radians(_WATERMARK_ANGLE)
    x = centre.real - cos(turn) * width / 2 + sin(turn) * size * 0.35
    y = centre.imag + sin(turn) * width / 2 + cos(turn) * size * 0.35
    return Text(x, y, SEMIBOLD, size, style.WATERMARK, content, _WATERMARK_ANGLE)
