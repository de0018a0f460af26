"""Install what is missing from Debian's packages, asking nothing and starting nothing.

`dbconfig-no-thanks` stands in for `dbconfig-pgsql`: with it the install scripts keep away from databases.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError
from .processes import run
from .state import locked

APT = Path("/etc/apt")
NON_FREE = "studio-lab-non-free"  # the file that is made in sources.list.d, by the notation .sources or .list
NOT_IN_MAIN = frozenset({"otrs2"})  # Znuny
POLICY = Path("/usr/sbin/policy-rc.d")
DPKG_STATUS = Path("/var/lib/dpkg/status")


def missing(packages: Sequence[str]) -> list[str]:
    """Those of the packages that are not installed and configured, each once."""
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,  # it fails when one is unknown, and has told us of the others
    )
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in dict.fromkeys(packages) if name not in installed]


def install(packages: Sequence[str], lock: Path, tell: Callable[[str], None]) -> None:
    """Install the missing ones; the lists of packages are fetched only when they do not know them.

    `tell` hears which ones before it begins. Two labs that come up at once wait for each other.

    Raises:
        LabError: the machine is no Debian, or apt failed.
    """
    if not DPKG_STATUS.exists():
        raise LabError("The lab installs Debian packages, and this machine has no dpkg.")
    with locked(lock):
        wanted = missing(packages)
        if not wanted:
            return
        tell(f"installing {', '.join(wanted)}: this takes minutes")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends", "install"]
        with _nothing_started():
            if NOT_IN_MAIN.intersection(wanted):
                add_non_free(APT)
            try:
                run([*command, *wanted], environment=environment)
            except LabError:
                # Lists are absent or older than the archive: fetch them once and try again.
                run(["apt-get", "-q", "update"], environment=environment)
                run([*command, *wanted], environment=environment)


def add_non_free(apt: Path, release: str | None = None) -> bool:
    """Add Debian's component non-free, from wherever `main` comes on this machine; returns whether a file was made.

    Every source of the configured files that is Debian's own (by its suites: `release` and its updates) is repeated
    with the one component, so that mirrors, keys and proxies stay as they are. Both notations are read: the stanzas of
    images (`.sources`), and the lines of the installer and of debootstrap (`sources.list`, `.list`).

    Raises:
        LabError: no configured source is Debian's.
    """
    if release is None:
        release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    folder = apt / "sources.list.d"
    suites = {release, f"{release}-updates", f"{release}-security"}
    stanzas = [_Source.of_stanza(text) for text in _texts(folder.glob("*.sources"), r"\n\s*\n")]
    lines = [_Source.of_line(text) for text in _texts([apt / "sources.list", *folder.glob("*.list")], r"\n")]
    ours = [one for one in (*stanzas, *lines) if one is not None and one.suites and one.suites <= suites]
    if any("non-free" in one.components for one in ours):
        return False
    made = False
    for ending, sources, between in ((".sources", stanzas, "\n\n"), (".list", lines, "\n")):
        found = [one.non_free for one in sources if one in ours and "main" in one.components]
        if found:
            (folder / (NON_FREE + ending)).write_text(between.join(found) + "\n", encoding="utf-8")
            made = True
    if not made:
        raise LabError(f"No file of sources in {apt} has {release} main. Add the component non-free yourself.")
    return True


def _texts(paths: Iterable[Path], between: str) -> list[str]:
    files = sorted(path for path in paths if path.stem != NON_FREE and path.is_file())
    return [text.strip() for path in files for text in re.split(between, path.read_text(encoding="utf-8"))]


@dataclass(frozen=True)
class _Source:
    """One source of packages, as sources.list(5) has it, and how it is written for the component non-free."""

    suites: frozenset[str]
    components: frozenset[str]
    non_free: str

    @classmethod
    def of_stanza(cls, text: str) -> _Source | None:
        fields = {name.lower(): value.split() for name, value in re.findall(r"(?m)^([\w-]+):(.*)$", text)}
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            return None
        repeated = re.sub(r"(?mi)^Components:.*$", "Components: non-free", text)
        return cls(frozenset(fields.get("suites", [])), frozenset(fields.get("components", [])), repeated)

    @classmethod
    def of_line(cls, text: str) -> _Source | None:
        # deb [ options ] address suite component...; an installation disc has blanks in its address, and is left out
        parts = re.fullmatch(r"(deb\s+(?:\[[^]]*\]\s+)?(?!cdrom:)\S+\s+(\S+))((?:\s+[\w-]+)+)\s*(?:#.*)?", text)
        return parts and cls(frozenset({parts[2]}), frozenset(parts[3].split()), f"{parts[1]} non-free")


@contextlib.contextmanager
def _nothing_started() -> Iterator[None]:
    """Install scripts start no service: they ask this program first (its absence allows them all)."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
