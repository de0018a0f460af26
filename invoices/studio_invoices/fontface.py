"""What the fonts are once built: plain values, kept in one cache file that needs neither fontTools nor pickle.

A face is cut into fixed subsets of at most 255 characters, the same for all documents, so that a document only
names the ready-made streams it uses. The file: a magic line, the CRC-32 of the rest, the length of a JSON
header, the header, the streams one after another.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import asdict, dataclass
from typing import Any

from studio_invoices.errors import StudioError

_MAGIC = b"studio-support fonts 2\n"
_NUMBERS = struct.Struct(">II")


class FontCacheDamaged(StudioError):
    """A cache file is cut off or altered; it is made anew."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """What PDF wants to know of the font that a subset is cut from; in thousandths of the type size."""

    name: str
    ascent: int
    descent: int
    cap_height: int
    bounding_box: tuple[int, int, int, int]
    stem_v: int


@dataclass(frozen=True, slots=True)
class Subset:
    """A ready-made part of a font: byte n of a string means characters[n] (byte 0 is unused).

    program and to_unicode are deflated streams; program_length is the length of the font before deflation;
    widths is the array of the widths of characters[1:], as PDF writes it.
    """

    characters: str
    widths: str
    program: bytes
    program_length: int
    to_unicode: bytes
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Face:
    """One weight: a font and those it falls back to. widths by character (thousandths), all that it can draw.

    The first two subsets are those of Latin and of Cyrillic texts.
    """

    name: str
    widths: dict[str, int]
    subsets: tuple[Subset, ...]


@dataclass(frozen=True, slots=True)
class FontSet:
    """The two weights that documents are set in; both cover the same characters."""

    regular: Face
    semibold: Face


def array_of_widths(characters: str, widths: dict[str, int]) -> str:
    """The widths of a subset's characters as a PDF array, byte 0 left out."""
    return f"[{' '.join(str(widths[character]) for character in characters[1:])}]"


def pack(fonts: FontSet) -> bytes:
    """The cache file of a font set."""
    streams: list[bytes] = []
    header = {
        "regular": _face_header(fonts.regular, streams),
        "semibold": _face_header(fonts.semibold, streams),
    }
    head = json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    rest = head + b"".join(streams)
    return _MAGIC + _NUMBERS.pack(zlib.crc32(rest), len(head)) + rest


def unpack(content: bytes) -> FontSet:
    """The font set of a cache file; raises FontCacheDamaged when it is not whole."""
    start = len(_MAGIC) + _NUMBERS.size
    if not content.startswith(_MAGIC) or len(content) < start:
        raise FontCacheDamaged("no font cache")
    checksum, head_length = _NUMBERS.unpack_from(content, len(_MAGIC))
    if zlib.crc32(memoryview(content)[start:]) != checksum:
        raise FontCacheDamaged("font cache altered")
    header = json.loads(content[start : start + head_length])
    position = start + head_length
    faces: list[Face] = []
    for name in ("regular", "semibold"):
        face, position = _face(header[name], content, position)
        faces.append(face)
    return FontSet(*faces)


def _face_header(face: Face, streams: list[bytes]) -> dict[str, Any]:
    fonts = list(dict.fromkeys(subset.metrics for subset in face.subsets))
    subsets = []
    for subset in face.subsets:
        streams += [subset.program, subset.to_unicode]
        lengths = [len(subset.program), subset.program_length, len(subset.to_unicode)]
        subsets.append({"characters": subset.characters, "lengths": lengths, "font": fonts.index(subset.metrics)})
    return {"name": face.name, "widths": face.widths, "subsets": subsets, "fonts": [asdict(font) for font in fonts]}


def _face(header: dict[str, Any], content: bytes, position: int) -> tuple[Face, int]:
    fonts = [Metrics(**{**item, "bounding_box": tuple(item["bounding_box"])}) for item in header["fonts"]]
    subsets = []
    for item in header["subsets"]:
        program_size, program_length, map_size = item["lengths"]
        middle = position + program_size
        end = middle + map_size
        characters = item["characters"]
        widths = array_of_widths(characters, header["widths"])
        program, to_unicode = content[position:middle], content[middle:end]
        subsets.append(Subset(characters, widths, program, program_length, to_unicode, fonts[item["font"]]))
        position = end
    return Face(header["name"], header["widths"], tuple(subsets)), position
