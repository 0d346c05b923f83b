"""The operator's commands on the deployed template: a post's way traced, keys rotated under warm functions, dead letters sent again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from local import ROOT
from local.calendars.model import Calendar
from local.console.serve import listening
from local.deploy import deploy
from local.operator import holding, redrive, rotating, status, trace
from local.run import SAMPLE_ZONE, choose_calendar
from local.stack import Stack
from local.story_drafts import Drafts
from local.story_world import World
from mesh.approvals import Action, Signer
from mesh.vault import Vault

pytestmark = pytest.mark.slow
QUIET = timedelta(minutes=11)


@dataclass(frozen=True)
class Cast:
    """``out`` was edited after its approval, approved again, and is out; its text had ``words``. ``nobody`` approved the other."""

    out: str
    words: str
    nobody: str
    batch: list[str]


class Patient(Stack):
    """On a computer that has much else to do."""

    def idle(self, timeout_seconds: float = 240) -> None:
        super().idle(timeout_seconds)


def few_rows(calendar: Calendar) -> Calendar:
    """Four of the sample's posts."""
    rows = {(row["date"], row["time"]): row for row in calendar.rows}
    first = date.fromisoformat(min(day for day, _ in rows))
    wanted = [(0, "16:00"), (1, "13:00"), (2, "08:00"), (3, "09:10")]
    kept = tuple(rows[(first + timedelta(days=day)).isoformat(), at] for day, at in wanted)
    return replace(calendar, rows=kept)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The sample business, its first cards approved but for one post."""
    folder = tmp_path_factory.mktemp("operator") / "cafe"
    with closing(listening(0)) as placeholder:
        stack = Patient(folder, SAMPLE_ZONE, placeholder.getsockname()[1], {"Receipts": "each"})
        try:
            stack.start(lambda line: None)
            stack.deploy(lambda line: None)
            stack.load(few_rows(choose_calendar(None, ZoneInfo(SAMPLE_ZONE))), lambda line: None)
            world = World(stack)
            world.sync()
            world.forward(QUIET)
            world.approve(world.new_cards(), but={world.row_at(3, "09:10")})
            world.settle()
            world.sync()
            yield world
        finally:
            stack.stop()


@pytest.fixture(scope="module")
def cast(world: World) -> Cast:
    post_id = world.row_at(0, "16:00")
    words = world.text(post_id)
    world.type(post_id, "text", f"{words} (Until five.)")
    world.sync()
    world.forward(QUIET)
    world.approve(world.new_cards(containing=post_id))
    world.settle()
    world.to(world.booked_for(post_id) + timedelta(minutes=1))
    assert world.is_out_once(post_id)
    said: list[tuple[str, bool]] = []
    batch = Drafts(world, lambda what, right, detail="": said.append((what, right))).batch_of_five(world.newest_card())
    assert all(right for _, right in said), said
    return Cast(post_id, words, world.row_at(3, "09:10"), batch)


def told(world: World, capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    assert trace.main([*argv, "--json", "--state", str(world.stack.folder)]) == 0
    return json.loads(capsys.readouterr().out)


def steps_of(traced: Any) -> list[str]:
    return [f"{step['source']} {step['who']}: {step['what']}" for step in traced["steps"]]


def in_this_order(steps: list[str], wanted: list[str]) -> None:
    """Each pattern is met by a step after the one that met the pattern before."""
    left = iter(steps)
    for pattern in wanted:
        assert any(re.search(pattern, step) for step in left), (
            f"{pattern} is not there, or not in its place:\n" + "\n".join(steps)
        )


WAY = [
    r"^log drive-sync: emits ss\.calendar\.changed",
    r"^audit scheduler: It appeared in the sheet|^audit scheduler: The row was edited",
    r"^log scheduler: emits ss\.package\.wanted",
    r"^audit renderer: Its preview was made",
    r"^log renderer: emits ss\.package\.ready",
    r"^log renderer: woken by ss\.package\.wanted",
    r"^audit scheduler: (A card about it|It had changed)",
    r"^log scheduler: emits ss\.review\.requested",
    r"^audit notifier: The card was sent",
    r"^log notifier: told: ss\.review\.requested",
    r"^audit owner@cafe-moewe\.example: owner@cafe-moewe\.example approved it from a mail",
    r"^log approve-handler: emits ss\.approved",
    r"^log approve-handler: pressed: review; done",
    r"^audit drive-sync: Tick and stamp were written",
    r"^log drive-sync: emits ss\.cleared",
    r"^audit scheduler: bluesky-main: booked for",
    r"^schedule bluesky-main: p_\S+ falls due: ss\.send \(try 1\)",
    r"^audit sender: bluesky-main: handed to the network",
    r"^audit sender: bluesky-main: posted, http",
    r"^log sender: emits ss\.sent on bluesky-main",
    r"^log sender: woken by ss\.send on bluesky-main \(try 1\): sender: send; ok",
    r"^log notifier: told on bluesky-main \(try 1\): ss\.sent",
]


def test_a_post_s_way_from_the_edit_to_its_address_is_one_thread_and_nobody_else_s(
    world: World, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    traced = told(world, capsys, cast.out, "--all")
    steps = steps_of(traced)

    in_this_order(steps, WAY)
    in_this_order(steps, ["The row was edited", "Tick and stamp were taken out", "approved it", "posted, http"])
    moments = [step["at"] for step in traced["steps"]]
    assert moments == sorted(moments)
    everything = json.dumps(traced)
    assert set(re.findall(r"\bp_[a-z0-9]+\b", everything)) == {cast.out}
    assert cast.words[:20] not in everything  # not a word of the post's text
    signed = [link.url.rsplit("/", 1)[-1] for card in world.cards for link in card.links]
    assert signed
    assert not [token for token in signed if token in everything]
    assert any(step["source"] == "network" and "ok, http" in step["what"] for step in traced["steps"])


def test_a_draft_of_a_batch_is_traced_from_its_note_through_the_machine(
    world: World, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    traced = told(world, capsys, cast.batch[0])
    steps = steps_of(traced)

    in_this_order(
        steps,
        [
            r"^machine draft-batch: \S+ begins",
            r"^audit draft-helper: A plan of 5 posts was made",
            r"^audit .*: owner@cafe-moewe\.example agreed to the plan",
            r"^log draft-helper: batch: draft",
            r"^machine draft-batch: \S+ ends: succeeded",
            r"^audit .*accepted the draft",
            r"^log approve-handler: emits ss\.draft\.accepted",
            r"^audit drive-sync: Its row was put into the sheet",
        ],
    )
    others = set(cast.batch[1:])
    assert not [step for step in steps if any(other in step for other in others)]


def test_a_trace_id_tells_what_one_cause_set_off(world: World, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    first = told(world, capsys, cast.out)
    trace_id = next(step["trace_id"] for step in first["steps"] if "approved it" in step["what"])
    traced = told(world, capsys, trace_id)
    assert {step["trace_id"] for step in traced["steps"]} == {trace_id}
    assert any("approved it" in step["what"] for step in traced["steps"])


def test_keys_are_rotated_while_functions_are_warm_and_links_from_before_and_after_both_work_at_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    card = next(card for card in reversed(world.cards) if card.posts)
    link = next(one for one in card.links if one.token.action is Action.REVIEW)
    name = "ss/approval/signing-secret"
    vault = Vault(world.stack.client("secretsmanager"))
    old = vault.signing_keys(name)
    assert world.mailbox.open(link).status == 200  # warm from here on

    assert rotating.main(["--state", str(world.stack.folder)]) == 0

    new = vault.signing_keys(name)
    assert new[:-1] == old
    said = capsys.readouterr()
    assert not [key for key in new if key in said.out + said.err]
    assert world.mailbox.open(link).status == 200
    door = world.mailbox.address(link).rpartition("/")[0]
    for _ in range(3):
        after = Signer(new[-1:], "ss").sign(link.token)
        assert httpx.get(f"{door}/{after}", trust_env=False).status_code == 200
    assert httpx.get(f"{door}/{Signer(['x' * 40], 'ss').sign(link.token)}", trust_env=False).status_code == 404


def put_letter(world: World, body: Any, **attributes: str) -> None:
    sqs = world.stack.client("sqs")
    url = sqs.get_queue_url(QueueName="ss-dead-letters")["QueueUrl"]
    shaped = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body), MessageAttributes=shaped)


def test_what_is_sent_again_posts_nothing_twice_and_nothing_that_nobody_approved(
    world: World, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    sent, nobody = cast.out, cast.nobody
    statuses = world.statuses()
    function = "arn:aws:lambda:ap-southeast-1:000000000000:function:ss-sender"

    def event(post_id: str) -> dict[str, Any]:
        revision = statuses[post_id]["package"]["revision"]
        detail = {"trace_id": "t_1", "post_id": post_id, "channel": "bluesky-main", "revision": revision, "attempt": 1}
        return {"source": "ss", "detail-type": "ss.send", "detail": detail}

    before = len(world.feed())
    put_letter(world, event(sent), RULE_ARN="arn:aws:events:x", TARGET_ARN=function, ERROR_CODE="NO_PERMISSIONS")
    record = {"requestContext": {"functionArn": function, "approximateInvokeCount": 3}, "requestPayload": event(nobody)}
    put_letter(world, record)
    put_letter(world, {**event(nobody), "source": "somebody"}, TARGET_ARN=function)
    state = ["--state", str(world.stack.folder)]

    assert redrive.main(state) == 1
    assert "3 dead letters (3 of sender). Nothing was changed; --go sends 2 of them again." in capsys.readouterr().out
    assert redrive.main([*state, "--go"]) == 1
    out = capsys.readouterr().out
    assert "2 sent again, 1 left." in out
    assert "kept: its event is of another source" in out
    world.settle()

    assert len(world.feed()) == before
    assert not world.published(nobody)
    assert world.is_out_once(sent)
    assert redrive.main(state) == 1  # the stranger's is kept
    assert "1 dead letter (" in capsys.readouterr().out


def test_status_says_what_needs_a_human_and_hold_all_stops_what_is_due(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ["--state", str(world.stack.folder)]
    assert holding.hold(["--why", "a stock-taking", *state]) == 0
    assert holding.hold(state) == 0
    assert "Nothing to do:" in capsys.readouterr().out
    world.settle()
    due = min(datetime.fromisoformat(head["booking"]["at"]) for head in world.heads() if head.get("booking"))
    before = len(world.feed())
    world.to(due.astimezone(UTC) + timedelta(minutes=2))
    assert len(world.feed()) == before

    status.main([*state])
    assert "EVERYTHING, by " in capsys.readouterr().out
    assert holding.release(state) == 0
    world.settle()
    world.sync()
    assert len(world.feed()) > before


def test_the_watch_comes_up_beside_the_mesh_whose_log_groups_it_reads_and_status_asks_it(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = world.stack
    parameters = {"Prefix": "ss", "OperatorMail": "ops@example.test"}
    deploy(ROOT / "stacks" / "watch.yaml", stack.aws, "ss-watch", parameters, tmp_path, lambda line: None)
    filters = stack.client("logs").describe_metric_filters()["metricFilters"]
    groups = {one["logGroupName"] for one in stack.client("logs").describe_log_groups()["logGroups"]}
    assert {one["logGroupName"] for one in filters} <= groups
    stack.client("cloudwatch").set_alarm_state(AlarmName="ss-sync", StateValue="ALARM", StateReason="for a test")
    assert status.main(["--state", str(stack.folder)]) == 1
    assert "! The alarm sync rings\n    docs/runbooks/sync.md" in capsys.readouterr().out
