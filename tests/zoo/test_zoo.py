"""Nobody but a person approves, and nobody's opening of a link has anything mailed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.zoo.day import visited
from tests.zoo.visitors import VISITORS

QUICK = ("HEAD", "GET, three times", "a link expander", "form.submit()", "an injected fetch")
ALL = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in VISITORS]


@pytest.mark.parametrize("name", ALL)
def test_a_visitor_that_nobody_meant_changes_nothing(chromium: Browser, tmp_path: Path, name: str) -> None:
    came = visited(chromium, tmp_path, VISITORS[name])
    assert came.nothing, came
    assert came.requests >= 3, "the visitor never got to the door"
