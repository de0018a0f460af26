"""What each entry of one client costs, or why it costs nothing: rules first, then rate and tax by the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from studio_invoices.errors import Problem
from studio_support.billing.flags import hours
from studio_support.billing.lines import Priced
from studio_support.billing.month_plan import SetAside
from studio_support.billing.people import ANONYMOUS, People
from studio_support.billing.rates import choose_rate, choose_tax
from studio_support.billing.sorting import Candidate
from studio_support.billing.terms import Client, RateRow, Rule, TaxRow, Terms
from studio_support.model import Issue, Project, TimeEntry

_NO_MINUTES = "no minutes booked"


@dataclass(slots=True)
class Pricer:
    """Prices the entries of one client; collects what is set aside and what is wrong.

    specialists: text of each rate row's specialist -> key of the person (people.resolve_specialists).
    """

    client: Client
    terms: Terms
    people: People
    issues: Mapping[int, Issue]
    projects: Mapping[int, Project]
    specialists: Mapping[str, str]
    set_aside: list[SetAside] = field(default_factory=list)
    _wrong: dict[tuple[str, str], list[TimeEntry]] = field(default_factory=dict)
    _rates: dict[tuple[date, str, str], RateRow | None] = field(default_factory=dict)
    _taxes: dict[date, TaxRow | None] = field(default_factory=dict)
    _unpaid: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._unpaid = frozenset(activity.casefold() for activity in self.terms.non_billable_activities)

    def price(self, candidate: Candidate) -> Priced | None:
        """The priced entry, or None where it is set aside or wrong."""
        entry = candidate.entry
        if self._impossible(entry):
            return None
        if entry.minutes == 0:
            self._put_aside(entry, "non_billable", _NO_MINUTES)
            return None
        rule = self._rule(entry)
        if rule is not None:
            self._put_aside(entry, rule.billed_as, _rule_reason(rule))
            if not rule.show:
                return None
        tax = self._tax(entry.spent_on)
        if tax is None:
            step = "Add a [[billing.tax]] row that begins on or before that day."
            self._blame(entry, "No tax row covers the day", step)
            return None
        if rule is not None:
            return Priced(entry, None, tax, candidate.heading, rule)
        rate = self._rate(entry)
        return None if rate is None else Priced(entry, rate, tax, candidate.heading)

    def problems(self) -> list[Problem]:
        """One Problem a cause: it names the earliest entry and counts the others."""
        result = []
        for (message, step), entries in self._wrong.items():
            first = min(entries, key=lambda entry: entry.spent_on)
            others = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
            total = hours(sum(entry.minutes for entry in entries))
            text = f"{message}: entry {first.id} of {first.spent_on}{others}, {total}."
            result.append(Problem(f"entry:{first.id}", text, step, self.client.id))
        return result

    def _blame(self, entry: TimeEntry, message: str, step: str) -> None:
        self._wrong.setdefault((message, step), []).append(entry)

    def _put_aside(self, entry: TimeEntry, disposed: Literal["non_billable", "fixed"], reason: str) -> None:
        self.set_aside.append(SetAside(entry, self.client.id, disposed, reason))

    def _impossible(self, entry: TimeEntry) -> bool:
        most = self.terms.max_hours_per_entry
        if 0 <= entry.minutes <= most * 60:
            return False
        what = "Negative time" if entry.minutes < 0 else f"More than {most} hours in one entry"
        self._blame(entry, what, "Correct the entry in Redmine (or raise max_hours_per_entry in [billing]).")
        return True

    def _rule(self, entry: TimeEntry) -> Rule | None:
        issue = None if entry.issue_id is None else self.issues.get(entry.issue_id)
        for rule in self.terms.rules:
            if _applies(rule, entry, issue, self.projects):
                return rule
        if self._unpaid and entry.activity.casefold() in self._unpaid:
            return Rule("non_billable", activity=entry.activity)
        return None

    def _tax(self, day: date) -> TaxRow | None:
        if day not in self._taxes:
            self._taxes[day] = choose_tax(self.client.tax, self.terms.tax, day)
        return self._taxes[day]

    def _rate(self, entry: TimeEntry) -> RateRow | None:
        person = self.people.key_of(entry)
        key = (entry.spent_on, person, entry.activity)
        if key not in self._rates:
            self._rates[key] = choose_rate(self.client, entry.spent_on, person, entry.activity, self.specialists)
        rate = self._rates[key]
        if rate is None:
            step = f"Add a [[rates]] row to {self.client.file or self.client.id} that begins on or before that day."
            self._blame(entry, f"No rate for {entry.user}, {entry.activity}", step)
            return None
        if rate.specialist is None and self.specialists and not self._is_himself(entry, person):
            return None
        return rate

    def _is_himself(self, entry: TimeEntry, person: str) -> bool:
        """Whether it is sure that none of the client's own rates for people is meant; blames the entry if not."""
        nameless = entry.user.casefold() in ANONYMOUS or (entry.user_id is None and self.people.bearers(entry.user) > 1)
        if nameless:
            self._blame(
                entry,
                f'It is not known who "{entry.user}" was, and some people of {self.client.id} have rates of their own',
                f'Add a [[rates]] row with specialist = "{person}" that says what this time costs.',
            )
            return False
        if entry.user not in self.people.strangers:
            return True
        meant = set(self.specialists.values())
        if person not in meant and not meant <= self.people.present:
            absent = ", ".join(sorted(text for text, key in self.specialists.items() if key not in self.people.present))
            self._blame(
                entry,
                f'"{entry.user}" may be {absent} by a new name: they have rates of their own and no time in this file',
                f'Write the new name in the rate row; or, if it is somebody else, add them to people.toml (redmine = "'
                f'{entry.user}").',
            )
            return False
        return True


def _rule_reason(rule: Rule) -> str:
    fields = [f'"{name}" is "{value}"' for name, value in filter(None, (rule.issue_field, rule.entry_field))]
    named = (("activity", rule.activity), ("tracker", rule.tracker), ("project", rule.project))
    return " and ".join([f'{what} "{text}"' for what, text in named if text is not None] + fields)


def _applies(rule: Rule, entry: TimeEntry, issue: Issue | None, projects: Mapping[int, Project]) -> bool:
    return (
        (rule.activity is None or entry.activity.casefold() == rule.activity.casefold())
        and (rule.tracker is None or (issue is not None and issue.tracker.casefold() == rule.tracker.casefold()))
        and (rule.issue_field is None or (issue is not None and rule.issue_field in issue.fields))
        and (rule.entry_field is None or rule.entry_field in entry.fields)
        and (rule.project is None or _in_project(rule.project, entry, projects))
    )


def _in_project(text: str, entry: TimeEntry, projects: Mapping[int, Project]) -> bool:
    """Whether the entry's project, or an ancestor of it, has this identifier or name."""
    if entry.project == text:
        return True
    seen: set[int] = set()
    current = entry.project_id
    while current is not None and current not in seen and current in projects:
        project = projects[current]
        if text in (project.identifier, project.name):
            return True
        seen.add(current)
        current = project.parent_id
    return False
