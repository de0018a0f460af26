"""The desk on real servers, through its commands: one request from the client's mail to the letter that it is done.

Times are those of `--as-of`, so that nothing waits: Wednesday 2026-11-18, on which the mails arrive by Znuny's clock.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from studio_cli.app import run
from studio_support.otrs.model import Ticket
from tests.live_bridge import JANE, LiveBridge, Sunk, moscow, opened, utc_text
from tests.proxies import before

pytestmark = pytest.mark.live
HOLD = 60
DAY, NEXT_DAY = "2026-11-18", "2026-11-19"
BILLING = """
[seller]
name = "Studio GmbH"
address = ["Road 5", "10115 Berlin"]
country = "DE"
vat_id = "DE136695976"
email = "office@studio.test"

[seller.bank]
name = "Bank"
iban = "DE89370400440532013000"

[[billing.tax]]
from = 2020-01-01
category = "S"
rate = "19"
prices = "net"
"""
PEOPLE = """
["a.petrova"]
otrs = "petrova"
stand_in = "s.sidorov"
absent = [{ from = 2026-11-19, to = 2026-11-20 }]

["s.sidorov"]
otrs = "sidorov"
"""


class Said(NamedTuple):
    """What a command printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Managers:
    """Types commands, as one of two managers or as cron, at a time on the studio's clock."""

    def __init__(self, bridge: LiveBridge, captured: pytest.CaptureFixture[str]) -> None:
        self.bridge = bridge
        self._captured = captured
        (bridge.folder / "people.toml").parent.mkdir(exist_ok=True)
        (bridge.folder / "people.toml").write_text(PEOPLE, "utf-8")
        self.through()

    def through(self, otrs: str = "") -> None:
        """The studio's files, with another address for Znuny."""
        self.bridge.configure(otrs=otrs, hold=HOLD, overlap=0)
        file = self.bridge.folder / "studio-support.toml"
        file.write_text(file.read_text("utf-8") + BILLING, "utf-8")

    def words(self, who: str, at: str, *words: str) -> list[str]:
        """A command line behind the program's name."""
        file = str(self.bridge.folder / "studio-support.toml")
        told = ["--config", file, "--format", "json", "--user", who]
        return [*told, "--as-of", f"{at if 'T' in at else f'{DAY}T{at}'}+03:00", *words]

    def __call__(self, who: str, at: str, *words: str) -> Said:
        self._captured.readouterr()
        code = run(self.words(who, at, *words))
        return Said(code, *self._captured.readouterr())

    def start(self, who: str, at: str, *words: str) -> subprocess.Popen[bytes]:
        """The same in a process of its own."""
        command, environ = self.bridge.command()
        quiet = subprocess.DEVNULL
        return subprocess.Popen([*command[:3], *self.words(who, at, *words)], env=environ, stdout=quiet, stderr=quiet)

    def petrova(self, at: str, *words: str) -> Said:
        return self("a.petrova", at, *words)

    def sidorov(self, at: str, *words: str) -> Said:
        return self("s.sidorov", at, *words)

    def cron(self, at: str) -> tuple[list[str], list[str]]:
        """A pass in which nothing goes wrong: what it did with tickets of this test, and what it told of them."""
        said = self("cron", at, "sync", "run")
        assert said.code == 0, said
        numbers = self.bridge.numbers
        did = [one["action"] for one in said.json["actions"] if one["ticket"] in numbers]
        told = [one["message"] for one in said.json["told"]]
        return did, [one for one in told if any(number in one for number in numbers)]

    def inbox(self, at: str, *words: str, who: str = "a.petrova") -> list[Any]:
        """Open promises for tickets of this test."""
        rows = self(who, at, "inbox", *words).json["promises"]
        return [row for row in rows if row["ticket"] in self.bridge.numbers]


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[LiveBridge]:
    yield from opened(tmp_path)


@pytest.fixture
def managers(
    bridge: LiveBridge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Managers]:
    for name, value in bridge.environ.items():
        monkeypatch.setenv(name, value)
    made = Managers(bridge, capsys)
    made.cron("09:00")
    yield made


def until(found: Callable[[], bool]) -> None:
    """Waits for what a server goes on with by itself."""
    ends = time.monotonic() + 30
    while not found():
        assert time.monotonic() < ends, "it did not come about within 30 seconds"
        time.sleep(0.05)


