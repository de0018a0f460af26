"""How a write to Redmine ends when the way there or back is broken: done, refused, not sent, unknown; never twice."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio_support.errors import NotSent, OutcomeUnknown, RedmineRefused, SourceError, SourceRefused
from studio_support.otrs.model import Attachment
from studio_support.redmine.handover import Handover
from studio_support.redmine.issues import RedmineIssues
from studio_support.sync.actions import NewIssue
from studio_support.testing import FakeRedmine
from tests.waiting import until

NUMBER = "2026112110000015"
_TLS = Path(__file__).parents[1] / "flow" / "delivery" / "tls"
NEW = NewIssue(project="site", subject="Fix", description=f"Ticket#{NUMBER}\n\nWords\n", ticket=NUMBER)
FILE = Attachment("a.txt", "text/plain", 2, b"ok")
Open = Callable[..., RedmineIssues]


@pytest.fixture
def redmine() -> Iterator[FakeRedmine]:
    """A Redmine with one project that has an issue, and a robot that may write to it."""
    with FakeRedmine() as made:
        project = made.add_project("site", "Site")
        made.add_issue(project, "Old")
        made.add_member(project, made.add_user("bridge", "Bridge", "Robot"), made.add_role("Bridge"))
        yield made


@pytest.fixture
def open_issues(redmine: FakeRedmine) -> Iterator[Open]:
    """Opens the edge as the robot."""
    opened: list[RedmineIssues] = []

    def make(**options: Any) -> RedmineIssues:
        told = {"ticket_field": "OTRS ticket", "timeout_seconds": 5, "backoff_seconds": 0.001, **options}
        opened.append(RedmineIssues(told.pop("url", redmine.url), redmine.key_of(3), **told))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def made(redmine: FakeRedmine) -> int:
    """How many issues bear the number."""
    return sum(issue.ticket == NUMBER for issue in redmine.issues.values())


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("status", {"status": 500}),
        ("status", {"status": 502}),
        ("status", {"status": 503, "headers": {"Retry-After": "1"}}),
        ("drop", {}),
        ("html", {}),
    ],
)
def test_silence_after_the_hand_over_is_unknown_and_nothing_is_repeated(
    redmine: FakeRedmine, open_issues: Open, kind: Any, facts: dict[str, Any], applied: bool
) -> None:
    redmine.fail("/issues.json", kind, method="POST", applied=applied, **facts)
    with pytest.raises(OutcomeUnknown):
        open_issues().create(NEW, ())
    assert len(redmine.asked("/issues.json", "POST")) == 1
    assert made(redmine) == applied


@pytest.mark.parametrize("kind", ["cut", "not_json"])
def test_an_answer_that_cannot_be_read_is_unknown(redmine: FakeRedmine, open_issues: Open, kind: Any) -> None:
    redmine.fail("/issues.json", kind, method="POST")
    issues = open_issues()
    with pytest.raises(OutcomeUnknown):
        issues.create(NEW, ())
    assert [one.ticket_field for one in issues.by_ticket([NUMBER])] == [NUMBER]


def test_a_time_out_is_unknown(redmine: FakeRedmine, open_issues: Open) -> None:
    redmine.fail("/issues.json", "hang", method="POST", applied=True)
    with pytest.raises(OutcomeUnknown, match="no answer within"):
        open_issues(timeout_seconds=1).create(NEW, ())
    assert made(redmine) == 1


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"issue": {"id": "x"}}', b'{"issue": 5}', b""])
def test_an_answer_that_does_not_name_the_issue_is_unknown(
    redmine: FakeRedmine, open_issues: Open, body: bytes
) -> None:
    redmine.fail("/issues.json", "status", method="POST", status=201, body=body)
    with pytest.raises(OutcomeUnknown):
        open_issues().create(NEW, ())


def test_an_issue_that_appears_later_is_found_then(redmine: FakeRedmine, open_issues: Open) -> None:
    """The server goes on with a request whose client is gone: not there at once, there a moment later."""
    go_on = threading.Event()
    redmine.fail("/issues.json", "late", method="POST", seconds=60, go_on=go_on)
    issues = open_issues()
    with pytest.raises(OutcomeUnknown):
        issues.create(NEW, ())
    assert issues.by_ticket([NUMBER]) == ()
    go_on.set()
    until(lambda: made(redmine) == 1, "the server goes on")
    assert [one.ticket_field for one in issues.by_ticket([NUMBER])] == [NUMBER]


def test_what_never_left_is_not_sent(open_issues: Open) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = open_issues(url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(NotSent):
            away.add_note(1, "x")


@pytest.mark.parametrize("path", ["/projects.json", "/issues.json", "/users/", "/projects/1/memberships"])
def test_a_read_that_fails_on_the_way_to_a_write_means_not_sent(
    redmine: FakeRedmine, open_issues: Open, path: str
) -> None:
    redmine.fail(path, "status", status=503, times=None, method="GET")
    with pytest.raises(NotSent):
        open_issues().create(NewIssue("site", "Fix", "x", NUMBER, priority=4, assignee="nobody"), ())
    assert redmine.asked("/issues.json", "POST") == []


@pytest.mark.parametrize("kind", ["drop", "status", "html", "cut"])
def test_an_upload_of_unknown_outcome_leaves_nothing_on_any_issue(
    redmine: FakeRedmine, open_issues: Open, kind: Any
) -> None:
    redmine.fail("/uploads.json", kind, method="POST", applied=True)
    with pytest.raises(NotSent):
        open_issues().create(NEW, [FILE])
    assert made(redmine) == 0


def test_an_upload_whose_answer_names_nothing_is_not_sent(redmine: FakeRedmine, open_issues: Open) -> None:
    redmine.fail("/uploads.json", "status", method="POST", status=201, body=b'{"upload": {}}')
    with pytest.raises(NotSent, match=r"names no file for a\.txt"):
        open_issues().create(NEW, [FILE])


@pytest.mark.parametrize("status", [401, 403, 404, 413, 422, 429, 409])
def test_a_refusal_says_that_nothing_was_changed(redmine: FakeRedmine, open_issues: Open, status: int) -> None:
    redmine.fail("/issues/1.json", "status", method="PUT", status=status)
    with pytest.raises(RedmineRefused) as refused:
        open_issues().add_note(1, "x")
    assert (refused.value.status, refused.value.errors) == (status, ())
    assert refused.value.reason


def test_a_redirect_is_not_followed(redmine: FakeRedmine, open_issues: Open) -> None:
    redmine.fail("/issues/1.json", "redirect", method="PUT", location="http://127.0.0.1:9/")
    with pytest.raises(RedmineRefused, match="another address"):
        open_issues().add_note(1, "x")


def test_a_field_that_is_required_comes_in_the_server_s_words(redmine: FakeRedmine, open_issues: Open) -> None:
    redmine.required_fields = {"Payer"}
    with pytest.raises(RedmineRefused) as refused:
        open_issues().create(NEW, ())
    assert refused.value.errors == ("Payer cannot be blank",)
    assert refused.value.reason == "Payer cannot be blank"


def test_a_member_who_is_given_no_issues_is_left_out(redmine: FakeRedmine, open_issues: Open) -> None:
    """His role is not assignable: a member, and refused all the same."""
    words = json.dumps({"errors": ["Assignee is invalid"]}).encode()
    redmine.fail("/issues.json", "status", method="POST", status=422, body=words)
    done = open_issues().create(NewIssue("site", "Fix", "x", NUMBER, assignee="bridge"), [FILE])
    assert done.left_out == ("assignee bridge: Assignee is invalid",)
    assert redmine.issues[done.id].assignee is None
    assert [file.name for file in redmine.issues[done.id].files] == ["a.txt"]


def test_a_refusal_that_lasts_without_him_is_the_second_one(redmine: FakeRedmine, open_issues: Open) -> None:
    redmine.required_fields = {"Payer"}
    with pytest.raises(RedmineRefused, match="Payer"):
        open_issues().create(NewIssue("site", "Fix", "x", NUMBER, assignee="bridge"), ())
    assert len(redmine.asked("/issues.json", "POST")) == 2


def test_somebody_with_a_login_that_cannot_be_seen_is_left_out(redmine: FakeRedmine, open_issues: Open) -> None:
    redmine.fail("/users/3.json", "status", status=404, times=None)
    done = open_issues().create(NewIssue("site", "Fix", "x", NUMBER, assignee="bridge"), ())
    assert done.left_out == ("assignee bridge: 'bridge' is no member of the project",)


class TestTicketField:
    """The field is found by its name, which only issues show."""

    def test_the_first_issue_of_all_teaches_it(self, redmine: FakeRedmine, open_issues: Open) -> None:
        redmine.delete_issue(1)
        issues = open_issues()
        done = issues.create(NEW, ())
        assert done.left_out == () and made(redmine) == 1
        assert b"custom_fields" not in redmine.asked("/issues.json", "POST")[0].body
        issues.create(NewIssue("site", "Second", "x", "2026112110000023"), ())
        assert b"custom_fields" in redmine.asked("/issues.json", "POST")[1].body
        assert len(redmine.asked("/issues/", "PUT")) == 1

    def test_where_that_fails_the_issue_is_there_and_found_by_its_first_line(
        self, redmine: FakeRedmine, open_issues: Open
    ) -> None:
        redmine.delete_issue(1)
        redmine.fail("/issues/", "drop", method="PUT")
        issues = open_issues()
        done = issues.create(NEW, ())
        [left_out] = done.left_out
        assert "'OTRS ticket' was not set" in left_out
        assert [one.id for one in issues.by_ticket([NUMBER])] == [done.id]

    def test_without_one_nothing_is_asked(self, redmine: FakeRedmine, open_issues: Open) -> None:
        done = open_issues(ticket_field="").create(NEW, ())
        assert done.left_out == () and redmine.issues[done.id].ticket == ""

    def test_a_filter_that_is_ignored_is_no_answer(self, redmine: FakeRedmine, open_issues: Open) -> None:
        redmine.ignored.add("cf_1")
        with pytest.raises(SourceError, match="used as a filter"):
            open_issues().by_ticket([NUMBER])

    def test_what_is_no_number_is_not_asked_for(self, open_issues: Open) -> None:
        for wrong in ("", "1 or 2", "12*", "٣"):
            with pytest.raises(ValueError, match="no ticket number"):
                open_issues().by_ticket([wrong])


class TestStatus:
    """Set where somebody asks for it."""

    def test_it_is_set_and_read_back(self, redmine: FakeRedmine, open_issues: Open) -> None:
        open_issues().set_status(1, "resolved")
        assert redmine.issues[1].status == "Resolved"

    def test_a_step_that_the_workflow_ignores_is_seen(self, redmine: FakeRedmine, open_issues: Open) -> None:
        """Redmine answers 204 and changes nothing."""
        redmine.workflow = {("New", "In Progress")}
        with pytest.raises(RedmineRefused, match="stays New") as refused:
            open_issues().set_status(1, "Closed")
        assert refused.value.about == "status"


def test_projects_of_one_name_are_nobody_s(redmine: FakeRedmine, open_issues: Open) -> None:
    project = redmine.add_project("other", "Site")
    redmine.add_member(project, 3, 3)
    issues = open_issues()
    with pytest.raises(RedmineRefused, match="2 projects are called 'Site'"):
        issues.create(NewIssue("Site", "Fix", "x", NUMBER), ())
    assert issues.create(NEW, ()).id


def test_a_long_list_of_members_is_read_whole(redmine: FakeRedmine, open_issues: Open) -> None:
    people = [redmine.add_user(f"p{number}", "Person", str(number)) for number in range(150)]
    for person in people:
        redmine.add_member(1, person, 3)
    done = open_issues().create(NewIssue("site", "Fix", "x", NUMBER, assignee="Person 149"), ())
    assert redmine.issues[done.id].assignee == people[149]


def test_lists_are_read_once(redmine: FakeRedmine, open_issues: Open) -> None:
    issues = open_issues()
    for number in range(3):
        issues.create(NewIssue("site", "Fix", "x", f"202611211000{number:04d}", priority=4, assignee="bridge"), [FILE])
    asked = [len(redmine.asked(path)) for path in ("/projects", "/enumerations", "/users/3", "/issues.json")]
    assert asked == [2, 1, 1, 1]
    assert len(redmine.asked("/uploads.json", "POST")) == 3


def test_the_key_travels_in_a_header_and_nowhere_else(redmine: FakeRedmine, open_issues: Open) -> None:
    issues = open_issues()
    issues.create(NEW, [FILE])
    issues.add_note(1, "x")
    key = redmine.key_of(3)
    assert all(seen.headers["x-redmine-api-key"] == key for seen in redmine.requests)
    assert not any(key in str(seen.query) or key.encode() in seen.body for seen in redmine.requests)
    assert key not in repr(issues)
    redmine.fail("/issues/1.json", "drop", method="PUT")
    with pytest.raises(OutcomeUnknown) as unknown:
        issues.add_note(1, "x")
    assert key not in repr(unknown.value) and unknown.value.__cause__ is None


def test_every_write_has_a_connection_of_its_own(redmine: FakeRedmine, open_issues: Open) -> None:
    issues = open_issues()
    issues.add_note(1, "x")
    assert redmine.asked("/issues/1.json", "PUT")[0].headers["connection"] == "close"


def test_requests_and_seconds_are_counted(redmine: FakeRedmine, open_issues: Open) -> None:
    with open_issues() as issues:
        issues.create(NEW, [FILE])
        assert issues.requests == len(redmine.requests)
        assert issues.waited_seconds > 0


def test_a_key_that_is_locked_out_meanwhile_makes_no_issue_gone(redmine: FakeRedmine, open_issues: Open) -> None:
    issues = open_issues()
    assert [one.id for one in issues.issues([1])] == [1]
    redmine.users[3].status = 3
    with pytest.raises(SourceRefused):
        issues.issues([1])


@pytest.mark.parametrize("url", ["https://127.0.0.1:9", "https://nobody.invalid"])
def test_no_certificates_and_no_host_mean_not_sent(url: str) -> None:
    with pytest.raises(NotSent):
        Handover(url, "key", timeout_seconds=2, ca_file="/nowhere/ca.pem").send("POST", "/issues.json", {})


def test_a_certificate_that_is_not_trusted_means_not_sent() -> None:
    """The handshake ends before any request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_TLS / "mx.pem")
    with FakeRedmine() as made:
        made._server.speak_tls(context)
        away = Handover(made.url.replace("http:", "https:"), "key", timeout_seconds=5)
        with pytest.raises(NotSent, match="certificate is not trusted"):
            away.send("POST", "/issues.json", {})
        assert made.requests == []
