"""What a letter says: number, period, amount, due date and the link, in the client's language, by templates.

The text is the one source; the HTML part is made from its paragraphs, so that both say the same. A studio's own
templates lie in a folder of its own, each in place of ours; they run in a sandbox and are checked by `doctor`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from studio_invoices.model import BankAccount, Invoice, Party
from studio_support.delivery.letter import Message
from studio_support.errors import LetterTemplateBroken
from studio_support.letter_templates import Templates

LANGUAGES = ("en", "ru", "de", "fr")
KINDS = ("invoice", "cancellation", "credit_note", "reminder")
HTML = "letter.html.j2"


class Messages:
    """Writes messages. folder: the studio's own templates (`invoice.ru.txt.j2`, `letter.html.j2`); None: ours alone."""

    def __init__(self, folder: Path | None = None) -> None:
        # A line break in a name must not look like a paragraph, or a subject line, of ours.
        filters = {"line": lambda value: " ".join(str(value).split())}
        self._templates = Templates("studio_support.delivery", folder, filters)

    def compose(self, invoice: Invoice, link: str, *, kind: str = "", overdue_days: int = 0) -> Message:
        """The letter that brings a document by its link; kind "reminder": the one that reminds of it.

        In the document's language (en, ru, de, fr; "de-AT" is read as de), English for any other. overdue_days: since
        the due date, 0 on the day itself. Raises LetterTemplateBroken, naming file and line.
        """
        language = invoice.language.partition("-")[0].partition("_")[0].lower()
        language = language if language in LANGUAGES else LANGUAGES[0]
        name = f"{kind or invoice.kind}.{language}.txt.j2"
        written = self._templates.written(name, _context(invoice, link, language, overdue_days))
        subject, _, body = written.strip().partition("\n")
        paragraphs = [part.strip().splitlines() for part in body.split("\n\n") if part.strip()]
        text = "\n\n".join("\n".join(line.rstrip() for line in lines) for lines in paragraphs)
        if not subject.strip() or not text:
            wrong = "it gives no subject" if not subject.strip() else "it gives no text below the subject"
            raise LetterTemplateBroken(self._templates.file(name), 1, wrong)
        if link not in text:
            raise LetterTemplateBroken(self._templates.file(name), None, "it leaves the link out")
        facts = {"language": language, "subject": subject.strip(), "paragraphs": paragraphs, "link": link}
        html = self._templates.written(HTML, facts)
        if link not in html:
            raise LetterTemplateBroken(self._templates.file(HTML), None, "it leaves the link out")
        return Message(subject.strip(), text + "\n", html + "\n", invoice.seller.name)

    def check(self) -> tuple[LetterTemplateBroken, ...]:
        """What is wrong with the templates: each is written with sample facts. A file that no letter is made from is
        named as well: it would stand for nothing, in silence."""
        return tuple(self._faults())

    def _faults(self) -> Iterator[LetterTemplateBroken]:
        names = {f"{kind}.{language}.txt.j2" for kind in KINDS for language in LANGUAGES} | {HTML}
        yield from self._templates.strange(names)
        for kind in KINDS:
            for language in LANGUAGES:
                try:
                    for overdue_days in (0, 1, 21):
                        self.compose(
                            _sample(kind, language), "https://x.example/l", kind=kind, overdue_days=overdue_days
                        )
                except LetterTemplateBroken as error:
                    yield error


def compose(invoice: Invoice, link: str) -> Message:
    """The letter that brings a document by its link, by our own templates; see Messages.compose."""
    return Messages().compose(invoice, link)


def _context(invoice: Invoice, link: str, language: str, overdue_days: int) -> dict[str, object]:
    """What a template may use."""
    from studio_invoices.formats import formats_for  # Babel, only where a letter is written

    formats = formats_for(language, invoice.currency)
    return {
        "invoice": invoice,
        "link": link,
        "amount": formats.money(invoice.gross),
        "period": formats.days(invoice.period_start, invoice.period_end),
        "issued": formats.day(invoice.issue_date),
        "due": formats.day(invoice.due_date) if invoice.due_date else "",
        "corrects_issued": formats.day(invoice.corrects_date) if invoice.corrects_date else "",
        "overdue_days": overdue_days,
    }


def _sample(kind: str, language: str) -> Invoice:
    """Facts that templates are checked with."""
    corrects = kind in ("cancellation", "credit_note")
    return Invoice(
        number="2026-0007",
        kind="invoice",
        issue_date=date(2026, 11, 2),
        due_date=date(2026, 11, 12),
        period_start=date(2026, 10, 1),
        period_end=date(2026, 10, 31),
        language=language,
        currency="EUR",
        prices="net",
        seller=Party("Web Studio GmbH", email="billing@studio.example"),
        buyer=Party("ACME GmbH"),
        bank=BankAccount(),
        lines=(),
        taxes=(),
        net=Decimal("950.00"),
        tax=Decimal("180.50"),
        gross=Decimal("1130.50"),
        corrects="2026-0001" if corrects else None,
        corrects_date=date(2026, 10, 2) if corrects else None,
    )
