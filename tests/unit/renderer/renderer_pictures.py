"""Pictures made for the tests, friendly and hostile, and what networks are told of them."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from PIL import Image, ImageCms

import networks
from networks.model import AfterUnknown, Declared, Limit, Mark, Of
from renderer.images import Variant

ORIENTATION = 0x0112
GPS = 0x8825
SEVEN: dict[str, Declared] = {name: networks.composer(name).declared for name in networks.NAMES}
_D50_OF_DISPLAY_P3 = {  # Apple's profile
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    if form == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, format=form, **options)
    return out.getvalue()


def plain(form: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB") -> bytes:
    return saved(Image.new(mode, size, 100 if mode in {"L", "P", "1"} else "orange"), form)


def noisy(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Nothing compresses it; the same every time."""
    return Image.frombytes(mode, size, random.Random(7).randbytes(size[0] * size[1] * len(mode)))


def quarters(size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Red, green, blue, white: which side is up can be seen."""
    image = Image.new("RGB", size, "white")
    width, height = size[0] // 2, size[1] // 2
    image.paste("red", (0, 0, width, height))
    image.paste("lime", (width, 0, size[0], height))
    image.paste("blue", (0, height, width, size[1]))
    return image


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *before: bytes) -> bytes:
    """``rows`` with their filter bytes; ``before`` are chunks that come before the pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + pixels + png_chunk(b"IEND", b"")


def header_only_png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    return png(width, height, 8, 0, b"\0" * 100)


def display_p3() -> bytes:
    """The colour profile of an iPhone's pictures: sRGB's with other primaries."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for number in range(struct.unpack(">I", profile[128:132])[0]):
        tag, offset, _ = struct.unpack(">4sII", profile[132 + 12 * number : 144 + 12 * number])
        if tag in _D50_OF_DISPLAY_P3:
            values = [round(value * 65_536) for value in _D50_OF_DISPLAY_P3[tag]]
            profile[offset + 8 : offset + 20] = struct.pack(">3i", *values)
    return bytes(profile)


def print_profile(lab: tuple[int, int, int]) -> bytes:
    """A CMYK profile in which every ink shows as this one colour, in Lab of eight bits each: nobody takes it for a guess."""
    curve = bytes(range(256))
    matrix = struct.pack(">9i", 65_536, 0, 0, 0, 65_536, 0, 0, 0, 65_536)
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + curve * 4 + bytes(lab) * 16 + curve * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63_190, 65_536, 54_061)
    words = b"mluc\0\0\0\0" + struct.pack(">II", 0, 12)
    bodies = [(b"A2B0", table), (b"wtpt", white), (b"desc", words), (b"cprt", words)]
    directory, data = struct.pack(">I", len(bodies)), b""
    start = 128 + 4 + 12 * len(bodies)
    for tag, body in bodies:
        body += b"\0" * (-len(body) % 4)
        directory += struct.pack(">4sII", tag, start + len(data), len(body))
        data += body
    size = start + len(data)
    header = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x0210_0000, b"prtr", b"CMYK", b"Lab ")
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + struct.pack(">3i", 63_190, 65_536, 54_061)
    return header.ljust(128, b"\0") + directory + data


def segments(content: bytes) -> Iterator[tuple[str, bytes]]:
    """A JPEG's or PNG's parts by name; what follows the end is named ``trailing``."""
    if content.startswith(b"\x89PNG"):
        at = 8
        while at < len(content):
            size = struct.unpack(">I", content[at : at + 4])[0]
            yield content[at + 4 : at + 8].decode("latin-1"), content[at + 8 : at + 8 + size]
            at += 12 + size
        return
    at = 2
    while content[at + 1] != 0xD9:
        marker, size = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        yield f"{marker:02X}", content[at + 4 : at + 2 + size]
        at += 2 + size
        if marker == 0xDA:
            while content[at] != 0xFF or content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
                at += 1
    if content[at + 2 :]:
        yield "trailing", content[at + 2 :]


def beside_the_pixels(content: bytes) -> list[str]:
    """Every part of a variant that tells more than its pixels."""
    needed = {"IHDR", "PLTE", "IDAT", "IEND", "C0", "C2", "C4", "DA", "DB", "DD"}
    return [
        name
        for name, body in segments(content)
        # An APP0 is the JFIF header, with no preview in it.
        if name not in needed and not (name == "E0" and body[:5] == b"JFIF\0" and len(body) == 14)
    ]


def opened(variant: Variant) -> Image.Image:
    """What a network would see, held against what the variant says of itself."""
    image = Image.open(io.BytesIO(variant.content))
    image.load()
    assert (image.width, image.height) == (variant.width_px, variant.height_px)
    assert image.get_format_mimetype() == variant.mime
    return image


def keeps_to(variant: Variant, declared: Declared) -> None:
    """Within every limit that the network has for a picture."""
    assert variant.mime in declared.image_mimes
    assert len(variant.content) <= (declared.most(Of.IMAGE_BYTES) or len(variant.content))
    assert variant.width_px * variant.height_px <= (declared.most(Of.IMAGE_PIXELS) or 10**9)
    assert variant.width_px <= (declared.most(Of.IMAGE_WIDTH) or 10**9)
    assert variant.width_px >= (declared.most(Of.IMAGE_WIDTH_LEAST) or 1)
    narrowest, widest = declared.ratio(Of.RATIO_NARROWEST), declared.ratio(Of.RATIO_WIDEST)
    assert narrowest is None or variant.width_px >= narrowest * variant.height_px
    assert widest is None or variant.width_px <= widest * variant.height_px
    assert beside_the_pixels(variant.content) == []
    opened(variant)


def declared(
    limit_bytes: int = 2_000_000,
    mimes: tuple[str, ...] = ("image/jpeg", "image/png"),
    *,
    one_ratio: bool = False,
    **limits: Any,
) -> Declared:
    """A network of the tests' own; ``limits`` by the names of ``Of`` in lower case."""
    mine = {Of.IMAGE_BYTES: limit_bytes, **{Of[name.upper()]: value for name, value in limits.items()}}
    return Declared(
        name="net",
        label="Net",
        limits={of: Limit(value, "units", "nobody", Mark.CAUTION) for of, value in mine.items()},
        image_mimes=mimes,
        counted="",
        after_unknown=AfterUnknown.ASK_OWNER,
        settle=timedelta(minutes=1),
        publish_timeout_seconds=30,
        proves=frozenset(),
        one_ratio=one_ratio,
    )
