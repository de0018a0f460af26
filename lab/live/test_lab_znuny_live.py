"""The lab's Znuny, in a lab of its own beside whatever runs already, and wiped again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

LAB = Path(__file__).resolve().parent.parent
NAME = f"selftest-znuny-{os.getpid()}"
pytestmark = pytest.mark.live


def run(script: str, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [LAB / script, "--name", NAME, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, Any]]:
    state = Path(tempfile.mkdtemp(prefix="studio-support-lab-", dir="/var/lib"))
    state.chmod(0o755)  # its servers' users come here too
    patch = pytest.MonkeyPatch()
    patch.setenv("STUDIO_LAB_STATE", str(state))
    try:
        try:
            yield json.loads(run("up", "--only", "znuny", "--json"))
        finally:
            run("down", "--wipe")
        assert not (state / NAME).exists()
        shutil.rmtree(state)
    finally:
        patch.undo()


@pytest.fixture
def clean(lab: dict[str, Any]) -> dict[str, Any]:
    run("reset", "--to", "base", "--mail")
    return lab


def call(lab: dict[str, Any], method: str, path: str, body: Any = None, user: str = "robot") -> Any:
    request = urllib.request.Request(  # noqa: S310 - the lab's own address
        lab["znuny"]["web_service_url"] + path,
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={
            "Content-Type": "application/json",
            "X-OTRS-Header-UserLogin": user,
            "X-OTRS-Header-Password": lab["znuny"]["users"][user],
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
        return json.load(answer)


def ticket(lab: dict[str, Any], id: int) -> Any:
    body = {"TicketID": [id], "DynamicFields": 1, "AllArticles": 1}
    [found] = call(lab, "POST", "/TicketList", body)["Ticket"]
    return found


def mail(subject: str, *headers: str) -> str:
    lines = ["From: Jane Doe <jane@acme.test>", "To: support@studio.test", f"Subject: {subject}", *headers]
    return "\n".join([*lines, "", "Please mend it.", ""])


def letters(lab: dict[str, Any]) -> list[tuple[list[str], str]]:
    """Recipients and subject of what the sink has."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(lab["smtp"]["dir"]).glob("*.json"))]
    return [(message["rcpt_tos"], message["subject"]) for message in found]


def auto(article: Any) -> Any:
    return {field["Name"]: field["Value"] for field in article["DynamicField"]}["AutoSubmitted"]


def test_it_runs_without_redmine_and_writes_nothing_into_the_package(lab: dict[str, Any]) -> None:
    """Its configuration is deployed in its own home; a second `up` changes nothing."""
    assert lab["running"] == {"postgres": True, "smtp": True, "znuny": True}
    assert (Path(lab["znuny"]["home"]) / "Kernel/Config/Files/ZZZAAuto.pm").exists()
    assert not Path("/usr/share/otrs/Kernel/Config/Files/ZZZAAuto.pm").exists()
    before = (Path(lab["dir"]) / "znuny.process").read_text(encoding="utf-8")
    assert json.loads(run("up", "--json")) == lab
    assert (Path(lab["dir"]) / "znuny.process").read_text(encoding="utf-8") == before


def test_a_mail_comes_in_at_the_very_second_asked_for(clean: dict[str, Any]) -> None:
    """However long Perl takes to start: one second before noon stays before noon."""
    for at in ("2026-11-20 11:59:59", "2026-11-20 12:00:00"):
        made = json.loads(run("mail", "--at", at, stdin=mail("Noon")))
        assert made["created"] == at
        assert made["ticket_number"].startswith("20261120")
        first = ticket(clean, made["ticket_id"])["Article"][0]
        arrived = datetime.fromtimestamp(first["IncomingTime"], UTC)
        assert arrived.isoformat(sep=" ") == f"{at}+00:00"
        assert first["SenderType"] == "customer"


def test_its_own_reply_goes_out_once_and_can_be_switched_off(clean: dict[str, Any]) -> None:
    made = json.loads(run("mail", stdin=mail("First")))
    run("auto-reply", "off")
    run("mail", stdin=mail("Second"))
    assert json.loads(run("mail-flush"))["queued"] == 1
    assert letters(clean) == [(["jane@acme.test"], f"[Ticket#{made['ticket_number']}] RE: First")]
    run("auto-reply", "on")
    run("mail", stdin=mail("Third"))
    assert json.loads(run("mail-flush"))["queued"] == 1


def test_mails_of_machines_are_marked_each_by_itself(clean: dict[str, Any]) -> None:
    """The field is the article's, for the mail that makes a ticket and for those that follow."""
    made = json.loads(run("mail", stdin=mail("Away", "Auto-Submitted: auto-replied (vacation)")))
    tag = f"[Ticket#{made['ticket_number']}]"
    for headers in ([], ["Auto-Submitted: no"], ["Auto-Submitted: auto-generated"]):
        followed = json.loads(run("mail", stdin=mail(f"Re: {tag} Away", *headers)))
        assert followed["ticket_id"] == made["ticket_id"]
    articles = ticket(clean, made["ticket_id"])["Article"]
    assert [auto(article) for article in articles] == ["auto-replied", "no", "no", "auto-generated"]


