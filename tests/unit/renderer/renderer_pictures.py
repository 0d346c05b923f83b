"""Pictures made for the tests, friendly and hostile."""

from __future__ import annotations

import io
import random
import struct
import zlib
from datetime import timedelta
from typing import Any

from PIL import Image

from networks.model import AfterUnknown, Declared

ORIENTATION = 0x0112
GPS = 0x8825


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format=form, **options)
    return out.getvalue()


def plain(form: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB") -> bytes:
    return saved(Image.new(mode, size, 100 if mode in {"L", "P", "1"} else "orange"), form)


def noisy(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Nothing compresses it; the same every time."""
    return Image.frombytes(mode, size, random.Random(7).randbytes(size[0] * size[1] * len(mode)))


def header_only_png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def declared(limit_bytes: int = 2_000_000, mimes: tuple[str, ...] = ("image/jpeg", "image/png")) -> Declared:
    return Declared(
        name="net",
        label="Net",
        text_limit=300,
        text_unit="characters",
        image_limit=4,
        image_mimes=mimes,
        image_limit_bytes=limit_bytes,
        after_unknown=AfterUnknown.ASK_OWNER,
        settle=timedelta(minutes=1),
        publish_timeout_seconds=30,
    )
