"""The style: one grid, one typeface in two weights, one accent colour (of the look), much white.

The recipient stands where German and international window envelopes have their window (DIN 5008 form B: text
from 25 mm left, field from 45 mm to 90 mm from the top).
"""

from __future__ import annotations

from studio_invoices.pdf.shapes import PAGE_HEIGHT, PAGE_WIDTH, Colour

MM = 72 / 25.4

INK = Colour(0.106, 0.122, 0.141)
GREY = Colour(0.373, 0.412, 0.447)
LINE = Colour(0.875, 0.89, 0.9)
FOLD = Colour(0.65, 0.68, 0.7)
WATERMARK = Colour(0.918, 0.929, 0.937)

LEFT = 25 * MM
RIGHT = PAGE_WIDTH - 18 * MM
WIDTH = RIGHT - LEFT
META_LEFT = 118 * MM
WINDOW_TOP = 47 * MM
WINDOW_WIDTH = 80 * MM
TITLE_TOP = 96 * MM
NEXT_TOP = 74.0
RUNNING_HEAD = 50.0
FOOT = PAGE_HEIGHT - 29.0

TITLE = 18.0
TITLE_LEAST = 13.0
NAME = 13.0
ADDRESS = 10.0
ADDRESS_LEADING = 13.6
TOTAL = 12.5
BODY = 9.0
BODY_LEADING = 12.2
SMALL = 7.3
SMALL_LEADING = 9.6
COMMENT = 7.8
COMMENT_LEADING = 10.4
TINY = 6.6
TINY_LEADING = 8.8
PAGE_NUMBER = 9.0
HAIR = 0.4
RULE = 0.8
GAP = 12.0
