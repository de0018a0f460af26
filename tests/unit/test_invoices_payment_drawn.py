"""From the invoice to the drawn code and back: what a decoder reads is what the invoice says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.payment_codes import PaymentCode, payment_code
from studio_invoices.qr import QUIET_ZONE, qr_code

Make = Callable[..., Invoice]

RUBLES: dict[str, Any] = {
    "currency": "RUB",
    "language": "ru",
    "seller": Party("ООО «Веб-студия»", country="RU", inn="7802895380", kpp="780201001"),
    "bank": BankAccount(
        "СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК",
        "044030653",
        "40702810455000024248",
        correspondent_account="30101810500000000653",
    ),
}
FRANCS: dict[str, Any] = {
    "currency": "CHF",
    "language": "de",
    "seller": Party("Webwerk Zürich AG", ("Bahnhofstrasse 12",), "CH", postcode="8001", city="Zürich"),
    "bank": BankAccount("PostFinance", iban="CH9300762011623852957"),
}
SCHEMES = [("epc", {"language": "de"}), ("st00012", RUBLES), ("swiss", FRANCS)]


@pytest.mark.parametrize(("scheme", "values"), SCHEMES)
def test_a_drawn_code_is_read_back(invoice_of: Make, scheme: str, values: dict[str, Any]) -> None:
    """Byte for byte, Cyrillic and umlauts too, without an ECI header; level M, and few enough modules to print."""
    code = payment_code(invoice_of(**values))
    assert isinstance(code, PaymentCode)
    assert code.scheme == scheme
    drawn = qr_code(code.content)
    edge = (drawn.size + 2 * QUIET_ZONE) * 3
    image = Image.new("L", (edge, edge), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width, height, _ in drawn.rectangles():
        left, top = (x + QUIET_ZONE) * 3, (y + QUIET_ZONE) * 3
        pen.rectangle((left, top, left + width * 3 - 1, top + height * 3 - 1), fill=0)
    (read,) = zxingcpp.read_barcodes(image)
    assert read.bytes.decode("utf-8") == code.payload
    # ]Q1 is a code without ECI, ]Q2 one with it (ISO/IEC 15424)
    assert (read.symbology_identifier, read.ec_level) == ("]Q1", "M")
    assert drawn.version <= {"epc": 13, "st00012": 19, "swiss": 25}[scheme]
