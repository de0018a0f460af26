"""Letters: every kind in every language says what it must, and templates of the studio's own are held to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from studio_support.errors import LetterTemplateBroken
from studio_support.sync.letter_facts import LetterFacts
from studio_support.sync.letters import Letters
from studio_support.sync.model import LETTER_KINDS, LetterKind

MOSCOW = timezone(timedelta(hours=3))
NOW = datetime(2026, 6, 16, 11, 59, 30, tzinfo=MOSCOW)
FACTS = LetterFacts(
    number="2026061610000017",
    title="Форма заказа молчит",
    client="ООО «Берёста»",
    received_at=NOW,
    promised_at=datetime(2026, 6, 17, 12, 0, tzinfo=MOSCOW),
    now=NOW,
    estimate_minutes=210,
    cost="9 975,00 ₽, включая НДС",
    note="Форма снова работает.\nПроверили на телефоне.",
    issues=(417,),
)
LANGUAGES = ("ru", "en", "de", "fr")
MAY_DIFFER = {
    "ru": "фактическое время может отличаться от неё и в большую, и в меньшую сторону",
    "en": "the actual time may differ from it, up or down",
    "de": "Der tatsächliche Aufwand kann davon nach oben wie nach unten abweichen",
    "fr": "le temps réel peut s’en écarter, dans un sens comme dans l’autre",
}
TOMORROW = {
    "ru": "завтра, в среду, 17 июня, до 12:00",
    "en": "tomorrow, Wednesday 17 June, by 12:00",
    "de": "morgen, Mittwoch, 17. Juni, bis 12:00 Uhr",
    "fr": "demain, mercredi 17 juin, avant 12 h",
}
HOURS = {"ru": "3 часа 30 минут", "en": "3 hours 30 minutes", "de": "3 Stunden 30 Minuten", "fr": "3 heures 30 minutes"}


def letter(kind: LetterKind, language: str, facts: LetterFacts = FACTS) -> tuple[str, str]:
    """Subject and text with blanks that break."""
    subject, text = Letters().render(kind, language, facts)
    return subject.replace("\u00a0", " "), text.replace("\u00a0", " ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTER_KINDS)
class TestAll:
    """What holds for all letters."""

    def test_it_is_one_subject_and_paragraphs_of_plain_text(self, kind: LetterKind, language: str) -> None:
        subject, text = letter(kind, language)
        assert "\n" not in subject and subject.endswith(": Форма заказа молчит")
        assert text.endswith((".\n", "!\n"))
        assert "\n\n\n" not in text and not text.startswith("\n")
        assert all(line == line.rstrip() for line in text.splitlines())
        assert not any(sign in text for sign in ("{", "}", "None", "facts", "<p>", "&"))

    def test_the_request_is_named(self, kind: LetterKind, language: str) -> None:
        assert "Форма заказа молчит" in letter(kind, language)[1]

    def test_little_is_enough(self, kind: LetterKind, language: str) -> None:
        subject, text = letter(kind, language, LetterFacts(number="2026061610000017", title=" "))
        assert subject and ":" not in subject
        assert not any(signs in text for signs in ("  ", " .", "«»", "““", "„“", "()", "None", "#", " ,"))
        assert len(text.split("\n\n")) >= 3

    def test_the_same_facts_give_the_same_letter(self, kind: LetterKind, language: str) -> None:
        assert letter(kind, language) == letter(kind, language)

    def test_what_the_client_wrote_is_text(self, kind: LetterKind, language: str) -> None:
        """Neither template nor markup; a line break in a title is no second line of the subject."""
        title = '{{ 7 * 7 }} {% raw %} <b>"&amp;\r\nBcc: x@y.example'
        subject, text = letter(kind, language, replace(FACTS, title=title, note=title))
        assert '{{ 7 * 7 }} {% raw %} <b>"&amp; Bcc: x@y.example' in text
        assert "\n" not in subject and "49" not in subject

    def test_a_long_title_is_shortened_in_the_subject_only(self, kind: LetterKind, language: str) -> None:
        title = "Слово " * 30
        subject, text = letter(kind, language, replace(FACTS, title=title))
        assert subject.endswith("Слово…") and len(subject) < 100
        assert title.strip() in text
        assert letter(kind, language, replace(FACTS, title="Ы" * 90))[0].endswith("Ы…")


@pytest.mark.parametrize("language", LANGUAGES)
class TestEach:
    """What single letters say."""

    @pytest.mark.parametrize("kind", ["received", "in_writing"])
    def test_an_acknowledgement_says_by_when(self, kind: LetterKind, language: str) -> None:
        assert TOMORROW[language] in letter(kind, language)[1]

    def test_it_bears_the_number(self, language: str) -> None:
        for kind in ("received", "in_writing", "apology"):
            assert "2026061610000017" in letter(kind, language)[1]

    @pytest.mark.parametrize("kind", ["received", "in_writing"])
    def test_a_time_that_is_over_is_not_promised(self, kind: LetterKind, language: str) -> None:
        """A server that was down for a day: the letter comes late, and does not promise yesterday."""
        text = letter(kind, language, replace(FACTS, now=FACTS.promised_at))[1]
        assert "12:00" not in text and "12 h" not in text

    def test_an_apology_says_what_was_promised(self, language: str) -> None:
        text = letter("apology", language, replace(FACTS, now=NOW + timedelta(days=7)))[1]
        assert {"ru": "в среду, 17 июня, до 12:00", "en": "on Wednesday 17 June by 12:00"}.get(language, "17") in text

    def test_a_call_and_a_message_are_told_apart(self, language: str) -> None:
        call = {"ru": "звонок", "en": "call", "de": "Anruf", "fr": "appel"}[language]
        assert call in letter("in_writing", language, replace(FACTS, channel="phone"))[1]
        assert call not in letter("in_writing", language, replace(FACTS, channel="internal", title="x"))[1]

    def test_an_estimate_has_hours_and_cost_and_says_that_it_may_differ(self, language: str) -> None:
        text = letter("estimate", language)[1]
        assert HOURS[language] in text and "9 975,00 ₽, включая НДС" in text and MAY_DIFFER[language] in text

    def test_where_the_annex_has_no_price_hours_are_told_alone(self, language: str) -> None:
        text = letter("estimate", language, replace(FACTS, cost=""))[1]
        assert HOURS[language] in text and MAY_DIFFER[language] in text
        assert not any(word in text for word in ("Стоимость", "Cost:", "Kosten", "Coût"))

    def test_task_and_done_name_the_issue_and_done_has_the_issue_s_own_words(self, language: str) -> None:
        assert "#417" in letter("task_set", language)[1]
        text = letter("done", language, replace(FACTS, issues=(417, 420)))[1]
        assert "#417, #420" in text
        assert "\n\nФорма снова работает.\nПроверили на телефоне.\n\n" in text

    def test_an_apology_may_have_words_of_the_person_who_sends_it(self, language: str) -> None:
        assert "\n\nФорма снова работает.\nПроверили на телефоне.\n\n" in letter("apology", language)[1]


def test_other_languages_get_english() -> None:
    assert letter("done", "es") == letter("done", "en")
    assert letter("done", "de-AT") == letter("done", "de")


def test_ours_are_sound() -> None:
    assert Letters().check() == ()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the studio's own."""
    made = tmp_path / "letters"
    made.mkdir()
    return made


