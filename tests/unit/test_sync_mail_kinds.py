"""What kind of letter an article is: machines, bounces and lists by sender, subject or field, thanks by their words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio_support.otrs.model import Article, Attachment
from studio_support.sync.mail_kinds import address_of, addresses_of, mail_kind, own_words
from studio_support.tickets.number import NumberPolicy

NUMBERS = NumberPolicy()
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def article(
    body: str = "Please change the logo.",
    subject: str = "Logo",
    sender: str = "Jane Doe <jane@acme.example>",
    attachments: tuple[Attachment, ...] = (),
) -> Article:
    return Article(1, 1, "customer", "email", True, sender, "", "", subject, body, AT, attachments=attachments)


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("MAILER-DAEMON@mx.acme.example", "bounce"),
        ("Mail Delivery <postmaster@acme.example>", "bounce"),
        ("bounce+77@list.example", "bounce"),
        ("noreply@shop.example", "auto"),
        ("Shop <do-not-reply@shop.example>", "auto"),
        ("no-reply+1@shop.example", "auto"),
        ("owner-dev@list.example", "list"),
        ("dev-request@list.example", "list"),
        ("newsletter@shop.example", "list"),
        ("Norbert Reply <norbert.reply@acme.example>", "request"),
        ("bob@mailer-daemon.example", "request"),
    ],
)
def test_machines_are_known_by_their_addresses(sender: str, kind: str) -> None:
    assert mail_kind(article(sender=sender), NUMBERS) == kind


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Automatic reply: Logo", "auto"),
        ("Re: [Ticket#2026112310000015] Out of Office", "auto"),
        ("AW: Automatische Antwort: Logo", "auto"),
        ("Abwesenheitsnotiz", "auto"),
        ("Réponse automatique : Logo", "auto"),
        ("Автоматический ответ: Логотип", "auto"),
        ("Undeliverable: Logo", "bounce"),
        ("Undelivered Mail Returned to Sender", "bounce"),
        ("Unzustellbar: Logo", "bounce"),
        ("Échec de la remise", "bounce"),
        ("Недоставленное сообщение", "bounce"),
        ("[dev] Digest, Vol 3", "list"),
        ("The automatic reply of our form is broken", "request"),
        ("[dev] please help", "request"),
    ],
)
def test_machines_are_known_by_what_subjects_begin_with(subject: str, kind: str) -> None:
    assert mail_kind(article(subject=subject), NUMBERS) == kind


@pytest.mark.parametrize(("said", "kind"), [("auto-replied", "auto"), (" no ", "request"), ("", "request")])
def test_a_filled_field_tells_a_machine(said: str, kind: str) -> None:
    assert mail_kind(article(), NUMBERS, said) == kind


@pytest.mark.parametrize(
    "body",
    [
        "Thank you!",
        "Hi,\n\nmany thanks for your help!\n\nBest regards\nJane Doe",
        "Danke schön!\n\nMit freundlichen Grüßen\nJane",
        "Merci beaucoup, parfait !",
        "Большое спасибо!",
        "Спасибо.\n\n> Ваша задача выполнена\n> ещё строка",
        "Thanks!\n\nOn Mon, 23 Nov 2026 at 10:00, Support <s@x.example> wrote:\n> Done. Anything else?",
        "Danke!\n-- \nJane Doe\nACME GmbH, Berlin",
        "Спасибо!\n\n23.11.2026 10:00, Поддержка пишет:\n> Готово",
    ],
)
def test_bare_thanks_in_four_languages(body: str) -> None:
    assert mail_kind(article(body=body), NUMBERS) == "thanks"


@pytest.mark.parametrize(
    "body",
    [
        "Thank you, but the footer is still wrong.",
        "Danke! Wann ist es fertig?",
        "Great.",  # nobody was thanked
        "ok",
        "Спасибо, поменяйте ещё подвал",
        "Thanks " * 60,
        "",
        "Danke, Storno",
    ],
)
def test_what_says_more_than_thanks_is_a_request(body: str) -> None:
    assert mail_kind(article(body=body), NUMBERS) == "request"


def test_thanks_with_a_file_are_a_request() -> None:
    file = Attachment("logo.png", "image/png", 10)
    assert mail_kind(article(body="Thanks!", attachments=(file,)), NUMBERS) == "request"


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("Jane Doe <Jane@ACME.example>", "jane@acme.example"),
        ("jane@acme.example", "jane@acme.example"),
        ("Jane Doe", ""),
        ("", ""),
        ("Jane <jane@@acme>", ""),
    ],
)
def test_addresses_are_taken_out_of_from_lines(sender: str, address: str) -> None:
    assert address_of(sender) == address


def test_all_addresses_of_a_line() -> None:
    assert addresses_of("A <a@x.example>, nobody, b@x.example") == ("a@x.example", "b@x.example")


def test_own_words_leave_out_quotes_and_all_after_a_signature() -> None:
    text = "First\r\n> quoted\nSecond\n-- \nJane\nThird"
    assert own_words(text) == "First\nSecond"
