"""Drafts to look at: a folder of watermarked PDFs and pages with an index. They bear no number and bind nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from studio_invoices.look import PLAIN, Look
from studio_invoices.model import Act
from studio_support.beside import render_sheet
from studio_support.billing.documents import act_date, draft_document
from studio_support.billing.flags import hours
from studio_support.billing.month_plan import Draft, MonthPlan
from studio_support.billing.terms import Client, Terms
from studio_support.billing.time_sheets import time_rows, time_sheet, wants_sheet
from studio_support.delivery.files import atomic_write, make_folder
from studio_support.delivery.originals import safe_name


def write_drafts(
    plan: MonthPlan,
    clients: Mapping[str, Client],
    terms: Terms,
    folder: Path,
    progress: Callable[[str, int, int], None] | None = None,
    looks: Mapping[str, Look] = MappingProxyType({}),
) -> Path:
    """Writes a PDF and a page for each draft, then the index; returns the index. looks: of the sellers, by key.
    Raises FilesystemError."""
    from studio_invoices.html import render_page
    from studio_invoices.pdf import render_pdf

    make_folder(folder, 0o755)
    for done, draft in enumerate(plan.drafts, start=1):
        document = draft_document(draft, clients, terms)
        name = safe_name(draft.client)
        look = looks.get(clients[draft.client].seller, PLAIN)
        atomic_write(folder / f"{name}.pdf", render_pdf(document, look=look), 0o644)
        accepted_on = act_date(draft, clients[draft.client])
        act_name = f"{name} act.pdf" if accepted_on else None
        page = render_page(document, pdf_name=f"{name}.pdf", act_name=act_name, look=look)
        atomic_write(folder / f"{name}.html", page.encode(), 0o644)
        if accepted_on is not None:
            act = Act(None, accepted_on, document)
            atomic_write(folder / f"{name} act.pdf", render_pdf(act, "act", look=look), 0o644)
        if wants_sheet(clients[draft.client]) and draft.billable:
            sheet = time_sheet(document, time_rows(draft, clients[draft.client]))
            atomic_write(folder / f"{name} timesheet.pdf", render_sheet(sheet, look), 0o644)
        if progress is not None:
            progress("Drawing drafts", done, len(plan.drafts))
    index = folder / "index.html"
    atomic_write(index, _index(plan, clients).encode(), 0o644)
    return index


def _index(plan: MonthPlan, clients: Mapping[str, Client]) -> str:
    from jinja2 import Environment

    template = files("studio_support").joinpath("templates", "drafts.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        month=str(plan.month),
        plan=plan.plan,
        rows=[_row(draft, clients[draft.client].party.name) for draft in plan.suspicious_first()],
        sums=_sums(plan.drafts),
        problems=plan.problems,
        notices=plan.notices,
    )


def _row(draft: Draft, name: str) -> dict[str, str]:
    """One line of the index; a client with nothing to bill has no draft to open."""
    file = safe_name(draft.client) if draft.billable else ""
    return {
        "client": draft.client,
        "name": name,
        "page": file and f"{file}.html",
        "pdf": file and f"{file}.pdf",
        "hours": hours(draft.minutes),
        "net": _grouped(draft.net),
        "gross": _grouped(draft.gross),
        "last": "" if draft.last_net is None else _grouped(draft.last_net),
        "change": "" if draft.change_percent is None else f"{draft.change_percent:+} %",
        "currency": draft.currency,
        "flags": "; ".join(draft.flags),
    }


def _sums(drafts: Sequence[Draft]) -> list[dict[str, str]]:
    sums = []
    for currency in sorted({draft.currency for draft in drafts}):
        own = [draft for draft in drafts if draft.currency == currency]
        net, gross = sum((d.net for d in own), Decimal(0)), sum((d.gross for d in own), Decimal(0))
        minutes = sum(draft.minutes for draft in own)
        figures = {"hours": hours(minutes), "net": _grouped(net), "gross": _grouped(gross)}
        sums.append({"count": str(len(own)), "currency": currency, **figures})
    return sums


def _grouped(value: Decimal) -> str:
    """1234567.50 with narrow no-break spaces between groups of three."""
    return f"{value:,}".replace(",", "\u202f")
