"""Promises by the settings of a studio: its calendar and rule, and what its clients agreed on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

from studio_support.config import Settings
from studio_support.config.client_waits import Waits, load_waits
from studio_support.config.sections import StudioSection
from studio_support.config.words import nearest
from studio_support.errors import ConfigError, NoCalendar, UnknownClient
from studio_support.tickets.calendar import Calendar
from studio_support.tickets.calendar_data import StudioDays, load_calendar
from studio_support.tickets.cutoff import Policy, Promise, promise

CALENDARS = "calendars"
"""The folder beside the settings for calendar years of the studio's own."""

Value = TypeVar("Value")


class Promises:
    """Makes promises as of a day, `today` in the studio's zone. Needs [studio] alone; files are read once."""

    def __init__(self, settings: Settings, today: date) -> None:
        self._settings = settings
        self._today = today

    @cached_property
    def calendar(self) -> Calendar:
        """The studio's calendar. Raises ConfigError, InputFileError (a file of calendars/ that cannot be used)."""
        studio = self._settings.studio
        days = StudioDays(
            timezone=studio.timezone,
            country=self._needed("country", studio.country),
            subdivision=studio.subdivision or "",
            opens=self._needed("opens", studio.opens),
            closes=self._needed("closes", studio.closes),
            short_minutes=studio.short_minutes,
            closed=studio.closed,
            working=studio.working,
            short=studio.short,
        )
        try:
            return load_calendar(days, self._today, self._settings.folder / CALENDARS)
        except NoCalendar as error:
            raise self._unknown(error) from None

    @cached_property
    def waits(self) -> Mapping[str, Waits | ConfigError]:
        """What each client agreed on; in place of a file with faults its error. Raises ConfigError."""
        return load_waits(self._settings.clients_folder)

    def policy(self, client: str | None = None, *, critical: bool = False) -> Policy:
        """The studio's rule, with the client's maximum wait. Raises ConfigError, UnknownClient."""
        studio = self._settings.studio
        minutes = None
        if client is not None:
            waits = self.waits.get(client)
            if waits is None:
                meant = nearest(client, self.waits)
                raise UnknownClient(client, [meant] if meant else sorted(self.waits)[:5])
            if isinstance(waits, ConfigError):
                raise waits
            minutes = waits.minutes(critical=critical)
        return Policy(
            cutoff=self._needed("cutoff", studio.cutoff),
            grace_minutes=studio.grace_minutes,
            max_wait_minutes=minutes,
            wait_why=f"agreed with {client}{', critical' if critical else ''}",
        )

    def promise(self, received_at: datetime, client: str | None = None, *, critical: bool = False) -> Promise:
        """The promise for a request that arrives at an aware instant. Raises what the parts raise, NoCalendarYear."""
        return promise(received_at, self.calendar, self.policy(client, critical=critical))

    def _needed(self, key: str, value: Value | None) -> Value:
        if value is None:
            example = (StudioSection.model_fields[key].examples or ["…"])[0]
            raise ConfigError(
                self._settings.file, f"studio.{key}", "is missing", f'Add {key} = "{example}" to [studio].'
            )
        return value

    def _unknown(self, error: NoCalendar) -> ConfigError:
        file = self._settings.file
        if not error.subdivision:
            right = f"Write a file for each year: {CALENDARS}/{error.country}-{self._today.year}.toml."
            return ConfigError(file, "studio.country", f"{error.country!r} has no calendar here", right)
        known = ", ".join(error.known) or "none"
        wrong = f"{error.subdivision!r} is no subdivision of {error.country}"
        return ConfigError(file, "studio.subdivision", wrong, f"Known there: {known}.")
