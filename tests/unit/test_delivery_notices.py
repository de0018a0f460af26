"""The pages of links that open no invoice: whom to ask, no amounts; and nothing told where nothing is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.delivery.notices import EXPIRED_MARK, expired_page, nothing_page

LANGUAGES = ["de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "uk"]  # every one that invoices are drawn in


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside of styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] != "style":
            self.text += data


@pytest.mark.parametrize(
    ("language", "lang", "title"),
    [
        ("en", "en", "This link has expired"),
        ("de-AT", "de", "Dieser Link ist abgelaufen"),
        ("RU", "ru", "Срок действия ссылки истёк"),
        ("ru_RU", "ru", "Срок действия ссылки истёк"),
        ("fi", "en", "This link has expired"),
        ("", "en", "This link has expired"),
    ],
)
def test_the_expired_page_speaks_the_documents_language(language: str, lang: str, title: str) -> None:
    page = expired_page(language, "2026-0001", "Studio Ltd", "a@b.example")
    assert f'<html lang="{lang}">' in page
    assert f"<title>{title}</title>" in page
    assert EXPIRED_MARK in page


def test_it_says_whom_to_ask_by_a_mailto_with_the_number() -> None:
    tags = Tags(expired_page("en", "2026-0001", "Studio Ltd.", "billing+x@studio.example"))
    (link,) = [attributes["href"] for tag, attributes in tags.found if tag == "a"]
    assert link == ("mailto:billing%2Bx@studio.example?subject=New%20link%20to%20document%202026-0001%2C%20please")
    assert "The link to document 2026-0001 from Studio Ltd. no longer works." in tags.text
    assert "billing+x@studio.example" in tags.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_own_words_for_the_same(language: str) -> None:
    page = expired_page(language, "N-7", "Studio Ltd", "a@b.example")
    assert f'<html lang="{language}">' in page
    assert page.count("N-7") == 2  # in the sentence and in the subject
    assert page.count("Studio Ltd") == 1
    assert (language == "en") == ("This link has expired" in page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_an_address_it_sends_back_to_who_sent_it(language: str) -> None:
    tags = Tags(expired_page(language, "1", "Studio", ""))
    assert not [tag for tag, _ in tags.found if tag == "a"]


def test_it_loads_nothing_and_runs_nothing() -> None:
    """Nor does it make a browser ask for the host's icon: a miss of somebody who was given a link."""
    for page in (expired_page("ru", "1", "S", "a@b.example"), nothing_page()):
        assert not re.search(r"<(script|img|iframe|form)|src=|url\(", page)
        assert re.findall("<link [^>]*>", page) == ['<link rel="icon" href="data:,">']
        assert '<meta name="referrer" content="no-referrer">' in page


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_whatever_stands_in_a_name_stays_text(number: str, seller: str, email: str) -> None:
    tags = Tags(expired_page("en", number, seller, email))
    plain = [tag for tag, _ in Tags(expired_page("en", "1", "S", "a@b.example" if email else "")).found]
    assert [tag for tag, _ in tags.found] == plain


def test_the_page_of_nothing_names_nobody_and_speaks_three_languages() -> None:
    page = nothing_page()
    assert EXPIRED_MARK not in page
    assert {attributes["lang"] for tag, attributes in Tags(page).found if tag == "section"} == {"en", "de", "ru"}
    assert "mailto:" not in page
