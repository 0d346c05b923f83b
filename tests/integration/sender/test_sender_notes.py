"""What a publish notes before it goes on: stored before anything relies on it, and there again for the look and the repetition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from moto_mesh import MotoMesh
from sender_stage import CHANNEL, POST, Stage

from mesh.errors import Conflict, Unreachable
from mesh.events import Trouble
from mesh.ledger import HeadState
from networks import network
from networks.model import ADDRESS_GOOD_FOR, Finding, Notes, Outcome, Presence, Result
from sender.decide import kept


class Containers:
    """A network that puts a post into a container first. ``ends`` says what becomes of the request that publishes it."""

    def __init__(self, *ends: Outcome) -> None:
        self.declared = replace(network("bluesky").declared, settle=timedelta(minutes=2))
        self.ends = list(ends)
        self.made: list[str] = []
        self.published: list[str] = []
        self.looked_with: list[dict[str, str]] = []
        self.addresses: list[str] = []
        self.found = Finding(Presence.ABSENT)
        self.meanwhile: Callable[[], None] = lambda: None

    def confirms(self, rendition: Any) -> bool:
        return True

    def publish(
        self, http: Any, account: Any, rendition: Any, key: Any, blobs: Any, now: Any, confirm: Any, notes: Notes
    ) -> Outcome:
        self.addresses += [blobs.address(image.sha256) for image in rendition.images]
        container = notes.kept.get("container")
        if container is None:
            container = f"c{len(self.made) + 1}"
            self.made.append(container)
            self.meanwhile()
            if not notes.keep("container", container):
                return Outcome(Result.RETRYABLE, detail="It could not be noted.")
            assert notes.kept["container"] == container
        if why := confirm():
            return Outcome(Result.RETRYABLE, detail=why, closed=True)
        self.published.append(container)
        return self.ends.pop(0)

    def find(self, http: Any, account: Any, rendition: Any, key: Any, kept: Mapping[str, str]) -> Finding:
        self.looked_with.append(dict(kept))
        return self.found


LOST = Outcome(Result.UNKNOWN, detail="It did not say.")
OUT = Outcome(Result.OK, "1", "https://pds.example.test/1", receipt={"seen": "today"})


def before_containers(stage: Stage, adapter: Containers) -> Containers:
    stage.ports = replace(stage.ports, network=lambda _: adapter)  # type: ignore[arg-type,return-value]
    return adapter


@pytest.fixture
def stage(mesh: MotoMesh) -> Stage:
    return Stage(mesh)


def test_what_was_noted_is_stored_with_the_try_and_shown_to_the_look(stage: Stage) -> None:
    adapter = before_containers(stage, Containers(LOST, OUT))
    stage.send()
    assert stage.attempts()[0].receipt == {"container": "c1"}
    stage.wait(timedelta(minutes=3))
    assert stage.send(attempt=2).outcome == Result.OK
    assert adapter.looked_with == [{"container": "c1"}]
    assert adapter.published == ["c1", "c1"]
    assert adapter.made == ["c1"]
    assert stage.attempts()[1].receipt == {"seen": "today"}


def test_a_note_is_a_change_like_any_other_in_the_audit(stage: Stage) -> None:
    before_containers(stage, Containers(OUT))
    stage.send()
    assert [row["action"] for row in stage.mesh.audit(f"{POST}#{CHANNEL}")][-3:] == [
        "claim",
        "noted",
        "published",
    ]


def test_what_an_older_version_noted_is_not_this_ones(stage: Stage) -> None:
    adapter = before_containers(stage, Containers(OUT))
    stage.send()
    other = stage.attempts()[0].model_copy(update={"revision": "0" * 64})
    assert adapter.made == ["c1"]
    assert kept([other], stage.revision) == {}
    assert kept([stage.attempts()[0]], stage.revision) == {"container": "c1", "seen": "today"}


@pytest.mark.parametrize("trouble", [Conflict("tables"), Unreachable("tables")])
def test_a_note_is_tried_again_and_without_it_nothing_is_published(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    adapter = before_containers(stage, Containers(OUT))
    change, failing = stage.mesh.ledger.change_head, [1]

    def change_head(before: Any, after: Any, act: Any, **rest: Any) -> Any:
        if act.action == "noted" and failing[0]:
            failing[0] -= 1
            raise trouble
        return change(before, after, act, **rest)

    monkeypatch.setattr(stage.ports.ledger, "change_head", change_head)
    failing[0] = 99
    assert stage.send().outcome == Result.RETRYABLE
    assert (adapter.published, stage.head().state) == ([], HeadState.RETRY)
    failing[0] = 1
    stage.wait(timedelta(minutes=5))
    assert stage.send(attempt=2).outcome == Result.OK
    assert adapter.published == ["c2"]


def test_a_hold_that_comes_while_it_is_prepared_keeps_it_back_and_the_note_stays_for_later(stage: Stage) -> None:
    adapter = before_containers(stage, Containers(OUT))
    adapter.meanwhile = stage.hold
    stage.send()
    assert adapter.published == []
    assert stage.head().state is HeadState.RETRY
    assert stage.attempts()[0].receipt == {"container": "c1"}


def test_an_image_has_an_address_that_outlives_every_poll_and_names_what_it_is(mesh: MotoMesh) -> None:
    stage = Stage(mesh, image=True)
    adapter = before_containers(stage, Containers(OUT))
    stage.send()
    (address,) = adapter.addresses
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    assert parts.scheme == "https"
    assert asked["response-content-type"] == ["image/png"]
    assert int(asked["X-Amz-Expires"][0]) == ADDRESS_GOOD_FOR.total_seconds()
    assert 2 * timedelta(seconds=adapter.declared.publish_timeout_seconds) < ADDRESS_GOOD_FOR
    assert "X-Amz-Signature" in asked


def test_out_but_not_as_it_should_be_is_told(stage: Stage) -> None:
    before_containers(stage, Containers(replace(OUT, detail="LinkedIn shows only the first 40 characters.")))
    assert stage.send().outcome == Result.OK
    told = [event.message for event in stage.mesh.events if isinstance(event, Trouble)]
    assert told == [
        "LinkedIn shows only the first 40 characters. Please look at the post there: change or delete it there if it is not to stay so."
    ]
    assert stage.head().state is HeadState.SENT
