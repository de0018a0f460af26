"""A Znuny home of the lab's own, beside the package's.

Debian's package has one home (/usr/share/otrs) with its configuration in /etc/otrs and its data in /var/lib/otrs.
Znuny takes its home from the place of the program that runs and from `Home` in Kernel/Config.pm. So a lab's home is a
tree of links to the package's code, with what differs made real: the programs (they ask where they really are),
Kernel/Config.pm, and var. Nothing below the package's own folders is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from . import processes, sql, znuny_world
from .state import Lab, write_private

USER, GROUP = "otrs", "www-data"
PACKAGE = Path("/usr/share/otrs")
PACKAGE_DATA = Path("/var/lib/otrs")
OURS = Path(__file__).resolve().parent.parent / "znuny"
_NOT_COPIED = ("run", "spool", "tmp", "sessions", "log", "article")  # the package's own traces, or links out of it
_EMPTY = (*_NOT_COPIED, "cron")


def folder(lab: Lab) -> Path:
    """The home."""
    return lab.folder / "znuny"


def cache(lab: Lab) -> Path:
    """Znuny's file cache: it knows nothing of a database that was put back, so it is emptied then."""
    return folder(lab) / "var" / "tmp" / "CacheFileStorable"


def environment(lab: Lab) -> dict[str, str]:
    """What Znuny's programs run with."""
    home = str(folder(lab))
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PERL5LIB": f"{home}:{home}/Kernel/cpan-lib",
    }


def make(lab: Lab) -> None:
    """Make the home, once, and its configuration files, whenever they differ."""
    home = folder(lab)
    if not (home / "RELEASE").is_symlink():
        _make_tree(home)
    values = {
        "HOME": str(home),
        "FOLDER": str(home / "var" / "run"),
        "LOGS": str(home / "var" / "log"),
        "LOG": str(home / "var" / "log" / "otrs.log"),
        "DATABASE": sql.ZNUNY,
        "ROLE": sql.ZNUNY,
        "PASSWORD": lab.secret("postgres-" + sql.ZNUNY),
        "POSTGRES_PORT": str(lab.postgres_port),
        "SMTP_PORT": str(lab.smtp_port),
        "PORT": str(lab.znuny_port),
        "FIELDS": " ".join(field["name"] for field in znuny_world.FIELDS if field["object"] == "Ticket"),
    }
    for source, target in (
        ("Config.pm", home / "Kernel" / "Config.pm"),
        ("startup.pl", home / "startup.pl"),
        ("apache.conf", home / "apache.conf"),
        ("content.pl", home / "content.pl"),
        ("mails.pl", home / "mails.pl"),
    ):
        _write(target, _filled((OURS / source).read_text(encoding="utf-8"), values))
    lab.save()


def _make_tree(home: Path) -> None:
    """The last thing made is RELEASE: a tree that has it is whole."""
    shutil.rmtree(home, ignore_errors=True)
    (home / "Kernel" / "Config").mkdir(parents=True, mode=0o755)
    for part in ("Kernel", "Kernel/Config"):
        for entry in (PACKAGE / part).iterdir():
            if f"{part}/{entry.name}" not in ("Kernel/Config", "Kernel/Config.pm") and entry.name not in (
                "Files",
                "Backups",
            ):
                (home / part / entry.name).symlink_to(entry)
    for name in ("Files", "Backups"):
        (home / "Kernel" / "Config" / name).symlink_to(home / "var" / "Config" / name)
    (home / "scripts").symlink_to(PACKAGE / "scripts")
    shutil.copytree(PACKAGE / "bin", home / "bin")

    def left_out(at: str, names: list[str]) -> list[str]:
        return [name for name in names if Path(at) == PACKAGE_DATA and name in _NOT_COPIED]

    shutil.copytree(PACKAGE_DATA, home / "var", symlinks=True, ignore=left_out)
    for name in _EMPTY:
        (home / "var" / name).mkdir(exist_ok=True)
    processes.run(["chown", "-hR", f"{USER}:{GROUP}", str(home / "var")])
    (home / "RELEASE").symlink_to(PACKAGE / "RELEASE")


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _write(path: Path, text: str) -> None:
    """Write a file for Znuny's user, unless it is there and the same."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    write_private(path, text)
    shutil.chown(path, USER, GROUP)
