"""Sending a month's links: what the server says decides what a letter's state is, and nothing is sent twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from studio_support.delivery.deliver import deliver, would_send
from studio_support.delivery.letter import Letter
from studio_support.delivery.outcomes import Accepted, NotHandedOver, Outcome, Uncertain
from studio_support.delivery.stored import Selection
from studio_support.errors import MailRefused
from studio_support.store import tables
from tests.flow.delivery.hands import MESSAGE, NOW, Scripted, hand, message_ids, send


def test_each_recipient_gets_one_letter_and_a_second_run_sends_none(books: Any, serve: Callable[..., Any]) -> None:
    server = serve()
    books.issue("acme")
    books.issue("zeta")
    addresses = {"acme": ["a@acme.example", "b@acme.example", "A@acme.example"], "zeta": ["z@zeta.example"]}

    first = send(books, server, addresses)
    second = send(books, server, addresses)

    assert sorted(kept.recipients[0] for kept in server.kept) == ["a@acme.example", "b@acme.example", "z@zeta.example"]
    assert (len(first.accepted), first.complete) == (3, True)
    assert (second.results, second.complete) == ((), True)
    assert set(books.states().values()) == {"accepted"}
    assert len(set(message_ids(server))) == 3
    assert all(name.endswith("@studio.example>") for name in message_ids(server))


def test_a_run_with_nothing_to_send_does_not_even_connect(books: Any, serve: Callable[..., Any]) -> None:
    server = serve()
    assert send(books, server).complete
    assert server.connections == 0


@pytest.mark.parametrize(
    ("stage", "answer", "state", "again", "kept"),
    [
        ("rcpt", "451 busy", "queued", "accepted", 1),
        ("body", "451 greylisted", "queued", "accepted", 1),
        ("rcpt", "550 unknown", "refused", "refused", 0),
        ("body", "554 spam", "refused", "refused", 0),
        ("data", "cut", "queued", "accepted", 1),
        ("body", "cut", "uncertain", "uncertain", 0),
        ("dot", "cut", "uncertain", "uncertain", 1),
        ("dot", "hang", "uncertain", "uncertain", 1),
    ],
)
def test_only_what_the_server_has_not_taken_is_tried_in_the_next_run(
    books: Any, serve: Callable[..., Any], stage: str, answer: str, state: str, again: str, kept: int
) -> None:
    trouble = True
    server = serve(lambda where, who: answer if trouble and where == stage and who.startswith("a@") else None)
    books.issue("acme")
    books.issue("zeta")

    first = send(books, server, timeout=0.5 if answer == "hang" else 20)
    assert books.states() == {"a@acme.example": state, "z@zeta.example": "accepted"}
    assert not first.complete
    assert [row.recipient for row in (*first.waiting, *first.stuck)] == ["a@acme.example"]
    assert len(first.accepted) == 1

    trouble = False
    second = send(books, server, now=NOW + timedelta(minutes=5))
    assert books.states() == {"a@acme.example": again, "z@zeta.example": "accepted"}
    assert server.kept_for("a@acme.example") == kept
    assert server.kept_for("z@zeta.example") == 1
    assert second.complete == (again == "accepted")
    assert [row.recipient for row in second.stuck] == ([] if again == "accepted" else ["a@acme.example"])


def test_mail_of_a_cancelled_document_never_leaves(books: Any, serve: Callable[..., Any]) -> None:
    trouble = True
    server = serve(lambda where, who: "451 later" if trouble and where == "rcpt" else None)
    addressed, fresh = books.issue("acme"), books.issue("zeta")
    send(books, server, selection=Selection(clients=("acme",)))
    trouble = False
    for document in (addressed, fresh):
        books.change(document, state="cancelled", link_live=False)

    assert send(books, server).complete
    assert server.kept == []
    assert books.states() == {"a@acme.example": "queued"}


def test_a_letter_withdrawn_between_look_and_hand_stays(books: Any) -> None:
    first = books.issue("acme")
    outbox = books.outbox()
    outbox.apply(outbox.plan(lambda client: ["a@acme.example"]))
    due = outbox.due()
    books.cancel(first)
    hands = Scripted()
    done = deliver(outbox, hands, due, render_message=lambda row: MESSAGE, clock=lambda: NOW)
    assert (done.results, hands.sent) == ((), [])


@pytest.mark.parametrize("facts", [{"published": False}, {"link_live": False}])
def test_a_link_that_leads_nowhere_is_not_mailed(books: Any, facts: dict[str, bool]) -> None:
    books.issue("acme", **facts)
    hands = Scripted()
    done = hand(books, hands)
    assert hands.sent == []
    assert [problem.source for problem in done.problems] == ["invoice:2026-0001"]
    assert not done.complete


def test_a_selection_is_kept_to(books: Any, serve: Callable[..., Any]) -> None:
    server = serve()
    books.issue("acme")
    books.issue("zeta")
    books.issue("acme", month="2026-09")
    send(books, server, selection=Selection(month="2026-09"))
    assert len(server.kept) == 1
    send(books, server, selection=Selection(month="2026-10", clients=("zeta",)))
    assert server.kept_for("z@zeta.example") == 1
    send(books, server, selection=Selection(number="2026-0001"))
    assert server.kept_for("a@acme.example") == 2
    assert send(books, server).results == ()


def test_recipients_are_those_of_the_day_of_sending(books: Any) -> None:
    books.issue("acme")
    outbox = books.outbox()
    assert [document.number for document in outbox.unaddressed()] == ["2026-0001"]
    plan = outbox.plan(lambda client: ["old@acme.example"])
    assert books.states() == {}
    outbox.apply(outbox.plan(lambda client: ["new@acme.example"]))
    outbox.apply(plan)  # a second run that had looked before: the document is addressed already
    assert books.states() == {"new@acme.example": "queued"}
    assert outbox.unaddressed() == []


def test_a_dry_run_shows_what_would_happen_and_changes_nothing(books: Any) -> None:
    books.issue("acme")
    hand(books, Scripted(NotHandedOver("cut"), Uncertain("cut")), ["a@acme.example", "u@acme.example"])
    books.issue("zeta")
    books.issue("none")
    before = snapshot(books)
    addresses = {"acme": ["a@acme.example", "u@acme.example"], "zeta": ["z@zeta.example"], "none": []}

    shown = would_send(books.outbox(), lambda client: addresses[client])

    assert [row.recipient for row in shown.due] == ["a@acme.example"]
    assert [(envelope.number, envelope.recipient) for envelope in shown.new.envelopes] == [
        ("2026-0002", "z@zeta.example")
    ]
    assert [problem.client for problem in shown.new.problems] == ["none"]
    assert [row.recipient for row in shown.stuck] == ["u@acme.example"]
    assert snapshot(books) == before


def snapshot(books: Any) -> list[Any]:
    with books.store.reading() as connection:
        return [
            connection.execute(select(table).order_by(table.c.id)).all()
            for table in (tables.outbox, tables.letters, tables.audit)
        ]


def test_handing_over_is_committed_before_the_first_byte(books: Any) -> None:
    books.issue("acme")
    seen: list[str] = []

    class Watching(Scripted):
        def send(self, letter: Letter) -> Outcome:
            seen.append(books.states()[letter.recipient])
            return super().send(letter)

    hand(books, Watching())
    assert seen == ["handing over"]


def test_an_unusable_server_leaves_every_letter_waiting(books: Any) -> None:
    books.issue("acme")
    done = hand(books, Scripted(MailRefused("smtp://mx", "connection refused")), ["a@x.example", "b@x.example"])
    assert done.stopped is not None
    assert done.stopped.reason == "connection refused"
    assert (done.results, [row.recipient for row in done.waiting]) == ((), ["a@x.example", "b@x.example"])
    assert [row.attempts for row in done.waiting] == [0, 0]


def test_a_server_that_becomes_unusable_in_mid_run_stops_it(books: Any) -> None:
    books.issue("acme")

    class Leaving(Scripted):
        def open(self) -> None: ...

    hands = Leaving(Accepted("250"), MailRefused("smtp://mx", "refuses the sender"))
    done = hand(books, hands, ["a@x.example", "b@x.example", "c@x.example"])
    assert books.states() == {"a@x.example": "accepted", "b@x.example": "queued", "c@x.example": "queued"}
    assert done.stopped is not None
    assert [row.detail for row in done.waiting] == ["refuses the sender", ""]


@pytest.mark.parametrize("broken", [Uncertain("cut"), NotHandedOver("cut")])
def test_a_server_that_breaks_off_three_times_in_a_row_is_left_alone(books: Any, broken: Outcome) -> None:
    books.issue("acme")
    recipients = [f"{number}@x.example" for number in range(8)]
    fine = Accepted("250")
    done = hand(books, Scripted(broken, broken, fine, broken, broken, broken), recipients)
    assert [result.outcome for result in done.results] == [broken, broken, fine, broken, broken, broken]
    assert done.stopped is not None
    assert "3 letters in a row" in done.stopped.reason
    assert {"6@x.example", "7@x.example"} <= {row.recipient for row in done.waiting}


@pytest.mark.parametrize(
    ("last", "state"), [(NotHandedOver("interrupted"), "queued"), (Uncertain("interrupted"), "uncertain")]
)
def test_ctrl_c_writes_down_what_is_known_and_goes_on(books: Any, last: Outcome, state: str) -> None:
    books.issue("acme")
    hands = Scripted(KeyboardInterrupt())
    hands.last = last
    with pytest.raises(KeyboardInterrupt):
        hand(books, hands, ["a@x.example", "b@x.example"])
    assert books.states() == {"a@x.example": state, "b@x.example": "queued"}


def test_results_are_told_as_they_come(books: Any, serve: Callable[..., Any]) -> None:
    books.issue("acme")
    told: list[tuple[str, str]] = []
    send(books, serve(), on_result=lambda result: told.append((result.letter.number, result.outcome.state)))
    assert told == [("2026-0001", "accepted")]


def test_the_audit_log_names_person_document_recipient_and_end(books: Any) -> None:
    books.issue("acme")
    hand(books, Scripted(Uncertain("cut")))
    books.outbox().send_again("2026-0001", ["a@acme.example"])
    hand(books, Scripted(Accepted("250 kept")))
    with books.store.reading() as connection:
        rows = connection.execute(select(tables.audit).order_by(tables.audit.c.id)).all()
    assert [(row.at, row.person, row.verb, row.subject, json.loads(row.detail)) for row in rows] == [
        (NOW, "i.petrova", "mail uncertain", "invoice:2026-0001", {"recipient": "a@acme.example", "detail": "cut"}),
        (
            NOW,
            "i.petrova",
            "mail again",
            "invoice:2026-0001",
            {"queued": ["a@acme.example"], "added": [], "withdrawn": []},
        ),
        (NOW, "i.petrova", "mail accepted", "invoice:2026-0001", {"recipient": "a@acme.example", "detail": "250 kept"}),
    ]


def test_letters_of_a_document_can_be_listed(books: Any) -> None:
    first = books.issue("acme")
    hand(books, Scripted(Accepted("250 kept")))
    (row,) = books.outbox().letters(Selection(number="2026-0001"))
    assert replace(row, message_id="") == replace(
        row,
        id=1,
        outbox_id=1,
        invoice_id=first,
        number="2026-0001",
        client="acme",
        month="2026-10",
        kind="invoice",
        recipient="a@acme.example",
        message_id="",
        state="accepted",
        attempts=1,
        detail="250 kept",
        changed_at=NOW,
    )
