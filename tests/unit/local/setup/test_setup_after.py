"""What needs the stack: the manifest with its address, and the test mail's event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.checks.looking import Subject
from local.checks.model import State
from local.setup import trial_mail
from local.setup.after import manifest
from mesh import events

SUBJECT = Subject(
    "cafe",
    "cafe",
    "eu-central-1",
    lambda service: None,
    lambda: datetime(2027, 3, 1, tzinfo=UTC),
    "social-scheduler-cafe",
)


class FakeEvents:
    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


def test_the_manifest_has_the_stacks_own_address_and_nothing_left_to_fill_in(tmp_path: Path) -> None:
    found = manifest(SUBJECT, "https://abc.lambda-url.eu-central-1.on.aws/", tmp_path / "build")
    text = (tmp_path / "build" / "slack-app-manifest-cafe.yaml").read_text()
    assert "request_url: https://abc.lambda-url.eu-central-1.on.aws/slack" in text
    assert "APPROVE-URL" not in text
    assert "Before you paste" not in text
    assert found.state is State.GOOD
    assert "slack-app-manifest-cafe.yaml" in found.said


def test_a_manifest_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("in the way")
    assert manifest(SUBJECT, "https://a.example", tmp_path / "build").state is State.DOUBTFUL


def test_a_test_mail_is_a_trouble_of_no_post_told_anew_each_time() -> None:
    bus = FakeEvents()
    for _ in range(2):
        trial_mail.send(bus, "cafe", 2)
    told = [events.parse({**_envelope(one)}, "cafe") for one in bus.entries]
    assert all(isinstance(one, events.Trouble) and not one.post_ids and one.cause.startswith("test#") for one in told)
    assert len({one.cause for one in told if isinstance(one, events.Trouble)}) == 2


def _envelope(entry: dict[str, Any]) -> dict[str, object]:
    return {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}
