"""What a letter says: number, period, amount, due date and the link, in the client's language. Never an attachment.

The text is the one source; the HTML part is made from its paragraphs, so that both say the same.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from studio_invoices.model import Invoice
from studio_support.delivery.letter import Message

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES = ("en", "ru", "de")


def compose(invoice: Invoice, link: str) -> Message:
    """The letter that brings an invoice, or its cancellation, by its link.

    In the document's language (ru, en, de; "de-AT" is read as de), English for any other.
    """
    language = invoice.language.partition("-")[0].partition("_")[0].lower()
    language = language if language in LANGUAGES else LANGUAGES[0]
    from studio_invoices.formats import formats_for  # Babel, only where a letter is written

    environment = _environment()
    formats = formats_for(language, invoice.currency)
    written = environment.get_template(f"{invoice.kind}.{language}.txt.j2").render(
        invoice=invoice,
        link=link,
        amount=formats.money(invoice.gross),
        period=formats.days(invoice.period_start, invoice.period_end),
        issued=formats.day(invoice.issue_date),
        due=formats.day(invoice.due_date) if invoice.due_date else "",
        corrects_issued=formats.day(invoice.corrects_date) if invoice.corrects_date else "",
    )
    subject, _, body = written.partition("\n")
    paragraphs = [part.strip().splitlines() for part in body.split("\n\n") if part.strip()]
    html = environment.get_template("letter.html.j2").render(
        language=language, subject=subject, paragraphs=paragraphs, link=link
    )
    text = "\n\n".join("\n".join(lines) for lines in paragraphs)
    return Message(subject.strip(), text + "\n", html + "\n", invoice.seller.name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("studio_support.delivery"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A line break in a name must not look like a paragraph, or a subject line, of ours.
    environment.filters["line"] = lambda value: " ".join(str(value).split())
    return environment
