"""The small pages behind links that open no invoice: expired (whom to ask), and nothing there.

The expired page is for a person who was given the link: it names the document and whom to ask, and no amounts. The
other is the same for every address that opens nothing, so that it tells nothing.
"""

from __future__ import annotations

from html import escape
from urllib.parse import quote

EXPIRED_MARK = '<meta name="studio-support" content="expired">'  # by which such a page is known again
_STYLE = (
    ":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--accent:#0b5874}"
    "@media (prefers-color-scheme:dark){:root{--ink:#e8ecef;--paper:#12161a;--accent:#7cc4df}}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    'font:1.05rem/1.55 "IBM Plex Sans",system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}'
    "main{max-width:34rem;margin:12vh auto 2rem;padding:0 1.25rem;overflow-wrap:anywhere}"
    "h1{font-size:1.5rem;line-height:1.25;font-weight:600}"
    "h2{font-size:1.05rem;font-weight:600;margin:1.6rem 0 -.6rem}"
    "a{color:var(--accent)}"
)
_PAGE = (
    '<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="robots" content="noindex, nofollow, noarchive">\n'
    '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'  # no second request for one
    "{mark}<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
)
# language -> title; the sentence with the number; whom to ask where there is an address; where there is none; subject
_EXPIRED = {
    "en": (
        "This link has expired",
        "The link to document {number} from {seller} no longer works.",
        "To get a new one, write to",
        "To get a new one, ask whoever sent it to you.",
        "New link to document {number}, please",
    ),
    "de": (
        "Dieser Link ist abgelaufen",
        "Der Link zum Beleg {number} von {seller} funktioniert nicht mehr.",
        "Einen neuen erhalten Sie per E-Mail von",
        "Einen neuen erhalten Sie von dem, der Ihnen diesen geschickt hat.",
        "Bitte neuen Link zum Beleg {number}",
    ),
    "es": (
        "Este enlace ha caducado",
        "El enlace al documento {number} de {seller} ya no se abre.",
        "Para recibir uno nuevo, escriba a",
        "Para recibir uno nuevo, diríjase a quien se lo envió.",
        "Solicito un nuevo enlace al documento {number}",
    ),
    "fr": (
        "Ce lien a expiré",
        "Le lien vers le document {number} de {seller} ne fonctionne plus.",
        "Pour en obtenir un nouveau, écrivez à",
        "Pour en obtenir un nouveau, adressez-vous à la personne qui vous l’a envoyé.",
        "Nouveau lien vers le document {number}, s’il vous plaît",
    ),
    "it": (
        "Questo link è scaduto",
        "Il link al documento {number} di {seller} non funziona più.",
        "Per riceverne uno nuovo, scriva a",
        "Per riceverne uno nuovo, si rivolga a chi glielo ha inviato.",
        "Richiesta di un nuovo link al documento {number}",
    ),
    "nl": (
        "Deze link is verlopen",
        "De link naar document {number} van {seller} werkt niet meer.",
        "Voor een nieuwe link kunt u schrijven naar",
        "Vraag een nieuwe link aan wie u deze heeft gestuurd.",
        "Graag een nieuwe link naar document {number}",
    ),
    "pl": (
        "Ten link wygasł",
        "Link do dokumentu {number} ({seller}) już nie działa.",
        "Aby otrzymać nowy, proszę napisać na adres",
        "Aby otrzymać nowy, proszę zwrócić się do osoby, która go przysłała.",
        "Proszę o nowy link do dokumentu {number}",
    ),
    "pt": (
        "Este link expirou",
        "O link para o documento {number} de {seller} já não funciona.",
        "Para receber um novo, escreva para",
        "Para receber um novo, contacte quem lho enviou.",
        "Peço um novo link para o documento {number}",
    ),
    "ru": (
        "Срок действия ссылки истёк",
        "Ссылка на документ № {number}, {seller}, больше не открывается.",
        "Чтобы получить новую, напишите на",
        "Чтобы получить новую, обратитесь к тому, кто её прислал.",
        "Прошу новую ссылку на документ № {number}",
    ),
    "uk": (
        "Термін дії посилання закінчився",
        "Посилання на документ № {number}, {seller}, більше не відкривається.",
        "Щоб отримати нове, напишіть на",
        "Щоб отримати нове, зверніться до того, хто його надіслав.",
        "Прошу нове посилання на документ № {number}",
    ),
}
_NOTHING = (
    ("en", "Nothing is here", "This address opens nothing, or nothing any more. Please ask whoever gave it to you."),
    (
        "de",
        "Hier ist nichts",
        "Unter dieser Adresse ist nichts oder nichts mehr zu finden. Bitte fragen Sie den Absender.",
    ),
    ("ru", "Здесь ничего нет", "По этому адресу ничего нет или уже ничего нет. Обратитесь к тому, кто его прислал."),
)


def expired_page(language: str, number: str, seller: str, email: str) -> str:
    """The page of a link that has expired, in the document's language (English for any that is not known).

    email: whom to ask for a new link, as a mailto; "" where the seller has no address.
    """
    known = language.partition("-")[0].partition("_")[0].lower()
    known = known if known in _EXPIRED else "en"
    title, about, ask, ask_sender, subject = _EXPIRED[known]
    sentence = escape(about.format(number=number, seller=seller))
    who = ask_sender
    if email:
        address = quote(email, safe="@")
        target = f"mailto:{address}?subject={quote(subject.format(number=number), safe='')}"
        who = f'{ask} <a href="{escape(target)}">{escape(email)}</a>'
    body = f"<h1>{title}</h1>\n<p>{sentence}</p>\n<p>{who}</p>\n"
    return _PAGE.format(language=known, mark=f"{EXPIRED_MARK}\n", title=title, style=_STYLE, body=body)


def nothing_page() -> str:
    """The page of every address that opens nothing: unknown, taken back, mistyped."""
    body = "".join(
        f'<section lang="{lang}">\n<h2>{title}</h2>\n<p>{text}</p>\n</section>\n' for lang, title, text in _NOTHING
    )
    heading = '<h1 aria-label="Not found">404</h1>\n'
    return _PAGE.format(language="en", mark="", title="404", style=_STYLE, body=heading + body)
