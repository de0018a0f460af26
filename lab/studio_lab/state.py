"""What a lab is: a name, a folder, a block of ports and throw-away credentials, kept in `lab.json`.

Labs of different names share nothing but the installed packages. A block of ports is given once, under a lock,
and stays with the lab until it is wiped.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from .errors import LabError

DEFAULT_STATE = "/var/lib/studio-support-lab"
DEFAULT_NAME = "dev"
FIRST_PORT = 15400  # the lab `dev`
LAST_PORT = 15990
BLOCK = 10
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def state_root() -> Path:
    """The folder of all labs: `$STUDIO_LAB_STATE`, else the system's place for it."""
    return Path(os.environ.get("STUDIO_LAB_STATE") or DEFAULT_STATE).absolute()


@dataclass
class Lab:
    """One lab. `secrets` maps a user or service to its password or key, made up when the lab is made."""

    name: str
    base_port: int
    secrets: dict[str, str] = field(default_factory=dict)
    database: str = ""  # the template that Redmine's database was last restored from
    tickets: str = ""  # likewise Znuny's
    optional: list[str] = field(default_factory=lambda: ["redmine"])  # servers beside those that every lab has

    @property
    def folder(self) -> Path:
        return state_root() / self.name

    @property
    def postgres_port(self) -> int:
        return self.base_port

    @property
    def redmine_port(self) -> int:
        return self.base_port + 1

    @property
    def smtp_port(self) -> int:
        return self.base_port + 2

    @property
    def znuny_port(self) -> int:
        return self.base_port + 3

    @property
    def instance(self) -> str:
        """Redmine's name for this lab's folder of configuration, logs and files; unique on the machine."""
        mark = hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]
        return f"studio-lab-{self.name}-{mark}"

    def secret(self, name: str) -> str:
        """The password or key of that name, made up on first use (40 hex digits, as Redmine's keys are)."""
        if name not in self.secrets:
            self.secrets[name] = secrets.token_hex(20)
        return self.secrets[name]

    def save(self) -> None:
        """Write `lab.json`, readable by its owner only, in one step; not when nothing has changed."""
        path, text = self.folder / "lab.json", json.dumps(asdict(self), indent=2) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_private(path, text)


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file in one step; it never exists with wider rights than `mode`."""
    partial = path.with_name(path.name + ".partial")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
        out.write(text)
    partial.replace(path)


def check_name(name: str) -> str:
    """The name, if it can be a lab's.

    Raises:
        LabError: it is no name of small letters, digits and dashes.
    """
    if not NAME.fullmatch(name):
        raise LabError(f"{name!r} cannot name a lab: small letters, digits and dashes, a letter first, 31 at most.")
    return name


def load(name: str) -> Lab | None:
    """The lab of that name, or None when there is none."""
    path = state_root() / check_name(name) / "lab.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        known = {one.name for one in fields(Lab)}  # a newer version of the lab may have written more
        return Lab(**{key: value for key, value in kept.items() if key in known})
    except FileNotFoundError:
        return None


def load_existing(name: str) -> Lab:
    """The lab of that name.

    Raises:
        LabError: there is none.
    """
    lab = load(name)
    if lab is None:
        raise LabError(f"There is no lab {name!r} in {state_root()}. Bring it up: lab/up --name {name}")
    return lab


def load_or_create(name: str, base_port: int | None) -> Lab:
    """The lab of that name with its ports; a new one gets `base_port`, or the first free block.

    Raises:
        LabError: the lab has other ports, the block is taken, or none is free.
    """
    root = state_root()
    root.mkdir(parents=True, exist_ok=True, mode=0o755)
    with locked(root / "ports.lock"):
        lab = load(name)
        if lab is not None:
            if base_port not in (None, lab.base_port):
                raise LabError(
                    f"The lab {name!r} has the ports from {lab.base_port}. To move it: lab/down --name {name} --wipe"
                )
            return lab
        lab = Lab(name, base_port if base_port is not None else _free_block(name))
        if base_port is not None and not _is_free(base_port):
            raise LabError(f"A port from {base_port} to {base_port + BLOCK - 1} is in use. Choose another --base-port.")
        lab.folder.mkdir(mode=0o755, exist_ok=True)
        lab.save()
        return lab


def _free_block(name: str) -> int:
    root = state_root()
    taken = {json.loads(path.read_text(encoding="utf-8"))["base_port"] for path in root.glob("*/lab.json")}
    blocks = [FIRST_PORT] if name == DEFAULT_NAME else []
    blocks += range(FIRST_PORT + BLOCK, LAST_PORT, BLOCK)
    for block in blocks:
        if block not in taken and _is_free(block):
            return block
    raise LabError(f"No free block of {BLOCK} ports from {FIRST_PORT} to {LAST_PORT}. Give one: --base-port N")


def _is_free(block: int) -> bool:
    for port in range(block, block + BLOCK):
        with socket.socket() as probe:
            # As servers do: a port whose last connections are only dying out is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file for the block; the kernel lets go of it if we are killed."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def lab_lock(name: str) -> Iterator[None]:
    """One command at a time works on one lab."""
    root = state_root()
    root.mkdir(parents=True, exist_ok=True, mode=0o755)
    with locked(root / f"{check_name(name)}.lock"):
        yield
