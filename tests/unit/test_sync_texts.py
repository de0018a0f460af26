"""Issues' texts that no markup can break out of, and what is read from tickets: hours, answers, addresses, triggers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from studio_support.otrs.model import Article, HistoryRow, Ticket
from studio_support.sync.issue_text import issue_description, issue_subject, note_text, verbatim
from studio_support.sync.model import FieldNames, Rules, SyncClient
from studio_support.sync.talk import (
    answered_by_hand,
    at_of,
    by_voice,
    closed_by,
    customer_articles,
    estimate_minutes,
    is_critical,
    lacking,
    opening,
    priority_level,
    recipient,
    triggered,
)
from studio_support.tickets.number import NumberPolicy

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NUMBERS = NumberPolicy()
NUMBER = "2026112310000011"
RULES = Rules(queues=("Support",), language="en", trigger=("queue", "To Redmine"), required=("estimate", "Budget"))
ARTICLE = Article(7, 1, "customer", "email", True, "Jane <jane@acme.example>", "", "", "Logo", "Hello\nworld", AT)
TICKET = Ticket(
    id=1,
    number=NUMBER,
    title="Re: [Ticket#2026112310000011] Logo <b>now</b>",
    queue="Support",
    state="new",
    state_type="new",
    locked=False,
    owner="root@localhost",
    customer="ACME",
    customer_user="jane",
    priority="3 normal",
    created_at=AT,
    changed_at=AT,
    fields=(("Estimate", ""), ("Budget", "no"), ("Urgency", "")),
    articles=(ARTICLE,),
)


def agent(article_id: int, **values: Any) -> Article:
    base = replace(ARTICLE, id=article_id, sender_type="agent", sender="Anna <anna@studio.example>", created_by=5)
    return replace(base, **values)


def test_a_subject_is_one_line_without_tag_and_prefix() -> None:
    assert issue_subject(TICKET, NUMBERS) == "Logo <b>now</b>"
    assert issue_subject(replace(TICKET, title="a\nb\x07c"), NUMBERS) == "a b c"


def test_a_long_subject_is_cut_and_an_empty_one_is_the_number() -> None:
    assert issue_subject(replace(TICKET, title="я" * 300), NUMBERS) == "я" * 254 + "…"
    assert issue_subject(replace(TICKET, title="  "), NUMBERS) == f"Ticket#{NUMBER}"


def test_a_description_holds_number_address_sender_and_words() -> None:
    text = issue_description(TICKET, (ARTICLE,), "https://t.example/{id}/{number}", NUMBERS, "textile")
    assert text == (
        f"Ticket#{NUMBER}\nhttps://t.example/1/{NUMBER}\n\n"
        "Jane jane@acme.example, 2026-11-23 07:00 UTC\n\n<pre>\nHello\nworld\n</pre>\n"
    )
    assert issue_description(TICKET, (), "", NUMBERS, "textile") == f"Ticket#{NUMBER}\n"


def test_no_closing_tag_ends_the_block() -> None:
    assert verbatim("a </pre> b <PRE> <code> </notextile> <i>", "textile") == (
        "<pre>\na <\u200b/pre> b <\u200bPRE> <\u200bcode> <\u200b/notextile> <i>\n</pre>"
    )


def test_every_line_is_indented_so_that_no_fence_ends_the_block() -> None:
    assert verbatim("plain", "markdown") == "    plain"
    assert verbatim("a\n```\n\nb", "markdown") == "    a\n    ```\n    \n    b"


def test_ten_megabytes_are_cut_and_unseen_signs_dropped() -> None:
    block = verbatim("x" * 10_000_000, "markdown")
    assert len(block) < 41_000
    assert block.endswith("x\n    […]")
    assert verbatim("a\u202eb\r\nc\x00", "markdown") == "    ab\n    c"


def test_a_note_has_the_new_words_only_and_names_the_article() -> None:
    later = replace(ARTICLE, body="And the footer.\n> old", received_at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    assert note_text(TICKET, later, NUMBERS, "textile") == (
        f"Ticket#{NUMBER}, article 7\nJane jane@acme.example, 2026-11-23 08:00 UTC\n\n<pre>\nAnd the footer.\n</pre>\n"
    )
    quoted = replace(ARTICLE, body="> only quoted")
    assert "> only quoted" in note_text(TICKET, quoted, NUMBERS, "textile")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("3", 180),
        ("3,5", 210),
        ("3.5 h", 210),
        ("0.01", 1),
        ("3:30", 210),
        ("2 ч", 120),
        ("90m", 90),
        ("3h30", 210),
        ("soon", None),
        ("-1", None),
    ],
)
def test_estimates_are_hours(text: str, minutes: int | None) -> None:
    """0.01 h is 0.6 minutes: rounded up."""
    assert estimate_minutes(text) == minutes


@pytest.mark.parametrize(("name", "level"), [("1 very low", 1), ("5 very high", 5), ("normal", 3), ("42", 3)])
def test_priorities_carry_their_digit(name: str, level: int) -> None:
    assert priority_level(name) == level


def test_an_agents_visible_letter_answers_and_nothing_else_does() -> None:
    silent = (
        agent(8, visible=False),
        agent(9, channel="internal"),
        agent(10, sender_type="system"),
        agent(11, created_by=9),
    )
    assert answered_by_hand(replace(TICKET, articles=(ARTICLE, *silent)), 7, 9) is None
    answer = agent(12)
    assert answered_by_hand(replace(TICKET, articles=(ARTICLE, *silent, answer)), 7, 9) == answer
    assert answered_by_hand(replace(TICKET, articles=(agent(3), ARTICLE)), 7, 9) is None
    assert answered_by_hand(replace(TICKET, articles=(ARTICLE, agent(11, created_by=9))), 7, None) is not None


def test_letters_go_to_the_writer_else_to_the_customer_user_else_to_whom_the_call_was_from() -> None:
    assert recipient(TICKET, ARTICLE) == "jane@acme.example"
    named = replace(TICKET, customer_user="Jane@acme.example")
    call = agent(7, channel="phone", sender="Bob <bob@acme.example>")
    assert recipient(named, call) == "jane@acme.example"
    assert recipient(TICKET, call) == "bob@acme.example"
    assert recipient(TICKET, None) == ""


def test_a_call_taken_down_by_an_agent_opens_a_ticket_as_a_request() -> None:
    call = agent(7, channel="phone")
    [said] = customer_articles(replace(TICKET, articles=(call,)), RULES)
    assert (said.article, said.kind) == (call, "request")
    assert by_voice(agent(7, channel="chat"))
    assert by_voice(agent(7, channel="internal"))
    assert not by_voice(agent(7, channel="internal", visible=False))
    assert customer_articles(replace(TICKET, articles=(agent(7),)), RULES) == ()
    assert customer_articles(replace(TICKET, articles=()), RULES) == ()
    assert opening(replace(TICKET, articles=(agent(6, sender_type="system"), ARTICLE))) == ARTICLE


def test_the_auto_field_speaks_of_the_newest_letter_only() -> None:
    filled = replace(TICKET, fields=(("AutoSubmitted", "auto-replied"),))
    newer = replace(ARTICLE, id=8)
    kinds = [said.kind for said in customer_articles(replace(filled, articles=(ARTICLE, newer)), RULES)]
    assert kinds == ["request", "auto"]


@pytest.mark.parametrize(
    ("trigger", "ticket", "fires"),
    [
        (("queue", "To Redmine"), {"queue": "to redmine"}, True),
        (("queue", "To Redmine"), {}, False),
        (("state", "To Redmine"), {"state": "To Redmine"}, True),
        (("field", "ToRedmine"), {"fields": (("ToRedmine", "1"),)}, True),
        (("field", "ToRedmine"), {"fields": (("ToRedmine", "0"),)}, False),
        (("field", "ToRedmine"), {}, False),
    ],
)
def test_queue_state_or_field_make_an_issue(trigger: Any, ticket: dict[str, Any], fires: bool) -> None:
    rules = replace(RULES, trigger=trigger)
    assert triggered(replace(TICKET, **ticket), rules) is fires


def test_what_a_ticket_lacks_is_named() -> None:
    assert lacking(TICKET, RULES) == ("estimate", "Budget")
    filled = replace(TICKET, fields=(("Estimate", "3"), ("Budget", "yes")))
    assert lacking(filled, RULES) == ()
    assert FieldNames().named("agreed") == "Agreed"


@pytest.mark.parametrize(
    ("values", "critical"),
    [
        ({"priority": "5 very high"}, True),
        ({"fields": (("Urgency", "Critical"),)}, True),
        ({"fields": (("Urgency", "yes"),)}, True),
        ({"fields": (("Urgency", "low"),)}, False),
        ({}, False),
    ],
)
def test_priority_or_urgency_say_what_is_critical(values: dict[str, Any], critical: bool) -> None:
    assert is_critical(replace(TICKET, **values), RULES) is critical


def test_an_article_came_when_the_server_took_it_in_else_when_it_was_made() -> None:
    assert at_of(ARTICLE) == AT
    taken = datetime(2026, 11, 23, 6, 59, tzinfo=UTC)
    assert at_of(replace(ARTICLE, received_at=taken)) == taken


def test_a_clients_project_is_its_default_or_its_only_one() -> None:
    client = SyncClient("acme", "ACME", "de", projects=("a", "b"))
    assert client.project == ""
    assert replace(client, projects=("a",)).project == "a"
    assert replace(client, default_project="c").project == "c"


@pytest.mark.parametrize(
    ("studio", "kind", "client", "mode"),
    [
        ("send", "send", None, "send"),
        ("send", "note", None, "note"),
        ("note", "send", "off", "off"),
        ("note", "send", "send", "note"),
    ],
)
def test_the_most_careful_word_about_letters_counts(studio: Any, kind: Any, client: Any, mode: str) -> None:
    rules = replace(RULES, letters=studio, letters_by_kind={"done": kind})
    acme = SyncClient("acme", "ACME", "de", letters=client)
    assert rules.mode("done", acme) == mode
    assert rules.mode("done", None) == ("note" if "note" in (studio, kind) else "send")


def test_statuses_mean_open_done_or_refused() -> None:
    assert [RULES.state_of(one) for one in ("closed", "Resolved", "REJECTED", "New")] == [
        *("done", "done", "refused", "open"),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "closed"),
    [
        ("StateUpdate", "%%open%%closed unsuccessful%%", True),
        ("StateUpdate", "%%open%%Erledigt%%", True),
        ("StateUpdate", "%%closed successful%%open%%", False),
        ("StateUpdate", "", False),
        ("Misc", "%%closed successful%%", False),
    ],
)
def test_the_history_tells_that_a_ticket_was_closed(kind: str, text: str, closed: bool) -> None:
    rules = replace(RULES, closed_state="erledigt")
    assert closed_by(HistoryRow(1, kind, text, AT, 5), rules) is closed
