"""A link's page in Chromium: one press of its button is one decision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from mesh.approvals import Action
from tests.browser.door_server import Stage, door


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with door(tmp_path) as stage:
        yield stage


@pytest.mark.parametrize("scripts", [True, False])
def test_one_press_approves_with_script_and_without(chromium: Browser, stage: Stage, scripts: bool) -> None:
    revision = stage.post("p_1", "Fresh rolls from seven")
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(stage.link(Action.REVIEW, [("p_1", revision)]))
    assert stage.decisions() == []
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
    context.close()
    assert stage.decisions() == ["approved"]
    assert stage.status("p_1").approved
