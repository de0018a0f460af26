"""The words of the Russian forms: every figure by hand, every part that accountants look for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from studio_invoices.model import Act, BankAccount, Party
from studio_invoices.pdf.ru_sheet import act_sheet, bill_sheet
from studio_invoices.pdf.ru_types import RuSheet
from studio_invoices.sheet import Sum
from tests.ru_forms import BANK, BUYER, EXEMPT, SELLER, TRADER, VAT_22, bill

D = Decimal
NB = "\u00a0"
YEAR = f"2026{NB}г."


def plain(text: str) -> str:
    """With ordinary spaces: where spaces are held together is told by tests of its own."""
    return text.replace(NB, " ").replace("\u202f", " ")


def sums(sheet: RuSheet) -> list[tuple[str, str]]:
    return [(plain(row.label), plain(row.amount)) for row in (*sheet.sums, sheet.grand_total)]


def test_prices_with_tax_within() -> None:
    """5 500 of which 5/105 = 261.904… is tax."""
    sheet = bill_sheet(bill([{}, {"minutes": 20}]))
    assert sums(sheet) == [
        ("Итого:", "5 500,00"),
        ("В том числе НДС 5 %:", "261,90"),
        ("Всего к оплате:", "5 500,00"),
    ]
    assert sheet.total_quantity == "1:50"
    assert [plain(column) for column in sheet.columns] == [
        "№",
        "Товары (работы, услуги)",
        "Кол-во, ч:мм",
        "Ед.",
        "Цена\nс НДС, руб.",
        "Сумма\nс НДС, руб.",
    ]


def test_prices_with_tax_on_top() -> None:
    """5 500 x 22 % = 1 210."""
    sheet = bill_sheet(bill([{}, {"minutes": 20}], "net", VAT_22))
    assert sums(sheet) == [
        ("Итого:", "5 500,00"),
        ("Сумма НДС 22 %:", "1 210,00"),
        ("Всего к оплате:", "6 710,00"),
    ]
    assert plain(sheet.columns[5]) == "Сумма\nбез НДС, руб."
    assert plain(sheet.count) == "Всего наименований 2, на сумму 6 710,00 руб."
    assert sheet.in_words == "Шесть тысяч семьсот десять рублей 00 копеек"


def test_a_seller_without_tax() -> None:
    """Nothing is said of tax but that there is none; a reason that says more stands below."""
    sheet = bill_sheet(bill([{"minutes": 660}], "net", EXEMPT, {EXEMPT: "Освобождение по ст. 145 НК РФ"}))
    assert sums(sheet)[1:] == [("Без налога (НДС):", "–"), ("Всего к оплате:", "33 000,00")]
    assert sheet.sums[1].note == "Освобождение по ст. 145 НК РФ"
    assert sheet.columns[4:] == ("Цена, руб.", "Сумма, руб.")
    assert bill_sheet(bill(tax=EXEMPT, reasons={EXEMPT: "без налога (НДС)"})).sums[1].note == ""


def test_several_rates_name_what_they_are_of() -> None:
    """December's 20 % beside January's 22 %, an exempt line and one whose tax the client pays."""
    lines = [
        {"tax_rate": D(20)},
        {"minutes": 60},
        {"tax_category": "O", "tax_rate": D(0)},
        {"tax_category": "AE", "tax_rate": D(0)},
    ]
    assert sums(bill_sheet(bill(lines, "net", VAT_22)))[1:-1] == [
        ("НДС с 4 500,00 исчисляется налоговым агентом:", "–"),
        ("Без налога (НДС), с 4 500,00:", "–"),
        ("Сумма НДС 22 % (с 3 000,00):", "660,00"),
        ("Сумма НДС 20 % (с 4 500,00):", "900,00"),
    ]
    # 4 500 x 20/120 = 750; 3 000 x 22/122 = 540.98
    assert sums(bill_sheet(bill(lines[:2], "gross", VAT_22)))[1:] == [
        ("В том числе НДС 22 % (без налога 2 459,02):", "540,98"),
        ("В том числе НДС 20 % (без налога 3 750,00):", "750,00"),
        ("Всего к оплате:", "7 500,00"),
    ]
    agent = bill_sheet(bill(tax=("AE", D(0))))
    assert sums(agent)[1] == ("НДС исчисляется налоговым агентом:", "–")


def test_the_title_and_amounts_hold_together() -> None:
    """No line ends in «№», in a day, or within an amount."""
    sheet = bill_sheet(bill([{"minutes": 660}]))
    day = f"30{NB}ноября{NB}2026"
    assert sheet.title.startswith(f"Счёт на оплату №{NB}117 от{NB}{day}")
    assert plain(sheet.title) == "Счёт на оплату № 117 от 30 ноября 2026 г."
    assert sheet.grand_total == Sum(f"Всего к{NB}оплате:", f"33{NB}000,00")
    assert f"33{NB}000,00{NB}руб." in sheet.count


def test_the_bank_block_has_what_a_payment_order_asks_for() -> None:
    """Bank, БИК, both accounts, payee and its numbers."""
    block = bill_sheet(bill()).bank
    assert block is not None
    assert (block.bank_name, block.bank_caption) == (BANK.name, "Банк получателя")
    assert block.bic == ("БИК", "044030653")
    assert block.correspondent == (f"Сч.{NB}№", "30101810500000000653")
    assert block.account == (f"Сч.{NB}№", "40702810455000024248")
    assert (block.inn, block.kpp) == (f"ИНН{NB}7802895380", f"КПП{NB}780201001")
    assert (block.payee, block.payee_caption) == ("ООО «Веб-студия»", "Получатель")


def test_the_bank_block_of_others() -> None:
    """A sole trader has no КПП; an account may be another's, or an IBAN."""
    block = bill_sheet(bill(seller=TRADER, bank=BankAccount("Б", iban="DE893704", holder="Иванов И. И."))).bank
    assert block is not None
    assert (block.inn, block.kpp, block.payee) == (f"ИНН{NB}500100732259", "", "Иванов И. И.")
    assert block.account == ("IBAN", "DE893704")
    empty = bill_sheet(bill(seller=Party("S", country="RU"), bank=BankAccount())).bank
    assert empty is not None
    assert (empty.inn, empty.account) == ("", ("IBAN", ""))


