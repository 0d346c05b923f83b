"""What is forged, old, malformed or broken, handed to the whole mesh in memory: nothing is doubled or unapproved, and it is told once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from exploring.engine import Fault
from mesh_world import base
from mesh_world.world import MeshWorld, in_memory

from mesh.events import Approved, Cleared, PackageReady, Retry, ReviewRequested, Send

POST = dict[str, Any]


@pytest.fixture
def world() -> Iterator[MeshWorld]:
    """An approved post at its minute, its booking's event still on its way."""
    with in_memory():
        yield base.released(base.due_world().copy())


def put(world: MeshWorld, event: dict[str, Any]) -> None:
    """On the bus, as its rules would hand it to the functions: also what no rule of this stack would match."""
    for function in ("sender", "scheduler", "drive-sync", "notifier", "renderer"):
        world.undelivered[function, json.dumps(event, sort_keys=True)] += 1


def trouble_mails(world: MeshWorld) -> list[str]:
    subjects = [str(message_from_bytes(raw)["Subject"]) for _, raw in world.bare_mail.sent]
    told = ("is damaged", "is paused", "are late", "is late", "will keep", "Did this go out", "cannot", "was not sent")
    return [subject for subject in subjects if any(part in subject for part in told)]


def words(world: MeshWorld) -> list[str]:
    return [posted.text for posted in world.kind.feed.posts]


def send(world: MeshWorld, **update: Any) -> dict[str, Any]:
    (event,) = base.sends(world)
    return {**event, "detail": {**event["detail"], **update}}


