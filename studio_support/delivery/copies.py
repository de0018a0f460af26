"""The published copies: one folder a link, for any web server. Whole folders appear and vanish by one rename."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile

from studio_support.delivery.files import (
    atomic_write,
    build_folder,
    disk,
    make_folder,
    read_if_there,
    remove_folder,
    sha256_of,
    sweep,
    sync_folder,
)
from studio_support.delivery.git_check import refuse_in_checkout
from studio_support.delivery.links import EXPIRED_NAME, PAGE_NAME, is_token
from studio_support.delivery.notices import EXPIRED_MARK
from studio_support.delivery.web_headers import style_hashes
from studio_support.errors import Refused

DIRECTORY_MODE = 0o711  # a web server opens what it knows the name of; nobody else on the machine may list the names
FOLDER_MODE = 0o755
FILE_MODE = 0o644
MARKER = ".studio-support-store"


class Copies:
    """`links.directory`: a folder that belongs to one store and one secret, told by a marker file in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def claim(self, store_id: str, secret_fingerprint: str) -> None:
        """Makes the folder where missing and marks it as this store's.

        Raises Refused if it is another store's, was filled with another secret, or lies in a git checkout that does
        not ignore it; FilesystemError if it cannot be written.
        """
        refuse_in_checkout(self.directory)
        self._make()
        with disk(self.directory), TemporaryFile(dir=self.directory):
            pass  # a folder that cannot be written is found before anything is numbered
        marker = self.directory / MARKER
        if not marker.exists():
            self._mark(store_id, secret_fingerprint)
        found = self._marked(store_id)
        if found != secret_fingerprint:
            raise Refused(
                f"The invoices in {self.directory} were published with another link secret.",
                "Set the secret that was used so far. To change it on purpose, run `links rotate`: links that were "
                "given out go on working until they expire.",
            )

    def rotate(self, store_id: str, secret_fingerprint: str) -> None:
        """Marks the folder as filled with another secret from now on. Raises Refused for another store's folder."""
        if (self.directory / MARKER).exists():
            self._marked(store_id)
        self._make()
        self._mark(store_id, secret_fingerprint)

    def _make(self) -> None:
        make_folder(self.directory.parent, FOLDER_MODE)
        make_folder(self.directory, DIRECTORY_MODE)

    def _mark(self, store_id: str, secret_fingerprint: str) -> None:
        content = json.dumps({"store": store_id, "secret": secret_fingerprint}).encode() + b"\n"
        atomic_write(self.directory / MARKER, content, 0o600)

    def _marked(self, store_id: str) -> str:
        """The fingerprint that the marker names. Raises Refused if it names another store, or nothing."""
        marker = self.directory / MARKER
        try:
            found = json.loads(read_if_there(marker) or b"")
        except ValueError:
            found = None
        if not isinstance(found, dict) or found.get("store") != store_id:
            raise Refused(
                f"{self.directory} holds the published invoices of another store.",
                f"Name another folder in [links] directory, or remove {marker} if that store is gone for good.",
            )
        return str(found.get("secret"))

    def match(self, name: str, wanted: Mapping[str, str]) -> bool:
        """Whether the link's folder is open and holds files of these SHA-256 sums."""
        folder = self.directory / name
        return not (folder / EXPIRED_NAME).exists() and all(
            sha256_of(folder / file) == digest for file, digest in wanted.items()
        )

    def put(self, name: str, files: Mapping[str, bytes]) -> None:
        """Makes the link's folder hold these files. A new folder appears whole; in an old one wrong or missing
        files are replaced one by one, so that a link that works goes on working."""
        folder = self.directory / name
        if not folder.is_dir() and build_folder(folder, files, FOLDER_MODE, FILE_MODE):
            return
        for file, data in files.items():
            if sha256_of(folder / file) != sha256(data).hexdigest():
                atomic_write(folder / file, data, FILE_MODE)
        with disk(folder):
            (folder / EXPIRED_NAME).unlink(missing_ok=True)  # last: until then web servers say that it has expired
            sync_folder(folder)

    def names(self) -> list[str]:
        """The names of all folders here that could be links."""
        with disk(self.directory):
            entries = list(self.directory.iterdir()) if self.directory.is_dir() else []
            return sorted(entry.name for entry in entries if is_token(entry.name) and entry.is_dir())

    def holds(self, name: str) -> bool:
        """Whether there is a page behind this link, and not that of an expired one."""
        folder = self.directory / name
        return (folder / PAGE_NAME).is_file() and not (folder / EXPIRED_NAME).exists()

    def styles(self) -> tuple[str, ...]:
        """The styles of all pages here, as sources of a Content-Security-Policy, each once."""
        pages = (read_if_there(self.directory / name / PAGE_NAME) or b"" for name in self.names())
        return tuple(sorted({source for page in pages for source in style_hashes(page)}))

    def expired(self, name: str) -> bool:
        """Whether the link's folder holds the page of an expired link, what tells web servers so, and nothing else."""
        with disk(self.directory):
            if {entry.name for entry in (self.directory / name).iterdir()} != {PAGE_NAME, EXPIRED_NAME}:
                return False
        return EXPIRED_MARK.encode() in (read_if_there(self.directory / name / PAGE_NAME) or b"")

    def expire(self, name: str, page: bytes) -> None:
        """Leaves this page in the link's folder, under two names, and nothing else. Safe to repeat.

        A web server that has never heard of links shows it in the invoice's place; one that is set up as `links
        webserver` says answers 410 while the other is there, which comes first.
        """
        folder = self.directory / name
        kept = (EXPIRED_NAME, PAGE_NAME)
        for file in kept:
            atomic_write(folder / file, page, FILE_MODE)
        with disk(folder):
            for entry in list(folder.iterdir()):
                if entry.name not in kept:
                    entry.unlink(missing_ok=True)
            sync_folder(folder)

    def take_down(self, name: str) -> bool:
        """Removes a link's folder; False if there was none. Safe to repeat."""
        return remove_folder(self.directory / name)

    def sweep(self) -> None:
        """Removes what killed runs left half-made or half-removed, in the links' folders too."""
        sweep(self.directory)
        for name in self.names():
            sweep(self.directory / name)
