"""Letters that nobody has follow the client's file; whoever has his, or may have it, gets no second one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.delivery.addressing import Envelope
from studio_support.delivery.readdressing import gone, readdress
from studio_support.errors import UnknownClient


@dataclass(frozen=True)
class Row:
    recipient: str
    state: str
    detail: str = ""
    outbox_id: int = 1
    number: str = "2026-0001"
    client: str = "acme"
    is_reminder: bool = False


BACK_IN_DOUBT = gone(Row("a@acme.example", "uncertain", "cut"))


def plan(rows: Sequence[Row], *now: str) -> tuple[list[str], list[str], list[str]]:
    """Who is withdrawn, who gets a new letter, who is written to again."""
    found = readdress(rows, lambda client: now)
    assert (found.held, found.problems) == ((), ())
    withdrawn = [row.recipient for row, _ in found.withdrawn]
    return withdrawn, [one.recipient for one in found.envelopes], [row.recipient for row in found.revived]


@pytest.mark.parametrize("state", ["queued", "refused", "bounced"])
def test_a_corrected_address_gets_the_letter_instead(state: str) -> None:
    rows = [Row("b@acme.example", "accepted"), Row("tpyo@acme.example", state, "450 later")]
    found = readdress(rows, lambda client: ["b@acme.example", "typo@acme.example"])
    assert found.envelopes == (Envelope(1, "typo@acme.example", "2026-0001", "acme"),)
    noted = f"no longer an address of the client, now typo@acme.example; was {state}: 450 later"
    assert found.withdrawn == ((rows[1], noted),)


@pytest.mark.parametrize("state", ["accepted", "uncertain", "handing over", "withdrawn"])
def test_what_arrived_or_may_have_is_left_alone(state: str) -> None:
    assert plan([Row("old@acme.example", state)], "new@acme.example") == ([], [], [])


def test_an_address_that_was_added_gets_no_old_mail() -> None:
    assert plan([Row("a@acme.example", "queued")], "a@acme.example", "b@acme.example") == ([], [], [])


def test_case_and_blanks_make_no_other_address() -> None:
    assert plan([Row("a@acme.example", "queued")], " A@ACME.example ") == ([], [], [])


def test_an_address_that_was_taken_out_gets_nothing() -> None:
    rows = [Row("a@acme.example", "accepted"), Row("b@acme.example", "queued")]
    assert plan(rows, "a@acme.example") == (["b@acme.example"], [], [])
    assert gone(rows[1]) == "no longer an address of the client; was queued"


def test_an_address_that_is_back_is_written_to_again() -> None:
    old = replace(Row("a@acme.example", "withdrawn"), detail=gone(Row("a@acme.example", "queued"), ["b@acme.example"]))
    assert plan([old, Row("b@acme.example", "queued")], "a@acme.example") == (
        ["b@acme.example"],
        [],
        ["a@acme.example"],
    )


@pytest.mark.parametrize("detail", ["", BACK_IN_DOUBT])
def test_an_address_that_is_back_and_may_have_the_letter_gets_no_second_one(detail: str) -> None:
    """Withdrawn with its document, or while it was in doubt."""
    rows = [Row("a@acme.example", "withdrawn", detail), Row("b@acme.example", "queued")]
    assert plan(rows, "a@acme.example") == (["b@acme.example"], [], [])


def test_an_address_that_is_back_and_may_have_the_letter_is_a_person_s_matter_again() -> None:
    """Its letter would be the document's only one: withdrawn, nobody would have it and nobody would be told."""
    rows = [Row("a@acme.example", "withdrawn", BACK_IN_DOUBT), Row("b@acme.example", "bounced")]
    assert readdress(rows, lambda client: ["a@acme.example"]).doubtful == (rows[0],)


@pytest.mark.parametrize(("state", "moved"), [("queued", True), ("refused", False), ("bounced", False)])
def test_of_reminders_those_that_wait_alone_follow(state: str, moved: bool) -> None:
    rows = [Row("a@acme.example", state, is_reminder=True)]
    assert plan(rows, "b@acme.example") == ((["a@acme.example"], ["b@acme.example"], []) if moved else ([], [], []))


@pytest.mark.parametrize("now", [[], ["acme.example"], ["b@acme.example", "acme.example"], None])
def test_a_file_that_does_not_say_where_to_holds_what_waits(now: list[str] | None) -> None:
    def recipients_of(client: str) -> Sequence[str]:
        if now is None:
            raise UnknownClient(client, [])
        return now

    rows = [Row("a@acme.example", "queued"), Row("c@acme.example", "refused")]
    found = readdress(rows, recipients_of)
    assert (found.held, found.withdrawn, found.envelopes) == ((rows[0],), (), ())
    [problem] = found.problems
    assert (problem.source, problem.client) == ("invoice:2026-0001", "acme")
    assert readdress(rows[1:], recipients_of).problems == (), "it is named as refused already"


def test_each_document_follows_its_own_client() -> None:
    rows = [Row("a@acme.example", "queued"), Row("z@zeta.example", "queued", outbox_id=2, client="zeta")]
    book = {"acme": ["a@acme.example"], "zeta": ["y@zeta.example"]}
    found = readdress(rows, lambda client: book[client])
    assert found.withdrawn == ((rows[1], gone(rows[1], ["y@zeta.example"])),)
    assert [(one.outbox_id, one.recipient) for one in found.envelopes] == [(2, "y@zeta.example")]


STATES = ("queued", "handing over", "accepted", "uncertain", "refused", "bounced", "withdrawn")
NAMES = st.lists(st.sampled_from("abcd"), max_size=4, unique=True)


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(STATES), min_size=1), NAMES)
def test_nobody_who_has_or_may_have_the_letter_gets_another_and_a_second_look_finds_nothing(
    states: dict[str, str], now: list[str]
) -> None:
    rows = [Row(f"{name}@acme.example", state) for name, state in states.items()]
    wanted = [f"{name}@acme.example" for name in now]
    found = readdress(rows, lambda client: wanted)
    written = [one.recipient for one in found.envelopes] + [row.recipient for row in found.revived]
    assert len(written) == len(set(written))
    assert not {row.recipient for row in rows if row.state in ("accepted", "uncertain", "handing over")} & set(written)
    leaving = {row.recipient: detail for row, detail in found.withdrawn}
    after = [
        replace(row, state="withdrawn", detail=leaving[row.recipient]) if row.recipient in leaving else row
        for row in rows
    ]
    after += [Row(one.recipient, "queued") for one in found.envelopes]
    again = readdress(after, lambda client: wanted)
    assert (again.withdrawn, again.envelopes, again.revived) == ((), (), ())
