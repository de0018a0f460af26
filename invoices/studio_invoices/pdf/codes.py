"""Payment codes as shapes: the modules of a QR code as few rectangles of whole units."""

from __future__ import annotations

from dataclasses import dataclass

from studio_invoices.model import Invoice
from studio_invoices.payment_codes import PaymentCode, Scheme, payment_code
from studio_invoices.qr import QUIET_ZONE, qr_code


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: `size` modules wide, to be surrounded by `quiet` light ones; dark modules as rectangles in units."""

    scheme: Scheme
    size: int
    cells: tuple[tuple[float, float, float, float], ...]
    quiet: int = QUIET_ZONE


def code_of(invoice: Invoice) -> Code | None:
    """The code to pay an invoice with; None where none can be made."""
    made = payment_code(invoice)
    if not isinstance(made, PaymentCode):
        return None
    drawn = qr_code(made.content)
    cells = tuple((box.x, box.y, box.width, box.height) for box in drawn.rectangles())
    return Code(made.scheme, drawn.size, cells)
