"""Drafts to look at: a folder of watermarked PDFs and pages with an index. They bear no number and bind nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from studio_support.billing.documents import draft_document
from studio_support.billing.flags import hours
from studio_support.billing.month_plan import MonthPlan
from studio_support.billing.terms import Client, Terms
from studio_support.delivery.files import atomic_write, make_folder
from studio_support.delivery.originals import safe_name


def write_drafts(
    plan: MonthPlan,
    clients: Mapping[str, Client],
    terms: Terms,
    folder: Path,
    progress: Callable[[str, int, int], None] | None = None,
) -> Path:
    """Writes a PDF and a page for each draft, then the index; returns the index. Raises FilesystemError."""
    from studio_invoices.html import render_page
    from studio_invoices.pdf import render_pdf

    make_folder(folder, 0o755)
    rows = []
    for done, draft in enumerate(plan.drafts, start=1):
        document = draft_document(draft, clients, terms)
        name = safe_name(draft.client)
        atomic_write(folder / f"{name}.pdf", render_pdf(document), 0o644)
        atomic_write(folder / f"{name}.html", render_page(document, pdf_name=f"{name}.pdf").encode(), 0o644)
        rows.append(
            {
                "client": draft.client,
                "name": document.buyer.name,
                "page": f"{name}.html",
                "pdf": f"{name}.pdf",
                "hours": hours(draft.minutes),
                "net": str(draft.net),
                "gross": str(draft.gross),
                "currency": draft.currency,
                "flags": "; ".join(draft.flags),
            }
        )
        if progress is not None:
            progress("Drawing drafts", done, len(plan.drafts))
    problems = [f"{problem.message} {problem.next_step}" for problem in plan.problems]
    index = folder / "index.html"
    atomic_write(index, _index(str(plan.month), plan.plan, rows, problems).encode(), 0o644)
    return index


def _index(month: str, plan: str, rows: Sequence[Mapping[str, str]], problems: Sequence[str]) -> str:
    from jinja2 import Environment

    template = files("studio_support").joinpath("templates", "drafts.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(month=month, plan=plan, rows=rows, problems=problems)