def test_the_parties_stand_with_all_their_numbers() -> None:
    """Seller, buyer, contract, period, and what the buyer wants to find again."""
    reached = replace(BUYER, email="pay@sever.example", contact_phone="+7 812 111")  # is not printed
    sheet = bill_sheet(bill(buyer_reference="Р-7", order_number="З-9", buyer=reached))
    assert [tuple(map(plain, party)) for party in sheet.parties] == [
        (
            "Поставщик\n(Исполнитель):",
            "ООО «Веб-студия»",
            "ИНН 7802895380, КПП 780201001, 197022, г. Санкт-Петербург, Каменноостровский пр., д. 40, лит. А, "
            "пом. 12-Н, тел. +7 812 000-00-00, buh@web-studio.example",
        ),
        (
            "Покупатель\n(Заказчик):",
            "АО «Северный торговый дом»",
            "ИНН 7801234560, КПП 780101001, 191186, г. Санкт-Петербург, Невский пр., д. 20",
        ),
        ("Основание:", "", "Договор № 12/2025 от 1 февраля 2025 г."),
        ("Период:", "", "ноябрь 2026 г."),
        ("Ваш номер:", "", "Р-7"),
        ("Ваш заказ:", "", "З-9"),
    ]


def test_parties_with_other_numbers() -> None:
    """ОГРН of an organisation, ОГРНИП of a trader, numbers from abroad with the country's name."""
    foreign = Party("ACME GmbH", ("Berlin",), "DE", vat_id="DE123", tax_number="7")
    sheet = bill_sheet(bill(seller=replace(SELLER, ogrn="1027800000000"), buyer=foreign, contract_date=None))
    particulars = [plain(party[2]) for party in sheet.parties]
    assert "КПП 780201001, ОГРН 1027800000000, 197022" in particulars[0]
    assert particulars[1] == "VAT ID DE123, налоговый номер 7, Berlin, Германия"
    assert particulars[2] == "Договор № 12/2025"
    trader = bill_sheet(bill(seller=TRADER, contract_number=""))
    assert "ОГРНИП 304500116000157" in plain(trader.parties[0][2])
    assert [party[0] for party in trader.parties][2:] == ["Период:"]


def test_a_line_is_recomputed_by_hand() -> None:
    """20 minutes at 3 000 an hour are 1 000: h:mm is exact where 0,33 would not be."""
    (group,) = bill_sheet(bill([{"minutes": 20, "issue": "4711", "ticket": "7", "booked_minutes": 17}])).groups
    (row,) = group.rows
    assert (row.quantity, row.unit, plain(row.price), plain(row.amount)) == ("0:20", "ч", "3 000,00", "1 000,00")
    assert (row.number, row.title, row.label) == ("1", "Задача 1", "")
    assert row.details == ("#4711", "заявка 7", "учтено 0:17")
    assert (group.heading, group.continued) == ("Сайт", "Сайт (продолжение)")


