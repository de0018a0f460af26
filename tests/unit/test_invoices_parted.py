"""Where the pages of an invoice part: lines with the sums, payment with the notes. All heights by hand."""

from __future__ import annotations

from decimal import Decimal

from studio_invoices.pdf.document import on_pages
from studio_invoices.pdf.flow import Frame, Placed, Row

HEADS, CARRIED = 20.0, 15.0


def frame(bottom: float = 300.0) -> Frame:
    """The first page from 100, others from 50; column heads and the sum carried over end at 85."""

    def opening(row: Row, carried: Decimal | None) -> list[Row]:
        assert carried is not None
        return [Row(HEADS, [], in_table=True), Row(CARRIED, [], in_table=True)]

    return Frame(100.0, 50.0, bottom, opening, lambda carried: Row(CARRIED, [], mark=f"to {carried}"), CARRIED)


def lines(*heights: float) -> list[Row]:
    return [Row(height, [], in_table=True, group="A", value=Decimal(1)) for height in heights]


def sums(height: float = 60.0) -> list[Row]:
    return [Row(height, [], mark="sums")]


def payment(height: float) -> list[Row]:
    return [Row(14.0, [], glued=True), Row(height, [], mark="payment")]


def notes(*heights: float) -> list[Row]:
    return [Row(height, [], mark="note") for height in heights]


def look(page: list[Placed]) -> list[tuple[float, str]]:
    """Where each row stands and what it is: its mark, "line", or nothing."""
    return [(placed.y, placed.row.mark or ("line" if placed.row.value else "")) for placed in page]


def test_what_fits_stands_on_one_page() -> None:
    """80 of lines, 60 of sums, 44 of payment, 16 of notes: exactly the 200 that there are."""
    (page,) = on_pages(lines(40, 40), sums(), payment(30), notes(10, 6), frame())
    assert look(page) == [
        (100, "line"), (140, "line"), (180, "sums"), (240, ""), (254, "payment"), (284, "note"), (294, "note"),
    ]  # fmt: skip


def test_payment_without_room_turns_the_page_with_its_notes() -> None:
    """60 are left below the sums, the box needs 74; lines and sums stay, nothing is carried over."""
    first, second = on_pages(lines(40, 40), sums(), payment(60), notes(10), frame())
    assert look(first) == [(100, "line"), (140, "line"), (180, "sums")]
    assert look(second) == [(50, ""), (64, "payment"), (124, "note")]


def test_short_notes_are_not_left_to_a_page_of_their_own() -> None:
    """The box would fit into the 60 that are left, but not the 17 of notes below its 44: both turn the page."""
    first, second = on_pages(lines(40, 40), sums(), payment(30), notes(17), frame())
    assert look(first)[-1] == (180, "sums")
    assert look(second) == [(50, ""), (64, "payment"), (94, "note")]


def test_long_notes_run_on_below_payment() -> None:
    """130 of notes: the box keeps its place below the sums, 16 are left, the notes begin there."""
    first, second = on_pages(lines(40, 40), sums(), payment(30), notes(10, 60, 60), frame())
    assert look(first)[-3:] == [(240, ""), (254, "payment"), (284, "note")]
    assert look(second) == [(50, "note"), (110, "note")]


def test_sums_without_room_take_two_lines_with_them() -> None:
    """Four lines end at 260, the sums would at 320; payment then stands below the sums again."""
    first, second = on_pages(lines(40, 40, 40, 40), sums(), payment(30), notes(10), frame())
    assert look(first) == [(100, "line"), (140, "line"), (180, "to 2")]
    assert look(second) == [
        (50, ""), (70, ""), (85, "line"), (125, "line"), (165, "sums"), (225, ""), (239, "payment"), (269, "note"),
    ]  # fmt: skip


def test_two_lines_move_across_a_heading_and_a_subtotal() -> None:
    """A last project of one line brings the last line of the project before it."""
    heading = Row(20, [], glued=True, in_table=True)
    one, two, last = lines(60, 40, 40)
    first, second = on_pages([one, two, heading, last], sums(), payment(30), notes(), frame())
    assert look(first) == [(100, "line"), (160, "to 1")]
    assert look(second)[2:6] == [(85, "line"), (125, ""), (145, "line"), (185, "sums")]


def test_of_tall_lines_one_moves() -> None:
    """80 and 125 are more than the 200 that may leave a page for the sake of the sums."""
    first, second = on_pages(lines(80, 125), sums(100), payment(30), notes(), frame(bottom=400))
    assert look(first) == [(100, "line"), (180, "to 1")]
    assert look(second)[2:] == [(85, "line"), (210, "sums"), (310, ""), (324, "payment")]


def test_notes_without_payment_stay_with_the_sums() -> None:
    """A cancellation: three lines and the sums end at 280, its 30 of notes would be alone."""
    first, second = on_pages(lines(40, 40, 40), sums(), [], notes(30), frame())
    assert look(first) == [(100, "line"), (140, "to 1")]
    assert look(second)[2:] == [(85, "line"), (125, "line"), (165, "sums"), (225, "note")]
