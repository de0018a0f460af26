"""What the global options say, and the studio that a command works on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio_cli.streams import tell

if TYPE_CHECKING:
    from studio_support.period import Month
    from studio_support.studio import Studio

# A person at a terminal waits for another run's lock this long; cron leaves at once.
LOCK_WAIT_SECONDS = 60.0
# Clocks of two machines differ: so far ahead of this one --as-of is not yet the future.
AHEAD = timedelta(minutes=1)


def whoami() -> str:
    """$STUDIO_SUPPORT_USER, then the system's user."""
    import getpass

    named = os.environ.get("STUDIO_SUPPORT_USER")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in the system's list: a bare container
        return f"uid{os.getuid()}"


def parse_instant(text: str, hint: str = "--as-of") -> datetime:
    """An ISO 8601 instant with offset, in UTC; raises click.BadParameter otherwise."""
    example = "2026-11-02T09:00:00+03:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f'"{text}" is no ISO 8601 time such as {example}.', param_hint=hint) from None
    if moment.tzinfo is None:
        raise click.BadParameter(f'"{text}" has no offset; write it like {example}.', param_hint=hint)
    if not 1970 < moment.year < 2970:
        raise click.BadParameter(f'"{text}" is not of this age.', param_hint=hint)
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """The global options of one run."""

    config: Path | None
    form: str
    as_of: datetime | None
    user: str
    verbose: int
    quiet: bool

    @property
    def clock(self) -> Callable[[], datetime]:
        """The clock of this run: --as-of stands still, else the system's, in UTC."""
        if self.as_of is not None:
            moment = self.as_of
            return lambda: moment
        return lambda: datetime.now(UTC)

    @property
    def at_terminal(self) -> bool:
        return sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def lock_wait_seconds(self) -> float:
        return LOCK_WAIT_SECONDS if self.at_terminal else 0.0

    def say(self, text: str) -> None:
        """A line for people, on stderr, unless --quiet."""
        if not self.quiet:
            tell(text)

    def tell_wait(self, holder: str) -> None:
        """Says whom this run waits for; --quiet does not hide why nothing happens."""
        tell(f"Waiting up to {LOCK_WAIT_SECONDS:.0f} s for another run: {holder}.")

    def refuse_future(self) -> None:
        """Raises Refused for an --as-of that is yet to come: what is written is dated by it, for good."""
        if self.as_of is not None and self.as_of > datetime.now(UTC) + AHEAD:
            from studio_support.errors import Refused

            raise Refused(
                f"--as-of {self.as_of:%Y-%m-%dT%H:%M:%SZ} lies in the future, and this command writes.",
                "Leave out --as-of, or name a time that has passed; `bill preview` may look ahead.",
            )

    def studio(self, *, writes: bool = False) -> Studio:
        """The studio of the configuration that this run names or finds.

        writes: for a command whose traces are dated by its clock. Raises Refused for an --as-of in the future then.
        """
        if writes:
            self.refuse_future()
        from studio_cli.progress import reporter
        from studio_support.studio import Studio

        studio = Studio.from_file(
            self.config,
            clock=self.clock,
            person=self.user,
            lock_wait_seconds=self.lock_wait_seconds,
            on_wait=self.tell_wait,
            progress=reporter(self),
        )
        called = click.get_current_context(silent=True)
        if called is not None:
            called.call_on_close(studio.close)
        return studio

    def month(self, text: str, studio: Studio) -> Month:
        """MONTH as typed: 2026-10, last or this, in the studio's zone."""
        from studio_support.period import Month

        try:
            return Month.resolve(text, studio.today())
        except ValueError:
            raise click.BadParameter(
                f'"{text}" is no month: write 2026-10, last or this.', param_hint="MONTH"
            ) from None
