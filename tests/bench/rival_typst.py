"""The invoice by Typst: one compiler that keeps template and fonts, the texts as JSON, untagged, the code in SVG."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst
from pdf_sample import FAMILY, code_matrix, font_files

_TEMPLATE = """
#let d = json(bytes(sys.inputs.texts))
#let grey = rgb("#667078")
#let small(body) = text(size: 7.5pt, fill: grey, body)
#set document(title: d.title)
#set page(paper: "a4", margin: (x: 50pt, top: 48pt, bottom: 70pt), footer: context {
  set text(size: 7pt, fill: grey)
  grid(columns: (1fr, auto), d.foot.join(linebreak()), d.page.replace("{page}", str(here().page()))
    .replace("{pages}", str(counter(page).final().first())))
})
#set text(font: "FAMILY", size: 9pt, lang: d.language, fill: rgb("#1f2328"))
#set par(leading: 0.5em)
#show heading: set text(size: 17pt, weight: 600)
#heading(outlined: false, d.seller)
#small(d.sender)
#grid(columns: (1fr, auto), strong(d.buyer.first()) + linebreak() + d.buyer.slice(1).join(linebreak()),
  grid(columns: 2, gutter: 5pt, ..d.meta.flatten()))
#heading(outlined: false, d.title)
#let rows = ()
#for project in d.projects {
  rows.push([])
  rows.push(table.cell(colspan: 4, align: left, strong(project.name)))
  for (number, task, details, time, rate, amount) in project.rows {
    rows += (number, task + linebreak() + small(details), time, rate, amount)
  }
  for (label, time, amount) in project.sums { rows += ([], strong(label), strong(time), [], strong(amount)) }
}
#table(columns: (24pt, 1fr, 58pt, 66pt, 72pt), align: (left, left, right, right, right),
  stroke: (x: none, y: 0.4pt + rgb("#d5dade")), inset: 3.5pt, table.header(..d.columns.map(strong)), ..rows)
#block(breakable: false, {
  align(right, block(width: 240pt, grid(columns: (1fr, auto), gutter: 6pt, align: (left, right),
    ..d.sums.slice(0, -1).flatten(), ..d.sums.last().map(strong))))
  v(8pt)
  block(fill: rgb("#f2f6f8"), inset: 8pt, width: 100%, grid(columns: (1fr, 96pt), {
    strong(d.payment) + linebreak() + d.sentence + v(3pt) + grid(columns: 2, gutter: 5pt, ..d.account.flatten())
  }, image(bytes(d.picture), format: "svg", width: 96pt) + small(d.caption)))
})
#for note in d.small_print { small(note) }
"""


def engine(folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """What makes a file of an invoice's texts."""
    font_files(folder)
    template = folder / "invoice.typ"
    template.write_text(_TEMPLATE.replace("FAMILY", FAMILY), encoding="utf-8")
    compiler = typst.Compiler(str(template), root=str(folder), font_paths=[str(folder)], ignore_system_fonts=True)

    def make(texts: dict[str, Any]) -> bytes:
        svg = io.BytesIO()
        code_matrix(texts["code"]).save(svg, kind="svg", border=4)
        given = json.dumps({**texts, "picture": svg.getvalue().decode()})
        made: bytes = compiler.compile(format="pdf", sys_inputs={"texts": given}, pdf_tags=False)
        return made

    return make
