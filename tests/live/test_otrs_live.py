"""The contract suite of OtrsClient on the lab's real Znuny, and what only a real one can show."""

from __future__ import annotations

import email
import email.policy
import importlib.util
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from studio_support.errors import OtrsRefused, OutcomeUnknown
from studio_support.otrs.client import OtrsClient
from tests.waiting import until

_ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.live


def _suite(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{name}_suite", _ROOT / "tests" / "contract" / f"test_{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The suites become this module's own; `desk` and `wire` are those below.
TestOtrsContract = _suite("otrs_contract").TestOtrsContract
_habits = _suite("otrs_habits")
TestOtrsHabits = _habits.TestOtrsHabits


def test_the_whole_suite_is_here() -> None:
    """A suite that was not found would pass in silence."""
    assert sum(name.startswith("test_") for name in vars(TestOtrsContract)) > 15
    assert sum(name.startswith("test_") for name in vars(TestOtrsHabits)) > 15


class LabDesk:
    """The lab's Znuny behind the handles of the suite. Tickets of its own making are deleted in the end."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.info = info
        self.znuny = info["znuny"]
        self.numbers: list[str] = []
        self.opened: list[OtrsClient] = []

    def script(self, name: str, *arguments: str, stdin: str = "") -> str:
        """A command of the lab."""
        command = [str(_ROOT / "lab" / name), "--name", self.info["name"], *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def client(self, user: str = "robot", **options: Any) -> OtrsClient:
        """A client on the lab's server."""
        password = options.pop("password", self.znuny["users"][user])
        told = {"timeout_seconds": 30, "backoff_seconds": 0.05, "timezone": self.znuny["timezone"], **options}
        client = OtrsClient(
            self.znuny["url"], told.pop("web_service", self.znuny["web_service"]), user, password, **told
        )
        self.opened.append(client)
        return client

    def now(self) -> datetime:
        """The server's clock is the machine's."""
        return datetime.now(UTC).replace(microsecond=0)

    def mail(self, subject: str, body: str, sender: str = "jane@acme.test") -> str:
        """A mail through the server's own PostMaster."""
        message = EmailMessage()
        message["From"] = Address("Jane Doe", addr_spec=sender)
        message["To"] = self.znuny["address"]
        message["Subject"] = subject
        message["Message-ID"] = f"<{time.monotonic_ns()}@acme.test>"
        message.set_content(body)
        printed = self.script("mail", stdin=message.as_string())
        number = re.search(rf"\d{{8}}{self.znuny['system_id']}\d+", printed)
        assert number is not None, printed
        self.numbers.append(number[0])
        return number[0]

    def letters(self, number: str) -> list[str]:
        """Plain texts of what the mail sink has about a ticket."""
        self.script("mail-flush")
        found = []
        for path in sorted(Path(self.info["smtp"]["dir"]).glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if number in str(message["Subject"]) and (part := message.get_body(("plain",))) is not None:
                found.append(str(part.get_content()))
        return found

    def end_sessions(self) -> None:
        """Our agent's sessions are taken away, as if they had ended."""
        with psycopg.connect(self.info["postgres"]["znuny_dsn"]) as database:
            database.execute(
                "delete from sessions where session_id in"
                " (select session_id from sessions where data_key = 'UserLogin' and data_value = 'robot')"
            )

    def close(self) -> None:
        """Ends sessions, deletes tickets."""
        for client in self.opened:
            client.close()
        if self.numbers:
            told = [part for number in sorted({*self.numbers}) for part in ("--ticket-number", number)]
            self.script("otrs-console", "Maint::Ticket::Delete", *told)


@pytest.fixture
def desk(lab_info: dict[str, Any]) -> Iterator[LabDesk]:
    """The lab's Znuny."""
    made = LabDesk(lab_info)
    yield made
    made.close()


@pytest.fixture
def wire(lab_info: dict[str, Any], desk: LabDesk) -> Any:
    """Bare calls to the lab's Znuny."""
    made = _habits.Wire(desk.znuny["web_service_url"], desk.znuny["users"])
    made.numbers = desk.numbers
    return made


class AccessLog:
    """What the web server writes down of requests from now on."""

    def __init__(self, desk: LabDesk) -> None:
        [self._path] = Path(desk.znuny["logs"]).glob("*access*")
        self._start = self._path.stat().st_size

    def text(self, requests: int) -> str:
        """It holds so many requests at least; waited for, since each is written down after its answer."""
        until(lambda: self._read().count("\n") >= requests, f"{requests} requests in the log")
        return self._read()

    def _read(self) -> str:
        with self._path.open("rb") as log:
            log.seek(self._start)
            return log.read().decode("utf-8", "replace")


def test_neither_password_nor_session_stands_in_the_access_log(desk: LabDesk) -> None:
    """A whole life of a client: login by header, session, who we are, its end."""
    number, log = desk.mail("Log", "x"), AccessLog(desk)
    client = desk.client()
    ticket = client.ticket_by_number(number)
    assert ticket is not None
    client.me()
    session = client._calls._session
    assert session
    client.update_ticket(ticket.id, title="Logged")
    client.close()
    written = log.text(client.requests)
    assert f'"PATCH /otrs/nph-genericinterface.pl/Webservice/{desk.znuny["web_service"]}/Ticket/{ticket.id} ' in written
    assert '"DELETE ' in written
    assert session not in written
    assert desk.znuny["users"]["robot"] not in written


def test_a_closed_client_leaves_no_session_behind(desk: LabDesk) -> None:
    client = desk.client()
    client.me()
    session = client._calls._session

    def known() -> bool:
        with psycopg.connect(desk.info["postgres"]["znuny_dsn"]) as database:
            return bool(database.execute("select from sessions where session_id = %s", [session]).fetchall())

    assert session is not None
    assert known()
    client.close()
    assert not known()


class Cutter:
    """A proxy on loopback that hands a request on and hangs up on the client `after` seconds later."""

    def __init__(self, url: str, after: float) -> None:
        parts = urlsplit(url)
        self._to = (str(parts.hostname), int(parts.port or 80))
        self._after = after
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}{parts.path}"

    def serve_one(self) -> None:
        """One connection: all that comes goes on; then both sides are closed without an answer."""
        client, _ = self._server.accept()
        with client, socket.create_connection(self._to) as server:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65536)
            length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])  # type: ignore[index]  # we sent it
            body = head.partition(b"\r\n\r\n")[2]
            while len(body) < length:
                more = client.recv(65536)
                body, head = body + more, head + more
            server.sendall(head)
            time.sleep(self._after)
        self._server.close()


