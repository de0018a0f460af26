"""imaplib's client with an end to its patience: its time-out is for each read, and a server may answer byte by byte."""

from __future__ import annotations

import contextlib
import imaplib
import socket
from threading import Timer
from typing import Any


class PatientImap(imaplib.IMAP4):
    """An IMAP client whose connection is cut after `limit` seconds; that comes as an error of the connection."""

    def __init__(self, *args: Any, limit: float, **options: Any) -> None:
        self._end = Timer(limit, self._cut)
        self._end.daemon = True
        super().__init__(*args, **options)

    def open(self, *args: Any, **options: Any) -> None:
        """See imaplib; the time begins."""
        super().open(*args, **options)
        self._end.start()

    def shutdown(self) -> None:
        """See imaplib."""
        self._end.cancel()
        super().shutdown()

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            # the plain socket's: whoever reads through TLS at this moment must not lose that
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class PatientImaps(PatientImap, imaplib.IMAP4_SSL):
    """The same, speaking TLS from the first byte."""
