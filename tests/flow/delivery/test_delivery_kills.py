"""Runs that are killed with a letter in hand, and two runs at once without a lock: never a second mail."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from studio_support.delivery.bounces import Report
from studio_support.delivery.deliver import send_mail
from studio_support.delivery.letter import Letter, Message
from studio_support.delivery.outbox import Outbox
from studio_support.delivery.outbox_bounces import Seen, record_bounces
from studio_support.delivery.outcomes import (
    Accepted,
    NotHandedOver,
    Outcome,
    PermanentFailure,
    TemporaryFailure,
    Uncertain,
)
from studio_support.errors import InvoiceStateError
from studio_support.store.engine import open_store
from studio_support.store.tables import invoices

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
MESSAGE = Message("Invoice", "Your link\n", "<html><body></body></html>\n")

SENDER = """
import sys
from datetime import UTC, datetime
from studio_support.delivery.deliver import send_mail
from studio_support.delivery.letter import Message
from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.delivery.outbox import Outbox
from studio_support.store.engine import open_store

clock = lambda: datetime.now(UTC)
store = open_store(f"sqlite:///{sys.argv[1]}")
outbox = Outbox(store, clock, "i.petrova", "billing@studio.example")
print("ready", flush=True)
sys.stdin.readline()
with Mailer(SmtpServer(sys.argv[2], timeout_seconds=30), "billing@studio.example") as mailer:
    done = send_mail(
        outbox,
        mailer,
        recipients_of=lambda client: [f"{client}@acme.example"],
        render_message=lambda row: Message("Invoice", "Your link", "<html><body></body></html>"),
        clock=clock,
    )
