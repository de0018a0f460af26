"""Walking the queue: each letter is committed as handed over before it leaves, and its end when it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from studio_support.delivery.addressing import Addressing
from studio_support.delivery.letter import Letter, Message
from studio_support.delivery.limits import Admitted, Limits, admit
from studio_support.delivery.outbox import LetterRow, Outbox
from studio_support.delivery.outcomes import NotHandedOver, Outcome, PermanentFailure, Uncertain
from studio_support.delivery.stored import ALL, Selection
from studio_support.errors import LetterUnfit, MailRefused, Problem

# A server that breaks off letter after letter would make all of them uncertain: stop and let a person look.
BROKEN_OFF_IN_A_ROW = 3

RenderMessage = Callable[[LetterRow], Message]


class Hands(Protocol):
    """What hands letters over: mail.Mailer, or another way."""

    def open(self) -> None: ...
    def send(self, letter: Letter) -> Outcome: ...
    def interrupted(self) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one letter in this run."""

    letter: LetterRow
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Delivery:
    """A run's results. waiting: letters still queued when it ended; admitted: which of them a limit held back.
    stuck: refused, bounced or uncertain ones, of this run and of earlier ones. stopped: why the run ended early.
    problems: documents that could not be addressed. unready: letters not handed over since nothing lies behind their
    link; they stay queued. held: letters not handed over since the client's file does not say where to."""

    results: tuple[Result, ...] = ()
    waiting: tuple[LetterRow, ...] = ()
    stuck: tuple[LetterRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    stopped: MailRefused | None = None
    admitted: Admitted[LetterRow] = field(default_factory=Admitted)
    unready: tuple[LetterRow, ...] = ()
    held: tuple[LetterRow, ...] = ()

    @property
    def accepted(self) -> tuple[Result, ...]:
        """The letters that the server took in this run."""
        return tuple(result for result in self.results if result.outcome.state == "accepted")

    @property
    def complete(self) -> bool:
        """Whether nothing is left for anybody to do."""
        return not (self.waiting or self.stuck or self.problems or self.stopped)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a run would do: letters that wait, those that would be made, those that would be withdrawn because their
    address is gone (with what would be noted), what stays held or put off, and what stands in the way."""

    due: tuple[LetterRow, ...] = ()
    new: Addressing = field(default_factory=Addressing)
    stuck: tuple[LetterRow, ...] = ()
    withdrawn: tuple[tuple[LetterRow, str], ...] = ()
    held: tuple[LetterRow, ...] = ()
    put_off: tuple[LetterRow, ...] = ()


def would_send(
    outbox: Outbox,
    recipients_of: Callable[[str], Sequence[str]],
    selection: Selection = ALL,
    now: datetime | None = None,
) -> DryRun:
    """What `send_mail` would do now; reads only. now: letters put off beyond it would be left; None: none is."""
    new = outbox.plan(recipients_of, selection)
    follows = outbox.readdressing(recipients_of, selection)
    left = {row.id for row, _ in follows.withdrawn}
    held = {row.id for row in follows.held}
    due = [row for row in outbox.due(selection) if row.id not in left | held]
    put_off = [row for row in due if now is not None and row.next_attempt_at is not None and row.next_attempt_at > now]
    return DryRun(
        due=(*(row for row in due if row not in put_off), *follows.revived),
        new=Addressing((*new.envelopes, *follows.envelopes), (*new.problems, *follows.problems)),
        stuck=(
            *(row for row in outbox.stuck(selection) if row.id not in left),
            *(replace(row, state="uncertain") for row in follows.doubtful),
        ),
        withdrawn=follows.withdrawn,
        held=follows.held,
        put_off=tuple(put_off),
    )


def send_mail(
    outbox: Outbox,
    mailer: Hands,
    *,
    recipients_of: Callable[[str], Sequence[str]],
    render_message: RenderMessage,
    clock: Callable[[], datetime],
    ready: Callable[[LetterRow], bool] = lambda _: True,
    selection: Selection = ALL,
    limits: Limits = Limits(),  # noqa: B008  # frozen value
    patient: bool = True,
    on_result: Callable[[Result], None] | None = None,
) -> Delivery:
    """Addresses what is new and hands over what waits; safe to repeat. The caller holds the run's lock.

    What a dead run was handing over becomes uncertain first and is not sent again. Letters that nobody has follow the
    client's file (readdressing). patient: a letter that a server
    has put off is left until its time has come. ready: see deliver.
    """
    outbox.recover()
    plan = outbox.plan(recipients_of, selection)
    outbox.apply(plan)
    follows = outbox.readdressing(recipients_of, selection)
    outbox.readdress(follows)
    held = {row.id for row in follows.held}
    now = clock()
    due = [row for row in outbox.due(selection, now if patient else None) if row.id not in held]
    admitted = admit(due, outbox.handed(now), limits)
    delivery = deliver(
        outbox,
        mailer,
        admitted.letters,
        render_message=render_message,
        clock=clock,
        ready=ready,
        on_result=on_result,
    )
    return replace(
        delivery,
        admitted=admitted,
        waiting=tuple(sorted(outbox.due(selection), key=lambda row: row.id)),
        stuck=tuple(outbox.stuck(selection)),
        problems=(*plan.problems, *follows.problems),
        held=follows.held,
    )


def deliver(
    outbox: Outbox,
    mailer: Hands,
    letters: Sequence[LetterRow],
    *,
    render_message: RenderMessage,
    clock: Callable[[], datetime],
    ready: Callable[[LetterRow], bool] = lambda _: True,
    on_result: Callable[[Result], None] | None = None,
) -> Delivery:
    """Hands over these letters one by one. Stops when the server cannot be used, or breaks off time after time.

    ready: asked before each letter is taken in hand; where it is not, it stays queued and the others go on. May raise
    LetterUnfit. clock: now, aware; the letters' Date. Ctrl-C: the letter in hand is recorded for what is known of it,
    and the interrupt goes on.
    """
    results: list[Result] = []
    unready: list[LetterRow] = []
    stopped: MailRefused | None = None
    broken_off = 0
    for letter in letters:
        try:
            if not ready(letter):
                unready.append(letter)
                continue
            outcome = _hand_over(outbox, mailer, letter, render_message(letter), clock())
        except LetterUnfit as error:
            outcome = _refuse(outbox, letter, error.reason)
        except MailRefused as error:
            stopped = error
            break
        if outcome is None:
            continue
        results.append(Result(letter, outcome))
        if on_result is not None:
            on_result(results[-1])
        broken_off = broken_off + 1 if isinstance(outcome, NotHandedOver | Uncertain) else 0
        if broken_off == BROKEN_OFF_IN_A_ROW:
            stopped = MailRefused("the mail server", f"broke off {broken_off} letters in a row: {outcome.detail}")
            break
    return Delivery(tuple(results), stopped=stopped, unready=tuple(unready))


def _refuse(outbox: Outbox, row: LetterRow, reason: str) -> Outcome | None:
    attempt = outbox.begin_handover(row)
    if attempt is None:
        return None
    outbox.finish(row, attempt, PermanentFailure(reason))
    return PermanentFailure(reason)


def _hand_over(outbox: Outbox, mailer: Hands, row: LetterRow, message: Message, now: datetime) -> Outcome | None:
    mailer.open()  # before the letter is taken in hand: an unusable server leaves it as it is
    attempt = outbox.begin_handover(row)
    if attempt is None:
        return None
    try:
        outcome = mailer.send(Letter(row.recipient, row.message_id, now, message, row.number))
    except MailRefused as error:
        outbox.finish(row, attempt, NotHandedOver(error.reason))
        raise
    except BaseException:  # Ctrl-C: what is known of the letter is written down, then the interrupt goes on
        outbox.finish(row, attempt, mailer.interrupted())
        raise
    outbox.finish(row, attempt, outcome)
    return outcome
