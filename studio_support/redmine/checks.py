"""Whether this Redmine and this key can bill a month: small checks for `doctor`, each with the next step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from studio_support.errors import OwnEntriesOnly, SourceError, SourceRefused
from studio_support.redmine.access import Access, read_access, read_projects
from studio_support.redmine.client import RedmineClient
from studio_support.redmine.control_csv import COLUMNS, UnusableCsv, parse
from studio_support.redmine.mapping import field_id
from studio_support.redmine.pages import read_page

_SKEW = timedelta(minutes=5)
_ROLE = "Give the key's user the permissions View issues and View spent time (all) in every project that is billed."


class SourceCheck(NamedTuple):
    """One check: its name, whether it passed, what was found, and what to do if it did not ("" if nothing)."""

    name: str
    ok: bool
    detail: str
    next_step: str = ""


def check_source(client: RedmineClient, ticket_field: str, now: datetime) -> list[SourceCheck]:
    """Asks the server in at most a dozen requests. Stops at the first check that makes the others pointless."""
    checks: list[SourceCheck] = []
    try:
        access = read_access(client)
        owner = f"{access.login or 'user ' + str(access.user_id)}{', an administrator' if access.admin else ''}"
        checks.append(SourceCheck("server", True, f"{client.transport.url} answers"))
        checks.append(SourceCheck("key", True, f"belongs to {owner}"))
        checks += _projects(client, access)
        checks.append(_ticket_field(client, ticket_field))
        checks.append(_export(client))
        checks.append(_clock(client, now))
    except OwnEntriesOnly as error:
        detail = f"sees its own entries only as {', '.join(error.roles)}: others' time would be missing in silence"
        checks.append(SourceCheck("time entries", False, detail, _ROLE))
    except SourceError as error:
        checks.append(_unusable(error))
    return checks


def _unusable(error: SourceError) -> SourceCheck:
    detail = f"{error.url}: {error.status or ''} {error.reason}".replace("  ", " ")
    if isinstance(error, SourceRefused) and error.status == 401:
        return SourceCheck(
            "key", False, detail, "Take the key from My account in Redmine, with the user who is to read."
        )
    if isinstance(error, SourceRefused) and error.status == 403:
        step = "Switch on Administration, Settings, API, Enable REST web service; then look at the user's rights."
        return SourceCheck("REST interface", False, detail, step)
    return SourceCheck("server", False, detail, "Check url, timeout_seconds and ca_file in [redmine], then the server.")


def _projects(client: RedmineClient, access: Access) -> list[SourceCheck]:
    projects, _ = read_projects(client, access)
    hidden = sorted(project.name for project in projects if not project.readable)
    checks = [SourceCheck("time entries", True, "those of all people are visible")]
    if len(hidden) == len(projects):
        detail = "no project whose time entries the key can read" if projects else "the key sees no project"
        return [*checks, SourceCheck("projects", False, detail, _ROLE)]
    detail = f"{len(projects)} visible" + (f", without readable time: {', '.join(hidden[:5])}" if hidden else "")
    return [*checks, SourceCheck("projects", True, detail)]


def _ticket_field(client: RedmineClient, ticket_field: str) -> SourceCheck:
    issues = client.newest_issues()
    if not issues:
        return SourceCheck("ticket field", True, f"no issue yet to see {ticket_field!r} on")
    if any(field_id(row.get("custom_fields"), ticket_field) is not None for row in issues):
        return SourceCheck("ticket field", True, f"{ticket_field!r} is there")
    names = sorted({str(field.get("name")) for row in issues for field in row.get("custom_fields") or ()})
    detail = f"none of the {len(issues)} newest issues has a field {ticket_field!r}; fields seen: {', '.join(names)}"
    step = "Set ticket_field in [redmine] to the custom field's name; without it, numbers are taken from the text."
    return SourceCheck("ticket field", False, detail, step)


def _export(client: RedmineClient) -> SourceCheck:
    # A day before Redmine existed: the header alone tells whether all columns come.
    params = (("from", "2000-01-01"), ("to", "2000-01-01"), ("sort", "id"))
    try:
        parse(client.time_entries_csv(params, COLUMNS, 0), len(COLUMNS))
    except (SourceError, UnusableCsv) as error:
        reason = error.reason if isinstance(error, SourceError) else str(error)
        step = "Months are read twice instead, which costs twice the time; let the key's user export time as CSV."
        return SourceCheck("CSV export", False, reason, step)
    return SourceCheck("CSV export", True, "serves as the control of every month")


def _clock(client: RedmineClient, now: datetime) -> SourceCheck:
    newest = next(iter(read_page(client, (("sort", "created_on:desc"),), 0).created_on), None)
    if newest is None or newest <= now.astimezone(UTC) + _SKEW:
        return SourceCheck("clock", True, "no time entry was booked in the future")
    detail = f"the newest time entry was booked at {newest:%Y-%m-%d %H:%M} UTC, here it is {now.astimezone(UTC):%H:%M}"
    return SourceCheck("clock", False, detail, "Compare the clocks, and the zone that Redmine's server was started in.")