print("stopped" if done.stopped else "ended", len(done.accepted), flush=True)
"""


def start(books: Any, server: Any) -> subprocess.Popen[str]:
    """A sender in a process of its own, ready to begin on a line of input."""
    child = subprocess.Popen(
        [sys.executable, "-c", SENDER, str(books.path), server.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()


@pytest.mark.parametrize(
    ("stage", "kept"), [("mail", 0), ("rcpt", 0), ("data", 0), ("content", 0), ("body", 0), ("dot", 1)]
)
def test_killed_with_a_letter_in_hand_leaves_it_uncertain_and_it_is_not_sent_again(
    books: Any, serve: Callable[..., Any], stage: str, kept: int
) -> None:
    hanging = True

    def script(where: str, who: str) -> str | None:
        in_hand = who.startswith("b@") or (where == "mail" and len(server.kept) == 1)
        return "hang" if hanging and where == stage and in_hand else None

    server = serve(script)
    for client in ("a", "b", "c"):
        books.issue(client)
    child = start(books, server)
    go(child)
    assert server.hanging.wait(30)
    assert books.states() == {
        "a@acme.example": "accepted",
        "b@acme.example": "handing over",
        "c@acme.example": "queued",
    }
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)
    hanging = False

    second = start(books, server)
    out, _ = second.communicate("go\n", timeout=60)

    assert out == "ended 1\n"
    assert books.states() == {"a@acme.example": "accepted", "b@acme.example": "uncertain", "c@acme.example": "accepted"}
    assert [server.kept_for(f"{name}@acme.example") for name in "abc"] == [1, kept, 1]


def test_two_runs_at_once_without_a_lock_send_each_letter_once(books: Any, serve: Callable[..., Any]) -> None:
    server = serve(lambda where, who: "wait for two" if where == "mail" else None)
    clients = [f"client{number}" for number in range(40)]
    for client in clients:
        books.issue(client)
    children = [start(books, server) for _ in range(2)]
    for child in children:
        go(child)
    ended = [child.communicate(timeout=120)[0].split() for child in children]

    assert [words[0] for words in ended] == ["ended", "ended"]
    assert server.connections == 2
    assert sum(int(words[1]) for words in ended) == 40
    assert Counter(kept.recipients[0] for kept in server.kept) == {f"{client}@acme.example": 1 for client in clients}
    assert set(books.states().values()) == {"accepted"}


class Killed(BaseException):
    """The process is gone: nothing is written down any more."""


class Post:
    """A mail server as a model: `plan` says for each letter how it goes; `kept` is what really arrived."""

    def __init__(self) -> None:
        self.kept: Counter[tuple[str, str]] = Counter()
        self.plan: list[str] = []

    def open(self) -> None: ...

    def send(self, letter: Letter) -> Outcome:
        how = self.plan.pop(0) if self.plan else "accepted"
        if how in {"accepted", "kept, reply lost", "kept, then killed"}:
            self.kept[letter.message_id, letter.recipient] += 1
        if "killed" in how:
            raise Killed
        ends: dict[str, Outcome] = {
            "later": TemporaryFailure("451"),
            "never": PermanentFailure("550"),
            "cut before": NotHandedOver("cut"),
            "kept, reply lost": Uncertain("cut"),
            "lost": Uncertain("cut"),
        }
        return ends.get(how, Accepted("250"))

    def interrupted(self) -> Outcome:
        raise Killed


HOWS = ("accepted", "later", "never", "cut before", "kept, reply lost", "lost", "killed before", "kept, then killed")


class Sending(RuleBasedStateMachine):
    """Any order of issuing, sending, failing, dying, cancelling and sending again."""

    template: Path
    make_books: Callable[..., Any]
    documents = Bundle("documents")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "store.db")
        self.store = open_store(f"sqlite:///{self.folder / 'store.db'}")
        self.books = self.make_books(self.store, self.folder / "store.db")
        self.outbox = Outbox(self.store, lambda: NOW, "i.petrova", "billing@studio.example")
        self.post = Post()
        self.again: Counter[str] = Counter()

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(target=documents)
    def issue(self) -> int:
        return int(self.books.issue(f"c{self.books.issued}"))

    @rule(plan=st.lists(st.sampled_from(HOWS), max_size=6))
    def send(self, plan: list[str]) -> None:
        self.post.plan = plan
        with contextlib.suppress(Killed):
            send_mail(
                self.outbox,
                self.post,
                recipients_of=lambda client: [f"{client}@acme.example", f"{client}@acme.test"],
                render_message=lambda row: MESSAGE,
                clock=lambda: NOW,
            )

    @rule(document=documents)
    def send_again(self, document: int) -> None:
        with self.store.reading() as connection:
            row = connection.execute(
                select(invoices.c.number, invoices.c.client).where(invoices.c.id == document)
            ).one()
        recipients = [f"{row.client}@acme.example", f"{row.client}@acme.test"]
        self.outbox.recover()
        try:
            again = self.outbox.send_again(row.number, recipients)
        except InvoiceStateError:
            return
        self.again.update(again.queued)

    @rule(key=st.integers(0, 99), pick=st.integers(0, 9))
    def come_back(self, key: int, pick: int) -> None:
        """A report about one of the letters, perhaps one that was counted before."""
        rows = self.outbox.letters()
        if rows:
            row = rows[pick % len(rows)]
            report = Report(row.message_id, row.recipient, "failed", "5.1.1", "no such user")
            record_bounces(self.store, [Seen(f"{key} {row.id}", (report,))], person="cron", now=NOW)

    @rule(document=documents)
    def cancel(self, document: int) -> None:
        self.books.cancel(document)

    @invariant()
    def nobody_gets_a_second_letter_unless_a_person_said_so(self) -> None:
        for (_, recipient), count in self.post.kept.items():
            assert count <= 1 + self.again[recipient]

    @invariant()
    def a_recipient_has_one_message_id(self) -> None:
        names = Counter(recipient for _, recipient in self.post.kept)
        assert all(count == 1 for count in names.values())

    @invariant()
    def nothing_is_called_accepted_that_did_not_arrive_or_lost_that_did(self) -> None:
        arrived = {recipient for _, recipient in self.post.kept}
        for row in self.outbox.letters():
            if row.state == "accepted":
                assert row.recipient in arrived
            elif row.recipient in arrived:
                assert row.state in {"uncertain", "handing over", "bounced", "withdrawn"} or self.again[row.recipient]


def test_whatever_happens_each_recipient_has_at_most_one_letter(books: Any, tmp_path: Path) -> None:
    books.store.close()  # writes the log back: the file alone is the template
    template = tmp_path / "template.db"
    shutil.copy(books.path, template)
    machine = type("Machine", (Sending,), {"template": template, "make_books": staticmethod(type(books))})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