def arrived(bridge: LiveBridge, subject: str, at: str, body: str) -> str:
    """A mail that Znuny takes in at a time on the studio's clock."""
    [number] = bridge.mails(subject, body=body, at=utc_text(moscow(f"{DAY} {at}")))
    return number


def by_kind(bridge: LiveBridge, number: str) -> dict[str, Sunk]:
    """The letters of ours about a ticket, none of them twice, all to the client."""
    found = [one for one in bridge.letters() if one.kind and number in one.subject]
    assert {one.to for one in found} == {JANE}
    made = {one.kind: one for one in found}
    assert len(made) == len(found), [one.subject for one in found]
    return made


def words(letter: Sunk) -> str:
    """The text of a letter on one line, with common spaces."""
    return " ".join(letter.text.split())


def held(ticket: Ticket) -> tuple[bool, str]:
    return ticket.locked, ticket.owner


def test_a_request_goes_over_the_desk_from_the_mail_to_the_done_letter(bridge: LiveBridge, managers: Managers) -> None:
    """Taken, estimated, agreed, set to work (killed in the middle), booked on, ended, told: each once, one story."""
    secret = f"Topf{time.time_ns()}"  # the index has no word of more than 30 letters
    number = arrived(bridge, "The order form", "11:59:30", f"It sends nothing, see {secret}.")
    managers.cron("12:01")
    waits(managers, number)
    taken_by_one(managers, number)
    estimated(managers, number)
    agreed(managers, number)
    issue = set_to_work(managers, number)
    used_up(managers, number, issue)
    ended(managers, number, issue)
    told_as_one_story(managers, number, issue)
    [hit] = managers.petrova("16:00", "ticket", "search", "form", secret.lower()).json
    assert (hit["ticket"], hit["issues"]) == (number, [issue])


def waits(managers: Managers, number: str) -> None:
    """The inbox has it with the due time that `cutoff` gives."""
    [row] = managers.inbox("12:02")
    promise = managers.petrova("12:02", "cutoff", f"{DAY}T11:59:30+03:00").json
    assert promise["due_at"] == "2026-11-18T15:00:00Z"
    told = {key: row[key] for key in ("ticket", "title", "client", "due_at", "locked_by", "minutes_left", "at_risk")}
    assert told == {
        "ticket": number,
        "title": "The order form",
        "client": "acme",
        "due_at": promise["due_at"],
        "locked_by": None,
        "minutes_left": 358,
        "at_risk": False,
    }
    assert row["acknowledged_at"] is not None
    assert row["estimated_at"] is None


def taken_by_one(managers: Managers, number: str) -> None:
    """Lock and owner stand in Znuny; nobody else takes it or works on it."""
    bridge = managers.bridge
    assert managers.petrova("12:03", "ticket", "take", f"AW: [Ticket#{number}] The order form").code == 0
    assert held(bridge.ticket(number)) == (True, "petrova")
    for refused in (
        managers.sidorov("12:03", "ticket", "take", number),
        managers.sidorov("12:03", "ticket", "estimate", number, "9:00"),
    ):
        assert (refused.code, refused.out) == (4, "")
        assert f"Ticket {number} is locked by a.petrova (petrova in OTRS)" in refused.err
        assert f"`ticket take {number} --force`" in refused.err
    assert held(bridge.ticket(number)) == (True, "petrova")
    assert bridge.ticket(number).field("Estimate") == ""
    [row] = managers.inbox("12:03", "--mine")
    assert row["locked_by"] == "petrova"
    typo = number[:-1] + str(int(number[-1]) % 9 + 1)
    wrong = managers.petrova("12:03", "ticket", "show", typo)
    assert (wrong.code, f"Likely it is {number}." in wrong.err) == (2, True)


def estimated(managers: Managers, number: str) -> None:
    """The client is told hours, cost and that both may differ: once, though the command is repeated."""
    bridge = managers.bridge
    assert managers.petrova("12:04", "ticket", "estimate", number, "0").code == 2
    first = managers.petrova("12:05", "ticket", "estimate", number, "3:30", "--note", "With tests.")
    assert (first.code, first.json["actions"][0]["action"]) == (0, "tell_estimate")
    again = managers.petrova("12:06", "ticket", "estimate", number, "3,5h")
    assert (again.code, again.json["actions"]) == (0, [])
    letter = by_kind(bridge, number)["estimate"]
    for part in (
        "Time: 3 hours 30 minutes Cost: €332.50 plus 19% VAT (€95.00 per hour) With tests.",
        "This is an estimate: the actual time may differ from it, up or down.",
    ):
        assert part in words(letter)
    assert bridge.ticket(number).field("Estimate") == "3:30"
    assert managers.inbox("12:06") == []