def test_lines_that_are_not_charged_and_lines_of_earlier_months() -> None:
    """The first says why instead of a price; the others stand under a heading that tells them."""
    lines = [{"label": "По гарантии", "comments": ("Проверено",)}, {"heading": "earlier months"}]
    first, second = bill_sheet(bill(lines)).groups
    assert (first.rows[0].price, first.rows[0].amount, first.rows[0].label) == ("", "", "По гарантии")
    assert first.rows[0].comments == ("Проверено",)
    assert second.heading == "За прошлые месяцы. Сайт"
    assert second.continued == "За прошлые месяцы. Сайт (продолжение)"


@pytest.mark.parametrize(
    ("values", "terms"),
    [
        (
            {},
            (
                f"Оплатить не позднее 10 декабря {YEAR}",
                "Назначение платежа: Оплата по счёту № 117 от 30.11.2026 по договору № 12/2025 от 01.02.2025. "
                "В том числе НДС 5% - 214,29 руб.",
            ),
        ),
        ({"number": None}, ("Черновик: платить пока не нужно.",)),
        ({"due_date": None, "purpose": "За сайт"}, ("Назначение платежа: За сайт",)),
        (
            {"due_date": None, "purpose": "За сайт", "payment_terms": "Предоплата 100 %."},
            ("Назначение платежа: За сайт", "Предоплата 100 %."),
        ),
    ],
)
def test_the_terms_of_payment(values: dict[str, Any], terms: tuple[str, ...]) -> None:
    """By when, what to write on the order, and the client's own terms; a draft is not to be paid."""
    assert tuple(map(plain, bill_sheet(bill(**values)).terms)) == tuple(map(plain, terms))


def test_nothing_to_pay() -> None:
    """A month of lines that are not charged."""
    assert bill_sheet(bill([{"label": "По гарантии"}])).terms == ("К оплате ничего нет.",)


def test_who_signs_a_bill() -> None:
    """Head and accountant; a sole trader alone, by the name in the name; a person likewise."""
    assert [(s.position, s.name, s.picture) for s in bill_sheet(bill()).signers] == [
        ("Руководитель", "Соколова Е. В.", "signature"),
        ("Бухгалтер", "Миронова Т. А.", "accountant_signature"),
    ]
    assert [(s.position, s.name) for s in bill_sheet(bill(seller=TRADER)).signers] == [
        ("Предприниматель", "Соколова Елена Викторовна")
    ]
    named = replace(TRADER, director="Соколова Е. В.")
    assert [s.name for s in bill_sheet(bill(seller=named)).signers] == ["Соколова Е. В."]
    person = Party("Соколова Елена", country="RU", inn="500100732259")
    assert [(s.position, s.name) for s in bill_sheet(bill(seller=person)).signers] == [
        ("Исполнитель", "Соколова Елена")
    ]
    bare = bill_sheet(bill(seller=Party("ООО «А»", country="RU", inn="7802895380")))
    assert [s.name for s in bare.signers] == ["", ""]


def test_an_act_over_the_same_lines() -> None:
    """Its own number and date, both parties' signatures, the customary sentence, nothing about paying."""
    invoice = bill([{}, {"minutes": 20}])
    sheet = act_sheet(Act("57", date(2026, 11, 29), invoice))
    assert plain(sheet.title) == "Акт об оказании услуг № 57 от 29 ноября 2026 г."
    assert (sheet.bank, sheet.draft_mark, sheet.is_act) == (None, "", True)
    assert sheet.columns[1] == "Наименование работ, услуг"
    assert sums(sheet)[-1] == ("Всего:", "5 500,00")
    assert sheet.groups == bill_sheet(invoice).groups
    assert plain(sheet.count) == "Всего оказано услуг 2, на сумму 5 500,00 руб."
    assert plain(sheet.terms[0]) == (
        "Вышеперечисленные услуги выполнены полностью и в срок. Заказчик претензий по объёму, качеству и срокам "
        "оказания услуг не имеет."
    )
    assert [plain(part) for party in sheet.parties[2:4] for part in party if part] == [
        "Основание:",
        "Договор № 12/2025 от 1 февраля 2025 г.",
        "Счёт:",
        "Счёт на оплату № 117 от 30 ноября 2026 г.",
    ]
    assert [(s.side, s.party, s.position, s.name, s.picture) for s in sheet.signers] == [
        ("Исполнитель", SELLER.name, "Руководитель", "Соколова Е. В.", "signature"),
        ("Заказчик", BUYER.name, "Руководитель", "Кузнецов П. И.", ""),
    ]


