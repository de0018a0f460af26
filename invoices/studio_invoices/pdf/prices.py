"""The price list: the annex to a contract that says what an hour costs, for whom and from when on."""

from __future__ import annotations

from studio_invoices.annexes import PriceList
from studio_invoices.pdf.annex import annex_drawing
from studio_invoices.pdf.grid import BODY, Column, Grid
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.shapes import Drawing
from studio_invoices.sheet_annexes import price_list_words


def lay_out(prices: PriceList, kit: Kit) -> Drawing:
    """The display list of a price list."""
    words = price_list_words(prices, kit.texts)
    day, specialist, activity, per_hour = words.annex.columns
    columns = (Column(day), Column(specialist), Column(activity, rest=True), Column(per_hour, right=True))
    days, people, activities, amounts = (tuple(row[i] for row in words.rows) for i in range(4))
    grid = Grid(kit.ruler, columns, (days, people, activities, amounts))
    rows = [grid.head()]
    for i, row in enumerate(words.rows):
        rows += grid.row([((text, BODY),) for text in row])
        rows[-1].glued = i == len(words.rows) - 2  # the last two stay together
    return annex_drawing(words.annex, grid, rows, kit, prices.as_of)
