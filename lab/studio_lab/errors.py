"""The one error of the lab: a sentence for the person at the terminal."""

from __future__ import annotations


class LabError(Exception):
    """Something that the person who runs the lab has to know; the text is the whole message."""