def test_an_act_without_contract_rests_on_the_bill() -> None:
    """An act of a draft is one itself, and names no bill that there is not yet."""
    sheet = act_sheet(Act("57", date(2026, 11, 30), bill(contract_number="")))
    assert [(party[0], plain(party[2])) for party in sheet.parties[2:3]] == [
        ("Основание:", "Счёт на оплату № 117 от 30 ноября 2026 г.")
    ]
    draft = act_sheet(Act(None, date(2026, 11, 30), bill(number=None)))
    assert plain(draft.title) == "Акт об оказании услуг (черновик) от 30 ноября 2026 г."
    assert draft.draft_mark == "ЧЕРНОВИК"
    assert "Счёт:" not in [party[0] for party in draft.parties]


TAKEN_BACK = {"number": "119", "issue_date": date(2026, 12, 5), "corrects": "117", "corrects_date": date(2026, 11, 30)}


def test_a_bill_that_is_taken_back() -> None:
    """What it takes back and why; nothing to be paid, so neither bank nor terms."""
    sheet = bill_sheet(bill(kind="cancellation", reason="Ошибка в реквизитах", **TAKEN_BACK))
    assert plain(sheet.title) == "Уведомление об аннулировании счёта № 119 от 5 декабря 2026 г."
    assert [plain(text) for text in sheet.statements] == [
        "Счёт на оплату № 117 от 30 ноября 2026 г. аннулируется полностью. Платить по нему не нужно.",
        "Причина: Ошибка в реквизитах",
    ]
    assert (sheet.bank, sheet.terms) == (None, ())
    assert sums(sheet)[-1] == ("Всего аннулировано:", "4 500,00")
    draft = bill_sheet(bill(kind="cancellation", **{**TAKEN_BACK, "number": None}))
    assert plain(draft.title) == "Уведомление об аннулировании счёта (черновик) от 5 декабря 2026 г."


def test_a_bill_that_is_corrected() -> None:
    """Its number is not mistaken for that of the bill."""
    sheet = bill_sheet(bill(kind="credit_note", **{**TAKEN_BACK, "corrects_date": None}))
    assert plain(sheet.title) == "Корректировка № 119 от 5 декабря 2026 г."
    assert [plain(text) for text in sheet.statements] == [
        "Счёт на оплату № 117: стоимость услуг уменьшается на суммы, указанные ниже."
    ]
    assert sums(sheet)[-1] == ("Всего к уменьшению:", "4 500,00")


def test_acts_that_take_back() -> None:
    """Both are corrections of an act, and neither says that services were rendered."""
    invoice = bill(kind="cancellation", **TAKEN_BACK)
    undone = act_sheet(Act("60", date(2026, 12, 5), invoice))
    assert plain(undone.title) == "Корректировочный акт № 60 от 5 декабря 2026 г."
    assert plain(undone.statements[0]) == (
        "Счёт на оплату № 117 от 30 ноября 2026 г.: стоимость услуг уменьшается полностью, строки указаны ниже."
    )
    corrected = act_sheet(Act("60", date(2026, 12, 5), replace(invoice, kind="credit_note")))
    assert plain(corrected.statements[0]).endswith("уменьшается на суммы, указанные ниже.")
    assert plain(corrected.count) == "Всего наименований 1, на сумму 4 500,00 руб."
    assert plain(corrected.terms[0]).startswith("Стороны подтверждают изменение стоимости услуг")


def test_other_currencies_and_languages() -> None:
    """A form that was asked for is in Russian throughout; its money is called by its name."""
    sheet = bill_sheet(bill(language="de", currency="EUR", tax=EXEMPT))
    assert sheet.columns[4:] == ("Цена, EUR", "Сумма, EUR")
    assert plain(sheet.count) == "Всего наименований 1, на сумму 4 500,00 €"
    assert sheet.in_words == "Четыре тысячи пятьсот евро 00 центов"
    assert bill_sheet(bill(currency="AZN", tax=EXEMPT)).in_words == ""
    assert sheet.small_print[0].startswith("Как посчитано")


def test_own_wording() -> None:
    """Keys of the forms and of the labels."""
    texts = (("ru_signatures.director", "Генеральный директор"), ("notes.arithmetic_gross", "Своё"))
    sheet = bill_sheet(bill(notes=("Спасибо!",)), texts)
    assert sheet.signers[0].position == "Генеральный директор"
    assert (sheet.notes, sheet.small_print) == (("Спасибо!",), ("Своё",))