@pytest.mark.parametrize(
    "forge",
    [
        lambda event: event | {"source": "other"},
        lambda event: event | {"source": "aws.events"},
        lambda event: {name: value for name, value in event.items() if name != "source"},
        lambda event: event | {"detail-type": "ss.unheard.of"},
        lambda event: event | {"detail": {}},
        lambda event: event | {"detail": {"post_id": ["p"], "channel": 7}},
        lambda event: event | {"detail": "text"},
    ],
    ids=["another stack's", "AWS's own", "nobody's", "of no known type", "empty", "of other types", "no object"],
)
def test_a_forged_or_malformed_event_does_nothing_and_lies_in_the_dead_letter_queue_with_its_reason(
    world: MeshWorld, forge: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    put(world, forge(send(world)))
    world.settle()
    assert world.complaints() == []
    assert words(world) == ["Apple cake number 1"]
    letters = [error for _, _, error in world.letters]
    assert len(letters) >= 3
    assert all(":" in error for error in letters)
    assert trouble_mails(world) == []


@pytest.mark.parametrize(
    "old",
    [
        {"attempt": 7},
        {"attempt": 0},
        {"attempt": -1},
        {"revision": "0" * 64},
        {"channel": "second"},
        {"channel": "nowhere"},
        {"post_id": "p_gone"},
    ],
    ids=lambda update: str(update),
)
def test_an_event_that_is_old_or_for_another_version_channel_or_post_sends_nothing(
    world: MeshWorld, old: dict[str, Any]
) -> None:
    world.invoke("sender", send(world, **old), "sender-old")
    assert words(world) == []
    world.settle()
    assert world.complaints() == []
    assert words(world) == ["Apple cake number 1"]


def test_events_of_a_deleted_post_do_nothing(world: MeshWorld) -> None:
    event = send(world)
    (post_id,) = base.post_ids(world)
    revision = event["detail"]["revision"]
    world.bare_sheet.delete(post_id)
    world.owners_cells[post_id] = None
    base.pump(world, 12)
    for detail in (
        Send(post_id=post_id, channel="main", revision=revision, attempt=1),
        Retry(post_id=post_id, channel="main", revision=revision, attempt=2),
        Approved(post_ids=[post_id]),
        Cleared(post_ids=[post_id]),
        PackageReady(post_ids=[post_id]),
        ReviewRequested(posts=[{"post_id": post_id, "revision": revision}], round_id="r_old", reason="new"),
    ):
        put(world, world.envelope(detail))
    mails = len(world.bare_mail.sent)
    world.settle()
    assert world.complaints() == []
    assert words(world) == []
    assert len(world.bare_mail.sent) == mails


def test_an_event_of_last_month_is_as_good_as_a_second_delivery(world: MeshWorld) -> None:
    event = send(world)
    world.settle()
    world.now += timedelta(days=30)
    for _ in range(3):
        world.invoke("sender", event, "sender-late")
    world.settle()
    assert world.complaints() == []
    assert words(world) == ["Apple cake number 1"]


@pytest.mark.parametrize("state", ["perhaps", "", "SENT", 7, None])
def test_a_head_in_a_state_no_code_writes_is_not_sent_and_told_once(world: MeshWorld, state: Any) -> None:
    (post_id,) = base.post_ids(world)
    (head,) = world.heads()
    world.bare_tables.put("ss-sends", head | {"state": state})
    before = world.bare_tables.get("ss-sends", {"post_channel": f"{post_id}#main", "attempt": 0})
    base.pump(world, 30)
    assert words(world) == []
    assert len(trouble_mails(world)) == 1
    assert world.bare_tables.get("ss-sends", {"post_channel": f"{post_id}#main", "attempt": 0}) == before
    cells = world.bare_sheet.cells(post_id)
    assert cells is not None
    assert "damaged" in str(cells["status"])


def test_one_damaged_post_does_not_stop_the_other() -> None:
    with in_memory():
        world = base.released(base.due_world(2).copy())
        first, second = base.post_ids(world)
        item = world.status(first)
        world.bare_tables.put("ss-status", item | {"channels": "not a list", "version": "seven"})
        base.pump(world, 30)
        assert words(world) == ["Apple cake number 2"]
        assert world.status(second)["state"] == "sent"
        assert len(trouble_mails(world)) == 1


@pytest.mark.parametrize("port", ["tables", "s3", "sheet", "secrets"])
def test_what_is_throttled_for_an_hour_sends_nothing_twice_and_is_told_or_sent_after_it(
    world: MeshWorld, port: str
) -> None:
    step = world._step

    def throttled(call: Any, effect: Callable[[], Any], faulty: Any) -> Any:
        hit = {
            "tables": "ss-" in call.text or "“" in call.text,
            "s3": "s3/" in call.text,
            "sheet": "sheet" in call.text or "Drive" in call.text,
            "secrets": "secret/" in call.text,
        }[port]
        if hit and (Fault.THROTTLED in faulty or Fault.LOST in faulty):
            return faulty.get(Fault.THROTTLED, faulty.get(Fault.LOST))()
        return step(call, effect, faulty)

    world._step = throttled  # type: ignore[method-assign]
    world._switch()
    base.pump(world, 60)
    assert words(world) == []
    assert world.letters
    world._step = step  # type: ignore[method-assign]
    world._switch()
    world.letters.clear()
    world.settle()
    assert world.complaints() == []
    assert words(world) == ["Apple cake number 1"]
    told = trouble_mails(world)
    assert len(told) == len(set(told)), "each trouble once"
    assert set(told) <= {"A post is late", "Your sheet cannot be read"}


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"network": "bluesky"}'])
def test_a_channel_s_secret_that_says_nothing_pauses_it_once_and_goes_on_when_it_is_mended(
    world: MeshWorld, text: str
) -> None:
    good = world.bare_secrets.get_secret_value(SecretId="ss/channels/main")["SecretString"]
    world.bare_secrets.put_secret_value(SecretId="ss/channels/main", SecretString=text)
    base.pump(world, 30)
    assert words(world) == []
    assert len(trouble_mails(world)) == 1
    world.bare_secrets.put_secret_value(SecretId="ss/channels/main", SecretString=good)
    base.pump(world, 70)
    assert words(world) == ["Apple cake number 1"]
    assert len(trouble_mails(world)) == 1
    assert world.complaints() == []