def test_a_template_of_the_folder_stands_in_place_of_ours_alone(folder: Path) -> None:
    (folder / "done.ru.txt.j2").write_text("Сделано: {{ title }}\n\nГотово, {{ facts.number }}.\n", "utf-8")
    letters = Letters(folder)
    assert letters.render("done", "ru", FACTS) == ("Сделано: Форма заказа молчит", "Готово, 2026061610000017.\n")
    assert letters.render("done", "en", FACTS) == Letters().render("done", "en", FACTS)
    assert letters.check() == ()


@pytest.mark.parametrize(
    ("text", "line", "wrong"),
    [
        ("Done\n\n{{ title }\n", 3, "unexpected '}'"),
        ("Done\n\n{% if title %}\nx\n", 4, "end of template"),
        ("Done\n\nHello\n{{ titel }}\n", 4, "UndefinedError: 'titel' is undefined"),
        ("Done\n\n{{ 1 // 0 }}\n", 3, "ZeroDivisionError"),
        ("Done\n\n{{ ''.__class__.__mro__ }}\n", 3, "SecurityError"),
        ("Done\n", 1, "it gives no text below the subject"),
        ("\n\n", 1, "it gives no subject"),
        ("{{ '' }}\n\nText\n{% include 'nothing' %}\n", 4, "TemplateNotFound: nothing"),
    ],
)
def test_a_broken_one_is_named_with_its_line(folder: Path, text: str, line: int, wrong: str) -> None:
    file = folder / "done.ru.txt.j2"
    file.write_text(text, "utf-8")
    letters = Letters(folder)
    with pytest.raises(LetterTemplateBroken) as broken:
        letters.render("done", "ru", FACTS)
    assert (broken.value.file, broken.value.line) == (str(file), line)
    assert wrong in broken.value.wrong
    [found] = letters.check()
    assert (found.file, found.line) == (str(file), line)


def test_one_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "done.ru.txt.j2").write_bytes(b"\xd0\xff\n\nx")
    [found] = Letters(folder).check()
    assert found.file == str(folder / "done.ru.txt.j2") and "decode" in found.wrong


def test_signs_of_templates_that_are_left_in_a_letter_are_found(folder: Path) -> None:
    (folder / "done.ru.txt.j2").write_text("Done\n\n{{ title }} % }}\n", "utf-8")
    [found] = Letters(folder).check()
    assert "left in the letter" in found.wrong


def test_a_file_that_no_letter_reads_is_named(folder: Path) -> None:
    (folder / "recieved.ru.txt.j2").write_text("x\n\ny\n", "utf-8")
    [found] = Letters(folder).check()
    assert found.file == str(folder / "recieved.ru.txt.j2") and "no letter has this name" in found.wrong


def test_a_folder_that_is_not_there_is_named_and_ours_are_used(tmp_path: Path) -> None:
    letters = Letters(tmp_path / "nowhere")
    [found] = letters.check()
    assert "no such folder" in found.wrong
    assert letters.render("done", "ru", FACTS) == Letters().render("done", "ru", FACTS)
