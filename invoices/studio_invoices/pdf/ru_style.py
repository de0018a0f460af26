"""Measures of the Russian forms: black on white, one thin rule throughout, figures in columns."""

from __future__ import annotations

from studio_invoices.pdf import style
from studio_invoices.pdf.shapes import PAGE_HEIGHT, PAGE_WIDTH, Colour

INK = style.INK
GREY = style.GREY
TINT = Colour(0.955, 0.958, 0.962)

LEFT = 20 * style.MM
RIGHT = PAGE_WIDTH - 15 * style.MM
WIDTH = RIGHT - LEFT
FIRST_TOP = 13 * style.MM
NEXT_TOP = 21 * style.MM
RUNNING_HEAD = 14 * style.MM
BOTTOM = PAGE_HEIGHT - 15 * style.MM
SINGLE_BOTTOM = PAGE_HEIGHT - 10 * style.MM
PAGE_NUMBER = PAGE_HEIGHT - 9.5 * style.MM

RULE = 0.55
THICK = 1.3
PAD = 4.5

TITLE = 14.5
TITLE_LEAST = 11.5
BODY = 9.0
LEADING = 11.8
HEAD = 8.0
HEAD_LEADING = 9.8
SMALL = 7.4
SMALL_LEADING = 9.5
TINY = 6.6
BASELINE = 0.78  # of the leading: where the baseline stands in a line
