"""How many of something, for people: "1 file", "2 files", "5 entries"."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """many: where it is not the one with an s."""
    return f"{count} {one if count == 1 else many or one + 's'}"
