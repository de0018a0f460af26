"""A Redmine that refuses, breaks off, lies or falls silent: one sentence, the next step, exit 1, nothing written.

All cases run side by side, each on a studio of its own: most of their time is waiting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, Run
from tests.office import Office, opened

pytestmark = pytest.mark.xdist_group("test_cli_bad_servers")
ENTRIES = "/time_entries.json"
Prepare = Callable[[Office], None]


@dataclass(frozen=True)
class Case:
    """prepare: what goes wrong. says: a pattern for what and where. step: for the next step. code: the exit code."""

    name: str
    prepare: Prepare
    says: str
    step: str = r"."
    code: int = 1


def fails(kind: str, path: str = ENTRIES, **facts: object) -> Prepare:
    facts.setdefault("times", None)
    return lambda office: void(office.redmine.fail(path, kind, **facts))  # type: ignore[arg-type]  # Fault's own names


def void(_: object) -> None:
    """A lambda's value that nobody needs."""


def status(number: int, **facts: object) -> Prepare:
    return fails("status", status=number, **facts)


def rows(*entries: dict[str, object], total: int | None = None) -> Prepare:
    """The server answers with these time entries, whatever is asked."""
    count = len(entries) if total is None else total
    body = json.dumps({"time_entries": entries, "total_count": count, "offset": 0, "limit": 100})
    return fails("status", status=200, body=body.encode())


def entry(number: int, hours: object = 1.0, day: str = "2026-10-05") -> dict[str, object]:
    return {
        "id": number,
        "project": {"id": 1, "name": "ACME site"},
        "user": {"id": 3, "name": "Anna Petrova"},
        "activity": {"id": 9, "name": "Development"},
        "hours": hours,
        "comments": "",
        "spent_on": day,
        "created_on": f"{day}T12:00:00Z",
        "updated_on": f"{day}T12:00:00Z",
    }


def wrong_key(office: Office) -> None:
    office.environ["REDMINE_API_KEY"] = "f" * 40


def wrong_key_and_login(office: Office) -> None:
    wrong_key(office)
    office.redmine.login_required = True


def sees_own_only(office: Office) -> None:
    redmine = office.redmine
    role = redmine.add_role("Developer", "own")
    redmine.add_member(office.acme, office.boris, role)
    office.environ["REDMINE_API_KEY"] = redmine.key_of(office.boris)


def rest_off(office: Office) -> None:
    office.redmine.rest = False


def ignored_filter(office: Office) -> None:
    office.redmine.ignored.update({"from", "to"})
    office.redmine.book(office.acme, office.anna, 1, date(2026, 7, 1))


def impatient(kind: str, path: str = ENTRIES) -> Prepare:
    def prepare(office: Office) -> None:
        office.write_settings(("timeout_seconds = 5", "timeout_seconds = 3"))
        fails(kind, path)(office)

    return prepare


def nobody_there(office: Office) -> None:
    office.write_settings((office.redmine.url, "http://127.0.0.1:9"))


def negative(office: Office) -> None:
    office.redmine.book(office.acme, office.anna, -1.5, date(2026, 10, 12))


def absurd(office: Office) -> None:
    office.redmine.book(office.acme, office.anna, 10000, date(2026, 10, 12))


def unreadable_hours(office: Office) -> None:
    office.redmine.book(office.acme, office.anna, "1:99x", date(2026, 10, 12))


def archived(office: Office) -> None:
    office.redmine.archive(office.acme)


