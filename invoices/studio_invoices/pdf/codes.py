"""Payment codes as shapes: the modules of a QR code as rectangles of whole units."""

from __future__ import annotations

from dataclasses import dataclass

from studio_invoices.model import Invoice


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: `size` modules wide, to be surrounded by `quiet` light ones; dark modules as rectangles in units."""

    size: int
    cells: tuple[tuple[float, float, float, float], ...]
    quiet: int = 4


def code_of(invoice: Invoice) -> Code | None:
    """The code to pay an invoice with; None where none applies."""
    return None
