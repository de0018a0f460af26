"""Ticket numbers: four generators, any system id and hook, found in what people write, told from typing errors."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.tickets.number import (
    Found,
    NumberPolicy,
    bare_subject,
    check_digit,
    digits_after_hook,
    fault_of,
    find_numbers,
    find_wrong,
    generator_of,
    likely,
)

POLICY = NumberPolicy()
GOOD = "2026102010000037"  # products 2+0+2+12+1+0+2+0+1+0+0+0+0+0+3 = 23, so the digit is 7
OTHER = "2011120910000047"


def numbers(text: str, policy: NumberPolicy = POLICY) -> list[str]:
    return [found.number for found in find_numbers(text, policy)]


@pytest.mark.parametrize(
    ("digits", "digit"),
    [
        ("201112091000004", "7"),  # 33
        ("200206231010001", "1"),  # 29
        ("202610201000003", "7"),  # 23
        ("202610201000000", "1"),  # 20: ten would be missing, which is written as 1
        ("202610201000001", "9"),  # 21
        ("202610201000010", "8"),  # 22: the last but one digit counts twice
    ],
)
def test_the_check_digit(digits: str, digit: str) -> None:
    assert check_digit(digits) == digit


@pytest.mark.parametrize(
    ("number", "generator"),
    [
        (GOOD, "DateChecksum"),
        ("2002062310100011", "DateChecksum"),
        ("200206231010138", "Date"),
        ("1010138", "AutoIncrement"),
        ("100123456789", "Random"),
    ],
)
def test_the_four_generators(number: str, generator: str) -> None:
    """Each takes its own numbers and, as a policy of its own, no other's."""
    for one in ("DateChecksum", "Date", "Random", "AutoIncrement"):
        made = generator_of(number, NumberPolicy(generators=(one,)))  # type: ignore[arg-type]  # mypy widens the tuple
        assert made == (one if one == generator or (one, generator) in OVERLAP else None)


# A number with a check digit is one of Date's too, and ten digits after the system id are a long counter.
OVERLAP = {("Date", "DateChecksum"), ("AutoIncrement", "Random")}


@pytest.mark.parametrize(
    ("number", "policy", "fault"),
    [
        (GOOD, POLICY, ""),
        ("2026102010000038", POLICY, "has a wrong check digit"),
        ("2026133010000037", POLICY, "does not begin with a date"),
        ("1926102010000037", POLICY, "does not begin with a date"),
        ("2026", POLICY, "does not begin with a date"),
        ("2026102022000037", POLICY, "has another system id than 10"),
        ("20261020100003", POLICY, "has the wrong length"),
        ("20261020100000379", POLICY, "has the wrong length"),  # a counter of six digits never begins with 0
        ("20261020I0000037", POLICY, "not made of digits"),
        ("٢٠٢٦١٠٢٠١٠٠٠٠٠٣٧", POLICY, "not made of digits"),
        ("2026102010", NumberPolicy(generators=("Date",)), "has the wrong length"),
        ("1110138", NumberPolicy(generators=("AutoIncrement",)), "does not begin with the system id 10"),
        ("101013", NumberPolicy(generators=("AutoIncrement",)), "has the wrong length"),
        ("10012345678", NumberPolicy(generators=("Random",)), "has the wrong length"),
    ],
)
def test_why_a_number_is_none(number: str, policy: NumberPolicy, fault: str) -> None:
    assert fault_of(number, policy) == fault


def test_a_counter_above_five_digits() -> None:
    """2026102010123456: products of the date and the id 20, of the counter 1+4+3+8+5+12 = 33; 53 misses 7."""
    assert generator_of("20261020101234567", POLICY) == "DateChecksum"


@pytest.mark.parametrize("system_id", ["1", "10", "007", "12345"])
def test_a_system_id_of_any_length(system_id: str) -> None:
    head = f"20261020{system_id}00003"
    number = head + check_digit(head)
    assert numbers(f"[Ticket#{number}] Form", NumberPolicy(system_id)) == [number]
    assert numbers(f"[Ticket#{number}] Form", NumberPolicy("99")) == []


