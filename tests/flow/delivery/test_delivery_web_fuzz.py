"""Whatever is asked of `serve`: never a fault of its own, never a byte of an invoice without its link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from tests.web_requests import MARK, check_answer, requests
from tests.web_site import Site, made_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("web")) as made:
        yield made


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(request=requests())
def test_any_request_is_answered_without_a_fault(site: Site, request: bytes) -> None:
    check_answer(site, request)


def test_the_check_itself_can_fail(site: Site) -> None:
    """It sees an invoice behind its link; so it would see one elsewhere."""
    link = site.path("2026-0001").encode()
    assert MARK in site.raw(b"GET " + link + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
