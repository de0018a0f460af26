"""The payment code of the page: the modules of a QR code as SVG paths on white, whatever the colours around."""

from __future__ import annotations

from dataclasses import dataclass

from studio_invoices.model import Invoice
from studio_invoices.payment_codes import PaymentCode, payment_code
from studio_invoices.qr import QUIET_ZONE, SWISS_CROSS_MM, SWISS_SIDE_MM, Rectangle, qr_code

_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class PageCode:
    """side: of the whole picture in modules, margins included. dark: the `d` of the modules. cross: colours and paths
    that stand above them (Switzerland)."""

    side: int
    dark: str
    cross: tuple[tuple[str, str], ...]


def code_for_page(invoice: Invoice) -> PageCode | None:
    """The code to pay an invoice with; None where none can be made."""
    made = payment_code(invoice)
    if not isinstance(made, PaymentCode):
        return None
    code = qr_code(made.content)
    dark = "".join(_path(box, 1.0) for box in code.rectangles())
    cross: tuple[tuple[str, str], ...] = ()
    if made.scheme == "swiss":
        unit = code.size / SWISS_SIDE_MM
        cross = tuple(("#000" if box.dark else "#fff", _path(box, unit)) for box in SWISS_CROSS_MM)
    return PageCode(code.size + 2 * QUIET_ZONE, dark, cross)


def _path(box: Rectangle, unit: float) -> str:
    """A rectangle as a closed path, moved by the quiet zone."""
    x, y = _short(QUIET_ZONE + box.x * unit), _short(QUIET_ZONE + box.y * unit)
    width, height = _short(box.width * unit), _short(box.height * unit)
    return f"M{x} {y}h{width}v{height}h-{width}z"


def _short(value: float) -> str:
    return f"{round(value, _DECIMALS):g}"
