"""Checks of what lies outside the settings: the store and its files, the web space, Redmine."""

from __future__ import annotations

import hmac
import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from studio_support.counting import counted
from studio_support.doctor.check import Check, failed, from_error, ok, skipped, warning
from studio_support.errors import ConfigError, FilesystemError, Refused, SourceError, StoreError

if TYPE_CHECKING:
    from studio_support.model import Project
    from studio_support.redmine.checks import SourceCheck
    from studio_support.studio import Studio

# A month of 300 invoices takes about 30 MB with its kept reads.
_LOW_BYTES = 500 * 1024 * 1024
_FULL_BYTES = 50 * 1024 * 1024
_LISTED = 0o004
# What these checks find is gone around by itself, at a price.
_GONE_AROUND = frozenset({"ticket field", "CSV export"})


def check_store(studio: Studio) -> Iterator[Check]:
    """The database: version, integrity, ledger. Makes none."""
    if not studio.config.has("store"):
        yield skipped("store", "store", "everything that is issued")
        return
    from studio_support.store.check import check
    from studio_support.store.engine import connect, found

    url = studio.config.store_url(studio.environ).reveal()
    path = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    if path is not None and not path.exists():
        yield _writable("store", path.parent, f"none yet: {path} is made on first use")
    else:
        store = connect(url, make=False)
        try:
            with store.reading() as connection:
                current, foreign = found(connection)
            if current is None and foreign:
                wrong = f"it holds tables that are not ours: {', '.join(foreign[:3])}"
                raise StoreError(store.url, wrong, "Name an empty database in [store] url.")
            if current is None:
                yield ok("store", f"{store.url} is empty: tables are made on first use")
            else:
                problems = check(url)
                if problems:
                    detail = (
                        f"{counted(len(problems), 'fault')}, the first: {problems[0].source}: {problems[0].message}"
                    )
                    yield failed("store", detail, f"{problems[0].next_step} `db check` lists all.")
                else:
                    with store.writing():
                        pass  # takes the write lock, and so tells whether the store can be written
                    yield ok("store", f"{store.url} is whole and can be written")
        finally:
            store.close()


def check_files(studio: Studio) -> Iterator[Check]:
    """The folder of originals and kept reads, and the room on its disk."""
    if studio.config.has("store"):
        files = studio.config.files_folder
        yield _writable("files", files, f"originals and kept reads are in {files}")
        yield _space(files)


