"""Everything that can go wrong between us and Redmine ends in a typed error that keeps the key to itself."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from urllib3 import HTTPResponse

from studio_support.errors import SourceBroken, SourceError, SourceRefused, SourceUnreachable
from studio_support.period import Month
from studio_support.redmine.source import RedmineSource
from studio_support.redmine.transport import Transport, _Repeats
from studio_support.testing import FakeRedmine
from studio_support.testing.redmine import errors_body

OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ENTRIES = "/time_entries.json"


@pytest.fixture
def redmine() -> Iterator[FakeRedmine]:
    """A Redmine with one entry."""
    with FakeRedmine() as fake:
        project, anna = fake.add_project("acme", "ACME"), fake.add_user("a.p", "Anna", "Petrova")
        fake.book(project, anna, 1, date(2026, 10, 5))
        yield fake


@pytest.fixture
def source(redmine: FakeRedmine) -> Iterator[Callable[..., RedmineSource]]:
    """Opens impatient sources on the fake."""
    opened: list[RedmineSource] = []

    def make(**options: Any) -> RedmineSource:
        given = {"ticket_field": "OTRS ticket", "clock": lambda: NOW, "timeout_seconds": 5, "backoff_seconds": 0.01}
        given |= {"url": redmine.url, "api_key": redmine.admin_key} | options
        opened.append(RedmineSource(**given))
        return opened[-1]

    yield make
    for made in opened:
        made.close()


def shown(error: BaseException) -> str:
    """All that a log or a terminal could show of an error, the values of attributes included."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, SourceRefused),
        (403, SourceRefused),
        (404, SourceRefused),
        (422, SourceRefused),
        (429, SourceUnreachable),
        (500, SourceUnreachable),
        (502, SourceUnreachable),
        (503, SourceUnreachable),
        (204, SourceBroken),
    ],
)
def test_each_status_ends_in_its_error(
    redmine: FakeRedmine, source: Callable[..., RedmineSource], status: int, kind: type[SourceError]
) -> None:
    """The error names status and address without the query; the key stands nowhere."""
    redmine.fail(ENTRIES, "status", status=status, times=None)
    with pytest.raises(SourceError) as caught:
        source().read_month(OCTOBER)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.url == redmine.url + ENTRIES
    assert redmine.admin_key not in shown(caught.value)


