"""Names, subjects and comments: ordinary ones, and those that break careless code."""

from __future__ import annotations

from random import Random

_RUSSIAN = [
    "Рябина", "Горизонт", "Полесье", "Аметист", "Берёзка", "Вектор", "Гранит", "Днепр", "Ельник", "Жемчуг",
    "Заря", "Исток", "Кедр", "Ладья", "Маяк", "Нива", "Орион", "Парус", "Родник", "Сокол", "Тайга", "Урал",
    "Флагман", "Хвоя", "Цитрин", "Чайка", "Шатёр", "Эльбрус", "Юность", "Янтарь",
]  # fmt: skip
_GERMAN = [
    "Nordlicht", "Bergmann", "Eichenhof", "Falkenstein", "Grünwald", "Hafenblick", "Isarbogen", "Jägerstraße",
    "Königsforst", "Lindenau", "Möwe", "Neuhaus", "Oderbruch", "Pappelallee", "Quellgrund", "Rosenthal",
    "Seeblick", "Tannenhof", "Uferweg", "Weserbogen",
]  # fmt: skip


def firm(place: int, german: bool) -> str:
    """A company's name; unlike for every place."""
    words = _GERMAN if german else _RUSSIAN
    word = words[place // 2 % len(words)]
    again = place // 2 // len(words)
    name = f"{word} {again + 1}" if again else word
    return f"{name} GmbH" if german else f"ООО «{name}»"


_SUBJECTS = (
    "Исправить форму заказа на главной",
    "Kontaktformular sendet keine Mails",
    "Checkout: shipping address is lost on reload",
    "Обновить CMS и модули",
    "SSL-Zertifikat erneuern",
    "Landing page for the autumn sale",
    "Выгрузка товаров в 1С падает",
    "Bilder im Shop zu groß",
    "Перенос сайта на новый сервер",
    "Cookie-Hinweis anpassen",
    "Слайдер «прыгает» в Safari",
    "Meta tags & sitemap.xml",
)
_ODD_SUBJECTS = (
    '<b>Bold</b> & "quoted" <script>alert(1)</script>',
    "Баннер 🎨🔥 к празднику 👩‍💻",
    "שלום עולם – right to left",
    "Тариф «Всё включено»; кавычки 'одиночные', \"двойные\"; точка с запятой",
    "=SUM(A1:A9) looks like a formula",
    "Sehr langer Betreff " + "mit vielen Wörtern " * 12,
)


def subject(chance: Random, number: int) -> str:
    """An issue's subject, 255 characters at most."""
    if chance.random() < 0.06:
        return chance.choice(_ODD_SUBJECTS)[:255].strip()
    return f"{chance.choice(_SUBJECTS)} ({number})"


_COMMENTS = (
    "Вёрстка и проверка в браузерах",
    "fixed the form, deployed",
    "Telefonat mit dem Kunden, Protokoll",
    "Настройка почты",
    "code review",
    "правки по замечаниям клиента",
    "Bugfix Warenkorb",
    "анализ логов, причина найдена",
)
_WIDE = "Очень подробный отчёт о работе: ёлки, «кавычки», 🎄 и ещё раз. "
ODD_COMMENTS = (
    "Эмодзи 🎨🔥 и семья 👨‍👩‍👧‍👦, флаг 🇩🇪",
    '<b>bold</b> & <a href="x">link</a> &amp; &nbsp; <!-- -->',
    "\"двойные\", 'одиночные', «ёлочки», „Gänsefüßchen“, back\\slash",
    "עברית וגם العربية מימין לשמאל",
    "evil\u202egnp.exe\u202c right-to-left override",
    "first line\nsecond line\n\nfourth after an empty one",
    "строка из браузера\r\nи вторая",
    "tab\tbetween\twords",
    "=1+1",
    "+7 495 000-00-00; с точкой; с запятой, и «|»",
    "  spaces around  ",
    "zero\u200bwidth, soft\u00adhyphen, nbsp\u00a0here, e\u0301 combining",
    "line separator\u2028inside, next line\u0085too",
    "\x1b[31mred\x1b[0m terminal",
    "%s %d {0} {{x}} ${HOME} `id` *bold* _it_ #1 @a.petrova",
    "-",
    "0",
    "x" * 1024,
    (_WIDE * 20)[:1024],
    ("a\n" * 512)[:1023] + "z",
)


def comment(chance: Random) -> str | None:
    """An entry's comment: ordinary, none at all (two ways), or odd."""
    draw = chance.random()
    if draw < 0.06:
        return None
    if draw < 0.12:
        return ""
    if draw < 0.17:
        return chance.choice(ODD_COMMENTS)
    return chance.choice(_COMMENTS)
