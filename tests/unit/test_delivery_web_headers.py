"""Headers that keep a page private, and the parts of a file that viewers ask for."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.delivery.web_headers import BASE, Part, disposition, page_policy, part_of, style_hashes

ETAG = '"abc"'


def test_the_headers_are_those_of_a_private_page() -> None:
    assert BASE == {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }


def test_a_page_may_use_its_own_styles_and_nothing_else() -> None:
    page = b"<style>p{color:red}</style><p>x</p><style>\n</style><style>p{color:red}</style>"
    # printf 'p{color:red}' | openssl dgst -sha256 -binary | base64
    first = "'sha256-" + base64.b64encode(hashlib.sha256(b"p{color:red}").digest()).decode() + "'"
    hashes = style_hashes(page)
    assert hashes[0] == first
    assert len(hashes) == 2
    assert page_policy(hashes) == (
        f"default-src 'none'; style-src {hashes[0]} {hashes[1]}; img-src data:; font-src data:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


def test_a_page_without_a_style_may_use_none() -> None:
    assert style_hashes(b"<p>x</p>") == ()
    assert "style-src 'none';" in page_policy(())


@pytest.mark.parametrize(
    ("number", "header"),
    [
        ("RE-2026-0117", "inline; filename=\"RE-2026-0117.pdf\"; filename*=UTF-8''RE-2026-0117.pdf"),
        ("СЧ-7", "inline; filename=\"__-7.pdf\"; filename*=UTF-8''%D0%A1%D0%A7-7.pdf"),
        ('a"\r\nX: y', "inline; filename=\"a___X__y.pdf\"; filename*=UTF-8''a%22%0D%0AX%3A%20y.pdf"),
    ],
)
def test_a_pdf_is_shown_and_saved_under_its_number(number: str, header: str) -> None:
    assert disposition(number) == header


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-99", Part(0, 100, 1000)),
        ("bytes=900-", Part(900, 1000, 1000)),
        ("bytes=-100", Part(900, 1000, 1000)),
        ("bytes=-5000", Part(0, 1000, 1000)),
        ("bytes=990-2000", Part(990, 1000, 1000)),
        ("Bytes = 0-0 ", Part(0, 1, 1000)),
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_part_is_what_was_asked_for_or_the_whole(header: str | None, part: Part | None) -> None:
    assert part_of(header, None, ETAG, 1000) == part


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match="no such part"):
        part_of(header, None, ETAG, 1000)


def test_a_part_of_another_version_is_the_whole() -> None:
    assert part_of("bytes=0-9", ' "abc" ', ETAG, 1000) == Part(0, 10, 1000)
    assert part_of("bytes=0-9", '"other"', ETAG, 1000) is None
    assert part_of("bytes=0-9", "Sat, 21 Nov 2026 10:00:00 GMT", ETAG, 1000) is None


def test_the_header_of_a_part_counts_its_last_byte() -> None:
    assert Part(900, 1000, 1000).content_range == "bytes 900-999/1000"


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_parts_lie_within_the_file(size: int, first: int, last: int) -> None:
    try:
        part = part_of(f"bytes={first}-{last}", None, ETAG, size)
    except ValueError:
        assert first >= size
    else:
        assert part is None if last < first else part is not None and 0 <= part.start == first < part.end <= size
