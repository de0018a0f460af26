"""The bridge on real servers: from a client's mail to an issue and back, counted in the client's mailbox."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from studio_support.sync.run import Pass
from tests.live_bridge import JANE, LiveBridge, mail, moscow, opened, utc_text
from tests.proxies import Port, before

pytestmark = pytest.mark.live
# A pass with nothing new: one search and two requests to Redmine, a fourth where something is owed, a fifth where
# the changes of the last minutes are read again.
QUIET, QUIET_IN_OVERLAP = 4, 5


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[LiveBridge]:
    yield from opened(tmp_path)


class Watch:
    """Passes with their requests and seconds; before both servers stands a proxy that sees what really comes by."""

    def __init__(self, bridge: LiveBridge, tickets: tuple[Port, str], issues: tuple[Port, str]) -> None:
        self.bridge = bridge
        self._ports = (tickets[0], issues[0])
        self._urls = {"otrs": tickets[1], "redmine": issues[1]}
        self.lines: list[str] = []

    def configure(self, *, overlap: int) -> None:
        """The studio's files, with the proxies in place of the servers."""
        self.bridge.configure(**self._urls, overlap=overlap)

    def sync(self, what: str, **told: Any) -> Pass:
        """One pass, in which nothing goes wrong."""
        self.passed()
        began = time.monotonic()
        made = self.bridge.sync(**told)
        seconds = time.monotonic() - began
        asked = self.passed()
        assert made.failures == ()
        # what ends a session comes after the pass has counted
        assert asked in (made.requests, made.requests + 1)
        self.lines.append(f"{what}: {made.requests} requests, {seconds:.2f} s")
        return made

    def passed(self) -> int:
        """Requests that came by since the last look: each is told of before the server has it."""
        return sum(len(port.requests(0)) for port in self._ports)


@pytest.fixture
def watch(bridge: LiveBridge) -> Iterator[Watch]:
    with before(bridge.info["redmine"]["url"]) as issues, before(bridge.znuny["url"]) as tickets:
        yield Watch(bridge, tickets, issues)


def promises(bridge: LiveBridge) -> list[tuple[str, int, str]]:
    """Due times in UTC by ticket number and round, read past the product."""
    query = (
        "select t.number, p.round, p.due_at from sync_promises p join sync_tickets t on t.ticket_id = p.ticket_id"
        " order by 1, 2"
    )
    with closing(sqlite3.connect(bridge.folder / "studio-support.db")) as store:
        return [(number, round_, due[:16]) for number, round_, due in store.execute(query)]


def test_a_mail_before_noon_and_one_at_noon_go_all_the_way_and_done_is_told_once(
    bridge: LiveBridge, watch: Watch
) -> None:
    """Wednesday 2026-11-18: 11:59:30 is answered by closing time, 12:00:00 by noon of Thursday.

    Requests and seconds are printed (pytest -rP).
    """
    watch.configure(overlap=0)
    [early] = bridge.mails("The order form sends nothing", at=utc_text(moscow("2026-11-18 11:59:30")))
    [late] = bridge.mails("A new page", at=utc_text(moscow("2026-11-18 12:00:00")))
    noon = moscow("2026-11-18 12:01:00")
    watch.sync("two new mails", at=noon, since=moscow("2026-11-18 00:00:00"))
    assert promises(bridge) == [(early, 1, "2026-11-18T15:00"), (late, 1, "2026-11-19T09:00")]
    assert bridge.counted() == {(early, "received", 1): 1, (late, "received", 1): 1}
    first, second = bridge.letters()
    assert (first.to, second.to) == (JANE, JANE)
    assert "today by 18:00" in first.text.replace("\r\n", " ")
    assert "tomorrow, Thursday 19" in second.text and "by 12:00" in second.text.replace("\r\n", " ")
    bridge.move(early)
    watch.sync("one becomes an issue")
    [issue] = bridge.issues(early)
    assert f"Ticket#{early}" in issue["description"] and "Please mend it." in issue["description"]
    assert issue["project"]["id"] == bridge.project_id
    ticket = bridge.ticket(early)
    assert (ticket.state, ticket.field("RedmineIssue")) == ("closed successful", str(issue["id"]))
    assert not bridge.ticket(late).closed
    bridge.set_status(issue["id"])
    watch.sync("its issue is closed")
    wanted = Counter({(early, kind, 1): 1 for kind in ("received", "task_set", "done")})
    wanted[late, "received", 1] = 1
    assert bridge.counted() == wanted
    [told] = [one for one in bridge.letters() if one.kind == "done"]
    assert told.to == JANE and f"Ticket#{early}" in told.subject
    for _ in range(3):
        made = watch.sync("nothing new")
        assert made.plan.actions == ()
    assert bridge.counted() == wanted
    assert {one.kind for one in bridge.letters()} == {"received", "task_set", "done"}
    assert made.requests <= QUIET
    watch.configure(overlap=10)
    watch.sync("the overlap begins")
    made = watch.sync("nothing new, within the overlap")
    assert made.plan.actions == () and made.requests <= QUIET_IN_OVERLAP
    assert bridge.run_command("sync", "run")[0] == 0
    assert bridge.counted() == wanted
    print("\n".join(watch.lines))  # noqa: T201 - figures for the release notes