@pytest.mark.parametrize(
    "text",
    [
        f"[Ticket#{GOOD}] Form",
        f"Form [Ticket#{GOOD}]",
        f"Re: [Ticket#{GOOD}] Form",
        f"AW: AW: [Ticket#{GOOD}] Formular",
        f"WG: Fwd: [TICKET# {GOOD}]",
        f"Отв: [Ticket#{GOOD}] Форма",
        f"TR : [ticket#: {GOOD}]",
        f"Ticket#:{GOOD}",
        f"see ticket № {GOOD}.",
        f"Ticket no. {GOOD}",
        f"Ticket Nr. {GOOD}, please",
        f"Ticket#\u200f{GOOD}\u200f שלום",
        f"Ticket#\u00a0{GOOD}",
        f"\n\nthe letter of today ({GOOD})\nbye",
        f"запрос_{GOOD}_форма.docx",
        f"{GOOD}",
        f" {GOOD}\n",
        f"https://desk.example/otrs/index.pl?Action=AgentTicketZoom;TicketNumber={GOOD}",
        f"Ticket#{GOOD} and again Ticket#{GOOD}",
    ],
)
def test_a_number_is_found_in_what_people_write(text: str) -> None:
    assert numbers(text) == [GOOD]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ticket#2026102010000038",  # wrong check digit
        "Ticket#2026102015000037",  # another installation's, were it sound
        f"1{GOOD}",
        f"{GOOD}9",
        f"x{GOOD}",
        f"0.{GOOD}",
        "Ticket#20261020",
        "call +7 495 1234567890",
        "order 40702810455000024248",
    ],
)
def test_what_is_no_number_is_not_found(text: str) -> None:
    assert numbers(text) == []


def test_found_numbers_say_where_they_stand() -> None:
    text = f"Re: [Ticket#{GOOD}] like {OTHER}"
    assert find_numbers(text, POLICY) == (
        Found(GOOD, "DateChecksum", True, 12, 28),
        Found(OTHER, "DateChecksum", False, 35, 51),
    )
    assert text[12:28] == GOOD


@pytest.mark.parametrize(
    ("hook", "text"),
    [
        ("Call#", "Call#1010138"),
        ("Anfrage#", "[Anfrage#1010138] Formular"),
        ("Anfrage#", "Anfrage Nr. 1010138"),
        ("Anfrage#", "ANFRAGE#1010138"),
        ("Ticket-Nr ", "Ticket-Nr 1010138"),
        ("Support Case:", "Support  Case: 1010138"),
        ("№", "по заявке №1010138 от вторника"),
        ("T+", "T+1010138"),
        ("Ticket#", "1010138"),  # a custom field that holds the number and nothing else
    ],
)
def test_renamed_hooks(hook: str, text: str) -> None:
    """Numbers without a check digit count after the hook only, or as the whole text."""
    assert numbers(text, NumberPolicy(hook=hook, generators=("AutoIncrement",))) == ["1010138"]


@pytest.mark.parametrize("text", ["Call#1010138", "room 1010138", "hotticket#1010138"])
def test_digits_without_the_hook_are_any_digits(text: str) -> None:
    assert numbers(text, NumberPolicy(generators=("AutoIncrement", "Date"))) == []


def test_an_installation_that_changed_its_generator() -> None:
    both = NumberPolicy(generators=("DateChecksum", "AutoIncrement"))
    assert numbers(f"Ticket#1010138, Ticket#{GOOD}", both) == ["1010138", GOOD]


def test_a_wrong_number_is_named_with_what_was_meant() -> None:
    """Two neighbours changed places: 30 for 03. The known tickets leave one number of several."""
    (wrong,) = find_wrong("done for Ticket#2026102010000307, thanks", POLICY, {GOOD, OTHER})
    assert (wrong.written, wrong.fault, wrong.likely) == ("2026102010000307", "has a wrong check digit", (GOOD,))
    (unknown,) = find_wrong("done for Ticket#2026102010000307", POLICY)
    assert GOOD in unknown.likely
    assert all(generator_of(number, POLICY) for number in unknown.likely)


@pytest.mark.parametrize(
    ("written", "slip"),
    [
        ("2026102010000038", "another last digit"),
        ("2026102010000307", "neighbours"),
        ("206102010000037", "one missing"),
        ("20226102010000037", "one too much"),
        ("2O26102010000037", "the letter for the digit"),
        ("2026102020000037", "the system id"),
    ],
)
def test_each_slip_of_the_hand_is_mended(written: str, slip: str) -> None:
    assert likely(written, POLICY, {GOOD, OTHER}) == (GOOD,), slip


def test_a_sound_number_is_not_proposed_for_itself() -> None:
    assert likely(GOOD, POLICY, {GOOD}) == ()


def test_without_a_check_digit_only_known_tickets_are_proposed() -> None:
    auto = NumberPolicy(generators=("AutoIncrement",))
    assert likely("101013", auto) == ()
    assert likely("101013", auto, {"1010138", "1010999", "77"}) == ("1010138",)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"Ticket#{GOOD}", []),
        ("Ticket#2026102010000038", ["2026102010000038"]),
        ("Ticket#12345", ["12345"]),
        ("see 2026102010000038", ["2026102010000038"]),  # bare, but a slip away from a number
        ("see 2026133010000038", []),  # no date: any digits
        ("see 20261020101530", []),  # a time of day after the date
        ("Ticket#2026102022000032 of another house", []),  # sound under system id 22
        ("Ticket#2026102010000038 Ticket#2026102010000038", ["2026102010000038"]),
    ],
)
def test_what_counts_as_a_wrong_number(text: str, wrong: list[str]) -> None:
    assert [one.written for one in find_wrong(text, POLICY)] == wrong


