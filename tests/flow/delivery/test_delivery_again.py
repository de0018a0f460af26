"""Letters in doubt: what is known of them, and sending them again on a person's word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from studio_support.delivery.outbox import Again
from studio_support.delivery.outcomes import Accepted, NotHandedOver, Outcome, PermanentFailure
from studio_support.errors import InvoiceStateError, Refused, UnknownInvoice
from tests.flow.delivery.hands import Scripted, hand, message_ids, send


def test_again_leaves_a_letter_alone_that_an_address_of_old_has_got(books: Any) -> None:
    books.issue("acme")
    hand(books, Scripted(), ["old@acme.example"])
    again = books.outbox().send_again("2026-0001", ["new@acme.example"])
    assert again == Again(added=("new@acme.example",))
    assert books.states() == {"old@acme.example": "accepted", "new@acme.example": "queued"}


def test_an_uncertain_letter_is_sent_again_on_a_persons_word_with_the_same_message_id(
    books: Any, serve: Callable[..., Any]
) -> None:
    trouble = True
    server = serve(lambda where, who: "cut" if trouble and where == "dot" else None)
    books.issue("acme")
    send(books, server)
    trouble = False

    assert books.outbox().send_again("2026-0001", ["a@acme.example"]) == Again(queued=("a@acme.example",))
    assert send(books, server).complete

    assert len(server.kept) == 2
    assert len(set(message_ids(server))) == 1


def test_again_leaves_an_accepted_letter_alone_unless_forced(books: Any, serve: Callable[..., Any]) -> None:
    server = serve()
    books.issue("acme")
    send(books, server)
    outbox = books.outbox()

    assert outbox.send_again("2026-0001", ["a@acme.example"]) == Again(accepted=("a@acme.example",))
    send(books, server)
    assert len(server.kept) == 1

    assert outbox.send_again("2026-0001", ["a@acme.example"], force=True) == Again(queued=("a@acme.example",))
    send(books, server)
    assert len(server.kept) == 2
    assert len(set(message_ids(server))) == 1


def test_again_goes_to_the_addresses_of_now(books: Any, serve: Callable[..., Any]) -> None:
    """A refused address is corrected in the client's file: the new one gets the letter, the old one none."""
    server = serve(lambda where, who: "550 unknown" if where == "rcpt" and who.startswith("typo") else None)
    books.issue("acme")
    send(books, server, {"acme": ["typo@acme.example", "b@acme.example"]})

    again = books.outbox().send_again("2026-0001", [" b@acme.example", "right@acme.example"])
    assert again == Again(added=("right@acme.example",), withdrawn=("typo@acme.example",), accepted=("b@acme.example",))
    assert send(books, server, {"acme": ["b@acme.example", "right@acme.example"]}).complete
    assert books.states() == {
        "typo@acme.example": "withdrawn",
        "b@acme.example": "accepted",
        "right@acme.example": "accepted",
    }
    assert sorted(kept.recipients[0] for kept in server.kept) == ["b@acme.example", "right@acme.example"]


def test_again_of_what_was_never_addressed_changes_nothing(books: Any) -> None:
    books.issue("acme")
    assert books.outbox().send_again("2026-0001", ["a@acme.example"]) == Again()
    assert books.states() == {}


def test_again_is_refused_for_what_does_not_stand(books: Any) -> None:
    books.issue("acme", state="cancelled")
    outbox = books.outbox()
    with pytest.raises(UnknownInvoice):
        outbox.send_again("2026-9999", ["a@acme.example"])
    with pytest.raises(InvoiceStateError):
        outbox.send_again("2026-0001", ["a@acme.example"])
    with pytest.raises(Refused, match="is not of the form"):
        outbox.send_again("2026-0001", ["acme.example"])


def test_a_diverted_letter_may_be_sent_again_for_good(books: Any, serve: Callable[..., Any]) -> None:
    server = serve()
    books.issue("acme")
    assert send(books, server, divert_to="me@studio.example").complete
    assert books.states() == {"a@acme.example": "accepted"}

    assert books.outbox().send_again("2026-0001", ["a@acme.example"]) == Again(queued=("a@acme.example",))
    send(books, server)
    assert [kept.recipients for kept in server.kept] == [["me@studio.example"], ["a@acme.example"]]


def test_a_letter_found_in_hand_becomes_uncertain_and_stays_so(books: Any) -> None:
    books.issue("acme")
    outbox = books.outbox()
    outbox.apply(outbox.plan(lambda client: ["a@acme.example"]))
    (row,) = outbox.due()
    assert outbox.begin_handover(row) == 1
    hands = Scripted()
    for _ in range(2):
        done = hand(books, hands)
        assert [(stuck.recipient, stuck.state) for stuck in done.stuck] == [("a@acme.example", "uncertain")]
    assert hands.sent == []


def test_a_letter_is_in_one_pair_of_hands(books: Any) -> None:
    books.issue("acme")
    outbox = books.outbox()
    outbox.apply(outbox.plan(lambda client: ["a@acme.example"]))
    (row,) = outbox.due()
    assert outbox.begin_handover(row) == 1
    assert outbox.begin_handover(row) is None


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Accepted("250"), "accepted"), (PermanentFailure("550"), "refused"), (NotHandedOver("cut"), "uncertain")],
)
def test_a_run_taken_for_dead_still_has_the_last_word_if_it_knows_the_servers(
    books: Any, outcome: Outcome, state: str
) -> None:
    books.issue("acme")
    outbox = books.outbox()
    outbox.apply(outbox.plan(lambda client: ["a@acme.example"]))
    (row,) = outbox.due()
    attempt = outbox.begin_handover(row)
    assert attempt is not None
    outbox.recover()
    outbox.finish(row, attempt, outcome)
    assert books.states() == {"a@acme.example": state}


def test_accepted_after_all_takes_a_letter_out_of_the_queue_it_was_put_back_to(books: Any) -> None:
    books.issue("acme")
    outbox = books.outbox()
    outbox.apply(outbox.plan(lambda client: ["a@acme.example"]))
    (row,) = outbox.due()
    attempt = outbox.begin_handover(row)
    assert attempt is not None
    outbox.recover()
    outbox.send_again("2026-0001", ["a@acme.example"])
    outbox.finish(row, attempt, Accepted("250"))
    assert (books.states(), outbox.due()) == ({"a@acme.example": "accepted"}, [])


def test_an_earlier_attempt_says_nothing_about_a_later_one(books: Any) -> None:
    books.issue("acme")
    outbox = books.outbox()
    outbox.apply(outbox.plan(lambda client: ["a@acme.example"]))
    (row,) = outbox.due()
    assert outbox.begin_handover(row) == 1
    outbox.recover()
    outbox.send_again("2026-0001", ["a@acme.example"])
    assert outbox.begin_handover(row) == 2
    outbox.finish(row, 1, Accepted("250"))
    assert books.states() == {"a@acme.example": "handing over"}
