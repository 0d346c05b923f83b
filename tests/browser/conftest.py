"""A console over a fake stack, and Chromium looking at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from local.console import StackAddresses, create_app
from tests.browser.fake_stack import FakeStack, cafe
from tests.browser.serving import served


def _is_the_pages_fault(message: ConsoleMessage) -> bool:
    """Chromium writes down each answer that refuses, too; what the page makes of a refusal is for the tests."""
    refused = message.text.startswith("Failed to load resource") and "/api/" in message.location["url"]
    return message.type == "error" and not refused


expect.set_options(timeout=15_000)  # where two tests run at a time on a busy computer


@contextmanager
def opened(browser: Browser, origin: str, *, width: int, height: int, touch: bool = False) -> Iterator[Page]:
    """The console with its sheet drawn, ``width`` x ``height`` px; any error in its scripts fails the test."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=touch)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if _is_the_pages_fault(message) else None)
    page.goto(origin)
    page.wait_for_selector("tbody tr")
    yield page
    context.close()
    # Chromium reports a script in a mail that it did not run.
    assert [error for error in errors if not error.startswith("Blocked script execution")] == []


@pytest.fixture
def stack() -> FakeStack:
    return cafe()


@pytest.fixture
def origin(stack: FakeStack) -> Iterator[str]:
    """Where the console of the fake stack listens."""
    with served(stack.app()) as servers:
        addresses = StackAddresses(
            servers,
            servers,
            servers,
            f"{servers}/function",
            business="Café Möwe",
            time_zone="Europe/Berlin",
            slack=f"{servers}/slack",
        )
        with served(create_app(addresses, quiet_seconds=0.1)) as console:
            yield console


@pytest.fixture
def page(chromium: Browser, origin: str) -> Iterator[Page]:
    """The console open at desktop width."""
    with opened(chromium, origin, width=1280, height=800) as page:
        yield page


@pytest.fixture
def phone(chromium: Browser, origin: str) -> Iterator[Page]:
    """The console open on a touch screen 390 px wide."""
    with opened(chromium, origin, width=390, height=844, touch=True) as page:
        yield page
