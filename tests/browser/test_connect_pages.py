"""Signing in with a real browser: the local server's page, and the one that it comes back to on this computer."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from local.connect.browser import Door
from local.connect.model import Allowed, ConnectError
from local.networks.faults import Faults
from local.networks.sign_in import SignIn
from local.networks.web import Answer, Origin, Request, route

pytestmark = pytest.mark.browser

ACCOUNTS = {"12": "@cafe-moewe", "13": "@a-rather-long-name-of-an-account-that-has-to-wrap.example.social"}
SCOPES = "tweet.read tweet.write users.read media.write offline.access"


@pytest.fixture
def vendor() -> Iterator[tuple[Origin, SignIn]]:
    sign_in = SignIn("X", {}, timedelta(seconds=30), needs_pkce=True)
    server = Origin(
        0,
        [
            route("GET", "/i/oauth2/authorize", lambda request: sign_in.page(request, ACCOUNTS)),
            route("POST", "/i/oauth2/authorize", lambda request: sign_in.decided(request, ACCOUNTS)),
        ],
        _missing,
        Faults(),
    )
    server.start()
    yield server, sign_in
    server.stop()


def _missing(request: Request) -> Answer:
    return Answer(404, b"")


class Waiting:
    """The command's wait in a thread of its own; ``came`` is what it ended with."""

    def __init__(self, page: str) -> None:
        self.opened = threading.Event()
        self.address = ""
        self.came: Allowed | ConnectError | None = None
        self._page = page
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self.opened.wait(10)

    def _show(self, address: str) -> None:
        self.address = address
        self.opened.set()

    def _run(self) -> None:
        with Door(lambda line: None, show=self._show, time_limit_seconds=60) as door:
            try:
                self.came = door.allowed("X", self._page, {"client_id": "local", "scope": SCOPES}, pkce=True)
            except ConnectError as error:
                self.came = error

    def end(self) -> Allowed | ConnectError | None:
        self._thread.join(10)
        return self.came


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (360, "light"),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
        pytest.param(360, "dark", marks=pytest.mark.slow),
        pytest.param(1280, "light", marks=pytest.mark.slow),
    ],
)
def test_a_person_allows_and_comes_back(
    chromium: Browser, vendor: tuple[Origin, SignIn], width: int, scheme: Any
) -> None:
    server, sign_in = vendor
    context = chromium.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
    page = context.new_page()
    waiting = Waiting(f"{server.origin}/i/oauth2/authorize")
    page.goto(waiting.address)
    expect(page.get_by_role("listitem")).to_have_count(5)
    _looks_right(page, f"allow-{width}-{scheme}")
    page.get_by_label("@cafe-moewe").check()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading")).to_have_text("The sign-in has arrived")
    _looks_right(page, f"arrived-{width}-{scheme}")
    context.close()
    came = waiting.end()
    assert isinstance(came, Allowed)
    told = {"code": came.code, "redirect_uri": came.redirect_uri, "code_verifier": came.verifier}
    assert sign_in.redeem(told).account_id == "12"


def test_a_person_denies_and_is_told_so(chromium: Browser, vendor: tuple[Origin, SignIn]) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 700})
    page = context.new_page()
    waiting = Waiting(f"{vendor[0].origin}/i/oauth2/authorize")
    page.goto(waiting.address)
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading")).to_have_text("Not connected")
    expect(page.locator("main")).to_contain_text("Access was not allowed at X")
    _looks_right(page, "denied")
    context.close()
    assert isinstance(waiting.end(), ConnectError)


def _looks_right(page: Page, name: str) -> None:
    """Nothing sticks out, nothing that axe finds; CONNECT_PICTURES names a folder to look at it oneself."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    if folder := os.environ.get("CONNECT_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
