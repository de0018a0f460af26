"""Sample documents: for the gallery, for golden pictures, for speed. Everything in them is made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from studio_invoices.annexes import PriceList, PriceRow, TimeRow, TimeSheet
from studio_invoices.model import BankAccount, Invoice, Kind, Line, Party
from studio_invoices.money import amount_for_minutes
from studio_invoices.totals import total
from studio_support.testing.document_words import NOTES, PROJECTS, TASKS

SELLER = Party(
    "Webwerk Studio GmbH",
    ("Lindenallee 12",),
    "DE",
    vat_id="DE136695976",
    tax_number="41/123/45678",
    email="rechnung@webwerk.example",
    postcode="20259",
    city="Hamburg",
    contact_name="Anna Petersen",
    contact_phone="+49 40 5550 1234",
    registration="HRB 123456, Amtsgericht Hamburg",
    director="Anna Petersen, Jan Brandt",
    website="webwerk.example",
)
BUYER = Party(
    "Nordlicht Handels GmbH",
    ("Buchhaltung", "Große Bleichen 31"),
    "DE",
    vat_id="DE811569869",
    postcode="20354",
    city="Hamburg",
)
BANK = BankAccount("Hamburger Sparkasse", "HASPDEHHXXX", iban="DE89370400440532013000")
PEOPLE = ("Anna Petersen", "Jan Brandt", "Mira Lindqvist")
RATE = Decimal("95.00")


def sample_lines(language: str, count: int, rate: Decimal = RATE, tax_rate: Decimal = Decimal(19)) -> tuple[Line, ...]:
    """So many lines in a language: the first three fifths of the shop, the rest of the website."""
    titles, projects = TASKS[language], PROJECTS[language]
    lines = []
    for i in range(count):
        minutes = (75, 160, 20, 240, 95, 35, 130, 50)[i % 8] + i // 8 * 5
        lines.append(
            Line(
                number=i + 1,
                project=projects[i * 5 // max(count * 3, 1) if count > 1 else 0],
                title=titles[i % len(titles)],
                minutes=minutes,
                booked_minutes=minutes,
                rate_per_hour=rate,
                net=amount_for_minutes(minutes, rate, "EUR"),
                tax_category="S" if tax_rate else "AE",
                tax_rate=tax_rate,
                first_day=date(2026, 11, 2) + timedelta(days=i % 20),
                last_day=date(2026, 11, 3) + timedelta(days=i % 20),
                issue=str(4711 + i * 7),
                ticket=f"20261102{10_000_000 + i * 13}",
                specialist=PEOPLE[i % 3],
            )
        )
    return tuple(lines)


def sample_invoice(language: str = "en", count: int = 8, kind: Kind = "invoice", **values: object) -> Invoice:
    """An invoice of the studio; `values` replace fields, totals follow from `lines`."""
    lines = values.pop("lines", None) or sample_lines(language, count)
    assert isinstance(lines, tuple)
    currency = str(values.get("currency", "EUR"))
    reasons = {("AE", Decimal(0)): ""}
    sums = total([((line.tax_category, line.tax_rate), line.net) for line in lines], "net", currency, reasons)
    invoice = Invoice(
        number="2026-0117",
        kind=kind,
        issue_date=date(2026, 11, 30),
        due_date=date(2026, 12, 14),
        period_start=date(2026, 11, 1),
        period_end=date(2026, 11, 30),
        language=language,
        currency=currency,
        prices="net",
        seller=SELLER,
        buyer=BUYER,
        bank=BANK,
        lines=lines,
        taxes=sums.taxes,
        net=sums.net,
        tax=sums.tax,
        gross=sums.gross,
        contract_number="W-2025/14",
        contract_date=date(2025, 3, 1),
        order_number="4500012345",
        notes=(NOTES[language],),
    )
    return replace(invoice, **values)  # type: ignore[arg-type]  # the caller's to get right


def sample_credit(language: str = "en") -> Invoice:
    """A credit note over two lines of the sample invoice."""
    first, second = sample_lines(language, 8)[1:3]
    lines = (replace(first, number=1, credits_line=2), replace(second, number=2, credits_line=3))
    return sample_invoice(
        language,
        kind="credit_note",
        lines=lines,
        number="2026-0121",
        due_date=None,
        corrects="2026-0117",
        corrects_date=date(2026, 11, 30),
        reason="2:40, 0:20",
    )


def sample_mixed(language: str = "en") -> Invoice:
    """All that a table can hold: two rates of tax, late time, a line for nothing, rounding, comments, a long word."""
    first, second, third, fourth, fifth = sample_lines(language, 5)
    comment = " ".join(NOTES.values())
    lines = (
        replace(first, comments=(NOTES[language], "https://shop.example/checkout?step=payment&method=invoice&lang=en")),
        replace(second, booked_minutes=152, comments=(comment[:1024],)),
        replace(third, minutes=0, net=Decimal("0.00"), label="Goodwill"),
        replace(fourth, title="Donaudampfschifffahrtsgesellschaftskapitän " * 2, tax_rate=Decimal(7)),
        replace(fifth, heading="earlier months", first_day=date(2026, 10, 28), last_day=date(2026, 10, 30)),
    )
    return sample_invoice(language, lines=lines)


SWISS_SELLER = Party(
    "Atelier Rhône SA",
    ("Rue du Midi 12",),
    "CH",
    vat_id="CHE-116.281.710 TVA",
    email="compta@rhone.example",
    postcode="1003",
    city="Lausanne",
    contact_phone="+41 21 555 01 02",
)
SWISS_BUYER = Party("Confiserie du Lac Sàrl", ("Quai du Mont-Blanc 7",), "CH", postcode="1201", city="Genève")


def sample_swiss(language: str = "fr-CH") -> Invoice:
    """An invoice in francs with TVA at 8.1 per cent, paid by a QR reference."""
    lines = sample_lines("fr", 3, Decimal("150.00"), Decimal("8.1"))
    invoice = sample_invoice(
        "fr",
        lines=lines,
        currency="CHF",
        seller=SWISS_SELLER,
        buyer=SWISS_BUYER,
        bank=BankAccount("PostFinance", iban="CH4431999123000889012"),
        payment_reference="210000000003139471430009017",
        order_number="",
    )
    return replace(invoice, language=language)


RUSSIAN_SELLER = Party(
    "ООО «Веб-студия Север»",
    ("Невский пр., д. 88, оф. 14",),
    "RU",
    inn="7802895380",
    kpp="780201001",
    email="buh@sever.example",
    postcode="191025",
    city="г. Санкт-Петербург",
    contact_phone="+7 812 555-01-02",
    director="Петрова А. И.",
    accountant="Смирнова О. В.",
)
RUSSIAN_BUYER = Party(
    "АО «Полярная звезда»",
    ("ул. Ленина, д. 5",),
    "RU",
    inn="7707083893",
    kpp="773601001",
    postcode="117997",
    city="г. Москва",
)
RUSSIAN_BANK = BankAccount(
    "СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК",
    bic="044030653",
    account="40702810455000024248",
    correspondent_account="30101810500000000653",
)


def sample_russian(count: int = 6) -> Invoice:
    """A счёт in rubles with НДС 5 %."""
    lines = sample_lines("ru", count, Decimal("3000.00"), Decimal(5))
    return sample_invoice(
        "ru",
        lines=lines,
        currency="RUB",
        seller=RUSSIAN_SELLER,
        buyer=RUSSIAN_BUYER,
        bank=RUSSIAN_BANK,
        order_number="",
        notes=(),
    )


def sample_time_sheet(language: str = "en", count: int = 24) -> TimeSheet:
    """Bookings behind the sample invoice, some with comments."""
    titles, projects = TASKS[language], PROJECTS[language]
    rows = tuple(
        TimeRow(
            day=date(2026, 11, 2) + timedelta(days=i * 27 // max(count, 1)),
            person=PEOPLE[i % 3],
            project=projects[i % 2],
            task=titles[i % len(titles)],
            minutes=(45, 30, 115, 20, 60)[i % 5],
            issue=str(4711 + i % 8 * 7),
            ticket=f"20261102{10_000_000 + i % 8 * 13}" if i % 4 else None,
            text=NOTES[language] if i % 5 == 2 else "",
            line=i % 8 + 1,
        )
        for i in range(count)
    )
    period = (date(2026, 11, 1), date(2026, 11, 30))
    return TimeSheet("2026-0117", date(2026, 11, 30), *period, language, SELLER, BUYER, rows)


def sample_prices(language: str = "en") -> PriceList:
    """A price for everybody and some of their own, one of them from a later day."""
    rows = (
        PriceRow(date(2025, 3, 1), Decimal("95.00")),
        PriceRow(date(2025, 3, 1), Decimal("120.00"), specialist=PEOPLE[0]),
        PriceRow(date(2026, 1, 1), Decimal("70.00"), activity=TASKS[language][7]),
        PriceRow(date(2026, 7, 1), Decimal("125.50"), specialist=PEOPLE[0], activity=TASKS[language][4]),
    )
    return PriceList(
        date(2026, 11, 30),
        language,
        "EUR",
        "net",
        SELLER,
        BUYER,
        rows,
        contract_number="W-2025/14",
        contract_date=date(2025, 3, 1),
    )