@pytest.mark.parametrize("after", [0.0, 0.05])
def test_a_letter_whose_client_was_cut_off_appears_all_the_same(desk: LabDesk, after: float) -> None:
    """The write is of unknown outcome, and a look that waits long enough finds it by its key: once."""
    import threading

    ticket = desk.client().ticket_by_number(desk.mail("Cut", "x"))
    assert ticket is not None
    cutter = Cutter(desk.znuny["url"], after)
    through = OtrsClient(cutter.url, desk.znuny["web_service"], "robot", desk.znuny["users"]["robot"])
    thread = threading.Thread(target=cutter.serve_one)
    thread.start()
    with pytest.raises(OutcomeUnknown):
        through.send_letter(ticket.id, to="jane@acme.test", subject="Cut", text="Whole", key="t/cut/1")
    thread.join()
    reader = desk.client()
    until(lambda: reader.find_letter(ticket, subject="Cut", key="t/cut/1") is not None, "the letter is there")
    bodies = [article.body for article in reader.tickets([ticket.id], articles="all").tickets[0].articles]
    assert sum("Whole" in body for body in bodies) == 1


def test_a_pass_over_some_changed_tickets_costs_two_requests(desk: LabDesk) -> None:
    """One search, one call with all their letters."""
    since = desk.now()
    numbers = {desk.mail(f"Changed {count}", "x") for count in range(3)}
    client = desk.client()
    read = client.changed_since(since)
    assert numbers <= set(read.by_number())
    assert all(ticket.articles for ticket in read.tickets if ticket.number in numbers)
    assert client.requests == 2


def test_an_expired_session_between_login_and_write_loses_nothing(desk: LabDesk) -> None:
    """Turned away at the door, the write is repeated under a new session: done once."""
    client = desk.client()
    ticket = client.ticket_by_number(desk.mail("Door", "x"))
    assert ticket is not None
    client.me()
    desk.end_sessions()
    client.add_note(ticket.id, subject="Door", body="once", key="t/door/1")
    articles = client.tickets([ticket.id], articles="all").tickets[0].articles
    assert [article.body for article in articles].count("once") == 1


def test_a_huge_body_and_odd_charsets_come_through(desk: LabDesk) -> None:
    """Ten megabytes of letter, latin-1, a broken charset: each is a ticket that can be read."""
    client = desk.client()
    big = desk.mail("Big", "x" * 78 + "\n" + ("0123456789" * 7 + "\n") * 150_000)
    ticket = client.ticket_by_number(big)
    assert ticket is not None
    assert len(ticket.articles[0].body) > 10_000_000
    latin = (
        "From: jane@acme.test\nTo: support@studio.test\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\n"
        "Content-Type: text/plain; charset=no-such-charset\n\nBroken \ufffd charset\n"
    )
    printed = desk.script("mail", stdin=latin)
    number = re.search(r"\d{16}", printed)
    assert number is not None, printed
    desk.numbers.append(number[0])
    odd = client.ticket_by_number(number[0])
    assert odd is not None and odd.title == "Grüße"
    assert "charset" in odd.articles[0].body


def test_an_address_that_is_none_is_refused_before_anything_is_written(desk: LabDesk) -> None:
    client = desk.client()
    ticket = client.ticket_by_number(desk.mail("Address", "x"))
    assert ticket is not None
    with pytest.raises(OtrsRefused):
        client.send_letter(ticket.id, to="no address at all", subject="x", text="x", key="t/a/1")
    assert client.find_letter(ticket, subject="x", key="t/a/1") is None
