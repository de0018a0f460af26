"""Reminders and returned mail of one studio: what is overdue, what came back. The caller holds the lock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from studio_invoices.errors import Problem
from studio_support.counting import counted
from studio_support.delivery.addressing import QueuedDocument, address
from studio_support.delivery.mailbox import ImapFolder, Mailbox, Maildir
from studio_support.delivery.outbox_bounces import cursor_of, record_bounces
from studio_support.delivery.outbox_reminders import open_invoices, queue_reminders
from studio_support.delivery.outbox_told import News, news_of, once_a_day
from studio_support.delivery.reminders import ReminderPlan, plan_reminders
from studio_support.delivery.stored import Selection
from studio_support.errors import ConfigError
from studio_support.results import SendResult
from studio_support.sending import Sender
from studio_support.sending_shown import Showing
from studio_support.sending_shown import reminder as shown_reminder
from studio_support.sending_words import letter_row, stuck_problems

if TYPE_CHECKING:
    from studio_support.studio import Studio

REMINDERS = Selection(letters="reminders")


@dataclass(frozen=True, slots=True)
class BounceResult:
    """Letters that came back and still stand so. marked: by this run. news: what cron is to be told."""

    letters: tuple[dict[str, str], ...]
    problems: tuple[Problem, ...]
    marked: int
    news: News

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `bill bounces`."""
        return {
            "marked": self.marked,
            "letters": [dict(letter) for letter in self.letters],
            "problems": [problem.as_dict() for problem in self.problems],
        }


class Dunning:
    """Reminds, and reads what came back."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._sender = Sender(studio)

    def plan(self) -> ReminderPlan:
        """What is to be reminded of today, after [mail] reminders."""
        studio = self._studio
        today = studio.today()
        return plan_reminders(open_invoices(studio.store, today), today, studio.config.mail.reminders)

    def would_remind(self) -> SendResult:
        """What `remind` would do now, with the letters' full texts; changes nothing."""
        plan = self.plan()
        rows = []
        problems = list(plan.problems)
        for reminder in plan.reminders:
            document = QueuedDocument(0, reminder.number, reminder.client, published=True, link_live=True)
            found = address([document], self._sender.recipients)
            problems += found.problems
            since = _since(reminder.days_overdue)
            rows += [
                shown_reminder(one.number, one.client, reminder.step, one.recipient, since) for one in found.envelopes
            ]
        shown = Showing(self._studio, self._sender, "bill remind").shown(REMINDERS, rows)
        return replace(shown, problems=(*problems, *shown.problems), summary=f"{shown.summary}{_beyond(plan)}")

    def remind(self) -> SendResult:
        """Queues what is due today and sends what waits. Raises like Sender.send."""
        plan = self.plan()
        queue_reminders(self._studio.store, plan.reminders, self._studio.person, self._studio.clock())
        store, today = self._studio.store, self._studio.today()
        with once_a_day(store, "bill remind", today):
            sent = self._sender.send_selected(REMINDERS, "bill remind")
        problems = (*plan.problems, *sent.problems)
        news = news_of(store, "bill remind", problems, today)
        return replace(sent, problems=problems, summary=f"{sent.summary}{_beyond(plan)}", news=news)

    def read_bounces(self) -> BounceResult:
        """Marks letters that came back. Raises MailboxRefused, ConfigError where no mailbox is named."""
        studio = self._studio
        mailbox = mailbox_of(studio)
        now = studio.clock()
        with once_a_day(studio.store, "bill bounces", studio.today()):
            seen, cursor = mailbox.read(cursor_of(studio.store, mailbox.key) if mailbox.key else "", now)
        keep = (mailbox.key, cursor) if mailbox.key else None
        self._sender.outbox.recover()  # what a dead run held was taken, where a report says that it came back
        marked = record_bounces(studio.store, seen, person=studio.person, now=now, cursor=keep)
        standing = [row for row in self._sender.outbox.stuck() if row.state == "bounced"]
        problems = tuple(stuck_problems(standing))
        news = news_of(studio.store, "bill bounces", problems, studio.today())
        return BounceResult(tuple(letter_row(row, row.state) for row in standing), problems, marked, news)


def mailbox_of(studio: Studio) -> Mailbox:
    """Where mail returns to, after [mail]. Raises ConfigError, MissingSecret."""
    config = studio.config
    mail = config.mail
    if mail.bounces_maildir:
        return Maildir(config.resolve(mail.bounces_maildir))
    if mail.bounces_imap is None:
        right = 'Write bounces_maildir = "…", or bounces_imap = "imaps://…", in [mail].'
        raise ConfigError(config.file, "mail.bounces_maildir", "is missing: nobody knows where mail returns to", right)
    if not urlsplit(mail.bounces_imap).path.isascii():
        raise ConfigError(config.file, "mail.bounces_imap", "names a folder beyond ASCII", "Write its IMAP name.")
    return ImapFolder(
        mail.bounces_imap,
        mail.bounces_user or "",
        config.bounces_password(studio.environ).reveal(),
        timeout_seconds=mail.timeout_seconds,
        ca_file=config.resolve(mail.ca_file) if mail.ca_file else None,
    )


def _since(days: int) -> str:
    return f"{counted(days, 'day')} overdue"


def _beyond(plan: ReminderPlan) -> str:
    if not plan.beyond:
        return ""
    named = ", ".join(plan.beyond[:5]) + (f" and {len(plan.beyond) - 5} more" if len(plan.beyond) > 5 else "")
    return f" Overdue beyond the last reminder: {named}."
