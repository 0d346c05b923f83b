"""Which pictures are opened at all. Whoever takes one, shows one to the model or renders one goes by the same bounds: what the first takes,
the last does not refuse.
"""

from __future__ import annotations

import struct
import zlib

PIXEL_LIMIT = 25_000_000  # a 21 kB PNG of 13,300 x 13,300 takes 860 MB once decoded
WEBP_PIXEL_LIMIT = 12_500_000  # its decoder holds five copies where others hold two
LEAST_SIDE_PX = 10
BROKEN = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, RuntimeError, struct.error, zlib.error)
"""What Pillow and its like raise on damaged files."""
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_SCAN_START = b"\xff\xda\x00"  # in a JPEG's compressed data every FF is escaped
_SCAN_LIMIT = 100  # each one, however empty, costs a pass over the whole picture; ten are usual


def is_heif(content: bytes) -> bool:
    """By the first bytes."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def has_too_many_scans(content: bytes) -> bool:
    return content.count(_SCAN_START) > _SCAN_LIMIT


def pixel_limit(form: str) -> int:
    """``form`` is Pillow's name of the format."""
    return WEBP_PIXEL_LIMIT if form == "WEBP" else PIXEL_LIMIT


def heif_opener() -> str:
    """Pillow's name of the format, which it reads from here on. Its import is paid only by those who have such a picture."""
    import pi_heif  # type: ignore[import-untyped]

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return "HEIF"
