"""The time sheet: every booking behind an invoice, by project, with who did what on which day."""

from __future__ import annotations

from studio_invoices.annexes import TimeSheet
from studio_invoices.pdf.annex import annex_drawing
from studio_invoices.pdf.flow import Row
from studio_invoices.pdf.grid import BODY, COMMENT, DETAIL, STRONG, Cell, Column, Grid
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.shapes import Drawing
from studio_invoices.sheet_annexes import TimeEntry, TimeProject, time_sheet_words


def lay_out(sheet: TimeSheet, kit: Kit) -> Drawing:
    """The display list of a time sheet."""
    words = time_sheet_words(sheet, kit.texts)
    day, task, person, time = words.annex.columns
    columns = (Column(day), Column(task, rest=True), Column(person), Column(time, right=True))
    entries = [entry for project in words.projects for entry in project.entries]
    total_label, total = words.total
    samples = ([entry.day for entry in entries], (), [entry.person for entry in entries], [total, "00:00"])
    grid = Grid(kit.ruler, columns, samples)
    rows = [grid.head()]
    for project in words.projects:
        rows += _project(grid, project)
    rows[-1].glued = True
    rows += grid.row(((), ((total_label, STRONG),), (), ((total, STRONG),)), ruled=False)
    return annex_drawing(words.annex, grid, rows, kit, sheet.issue_date)


def _project(grid: Grid, project: TimeProject) -> list[Row]:
    rows = [grid.heading(project.name)]
    last = len(project.entries) - 1
    for i, entry in enumerate(project.entries):
        block = grid.row(_cells(entry), project.continued)
        # two bookings stay with the heading and two with the subtotal
        block[-1].glued = i in (0, last - 1, last)
        rows += block
    subtotal = ((), ((project.subtotal_label, STRONG),), (), ((project.subtotal_time, STRONG),))
    return [*rows, *grid.row(subtotal, project.continued, ruled=False)]


def _cells(entry: TimeEntry) -> tuple[Cell, ...]:
    task = ((entry.task, BODY), (" · ".join(entry.details), DETAIL), (entry.text, COMMENT))
    return ((entry.day, BODY),), task, ((entry.person, BODY),), ((entry.time, BODY), (entry.label, DETAIL))
