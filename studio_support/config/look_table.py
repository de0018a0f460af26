"""[seller.look]: how a seller's documents look; paths are relative to the settings' folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from studio_invoices.look import ACCENT, Look
from studio_support.config import fields as f
from studio_support.config.words import nearest


def _wording(texts: Any) -> Any:
    """Raises a fault for a key that names no wording: it would be left out, and nobody would know."""
    if not isinstance(texts, dict):
        return texts
    from studio_invoices.own_wording import wordings

    for key, text in texts.items():
        if isinstance(text, dict):
            inner = next(iter(text), "heading")
            raise f.fault(f"has a table {key!r}, not a text", f'Write the key in quotes: "{key}.{inner}" = "…".')
        if key not in wordings():
            meant = nearest(key, wordings())
            step = f'"{meant}" is the nearest.' if meant else 'They are such as "payment.heading".'
            raise f.fault(f"names {key!r}, and documents have no such wording", step)
    return texts


class LookTable(f.FileModel):
    """What a seller sets of `studio_invoices.look.Look`; whether the files can be used is asked before a close."""

    layout: Literal["auto", "international", "ru"] = "auto"
    accent: f.Text = ACCENT
    logo: f.OptionalText = ""
    stamp: f.OptionalText = ""
    signature: f.OptionalText = ""
    accountant_signature: f.OptionalText = ""
    font: f.OptionalText = ""
    font_bold: f.OptionalText = ""
    fallback_fonts: f.Texts = ()
    texts: Annotated[dict[str, f.Text], BeforeValidator(_wording)] = Field(default_factory=dict)


def look_of(table: LookTable, resolve: Callable[[str], Path]) -> Look:
    """The look with its paths made absolute."""

    def file(name: str) -> Path | None:
        written = getattr(table, name)
        return resolve(written) if written else None

    return Look(
        layout=table.layout,
        accent=table.accent,
        logo=file("logo"),
        stamp=file("stamp"),
        signature=file("signature"),
        accountant_signature=file("accountant_signature"),
        font=file("font"),
        font_bold=file("font_bold"),
        fallback_fonts=tuple(resolve(path) for path in table.fallback_fonts),
        texts=tuple(sorted(table.texts.items())),
    )
