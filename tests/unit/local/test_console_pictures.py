"""Pictures come into the sheet's folder under a name that an image cell can hold, and nothing else does."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from local.console import pictures
from local.console.pictures import free_name, kind_of, sheet_name
from tests.browser.fake_stack import FakeStack, cafe
from tests.unit.local.test_console_app import run

JPEG = b"\xff\xd8\xff\xe0 picture"


def put(stack: FakeStack, name: str, content: bytes, **headers: str) -> httpx.Response:
    address = f"/api/files/{quote(name, safe='')}"
    answer: httpx.Response = run(stack, lambda client: client.put(address, content=content, headers=headers))
    return answer


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("cake.jpg", "cake.jpg"),
        ("Käse & Kuchen.JPG", "Käse & Kuchen.JPG"),
        ("a, b; c.png", "a- b- c.png"),
        ("../../etc/x.jpg", "x.jpg"),
        ("C:\\pictures\\x.jpg", "x.jpg"),
        ("line\nbreak.jpg", "line-break.jpg"),
        (".jpg", "jpg.jpg"),
        ("noending", "noending.jpg"),
        ("v1.2 final", "v1.2 final.jpg"),
        ("...", "picture.jpg"),
        ("Cafe\u0301.jpg", "Café.jpg"),
        ("x" * 300 + ".png", "x" * 120 + ".png"),
    ],
)
def test_a_name_becomes_one_that_an_image_cell_can_hold(name: str, clean: str) -> None:
    assert sheet_name(name, "jpg") == clean


def test_a_taken_name_gets_the_next_free_number() -> None:
    files: list[dict[str, Any]] = [{"name": "Cake.jpg", "md5": "1"}, {"name": "cake-2.jpg", "md5": "2"}]
    assert free_name("cake.jpg", b"new", files) == ("cake-3.jpg", False)
    assert free_name("other.jpg", b"new", files) == ("other.jpg", False)


def test_the_same_bytes_under_the_same_name_are_not_added_twice() -> None:
    md5 = hashlib.md5(b"same", usedforsecurity=False).hexdigest()
    files: list[dict[str, Any]] = [{"name": "cake.jpg", "md5": "other"}, {"name": "Cake-2.jpg", "md5": md5}]
    assert free_name("cake.jpg", b"same", files) == ("Cake-2.jpg", True)


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (JPEG, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(beginning: bytes, kind: str) -> None:
    found = kind_of(beginning)
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"%PDF-1.7", b"RIFF\0\0\0\0AVI ", b"\0\0\0\x18ftypisom"])
def test_what_is_no_picture_is_refused_and_not_kept(content: bytes) -> None:
    stack = cafe()
    answer = put(stack, "menu.jpg", content)
    assert answer.status_code == 415
    assert answer.json()["error"].startswith("menu.jpg is no picture.")
    assert not stack.files


def test_a_picture_is_kept_as_it_came_and_the_sheet_is_looked_at() -> None:
    stack = cafe()
    answer = put(stack, "new one.jpg", JPEG)
    assert answer.json() == {"name": "new one.jpg", "there": False}
    assert stack.files == {"new one.jpg": ("image/jpeg", JPEG)}
    assert put(stack, "new one.jpg", JPEG).json() == {"name": "new one.jpg", "there": True}


def test_over_40_mb_is_refused_announced_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PICTURE_BYTES", 1000)
    stack = cafe()
    assert put(stack, "big.jpg", JPEG + b"x" * 1000).status_code == 413

    async def unannounced(client: httpx.AsyncClient) -> httpx.Response:
        async def pieces() -> Any:
            for _ in range(20):
                yield JPEG * 10

        return await client.put("/api/files/big.jpg", content=pieces())

    answer = run(stack, unannounced)
    assert answer.status_code == 413
    assert answer.json()["error"] == "big.jpg is over 40 MB. Save it smaller and add it again."
    assert not stack.files


def test_another_sites_page_cannot_add_a_picture() -> None:
    stack = cafe()
    assert put(stack, "evil.jpg", JPEG, Origin="https://evil.example").status_code == 403
    assert not stack.files
