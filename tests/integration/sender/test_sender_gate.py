"""Nothing goes out unless everything agrees at the moment of sending."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from moto_mesh import POSTS_BUCKET, RULES_BUCKET, MotoMesh
from sender_stage import CHANNEL, DID, POST, RULES, FakeNetworks, Stage

from mesh.errors import BrokenItem, Doubt, MeshError, Throttled, Unreachable
from mesh.events import Sent, Trouble
from mesh.ledger import Act, HeadState
from mesh.ledger.runtime import HOLD_EVERYTHING


@pytest.fixture
def stage(mesh: MotoMesh) -> Stage:
    return Stage(mesh)


def hold_everything(stage: Stage) -> None:
    act = Act("hold everything", by="ada@example.test", at=stage.now)
    stage.mesh.ledger.set_standing("everything", HOLD_EVERYTHING, {"by": "ada@example.test"}, act)


def set_cell(column: int, value: object) -> Callable[[Stage], None]:
    def change(stage: Stage) -> None:
        stage.row[column] = value

    return change


FINAL: dict[str, tuple[Callable[[Stage], None], str]] = {
    "held": (lambda stage: stage.hold(), "on hold"),
    "deleted": (lambda stage: stage.google.values.pop(), "not in the sheet"),
    "gone": (lambda stage: stage.change(gone_at=stage.now.isoformat()), "taken out"),
    "unticked": (set_cell(8, False), "tick"),
    "stamp of another version": (set_cell(9, f"{POST}:{'0' * 64}"), "another version"),
    "text edited": (set_cell(3, "Yesterday's cake"), "edited"),
    "alt text edited": (set_cell(6, "Another cake"), "edited"),
    "moved by an hour": (set_cell(2, 0.5), "edited"),
    "date broken": (set_cell(1, "13/25/2026"), "is no date"),
    "channel added": (set_cell(4, f"{CHANNEL}, mastodon-main"), "edited"),
    "edit seen by the sync": (lambda stage: stage.change(source_revision="other"), "edited"),
    "not approved": (lambda stage: stage.change(approval=None), "not approved"),
    "channel left the rules": (lambda stage: stage.rules("Time zone: Europe/Berlin"), "rules doc"),
}


@pytest.mark.parametrize("name", FINAL)
def test_a_final_reason_ends_the_booking_and_shows(stage: Stage, name: str) -> None:
    change, words = FINAL[name]
    change(stage)

    done = stage.send()

    assert done.move == "gate final"
    assert words in done.reason
    assert stage.networks.creating == []
    head = stage.head()
    assert (head.state, head.booking, head.next_at, head.detail) == (HeadState.READY, None, None, done.reason)
    assert stage.mesh.events_of(Sent) == []


def test_the_same_closed_gate_twice_changes_nothing_more(stage: Stage) -> None:
    stage.hold()
    stage.send()
    before = stage.head()

    stage.send()

    assert stage.head() == before


def test_a_hold_on_everything_waits_without_noise(stage: Stage) -> None:
    hold_everything(stage)

    assert stage.send().move == "gate waiting"

    assert stage.head().state is HeadState.READY
    assert stage.mesh.events == []
    assert stage.google.calls == [], "a closed gate asks nobody else"


@pytest.mark.parametrize(
    "rules",
    [
        RULES.replace(DID, "did:plc:someoneelse"),
        RULES.replace("https://pds.example.test", "https://evil.example.test"),
        RULES.replace("bluesky-main: bluesky", "bluesky-main: mastodon"),
    ],
)
def test_a_rules_doc_that_names_another_account_pauses_the_channel(stage: Stage, rules: str) -> None:
    stage.rules(rules)

    assert stage.send().move == "gate waiting"

    assert stage.networks.paths == []
    assert stage.mesh.ledger.standing(["pause#bluesky-main"])["pause#bluesky-main"]["reason"] == "mismatch"
    assert len(stage.mesh.events_of(Trouble)) == 1


def test_a_good_token_does_not_lift_the_pause_of_a_mismatch(stage: Stage) -> None:
    stage.rules(RULES.replace(DID, "did:plc:someoneelse"))
    stage.send()

    assert stage.ports.channels.probe(CHANNEL, "t_1") == "paused"
    stage.rules(RULES)
    assert stage.ports.channels.probe(CHANNEL, "t_1") == "alive"


def test_a_channel_reconnected_to_another_account_pauses(stage: Stage) -> None:
    stage.connect(CHANNEL, "bluesky", "did:plc:someoneelse", "https://pds.example.test", {"access_jwt": "x"})

    assert stage.send().move == "gate waiting"
    assert stage.networks.paths == []


IS_NOT_CONNECTED = f"{CHANNEL} is not connected. Connect the channel again."


@pytest.mark.parametrize("text", ["not json", "[]", '{"network": "bluesky"}'])
def test_an_unreadable_channel_secret_pauses_and_is_told_once(
    stage: Stage, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    stage.mesh.secrets.put_secret_value(SecretId=f"ss/channels/{CHANNEL}", SecretString=text)

    assert stage.send().move == "gate waiting"
    assert stage.send().move == "gate waiting"

    assert stage.networks.paths == []
    (told,) = stage.mesh.events_of(Trouble)
    assert told.message.startswith(f"{CHANNEL} is paused, nothing is posted there: {IS_NOT_CONNECTED}")
    assert "secret" not in told.message
    logged = capsys.readouterr().out
    assert f"secret ss/channels/{CHANNEL}" in logged, "which one is for the log"


def test_a_probe_of_a_channel_without_a_sign_in_says_what_to_do(stage: Stage) -> None:
    stage.mesh.secrets.delete_secret(SecretId=f"ss/channels/{CHANNEL}", ForceDeleteWithoutRecovery=True)

    assert stage.ports.channels.probe(CHANNEL, "t_1") == "paused"

    (told,) = stage.mesh.events_of(Trouble)
    assert told.message == f"{CHANNEL} is paused, nothing is posted there: {IS_NOT_CONNECTED}"


def no_connection(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


GOOGLE_DOWN: dict[str, tuple[Callable[[httpx.Request], httpx.Response], type[MeshError]]] = {
    "500": (lambda _: httpx.Response(500), Unreachable),
    "429": (lambda _: httpx.Response(429, json={"error": {"message": "quota"}}), Throttled),
    "HTML": (lambda _: httpx.Response(200, text="<html>"), Unreachable),
    "no connection": (no_connection, Unreachable),
    "no longer shared": (lambda _: httpx.Response(403, json={"error": {"message": "no"}}), Doubt),
}


@pytest.mark.parametrize("name", GOOGLE_DOWN)
def test_a_doubt_raises_and_leaves_the_head_as_it_was(stage: Stage, name: str) -> None:
    stage.google.down, error = GOOGLE_DOWN[name]
    before = stage.head()

    with pytest.raises(error):
        stage.send()

    assert stage.head() == before
    assert stage.networks.creating == []
    stage.google.down = None
    stage.send()
    assert stage.head().state is HeadState.SENT


def test_two_rows_with_the_id_are_a_doubt(stage: Stage) -> None:
    stage.google.values.append(list(stage.row))

    with pytest.raises(Doubt, match="all carry the id"):
        stage.send()

    assert stage.networks.creating == []


def test_missing_rules_are_a_doubt(stage: Stage) -> None:
    stage.mesh.s3.delete_object(Bucket=RULES_BUCKET, Key="rules.txt")

    with pytest.raises(Doubt):
        stage.send()

    assert stage.networks.creating == []


def test_rules_without_a_known_zone_are_a_doubt_and_the_row_does_not_look_edited(stage: Stage) -> None:
    stage.rules(RULES.replace("Europe/Berlin", "Europe/Berln"))

    with pytest.raises(Doubt, match="no time zone"):
        stage.send()

    assert stage.networks.creating == []
    stage.rules(RULES)
    stage.send()
    assert stage.head().state is HeadState.SENT


def test_a_sender_without_the_library_of_holidays_sends_by_rules_that_name_a_country(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    stage.rules(RULES + "Feiertage: Bayern\n")
    stage.send()
    assert stage.head().state is HeadState.SENT


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda stage: stage.hold(),
        hold_everything,
        lambda stage: stage.change(source_revision="edited"),
        lambda stage: stage.change(approval=None),
    ],
    ids=["held", "everything held", "edited", "approval gone"],
)
def test_what_happens_between_gate_and_claim_stops_the_claim(stage: Stage, meanwhile: Callable[[Stage], None]) -> None:
    stage.google.meanwhile = lambda: meanwhile(stage)

    assert stage.send().move.startswith("gate")

    assert stage.networks.creating == []
    assert stage.attempts() == []


def test_an_image_is_uploaded_from_the_package(mesh: MotoMesh) -> None:
    stage = Stage(mesh, image=True)

    stage.send()

    assert stage.head().state is HeadState.SENT
    assert stage.networks.paths == ["com.atproto.repo.uploadBlob", "com.atproto.repo.putRecord"]


def test_an_image_exchanged_in_the_folder_closes_the_gate(mesh: MotoMesh) -> None:
    stage = Stage(mesh, image=True)
    stage.google.images["cake.png"] = "0" * 32

    assert "edited" in stage.send().reason
    assert stage.networks.paths == []


def test_an_image_gone_from_the_folder_closes_the_gate(mesh: MotoMesh) -> None:
    stage = Stage(mesh, image=True)
    stage.google.images.clear()

    assert "cake.png" in stage.send().reason
    assert stage.networks.paths == []


def upload(mesh: MotoMesh, content: bytes) -> dict[str, str]:
    """A picture that was added to a note, as the row names it, with its MD5."""
    mesh.s3.put_object(Bucket=mesh.posts_bucket, Key="uploads/u_1", Body=content)
    return {"upload:u_1": hashlib.md5(content, usedforsecurity=False).hexdigest()}


def test_an_upload_is_read_live_from_s3_and_not_looked_for_in_the_folder(mesh: MotoMesh) -> None:
    stage = Stage(mesh, images=upload(mesh, b"rolls"))
    stage.google.images = {}

    stage.send()

    assert stage.head().state is HeadState.SENT
    assert "HeadObject" in stage.all_calls


def test_an_upload_beside_a_file_of_the_folder_is_told_apart_from_it(mesh: MotoMesh) -> None:
    stage = Stage(mesh, images={**upload(mesh, b"rolls"), "cake.png": "m" * 32})
    stage.google.images = {"cake.png": "m" * 32}

    stage.send()

    assert stage.head().state is HeadState.SENT


def test_an_upload_exchanged_since_closes_the_gate(mesh: MotoMesh) -> None:
    stage = Stage(mesh, images=upload(mesh, b"rolls"))
    upload(mesh, b"other rolls")

    assert "edited" in stage.send().reason
    assert stage.networks.paths == []


def test_an_upload_gone_closes_the_gate(mesh: MotoMesh) -> None:
    stage = Stage(mesh, images=upload(mesh, b"rolls"))
    mesh.s3.delete_object(Bucket=mesh.posts_bucket, Key="uploads/u_1")

    assert "nothing was uploaded as" in stage.send().reason
    assert stage.networks.paths == []


@pytest.mark.parametrize("what", ["manifest.json", "image"])
def test_wrong_bytes_in_the_package_are_not_sent(mesh: MotoMesh, what: str) -> None:
    stage = Stage(mesh, image=True)
    keys = [item["Key"] for item in stage.mesh.s3.list_objects_v2(Bucket=POSTS_BUCKET)["Contents"]]
    found = [key for key in keys if stage.revision in key and key.endswith(".json") == (what == "manifest.json")]
    stage.mesh.s3.put_object(Bucket=POSTS_BUCKET, Key=found[0], Body=b"{}")

    done = stage.send()

    assert done.reason == "what was approved is damaged"
    assert stage.networks.paths == []
    (told,) = stage.mesh.events_of(Trouble)
    assert told.message == (
        "Nothing was posted: what was approved is damaged. Change a word of its text, so that it is made anew, and approve it again."
    )


@pytest.mark.parametrize("attempt", [0, 2, 7])
def test_an_event_for_another_attempt_sends_nothing(stage: Stage, attempt: int) -> None:
    assert stage.send(attempt=attempt).move == "rest"
    assert stage.networks.creating == []


def test_an_event_for_another_version_sends_nothing(stage: Stage) -> None:
    assert stage.send(revision="0" * 64).move == "rest"
    assert stage.networks.creating == []


def test_an_event_for_no_post_of_ours_sends_nothing(stage: Stage) -> None:
    assert stage.send(channel="nowhere").move == "rest"


def test_a_head_in_a_state_nobody_writes_raises(stage: Stage) -> None:
    key = {"post_channel": {"S": f"{POST}#{CHANNEL}"}, "attempt": {"N": "0"}}
    stage.mesh.dynamodb.update_item(
        TableName="ss-sends",
        Key=key,
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "state"},
        ExpressionAttributeValues={":s": {"S": "perhaps"}},
    )

    with pytest.raises(BrokenItem, match="no code writes"):
        stage.send()

    assert stage.networks.creating == []


def test_once_the_hold_has_ended_the_post_goes(stage: Stage) -> None:
    stage.hold()
    stage.send()
    stage.change(held=None)
    stage.wait(timedelta(minutes=5))

    stage.send()

    assert stage.head().state is HeadState.SENT


@pytest.mark.parametrize("closing", ["held", "edited", "everything on hold", "the sheet is gone"])
def test_what_closes_the_gate_during_the_uploads_keeps_the_post_back(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch, closing: str
) -> None:
    """Uploads take their time: the gate is read once more right before the request that makes the post public."""
    stage = Stage(mesh, image=True)
    upload = FakeNetworks.__call__

    def meanwhile(networks: FakeNetworks, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("uploadBlob"):
            if closing == "held":
                stage.hold()
            elif closing == "edited":
                stage.google.values[1][3] = "Another text"
            elif closing == "everything on hold":
                act = Act("hold", by="test", at=stage.now)
                stage.mesh.ledger.set_standing("everything", HOLD_EVERYTHING, {"by": "ada"}, act)
            else:
                stage.google.down = lambda _: httpx.Response(503)
        return upload(networks, request)

    monkeypatch.setattr(FakeNetworks, "__call__", meanwhile)

    done = stage.send()

    assert (done.outcome, stage.networks.creating) == ("retryable", [])
    head, (attempt,) = stage.head(), stage.attempts()
    assert (head.state, attempt.result, attempt.counted) == (HeadState.RETRY, "fail", False)
    assert head.next_at is not None
