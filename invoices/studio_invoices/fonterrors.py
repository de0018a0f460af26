"""What can be wrong with a font file; apart from `fontsource`, so that fontTools is not loaded to say it."""

from __future__ import annotations

from studio_invoices.errors import StudioError

CURE = "Name a TrueType file (.ttf) of a font that may be embedded."


class FontUnusable(StudioError):
    """A font file cannot be used: `part` of the look that names it, what is wrong, what to do."""

    def __init__(self, part: str, fault: str, cure: str = CURE) -> None:
        super().__init__(f"{part}: {fault}")
        self.part = part
        self.fault = fault
        self.cure = cure
