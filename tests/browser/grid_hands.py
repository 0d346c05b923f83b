"""What one does in the grid, and how its tests look at it."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page

from tests.browser.fake_stack import HEADER, FakeStack

NEW = ["", "2027-03-15", "07:30", "Inserted", "", "", "", "", False, "", "", ""]


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f"tbody tr:nth-child({row + 1}) td[data-column='{column}']")


def until(page: Page, true: Callable[[], Any]) -> None:
    """Lets the page go on until it is true, fifteen seconds at most."""
    deadline = time.monotonic() + 15
    while not true():
        assert time.monotonic() < deadline
        page.evaluate("new Promise(requestAnimationFrame)")


def edits(stack: FakeStack) -> list[list[dict[str, Any]]]:
    return [body["edits"] for _, path, body in stack.calls if path == "/owner/cells"]


def column_of(stack: FakeStack, column: str) -> list[Any]:
    return [row[HEADER.index(column)] for row in stack.rows]


def paste(page: Page, text: str, html: str = "") -> None:
    """As if that came from another program's clipboard."""
    page.evaluate(
        """([text, html]) => {
            const data = new DataTransfer();
            if (text) data.setData('text/plain', text);
            if (html) data.setData('text/html', html);
            document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        [text, html],
    )


def copied(page: Page, key: str = "copy") -> dict[str, str]:
    """What lies in the clipboard after the copy."""
    found: dict[str, str] = page.evaluate(
        """(key) => {
            const data = new DataTransfer();
            document.activeElement.dispatchEvent(new ClipboardEvent(key, {clipboardData: data, bubbles: true, cancelable: true}));
            return {text: data.getData('text/plain'), html: data.getData('text/html')};
        }""",
        key,
    )
    return found


def picture(kind: str = "JPEG", colour: str = "teal") -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, kind)
    return file.getvalue()


def drop(page: Page, where: Locator, files: dict[str, tuple[str, bytes]]) -> None:
    data = page.evaluate_handle(
        """(files) => {
            const data = new DataTransfer();
            for (const [name, kind, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, {type: kind}));
            return data;
        }""",
        [[name, kind, list(content)] for name, (kind, content) in files.items()],
    )
    where.dispatch_event("dragover", {"dataTransfer": data})
    where.dispatch_event("drop", {"dataTransfer": data})


def selected(page: Page) -> int:
    return page.locator("td[aria-selected='true']").count()
