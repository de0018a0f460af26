"""stdout and stderr of one run: data, words for people, and what becomes of them when nobody reads or nothing fits.

A reader that leaves early (`| head`) changes nothing about what is done, or about the exit code.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

import click

from studio_support.errors import FilesystemError

CLEAR_LINE = "\r\x1b[K"
_open_line = False


def write(text: str) -> None:
    """Writes data to stdout. Raises FilesystemError for a full disk; silent when the reader has left."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        leave(sys.stdout)
    except OSError as error:
        leave(sys.stdout)
        raise FilesystemError("standard output", error.strerror or str(error)) from None


def write_bytes(data: bytes) -> None:
    """Writes a file to stdout; see write."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        leave(sys.stdout)
    except OSError as error:
        leave(sys.stdout)
        raise FilesystemError("standard output", error.strerror or str(error)) from None


def tell(text: str) -> None:
    """Words for people, on stderr. Nobody there to read them stops nothing."""
    global _open_line
    try:
        click.echo(CLEAR_LINE + text if _open_line else text, err=True)
    except OSError:
        leave(sys.stderr)
    _open_line = False


def tell_progress(text: str) -> None:
    """Overwrites the line of the terminal; the next words clear it. "" clears it now."""
    global _open_line
    with suppress(OSError):
        sys.stderr.write(CLEAR_LINE + text)
        sys.stderr.flush()
    _open_line = bool(text)


def leave(stream: TextIO) -> None:
    """Sends the rest of a stream nowhere, so that nothing is flushed at exit into what cannot take it."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def settle() -> bool:
    """Flushes both streams before exit; False if stdout could not take what was written."""
    whole = True
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        leave(sys.stdout)
    except OSError:
        leave(sys.stdout)
        whole = False
    try:
        sys.stderr.flush()
    except OSError:
        leave(sys.stderr)
    return whole
