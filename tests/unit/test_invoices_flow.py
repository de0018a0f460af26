"""Pagination and wrapping: every row once, nothing parted that belongs together, nothing too wide."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices import fonts
from studio_invoices.pdf.flow import Frame, Placed, Row, paginate
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD

D = Decimal
HEAD, CARRIED, CONTINUED = 20.0, 15.0, 10.0


def frame(first_top: float = 100.0, bottom: float = 300.0) -> Frame:
    def opening(row: Row, carried: Decimal | None) -> list[Row]:
        rows = [Row(HEAD, [], in_table=True)]
        if carried is not None:
            rows.append(Row(CARRIED, [], in_table=True, group=f"from {carried}"))
        if row.group:
            rows.append(Row(CONTINUED, [], in_table=True, group=f"continued {row.group}"))
        return rows

    return Frame(first_top, 50.0, bottom, opening, lambda carried: Row(CARRIED, [], group=f"to {carried}"), CARRIED)


def line(height: float = 30.0, glued: bool = False, group: str = "A", value: str | None = "1.00") -> Row:
    return Row(height, [], glued, True, group, None if value is None else D(value))


def tops(page: list[Placed]) -> list[float]:
    return [placed.y for placed in page]


def test_rows_follow_each_other_from_the_top() -> None:
    """On the first page below the letter head."""
    (page,) = paginate([line(30), line(40), line(10)], frame())
    assert tops(page) == [100, 130, 170]


def test_a_new_page_repeats_heads_and_carries_the_sum_over() -> None:
    """By hand: 185 points hold six rows of 30 beside the carried sum; the seventh opens page two with head,
    sum and project, 45 points, below 50."""
    rows = [line(value="1.50") for _ in range(7)]
    first, second = paginate(rows, frame())
    assert [placed.row for placed in first[:6]] == rows[:6]
    assert (first[6].row.group, first[6].y) == ("to 9.00", 280)
    assert [placed.row.group for placed in second] == ["", "from 9.00", "continued A", "A"]
    assert tops(second) == [50, 70, 85, 95]


def test_a_table_that_begins_on_a_later_page_has_its_column_heads_once() -> None:
    """The heads that open a page are those that the table begins with."""
    head = Row(HEAD, [], True, in_table=True)
    opened = Frame(100.0, 50.0, 300.0, lambda row, _: [head], lambda _: Row(CARRIED, []), CARRIED)
    first, second = paginate([Row(150, []), head, line(60, group="")], opened)
    assert len(first) == 1
    assert [placed.row.height for placed in second] == [HEAD, 60]
    assert tops(second) == [50, 70]


def test_a_page_that_opens_a_project_does_not_call_it_continued() -> None:
    """A row that opens a group bears no group."""
    _, second = paginate([line(150), line(60, group="")], frame())
    assert [placed.row.group for placed in second] == ["", "from 1.00", ""]


def test_nothing_is_carried_before_there_is_a_sum() -> None:
    """Where the first row already needs the second page."""
    first, second = paginate([line(60, value=None), line(150)], frame())
    assert len(first) == 1
    assert [placed.row.group for placed in second] == ["", "continued A", "A"]


def test_rows_after_the_table_turn_the_page_without_heads() -> None:
    """The payment box needs no heads of columns and no sum carried over."""
    first, second = paginate([line(150), Row(80, [])], frame())
    assert len(first) == 1
    assert tops(second) == [50]


def test_glued_rows_move_together() -> None:
    """A heading is never the last thing on a page."""
    first, second = paginate([line(120), line(30, glued=True, group=""), line(60)], frame())
    assert len(first) == 2  # the row and the sum carried over
    assert [placed.row.height for placed in second] == [HEAD, CARRIED, 30, 60]


def test_a_last_glued_row_is_glued_to_nothing() -> None:
    """The mark on the last row of all does no harm."""
    (page,) = paginate([line(30), line(30, glued=True)], frame())
    assert tops(page) == [100, 130]


def test_a_run_no_page_can_hold_is_broken_between_its_rows() -> None:
    """Twenty glued rows of 30 do not fit on any page; they fill page after page."""
    rows = [line(30, glued=True) for _ in range(20)]
    pages = paginate(rows, frame())
    placed = [item.row for page in pages for item in page]
    assert [row for row in placed if row in rows and row.value] == rows
    assert len(pages) > 3


def test_a_row_taller_than_a_page_does_not_loop() -> None:
    """It stands alone and overflows rather than being tried for ever."""
    pages = paginate([line(1000), line(30)], frame())
    assert len(pages) == 3


def test_the_first_page_may_stay_empty_below_the_head() -> None:
    """If nothing fits there; it is not left out, because it bears the address."""
    pages = paginate([Row(190, [], glued=True), Row(50, [])], frame(first_top=280.0))
    assert [len(page) for page in pages] == [0, 2]


ROWS = st.lists(
    st.builds(
        Row,
        height=st.floats(1, 120),
        shapes=st.just(()),
        glued=st.booleans(),
        in_table=st.just(True),
        group=st.sampled_from(["", "A", "B"]),
        value=st.none() | st.integers(0, 99).map(D),
    ),
    max_size=60,
)


@given(ROWS)
def test_every_row_stands_once_in_order_and_inside_the_frame(rows: list[Row]) -> None:
    """Whatever is glued to what; rows do not overlap; the sums carried over are sums of what came before."""
    pages = paginate(rows, frame())
    known = {id(row) for row in rows}
    assert [id(p.row) for page in pages for p in page if id(p.row) in known] == [id(row) for row in rows]
    before = D(0)
    for page in pages:
        for upper, lower in pairwise(page):
            assert lower.y == pytest.approx(upper.y + upper.row.height)
        for placed in page:
            assert placed.y + placed.row.height <= 300 + 1e-6
            if placed.row.group.startswith(("to ", "from ")) and id(placed.row) not in known:
                assert placed.row.group.split()[1] == str(before)
            if id(placed.row) in known and placed.row.value is not None:
                before += placed.row.value


@pytest.fixture(scope="module")
def ruler() -> Ruler:
    return Ruler(fonts.load())


def test_width_is_the_sum_of_the_characters(ruler: Ruler) -> None:
    """IBM Plex Sans: a digit is 0.6 of the type size, a space 0.236."""
    assert ruler.width("12 34", 10) == pytest.approx(4 * 6.0 + 2.36)
    assert ruler.width("00", 10, SEMIBOLD) == pytest.approx(12.0)


def test_text_breaks_at_spaces(ruler: Ruler) -> None:
    """Greedy; spaces at the break vanish, line breaks stay, no-break spaces hold."""
    assert ruler.wrap("00 00 00", 26.4, 10) == ["00 00", "00"]
    assert ruler.wrap("00\u00a000 00", 26.4, 10) == ["00\u00a000", "00"]
    assert ruler.wrap("a\nb\n\nc", 100, 10) == ["a", "b", "", "c"]
    assert ruler.wrap("", 100, 10) == [""]
    assert ruler.wrap("   ", 1, 10) == [""]
    assert ruler.wrap("  00   00 ", 20, 10) == ["  00", "00"]


def test_long_words_are_broken(ruler: Ruler) -> None:
    """After punctuation where that fills half the line, else anywhere; nothing is lost."""
    assert ruler.wrap("0" * 12, 30, 10) == ["00000", "00000", "00"]
    assert ruler.wrap("00/0000", 30, 10) == ["00/", "0000"]
    assert ruler.wrap("000/0000", 30, 10) == ["000/", "0000"]
    assert ruler.wrap("0/0000000", 30, 10)[0] == "0/000"
    assert ruler.wrap("00 000000 00", 30, 10) == ["00", "00000", "0 00"]


def test_what_a_soft_break_leaves_over_is_measured_again(ruler: Ruler) -> None:
    """After the full stop one W is left over; a second one has no room beside it on 15 points."""
    assert ruler.wrap("[.WW", 15, 10) == ["[.", "W", "W"]


def test_an_accent_is_not_parted_from_its_letter(ruler: Ruler) -> None:
    """A combining mark takes no room of its own."""
    assert ruler.wrap("000\u0301", 18, 10) == ["000\u0301"]
    assert ruler.wrap("0000\u0301", 18, 10) == ["000", "0\u0301"]


def test_a_limit_narrower_than_a_character_ends(ruler: Ruler) -> None:
    """One character a line."""
    assert ruler.wrap("0000", 1, 10) == ["0", "0", "0", "0"]


@given(
    st.text(st.sampled_from("ab0 iW-/.,\n\u00a0äЖ]["), max_size=200),
    st.floats(15, 200),
    st.sampled_from([REGULAR, SEMIBOLD]),
)
def test_wrapped_text_fits_and_is_whole(text: str, limit: float, weight: int) -> None:
    """No line is wider than the limit, and but for spaces and breaks nothing is lost or added."""
    ruler = Ruler(fonts.load())
    lines = ruler.wrap(text, limit, 10, weight)
    assert all(ruler.width(line.rstrip(" "), 10, weight) <= limit + 1e-9 for line in lines)
    squeezed = "".join(lines).replace(" ", "")
    assert squeezed == text.replace(" ", "").replace("\n", "")


def test_drawable_text_is_left_alone(ruler: Ruler) -> None:
    """And what is not is replaced; on one line there are no breaks."""
    assert ruler.drawable("Съешь ещё № 1") == "Съешь ещё № 1"
    assert ruler.drawable("и\u0306 \U0001f3a8") == "й [U+1F3A8]"
    assert ruler.on_one_line("a\nb") == "a b"
