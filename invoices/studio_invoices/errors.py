"""The root of all errors, and Problem: bad data that is reported instead of raised."""

from __future__ import annotations

from dataclasses import dataclass


class StudioError(Exception):
    """Root of every error of this distribution.

    Subclasses carry facts as typed attributes; the sentences for people are made from them in one place of
    the command line. ``str()`` of an error is terse English for developers and never holds a secret.
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """Bad data found on the way, with what to do about it.

    source: the row it is about: ``entry:123``, ``client:acme``, ``file:clients/acme.toml``, ``project:7``.
    message: one sentence that says what is wrong.
    next_step: one sentence that says what to do.
    client: the client it parks, or concerns; None where it belongs to no client.
    """

    source: str
    message: str
    next_step: str
    client: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """The JSON of one problem or notice."""
        return {
            "source": self.source,
            "message": self.message,
            "next_step": self.next_step,
            "client": self.client,
        }
