"""The modules of a QR code (ISO/IEC 18004) in byte mode, level M, mask 3: what payment codes are, made fast.

What does not depend on the content (function patterns, the order of the data modules, the mask, the tables of the
error correction) is made once a version. Then a code is: code words, their correction by table, one exclusive or with
the mask, one shuffle into rows. A general encoder spends eight times as long on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

MASK = 3
# level M, by version: correction code words in a block, and blocks (ISO/IEC 18004, table 9)
_CORRECTION = (
    *(10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26),
    *(26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28),
)
_BLOCKS = (
    *(1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16),
    *(17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49),
)
_BYTE_MODE = 0b0100
_FIELD = 0x11D  # x^8 + x^4 + x^3 + x^2 + 1
_FORMAT = (0x537, 0x5412)
_VERSION = 0x1F25
_LONG_COUNT = 10  # from this version on the length has 16 bits

Modules = dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class _Template:
    """shuffle: picks the modules, row by row, from the masked bits followed by "01"; mask: in the bits' order."""

    size: int
    bits: int
    mask: int
    shuffle: Callable[[str], tuple[str, ...]]


def qr_rows(content: bytes) -> tuple[str, ...]:
    """The rows of the smallest code that holds these bytes, "1" is dark. Raises ValueError above 2,331 bytes."""
    for version in range(1, 41):
        head = 12 if version < _LONG_COUNT else 20
        if head + 8 * len(content) <= 8 * _data_words(version):
            return _rows(content, version)
    raise ValueError(f"{len(content)} bytes are too many for a QR code")


def _rows(content: bytes, version: int) -> tuple[str, ...]:
    template = _template(version)
    words = _interleaved(_words(content, version), version)
    bits = int.from_bytes(words, "big") << (template.bits - 8 * len(words))
    text = f"{bits ^ template.mask:0{template.bits}b}01"
    modules = "".join(template.shuffle(text))
    size = template.size
    return tuple(modules[i : i + size] for i in range(0, size * size, size))


