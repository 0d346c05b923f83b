"""What is really in an upload: its type by its bytes, a picture by its header, a PDF by its pages; each refusal names file and way out."""

from __future__ import annotations

import hashlib
import io
import struct
import tracemalloc
import zlib
from typing import Any

import pillow_heif  # type: ignore[import-untyped]
import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import NameObject, NumberObject

from draft_helper.inspecting import inspect, inspect_all
from draft_helper.typed import Added
from draft_helper.uploads import UploadRefused
from mesh.ledger.proposals import Upload


class Stream(io.BytesIO):
    """A body as S3 gives it; ``read_bytes`` is how much of it was taken."""

    taken = 0

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self.taken += count
        return count


class Bucket:
    """S3 with one object under every key."""

    def __init__(self, content: bytes, length: int | None = None, mime: str = "") -> None:
        self._mime = mime or ("application/pdf" if b"%PDF-" in content[:1024] else "image/jpeg")
        self.body = Stream(content)
        self._length = len(content) if length is None else length

    def get_object(self, **_: str) -> dict[str, Any]:
        return {"Body": self.body, "ContentLength": self._length, "ETag": '"x"', "ContentType": self._mime}


def looked(content: bytes, name: str = "file", length: int | None = None) -> Upload:
    return inspect(Bucket(content, length), "posts", Added("u2345678", name))


def refusal(content: bytes, name: str = "file", length: int | None = None) -> str:
    with pytest.raises(UploadRefused) as refused:
        looked(content, name, length)
    return str(refused.value)


def picture(form: str, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#a8642c").save(out, form, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is this large, and has next to nothing in it: a bomb."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1_000)) + chunk(b"IEND", b"")


def document(pages: int = 2, password: str = "") -> PdfWriter:
    made = PdfWriter()
    for _ in range(pages):
        made.add_blank_page(200, 200)
    if password:
        made.encrypt(password, algorithm="RC4-128")
    return made


def written(made: PdfWriter) -> bytes:
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


@pytest.mark.parametrize(("form", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_a_photo_is_known_by_its_bytes_whatever_its_name(form: str, mime: str) -> None:
    content = picture(form)
    upload = looked(content, "menu.pdf")
    assert (upload.kind, upload.mime, upload.size) == ("image", mime, len(content))
    assert upload.md5 == hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_a_photo_of_a_phone_is_taken_and_a_damaged_one_is_not() -> None:
    pillow_heif.register_heif_opener()  # the one that also encodes
    heic = picture("HEIF", (64, 64))
    assert looked(heic, "IMG_1.HEIC").mime == "image/heic"
    said = "IMG_1.HEIC is damaged and cannot be opened; save it again as a JPEG and add that."
    assert refusal(b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf" + bytes(40), "IMG_1.HEIC") == said


def test_a_photo_that_was_put_as_a_pdf_is_asked_for_by_its_right_name() -> None:
    with pytest.raises(UploadRefused, match=r"menu\.pdf is a photo, and its name says PDF; rename it and add it again"):
        inspect(Bucket(picture("JPEG"), mime="application/pdf"), "posts", Added("u2345678", "menu.pdf"))


def test_a_pdf_is_counted_by_its_pages() -> None:
    upload = looked(written(document(20)), "menu.pdf")
    assert (upload.kind, upload.mime) == ("pdf", "application/pdf")
    assert looked(b"some mail program's words\n" + written(document())).kind == "pdf"


def lying() -> bytes:
    """Says one page and has thirty."""
    made = document(30)
    made._root_object["/Pages"].get_object()[NameObject("/Count")] = NumberObject(1)  # type: ignore[index]
    return written(made)


def boasting() -> bytes:
    """Says a million pages and has one: nobody walks through them."""
    made = document(1)
    made._root_object["/Pages"].get_object()[NameObject("/Count")] = NumberObject(1_000_000)  # type: ignore[index]
    return written(made)


MOVING = picture("WEBP", save_all=True, append_images=[Image.new("RGB", (40, 30), "#000")], duration=100)


REFUSED = [
    (b"MZ\x90", "file is neither a photo nor a PDF, whatever its name says;"),
    (b"", "file is neither a photo nor a PDF"),
    (picture("GIF"), "file is neither a photo nor a PDF"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file is neither a photo nor a PDF"),
    (png_header(20_000, 20_000), "file has more than 25 megapixels; save it smaller and add it again."),
    (png_header(13_300, 13_300), "file has more than 25 megapixels (13,300 x 13,300);"),
    (png_header(6_000, 5_000), "file has more than 25 megapixels (6,000 x 5,000);"),
    (png_header(2_000_000, 1), "file is 2,000,000 x 1 pixels, too small to be seen;"),
    (picture("WEBP", (4_000, 3_200)), "file has more than 12.5 megapixels (4,000 x 3,200);"),
    (MOVING, "file moves; only still pictures can be posted"),
    (b"\xff\xd8\xff\xe0 not a picture", "file is damaged and cannot be opened; save it again as a JPEG"),
    (b"\x89PNG\r\n\x1a\n", "file is damaged and cannot be opened"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "file is damaged and cannot be opened"),
    (written(document(password="x")), "file is locked with a password; save it without one and add it again."),
    (written(document(21)), "file has 21 pages; 20 are the most."),
    (lying(), "file has 30 pages; 20 are the most."),
    (boasting(), "file has 1000000 pages; 20 are the most."),
    (written(document(0)), "file has no page"),
    (b"%PDF-1.7 and no more", "file is damaged and cannot be opened; save it as a PDF again"),
    (written(document())[:200], "file is damaged and cannot be opened"),
]


def test_a_bad_file_is_refused_in_words() -> None:
    for content, said in REFUSED:
        assert refusal(content).startswith(said), said


def test_what_is_too_large_is_not_read_and_what_is_not_is_never_held_whole() -> None:
    too_large = Bucket(b"%PDF-1.7\n" + bytes(3_000_000), 40_000_000)
    with pytest.raises(UploadRefused, match="file has 40 MB; 10 MB are the most for a PDF"):
        inspect(too_large, "posts", Added("u2345678", "file"))
    assert too_large.body.taken <= 1 << 20

    content = picture("JPEG") + bytes(12_000_000)
    bucket = Bucket(content)
    tracemalloc.start()
    try:
        inspect(bucket, "posts", Added("u2345678", "file"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6_000_000


def test_each_bad_file_is_named_and_the_good_ones_stay_in_their_order() -> None:
    class Several:
        def get_object(self, **asked: str) -> dict[str, Any]:
            content = picture("JPEG") if "good" in asked["Key"] else b"bad"
            return {"Body": Stream(content), "ContentLength": len(content), "ETag": '"x"'}

    added = [Added(name, f"{name}.jpg") for name in ("good1", "bad1", "good2", "bad2")]
    uploads, problems = inspect_all(Several(), "posts", added)
    assert [one.name for one in uploads] == ["good1.jpg", "good2.jpg"]
    assert [one.sentence.split(" is ")[0] for one in problems] == ["bad1.jpg", "bad2.jpg"]
