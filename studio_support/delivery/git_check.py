"""Published invoices must not end up in a repository: the names of their folders are all that keeps them private."""

from __future__ import annotations

import subprocess
from pathlib import Path

from studio_support.errors import Refused

_SECONDS = 10


def refuse_in_checkout(directory: Path) -> None:
    """Raises Refused if the folder, which need not exist, lies in a git checkout that does not ignore it."""
    absolute = directory.absolute()
    checkout = next((place for place in (absolute, *absolute.parents) if (place / ".git").exists()), None)
    if checkout is None or _ignored(checkout, absolute):
        return
    shown = absolute.relative_to(checkout).as_posix()
    line = "*" if shown == "." else f"/{shown}/"
    raise Refused(
        f"{directory} lies in the git checkout {checkout}, which does not ignore it: invoices and their links would "
        "be committed.",
        f"Add the line {line} to {checkout / '.gitignore'}, or name a folder outside of it in [links] directory.",
    )


def _ignored(checkout: Path, directory: Path) -> bool:
    inside = directory / "link" / "invoice.html"  # so that a rule for folders holds before there is one
    command = ["git", "-C", str(checkout), "check-ignore", "--quiet", "--no-index", str(inside)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return _ignores_itself(directory)
    # 0 ignored, 1 not; anything else: git cannot say (another owner's checkout)
    return done.returncode == 0 or (done.returncode != 1 and _ignores_itself(directory))


def _ignores_itself(directory: Path) -> bool:
    """Without git's word: whether the folder has a .gitignore of its own that holds for everything in it."""
    try:
        return "*" in (directory / ".gitignore").read_text("utf-8").split()
    except (OSError, UnicodeDecodeError):
        return False
