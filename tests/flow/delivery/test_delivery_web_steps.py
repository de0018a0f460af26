"""What opens nothing takes the same steps: every call of every function, ours and the libraries', in the same order.

Time follows from that, on any machine and under any load; tests/faults measures it as well.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from studio_support.delivery.web_pages import Asked, Pages
from studio_support.serving import pages_of
from tests.web_site import Site, made_site

KINDS = {
    "unknown": b"/" + b"A" * 43 + b"/invoice.html",
    "another unknown": b"/" + b"z" * 43 + b"/act.pdf",
    "taken back": b"/REVOKED/invoice.html",
    "cancelled": b"/CANCELLED/invoice.pdf",
    "too short": b"/" + b"A" * 42 + b"/invoice.html",
    "a right name, another file": b"/TOKEN/other.pdf",
    "a right name, misspelt": b"/TOKEN%20/invoice.html",
    "no name": b"/favicon.ico",
    "out of the folder": b"/../../etc/passwd",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("web")) as made:
        yield made


def steps(pages: Pages, path: bytes) -> tuple[list[str], int]:
    """The calls that an answer takes, and its status."""
    taken: list[str] = []

    def told(frame: FrameType, event: str, what: Any) -> None:
        if event == "call":
            taken.append(f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}")
        elif event == "c_call":
            taken.append(f"{getattr(what, '__module__', '')}.{what.__qualname__}")

    asked = Asked("GET", path, "192.0.2.1", 1.0)
    before = sys.getprofile()
    gc.disable()  # else it comes at some step or other, and calls whoever asked to be told
    sys.setprofile(told)
    try:
        answer = pages.answer(asked)
    finally:
        sys.setprofile(before)
        gc.enable()
    return taken, answer.status


def found(site: Site) -> dict[str, tuple[list[str], int]]:
    pages = pages_of(site.studio(), misses_per_minute=0)
    for _ in range(3):  # what is made at the first call is made for whoever comes first
        for path in KINDS.values():
            pages.answer(Asked("GET", path, "192.0.2.1", 1.0))
    words = {word.encode(): name.encode() for word, name in site.names.items()}
    named = {}
    for kind, path in KINDS.items():
        for word, name in words.items():
            path = path.replace(word, name)
        named[kind] = steps(pages, path)
    return named


def test_whatever_opens_nothing_takes_the_same_steps(site: Site) -> None:
    taken = found(site)
    first = taken["unknown"]
    assert first[1] == 404
    assert len(first[0]) > 50
    assert {kind for kind, steps_and_status in taken.items() if steps_and_status != first} == set()


def test_a_link_that_opens_takes_others_and_more(site: Site) -> None:
    """So the steps that are counted are those that matter; and a flood of wrong links is less work than one of right
    ones."""
    pages = pages_of(site.studio(), misses_per_minute=0)
    open_path = f"/{site.names['TOKEN']}/invoice.html".encode()
    pages.answer(Asked("GET", open_path, "192.0.2.1", 1.0))
    opened, status = steps(pages, open_path)
    assert status == 200
    assert len(opened) > len(found(site)["unknown"][0])