def agreed(managers: Managers, number: str) -> None:
    """The client answers; a pass takes it for no new request, the manager writes it down."""
    bridge = managers.bridge
    arrived(bridge, f"Re: [Ticket#{number}] Estimate", "12:20:00", "Yes, please begin.")
    managers.cron("12:21")
    assert managers.petrova("12:22", "ticket", "approve", number).code == 0
    assert bridge.ticket(number).field("Agreed") == "1"


def set_to_work(managers: Managers, number: str) -> int:
    """`ticket task` is killed while Znuny has its letter; repeated within the hold and after it, all is there once."""
    bridge = managers.bridge
    ticket_id = bridge.ticket(number).id
    at = f"/otrs/nph-genericinterface.pl/Webservice/{bridge.znuny['web_service']}/Ticket/{ticket_id}"
    # the first write to the ticket names the issue in it, the second is the letter
    with before(bridge.znuny["url"], hold=at, let=1) as (port, url):
        managers.through(url)
        killed = managers.start("a.petrova", "12:23", "ticket", "task", number)
        port.wait_for(at, 2)
        os.kill(killed.pid, signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL
        managers.through()
        early = managers.petrova("12:23:30", "ticket", "task", number)
        assert (early.code, [one["kind"] for one in early.json["held"]]) == (3, ["task_set"])
        port.let_go()
        until(lambda: _is_set(bridge, ticket_id))
    assert not bridge.ticket(number).closed
    late = managers.petrova("12:25", "ticket", "task", number)
    assert late.code == 0
    assert ("tell_task_set", "found") in [(one["action"], one["ending"]) for one in late.json["actions"]]
    [issue] = bridge.issues(number)
    assert f"Ticket#{number}" in issue["description"] and "Yes, please begin." in issue["description"]
    assert issue["estimated_hours"] == 3.5
    ticket = bridge.ticket(number)
    assert (ticket.state, ticket.field("RedmineIssue")) == ("closed successful", str(issue["id"]))
    assert managers.petrova("12:26", "ticket", "task", number).json["said"] == [f"Its issue is there: #{issue['id']}."]
    return int(issue["id"])


def _is_set(bridge: LiveBridge, ticket_id: int) -> bool:
    """Whether the letter that the task is set stands at the ticket."""
    [ticket] = bridge.petrova.tickets([ticket_id], articles="all").tickets
    return any("Your task is set up" in one.subject for one in ticket.articles)


def used_up(managers: Managers, number: str, issue: int) -> None:
    """The manager is told at 80 %, once, by the first pass of the next hour; the client never."""
    bridge = managers.bridge
    assert managers.cron("12:30") == ([], [])
    activity = bridge.rest("GET", "/enumerations/time_entry_activities.json")["time_entry_activities"][0]["id"]
    booked = {"issue_id": issue, "hours": "2:48", "activity_id": activity}  # 168 of 210 minutes
    bridge.rest("POST", "/time_entries.json", {"time_entry": booked})
    did, [told] = managers.cron("13:01")
    assert f"ticket {number}: 2:48 h of the estimated 3:30 h are booked on its issue #{issue} (80 %)" in told
    assert did == []
    assert managers.cron("14:01") == ([], [])
    early = managers.petrova("14:02", "ticket", "done", number)
    assert (early.code, f"#{issue} (New)" in early.err) == (4, True)


def ended(managers: Managers, number: str, issue: int) -> None:
    """The client is told once that it is done: by the command, then neither by passes nor by the command again."""
    bridge = managers.bridge
    bridge.set_status(issue)
    assert managers.petrova("15:00", "ticket", "done", number, "--note", "It sends again.").code == 0
    for at in ("15:10", "15:20"):
        assert managers.cron(at) == ([], [])
    again = managers.petrova("15:21", "ticket", "done", number)
    assert again.json["said"] == [f"The client was told on {DAY} 15:00 that it is done; nothing was sent now."]
    letters = by_kind(bridge, number)
    assert list(letters) == ["received", "estimate", "task_set", "done"]
    assert "It sends again." in words(letters["done"])


def told_as_one_story(managers: Managers, number: str, issue: int) -> None:
    """Mails, lock, promise, estimate, what people did, issue and booked minutes, for whoever stands in."""
    story = managers.sidorov("15:30", "ticket", "show", number).json
    assert [one["who"] for one in story["mails"]] == ["client", "us", "us", "client", "us", "us"]
    assert [one["first_lines"] for one in story["mails"] if one["who"] == "client"][1] == ["Yes, please begin."]
    told = {key: story[key] for key in ("state", "client", "locked_by", "owner", "estimate_minutes", "agreed")}
    assert told == {
        "state": "closed successful",
        "client": "acme",
        "locked_by": None,
        "owner": "petrova",
        "estimate_minutes": 210,
        "agreed": True,
    }
    [promise] = story["promises"]
    assert promise["due_local"] == f"{DAY}T18:00:00+03:00"
    assert promise["acknowledged_at"] < promise["estimated_at"] < promise["due_at"]
    assert [one["did"] for one in story["desk"]] == ["take", "estimate", "approve", "task", "done"]
    assert {one["person"] for one in story["desk"]} == {"a.petrova"}
    [work] = story["issues"]
    told = {key: work[key] for key in ("issue", "status", "estimated_minutes", "booked_minutes")}
    assert told == {"issue": issue, "status": "Closed", "estimated_minutes": 210, "booked_minutes": 168}


def test_a_call_is_confirmed_in_writing_and_an_apology_is_ordered_by_a_person(
    bridge: LiveBridge, managers: Managers
) -> None:
    """No pass apologises for what was missed; the stand-in of who is away takes over and does, once."""
    late = arrived(bridge, "A new page", "12:00:00", "With a map.")
    call = ["ticket", "new", "--channel", "phone", "--customer", JANE, "--title", "Banner", "--text", "By Friday."]
    made = managers.petrova("12:10", *call)
    phone = made.json["ticket"]
    bridge.numbers.append(phone)
    assert (made.code, made.json["created"]) == (0, True)
    again = managers.petrova("12:11", *call)
    assert (again.code, again.json["ticket"], again.json["created"]) == (0, phone, False)
    managers.cron("12:12")
    letters = by_kind(bridge, phone)
    assert list(letters) == ["in_writing"]
    asked = letters["in_writing"]
    assert "Thank you for your call." in words(asked) and "Please confirm it in writing" in words(asked)
    both = [managers.start(who, "12:13", "ticket", "take", late) for who in ("a.petrova", "s.sidorov")]
    codes = sorted(one.wait() for one in both)
    assert codes[0] == 0 and codes[1] in (4, 5), codes
    managers.petrova("12:14", "ticket", "take", late, "--force")
    assert held(bridge.ticket(late)) == (True, "petrova")
    early = managers.petrova("12:15", "ticket", "apologise", late)
    assert (early.code, "is not missed: it is due 2026-11-19 12:00" in early.err) == (4, True)
    missed_and_apologised(managers, late)


def missed_and_apologised(managers: Managers, number: str) -> None:
    bridge = managers.bridge
    after = f"{NEXT_DAY}T14:00"
    assert managers.cron(after)[0] == []
    [row] = managers.inbox(after, "--mine", "--at-risk", who="s.sidorov")
    assert (row["ticket"], row["risk"], row["stand_in"]) == (number, "missed", "s.sidorov")
    assert managers.sidorov(after, "inbox", "--at-risk").code == 3
    refused = managers.sidorov(after, "ticket", "apologise", number)
    assert refused.code == 4
    assert "away until 2026-11-20" in refused.err and f"You stand in: `ticket take {number} --force`" in refused.err
    assert managers.sidorov(after, "ticket", "take", number, "--force").code == 0
    assert held(bridge.ticket(number)) == (True, "sidorov")
    for _ in range(2):
        assert managers.sidorov(after, "ticket", "apologise", number).code == 0
    letters = by_kind(bridge, number)
    assert list(letters) == ["received", "apology"]
    assert "We had promised to answer your request “A new page” today by 12:00" in words(letters["apology"])
