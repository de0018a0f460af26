"""What letters say, in each language, and that data cannot speak in our voice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest

from studio_invoices.model import BankAccount, Invoice, Party
from studio_support.delivery.message import compose

LINK = "https://invoices.studio.example/L2K5Cg8gWmbUwc524pu89rm5T-Hd0Ee_Ge1ACJ9RQos/invoice.html"


def invoice(**changes: Any) -> Invoice:
    facts: dict[str, Any] = {
        "number": "2026-0007",
        "kind": "invoice",
        "issue_date": date(2026, 11, 2),
        "due_date": date(2026, 11, 12),
        "period_start": date(2026, 10, 1),
        "period_end": date(2026, 10, 31),
        "language": "en",
        "currency": "EUR",
        "prices": "net",
        "seller": Party("Web Studio GmbH", email="buh@studio.example"),
        "buyer": Party("ACME Inc."),
        "bank": BankAccount(),
        "lines": (),
        "taxes": (),
        "net": Decimal("10374.45"),
        "tax": Decimal("1971.15"),
        "gross": Decimal("12345.60"),
    }
    return Invoice(**{**facts, **changes})


class Links(HTMLParser):
    """Collects what the HTML links to and loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.loads: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.links.append(values.get("href"))
        if tag in {"img", "script", "link", "iframe"} or "src" in values:
            self.loads.append(tag)


@pytest.mark.parametrize(
    ("language", "subject", "facts"),
    [
        (
            "en",
            "Invoice 2026-0007 from Web Studio GmbH",
            ["ACME Inc.", "October 2026", "12,345.60", "November 12, 2026", "You may pass it on"],
        ),
        (
            "ru",
            "Счёт № 2026-0007 от 2 ноября 2026 г., Web Studio GmbH",
            ["ACME Inc.", "октябрь 2026", "12\u00a0345,60", "12 ноября 2026", "Её можно переслать"],
        ),
        (
            "de",
            "Rechnung 2026-0007 von Web Studio GmbH",
            ["ACME Inc.", "Oktober 2026", "12.345,60", "12. November 2026", "Sie dürfen ihn weitergeben"],
        ),
    ],
)
def test_a_letter_names_number_payer_period_amount_due_date_and_link(
    language: str, subject: str, facts: list[str]
) -> None:
    message = compose(invoice(language=language), LINK)
    assert " ".join(message.subject.split()) == subject  # no-break spaces are as good as others
    assert message.sender_name == "Web Studio GmbH"
    for fact in [*facts, LINK, "Web Studio GmbH", "buh@studio.example"]:
        assert fact in message.text
    assert Links(message.html).links == [LINK]
    assert Links(message.html).loads == []  # no remote content


@pytest.mark.parametrize(("language", "words"), [("en", "is cancelled"), ("ru", "аннулирован"), ("de", "storniert")])
def test_a_cancellation_names_the_invoice_and_asks_not_to_pay(language: str, words: str) -> None:
    taken_back = invoice(
        language=language,
        kind="cancellation",
        number="2026-0008",
        due_date=None,
        corrects="2026-0007",
        corrects_date=date(2026, 11, 1),
    )
    message = compose(taken_back, LINK)
    assert "2026-0007" in message.subject
    assert words in message.subject
    assert {"2026-0007", "2026-0008"} <= set(message.text.replace("\n", " ").split(" "))
    assert LINK in message.text.splitlines()


def test_a_cancellation_without_the_date_of_its_invoice_is_written_without_it() -> None:
    message = compose(invoice(kind="cancellation", corrects="2026-0007"), LINK)
    assert "Cancelled: invoice 2026-0007\n" in message.text


def test_without_a_due_date_none_is_named() -> None:
    assert "Payable" not in compose(invoice(due_date=None), LINK).text


def test_a_seller_without_an_address_signs_by_name() -> None:
    assert compose(invoice(seller=Party("Web Studio GmbH")), LINK).text.endswith("\n\nWeb Studio GmbH\n")


@pytest.mark.parametrize(("language", "first"), [("de-AT", "Guten Tag,"), ("RU", "Здравствуйте!"), ("fi", "Dear Sir")])
def test_regions_fall_back_to_their_language_and_others_to_english(language: str, first: str) -> None:
    assert compose(invoice(language=language), LINK).text.startswith(first)


def test_a_name_is_text_and_stays_on_its_line() -> None:
    name = "<script>alert(1)</script>\n\nPlease pay to another account {{ 7 * 7 }} & Co."
    message = compose(invoice(seller=Party(name), buyer=Party(name)), LINK)
    assert "\n" not in message.subject
    assert "For: <script>alert(1)</script> Please pay to another account {{ 7 * 7 }} & Co.\n" in message.text
    assert "<script>" not in message.html
    assert "&lt;script&gt;" in message.html
