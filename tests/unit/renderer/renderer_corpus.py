"""Pictures as they must be expected, each with what becomes of it. ``python renderer_corpus.py FOLDER`` writes them for a look."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageCms
from renderer_pictures import (
    GPS,
    ORIENTATION,
    display_p3,
    header_only_png,
    noisy,
    plain,
    png,
    png_chunk,
    print_profile,
    quarters,
    saved,
)

TURNED, SECRET = 6, "SECRETPLACE"
PHONES = {"instagram", "threads"}


@dataclass(frozen=True)
class Specimen:
    """``refused`` is the code for all networks, ``says`` stands in the sentence. Else each network has a variant but for those in
    ``refused_by``, with a part of their sentence. ``sizes`` are those of some variants; ``sees`` what must stand at a place of each
    variant, in thousandths from the left and top.
    """

    name: str
    make: Callable[[], bytes]
    refused: str = ""
    says: str = ""
    refused_by: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    sees: Mapping[tuple[int, int], tuple[int, int, int]] = field(default_factory=dict)


P3_OF_RED = (234, 51, 35)
RED, GREEN, BLUE, WHITE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (128, 128, 128)
FOUR = {(250, 250): RED, (750, 250): GREEN, (250, 750): BLUE, (750, 750): WHITE}


def _frames(form: str, count: int = 900) -> bytes:
    frames = [Image.new("RGB", (48, 48), (number % 256, number // 256, 0)) for number in range(count)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], duration=10)


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _exif(turn: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    exif[0x010E] = SECRET
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[29] = SECRET
    return exif


def _turned() -> bytes:
    return saved(quarters().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=_exif(TURNED), quality=95)


def _patched(content: bytes, mark: bytes, offset: int, form: str, *values: int) -> bytes:
    at = content.index(mark) + offset
    return content[:at] + struct.pack(form, *values) + content[at + struct.calcsize(form) :]


def _many_scans() -> bytes:
    content = saved(quarters((64, 64)), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * 3_000 + content[-2:]


def _without_adobe() -> bytes:
    """CMYK as the standard has it, not inverted: here red."""
    content = saved(Image.new("CMYK", (640, 480), (255, 0, 0, 255)), "JPEG", quality=95)
    at = content.index(b"\xff\xee")
    return content[:at] + content[at + 2 + struct.unpack(">H", content[at + 2 : at + 4])[0] :]


def _sixteen_bits(colour: int, *values: int) -> bytes:
    row = b"\0" + struct.pack(f">{len(values)}H", *values) * 400
    return png(400, 400, 16, colour, row * 400)


def _clear_palette() -> bytes:
    image = quarters((400, 400)).quantize(16)
    return saved(image, "PNG", transparency=image.getpixel((390, 390)))


def _still_gif() -> bytes:
    return saved(quarters((400, 400)).quantize(16), "GIF")


def _with_everything() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    content = saved(quarters(), "JPEG", exif=_exif(), xmp=xmp, comment=SECRET.encode(), icc_profile=profile, quality=95)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", 16) + b"\x1c\x02\x5a\0\x0b" + SECRET.encode()
    return content[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + content[2:]


def _with_everything_png() -> bytes:
    secret = SECRET.encode()
    text = png_chunk(b"tEXt", b"Comment\0" + secret) + png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + secret)
    time = png_chunk(b"tIME", b"\x07\xea\x01\x01\0\0\0")
    content = saved(quarters(), "PNG", exif=_exif(), icc_profile=display_p3(), dpi=(300, 300))
    return content[:33] + text + time + content[33:]


def _text_bomb() -> bytes:
    import zlib

    return png(400, 400, 8, 0, b"\0" * 401 * 400, png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 10**7)))


def _photo() -> bytes:
    grain = noisy((1_000, 750)).resize((4_000, 3_000), Image.Resampling.BILINEAR)
    light = Image.linear_gradient("L").resize((4_000, 3_000)).convert("RGB")
    return saved(Image.blend(light, grain, 0.3), "JPEG", quality=92, exif=_exif())


def _phones_heic() -> bytes:
    held_sideways = Image.new("RGB", (1_200, 1_600), P3_OF_RED)
    held_sideways.paste("white", (0, 0, 600, 1_600))  # the lower half, once it is turned
    exif = _exif(TURNED + 2).tobytes()
    return saved(held_sideways, "HEIF", quality=90, exif=exif, icc_profile=display_p3())


def _burst() -> bytes:
    others = [Image.new("RGB", (640, 480), colour) for colour in ("black", "white")]
    return saved(quarters(), "HEIF", save_all=True, append_images=others, quality=90)


def _webp_claiming(size: int) -> bytes:
    content = saved(Image.new("RGBA", (20, 20), (0, 0, 0, 99)), "WEBP", exif=_exif())
    return _patched(content, b"VP8X", 12, "<HBHB", (size - 1) & 0xFFFF, (size - 1) >> 16, (size - 1) & 0xFFFF, 0)


TYPE, BROKEN, PIXELS, MOVES = "image-type", "image-broken", "image-too-many-pixels", "image-animated"
NARROW = dict.fromkeys(PHONES, "none narrower than 320 pixels")

CORPUS: tuple[Specimen, ...] = (
    # no picture at all
    Specimen("empty.jpg", lambda: b"", TYPE, "save it as a JPEG"),
    Specimen("one-byte.jpg", lambda: b"\xff", TYPE),
    Specimen("menu.jpg", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 999, TYPE, "save it as a JPEG"),
    Specimen("words.png", lambda: b"not a picture\n" * 99, TYPE),
    Specimen("page.jpg", lambda: b"<!doctype html><html><body>404</body></html>", TYPE),
    Specimen("logo.svg", lambda: b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", TYPE),
    Specimen("archive.jpg", lambda: b"PK\x03\x04" + b"\0" * 99, TYPE),
    Specimen("film.heic", lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 99, TYPE),
    Specimen("photo.avif", lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 99, TYPE),
    Specimen("scan.bmp", lambda: plain("BMP"), TYPE),
    Specimen("scan.tiff", lambda: plain("TIFF"), TYPE),
    Specimen("icon.ico", lambda: plain("ICO", (32, 32)), TYPE),
    # damaged
    Specimen("cut.jpg", lambda: _half(saved(noisy((400, 400)), "JPEG")), BROKEN, "save it again"),
    Specimen("cut.png", lambda: _half(saved(noisy((400, 400)), "PNG")), BROKEN),
    Specimen("cut.gif", lambda: _half(saved(noisy((400, 400)), "GIF")), BROKEN),
    Specimen("cut.webp", lambda: _half(saved(noisy((400, 400)), "WEBP")), BROKEN),
    Specimen("cut.heic", lambda: _half(saved(noisy((400, 400)), "HEIF")), BROKEN),
    Specimen("head.heic", lambda: plain("HEIF")[:40], BROKEN),
    Specimen("head.jpg", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", BROKEN),
    Specimen("flipped.png", lambda: _patched(plain("PNG"), b"IHDR", 17, ">I", 0), BROKEN),
    Specimen("scans.jpg", _many_scans, BROKEN),
    Specimen("text-bomb.png", _text_bomb, BROKEN),
    Specimen(
        "liar.heic",
        lambda: _patched(saved(Image.new("RGB", (2_048, 2_048)), "HEIF"), b"ispe", 8, ">II", 99, 99),
        BROKEN,
    ),
    # bombs
    Specimen("bomb.png", lambda: png(13_300, 13_300, 1, 0, b"\0" * 1_664 * 13_300), PIXELS, "13,300 x 13,300"),
    Specimen("huge.png", lambda: header_only_png(100_000, 100_000), PIXELS, "25 megapixels"),
    Specimen("just-over.png", lambda: header_only_png(5_001, 5_000), PIXELS, "5,001 x 5,000"),
    Specimen("bomb.gif", lambda: _patched(_still_gif(), b"GIF8", 6, "<HH", 65_535, 65_535), PIXELS),
    Specimen("bomb.jpg", lambda: _patched(plain("JPEG"), b"\xff\xc0", 5, ">HH", 65_500, 65_500), PIXELS),
    Specimen("bomb.webp", lambda: _webp_claiming(16_000), PIXELS),
    Specimen("bomb.heic", lambda: _patched(plain("HEIF"), b"ispe", 8, ">II", 30_000, 30_000), PIXELS, "25 megapixels"),
    # sizes and shapes
    Specimen("dot.png", lambda: plain("PNG", (1, 1)), "image-too-small", "1 x 1"),
    Specimen("line.png", lambda: plain("PNG", (5_000, 2)), "image-too-small", "5,000 x 2"),
    Specimen("strip.png", lambda: plain("PNG", (20_000, 100)), "image-ratio", "20,000 x 100"),
    Specimen("strip.jpg", lambda: plain("JPEG", (20_000, 1_250)), "image-ratio", "at most 12,500 x 1,250"),
    Specimen("banner.jpg", lambda: plain("JPEG", (3_000, 600)), refused_by={"instagram": "to 1,146 x 600"}),
    Specimen("pole.jpg", lambda: plain("JPEG", (600, 3_000)), refused_by={"instagram": "to 600 x 750"}),
    Specimen("stamp.png", lambda: plain("PNG", (200, 200)), refused_by=NARROW),
    Specimen("wide-stamp.jpg", lambda: plain("JPEG", (400, 150)), refused_by={"instagram": "286 pixels wide once"}),
    Specimen("tall.jpg", lambda: plain("JPEG", (1_080, 1_920)), sizes={"instagram": (1_080, 1_350)}),
    Specimen("square.jpg", lambda: plain("JPEG", (1_080, 1_080)), sizes={"instagram": (1_080, 1_080)}),
    Specimen("photo.jpg", _photo, sizes={"instagram": (1_440, 1_080), "x": (2_000, 1_500)}),
    Specimen("noise.png", lambda: saved(noisy((1_500, 900)), "PNG"), sizes={"mastodon": (1_500, 900)}),
    # moving
    Specimen("dance.gif", lambda: _frames("GIF"), MOVES, "save one frame"),
    Specimen("dance.png", lambda: _frames("PNG"), MOVES),
    Specimen("dance.webp", lambda: _frames("WEBP"), MOVES),
    # kinds of pixels
    Specimen("plain.webp", lambda: saved(quarters(), "WEBP", quality=95), sees=FOUR),
    Specimen("still.gif", _still_gif, sees=FOUR),
    Specimen("progressive.jpg", lambda: saved(quarters(), "JPEG", progressive=True, quality=95), sees=FOUR),
    Specimen(
        "print.jpg",
        lambda: saved(Image.new("CMYK", (640, 480), (0, 255, 255, 0)), "JPEG", quality=95),
        sees={(500, 500): RED},
    ),
    Specimen("print-plain.jpg", _without_adobe, sees={(500, 500): RED}),
    Specimen(
        "print-profile.jpg",
        lambda: saved(Image.new("CMYK", (640, 480), (9, 99, 9, 9)), "JPEG", icc_profile=print_profile((255, 128, 128))),
        sees={(500, 500): WHITE},
    ),
    Specimen("deep-grey.png", lambda: _sixteen_bits(0, 32_896), sees={(500, 500): GREY}),
    Specimen("deep.png", lambda: _sixteen_bits(2, 65_535, 0, 0), sees={(500, 500): RED}),
    Specimen("deep-clear.png", lambda: _sixteen_bits(6, 0, 0, 65_535, 65_535), sees={(500, 500): BLUE}),
    Specimen("palette.png", _clear_palette),
    Specimen("grey-clear.png", lambda: saved(Image.new("LA", (400, 400), (128, 255)), "PNG"), sees={(500, 500): GREY}),
    Specimen("bits.png", lambda: saved(Image.new("1", (400, 400), 1), "PNG"), sees={(500, 500): WHITE}),
    Specimen("keyed.png", lambda: saved(quarters(), "PNG", transparency=(0, 0, 255)), sees={(250, 250): RED}),
    Specimen("clear.webp", lambda: saved(Image.new("RGBA", (400, 400), (255, 0, 0, 128)), "WEBP", lossless=True)),
    Specimen(
        "p3.jpg",
        lambda: saved(Image.new("RGB", (400, 400), P3_OF_RED), "JPEG", icc_profile=display_p3(), quality=95),
        sees={(500, 500): RED},
    ),
    Specimen("odd-profile.jpg", lambda: saved(quarters(), "JPEG", icc_profile=b"no profile", quality=95), sees=FOUR),
    # what phones and programs add
    Specimen("turned.jpg", _turned, sizes={"x": (640, 480)}, sees=FOUR),
    Specimen("everything.jpg", _with_everything, sees=FOUR),
    Specimen("everything.png", _with_everything_png),
    Specimen("trailing.jpg", lambda: saved(quarters(), "JPEG", quality=95) + b"PK\x03\x04SECRETPLACE", sees=FOUR),
    Specimen(
        "odd-exif.jpg", lambda: saved(quarters(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff", quality=95), sees=FOUR
    ),
    Specimen(
        "two.jpg", lambda: saved(quarters(), "MPO", save_all=True, append_images=[quarters()], quality=95), sees=FOUR
    ),
    Specimen(
        "phone.heic",
        _phones_heic,
        sizes={"instagram": (1_440, 1_080)},
        sees={(500, 250): RED, (500, 750): WHITE},
    ),
    Specimen("burst.heic", _burst, sees=FOUR),
)


def _largest() -> dict[str, bytes]:
    """As large as is taken, of the kinds that take most to unpack: too slow for every change, so for ``make bench`` alone."""
    side = 5_000
    light = Image.radial_gradient("L").resize((side, side), Image.Resampling.BICUBIC)
    colours = Image.merge("RGB", (light, light.transpose(Image.Transpose.ROTATE_90), light))
    clear = Image.merge("RGBA", (*colours.split(), light))
    part = (0, 0, 4_000, 3_100)
    fast = {"compress_level": 1}
    return {
        "largest.jpg": saved(colours, "JPEG", quality=95, subsampling=0, progressive=True),
        "largest-print.jpg": saved(colours.convert("CMYK"), "JPEG", quality=85, progressive=True),
        "largest-clear.png": saved(clear, "PNG", **fast),
        "largest-keyed.png": saved(colours, "PNG", transparency=(0, 0, 0), **fast),
        "largest-grey-clear.png": saved(clear.convert("LA"), "PNG", **fast),
        "largest-deep.png": saved(light.convert("I;16"), "PNG", **fast),
        "largest.gif": saved(light, "GIF"),
        "largest.webp": saved(clear.crop(part), "WEBP", quality=60, method=0),
        "largest.heic": saved(colours, "HEIF", quality=60),
    }


def main(folder: Path) -> None:
    for name, content in _largest().items():
        (folder / name).write_bytes(content)
    for specimen in CORPUS:
        (folder / specimen.name).write_bytes(specimen.make())


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[3]
    sys.path[:0] = [str(root / part) for part in ("functions", "layers/mesh/python", "layers/networks/python")]
    main(Path(sys.argv[1]))