def test_what_the_server_says_of_a_refusal_is_passed_on(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """A 422 carries reasons."""
    redmine.fail(ENTRIES, "status", status=422, body=errors_body("Project is invalid", "Issue is invalid"))
    with pytest.raises(SourceRefused) as caught:
        source().read_month(OCTOBER)
    assert caught.value.reason == "Project is invalid; Issue is invalid"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_fault_is_repeated_and_counted(
    redmine: FakeRedmine, source: Callable[..., RedmineSource], status: int
) -> None:
    """Two bad answers, then a good one: the month is read, the repeats are in the count."""
    redmine.fail(ENTRIES, "status", status=status, times=2)
    reading = source().read_month(OCTOBER)
    assert reading.booked_minutes == 60
    assert reading.requests == len(redmine.requests)


def test_repeats_are_bounded(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """A lasting fault is asked five times, not for ever."""
    redmine.fail(ENTRIES, "status", status=503, times=None)
    with pytest.raises(SourceUnreachable):
        source().read_month(OCTOBER)
    assert len(redmine.asked(ENTRIES)) == 5


def test_refusals_are_not_repeated(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """A 403 stays one however often it is asked."""
    redmine.fail(ENTRIES, "status", status=403, times=None)
    with pytest.raises(SourceRefused):
        source().read_month(OCTOBER)
    assert len(redmine.asked(ENTRIES)) == 1


def test_retry_after_is_honoured(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """The server's wish for a pause is granted, and counts as waiting."""
    redmine.fail(ENTRIES, "status", status=429, headers={"Retry-After": "1"})
    assert source().read_month(OCTOBER).waited_seconds >= 1


@pytest.mark.parametrize(("asked", "granted"), [("7", 7.0), ("86400", 60.0), ("soon", None), (None, None)])
def test_retry_after_is_bounded(asked: str | None, granted: float | None) -> None:
    """No server makes us wait for a day; nonsense is as good as nothing."""
    headers = {} if asked is None else {"Retry-After": asked}
    assert _Repeats().get_retry_after(HTTPResponse(headers=headers)) == granted


def test_a_server_that_does_not_answer_times_out(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """The error says how long was waited."""
    redmine.fail(ENTRIES, "hang", times=None)
    with pytest.raises(SourceUnreachable) as caught:
        source(timeout_seconds=0.2).read_month(OCTOBER)
    assert caught.value.reason == "no answer within 0.2 s"
    assert redmine.admin_key not in shown(caught.value)


def test_a_dropped_connection_is_repeated(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """Once is survived, for ever is an error."""
    redmine.fail(ENTRIES, "drop")
    assert source().read_month(OCTOBER).booked_minutes == 60
    redmine.fail(ENTRIES, "drop", times=None)
    with pytest.raises(SourceUnreachable) as caught:
        source().read_month(OCTOBER)
    assert redmine.admin_key not in shown(caught.value)


def test_a_body_cut_in_the_middle_is_read_again(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """Once is survived; if it is always cut, half a body is never taken for a whole one."""
    redmine.fail(ENTRIES, "cut")
    reading = source().read_month(OCTOBER)
    assert (reading.booked_minutes, reading.requests) == (60, len(redmine.requests))
    redmine.fail(ENTRIES, "cut", times=None)
    with pytest.raises(SourceBroken) as caught:
        source().read_month(OCTOBER)
    assert caught.value.reason == "the connection was cut in the middle of the answer"
    assert redmine.admin_key not in shown(caught.value)


@pytest.mark.parametrize("path", [ENTRIES, "/users/current.json", "/projects.json"])
@pytest.mark.parametrize("kind", ["not_json", "html"])
def test_what_is_not_json_is_broken(
    redmine: FakeRedmine, source: Callable[..., RedmineSource], path: str, kind: Any
) -> None:
    """Half an answer with a right length, or a page in place of data."""
    redmine.fail(path, kind, times=None)
    with pytest.raises(SourceBroken) as caught:
        source().read_month(OCTOBER)
    assert caught.value.url == redmine.url + path


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ENTRIES, b"[]"),
        (ENTRIES, b'{"time_entries": 5, "total_count": 1, "limit": 100, "offset": 0}'),
        (ENTRIES, b'{"time_entries": [5], "total_count": 1, "limit": 100, "offset": 0}'),
        (ENTRIES, b'{"time_entries": [{}], "total_count": 1, "limit": 100, "offset": 0}'),
        (ENTRIES, b'{"time_entries": [], "total_count": "1", "limit": 100, "offset": 0}'),
        (ENTRIES, b'{"time_entries": [], "total_count": 0, "limit": 500, "offset": 0}'),
        (ENTRIES, b'{"time_entries": [], "total_count": 0, "limit": 100, "offset": 100}'),
        (ENTRIES, b"{}"),
        ("/users/current.json", b"{}"),
        ("/users/current.json", b'{"user": {"login": "no id"}}'),
        ("/users/current.json", b'{"user": 5}'),
        ("/projects.json", b'{"projects": [{"name": "no id"}], "total_count": 1, "limit": 100, "offset": 0}'),
        ("/projects.json", b'{"wikis": []}'),
    ],
)
def test_json_of_another_kind_is_broken(
    redmine: FakeRedmine, source: Callable[..., RedmineSource], path: str, body: bytes
) -> None:
    """Well-formed, but not what was asked for."""
    redmine.fail(path, "status", status=200, body=body, times=None)
    with pytest.raises(SourceBroken) as caught:
        source().read_month(OCTOBER)
    assert caught.value.url.startswith(redmine.url)


def test_no_redirect_carries_the_key_elsewhere(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """The other host is named in the error and hears nothing."""
    with FakeRedmine() as other:
        redmine.fail("/users/current.json", "redirect", location=f"{other.url}/users/current.json?key=x")
        with pytest.raises(SourceBroken) as caught:
            source().read_month(OCTOBER)
        assert caught.value.status == 302
        assert other.url.removeprefix("http://") in caught.value.reason
        assert "key=x" not in shown(caught.value)
        assert other.requests == []


def test_the_key_travels_in_the_header_only(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """Never in a path or query, where access logs would keep it; not in the source's own text either."""
    made = source()
    made.read_month(OCTOBER, late_since=NOW)
    assert {seen.headers["x-redmine-api-key"] for seen in redmine.requests} == {redmine.admin_key}
    assert not any(redmine.admin_key in f"{seen.path}{seen.query}" for seen in redmine.requests)
    assert not any("authorization" in seen.headers or "cookie" in seen.headers for seen in redmine.requests)
    inner = (made, made._client, made._client.transport)
    assert not any(redmine.admin_key in repr(part) for part in inner)
    assert repr(made) == f"<RedmineSource {redmine.url}>"


def test_a_login_in_the_user_s_netrc_is_not_sent(
    redmine: FakeRedmine,
    source: Callable[..., RedmineSource],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The HTTP library would look one up for every host."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login anna password secret\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    source().read_month(OCTOBER)
    assert not any("authorization" in seen.headers for seen in redmine.requests)


@pytest.mark.parametrize("key", ["", "ключ", "two words", "line\nbreak", "tab\t"])
def test_what_cannot_be_a_key_is_not_sent(source: Callable[..., RedmineSource], key: str) -> None:
    """The HTTP library would print it in an error of its own."""
    with pytest.raises(SourceRefused) as caught:
        source(api_key=key)
    assert caught.value.status == 401
    assert not key or key not in shown(caught.value)


@pytest.mark.parametrize(
    "url", ["", "redmine.example", "ftp://redmine.example", "http://u:secret@redmine.example", "http://["]
)
def test_what_cannot_be_an_address_is_refused(source: Callable[..., RedmineSource], url: str) -> None:
    """A login inside the address would end up in logs."""
    with pytest.raises(SourceRefused) as caught:
        source(url=url)
    assert "secret" not in shown(caught.value)


def test_no_server_at_all_is_unreachable(source: Callable[..., RedmineSource]) -> None:
    """Port 1 answers nobody."""
    with pytest.raises(SourceUnreachable) as caught:
        source(url="http://127.0.0.1:1").read_month(OCTOBER)
    assert (caught.value.reason, caught.value.status) == ("no connection", None)


def test_plain_http_behind_https_is_unreachable(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """A server that does not speak TLS."""
    with pytest.raises(SourceUnreachable) as caught:
        source(url=redmine.url.replace("http:", "https:")).read_month(OCTOBER)
    assert caught.value.reason == "the server's certificate is not trusted, or it speaks no TLS"


def test_a_ca_file_that_is_not_there_is_said(source: Callable[..., RedmineSource], tmp_path: Path) -> None:
    """The HTTP library opens it at the first request."""
    with pytest.raises(SourceUnreachable) as caught:
        source(url="https://127.0.0.1:1", ca_file=str(tmp_path / "none.pem")).read_month(OCTOBER)
    assert "ca_file" in caught.value.reason


def test_a_slow_body_is_unreachable(redmine: FakeRedmine) -> None:
    """Headers come, the body does not: the time-out holds there too."""
    redmine.fail(ENTRIES, "stall", times=None)
    transport = Transport(redmine.url, redmine.admin_key, timeout_seconds=0.2, backoff_seconds=0.01)
    with pytest.raises(SourceUnreachable) as caught:
        transport.json(ENTRIES)
    transport.close()
    assert caught.value.reason == "no more came of the answer in time"


def test_rest_switched_off_is_refused_with_403(redmine: FakeRedmine, source: Callable[..., RedmineSource]) -> None:
    """Lists would answer 200 and nothing."""
    redmine.rest = False
    with pytest.raises(SourceRefused) as caught:
        source().read_month(OCTOBER)
    assert caught.value.status == 403
    assert "REST" in caught.value.reason


def test_a_server_that_wants_a_login_refuses_a_wrong_key(
    redmine: FakeRedmine, source: Callable[..., RedmineSource]
) -> None:
    """With login required a wrong key is an error everywhere."""
    redmine.login_required = True
    with pytest.raises(SourceRefused) as caught:
        source(api_key="f" * 40).read_month(OCTOBER)
    assert caught.value.status == 401


def test_base_paths_and_slashes_are_kept(redmine: FakeRedmine) -> None:
    """A Redmine below a path, with or without a slash at the end of its address."""
    for url in ("http://127.0.0.1:3000/redmine/", "http://127.0.0.1:3000/redmine"):
        transport = Transport(url, "k", timeout_seconds=1)
        assert transport.url == "http://127.0.0.1:3000/redmine"
        transport.close()
