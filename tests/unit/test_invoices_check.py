"""Before issue: impossible invoices are named, free text that will be altered is announced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from studio_invoices.check import check, check_act, notices
from studio_invoices.model import Act, BankAccount, Invoice, Kind

Make = Callable[..., Invoice]
D = Decimal
BRUSH = "\U0001f3a8"


def no_brush(text: str) -> tuple[str, ...]:
    """Fonts that lack nothing but one picture, a control and the number sign."""
    return tuple(c for c in (BRUSH, "\x07", "№") if c in text)


def no_fault(kind: str, value: str, country: str) -> str:
    """Every number has its control digits."""
    return ""


def found(invoice: Invoice) -> list[tuple[str, str]]:
    return [(problem.source, problem.message) for problem in check(invoice, "", no_fault, no_brush)]


def with_line(invoice: Invoice, **values: Any) -> Invoice:
    return replace(invoice, lines=(replace(invoice.lines[0], **values), *invoice.lines[1:]))


@pytest.mark.parametrize("prices", ["net", "gross"])
def test_a_sound_invoice_has_no_problem(invoice_of: Make, prices: str) -> None:
    """Charged, free and late lines at two rates; totals that add up."""
    lines = [{"minutes": 20}, {"tax_rate": D(7)}, {"label": "Goodwill"}, {"heading": "earlier months"}]
    assert check(invoice_of(lines, prices=prices), "DE", no_fault, no_brush) == []


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
        ("bank", "holder", "seller.bank.holder"),
        ("seller", "director", "seller.director"),
        ("buyer", "city", "client:buyer.city"),
    ],
)
def test_a_character_the_fonts_lack_in_an_exact_field_is_a_problem(
    invoice_of: Make, part: str, field: str, source: str
) -> None:
    """The problem names field and character, says what to do, and bears the client handed in."""
    invoice = invoice_of()
    owner = replace(getattr(invoice, part), **{field: f"x{BRUSH}"})
    (problem,) = check(replace(invoice, **{part: owner}), "", no_fault, no_brush, client="acme")
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
        ("client:buyer.address", "buyer.address holds (U+0007), which cannot be printed"),
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
    """By number, and no invoice that is younger than itself; an invoice names none."""
    taken = {"kind": "cancellation", "corrects": "2026-0001"}
    assert found(invoice_of(**taken, corrects_date=date(2026, 11, 30))) == []
    assert found(invoice_of(kind="cancellation")) == [
        ("invoice", "a cancellation must name the invoice that it takes back")
    ]
    assert found(invoice_of(**taken, corrects_date=date(2026, 12, 1))) == [
        ("invoice", "it takes back an invoice of 2026-12-01, later than itself, 2026-11-30")
    ]


def test_a_credit_note_names_the_lines_it_takes_back(invoice_of: Make) -> None:
    """Each of its lines one line of the invoice."""
    lines = [{"credits_line": 7}, {}]
    assert found(invoice_of(lines, kind="credit_note", corrects="2026-0001")) == [
        ("line:2", "line 2 does not say which line of 2026-0001 it takes back")
    ]
    assert found(invoice_of(lines[:1], kind="credit_note")) == [
        ("invoice", "a credit note must name the invoice that it takes back")
    ]


def test_the_account_is_in_the_currency_of_the_invoice(invoice_of: Make) -> None:
    """Or in any, where it names none."""
    invoice = invoice_of()
    assert found(replace(invoice, bank=replace(invoice.bank, currency="EUR"))) == []
    assert found(replace(invoice, bank=replace(invoice.bank, currency="USD"))) == [
        ("seller.bank.currency", "it is in EUR, but its account is in USD")
    ]


HIDDEN = ["\x00", "\x07", "\t", "\x7f", "\x9f", "\ud800", "\u202e", "\u202a", "\u2066", "\ufffe"]


@pytest.mark.parametrize("sign", HIDDEN)
@pytest.mark.parametrize(
    ("part", "field", "source"),
    [
        ("buyer", "name", "client:buyer.name"),
        ("buyer", "address", "client:buyer.address"),
        ("seller", "legal_lines", "seller.legal_lines"),
        ("bank", "iban", "seller.bank.iban"),
    ],
)
def test_what_cannot_be_printed_is_a_problem_whatever_the_fonts_say(
    invoice_of: Make, sign: str, part: str, field: str, source: str
) -> None:
    """Controls, lone surrogates, no characters, and what turns the direction of writing; told once."""
    invoice = invoice_of()
    text: Any = f"x{sign}y"
    owner = replace(getattr(invoice, part), **{field: (text,) if field in ("address", "legal_lines") else text})
    for glyphs in (lambda text: (), lambda text: tuple(c for c in text if c == sign)):
        problems = check(replace(invoice, **{part: owner}), "", no_fault, glyphs)
        assert [(problem.source, problem.next_step) for problem in problems] == [
            (source, "Type it anew: such characters come with texts that were copied.")
        ]
        assert f"U+{ord(sign):04X}" in problems[0].message


def test_purpose_reference_and_number_are_exact_fields(invoice_of: Make) -> None:
    """Banks compare them."""
    invoice = invoice_of(purpose="\x07", number="\x07", corrects="\x07")
    assert [source for source, _ in found(invoice)] == ["invoice.number", "invoice.corrects", "invoice.purpose"]


def test_what_an_e_invoice_wants_besides_is_asked_where_it_is_wanted(invoice_of: Make) -> None:
    """Nothing without profile; a source that has a problem already gets no second one, unless it is the invoice."""
    invoice = invoice_of(buyer_reference="PO 7")
    assert found(invoice) == []
    wanted = [source for source, _ in found(replace(invoice, profiles=("xrechnung",)))]
    assert "seller.contact_name" in wanted
    assert "client:buyer.city" in wanted
    garbled = replace(invoice, profiles=("xrechnung",), seller=replace(invoice.seller, contact_phone="\x07"))
    assert [source for source, _ in found(garbled)].count("seller.contact_phone") == 1


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
    assert check(invoice, "DE", no_fault, no_brush) == []
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
    (problem,) = check(invoice_of([]), "", no_fault, no_brush)
    assert problem.as_dict() == {
        "source": "invoice",
        "message": "there are no lines",
        "next_step": "Issue nothing for a client without billable time.",
        "client": None,
    }


def test_an_act_is_not_dated_before_its_work(invoice_of: Make) -> None:
    """The last day of work is early enough."""
    invoice = invoice_of([{"last_day": date(2026, 11, 20)}, {}])
    assert check_act(Act("1", date(2026, 11, 20), invoice)) == []
    assert check_act(Act("1", date(2026, 11, 1), replace(invoice, lines=()))) == []
    (early,) = check_act(Act("1", date(2026, 11, 19), invoice), client="acme")
    assert early.message == "the act is dated 2026-11-19, before the last day of its work, 2026-11-20"
    assert (early.source, early.client) == ("act", "acme")


@pytest.mark.parametrize("kind", ["cancellation", "credit_note"])
def test_an_act_that_corrects_another_names_its_invoice_and_is_not_older(invoice_of: Make, kind: Kind) -> None:
    """The invoice of 30 November: its act is taken back that day or later."""
    invoice = replace(
        invoice_of([{"last_day": date(2026, 11, 20)}]), kind=kind, corrects="7", corrects_date=date(2026, 11, 30)
    )
    assert check_act(Act("2", date(2026, 11, 30), invoice)) == []
    (early,) = check_act(Act("2", date(2026, 11, 29), invoice))
    assert early.message == "the act is dated 2026-11-29, before the invoice that it takes back, 2026-11-30"
    assert early.next_step == "Date it 2026-11-30 or later."
    (nameless,) = check_act(Act("2", date(2026, 11, 30), replace(invoice, corrects=None, corrects_date=None)))
    assert "must name the invoice" in nameless.message
    (work,) = check_act(Act("2", date(2026, 11, 19), invoice))
    assert "before the last day of its work, 2026-11-20" in work.message