def _words(content: bytes, version: int) -> bytes:
    """Mode, length, content, terminator, then the two padding bytes in turn."""
    count = 8 if version < _LONG_COUNT else 16
    length = 4 + count + 8 * len(content)
    stream = ((_BYTE_MODE << count | len(content)) << 8 * len(content)) | int.from_bytes(content, "big")
    room = 8 * _data_words(version)
    end = min(length + 4, room)
    end += -end % 8
    padding = bytes((0xEC, 0x11)) * ((room - end) // 16 + 1)
    return (stream << (end - length)).to_bytes(end // 8, "big") + padding[: (room - end) // 8]


def _interleaved(words: bytes, version: int) -> bytes:
    """The blocks' words in turn, then their corrections in turn; later blocks may be a word longer."""
    blocks, correction = _BLOCKS[version - 1], _CORRECTION[version - 1]
    short, longer = divmod(len(words), blocks)
    parts = []
    start = 0
    for i in range(blocks):
        end = start + short + (i >= blocks - longer)
        parts.append(words[start:end])
        start = end
    data = bytes(part[i] for i in range(short + 1) for part in parts if i < len(part))
    checks = [_remainder(part, correction) for part in parts]
    return data + bytes(check[i] for i in range(correction) for check in checks)


def _remainder(words: bytes, degree: int) -> bytes:
    table = _multiples(degree)
    shift = 8 * (degree - 1)
    low = (1 << shift) - 1
    rest = 0
    for word in words:
        rest = ((rest & low) << 8) ^ table[(rest >> shift) ^ word]
    return rest.to_bytes(degree, "big")


def _product(one: int, other: int) -> int:
    """In the field of 256 elements."""
    result = 0
    for bit in range(7, -1, -1):
        result = (result << 1) ^ (_FIELD if result & 0x80 else 0) ^ (one if other >> bit & 1 else 0)
    return result


@lru_cache(maxsize=16)
def _multiples(degree: int) -> tuple[int, ...]:
    """All 256 multiples of the generator polynomial of this degree, its leading 1 left out, as big numbers."""
    coefficients = [0] * (degree - 1) + [1]
    root = 1
    for _ in range(degree):
        shifted = [*coefficients[1:], 0]
        coefficients = [_product(c, root) ^ s for c, s in zip(coefficients, shifted, strict=True)]
        root = _product(root, 2)
    return tuple(int.from_bytes(bytes(_product(c, factor) for c in coefficients), "big") for factor in range(256))


def _raw_bits(version: int) -> int:
    """Modules that hold data, remainder bits included."""
    marks = version // 7 + 2 if version > 1 else 0
    aligned = 25 * marks * marks - 10 * marks - 55 if marks else 0
    return 16 * version * version + 128 * version + 64 - aligned - (36 if version >= 7 else 0)


@lru_cache(maxsize=40)
def _data_words(version: int) -> int:
    return _raw_bits(version) // 8 - _CORRECTION[version - 1] * _BLOCKS[version - 1]


@lru_cache(maxsize=40)
def _template(version: int) -> _Template:
    size = 17 + 4 * version
    fixed = _function_modules(version, size)
    order = [place for place in _zigzag(size) if place not in fixed]
    bits = len(order)
    mask = int("".join("1" if (row + column) % 3 == 0 else "0" for row, column in order), 2)
    index = {place: i for i, place in enumerate(order)}
    index.update((place, bits + dark) for place, dark in fixed.items())
    shuffle = itemgetter(*(index[row, column] for row in range(size) for column in range(size)))
    return _Template(size, bits, mask, shuffle)


def _zigzag(size: int) -> Iterator[tuple[int, int]]:
    """Two columns at a time from the right, up and down in turn; the column of the timing pattern is left out."""
    upwards = True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for row in range(size - 1, -1, -1) if upwards else range(size):
            yield row, right
            yield row, right - 1
        upwards = not upwards


def _function_modules(version: int, size: int) -> Modules:
    modules: Modules = {}
    for i in range(size):
        modules[6, i] = modules[i, 6] = (i + 1) % 2
    for row, column in ((3, 3), (3, size - 4), (size - 4, 3)):
        for y in range(max(row - 4, 0), min(row + 5, size)):
            for x in range(max(column - 4, 0), min(column + 5, size)):
                modules[y, x] = int(max(abs(y - row), abs(x - column)) not in (2, 4))
    marks = _alignment(version, size)
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for row, column in ((r, c) for r in marks for c in marks if (r, c) not in corners):
        for y in range(row - 2, row + 3):
            for x in range(column - 2, column + 3):
                modules[y, x] = int(max(abs(y - row), abs(x - column)) != 1)
    _add_format(modules, size)
    _add_version(modules, version, size)
    return modules


def _alignment(version: int, size: int) -> list[int]:
    if version == 1:
        return []
    many = version // 7 + 2
    step = 26 if version == 32 else (version * 8 + many * 3 + 5) // (many * 4 - 4) * 2
    return [6, *(size - 7 - i * step for i in range(many - 1))]


def _remainder_bits(value: int, generator: int, degree: int) -> int:
    rest = value
    for _ in range(degree):
        rest = (rest << 1) ^ (rest >> (degree - 1)) * generator
    return rest


def _add_format(modules: Modules, size: int) -> None:
    """Level M is 00; twice, and the one module that is always dark."""
    generator, scrambler = _FORMAT
    bits = (MASK << 10 | _remainder_bits(MASK, generator, 10)) ^ scrambler
    by_corner = [*((i, 8) for i in range(6)), (7, 8), (8, 8), (8, 7), *((8, 14 - i) for i in range(9, 15))]
    by_edges = [*((8, size - 1 - i) for i in range(8)), *((size - 15 + i, 8) for i in range(8, 15))]
    for i in range(15):
        modules[by_corner[i]] = modules[by_edges[i]] = bits >> i & 1
    modules[size - 8, 8] = 1


def _add_version(modules: Modules, version: int, size: int) -> None:
    if version < 7:
        return
    bits = version << 12 | _remainder_bits(version, _VERSION, 12)
    for i in range(18):
        row, column = i // 3, size - 11 + i % 3
        modules[row, column] = modules[column, row] = bits >> i & 1
