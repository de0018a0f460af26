"""The words of a document: what is printed, where it comes from, in which language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from studio_invoices.model import BankAccount, Invoice
from studio_invoices.sheet import Sum, sheet_of

Make = Callable[..., Invoice]
D = Decimal
RUSSIAN_BANK = BankAccount(
    "СБЕРБАНК", bic="044030653", account="40702810455000024248", correspondent_account="30101810500000000653"
)


@pytest.mark.parametrize(
    ("values", "title", "page_title"),
    [
        ({}, "Invoice 2026-0117", "Invoice 2026-0117"),
        ({"language": "de"}, "Rechnung 2026-0117", "Rechnung 2026-0117"),
        ({"language": "ru"}, "Счёт на оплату №\u00a02026-0117 от 30\u00a0ноября\u00a02026\u202fг.", "Счёт 2026-0117"),
        ({"number": None}, "Invoice (draft)", "Invoice (draft)"),
        ({"kind": "cancellation"}, "Cancellation invoice 2026-0117", "Cancellation invoice 2026-0117"),
        ({"kind": "cancellation", "language": "de"}, "Stornorechnung 2026-0117", "Stornorechnung 2026-0117"),
        (
            {"kind": "cancellation", "language": "ru"},
            "Аннулирование счёта. Документ №\u00a02026-0117 от 30\u00a0ноября\u00a02026\u202fг.",
            "Аннулирование счёта 2026-0117",
        ),
        ({"kind": "cancellation", "number": None}, "Cancellation invoice (draft)", "Invoice (draft)"),
    ],
)
def test_the_title_says_what_it_is(invoice_of: Make, values: dict[str, str], title: str, page_title: str) -> None:
    """Kind, number, in Russian the date; the page's title is short and holds no name and no amount."""
    sheet = sheet_of(invoice_of(**values))
    assert (sheet.title, sheet.page_title) == (title, page_title)


def test_a_draft_is_marked(invoice_of: Make) -> None:
    """By its own mark in its language, without a number; an issued invoice bears none."""
    draft = sheet_of(invoice_of(number=None, language="ru"))
    assert draft.draft_mark == "ЧЕРНОВИК"
    assert "Номер" not in dict(draft.meta)
    assert draft.payment is not None
    assert draft.payment.sentence == "Черновик: платить пока не нужно."
    assert sheet_of(invoice_of()).draft_mark == ""


def test_lines_are_grouped_by_heading_and_project(invoice_of: Make) -> None:
    """The month first, late time after it; projects in the order in which they come; subtotals of each."""
    sheet = sheet_of(
        invoice_of(
            [
                {"heading": "earlier months", "project": "Shop", "minutes": 10},
                {"project": "Shop", "minutes": 30},
                {"project": "Site", "minutes": 60},
                {"project": "Shop", "minutes": 90},
                {"project": ""},
            ]
        )
    )
    assert [(s.heading, [(p.name, [r.number for r in p.rows]) for p in s.projects]) for s in sheet.sections] == [
        ("", [("Shop", ["2", "4"]), ("Site", ["3"]), ("Other work", ["5"])]),
        ("Earlier months", [("Shop", ["1"])]),
    ]
    shop = sheet.sections[0].projects[0]
    assert (shop.subtotal_label, shop.subtotal_time, shop.subtotal_amount) == ("Subtotal Shop", "2:00", "190.00")


def test_a_heading_of_ones_own_is_printed_as_it_is(invoice_of: Make) -> None:
    """Only the contract's "earlier months" is translated."""
    sheet = sheet_of(invoice_of([{"heading": "Nachtrag"}], language="de"))
    assert sheet.sections[0].heading == "Nachtrag"
    assert sheet_of(invoice_of([{"heading": "earlier months"}], language="de")).sections[0].heading == "Frühere Monate"


def test_a_line_shows_task_ticket_person_and_figures(invoice_of: Make) -> None:
    """References stand as details; late lines show their days; equal times are shown once."""
    line = {
        "title": "Fix <b>it</b>",
        "minutes": 20,
        "specialist": "Irina Petrova",
        "heading": "earlier months",
        "first_day": date(2026, 9, 3),
        "last_day": date(2026, 9, 28),
    }
    row = sheet_of(invoice_of([line])).sections[0].projects[0].rows[0]
    assert row.title == "Fix <b>it</b>"
    assert row.details == ("#4711", "Ticket 2026110210000001", "Irina Petrova", "Sep 3\u2009–\u200928, 2026")
    assert (row.time, row.booked, row.rate, row.amount, row.label) == ("0:20", "", "95.00", "31.67", "")


