"""The one Chromium of a test process: Playwright takes no second driver beside its first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

# The last list of its kind is the one that counts, so that Playwright's own stands in it too.
_PLAYWRIGHTS = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,"
    "MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,TcpPortRandomizationWin,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
)
# With every context Chromium starts a process for the address bar that nobody sees, and one for a page that nobody opens:
# two thirds of what a context takes.
_NOT_SEEN = "WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess"
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={_PLAYWRIGHTS},{_NOT_SEEN}",
]


# The first is the same Chromium without the windows that nobody sees here, and takes an eighth less (docs/performance.md).
NAMES = ("chromium-headless-shell", "chromium", "google-chrome")


def _path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = _path()
    if path is None:
        pytest.skip("Chromium is not on the path; install it, e.g. `apt install chromium` or `brew install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def another(chromium: Browser) -> Iterator[Browser]:
    """A process of its own, for who does to its pages what pages are not made for; it ends with whatever is open in it."""
    path = _path()
    browser = chromium.browser_type.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()
