"""Which versions of the store are known here. Plain values: asked at every start, without Alembic."""

from __future__ import annotations

VERSION_TABLE = "store_version"
VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
HEAD = VERSIONS[-1]