def test_charged_time_that_differs_from_booked_time_shows_both(invoice_of: Make) -> None:
    """Rounding of durations is visible on paper."""
    row = sheet_of(invoice_of([{"minutes": 30, "booked_minutes": 17}])).sections[0].projects[0].rows[0]
    assert (row.time, row.booked) == ("0:30", "booked 0:17")


def test_a_free_line_prints_its_label_instead_of_an_amount(invoice_of: Make) -> None:
    """No rate and no amount; an empty label has a word of the language."""
    lines = [{"label": "Goodwill", "booked_minutes": 45}, {"label": "", "issue": None, "ticket": None}]
    first, second = sheet_of(invoice_of(lines)).sections[0].projects[0].rows
    assert (first.label, first.rate, first.amount, first.time, first.booked) == (
        "Goodwill",
        "",
        "",
        "0:00",
        "booked 0:45",
    )
    assert (second.label, second.details) == ("Not charged", ())


def test_lines_name_their_tax_where_rates_are_mixed(invoice_of: Make) -> None:
    """With one rate for all the line says nothing about it."""
    one = sheet_of(invoice_of([{}, {}])).sections[0].projects[0].rows[0]
    assert "VAT 19%" not in one.details
    mixed = sheet_of(invoice_of([{}, {"tax_rate": D(7)}])).sections[0].projects[0].rows
    assert [row.details[-1] for row in mixed] == ["VAT 19%", "VAT 7%"]


def test_taxes_are_listed_with_base_and_reason(invoice_of: Make) -> None:
    """One row per category and rate; their sum where there are several; a reason that repeats the label is left out."""
    one = sheet_of(invoice_of())
    assert one.sums == (Sum("Net total", "€95.00"), Sum("VAT 19% on €95.00", "€18.05"))
    assert one.grand_total == Sum("Total due", "€113.05")
    reasons = {("AE", D(0)): "§ 13b UStG", ("E", D(0)): "exempt from vat"}
    lines = [
        {},
        {"tax_category": "AE", "tax_rate": D(0)},
        {"tax_category": "E", "tax_rate": D(0)},
        {"tax_category": "L", "tax_rate": D(5)},
    ]
    mixed = sheet_of(invoice_of(lines, reasons=reasons))
    assert mixed.sums == (
        Sum("Net total", "€380.00"),
        Sum("Reverse charge, VAT 0% on €95.00", "€0.00", "§ 13b UStG"),
        Sum("Exempt from VAT, €95.00", "€0.00"),
        Sum("Tax 5% on €95.00", "€4.75"),
        Sum("VAT 19% on €95.00", "€18.05"),
        Sum("Total tax", "€22.80"),
    )


def test_gross_prices_are_said_to_be_gross(invoice_of: Make) -> None:
    """Line amounts are the gross ones and the columns say so; 95.00 contains 15.17 at 19 %."""
    sheet = sheet_of(invoice_of(prices="gross"))
    assert sheet.columns[3:] == ("Rate per hour incl. tax", "Amount incl. tax, EUR")
    project = sheet.sections[0].projects[0]
    assert project.rows[0].amount == project.subtotal_amount == "95.00"
    assert [item.amount for item in (*sheet.sums, sheet.grand_total)] == ["€79.83", "€15.17", "€95.00"]
    assert "Prices include tax" in sheet.small_print[0]


def test_a_cancellation_takes_back_and_asks_for_nothing(invoice_of: Make) -> None:
    """It names the original with its date and the reason; amounts are labelled; nothing is to be paid."""
    sheet = sheet_of(
        invoice_of(
            kind="cancellation",
            number="2026-0118",
            corrects="2026-0117",
            corrects_date=date(2026, 11, 30),
            reason="Wrong rate.",
        )
    )
    assert "invoice 2026-0117 of November\u00a030,\u00a02026" in sheet.statements[0]
    assert sheet.statements[1] == "Reason: Wrong rate."
    assert dict(sheet.meta)["Takes back"] == "2026-0117"
    assert "Due" not in dict(sheet.meta)
    assert sheet.columns[4] == "Taken back, EUR"
    assert [item.label for item in (*sheet.sums, sheet.grand_total)] == [
        "Net amount taken back",
        "VAT 19% on €95.00",
        "Total taken back",
    ]
    assert sheet.payment is None
    assert sheet.small_print[0] == "This document asks for no payment."


def test_a_cancellation_without_date_and_reason_still_names_the_original(invoice_of: Make) -> None:
    """Nothing is printed for what is not known."""
    sheet = sheet_of(invoice_of(kind="cancellation", corrects="2026-0117"))
    assert len(sheet.statements) == 1
    assert "2026-0117 in full" in sheet.statements[0]


