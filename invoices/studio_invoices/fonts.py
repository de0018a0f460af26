"""The fonts of all documents, and whether a text can be drawn with them.

IBM Plex Sans comes from a font package; weights 400 and 600 are instanced and cut into fixed subsets once and
kept in a cache file named after the versions of font package, fontTools and recipe: in the directory that the caller
gives, else in the user's cache directory, else in a private temporary one. Where nothing can be written, the
fonts are built anew in each process.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from studio_invoices.fonterrors import FontUnusable
from studio_invoices.fontface import FontCacheDamaged, FontSet, pack, unpack
from studio_invoices.freetext import missing, replace_missing

MAX_BYTES = 30_000_000


@dataclass(frozen=True, slots=True)
class FontFiles:
    """Font files of one's own: as in `studio_invoices.look.Look`."""

    regular: Path | None = None
    bold: Path | None = None
    fallbacks: tuple[Path, ...] = ()


PLEX = FontFiles()


def load(cache_dir: Path | None = None, own: FontFiles = PLEX) -> FontSet:
    """The font set, from the cache when it is there; built (half a second and more) and cached when it is not.

    Raises `studio_invoices.fontsource.FontUnusable` where a file of one's own cannot be used.
    """
    return _load(None if cache_dir is None else Path(cache_dir), own, _states(own))


def covers(text: str, cache_dir: Path | None = None, own: FontFiles = PLEX) -> tuple[str, ...]:
    """The characters of a text that the fonts lack, each once; empty when all can be drawn.

    Line breaks, tabs, exotic spaces and characters without a picture (joiners, selectors, controls of writing
    direction) are not counted: they are drawn as breaks, spaces, or nothing.
    """
    return missing(text, load(cache_dir, own).regular.widths.__contains__)


def missing_glyphs(text: str) -> tuple[str, ...]:
    """`covers` with the user's own cache directory: to be handed to `studio_invoices.check`."""
    return covers(text)


def substitute(text: str, cache_dir: Path | None = None) -> tuple[str, tuple[str, ...]]:
    """The text with a visible substitute for each character that the fonts lack, and those characters.

    A substitute is the plain form where the fonts have it (full-width A -> A), else ``[U+1F3A8]``. The result
    may hold ``\\n``, and else only characters that can be drawn.
    """
    return replace_missing(text, load(cache_dir).regular.widths.__contains__)


def _states(own: FontFiles) -> tuple[tuple[int, int] | None, ...]:
    """Changes when a file does."""
    found = []
    for path in (own.regular, own.bold, *own.fallbacks):
        with contextlib.suppress(OSError):
            state = None if path is None else path.stat()
            found.append(None if state is None else (state.st_mtime_ns, state.st_size))
    return tuple(found)


@lru_cache(maxsize=8)
def _load(cache_dir: Path | None, own: FontFiles, _states: tuple[tuple[int, int] | None, ...]) -> FontSet:
    contents = _contents(own)
    name = _file_name(contents)
    for directory in _directories(cache_dir):
        # an unreadable or damaged file is no reason to fail: the fonts can always be built anew
        with contextlib.suppress(OSError, FontCacheDamaged):
            return unpack((directory / name).read_bytes())
    from studio_invoices.fontbuild import Sources, build  # fontTools costs 0.1 s to import; seldom needed

    regular, bold, *fallbacks = contents
    fonts = build(Sources(regular, bold, tuple(content for content in fallbacks if content is not None)))
    content = pack(fonts)
    for directory in _directories(cache_dir):
        with contextlib.suppress(OSError):
            _write(directory / name, content)
            break
    return fonts


def _contents(own: FontFiles) -> tuple[bytes | None, ...]:
    fallbacks = ((f"fallback_fonts[{i}]", path) for i, path in enumerate(own.fallbacks))
    named = (("font", own.regular), ("font_bold", own.bold), *fallbacks)
    return tuple(None if path is None else _content(part, path) for part, path in named)


def _content(part: str, path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size <= MAX_BYTES:
            return path.read_bytes()
    except OSError as error:
        raise FontUnusable(part, f"{path.name} cannot be read: {error.strerror}", "Correct the path.") from error
    raise FontUnusable(part, f"{path.name} is {size / 1e6:.0f} MB, more than {MAX_BYTES // 1_000_000} MB")


def _file_name(contents: tuple[bytes | None, ...]) -> str:
    """Named after all that the fonts depend on: both packages' versions, our own recipe, files of one's own."""
    names = ("fontbuild.py", "fontface.py", "fontsource.py")
    recipe = zlib.crc32(b"".join((files("studio_invoices") / name).read_bytes() for name in names))
    base = "ibm-plex-sans"
    if any(content is not None for content in contents):
        lengths = b"".join(len(content or b"").to_bytes(8, "big") + (content or b"") for content in contents)
        base = f"own-{hashlib.sha256(lengths).hexdigest()[:16]}"
    return f"{base}-{version('fontpkg-ibm-plex-sans')}-fonttools-{version('fonttools')}-{recipe:08x}.fonts"


def _directories(cache_dir: Path | None) -> Iterator[Path]:
    if cache_dir is not None:
        yield cache_dir
    else:
        home = os.environ.get("XDG_CACHE_HOME", "")
        # a relative XDG_CACHE_HOME is to be ignored by the XDG Base Directory Specification
        yield (Path(home) if Path(home).is_absolute() else Path("~/.cache").expanduser()) / "studio-support"
    private = Path(tempfile.gettempdir()) / f"studio-support-{os.getuid()}"
    if _is_private(private):
        yield private


def _is_private(directory: Path) -> bool:
    """Whether the directory is ours alone (made if need be): others can write to the folder it lies in."""
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".fonts-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
