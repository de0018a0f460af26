"""Install what is missing from Debian's packages, asking nothing and starting nothing.

`dbconfig-no-thanks` stands in for `dbconfig-pgsql`: with it the install scripts keep away from databases.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from .errors import LabError
from .processes import run
from .state import locked

SOURCES = Path("/etc/apt/sources.list.d")
NON_FREE = "studio-lab-non-free.sources"
NOT_IN_MAIN = frozenset({"otrs2"})  # Znuny
POLICY = Path("/usr/sbin/policy-rc.d")
DPKG_STATUS = Path("/var/lib/dpkg/status")


def missing(packages: Sequence[str]) -> list[str]:
    """Those of the packages that are not installed and configured."""
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,  # it fails when one is unknown, and has told us of the others
    )
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in packages if name not in installed]


def install(packages: Sequence[str], lock: Path) -> list[str]:
    """Install the missing ones; the lists of packages are fetched only when they do not know them.

    Returns what was installed. Two labs that come up at once wait for each other.

    Raises:
        LabError: the machine is no Debian, or apt failed.
    """
    if not DPKG_STATUS.exists():
        raise LabError("The lab installs Debian packages, and this machine has no dpkg.")
    with locked(lock):
        wanted = missing(packages)
        if not wanted:
            return []
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends", "install"]
        with _nothing_started():
            if NOT_IN_MAIN.intersection(wanted):
                add_non_free(SOURCES)
            try:
                run([*command, *wanted], environment=environment)
            except LabError:
                # Lists are absent or older than the archive: fetch them once and try again.
                run(["apt-get", "-q", "update"], environment=environment)
                run([*command, *wanted], environment=environment)
        return wanted


def add_non_free(folder: Path, release: str | None = None) -> bool:
    """Add Debian's component non-free, from wherever `main` comes on this machine; returns whether a file was made.

    Every stanza of the configured files that is Debian's own (by its suites: `release` and its updates) is repeated
    with the one component, so that mirrors, keys and proxies stay as they are. One-line `.list` files are not read.

    Raises:
        LabError: no configured source is Debian's.
    """
    if release is None:
        release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    target = folder / NON_FREE
    stanzas = [
        stanza.strip()
        for path in sorted(folder.glob("*.sources"))
        if path != target
        for stanza in re.split(r"\n\s*\n", path.read_text(encoding="utf-8"))
    ]
    ours = {release, f"{release}-updates", f"{release}-security"}
    found = []
    for stanza in stanzas:
        suites = re.search(r"(?mi)^Suites:(.*)$", stanza)
        components = re.search(r"(?mi)^Components:(.*)$", stanza)
        if not suites or not components or not ours.issuperset(suites[1].split()):
            continue
        if "non-free" in components[1].split():
            return False
        if "main" in components[1].split():
            found.append(re.sub(r"(?mi)^Components:.*$", "Components: non-free", stanza))
    if not found:
        raise LabError(f"No .sources file in {folder} has {release} main. Add the component non-free yourself.")
    target.write_text("\n\n".join(found) + "\n", encoding="utf-8")
    return True


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
