"""What each entry of one client costs, or why it costs nothing: rules first, then rate and tax by the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

_Cause = tuple[str, str]


@dataclass(slots=True)
class Pricer:
    """Prices the entries of one client; collects what is set aside and what is wrong."""

    client: Client
    terms: Terms
    people: People
    issues: Mapping[int, Issue]
    projects: Mapping[int, Project]
    specialists: Mapping[str, str]
    set_aside: list[SetAside] = field(default_factory=list)
    _wrong: dict[_Cause, list[TimeEntry]] = field(default_factory=dict)
    _rates: dict[tuple[date, str, str], RateRow | None] = field(default_factory=dict)
    _taxes: dict[date, TaxRow | None] = field(default_factory=dict)

    def price(self, candidate: Candidate) -> Priced | None:
        """The priced entry, or None where it is set aside or wrong."""
        entry = candidate.entry
        if self._impossible(entry):
            return None
        if entry.minutes == 0:
            self._put_aside(entry, "non_billable", "no minutes booked")
            return None
        rule = self._rule(entry)
        tax = self._tax(entry.spent_on)
        if rule is not None:
            self._put_aside(entry, rule.billed_as, _rule_reason(rule, entry))
            if not rule.show:
                return None
        if tax is None:
            step = "Add a [[billing.tax]] row that begins on or before that day."
            self._blame(entry, f"No tax row covers {entry.spent_on}", step)
            return None
        if rule is not None:
            return Priced(entry, None, tax, candidate.heading, rule)
        rate = self._rate(entry)
        return None if rate is None else Priced(entry, rate, tax, candidate.heading)

    def problems(self) -> list[Problem]:
        """One Problem a cause: it names the first entry and counts the others."""
        result = []
        for (message, step), entries in self._wrong.items():
            others = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
            total = hours(sum(entry.minutes for entry in entries))
            text = f"{message}: entry {entries[0].id}{others}, {total}."
            result.append(Problem(f"entry:{entries[0].id}", text, step, self.client.id))
        return result

    def _blame(self, entry: TimeEntry, message: str, step: str) -> None:
        self._wrong.setdefault((message, step), []).append(entry)

    def _put_aside(self, entry: TimeEntry, disposed: Literal["non_billable", "fixed"], reason: str) -> None:
        self.set_aside.append(SetAside(entry, self.client.id, disposed, reason))

    def _impossible(self, entry: TimeEntry) -> bool:
        most = self.terms.max_hours_per_entry * 60
        if 0 <= entry.minutes <= most:
            return False
        what = (
            "Negative time" if entry.minutes < 0 else f"More than {self.terms.max_hours_per_entry} hours in one entry"
        )
        self._blame(entry, what, "Correct the entry in Redmine (or raise max_hours_per_entry in [billing]).")
        return True

    def _rule(self, entry: TimeEntry) -> Rule | None:
        issue = None if entry.issue_id is None else self.issues.get(entry.issue_id)
        for rule in self.terms.rules:
            if _applies(rule, entry, issue, self.projects):
                return rule
        if entry.activity in self.terms.non_billable_activities:
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
            self._blame(entry, f"No rate for {entry.user}, {entry.activity}, on {entry.spent_on}", step)
            return None
        if rate.specialist is None and self.specialists and self._nameless(entry):
            self._blame(
                entry,
                f'It is not known who "{entry.user}" was, and some people of {self.client.id} have rates of their own',
                f'Add a [[rates]] row with specialist = "{person}" that says what this time costs.',
            )
            return None
        return rate

    def _nameless(self, entry: TimeEntry) -> bool:
        """A deleted user, or a bare name borne by two: somebody's own rate may be meant."""
        if entry.user.casefold() in ANONYMOUS:
            return True
        return entry.user_id is None and self.people.bearers(entry.user) > 1


def _rule_reason(rule: Rule, entry: TimeEntry) -> str:
    if rule.activity is not None:
        return f'activity "{rule.activity}"'
    if rule.tracker is not None:
        return f'tracker "{rule.tracker}"'
    if rule.project is not None:
        return f'project "{rule.project}"'
    name, value = rule.issue_field or rule.entry_field or ("", "")
    return f'"{name}" is "{value}"'


def _applies(rule: Rule, entry: TimeEntry, issue: Issue | None, projects: Mapping[int, Project]) -> bool:
    checks: Sequence[bool] = (
        rule.activity is None or entry.activity.casefold() == rule.activity.casefold(),
        rule.tracker is None or (issue is not None and issue.tracker.casefold() == rule.tracker.casefold()),
        rule.project is None or _in_project(rule.project, entry, projects),
        rule.issue_field is None or (issue is not None and rule.issue_field in issue.fields),
        rule.entry_field is None or rule.entry_field in entry.fields,
    )
    return all(checks)


def _in_project(text: str, entry: TimeEntry, projects: Mapping[int, Project]) -> bool:
    """Whether the entry's project, or an ancestor of it, has this identifier or name."""
    if entry.project_id is None:
        return entry.project == text
    seen: set[int] = set()
    current: int | None = entry.project_id
    while current is not None and current not in seen:
        project = projects.get(current)
        if project is None:
            return entry.project == text
        if text in (project.identifier, project.name):
            return True
        seen.add(current)
        current = project.parent_id
    return False