def test_letters_and_fields_over_rest(clean: dict[str, Any]) -> None:
    """What the product writes: fields, a letter to the client, found again by field and in the history."""
    made = json.loads(run("mail", stdin=mail("Logo")))
    article = {
        "ArticleSend": 1, "To": "jane@acme.test", "SenderType": "agent", "IsVisibleForCustomer": 1,
        "Subject": "Done", "Body": "<p>1 &lt; 2</p>", "ContentType": "text/html; charset=utf-8",
    }  # fmt: skip
    fields = [{"Name": "Urgency", "Value": "critical"}, {"Name": "ToRedmine", "Value": 1}]
    call(clean, "PATCH", f"/Ticket/{made['ticket_id']}", {"Article": article, "DynamicField": fields})
    found = call(clean, "POST", "/TicketSearch", {"DynamicField_Urgency": {"Equals": "critical"}})
    assert found == {"TicketID": [str(made["ticket_id"])]}
    [history] = call(clean, "POST", "/TicketHistory", {"TicketID": [made["ticket_id"]]})["TicketHistory"]
    assert "TicketDynamicFieldUpdate" in {line["HistoryType"] for line in history["History"]}
    run("mail-flush")
    assert (["jane@acme.test"], f"[Ticket#{made['ticket_number']}] Done") in letters(clean)


def test_rights_are_as_told(clean: dict[str, Any]) -> None:
    """`blind` sees nothing, the robot only the support queues, hours are told to those in the group for it."""
    run("mail", stdin=mail("Seen"))
    assert call(clean, "POST", "/TicketSearch", {"Limit": 9}, "blind") == {}
    assert len(call(clean, "POST", "/TicketSearch", {"Limit": 9})["TicketID"]) == 1
    days = {"TimeAccountingStart": "2026-11-01 00:00:00", "TimeAccountingEnd": "2026-12-01 00:00:00"}
    hours = {"TimeAccountingUserLogin": "robot", **days}
    assert "Error" not in call(clean, "POST", "/TimeAccounting", hours)
    refused = call(clean, "POST", "/TimeAccounting", hours, "petrova")
    assert refused["Error"]["ErrorCode"] == "TimeAccountingGet.NoPermission"


def test_many_tickets_and_a_clean_state_again(clean: dict[str, Any]) -> None:
    """Seeded tickets read as real ones do; what is put back is put back in Znuny's cache as well."""
    run("seed-tickets", "--count", "200", "--since", "2026-10-01 08:00:00", "--until", "2026-10-02 20:00:00")
    since = {"TicketLastChangeTimeNewerDate": "2026-10-01 00:00:00", "Limit": 1000}
    ids = [int(id) for id in call(clean, "POST", "/TicketSearch", since)["TicketID"]]
    assert len(ids) == 200
    batch = call(clean, "POST", "/TicketList", {"TicketID": ids[:100], "AllArticles": 1})["Ticket"]
    assert {one["Article"][0]["SenderType"] for one in batch} == {"customer"}
    first = batch[0]
    made = json.loads(run("mail", "--at", "2026-10-02 10:00:00", stdin=mail(f"Re: [Ticket#{first['TicketNumber']}]")))
    assert made["ticket_id"] == first["TicketID"]
    new = json.loads(run("mail", "--at", "2026-10-02 11:00:00", stdin=mail("One more")))
    assert new["ticket_id"] not in ids
    call(clean, "PATCH", f"/Ticket/{first['TicketID']}", {"Ticket": {"Title": "Changed"}})
    assert ticket(clean, first["TicketID"])["Title"] == "Changed"
    run("keep", "changed")
    run("reset", "--to", "base")
    run("seed-tickets", "--count", "200", "--since", "2026-10-01 08:00:00", "--until", "2026-10-02 20:00:00")
    assert ticket(clean, first["TicketID"])["Title"] == first["Title"]
    assert len(ticket(clean, first["TicketID"])["Article"]) == len(first["Article"])
    run("reset", "--to", "changed")
    assert ticket(clean, first["TicketID"])["Title"] == "Changed"


def test_many_mails_in_one_go(clean: dict[str, Any], tmp_path: Path) -> None:
    """Each is a ticket of its own, in the order given, with its own reply."""
    paths = [tmp_path / f"{place}.eml" for place in range(3)]
    for place, path in enumerate(paths):
        path.write_text(mail(f"Request {place}"), encoding="utf-8")
    made = json.loads(run("mail", "--at", "2026-11-20 09:00:00", *map(str, paths)))
    assert [ticket(clean, one["ticket_id"])["Title"] for one in made] == ["Request 0", "Request 1", "Request 2"]
    assert json.loads(run("mail-flush"))["queued"] == 3
