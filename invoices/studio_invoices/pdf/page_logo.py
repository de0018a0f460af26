"""The logo as the page bears it: small, in the file itself, never fetched."""

from __future__ import annotations

import io
import zlib
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image as Pillow

from studio_invoices.pdf.shapes import Image

_MOST = (640, 168)  # twice what is shown, for screens with small pixels
_MODES = {"DeviceGray": "L", "DeviceRGB": "RGB"}


@dataclass(frozen=True, slots=True)
class PageLogo:
    """address: a data: URI of a PNG. width, height: in CSS pixels."""

    address: str
    width: int
    height: int


@lru_cache(maxsize=8)
def logo_for_page(image: Image) -> PageLogo:
    """A picture of the look, at most 320 by 84 CSS pixels."""
    size, mode = (image.width, image.height), _MODES[image.space]
    if image.coding == "DCTDecode":
        picture = Pillow.open(io.BytesIO(image.data)).convert(mode)
    else:
        picture = Pillow.frombytes(mode, size, zlib.decompress(image.data))
    if image.mask is not None:
        picture.putalpha(Pillow.frombytes("L", size, zlib.decompress(image.mask)))
    picture.thumbnail(_MOST)
    kept = io.BytesIO()
    picture.save(kept, "PNG", optimize=True)
    address = f"data:image/png;base64,{b64encode(kept.getvalue()).decode()}"
    return PageLogo(address, -(-picture.width // 2), -(-picture.height // 2))