def test_payment_names_amount_day_and_account(invoice_of: Make) -> None:
    """IBAN in groups of four held together; without a due date none is printed."""
    payment = sheet_of(invoice_of()).payment
    assert payment is not None
    assert payment.sentence == "Please transfer €113.05 by December\u00a010,\u00a02026, quoting 2026-0117."
    assert payment.rows == (
        ("Payee", "Webwerk Studio GmbH"),
        ("IBAN", "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000"),
        ("Bank", "Hamburger Sparkasse"),
        ("BIC", "HASPDEHHXXX"),
    )
    undated = sheet_of(invoice_of(due_date=None)).payment
    assert undated is not None
    assert undated.sentence == "Please transfer €113.05, quoting 2026-0117."
    free = sheet_of(invoice_of([{"label": "Goodwill"}])).payment
    assert free is not None
    assert free.sentence == "Nothing is to be paid."


def test_a_russian_payment_has_all_its_numbers(invoice_of: Make) -> None:
    """ИНН, КПП, БИК, both accounts, as a Russian payment order asks for them."""
    invoice = invoice_of(language="ru", currency="RUB", bank=RUSSIAN_BANK)
    invoice = replace(invoice, seller=replace(invoice.seller, inn="7802895380", kpp="780201001", vat_id=""))
    payment = sheet_of(invoice).payment
    assert payment is not None
    assert payment.rows == (
        ("Получатель", "Webwerk Studio GmbH"),
        ("ИНН", "7802895380"),
        ("КПП", "780201001"),
        ("Расчётный счёт", "40702810455000024248"),
        ("Банк получателя", "СБЕРБАНК"),
        ("БИК", "044030653"),
        ("Корр. счёт", "30101810500000000653"),
    )


def test_meta_shows_dates_contract_and_references(invoice_of: Make) -> None:
    """In one fixed order; what is empty is left out."""
    full = sheet_of(
        invoice_of(
            contract_number="12/2025",
            contract_date=date(2025, 12, 1),
            buyer_reference="Team Web",
            order_number="4500012345",
        )
    )
    assert full.meta == (
        ("Number", "2026-0117"),
        ("Date", "November 30, 2026"),
        ("Due", "December 10, 2026"),
        ("Service period", "November 2026"),
        ("Contract", "12/2025 of December\u00a01,\u00a02025"),
        ("Your reference", "Team Web"),
        ("Your order", "4500012345"),
        ("Your VAT ID", "DE987654321"),
    )
    assert dict(sheet_of(invoice_of(contract_number="12")).meta)["Contract"] == "12"


def test_countries_are_printed_across_borders_only(invoice_of: Make) -> None:
    """Seller and buyer abroad from each other; once, where the address already says it."""
    home = sheet_of(invoice_of())
    assert home.buyer_address == ("Hauptstr. 1", "10115 Berlin")
    invoice = invoice_of(language="de")
    abroad = sheet_of(replace(invoice, buyer=replace(invoice.buyer, country="AT")))
    assert abroad.buyer_address[-1] == "Österreich"
    assert abroad.seller_address[-1] == "Deutschland"
    said = replace(invoice.buyer, country="AT", address=("Graben 1", "Österreich"))
    assert sheet_of(replace(invoice, buyer=said)).buyer_address == ("Graben 1", "Österreich")


def test_notes_and_the_rule_of_arithmetic_are_printed(invoice_of: Make) -> None:
    """The client can reproduce each line from the paper; empty notes leave no gap."""
    sheet = sheet_of(invoice_of(notes=("Thanks!", ""), rounding_note="In steps of 15 minutes."))
    assert sheet.notes == ("Thanks!",)
    assert "minutes × rate per hour ÷ 60, rounded half up once per line" in sheet.small_print[0]
    assert sheet.small_print[1] == "In steps of 15 minutes."


def test_the_total_is_said_in_words_where_that_is_customary(invoice_of: Make) -> None:
    """113.05 in Polish and Ukrainian; elsewhere where a wording asks for it; never where figures are too fine."""
    assert sheet_of(invoice_of(language="pl")).grand_total.note == "Słownie: Sto trzynaście euro 05\u00a0centów"
    assert sheet_of(invoice_of(language="uk")).grand_total.note == "Сума прописом: Сто тринадцять євро 05\u00a0центів"
    assert sheet_of(invoice_of(language="de")).grand_total.note == ""
    asked = (("totals.in_words", "Betrag: {words}"),)
    assert sheet_of(invoice_of(language="de"), asked).grand_total.note == "Betrag: Einhundertdreizehn Euro 05\u00a0Cent"
    assert sheet_of(invoice_of(language="it"), asked).grand_total.note == ""
    assert sheet_of(replace(invoice_of(language="pl"), gross=D("1.005"))).grand_total.note == ""
