"""The published copies: one folder a link, for any web server. Whole folders appear and vanish by one rename."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from studio_support.delivery.files import (
    atomic_write,
    build_folder,
    make_folder,
    read_if_there,
    remove_folder,
    sha256_of,
    sweep,
)
from studio_support.errors import Refused

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
        if not folder.is_dir() and build_folder(folder, files, FOLDER_MODE, FILE_MODE):
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
