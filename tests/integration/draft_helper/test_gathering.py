"""What a draft is made from."""

from __future__ import annotations

import io
from typing import Any

import pytest
from draft_desk import NOW, PDF, Desk, photo
from PIL import Image

from draft_helper.gathering import Gathered, gather
from draft_helper.shrinking import EDGE_LIMIT_PX
from mesh.errors import Doubt
from mesh.ledger.proposals import Note


def gathered(desk: Desk, **told: Any) -> Gathered:
    note = Note(**{"text": "Cake.", "channels": ("bluesky-main",), "by": "a", "at": NOW.isoformat(), **told})
    return gather(desk.parts, note, NOW)


def test_the_rows_of_ninety_days_and_those_to_come_are_there_by_date(desk: Desk) -> None:
    for day in ("2027-04-02", "2026-12-19", "2026-12-20", "2027-03-19", "tomorrow", ""):
        desk.posted(day, f"Of {day}")
    assert [row.date for row in gathered(desk).material.rows] == ["2026-12-20", "2027-03-19", "2027-04-02"]


def test_a_stack_that_never_read_its_sheet_or_has_no_voice_can_draft(desk: Desk) -> None:
    material = gathered(desk).material
    assert (material.rows, material.voice.prose, set(material.rulebook.channels)) == (
        (),
        "",
        {"bluesky-main", "mastodon-main"},
    )


def test_the_voice_and_todays_date_by_the_businesss_clock_are_there(desk: Desk) -> None:
    desk.mesh.s3.put_object(Bucket=desk.mesh.rules_bucket, Key="voice.txt", Body=b"Warm and short.\nNever say: cheap")
    material = gathered(desk).material
    assert (material.voice.prose, material.voice.never_say) == ("Warm and short.", ("cheap",))
    assert material.today.isoformat() == "2027-03-20"


def test_a_note_without_channels_is_for_all_there_are(desk: Desk) -> None:
    assert gathered(desk, channels=()).material.note.channels == ()


def test_pictures_come_small_upright_and_as_jpeg_in_the_notes_order(desk: Desk) -> None:
    turned = Image.new("RGB", (4000, 1000), "#336699").getexif()
    turned[0x0112] = 6
    uploads = (
        desk.uploads("turned.jpg", photo(4000, 1000, exif=turned)),
        desk.uploads("small.png", photo(300, 200, "PNG")),
        desk.uploads("web.webp", photo(2000, 2000, "WEBP")),
        desk.uploads("menu.pdf", PDF, "pdf"),
    )
    files = gathered(desk, uploads=uploads).material.files
    sizes = [Image.open(io.BytesIO(file.content)).size for file in files[:3]]
    assert sizes == [(392, EDGE_LIMIT_PX), (300, 200), (EDGE_LIMIT_PX, EDGE_LIMIT_PX)]
    assert [file.mime for file in files] == ["image/jpeg"] * 3 + ["application/pdf"]
    assert files[3].content == PDF


def test_what_cannot_be_shown_is_left_out_and_named(desk: Desk) -> None:
    bomb = desk.uploads("bomb.png", photo(6000, 5000, "PNG"))
    broken = desk.uploads("broken.jpg", photo()[:200])
    text = desk.uploads("text.pdf", b"no pdf at all", "pdf")
    heavy = desk.uploads("heavy.pdf", b"%PDF-1.4" + b" " * 4_600_000, "pdf")
    changed = desk.uploads("changed.jpg", photo(), md5="0" * 32)
    good = desk.uploads("good.jpg", photo())
    found = gathered(desk, uploads=(bomb, broken, text, heavy, changed, good))
    assert [file.upload.name for file in found.material.files] == ["good.jpg"]
    said = {mark.quote: mark.message for mark in found.marks}
    assert list(said) == ["bomb.png", "broken.jpg", "text.pdf", "heavy.pdf", "changed.jpg"]
    parts = {
        "bomb": "25 megapixels",
        "broken": "damaged",
        "text": "no PDF",
        "heavy": "4.6 MB",
        "changed": "no longer the file",
    }
    for name, part in parts.items():
        (sentence,) = [words for quote, words in said.items() if quote.startswith(name)]
        assert part in sentence
    assert not any(mark.stops for mark in found.marks)


def test_a_heavy_file_is_refused_before_it_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = desk.uploads("heavy.pdf", b"%PDF-1.4" + b" " * 4_600_000, "pdf")
    read: list[int] = []
    real = io.BufferedReader.read

    class Watched(io.BufferedReader):
        def read(self, *wanted: Any) -> bytes:
            read.append(1)
            return real(self, *wanted)

    monkeypatch.setattr("mesh.objects.io.BufferedReader", Watched)
    gathered(desk, uploads=(upload,))
    assert read == []


def test_more_pictures_or_pdfs_than_the_model_takes_are_named(desk: Desk) -> None:
    uploads = tuple(desk.uploads(f"{number}.pdf", PDF, "pdf") for number in range(6))
    found = gathered(desk, uploads=uploads)
    assert len(found.material.files) == 5
    assert [(mark.quote, "5 PDFs at most" in mark.message) for mark in found.marks] == [("5.pdf", True)]


@pytest.mark.beyond_its_role
def test_what_cannot_be_read_now_is_a_doubt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RULES_BUCKET", "nowhere")
    with pytest.raises(Doubt):
        gathered(desk)


def test_a_phones_own_kind_of_picture_is_shown(desk: Desk) -> None:
    import pillow_heif

    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (640, 480), "#336699")).save(out)
    (file,) = gathered(desk, uploads=(desk.uploads("phone.heic", out.getvalue(), mime="image/heic"),)).material.files
    assert (file.mime, Image.open(io.BytesIO(file.content)).size) == ("image/jpeg", (640, 480))


def test_what_shows_through_is_put_on_white_and_deep_or_single_colours_can_be_shown(desk: Desk) -> None:
    uploads = []
    for mode in ("RGBA", "LA", "P", "1", "I;16", "CMYK", "L"):
        out = io.BytesIO()
        Image.new(mode, (64, 48)).save(out, "JPEG" if mode == "CMYK" else "PNG")
        uploads.append(desk.uploads(mode, out.getvalue()))
    files = gathered(desk, uploads=tuple(uploads)).material.files
    shown = [Image.open(io.BytesIO(file.content)) for file in files]
    assert [picture.size for picture in shown] == [(64, 48)] * 7
    assert shown[0].convert("RGB").getpixel((9, 9)) == (255, 255, 255)
