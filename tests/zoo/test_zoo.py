"""Nobody but a person approves, and nobody's opening of a link has anything mailed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.zoo.day import enrol, visited
from tests.zoo.visitors import ALSO_ON_A_DEVICE, VISITORS

QUICK = ("GET, three times",)
ALL = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in VISITORS]


@pytest.mark.parametrize("name", ALL)
def test_a_visitor_that_nobody_meant_changes_nothing(chromium: Browser, tmp_path: Path, name: str) -> None:
    came = visited(chromium, tmp_path, VISITORS[name])
    assert came.nothing, came
    assert came.requests >= 3, "the visitor never got to the door"


@pytest.mark.slow
@pytest.mark.parametrize("name", ALSO_ON_A_DEVICE)
def test_on_a_device_that_acts_at_once_only_an_opened_page_before_somebodys_eyes_acts(
    chromium: Browser, tmp_path: Path, name: str
) -> None:
    came = visited(chromium, tmp_path, VISITORS[name], prepare=enrol)
    assert came.nothing, came
    assert came.requests >= 3, "the visitor never got to the door"
