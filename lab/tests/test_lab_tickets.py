"""Seeded tickets: numbers that pass the check, times in order, the same for the same arguments."""

from __future__ import annotations

import re

from studio_lab import znuny_world
from studio_lab.tickets.world import Size, build, moment

SIZE = Size(count=400, since="2026-10-01 08:00:00", until="2026-10-03 20:00:00", seed=3)


def test_same_arguments_give_the_same_tickets() -> None:
    assert list(build(SIZE)) == list(build(SIZE))
    assert list(build(SIZE)) != list(build(Size(400, SIZE.since, SIZE.until, seed=4)))


def test_numbers_are_of_the_day_and_pass_the_check() -> None:
    """The counter begins anew each day; the digit is computed here once more, by the rule as it is written."""
    tickets = list(build(SIZE))
    assert len({ticket.number for ticket in tickets}) == 400
    for ticket in tickets:
        assert re.fullmatch(rf"{ticket.created_at:%Y%m%d}10\d{{6}}", ticket.number)
        digits = [int(digit) for digit in ticket.number]
        total = sum(digits[0:15:2]) + 2 * sum(digits[1:15:2])
        assert digits[15] == (10 - total % 10 if total % 10 else 1)
    first_of_day = {ticket.number[:15] for ticket in tickets if ticket.number[10:15] == "00001"}
    assert first_of_day == {"202610011000001", "202610021000001", "202610031000001"}


def test_times_are_in_order_and_within_the_bounds() -> None:
    tickets = list(build(SIZE))
    assert tickets[0].created_at == moment("2026-10-01 08:00:00")
    arrivals = [ticket.created_at for ticket in tickets]
    assert arrivals == sorted(arrivals)
    assert all(ticket.created_at <= ticket.changed_at <= moment("2026-10-03 20:00:00") for ticket in tickets)


def test_every_ticket_begins_with_its_customer_and_new_ones_have_no_answer() -> None:
    for ticket in build(SIZE):
        assert ticket.articles[0].sender == "customer"
        assert ticket.customer in znuny_world.CUSTOMERS
        assert ticket.company == (znuny_world.CUSTOMERS[ticket.customer][2] or ticket.customer)
        if ticket.state == "new":
            assert [article.sender for article in ticket.articles] == ["customer"]
            assert not ticket.locked
        else:
            assert ticket.articles[1].sender == "agent"
            assert f"[Ticket#{ticket.number}]" in ticket.articles[1].subject


def test_key_names_the_arguments() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", SIZE.key())
    assert SIZE.key() != Size(401, SIZE.since, SIZE.until, seed=3).key()


def test_field_for_mails_of_machines_is_the_articles() -> None:
    """One ticket may hold a person's mail and a machine's."""
    kinds = {field["name"]: field["object"] for field in znuny_world.FIELDS}
    assert kinds.pop("AutoSubmitted") == "Article"
    assert kinds == dict.fromkeys(("ToRedmine", "Estimate", "Agreed", "Urgency", "RedmineIssue"), "Ticket")


def test_filters_call_every_mail_a_no_first_and_then_take_machines() -> None:
    """RFC 3834: `no` is what a person's mail may say; anything else begins with auto-. They run by name."""
    content = znuny_world.content(lambda user: user, "")
    first, second = sorted(content["filters"], key=lambda one: one["name"])
    assert (first["header"], first["value"]) == ("From", "no")
    assert re.search(first["pattern"], "jane@acme.test")
    pattern = re.compile(second["pattern"], re.IGNORECASE)
    for said, kept in (
        ("auto-replied (vacation)", "auto-replied"),
        ("Auto-Generated", "Auto-Generated"),
        ("auto-notified; owner-email=x", "auto-notified"),
    ):
        match = pattern.match(said)
        assert match is not None
        assert match[1] == kept
    assert pattern.match("no") is None
