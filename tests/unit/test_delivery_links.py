"""Links: names nobody can guess, the same for ever, another for every store, invoice and generation."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.delivery.links import digest, fingerprint, is_token, last_day, link, token, usable_base_url

SECRET = b"0123456789abcdef0123456789abcdef"
URL_SAFE = set(string.ascii_letters + string.digits + "-_")


def test_a_token_is_the_hmac_of_purpose_store_invoice_and_generation() -> None:
    # openssl dgst -sha256 -mac HMAC over the length-prefixed parts; a link that was mailed must stay derivable
    assert token(SECRET, "store-a", 42, 1) == "L2K5Cg8gWmbUwc524pu89rm5T-Hd0Ee_Ge1ACJ9RQos"


def test_a_fingerprint_is_derived_for_its_own_purpose() -> None:
    assert fingerprint(SECRET) == "M4YgvrNIW7B992PB"  # likewise by openssl


@given(st.binary(min_size=32, max_size=80), st.text(), st.integers(1, 10**9), st.integers(1, 10**6))
def test_a_token_has_43_characters_that_need_no_escaping(secret: bytes, store: str, invoice: int, number: int) -> None:
    name = token(secret, store, invoice, number)
    assert len(name) == 43
    assert set(name) <= URL_SAFE


@given(st.tuples(st.text("a1", max_size=3), st.integers(1, 12), st.integers(1, 12)), st.data())
def test_two_facts_never_share_a_token(one: tuple[str, int, int], data: st.DataObject) -> None:
    other = data.draw(st.tuples(st.text("a1", max_size=3), st.integers(1, 12), st.integers(1, 12)))
    assert (token(SECRET, *one) == token(SECRET, *other)) == (one == other)


def test_another_secret_gives_other_names() -> None:
    other = SECRET[:-1] + b"0"
    assert token(SECRET, "store-a", 1, 1) != token(other, "store-a", 1, 1)
    assert fingerprint(SECRET) != fingerprint(other)


@pytest.mark.parametrize("call", [lambda s: token(s, "store-a", 1, 1), fingerprint])
def test_a_secret_below_32_characters_is_refused(call: Callable[[bytes], str]) -> None:
    with pytest.raises(ValueError, match="at least 32 characters, not 31"):
        call(b"x" * 31)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://invoices.studio.example", "https://invoices.studio.example/NAME/invoice.html"),
        ("https://studio.example/bills/", "https://studio.example/bills/NAME/invoice.html"),
        ("file:///home/i.petrova/demo/published", "file:///home/i.petrova/demo/published/NAME/invoice.html"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/NAME/invoice.html"),
        ("http://localhost/x", "http://localhost/x/NAME/invoice.html"),
        ("http://[::1]:8000/", "http://[::1]:8000/NAME/invoice.html"),
        (" https://studio.example ", "https://studio.example/NAME/invoice.html"),
    ],
)
def test_a_link_is_base_name_and_page(base: str, expected: str) -> None:
    assert link(usable_base_url(base), "NAME") == expected


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("http://invoices.studio.example", "plain http"),
        ("http://127.0.0.1.studio.example", "plain http"),
        ("ftp://studio.example", "must begin with https://"),
        ("studio.example", "must begin with https://"),
        ("https://", "must begin with https://"),
        ("", "must begin with https://"),
        ("https://robot:secret@studio.example", "no user name"),
        ("https://studio.example/?a=1", "no query"),
        ("https://studio.example/#top", "no fragment"),
        ("https://studio.example/our bills", "space"),
        ("https://studio.example:http", "not an address"),
        ("https://[::1", "not an address"),
        ("file:published", "file:///absolute/folder"),
        ("file://host/share", "file:///absolute/folder"),
    ],
)
def test_an_unusable_base_is_refused_with_its_reason(base: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        usable_base_url(base)
    assert "secret" not in str(caught.value)


def test_a_recipients_link_is_another_one() -> None:
    # openssl likewise: "link for", then store, invoice, generation and recipient
    assert token(SECRET, "store-a", 42, 1, "a@b.example") != token(SECRET, "store-a", 42, 1)
    assert token(SECRET, "store-a", 42, 1, "a@b.example") != token(SECRET, "store-a", 42, 1, "c@b.example")
    assert token(SECRET, "store-a", 42, 1, "") == token(SECRET, "store-a", 42, 1)


def test_the_store_keeps_a_names_sha256() -> None:
    # printf NAME | sha256sum
    assert digest("NAME") == "eaa589322731009980d99891b5c7850ac5172dda7cdf73a533ab403332d7e944"
    assert digest("\udcff") != digest("?")


@pytest.mark.parametrize(
    ("name", "ours"),
    [("x" * 43, True), ("A-_9" * 10 + "abc", True), ("x" * 42, False), ("x" * 44, False), ("x" * 42 + ".", False)],
)
def test_a_name_of_ours_has_43_characters_of_base64url(name: str, ours: bool) -> None:
    assert is_token(name) is ours


def test_a_link_opens_so_many_days_after_the_issue_date() -> None:
    assert last_day(date(2026, 11, 2), 120) == date(2027, 3, 2)
    assert last_day(date(2028, 2, 28), 1) == date(2028, 2, 29)
