"""What needs the stack: the manifest with its address, and the test mail's event."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.checks.looking import Subject
from local.checks.model import Finding, State
from local.setup import trial_mail
from local.setup.after import manifest
from mesh import events
from mesh.ledger.values import pack

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


class FakeTable:
    """``item`` is what every key holds."""

    def __init__(self, item: dict[str, Any] | None) -> None:
        self.item = item

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {"Item": pack(self.item)} if self.item else {}


def sent(bus: FakeEvents, item: dict[str, Any] | None) -> Finding:
    subject = replace(SUBJECT, client=lambda _: FakeTable(item))
    return trial_mail.send(bus, subject, "ada@cafe.example", lambda _: None)


def test_a_test_mail_is_handed_over_or_not_and_that_is_told() -> None:
    taken = sent(FakeEvents(), {"sent": 1, "refused": ""})
    assert taken.state is State.GOOD
    assert "SES has taken it, to ada@cafe.example alone" in taken.said
    refused = sent(FakeEvents(), {"sent": 0, "refused": "ada@cafe.example: the mail was refused (MessageRejected)"})
    assert refused.state is State.BAD
    assert "MessageRejected" in refused.said
    waiting = sent(FakeEvents(), None)
    assert waiting.state is State.BAD
    assert "make doctor ENV=cafe" in waiting.fix


@pytest.mark.parametrize(
    ("answer", "people", "meant"),
    [
        ("yes", ["ada@cafe.example"], "ada@cafe.example"),
        ("BEN@cafe.example", ["ada@cafe.example", "ben@cafe.example"], "ben@cafe.example"),
        ("yes", ["ada@cafe.example", "ben@cafe.example"], "to whom?"),
        ("ops@cafe.example", ["ada@cafe.example"], "none of those who approve"),
    ],
)
def test_a_test_mail_goes_to_one_of_those_who_approve(answer: str, people: list[str], meant: str) -> None:
    found = trial_mail.recipient(answer, people)
    assert meant in (found if isinstance(found, str) else found.said)


def test_a_test_mail_is_a_trouble_of_no_post_told_anew_each_time() -> None:
    bus = FakeEvents()
    for _ in range(2):
        sent(bus, {"sent": 1, "refused": ""})
    assert {json.loads(one["Detail"])["only_for"] for one in bus.entries} == {"ada@cafe.example"}
    told = [events.parse({**_envelope(one)}, "cafe") for one in bus.entries]
    assert all(isinstance(one, events.Trouble) and not one.post_ids and one.cause.startswith("test#") for one in told)
    assert len({one.cause for one in told if isinstance(one, events.Trouble)}) == 2


def _envelope(entry: dict[str, Any]) -> dict[str, object]:
    return {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}
