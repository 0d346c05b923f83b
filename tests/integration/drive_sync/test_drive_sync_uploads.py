"""Rows that name uploads: mirrored as images of the folder are, from where they lie in S3."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from drive_sync_desk import Desk

from drive_sync.folder import FULL_LOOK_EVERY
from mesh import clock
from mesh.events import CalendarChanged
from mesh.ledger import Act, Status
from mesh.ledger.items import Wanted

PHOTO = b"\xff\xd8\xff" + b"bread" * 40
OTHER = b"\xff\xd8\xff" + b"rolls" * 40
DAY = (clock.now() + timedelta(days=3)).date().isoformat()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def put(desk: Desk, upload_id: str, content: bytes, mime: str = "image/jpeg") -> None:
    key = f"uploads/{upload_id}"
    desk.mesh.s3.put_object(Bucket=desk.mesh.posts_bucket, Key=key, Body=content, ContentType=mime)


def images_of(desk: Desk, text: str = "one") -> dict[str, str]:
    return dict(desk.mirrored()[desk.id_of(text)].images)


def row(image: str, text: str = "one") -> dict[str, str]:
    return {"text": text, "date": DAY, "image": image}


def test_an_upload_is_mirrored_under_its_md5_beside_images_of_the_folder(desk: Desk) -> None:
    cake = desk.upload("cake.png", b"\x89PNG\r\n\x1a\n" + b"cake" * 8)
    put(desk, "u_bread", PHOTO)
    desk.add(row("upload:u_bread (top), cake.png"))

    desk.settle()

    assert images_of(desk) == {"upload:u_bread": md5(PHOTO), "cake.png": cake}
    assert desk.stored(f"images/{md5(PHOTO)}") == PHOTO


def test_an_upload_that_is_not_there_holds_nobody_back_and_stands_as_missing(desk: Desk) -> None:
    desk.add(row("upload:zzz"), row("upload: not an id!", "two"), row("", "three"))

    desk.settle()

    assert images_of(desk) == {"upload:zzz": ""}
    assert images_of(desk, "two") == {"upload: not an id!": ""}
    assert "three" in {one.text for one in desk.mirrored().values()}


def test_a_pdf_is_no_picture_and_said_to_be_none(desk: Desk) -> None:
    put(desk, "u_menu", b"%PDF-1.7", "application/pdf")
    desk.add(row("upload:u_menu"))

    desk.settle()

    assert images_of(desk)["upload:u_menu"].startswith("!is no picture (application/pdf)")


def test_an_upload_encrypted_with_a_key_of_the_owners_is_known_by_its_bytes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mesh.objects.md5_in", lambda etag: "")  # such an object's ETag is no MD5
    put(desk, "u_bread", PHOTO)
    desk.add(row("upload:u_bread"))

    desk.settle()

    assert images_of(desk) == {"upload:u_bread": md5(PHOTO)}
    assert desk.stored(f"images/{md5(PHOTO)}") == PHOTO


def test_an_upload_is_asked_for_once_and_again_when_the_whole_folder_is_looked_at(desk: Desk) -> None:
    put(desk, "u_bread", PHOTO)
    desk.add(row("upload:u_bread"), row("upload:u_bread", "two"))
    desk.settle()
    desk.mesh.calls.clear()
    desk.mesh.entries.clear()

    desk.type(1, "text", "two, edited")
    desk.settle()

    assert "HeadObject" not in desk.mesh.calls
    put(desk, "u_bread", OTHER)
    desk.mesh.turn_clock(clock.now() + FULL_LOOK_EVERY)
    desk.sync()
    assert images_of(desk) == {"upload:u_bread": md5(OTHER)}
    assert desk.id_of("one") in desk.mesh.events_of(CalendarChanged)[-1].post_ids


def test_an_upload_exchanged_while_it_was_copied_waits_for_the_next_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(desk, "u_bread", PHOTO)
    desk.add(row("upload:u_bread"))
    looked = desk.parts.store.upload

    def exchanged(upload_id: str) -> object:
        found = looked(upload_id)
        put(desk, "u_bread", OTHER)
        return found

    monkeypatch.setattr(desk.parts.store, "upload", exchanged)
    desk.sync()
    assert "one" not in {one.text for one in desk.mirrored().values()}
    monkeypatch.undo()

    desk.settle()

    assert images_of(desk) == {"upload:u_bread": md5(OTHER)}
    assert desk.stored(f"images/{md5(OTHER)}") == OTHER


def test_an_accepted_draft_with_an_upload_becomes_a_row_that_has_its_picture(desk: Desk) -> None:
    put(desk, "u7k2m9qf4", PHOTO)
    wanted = Wanted(by="draft", date=DAY, time="09:00", text="Rolls", channels="bluesky-main", image="upload:u7k2m9qf4")
    status = Status(post_id="p_draft", due_at=clock.now().isoformat(), wanted=wanted)
    desk.mesh.ledger.change_status("p_draft", Act("accepted", "ada@example.test", clock.now()), lambda _: status)

    desk.settle()

    assert desk.row_of("Rolls")["image"] == "upload:u7k2m9qf4"
    assert images_of(desk, "Rolls") == {"upload:u7k2m9qf4": md5(PHOTO)}
    assert desk.stored(f"images/{md5(PHOTO)}") == PHOTO
