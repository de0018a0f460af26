"""What a check of `doctor` gives: a line with the next step. Errors become failed checks, so that nothing raises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from studio_support.errors import FilesystemError, StudioError

Result = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check. name: what was looked at. next_step: what to do, "" if nothing.

    error: what a failed check met; its sentences for people stand where all errors are worded. detail and next_step
    then hold its facts.
    """

    name: str
    result: Result
    detail: str
    next_step: str = ""
    error: StudioError | None = field(default=None, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """The JSON of one check."""
        return {"check": self.name, "result": self.result, "detail": self.detail, "next_step": self.next_step}


def ok(name: str, detail: str) -> Check:
    """Nothing needs to be done."""
    return Check(name, "ok", detail)


def warning(name: str, detail: str, next_step: str) -> Check:
    """It works, but somebody should know."""
    return Check(name, "warning", detail, next_step)


def failed(name: str, detail: str, next_step: str) -> Check:
    """A command would stop or park clients because of it."""
    return Check(name, "failed", detail, next_step)


def skipped(name: str, section: str, used_by: str) -> Check:
    """The settings have no such section."""
    return Check(name, "skipped", f"no [{section}] in the settings", f"Add [{section}] for {used_by}.")


def from_error(name: str, error: StudioError) -> Check:
    """A check that an error ended."""
    step = getattr(error, "next_step", "") or getattr(error, "right", "")
    return Check(name, "failed", str(error), str(step), error)


def guarded(name: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """The checks of a function; an error of ours, or of the disk, becomes a failed one and ends them."""
    try:
        yield from look()
    except StudioError as error:
        yield from_error(name, error)
    except OSError as error:
        yield from_error(name, FilesystemError(error.filename or name, error.strerror or str(error)))
