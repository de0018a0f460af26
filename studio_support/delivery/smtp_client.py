"""smtplib's client with an end to its patience. Its own time-out is for each read, so that a server which sends a byte
now and then, or lines without end, would hold a run, and its lock, for ever."""

from __future__ import annotations

import smtplib
import socket
from time import monotonic
from typing import Any

STEPS = 8
"""How many time-outs a whole letter may take, and so may all that comes before the first one."""
_LARGEST_REPLY = 64 * 1024


class PatientSmtp(smtplib.SMTP):
    """An SMTP client that gives up when `allow`ed time is over. timeout: seconds for each step."""

    def __init__(self, host: str, port: int, helo: str, *, timeout: float, **options: Any) -> None:
        self._step = timeout
        self.allow(STEPS * timeout)
        super().__init__(host, port, helo, timeout=timeout, **options)

    def allow(self, seconds: float) -> None:
        """All replies from now on must be there within so many seconds."""
        self._until = monotonic() + seconds

    def getreply(self) -> tuple[int, bytes]:
        """See smtplib. Raises SMTPServerDisconnected when the time is over or the reply has no end."""
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock, self._step)
        if isinstance(self.file, _Lines):
            self.file.begin(self._until)
        return super().getreply()


class PatientSmtps(PatientSmtp, smtplib.SMTP_SSL):
    """The same, speaking TLS from the first byte."""


class _Lines:
    """The lines of a socket, until a moment."""

    def __init__(self, sock: socket.socket, step: float) -> None:
        self._sock, self._step = sock, step
        self._read = b""
        self._until = 0.0
        self._left = 0

    def begin(self, until: float) -> None:
        """A reply begins."""
        self._until, self._left = until, _LARGEST_REPLY

    def readline(self, limit: int) -> bytes:
        """A line, or what there is of it when the connection ends. Raises OSError when time or room is over."""
        while b"\n" not in self._read and len(self._read) < limit:
            more = self._more()
            if not more:
                break
            self._read += more
        end = self._read.find(b"\n") + 1 or len(self._read)
        line, self._read = self._read[: min(end, limit)], self._read[min(end, limit) :]
        self._left -= len(line)
        if self._left < 0:
            raise OSError("an answer without end")
        return line

    def _more(self) -> bytes:
        remaining = self._until - monotonic()
        try:
            if remaining <= 0:
                raise TimeoutError
            self._sock.settimeout(min(self._step, remaining))
            return self._sock.recv(4096)
        except TimeoutError:
            if remaining < self._step:
                raise TimeoutError("no whole answer in all the time that a letter may take") from None
            raise
        finally:
            self._sock.settimeout(self._step)

    def close(self) -> None:
        """The socket is closed by the client."""
