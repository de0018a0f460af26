"""A month end while people book, projects vanish and Redmine stops: whole, or refused and nothing written."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.live_studio import Desk, Lab
from tests.proxies import before
from tests.waiting import until

pytestmark = pytest.mark.live

SIZE = ("--clients", "12", "--entries", "1800")
ENTRIES = "/time_entries.json"
NOW = "2026-11-21T12:00:00+03:00"
OCTOBER = ("2026-10-01", "2026-10-31")
MINUTES = "round(round(hours::numeric, 2) * 60)::int"


@pytest.fixture(scope="module")
def lab(lab_info: dict[str, Any]) -> Lab:
    return Lab(lab_info)


@pytest.fixture
def desk(lab: Lab, tmp_path: Path) -> Desk:
    """A studio of twelve clients, none closed yet."""
    return Desk.seeded(lab, tmp_path, *SIZE)


class Booker(threading.Thread):
    """Somebody who books, corrects and deletes time over REST, one thing after the other, until told to stop.

    most: things to do; None: without end. states: the minutes of each October entry, at the beginning and after each
    thing done.
    """

    def __init__(self, lab: Lab, most: int | None, does: tuple[str, ...] = ("book", "correct", "remove")) -> None:
        super().__init__()
        self._does = [getattr(self, f"_{name}") for name in does]
        self._url = lab.info["redmine"]["url"]
        self._session = requests.Session()
        self._session.headers["X-Redmine-API-Key"] = lab.key("admin")
        self._most = most
        self.stop = threading.Event()
        rows = lab.rows(
            f"select t.id::text, {MINUTES}, project_id from time_entries t join projects p on p.id = project_id"
            " where p.status = 1 and spent_on between %s and %s order by t.id",
            *OCTOBER,
        )
        hidden = lab.rows(
            f"select t.id::text, {MINUTES} from time_entries t join projects p on p.id = project_id"
            " where p.status = 5 and spent_on between %s and %s",
            *OCTOBER,
        )
        self._old = deque(row[0] for row in rows)  # closed projects' entries are read, and cannot be changed
        self._project = rows[0][2]
        self.states: list[dict[str, int]] = [dict([*((id, minutes) for id, minutes, _ in rows), *hidden])]

    def run(self) -> None:
        for turn in itertools.count() if self._most is None else range(self._most):
            if self.stop.is_set():
                break
            state = dict(self.states[-1])
            self._does[turn % len(self._does)](state)
            self.states.append(state)
        self._session.close()

    def _book(self, state: dict[str, int]) -> None:
        entry = {"project_id": self._project, "activity_id": 9, "spent_on": "2026-10-15", "hours": "0:20"}
        made = self._call("POST", "/time_entries.json", {**entry, "comments": "booked meanwhile"}, 201)
        number = str(made["time_entry"]["id"])
        self._old.insert(len(self._old) // 2, number)
        state[number] = 20

    def _correct(self, state: dict[str, int]) -> None:
        entry = self._old.pop()
        self._old.insert(len(self._old) // 2, entry)  # it has its turn again
        minutes, hours = (445, "7:25") if state[entry] != 445 else (385, "6:25")
        self._call("PUT", f"/time_entries/{entry}.json", {"hours": hours}, 204)
        state[entry] = minutes

    def _remove(self, state: dict[str, int]) -> None:
        entry = self._old.popleft()
        self._call("DELETE", f"/time_entries/{entry}.json", None, 204)
        del state[entry]

    def _call(self, method: str, path: str, entry: dict[str, Any] | None, expected: int) -> Any:
        body = None if entry is None else {"time_entry": entry}
        answer = self._session.request(method, self._url + path, json=body, timeout=30)
        assert answer.status_code == expected, answer.text
        return answer.json() if answer.content.strip() else None


@pytest.fixture
def booking(lab: Lab) -> Iterator[Callable[..., Booker]]:
    """Makes bookers, and sees that they end."""
    made: list[Booker] = []

    def make(*given: Any) -> Booker:
        made.append(Booker(lab, *given))
        return made[-1]

    yield make
    for booker in made:
        booker.stop.set()
        if booker.is_alive():
            booker.join(60)


def _assert_nothing_written(desk: Desk) -> None:
    for table in ("invoices", "closings", "allocations", "reads", "series", "outbox", "audit"):
        assert desk.rows(f"select count(*) from {table}") == [(0,)], table
    made = {path.name for path in desk.folder.rglob("*") if path.is_file()}
    assert not {name for name in made if name.endswith((".pdf", ".html", ".gz", ".tmp"))}


def _billed(desk: Desk) -> dict[str, int]:
    rows = desk.rows(
        "select entry, minutes from allocations where open and spent_on between '2026-10-01' and '2026-10-31'"
    )
    assert len({entry for entry, _ in rows}) == len(rows)
    return dict(rows)


@pytest.mark.parametrize("does", [("book", "correct", "remove"), ("correct",)])
def test_month_that_keeps_changing_is_whole_or_refused(
    lab: Lab, desk: Desk, booking: Callable[..., Booker], does: tuple[str, ...]
) -> None:
    """While somebody works without a pause: what is closed is one state that Redmine had, or nothing is closed.

    Corrections alone change no count of rows: it is the export that gives them away.
    """
    booker = booking(None, does)
    booker.start()
    until(lambda: len(booker.states) > 3, "somebody books")
    closed = desk.run("bill", "close", "2026-10", as_of=NOW)
    assert booker.is_alive()
    booker.stop.set()
    booker.join(60)
    if closed.code == 1:
        assert "The month could not be read whole" in closed.err
        assert "Traceback" not in closed.err
        _assert_nothing_written(desk)
    else:
        assert closed.code == 0, closed.err
        assert _billed(desk) in booker.states
    assert desk.run("bill", "close", "2026-10", as_of=NOW).code == 0
    certificate = desk.run("bill", "reconcile", "2026-10", as_of=NOW).data
    assert certificate["minutes"]["booked"] == lab.booked_minutes(*OCTOBER)


def test_month_that_changed_for_a_moment_is_read_again(lab: Lab, desk: Desk, booking: Callable[..., Booker]) -> None:
    """A booking, a correction and a deletion in the middle of the pages: the read begins anew and succeeds.

    All pages but the first are held until the three are done.
    """
    booker = booking(3)
    start = lab.log_end()
    with before(lab.info["redmine"]["url"], hold=ENTRIES, let=1) as (door, address):
        desk.ask_through(address)
        closing = desk.start("bill", "close", "2026-10", as_of=NOW)
        door.wait_for(ENTRIES, 2)
        booker.run()
        door.let_go()
        done = closing.wait()
    assert (done.code, done.err) == (0, "")
    assert _billed(desk) == booker.states[3]
    first_pages = [address for _, address in lab.requests(start) if "offset=0" in address and "from=" in address]
    assert len(first_pages) >= 2


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("own", "The key's user sees its own time entries only (role Own time), so a month cannot be whole."),
        ("wrong", "refused (HTTP 401)"),
    ],
)
def test_key_that_sees_too_little_stops_before_anything_is_billed(
    lab: Lab, desk: Desk, key: str, sentence: str
) -> None:
    secret = lab.key("own") if key == "own" else "f" * 40
    done = desk.run("bill", "close", "2026-10", as_of=NOW, REDMINE_API_KEY=secret)
    assert done.code == 1
    assert sentence in done.err
    assert len(done.err.strip().splitlines()) == 2
    assert secret not in done.out + done.err
    _assert_nothing_written(desk)
    assert desk.run("bill", "preview", "2026-10", as_of=NOW, REDMINE_API_KEY=secret).code == 1


def test_project_that_vanished_parks_its_client_and_the_others_go_on(lab: Lab, desk: Desk) -> None:
    """Archived, or its time tracking switched off: exit 3, two clients parked, and closed once it is back."""
    assert desk.run("bill", "close", "2026-09", as_of=NOW).code == 0
    lab.rows("update projects set status = 9 where identifier in ('client-0005', 'client-0005-old')")
    where = "name = 'time_tracking' and project_id = (select id from projects where identifier = 'client-0009')"
    lab.rows(f"delete from enabled_modules where {where}")
    parked = desk.run("bill", "close", "2026-10", as_of=NOW)
    assert parked.code == 3
    told = {problem["client"]: problem["message"] for problem in parked.data["problems"]}
    assert set(told) == {"client-0005", "client-0009"}
    assert 'The project "client-0005" cannot be read' in told["client-0005"]
    assert 'The project "client-0009" has time that cannot be read' in told["client-0009"]
    billed = {draft["client"] for draft in parked.data["drafts"]}
    assert billed == {f"client-{number:04d}" for number in range(1, 13)} - set(told)
    lab.rows("update projects set status = 1 where identifier = 'client-0005'")
    lab.rows("update projects set status = 5 where identifier = 'client-0005-old'")
    lab.rows(
        "insert into enabled_modules (project_id, name) select id, 'time_tracking' from projects"
        " where identifier = 'client-0009'"
    )
    finished = desk.run("bill", "close", "2026-10", as_of=NOW)
    assert (finished.code, finished.data["problems"]) == (0, [])
    numbers = {draft["client"]: draft["number"] for draft in finished.data["drafts"]}
    assert {draft["client"]: draft["number"] for draft in parked.data["drafts"]}.items() <= numbers.items()
    assert set(numbers) == billed | set(told)
    certificate = desk.run("bill", "reconcile", "2026-10", as_of=NOW)
    assert certificate.code == 0
    assert certificate.data["minutes"]["booked"] == lab.booked_minutes(*OCTOBER)
    assert certificate.data["minutes"]["unbilled"] == 0
    assert desk.run("numbers", "audit").code == 0


def test_redmine_that_stops_in_the_middle_leaves_nothing_half_written(lab: Lab, desk: Desk) -> None:
    """Exit 1 and a sentence; once Redmine is back the same command does it all.

    All pages but the first are held until it has stopped; then nobody listens at the address any more.
    """
    try:
        with before(lab.info["redmine"]["url"], hold=ENTRIES, let=1) as (door, address):
            desk.ask_through(address)
            closing = desk.start("bill", "close", "2026-10", as_of=NOW)
            door.wait_for(ENTRIES, 2)
            lab.stop_redmine()
        done = closing.wait()
    finally:
        lab.script("up")
    assert done.code == 1
    assert "cannot be reached" in done.err
    assert len(done.err.strip().splitlines()) == 2
    _assert_nothing_written(desk)
    desk.ask_through(lab.info["redmine"]["url"])
    assert desk.run("bill", "close", "2026-10", as_of=NOW).code == 0
    assert desk.run("db", "check").code == 0
