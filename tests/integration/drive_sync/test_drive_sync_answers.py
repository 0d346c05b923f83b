"""That the answers drive-sync works with are Google's in shape."""

from __future__ import annotations

import pytest
from drive_sync_desk import Desk
from google_discovery import ABSENT, Discovery


def test_a_run_is_answered_in_googles_own_shapes(desk: Desk, discovery: Discovery | None) -> None:
    if discovery is None:
        pytest.skip(ABSENT)
    desk.upload("cake.png", b"\x89PNG\r\n\x1a\n")
    desk.add({"text": "one", "date": "2027-03-27", "image": "cake.png"})
    desk.settle()
    count, problems = discovery.recorded_problems(desk.google.recorded())
    assert count >= 5
    assert problems == []