CASES = [
    Case("key refused", wrong_key_and_login, r"/users/current.*HTTP 401", "API key"),
    Case("key unknown", wrong_key, r"HTTP 401|API key", "API key"),
    Case("REST off", rest_off, r"HTTP 401|HTTP 403|API key", "REST"),
    Case("own entries only", sees_own_only, r"own time entries only.*Developer", "all time entries"),
    Case("401", status(401), r"/time_entries.json.*HTTP 401", "API key"),
    Case("403", status(403), r"/time_entries.json.*HTTP 403", "permission"),
    Case("404", status(404), r"/time_entries.json.*HTTP 404", "address"),
    Case("422", status(422, body=b'{"errors": ["Date is invalid"]}'), r"HTTP 422.*Date is invalid"),
    Case("429", status(429, headers={"Retry-After": "1"}), r"/time_entries.json.*429", "again"),
    Case("500", status(500), r"/time_entries.json.*500", "again"),
    Case("502", status(502), r"/time_entries.json.*502", "again"),
    Case("time-out", impatient("hang"), r"/time_entries.json cannot be reached: no answer within 3 s", "again"),
    Case("stalls in the middle", impatient("stall"), r"/time_entries.json.*no more came", "again"),
    Case("cut in the middle", fails("cut"), r"/time_entries.json.*cut in the middle", "again"),
    Case("closed without a word", fails("drop"), r"/time_entries.json cannot be reached: no connection", "again"),
    Case("nobody there", nobody_there, r"127.0.0.1:9.*no connection", "again"),
    Case("broken JSON", fails("not_json"), r"/time_entries.json.*not JSON"),
    Case("a page instead", fails("html"), r"/time_entries.json.*text/html.*no Redmine here"),
    Case("sent on", fails("redirect", location="https://login.example/x"), r"sends us on to login.example"),
    Case("ids twice", rows(entry(1), entry(1)), r"not be read whole.*entry 1 came after entry 1", "again"),
    Case("fewer rows than counted", rows(entry(1), total=2), r"not be read whole.*1 rows came", "again"),
    Case("no such page", rows({"id": 1}), r"no page of time entries|entry 1"),
    Case("filter ignored", ignored_filter, r"filter was ignored"),
    Case("projects refused", fails("status", "/projects.json", status=403), r"/projects.json.*HTTP 403", "permission"),
    Case("issues cut", fails("cut", "/issues.json"), r"/issues.json.*cut in the middle", "again"),
    Case("negative hours", negative, r"1 problem:\n  .*-1:30|1 problem:\n  .*negative", "Redmine", 3),
    Case("absurd hours", absurd, r"1 problem:\n  .*10000:00", r"max_hours_per_entry|Redmine", 3),
    Case("hours that are none", unreadable_hours, r"1 problem:\n  .*1:99x", "Redmine", 3),
    Case("project archived", archived, r"1 problem:\n  .*acme", r"archived|read", 3),
]


def in_a_studio(folder: Path, case: Case, *options: str) -> tuple[Run, list[str], set[str]]:
    """Runs `bill close` in a studio where this goes wrong: what came, what must not be shown, files made."""
    with opened(folder) as office:
        case.prepare(office)
        desk = Desk(office)
        before = set(office.files())
        run = desk.run(*options, "bill", "close", "2026-10")
        return run, desk.secrets(), set(office.files()) - before


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[tuple[Run, list[str], set[str]]]]]:
    root = tmp_path_factory.mktemp("servers")
    with ThreadPoolExecutor(8) as pool:
        plain = {case.name: pool.submit(in_a_studio, root / f"a{n}", case) for n, case in enumerate(CASES)}
        loud = {f"{c.name} -vv": pool.submit(in_a_studio, root / f"b{n}", c, "-vv") for n, c in enumerate(CASES)}
        yield plain | loud


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_ends_in_a_sentence_and_a_next_step(
    case: Case, outcomes: dict[str, Future[tuple[Run, list[str], set[str]]]]
) -> None:
    run, secrets, made = outcomes[case.name].result()
    assert run.code == case.code, run.err
    assert re.search(case.says, run.err, re.DOTALL), run.err
    assert "Traceback" not in run.err + run.out
    assert not [secret for secret in secrets if secret in run.err + run.out]
    if case.code == 1:
        assert run.out == ""
        first, *_, last = run.err.rstrip("\n").split("\n")
        assert first.startswith("Error: ")
        assert run.err.count("Error: ") == 1
        assert re.search(case.step, last), run.err
        assert last.endswith(".")
        assert not [file for file in made if not file.startswith(("store.db", "files/", "published/"))]
        assert not [file for file in made if file.endswith((".pdf", ".html", ".gz"))]
    else:
        assert re.search(case.step, run.err), run.err
        assert "2026-0001" in run.out, "the other client is billed"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_even_a_traceback_shows_no_secret(
    case: Case, outcomes: dict[str, Future[tuple[Run, list[str], set[str]]]]
) -> None:
    run, secrets, _ = outcomes[f"{case.name} -vv"].result()
    assert run.code == case.code
    assert ("Traceback" in run.err) is (case.code == 1)
    assert not [secret for secret in secrets if secret in run.err + run.out]
