"""Payment codes as shapes: the modules of a QR code as few rectangles of whole units."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio_invoices.model import Invoice
from studio_invoices.payment_codes import PaymentCode, Scheme, payment_code
from studio_invoices.qr import QUIET_ZONE
from studio_invoices.qr_matrix import qr_rows

_DARK = re.compile("1+")


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: `size` modules wide, to be surrounded by `quiet` light ones; dark modules as rectangles in units."""

    scheme: Scheme
    payload: str
    size: int
    cells: tuple[tuple[float, float, float, float], ...]
    quiet: int = QUIET_ZONE


def code_of(invoice: Invoice) -> Code | None:
    """The code to pay an invoice with; None where none can be made."""
    made = payment_code(invoice)
    if not isinstance(made, PaymentCode):
        return None
    rows = qr_rows(made.content)
    # a rectangle a run: joining them downwards would spare a seventh of them and cost more than it spares
    runs = [(run.span(), y) for y, row in enumerate(rows) for run in _DARK.finditer(row)]
    return Code(made.scheme, made.payload, len(rows), tuple([(start, y, end - start, 1) for (start, end), y in runs]))
