"""A mail server that behaves up to one stage of the dialogue, and spoils that one. STARTTLS and AUTH are included."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

TLS = Path(__file__).parent / "flow" / "delivery" / "tls" / "mx.pem"
CUT = "cut"
HANG = "hang"
STAGES = ("banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "dot", "kept", "quit")


class _Gone(Exception):
    """This connection is over."""


class RogueSmtp:
    """Listens on loopback. stage: which is spoilt; answer: CUT, HANG, or the reply given instead of a good one.

    Stages: those of the dialogue; "body": in the middle of the content, which is not read to its end; "dot": after
    the final dot, the letter is not kept; "kept": the letter is kept first. From mail on the stage is spoilt for
    `victim` alone (MAIL, where the recipient is not known yet: the first time only). stage "" behaves.
    size: what EHLO offers after SIZE, None: no such offer. said: the lines of clients, without the content.
    """

    def __init__(self, stage: str = "", answer: str = "", victim: str = "", size: str | None = None) -> None:
        self.stage, self.answer, self.victim, self.size = stage, answer, victim, size
        self.said: list[str] = []
        self.kept: Counter[str] = Counter()
        self.spoilt = 0
        self._over = threading.Event()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(TLS)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def heal(self) -> None:
        """From now on it behaves."""
        self.stage = ""

    def close(self) -> None:
        """Ends all connections."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        dialogue = _Dialogue(self, connection)
        with contextlib.suppress(_Gone, OSError):
            dialogue.run()
        dialogue.close()

    def spoil(self, stage: str, connection: socket.socket, recipient: str = "") -> bool:
        """Spoils this stage if it is the one; whether something was answered. Raises _Gone."""
        victim = recipient == self.victim if recipient else stage != "mail" or not self.spoilt
        if stage != self.stage or not victim:
            return False
        self.spoilt += 1
        if self.answer == HANG:
            self._over.wait(20)
        if self.answer in (CUT, HANG):
            connection.shutdown(socket.SHUT_RDWR)
            raise _Gone
        connection.sendall(f"{self.answer}\r\n".encode())
        return True


class _Dialogue:
    def __init__(self, server: RogueSmtp, connection: socket.socket) -> None:
        self.server, self.connection = server, connection
        self.lines = connection.makefile("rb")
        self.encrypted = False
        self.recipient = ""

    def close(self) -> None:
        self.lines.close()
        self.connection.close()

    def say(self, text: str) -> None:
        self.connection.sendall(f"{text}\r\n".encode())

    def spoil(self, stage: str) -> bool:
        recipient = self.recipient if stage in ("rcpt", "data", "body", "dot", "kept") else ""
        return self.server.spoil(stage, self.connection, recipient)

    def run(self) -> None:
        self.spoil("banner") or self.say("220 mx.example ready")
        for line in self._received():
            self.server.said.append(line.strip())
            verb, _, rest = line.strip().partition(" ")
            self._answer(verb.upper(), rest)

    def _received(self) -> Iterator[str]:
        while line := self.lines.readline():
            yield line.decode()

    def _answer(self, verb: str, rest: str) -> None:
        if verb in ("EHLO", "HELO"):
            offers = ["AUTH PLAIN" if self.encrypted else "STARTTLS"]
            offers += [] if self.server.size is None else [f"SIZE {self.server.size}".rstrip()]
            lines = ["250-mx.example", *(f"250-{offer}" for offer in offers), "250 HELP"]
            self.spoil("ehlo") or self.say("\r\n".join(lines) if verb == "EHLO" else "250 mx.example")
        elif verb == "STARTTLS":
            if not self.spoil("starttls"):
                self.say("220 go on")
                self.lines.close()
                self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
                self.lines = self.connection.makefile("rb")
                self.encrypted = True
        elif verb == "AUTH":
            self.spoil("auth") or self.say("235 known")
        elif verb == "MAIL":
            self.spoil("mail") or self.say("250 ok")
        elif verb == "RCPT":
            self.recipient = rest[rest.index("<") + 1 : rest.index(">")]
            self.spoil("rcpt") or self.say("250 ok")
        elif verb == "DATA":
            self.spoil("data") or self._content()
        elif verb == "QUIT":
            self.spoil("quit") or self.say("221 bye")
        else:
            self.say("250 ok")

    def _content(self) -> None:
        self.say("354 go on")
        self.lines.readline()
        self.spoil("body")
        while self.lines.readline() not in (b".\r\n", b""):
            pass
        if self.spoil("dot"):
            return
        self.server.kept[self.recipient] += 1
        self.spoil("kept") or self.say("250 kept")
