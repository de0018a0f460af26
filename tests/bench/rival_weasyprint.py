"""The invoice by WeasyPrint: a template compiled once, one style sheet parsed once, the code as a picture in SVG."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from pdf_sample import FAMILY, code_matrix, font_files
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

_CSS = """
@font-face { font-family: "FAMILY"; font-weight: 400; src: url("REGULAR") }
@font-face { font-family: "FAMILY"; font-weight: 600; src: url("BOLD") }
@page { size: A4; margin: 17mm 17mm 25mm;
  @bottom-left { content: element(foot) }
  @bottom-right { content: PAGES; font-size: 7pt; color: #667078; font-family: "FAMILY" } }
body { font: 9pt/12pt "FAMILY"; color: #1f2328 }
h1 { font-size: 17pt; line-height: 22pt; font-weight: 600 }
b, th { font-weight: 600 }
small, .small { font-size: 7.5pt; line-height: 10pt; color: #667078 }
footer { position: running(foot); font-size: 7pt; line-height: 10pt; color: #667078 }
table { border-collapse: collapse }
.two { width: 100% } .two td { vertical-align: top }
.lines { width: 100%; table-layout: fixed } .lines tr { break-inside: avoid; border-bottom: .4pt solid #d5dade }
.lines td, .lines th { vertical-align: top; padding: 3pt; text-align: left }
.lines td.r, .lines th.r { text-align: right }
.sums { margin: 10pt 0 14pt auto; width: 240pt } .sums td + td { text-align: right }
.pay { background: #f2f6f8; width: 100%; break-inside: avoid } .pay td { vertical-align: top; padding: 3pt }
"""

_PAGE = """<!doctype html><html lang="{{ language }}"><meta charset="utf-8"><title>{{ title }}</title>
<footer>{{ foot | join("\n") }}</footer>
<h1>{{ seller }}</h1><p class="small">{{ sender }}</p>
<table class="two"><tr><td>{% for line in buyer %}<div>{% if loop.first %}<b>{{ line }}</b>{% else %}{{ line }}{% endif
%}</div>{% endfor %}</td><td><table>{% for label, value in meta %}<tr><td>{{ label }}</td><td>{{ value }}</td></tr>
{% endfor %}</table></td></tr></table>
<h1>{{ title }}</h1>
<table class="lines"><colgroup><col style="width:24pt"><col><col style="width:58pt"><col style="width:66pt"><col
style="width:72pt"></colgroup><thead><tr>{% for head in columns
%}<th{% if loop.index > 2 %} class="r"{% endif %}>{{ head }}</th>{% endfor %}</tr></thead><tbody>
{% for project in projects %}<tr><td></td><td colspan="4"><b>{{ project.name }}</b></td></tr>
{% for number, task, details, time, rate, amount in project.rows %}<tr><td>{{ number }}</td><td>{{ task
}}<br><small>{{ details }}</small></td><td class="r">{{ time }}</td><td class="r">{{ rate }}</td><td class="r">{{
amount }}</td></tr>
{% endfor %}{% for label, time, amount in project.sums %}<tr><td></td><td><b>{{ label }}</b></td><td class="r"><b>{{
time }}</b></td><td></td><td class="r"><b>{{ amount }}</b></td></tr>{% endfor %}{% endfor %}</tbody></table>
<table class="sums">{% for label, amount in sums %}<tr><td>{% if loop.last %}<b>{{ label }}</b>{% else %}{{ label
}}{% endif %}</td><td>{{ amount }}</td></tr>{% endfor %}</table>
<table class="pay"><tr><td><b>{{ payment }}</b><div>{{ sentence }}</div><table>{% for label, value in account
%}<tr><td>{{ label }}</td><td>{{ value }}</td></tr>{% endfor %}</table></td><td style="width:96pt">{{ picture
}}<div class="small">{{ caption }}</div></td></tr></table>
{% for note in small_print %}<p class="small">{{ note }}</p>{% endfor %}</html>"""


def engine(folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """What makes a file of an invoice's texts."""
    regular, bold = font_files(folder)
    template = jinja2.Environment(autoescape=True).from_string(_PAGE)
    fonts = FontConfiguration()
    css = _CSS.replace("FAMILY", FAMILY).replace("REGULAR", regular.as_uri()).replace("BOLD", bold.as_uri())
    sheets: dict[str, CSS] = {}  # one a language, for its "page x of y"

    def make(texts: dict[str, Any]) -> bytes:
        if texts["language"] not in sheets:
            pages = texts["page"].replace("{page}", '" counter(page) "').replace("{pages}", '" counter(pages) "')
            sheets[texts["language"]] = CSS(string=css.replace("PAGES", f'"{pages}"'), font_config=fonts)
        svg = io.BytesIO()
        code_matrix(texts["code"]).save(svg, kind="svg", border=4, scale=96 / 45, xmldecl=False)
        page = template.render(**texts, picture=jinja2.utils.markupsafe.Markup(svg.getvalue().decode()))
        sheet = sheets[texts["language"]]
        made: bytes = HTML(string=page).write_pdf(stylesheets=[sheet], font_config=fonts)
        return made

    return make
