"""The list of pure rooms (tools/pure_rooms.txt), for import-linter, the tests and coverage alike.

Run as `python -m tools.rooms`, it prints the rooms' files joined by commas, as `coverage report --include` reads them.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).resolve().parent / "pure_rooms.txt"

PACKAGE_FOLDERS = {
    "studio_support": "studio_support",
    "studio_cli": "cli/studio_cli",
    "studio_invoices": "invoices/studio_invoices",
}
"""Where each import package lies in the tree, relative to its root."""

_IMPURE = """
asyncio ctypes curses dbm ftplib getpass glob http imaplib io linecache locale logging mailbox mmap multiprocessing os
platform poplib pty random readline resource runpy sched secrets select selectors shelve shutil signal smtplib socket
socketserver sqlite3 ssl subprocess syslog tarfile telnetlib tempfile termios threading time urllib.error
urllib.request urllib.robotparser uuid venv webbrowser wsgiref zipfile
"""
IMPURE_STANDARD_LIBRARY = frozenset(_IMPURE.split())
"""What a pure room has no use for: clock, disk, network, chance, other processes, the state of this one."""


def parse_rooms(text: str) -> list[str]:
    """The modules that a list names, in its order: one a line, comments behind #."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def pure_rooms() -> list[str]:
    """The modules of tools/pure_rooms.txt."""
    return parse_rooms(LIST.read_text(encoding="utf-8"))


def file_of(module: str) -> str:
    """Where a module lies, relative to the root: `studio_invoices.money` → `invoices/studio_invoices/money.py`."""
    package, _, rest = module.partition(".")
    return f"{PACKAGE_FOLDERS[package]}/{rest.replace('.', '/')}.py"


if __name__ == "__main__":
    print(",".join(file_of(module) for module in pure_rooms()))