@pytest.mark.parametrize(
    ("generators", "text", "wrong"),
    [
        (("AutoIncrement",), "Ticket#2210138", []),  # another installation's
        (("AutoIncrement",), "Ticket#101013", ["101013"]),
        (("Date",), "Ticket#20261020225", []),
        (("Date",), "Ticket#20261320105", ["20261320105"]),
        (("Date",), "see 2026102010", []),
        (("DateChecksum", "AutoIncrement"), "Ticket#2026102010000038", ["2026102010000038"]),
    ],
)
def test_wrong_numbers_of_other_generators(generators: tuple[str, ...], text: str, wrong: list[str]) -> None:
    policy = NumberPolicy(generators=generators)  # type: ignore[arg-type]  # their names as texts
    assert [one.written for one in find_wrong(text, policy)] == wrong


@pytest.mark.parametrize(
    "subject",
    [
        "Form is broken",
        f"[Ticket#{GOOD}] Form is broken",
        f"Form is broken [Ticket#{GOOD}]",
        f"Re: [Ticket#{GOOD}] Form is broken",
        f"[Ticket#{GOOD}] AW: Form is broken",
        f"RE: Fwd: AW: WG: Отв: TR : Re[2]: [Ticket#: {GOOD}]  Form is  broken",
        f"SV: 回复：[Ticket#{GOOD}] Form is broken",
        f"FW: Antw: Re(3): Form is broken [Ticket # {GOOD}]",
    ],
)
def test_a_subject_without_tag_and_prefixes(subject: str) -> None:
    assert bare_subject(subject, POLICY) == "Form is broken"


@pytest.mark.parametrize("subject", ["Reserve: two rooms", "Award: who gets it", "Ticket prices", "retry: re: retry"])
def test_words_that_begin_like_a_prefix_stay(subject: str) -> None:
    assert bare_subject(subject, POLICY) == subject


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("Ticket#1111111111", "1111111111"),
        ("see ticket № 2026102010000052.", "2026102010000052"),
        ("Ticket#1234", ""),
        ("Ticket#123456789012345678901", ""),
        ("a ticket from 2026", ""),
    ],
)
def test_digits_after_the_hook_where_no_policy_is_known(text: str, digits: str) -> None:
    assert digits_after_hook(text) == digits


def test_policies_that_cannot_be_are_refused() -> None:
    for system_id, hook in (("", "Ticket#"), ("1a", "Ticket#"), ("١", "Ticket#"), ("10", " ")):
        with pytest.raises(ValueError, match="needs a system id"):
            NumberPolicy(system_id, hook)
    with pytest.raises(ValueError, match="needs a system id"):
        NumberPolicy(generators=())


def test_how_many_single_errors_the_check_digit_lets_through() -> None:
    """7 of 135, as counted on the published sample: why a number is looked up before anything is done with it."""
    head, digit = OTHER[:-1], OTHER[-1]
    changed = [
        head[:place] + other + head[place + 1 :]
        for place in range(len(head))
        for other in "0123456789"
        if other != head[place]
    ]
    assert len(changed) == 135
    assert sum(check_digit(one) == digit for one in changed) == 7


days = st.dates(date(2001, 1, 1), date(2099, 12, 31))
system_ids = st.text("0123456789", min_size=1, max_size=6)
words = st.text(st.characters(exclude_categories=("Nd", "Cs")), max_size=20)


@given(days, system_ids, st.integers(1, 9_999_999), words, words)
def test_every_number_that_is_made_is_found(day: date, system_id: str, counter: int, before: str, after: str) -> None:
    """As Znuny makes it, whatever surrounds its tag."""
    head = f"{day:%Y%m%d}{system_id}{counter:05d}"
    number = head + check_digit(head)
    policy = NumberPolicy(system_id)
    assert numbers(f"{before}[Ticket#{number}]{after}", policy) == [number]
    assert numbers(f"{before} {number} {after}", policy) == [number]
    assert number in likely(number[:-1], policy)


@given(st.text("0123456789 Ticke#[]:.№rRe", max_size=80))
def test_any_text_is_read(text: str) -> None:
    """What is found stands where it says, is sound, and is never wrong at the same time."""
    found = find_numbers(text, POLICY)
    assert all(text[one.start : one.end] == one.number and not fault_of(one.number, POLICY) for one in found)
    wrong = find_wrong(text, POLICY)
    assert all(text[one.start : one.end] == one.written and one.fault for one in wrong)
    bare_subject(text, POLICY)
