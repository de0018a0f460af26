"""Before issue: impossible invoices are named, free text that will be altered is announced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from studio_invoices.check import check, notices
from studio_invoices.model import BankAccount, Invoice, TaxTotal

Make = Callable[..., Invoice]
D = Decimal
BRUSH = "\U0001f3a8"


def no_brush(text: str) -> tuple[str, ...]:
    """Fonts that lack nothing but one picture, a control and the number sign."""
    return tuple(c for c in (BRUSH, "\x07", "№") if c in text)


def found(invoice: Invoice) -> list[tuple[str, str]]:
    return [(problem.source, problem.message) for problem in check(invoice, no_brush)]


def with_line(invoice: Invoice, **values: Any) -> Invoice:
    return replace(invoice, lines=(replace(invoice.lines[0], **values), *invoice.lines[1:]))


@pytest.mark.parametrize("prices", ["net", "gross"])
def test_a_sound_invoice_has_no_problem(invoice_of: Make, prices: str) -> None:
    """Charged, free and late lines at two rates; totals that add up."""
    lines = [{"minutes": 20}, {"tax_rate": D(7)}, {"label": "Goodwill"}, {"heading": "earlier months"}]
    assert check(invoice_of(lines, prices=prices), no_brush) == []


@pytest.mark.parametrize(
    ("part", "field", "source"),
    [
        ("buyer", "name", "client:buyer.name"),
        ("buyer", "vat_id", "client:buyer.vat_id"),
        ("seller", "name", "seller.name"),
        ("seller", "tax_number", "seller.tax_number"),
        ("seller", "inn", "seller.inn"),
        ("bank", "name", "seller.bank.name"),
        ("bank", "iban", "seller.bank.iban"),
        ("bank", "correspondent_account", "seller.bank.correspondent_account"),
    ],
)
def test_a_character_the_fonts_lack_in_an_exact_field_is_a_problem(
    invoice_of: Make, part: str, field: str, source: str
) -> None:
    """The problem names field and character, says what to do, and bears the client handed in."""
    invoice = invoice_of()
    owner = replace(getattr(invoice, part), **{field: f"x{BRUSH}"})
    (problem,) = check(replace(invoice, **{part: owner}), no_brush, client="acme")
    assert problem.source == source
    assert f"“{BRUSH}” (U+1F3A8 ARTIST PALETTE)" in problem.message
    assert source.removeprefix("client:") in problem.message
    assert problem.next_step
    assert problem.client == "acme"


def test_an_address_and_a_reason_of_tax_are_exact_fields(invoice_of: Make) -> None:
    """Any line of an address counts; characters without a picture are named by their code alone."""
    invoice = invoice_of(reasons={("S", D(19)): "see №"})
    invoice = replace(invoice, buyer=replace(invoice.buyer, address=("Street", "City\x07")))
    assert found(invoice) == [
        ("client:buyer.address", "buyer.address holds (U+0007), which the fonts lack"),
        ("tax:S 19", "tax:S 19 holds “№” (U+2116 NUMERO SIGN), which the fonts lack"),
    ]


def test_empty_names_are_problems(invoice_of: Make) -> None:
    """Blanks are no name."""
    invoice = invoice_of()
    invoice = replace(invoice, seller=replace(invoice.seller, name=" "), buyer=replace(invoice.buyer, name=""))
    assert [source for source, _ in found(invoice)] == ["seller.name", "client:buyer.name"]


@pytest.mark.parametrize("currency", ["", "EU", "eur", "EURO", "€"])
def test_a_currency_is_three_capital_letters(invoice_of: Make, currency: str) -> None:
    """The message quotes what stands there."""
    ((source, message),) = found(replace(invoice_of(), currency=currency))
    assert source == "invoice"
    assert repr(currency) in message


def test_due_before_issue_is_a_problem(invoice_of: Make) -> None:
    """Due on the day of issue is none, nor is no due date."""
    assert found(invoice_of(due_date=date(2026, 11, 30))) == []
    assert found(invoice_of(due_date=None)) == []
    ((source, message),) = found(invoice_of(due_date=date(2026, 11, 29)))
    assert source == "invoice"
    assert "2026-11-29" in message


def test_spans_that_end_before_they_begin_are_problems(invoice_of: Make) -> None:
    """Of the invoice and of each line."""
    invoice = with_line(invoice_of(period_end=date(2026, 10, 31)), last_day=date(2026, 11, 1))
    assert [source for source, _ in found(invoice)] == ["invoice", "line:1"]


def test_a_cancellation_names_what_it_takes_back(invoice_of: Make) -> None:
    """By number; an invoice needs none."""
    assert found(invoice_of(kind="cancellation", corrects="2026-0001")) == []
    ((source, message),) = found(invoice_of(kind="cancellation"))
    assert source == "invoice"
    assert "must name" in message


def test_an_invoice_without_lines_is_impossible(invoice_of: Make) -> None:
    """Even when its sums are zero as they should be."""
    assert found(invoice_of([])) == [("invoice", "there are no lines")]


def test_line_numbers_are_unique(invoice_of: Make) -> None:
    """Lines are referred to by number."""
    invoice = with_line(invoice_of([{}, {}]), number=2)
    assert found(invoice) == [("invoice", "1 lines bear the number of another line")]


def test_a_line_must_be_minutes_times_rate(invoice_of: Make) -> None:
    """A unit price multiplied twice is found on its line."""
    messages = [m for source, m in found(with_line(invoice_of(), rate_per_hour=D("190.00"))) if source == "line:1"]
    assert messages == ["line 1: 60 minutes at 190.00 an hour are 190.00, not 95.00"]


def test_a_gross_line_must_have_its_gross_amount(invoice_of: Make) -> None:
    """Where prices are gross the printed amount is the gross one."""
    invoice = with_line(invoice_of([{}, {}], prices="gross"), gross=None)
    assert ("line:1", "line 1: prices are gross, but it has no gross amount") in found(invoice)


def test_nothing_is_charged_on_a_labelled_line(invoice_of: Make) -> None:
    """Shown but free means zero minutes and zero money."""
    invoice = with_line(invoice_of([{"label": "Goodwill"}]), minutes=10)
    assert found(invoice) == [("line:1", "line 1: it is labelled 'Goodwill', so nothing can be charged on it")]


def test_negative_minutes_and_rates_are_impossible(invoice_of: Make) -> None:
    """Taking back is a document of its own, not a negative line."""
    assert any("negative" in message for _, message in found(invoice_of([{"minutes": -60}])))
    assert any("negative" in message for _, message in found(invoice_of([{"rate_per_hour": D(-1)}])))


def test_tax_rows_must_follow_from_the_lines(invoice_of: Make) -> None:
    """A tax off by a cent, a row missing, a row too many, a row twice."""
    invoice = invoice_of([{}, {"tax_rate": D(7)}])
    first, second = invoice.taxes
    off = replace(invoice, taxes=(replace(first, tax=D("18.06")), second), tax=D("24.71"), gross=D("214.71"))
    assert found(off) == [
        ("tax:S 19", "its lines make a base of 95.00 and a tax of 18.05, but its row says 95.00 and 18.06")
    ]
    missing = replace(invoice, taxes=(first,), tax=first.tax, gross=D("208.05"))
    assert found(missing) == [("tax:S 7", "there is no row for tax S at 7 %")]
    strange = replace(invoice, taxes=(first, second, TaxTotal("Z", D(0), D(0), D(0))))
    assert found(strange) == [("tax:Z 0", "no line bears this tax")]
    twice = replace(invoice, taxes=(first, second, TaxTotal("S", D(7), D(95), D(0))))
    assert ("invoice", "a category and rate of tax has two rows") in found(twice)


def test_only_category_s_bears_tax(invoice_of: Make) -> None:
    """A rate on an exempt category is a mistake of configuration."""
    messages = found(invoice_of([{"tax_category": "E", "tax_rate": D(5)}]))
    assert messages == [("tax:E 5", "category E bears no tax, but 4.75 is charged")]


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        ({"net": D("95.01")}, "the lines sum to 95.00, but the net total is 95.01"),
        ({"tax": D("18.00")}, "the taxes sum to 18.05, but the total tax is 18.00"),
        ({"gross": D("113.00")}, "net 95.00 and tax 18.05 do not make 113.00"),
        ({"gross": D("113.055")}, "gross 113.055 has more decimals than EUR has"),
    ],
)
def test_totals_must_add_up(invoice_of: Make, values: dict[str, Decimal], fragment: str) -> None:
    """Net is the sum of lines, tax the sum of its rows, gross both."""
    assert fragment in [message for _, message in found(replace(invoice_of(), **values))]


def test_free_text_with_substitutes_is_a_notice(invoice_of: Make) -> None:
    """Title, project, specialist, label, comment, note and reference: each named with its line; no problem."""
    invoice = invoice_of(
        [
            {"title": f"Fix {BRUSH}", "project": f"Site {BRUSH}", "comments": ("fine", f"see {BRUSH}")},
            {"label": "№ 0", "project": f"Site {BRUSH}", "specialist": "№ 1"},
        ],
        notes=("fine", f"Thanks {BRUSH}"),
        buyer_reference="№ 7",
    )
    assert check(invoice, no_brush) == []
    result = notices(invoice, no_brush, client="acme")
    brush, numero = f"“{BRUSH}” (U+1F3A8 ARTIST PALETTE)", "“№” (U+2116 NUMERO SIGN)"
    rest = "which the fonts lack: a substitute will be drawn"
    assert [(notice.source, notice.message) for notice in result] == [
        ("line:1", f"the title of line 1 holds {brush}, {rest}"),
        ("line:1", f"a comment of line 1 holds {brush}, {rest}"),
        ("line:1", f"the project's name holds {brush}, {rest}"),
        ("line:2", f"the specialist of line 2 holds {numero}, {rest}"),
        ("line:2", f"the label of line 2 holds {numero}, {rest}"),
        ("client:buyer_reference", f"buyer_reference holds {numero}, {rest}"),
        ("invoice", f"note 2 holds {brush}, {rest}"),
    ]
    assert {notice.client for notice in result} == {"acme"}


def test_names_are_no_matter_of_notices(invoice_of: Make) -> None:
    """What is a problem is not announced a second time."""
    invoice = invoice_of()
    invoice = replace(invoice, buyer=replace(invoice.buyer, name=BRUSH), bank=BankAccount(name=BRUSH))
    assert notices(invoice, no_brush) == []


def test_a_problem_as_json_has_all_four_fields(invoice_of: Make) -> None:
    """What the command line prints for scripts."""
    (problem,) = check(invoice_of([]), no_brush)
    assert problem.as_dict() == {
        "source": "invoice",
        "message": "there are no lines",
        "next_step": "Issue nothing for a client without billable time.",
        "client": None,
    }
