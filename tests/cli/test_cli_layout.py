"""Tables for people: as wide as the terminal, nothing cut, nothing that steers it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_cli.layout import lines
from studio_cli.output import Column, Table, amount, hours, visible

COLUMNS = (
    Column("client"),
    Column("minutes", "Hours", "minutes"),
    Column("net", kind="money"),
    Column("flags", "Look at", wide=True),
)
LINK = (Column("number"), Column("date", minor=True), Column("link", wide=True, whole=True))
LONG = "much more than usual (12:30); over estimate: 3 tasks, the worst #12 with 14:00 of 8:00; 2:15 booked late"


def shown(table: Table, width: int | None) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in lines(table, width)]


def test_figures_stand_right_and_every_cell_in_its_column() -> None:
    table = Table(COLUMNS, [["acme", 135, "1234.50", ""], ["beta-gmbh", 6000, "5.00", "new rate"]])
    assert shown(table, None) == [
        "Client      Hours       Net  Look at",
        "─────────  ──────  ────────  ────────",
        "acme         2:15  1 234.50",
        "beta-gmbh  100:00      5.00  new rate",
    ]


def test_without_a_terminal_nothing_is_wrapped() -> None:
    assert LONG in shown(Table(COLUMNS, [["acme", 135, "1.00", LONG]]), None)[2]


def test_a_wide_column_wraps_in_the_room_that_is_left() -> None:
    text = shown(Table(COLUMNS, [["acme", 135, "1.00", LONG]]), 70)
    assert max(len(line) for line in text) <= 70
    assert text[2].startswith("acme     2:15  1.00  much more than usual")
    assert text[3].startswith(" " * 21)
    assert " ".join(line[21:].strip() for line in text[2:]) == LONG


def test_where_little_room_is_left_it_stands_below_its_row() -> None:
    assert shown(Table(COLUMNS, [["acme", 135, "1.00", "new rate; new client"]]), 30) == [
        "Client  Hours   Net",
        "    Look at",
        "──────  ─────  ────",
        "acme     2:15  1.00",
        "    new rate; new client",
    ]


def test_a_link_is_never_broken() -> None:
    link = "https://invoices.studio.example/" + "x" * 43 + "/invoice.html"
    table = Table(LINK, [["2026-0001", "2026-11-02", link]])
    assert shown(table, 160)[-1].endswith(f"2026-11-02  {link}")
    assert shown(table, 80)[-2:] == ["2026-0001  2026-11-02", f"    {link}"]
    assert shown(table, 40)[-1] == f"    {link}"


def test_minor_columns_go_below_when_wide_ones_are_not_enough() -> None:
    columns = [Column("number"), Column("date", minor=True), Column("net", kind="money"), Column("mail", wide=True)]
    table = Table(columns, [["2026-0001", "2026-11-02", "1234567.00", "accepted"]])
    assert shown(table, 24) == [
        "Number              Net",
        "    Date, Mail",
        "─────────  ────────────",
        "2026-0001  1 234 567.00",
        "    2026-11-02",
        "    accepted",
    ]


def test_subtotals_are_indented_and_sums_stand_under_a_rule() -> None:
    table = Table(
        COLUMNS,
        [["acme", 60, "10.00", ""]],
        title="October",
        details=[[["Site", 45, "7.50", ""], ["Shop", 15, "2.50", ""]]],
        footer=[["1 draft", 60, "10.00", ""]],
    )
    assert shown(table, 80) == [
        "October",
        "Client   Hours    Net  Look at",
        "───────  ─────  ─────  ───────",
        "acme      1:00  10.00",
        "  Site    0:45   7.50",
        "  Shop    0:15   2.50",
        "───────  ─────  ─────  ───────",
        "1 draft   1:00  10.00",
    ]


def test_wide_characters_take_their_place() -> None:
    """Two columns of the terminal each; combining marks none."""
    text = shown(Table(COLUMNS[:2], [["日本", 5], ["Müller", 15]]), 80)
    assert text[2] == "日本     0:05"
    assert text[3] == "Müller   0:15"


def test_indented_text_keeps_its_indent_when_it_wraps() -> None:
    table = Table([Column("task", wide=True)], [["  one two three four five six"]])
    assert shown(table, 26)[2:] == ["  one two three four five", "  six"]


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=40)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)


@given(st.lists(st.tuples(WORDS, st.integers(-9999, 99999), TEXTS), max_size=5), st.integers(20, 200))
def test_nothing_is_lost_whatever_the_width(rows: list[tuple[str, int, str]], width: int) -> None:
    table = Table([COLUMNS[0], COLUMNS[1], COLUMNS[3]], rows)
    text = "\n".join(shown(table, width))
    squeezed = "".join(text.split())
    for client, minutes, flags in rows:
        assert "".join(client.split()) in squeezed
        assert hours(minutes) in squeezed
        for letter in "".join(flags.split()):
            assert letter in squeezed


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain", "plain"),
        ("two\nlines\tand tab", "two lines and tab"),
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("abc\u202edcba", "abc\ufffddcba"),
        ("Привет 😀", "Привет 😀"),
    ],
)
def test_nothing_steers_the_terminal(text: str, safe: str) -> None:
    assert visible(text) == safe
    assert safe in "\n".join(shown(Table([Column("task")], [[text]]), 80))


def test_amounts_and_hours_for_people() -> None:
    assert [amount(text) for text in ("0.00", "999.99", "-1234.5", "1234567", "12345678.90")] == [
        "0.00",
        "999.99",
        "-1 234.5",
        "1 234 567",
        "12 345 678.90",
    ]
    assert [hours(minutes) for minutes in (0, 5, 60, -90, 6001)] == ["0:00", "0:05", "1:00", "-1:30", "100:01"]


def test_cells_of_other_kinds() -> None:
    percent, count = Column("change", kind="percent"), Column("documents", kind="count")
    assert [percent.shown(12), percent.shown(-100), percent.shown(None), count.shown(1200)] == [
        "+12 %",
        "-100 %",
        "",
        "1200",
    ]
    assert Column("net", kind="money").shown(Decimal("1234.50")) == "1 234.50"
    assert [Column("a").plain("=1+1"), Column("a").plain("a=1"), Column("n", kind="money").plain("-5.00")] == [
        "'=1+1",
        "a=1",
        "-5.00",
    ]
