"""What kind of letter a client's article is: a request, a machine's answer, a bounce, a list's, a bare thank-you.

OTRS hands out no mail headers, so machines are known by sender and subject, by language, and by a dynamic field that a
PostMaster filter fills from `Auto-Submitted`. Where in doubt it is a request: a promise too many harms nobody.
"""

from __future__ import annotations

import re
from email.utils import getaddresses, parseaddr
from typing import Literal

from studio_support.otrs.model import Article
from studio_support.tickets.number import NumberPolicy, bare_subject

MailKind = Literal["request", "auto", "bounce", "list", "thanks"]

_BOUNCE_SENDERS = re.compile(r"(?:mailer-?daemon|postmaster|bounces?|bounce[+-].*|.*-bounces?)", re.IGNORECASE)
_AUTO_SENDERS = re.compile(
    r"(?:auto-?(?:reply|response|answer|mail)|(?:no|do-?not|donot)[._-]?reply|nicht-?antworten|ne-?pas-?repondre)"
    r"(?:[+._-].*)?",
    re.IGNORECASE,
)
_LIST_SENDERS = re.compile(
    r"(?:owner-.+|.+-(?:owner|request|admin|announce)|newsletter|listserv|majordomo)", re.IGNORECASE
)
_AUTO_SUBJECTS: dict[str, tuple[str, ...]] = {
    "en": ("automatic reply", "auto reply", "autoreply", "auto-reply", "out of office", "out of the office"),
    "de": ("automatische antwort", "automatische rückantwort", "abwesenheitsnotiz", "abwesenheitsnachricht"),
    "fr": ("réponse automatique", "message automatique", "absence du bureau", "absent du bureau"),
    "ru": ("автоматический ответ", "автоответ", "автоответчик", "вне офиса", "нет на месте"),
}
_BOUNCE_SUBJECTS: dict[str, tuple[str, ...]] = {
    "en": (
        *("undeliverable", "undelivered mail", "delivery status notification", "mail delivery failed"),
        *("mail delivery failure", "delivery failure", "returned mail", "failure notice"),
    ),
    "de": ("unzustellbar", "zustellung fehlgeschlagen", "zustellbenachrichtigung", "nachricht nicht zugestellt"),
    "fr": ("non remis", "échec de la remise", "échec de remise", "message non délivré", "courrier non distribué"),
    "ru": ("недоставленное сообщение", "не удалось доставить", "сообщение не доставлено", "ошибка доставки"),
}
_LIST_SUBJECT = re.compile(r"\[[^\[\]]{1,40}\]\s+(?:digest|vol(?:ume)? \d+)", re.IGNORECASE)

_THANKS: dict[str, tuple[str, ...]] = {
    "en": (
        *("thank you very much", "thank you so much", "thank you", "many thanks", "thanks a lot", "thanks", "thx"),
        *("great", "perfect", "super", "ok", "okay", "got it", "all good", "works", "it works", "for your help"),
        *("for the quick help", "hi", "hello", "best regards", "kind regards", "regards", "cheers", "best"),
    ),
    "de": (
        *("vielen herzlichen dank", "herzlichen dank", "vielen dank", "besten dank", "danke schön", "dankeschön"),
        *("danke sehr", "danke", "prima", "passt", "alles klar", "in ordnung", "funktioniert", "hallo", "guten tag"),
        *("mit freundlichen grüßen", "freundliche grüße", "viele grüße", "beste grüße", "liebe grüße", "mfg"),
        *("für die schnelle hilfe", "für ihre hilfe"),
    ),
    "fr": (
        *("merci beaucoup", "merci bien", "un grand merci", "merci", "parfait", "très bien", "d'accord", "bonjour"),
        *("cordialement", "bien cordialement", "bonne journée", "pour votre aide"),
    ),
    "ru": (
        *("большое спасибо", "огромное спасибо", "спасибо большое", "спасибо огромное", "спасибо", "благодарю вас"),
        *("благодарю", "благодарим", "отлично", "супер", "хорошо", "понятно", "принято", "всё работает"),
        *("все работает", "работает", "за помощь", "за оперативность", "здравствуйте", "добрый день"),
        *("с уважением", "хорошего дня"),
    ),
}
_THANKING = re.compile(r"thank|thx|dank|merci|спасибо|благодар", re.IGNORECASE)
_QUOTE_BEGINS = re.compile(
    r"^(?:-{2,} ?(?:original|ursprüngliche|исходное|message d'origine).*|_{5,}|-- ?"
    r"|(?:on|am|le|el) .{5,120}(?:wrote|schrieb|écrit|a écrit).{0,80}:"
    r"|.{5,120}(?:пишет|писал\(?а?\)?|написал\(?а?\)?):?)$",
    re.IGNORECASE,
)
_LONGEST_THANKS = 300
_THANK_PHRASES = tuple(
    sorted({phrase for phrases in _THANKS.values() for phrase in phrases}, key=lambda one: (-len(one), one))
)
_THANK_TEXT = re.compile(rf"(?:(?:{'|'.join(map(re.escape, _THANK_PHRASES))})(?!\w)\W*)+", re.IGNORECASE)


def mail_kind(article: Article, numbers: NumberPolicy, auto_field: str = "") -> MailKind:
    """What a customer's article is. auto_field: the dynamic field's text if it was filled for this very article."""
    sender = address_of(article.sender)
    local = sender.partition("@")[0]
    subject = bare_subject(article.subject, numbers).casefold()
    if _BOUNCE_SENDERS.fullmatch(local) or _begins(subject, _BOUNCE_SUBJECTS):
        return "bounce"
    said = auto_field.strip().casefold()
    if said and said != "no":
        return "auto"
    if _AUTO_SENDERS.fullmatch(local) or _begins(subject, _AUTO_SUBJECTS):
        return "auto"
    if _LIST_SENDERS.fullmatch(local) or _LIST_SUBJECT.match(article.subject.strip()):
        return "list"
    return "thanks" if _is_thanks(article) else "request"


def address_of(sender: str) -> str:
    """The address in a From line, lower case; "" where there is none."""
    address = parseaddr(sender)[1].strip().casefold()
    return address if re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", address) else ""


def addresses_of(line: str) -> tuple[str, ...]:
    """All addresses of a To or Cc line, lower case."""
    found = (address_of(address) for _, address in getaddresses([line]))
    return tuple(address for address in found if address)


def own_words(body: str) -> str:
    """A letter without what it quotes and without its signature."""
    kept: list[str] = []
    for line in body.replace("\r", "").split("\n"):
        bare = line.strip()
        if _QUOTE_BEGINS.match(bare):
            break
        if not bare.startswith(">"):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


def _begins(subject: str, phrases: dict[str, tuple[str, ...]]) -> bool:
    return subject.startswith(tuple(phrase for told in phrases.values() for phrase in told))


def _is_thanks(article: Article) -> bool:
    """Nothing but thanks, greetings and the sender's own name; a question or a file makes it a request."""
    words = own_words(article.body)
    files = any(not file.inline for file in article.attachments)  # a signature's logo is no request
    if files or "?" in words or len(words) > _LONGEST_THANKS or not _THANKING.search(words):
        return False
    name = parseaddr(article.sender)[0]
    for part in sorted(re.findall(r"\w{2,}", name), key=len, reverse=True):
        words = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", " ", words, flags=re.IGNORECASE)
    return _THANK_TEXT.fullmatch(re.sub(r"^\W+", "", words)) is not None
