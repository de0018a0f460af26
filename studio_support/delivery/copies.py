"""The published copies: one folder a link, for any web server. Whole folders appear and vanish by one rename."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from studio_support.delivery.files import (
    atomic_write,
    disk,
    make_folder,
    read_if_there,
    remove_folder,
    sha256_of,
    sweep,
    sync_folder,
    temporary_name,
)
from studio_support.errors import FilesystemError, Refused

FOLDER_MODE = 0o755
FILE_MODE = 0o644
MARKER = ".studio-support-store"


class Copies:
    """`links.directory`: a folder that belongs to one store and one secret, told by a marker file in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def claim(self, store_id: str, secret_fingerprint: str) -> None:
        """Makes the folder where missing and marks it as this store's.

        Raises Refused if it is another store's, or was filled with another secret (its links could not be taken
        down any more); FilesystemError if it cannot be written.
        """
        make_folder(self.directory, FOLDER_MODE)
        marker = self.directory / MARKER
        mine = {"store": store_id, "secret": secret_fingerprint}
        if not marker.exists():
            atomic_write(marker, json.dumps(mine).encode() + b"\n", 0o600)
        try:
            found = json.loads(read_if_there(marker) or b"")
        except ValueError:
            found = None
        if not isinstance(found, dict) or found.get("store") != store_id:
            raise Refused(
                f"{self.directory} holds the published invoices of another store.",
                f"Name another folder in [links] directory, or remove {marker} if that store is gone for good.",
            )
        if found.get("secret") != secret_fingerprint:
            raise Refused(
                f"The invoices in {self.directory} were published with another link secret.",
                "Set the secret that was used so far: with another one every link changes, and the old ones could "
                "not be taken down.",
            )

    def match(self, name: str, wanted: Mapping[str, str]) -> bool:
        """Whether the link's folder holds files of these SHA-256 sums."""
        folder = self.directory / name
        return all(sha256_of(folder / file) == digest for file, digest in wanted.items())

    def put(self, name: str, files: Mapping[str, bytes]) -> None:
        """Makes the link's folder hold these files. A new folder appears whole; in an old one wrong or missing
        files are replaced one by one, so that a link that works goes on working."""
        folder = self.directory / name
        if not folder.is_dir() and self._put_folder(folder, files):
            return
        for file, data in files.items():
            if sha256_of(folder / file) != sha256(data).hexdigest():
                atomic_write(folder / file, data, FILE_MODE)

    def take_down(self, name: str) -> bool:
        """Removes a link's folder; False if there was none. Safe to repeat."""
        return remove_folder(self.directory / name)

    def sweep(self) -> None:
        """Removes what killed runs left half-made or half-removed."""
        sweep(self.directory)

    def _put_folder(self, folder: Path, files: Mapping[str, bytes]) -> bool:
        """Builds the folder aside and gives it its name; False if somebody else was quicker."""
        aside = self.directory / temporary_name()
        try:
            with disk(folder):
                aside.mkdir()
                for file, data in files.items():
                    atomic_write(aside / file, data, FILE_MODE)
                aside.chmod(FOLDER_MODE)
                sync_folder(aside)
                aside.rename(folder)
                sync_folder(self.directory)
        except BaseException as error:  # Ctrl-C included: what is half-made goes, then the error goes on
            shutil.rmtree(aside, ignore_errors=True)
            cause = error.__cause__ if isinstance(error, FilesystemError) else None
            if isinstance(cause, OSError) and cause.errno in {errno.ENOTEMPTY, errno.EEXIST}:
                return False
            raise
        return True