def _nearest(folder: Path) -> Path:
    """The folder, or the next one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _writable(name: str, folder: Path, detail: str) -> Check:
    place = _nearest(folder)
    if not place.is_dir():
        return from_error(name, FilesystemError(place, "it is a file, not a folder"))
    try:
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"probe")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return from_error(name, FilesystemError(place, error.strerror or str(error)))
    return ok(name, detail)


def _space(folder: Path, name: str = "disk", what: str = "the store's files") -> Check:
    free = shutil.disk_usage(_nearest(folder)).free
    detail = f"{free / 1024**3:.1f} GB are free for {what}"
    if free < _FULL_BYTES:
        return failed(name, detail, "Make room: a close would stop halfway, and go on once there is.")
    return warning(name, detail, "Make room soon.") if free < _LOW_BYTES else ok(name, detail)


def check_links(studio: Studio) -> Iterator[Check]:
    """Secret, address and folder of the published copies."""
    if not studio.config.has("links"):
        yield skipped("links", "links", "`bill close`, which publishes what it issues")
        return
    from studio_support.delivery.git_check import refuse_in_checkout
    from studio_support.delivery.links import fingerprint, usable_base_url

    config = studio.config
    try:
        base_url = usable_base_url(config.links.base_url)
    except ValueError as error:
        raise ConfigError(config.file, "links.base_url", str(error), "Write an https address.") from None
    secret = config.link_secret(studio.environ).reveal().encode()
    try:
        mark = fingerprint(secret)
    except ValueError as error:
        right = "Make one with `openssl rand -hex 32`."
        raise ConfigError(config.file, "links.secret", str(error), right) from None
    folder = config.links_directory
    yield from _same_secret(folder, mark)
    if base_url.startswith("https:"):
        yield ok("links", f"begin with {base_url}, die {config.links.expires_after_days} days after the issue date")
    else:
        step = "Write the https address of your web server before anything is sent."
        yield warning("links", f"begin with {base_url}: nobody outside this machine can open them", step)
    try:
        refuse_in_checkout(folder)
    except Refused as error:
        yield from_error("web space", error)
        return
    writable = _writable("web space", folder, f"{folder} can be written")
    listed = writable.result == "ok" and folder.is_dir() and folder.stat().st_mode & _LISTED
    yield _listable(folder) if listed else writable
    files = config.files_folder if config.has("store") else folder
    if _nearest(folder).stat().st_dev != _nearest(files).stat().st_dev:
        yield _space(folder, "web disk", "the published folder")


def _listable(folder: Path) -> Check:
    detail = f"everybody on this machine may list {folder}, and the names in it are the links"
    step = f"`chmod 711 {shlex.quote(str(folder))}`: web servers open what they are asked for, and list nothing."
    return warning("web space", detail, step)


def _same_secret(folder: Path, mark: str) -> Iterator[Check]:
    from studio_support.delivery.copies import MARKER

    marker = folder / MARKER
    if not marker.exists():
        return
    try:
        known = str(json.loads(marker.read_text(encoding="utf-8")).get("secret"))
    except (ValueError, AttributeError):
        yield failed(
            "link secret", f"{marker} cannot be read", "Restore it from a backup: it says whose links these are."
        )
        return
    if not hmac.compare_digest(known.encode(), mark.encode()):
        step = "Set the secret that was used so far: with another one every link changes."
        yield failed("link secret", f"the invoices in {folder} were published with another one", step)


@runtime_checkable
class CheckedSource(Protocol):
    """A source of time that can say what is wrong with it."""

    def check(self) -> list[SourceCheck]:
        """Each check with what was found and the next step; raises nothing."""
        ...


def check_redmine(studio: Studio) -> Iterator[Check]:
    """Server, key, role, ticket field, control; and that every project in the clients' files can be read."""
    if not studio.config.has("redmine"):
        yield skipped("redmine", "redmine", "reading months; `--from FILE` needs none")
        return
    source = studio.redmine
    usable = True
    if isinstance(source, CheckedSource):
        for row in source.check():
            name = f"redmine {row.name}"
            if row.ok:
                yield ok(name, row.detail)
            elif row.name in _GONE_AROUND:
                yield warning(name, row.detail, row.next_step)
            else:
                usable = False
                yield failed(name, row.detail, row.next_step)
    if usable and studio.config.has("billing"):
        try:
            projects = studio.projects()
        except SourceError as error:
            yield from_error("redmine projects", error)
            return
        yield from _listed(studio, projects)


def _listed(studio: Studio, projects: Sequence[Project]) -> Iterator[Check]:
    """Whether what clients and internal_projects list is there and can be read, and what nobody lists."""
    from studio_support.billing.ownership import find_owners
    from studio_support.config.discover import unlisted_projects
    from studio_support.model import Reading
    from studio_support.period import Month

    name = "listed projects"
    clients = tuple(studio.book.clients.values())
    internal = studio.config.terms().internal_projects
    now = studio.clock()
    nothing_read = Reading("redmine", Month.of(studio.today()), now, (), tuple(projects), (), (), "")
    problems = find_owners(nothing_read, clients, internal).problems
    if problems:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        yield failed(name, f"{first.client}: {first.message}{more}", first.next_step)
        return
    unlisted = unlisted_projects(projects, clients, internal)
    count = sum(len(client.redmine_projects) for client in clients)
    if unlisted:
        names = ", ".join(project.identifier or project.name for project in unlisted[:5])
        step = "`client discover --write` makes drafts for them; internal ones go into internal_projects."
        yield warning(name, f"{counted(len(unlisted), 'project')} listed by nobody: {names}", step)
    else:
        yield ok(name, f"all {count} can be read, and no project is left out")
