"""After the close, on the lab: letters to the mail sink, and invoices taken back."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.live_studio import Desk, Lab

pytestmark = pytest.mark.live

SIZE = ("--clients", "12", "--entries", "1800")
SEPTEMBER_CLOSED = "2026-10-01T09:00:00+03:00"
OCTOBER_CLOSED = "2026-11-01T09:00:00+03:00"
NOW = "2026-11-02T09:00:00+03:00"
OCTOBER = ("2026-10-01", "2026-10-31")


@pytest.fixture(scope="module")
def lab(lab_info: dict[str, Any]) -> Lab:
    return Lab(lab_info)


@pytest.fixture(scope="module")
def closed(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """September and October of twelve clients, each closed on the morning after; to be copied."""
    desk = Desk.seeded(lab, tmp_path_factory.mktemp("closed"), *SIZE)
    lab.wind_back()
    for month, instant in (("2026-09", SEPTEMBER_CLOSED), ("2026-10", OCTOBER_CLOSED)):
        lab.wind_to(datetime.fromisoformat(instant))
        assert desk.run("bill", "close", month, as_of=instant).code == 0
    return desk


@pytest.fixture
def desk(closed: Desk, tmp_path: Path) -> Desk:
    """A studio of its own with both months closed; nobody has a letter yet."""
    for path in Path(closed.lab.info["smtp"]["dir"]).iterdir():
        path.unlink()
    return closed.copied(tmp_path / "studio")


def _invoices(desk: Desk, month: str = "2026-10") -> dict[str, dict[str, Any]]:
    """The invoices of a month that stand, by client."""
    listed = desk.run("invoice", "list", "--month", month).data
    return {row["client"]: row for row in listed if row["kind"] == "invoice" and row["state"] == "issued"}


def _received(lab: Lab) -> Counter[str]:
    return Counter(recipient for letter in lab.letters() for recipient in letter["rcpt_tos"])


def _text(lab: Lab, letter: dict[str, Any]) -> str:
    raw = (Path(lab.info["smtp"]["dir"]) / letter["eml"]).read_bytes()
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_each_client_gets_one_letter_whose_link_opens_his_invoice(lab: Lab, desk: Desk) -> None:
    """Sent once, however often the command is repeated."""
    invoices = _invoices(desk)
    shown = desk.run("bill", "send", "2026-10", "--dry-run", as_of=NOW)
    assert (shown.code, lab.letters()) == (0, [])
    sent = desk.run("bill", "send", "2026-10", as_of=NOW)
    assert sent.code == 0
    assert {row["state"] for row in sent.data["letters"]} == {"accepted"}
    again = desk.run("bill", "send", "2026-10", as_of=NOW)
    assert again.code == 0
    assert again.data["letters"] == sent.data["letters"]
    assert _received(lab) == Counter(f"accounts@{client}.example" for client in invoices)
    for letter in lab.letters():
        (recipient,) = letter["rcpt_tos"]
        number = invoices[recipient.removeprefix("accounts@").removesuffix(".example")]["number"]
        (link,) = re.findall(r"file://\S+", _text(lab, letter))
        assert number in Path(unquote(urlsplit(link).path)).read_text("utf-8")


def test_refused_and_uncertain_letters_wait_for_a_person(lab: Lab, desk: Desk) -> None:
    """Exit 3 names both; nothing is repeated by itself; --again keeps the Message-ID, and uses a corrected address."""
    desk.edit("clients/client-0001.toml", "accounts@", "reject@")
    desk.edit("clients/client-0002.toml", "accounts@", "cut@")
    invoices = _invoices(desk)
    sent = desk.run("bill", "send", "2026-10", as_of=NOW)
    assert sent.code == 3
    states = {row["client"]: row["state"] for row in sent.data["letters"]}
    assert (states.pop("client-0001"), states.pop("client-0002")) == ("refused", "uncertain")
    assert set(states.values()) == {"accepted"}
    assert len(sent.data["problems"]) == 2
    assert all(problem["next_step"] for problem in sent.data["problems"])
    arrived = _received(lab)
    assert desk.run("bill", "send", "2026-10", as_of=NOW).code == 3
    assert _received(lab) == arrived
    assert arrived["cut@client-0002.example"] == 1

    uncertain = desk.run("invoice", "send", invoices["client-0002"]["number"], "--again", as_of=NOW)
    assert uncertain.code == 3
    twice = [letter for letter in lab.letters() if letter["rcpt_tos"] == ["cut@client-0002.example"]]
    assert len(twice) == 2
    assert len({letter["message_id"] for letter in twice}) == 1

    desk.edit("clients/client-0001.toml", "reject@", "accounts@")
    corrected = desk.run("invoice", "send", invoices["client-0001"]["number"], "--again", as_of=NOW)
    assert corrected.code == 0
    assert _received(lab)["accounts@client-0001.example"] == 1
    for client in set(invoices) - {"client-0001", "client-0002"}:
        assert _received(lab)[f"accounts@{client}.example"] == 1


def _content(draft: dict[str, Any]) -> dict[str, Any]:
    return {name: draft[name] for name in ("minutes", "booked_minutes", "net", "tax", "gross", "lines", "taxes")}


def _drafts(desk: Desk, month: str, client: str) -> list[dict[str, Any]]:
    done = desk.run("bill", "close", month, "--client", client, as_of=NOW)
    assert done.code == 0, done.out
    return list(done.data["drafts"])


def test_cancelled_invoice_is_issued_anew_with_every_minute(lab: Lab, desk: Desk) -> None:
    """A number of its own for the cancellation, a new one for the invoice; late time is billed again with it."""
    before = {draft["client"]: draft for draft in desk.run("bill", "close", "2026-10", as_of=NOW).data["drafts"]}
    old = next(draft for draft in before.values() if any(line["heading"] for line in draft["lines"]))
    client, seller = old["client"], old["number"][:1]
    last = max(row["number"] for row in before.values() if row["number"].startswith(seller))
    assert desk.run("bill", "send", "2026-10", "--client", client, as_of=NOW).code == 0
    page = Path(unquote(urlsplit(old["link"]).path))
    assert page.exists()

    cancelled = desk.run("invoice", "cancel", old["number"], "--reason", "Wrong order number", as_of=NOW)
    assert cancelled.code == 0
    number = cancelled.data["number"]
    assert _serial(number) == _serial(last) + 1
    assert not page.exists()
    assert client not in _invoices(desk)
    open_again = desk.run("bill", "reconcile", "2026-10", as_of=NOW).data
    assert open_again["balanced"] is True
    freed = next(row for row in open_again["clients"] if row["client"] == client)
    own = [line["booked_minutes"] for line in old["lines"] if line["heading"] is None and line["label"] is None]
    assert (freed["billed"], freed["unbilled"]) == (0, sum(own))

    (new,) = _drafts(desk, "2026-10", client)
    assert _serial(new["number"]) == _serial(number) + 1
    assert _content(new) == _content(old)
    assert new["link"] != old["link"]
    after = {draft["client"]: draft for draft in desk.run("bill", "close", "2026-10", as_of=NOW).data["drafts"]}
    assert {**after, client: old} == before
    certificate = desk.run("bill", "reconcile", "2026-10", as_of=NOW).data
    assert certificate["balanced"] is True
    assert certificate["minutes"]["unbilled"] == 0
    assert certificate["minutes"]["booked"] == lab.booked_minutes(*OCTOBER)
    assert {row["invoice"] for row in certificate["entries"] if row["client"] == client} <= {new["number"], None}
    assert desk.run("numbers", "audit").code == 0
    assert desk.run("db", "check").code == 0

    assert desk.run("bill", "send", "2026-10", "--client", client, as_of=NOW).code == 0
    told = " ".join(letter["subject"] for letter in lab.letters())
    assert [told.count(name) for name in (old["number"], number, new["number"])] >= [1, 1, 1]
    assert _received(lab)[f"accounts@{client}.example"] == 3  # the invoice, its cancellation, the new invoice


def _serial(number: str) -> int:
    return int(number.rpartition("-")[2])


def test_cancelled_month_before_the_last_is_issued_anew_as_it_was(lab: Lab, desk: Desk) -> None:
    """September taken back when October stands already: its own time comes back, October keeps what it has."""
    september = _invoices(desk, "2026-09")["client-0003"]
    october = desk.run("bill", "close", "2026-10", as_of=NOW).data["drafts"]
    (old,) = _drafts(desk, "2026-09", "client-0003")
    assert old["number"] == september["number"]
    assert desk.run("invoice", "cancel", old["number"], "--reason", "Wrong address", as_of=NOW).code == 0
    (new,) = _drafts(desk, "2026-09", "client-0003")
    assert new["number"] != old["number"]
    assert _content(new) == _content(old)
    assert desk.run("bill", "close", "2026-10", as_of=NOW).data["drafts"] == october
    certificate = desk.run("bill", "reconcile", "2026-09", as_of=NOW).data
    assert certificate["balanced"] is True
    assert certificate["minutes"]["unbilled"] == 0
    assert desk.run("numbers", "audit").code == 0