def test_what_people_do_by_hand_is_joined(bridge: LiveBridge) -> None:
    """Eight tickets of one client through five passes: all that managers and clients do beside the bridge."""
    bridge.configure(overlap=0)
    bridge.sync()
    twice, later, thanks, linked, answered, merged = bridge.mails(
        "Done twice", "Followed up", "Thanked for", "Issue by hand", "Answered by hand", "Merged"
    )
    absent = mail("Holiday", "I am back on Monday.", JANE, bridge.znuny["address"])
    bridge.raw_mails(b"Auto-Submitted: auto-replied\n" + absent)  # nobody is written to
    bridge.petrova.send_letter(
        bridge.ticket(answered).id, to=JANE, subject="Your request", text="I am on it.", key="by/hand"
    )
    phone = bridge.petrova.create_ticket(
        title="By phone", queue="Support", customer_user=JANE, body="She rang.", channel="phone"
    ).number
    bridge.numbers.append(phone)
    bridge.sync()
    wanted = Counter({(one, "received", 1): 1 for one in (twice, later, thanks, linked, merged)})
    wanted[phone, "in_writing", 1] = 1
    assert bridge.counted() == wanted

    bridge.move(twice, later, thanks, merged)
    by_hand = bridge.issue_by_hand("Made by a manager", description=f"See Ticket#{linked}")
    bridge.sync()
    for one in (twice, later, thanks, merged, linked):
        wanted[one, "task_set", 1] = 1
        assert bridge.ticket(one).closed
    assert bridge.counted() == wanted
    assert bridge.ticket(linked).field("RedmineIssue") == str(by_hand)
    assert bridge.issues(linked) == []
    issues = {one: bridge.issues(one)[0]["id"] for one in (twice, later, thanks, merged)}

    bridge.set_status(issues[twice])
    bridge.follow_up(later, "One more thing: the footer is wrong.")
    bridge.follow_up(thanks, "Thank you very much!\n\nJane Doe")
    assert not bridge.ticket(thanks).closed
    bridge.sync()
    wanted |= Counter({(twice, "done", 1): 1, (later, "received", 2): 1})
    assert bridge.counted() == wanted
    assert bridge.ticket(thanks).closed
    assert not bridge.ticket(later).closed
    assert [round_ for number, round_, _ in promises(bridge) if number == later] == [1, 2]
    [note] = bridge.notes(issues[later])
    assert "the footer is wrong" in note and f"Ticket#{later}" in note
    assert bridge.notes(issues[thanks]) == []

    bridge.set_status(issues[twice], "In Progress")
    bridge.merge(merged, into=linked)
    bridge.sync()
    assert bridge.counted() == wanted

    for issue in (issues[twice], issues[merged], by_hand):
        bridge.set_status(issue)
    bridge.sync()
    wanted |= Counter({(twice, "done", 2): 1, (linked, "done", 1): 1})
    assert bridge.counted() == wanted
    assert bridge.settle()[-1].plan.actions == ()
    assert bridge.counted() == wanted
    assert [len(bridge.issues(one)) for one in (twice, later, thanks, linked, merged, answered)] == [1, 1, 1, 0, 1, 0]
