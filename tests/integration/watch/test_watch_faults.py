"""Each alarm of stacks/watch.yaml rings when what it is for happens, no other rings with it, and the template alone decides."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from faults import FAULTS, FUNCTIONS, key_rotated_away, links_tampered_with, sent
from mesh_world import base
from mesh_world.wiring import SLACK_SECRET
from watched_mesh import PARAMETERS, TEMPLATE, Record, figures_line, idle, watch, watched

from local.deploy import read_template
from local.watch.stack import Watch, watch_of
from mesh.approvals import Action, Purpose, Signer
from mesh.keyring import Keyring
from mesh.vault import Vault

_KEYS = "ss/approval/signing-secret"


@cache
def happened(fault: str) -> Record:
    return FAULTS[fault][0]()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_rings_its_alarm_and_no_other(fault: str) -> None:
    assert happened(fault).rang(watch()) == FAULTS[fault][1]


def test_every_alarm_has_a_fault_that_rings_it() -> None:
    rung = set().union(*(alarms for _, alarms in FAULTS.values()))
    assert rung == {alarm.name.removeprefix("ss-") for alarm in watch().alarms}


# The template, spoilt: the alarm, the fault that would have rung it, and what was done to it.


def _alarm(name: str, **changes: Any) -> Callable[[dict[str, Any]], None]:
    def spoil(resources: dict[str, Any]) -> None:
        (found,) = [
            one
            for one in resources.values()
            if one["Properties"].get("AlarmName") == {"Fn::Sub": f"${{Prefix}}-{name}"}
        ]
        assert set(changes) <= set(found["Properties"])
        found["Properties"] |= changes

    return spoil


def _pattern(filter_id: str, was: str, becomes: str) -> Callable[[dict[str, Any]], None]:
    def spoil(resources: dict[str, Any]) -> None:
        properties = resources[filter_id]["Properties"]
        assert was in properties["FilterPattern"]
        properties["FilterPattern"] = properties["FilterPattern"].replace(was, becomes)

    return spoil


SPOILT = [
    ("tick", "the scheduler is dead for a day", _alarm("tick", TreatMissingData="notBreaching")),
    ("tick", "the daily tick's schedule is gone", _alarm("tick", Threshold=200_000)),
    ("sync", "drive-sync is dead", _alarm("sync", Threshold=27_000)),
    ("late-posts", "the sender is not woken", _alarm("late-posts", Threshold=9_000)),
    ("late-posts", "the sender is not woken", _alarm("late-posts", MetricName="DueLate")),
    ("unknown-outcomes", "an answer is lost", _alarm("unknown-outcomes", Threshold=1)),
    ("failed-sends", "2 of 100 tries fail", _alarm("failed-sends", Threshold=2)),
    ("failed-sends", "2 of 100 tries fail", _pattern("FailedTriesFilter", '!= "ok"', '= "failed"')),
    ("signatures", "the key is rotated away", _alarm("signatures", Threshold=6)),
    ("signatures", "real links are tampered with", _pattern("TamperedLinksFilter", "of ours", "of theirs")),
    ("dead-letters", "an event cannot be handled", _alarm("dead-letters", Threshold=1)),
    ("failing-functions", "a page runs out of time", _pattern("ApproveHandlerFailuresFilter", "Task timed out after", "Task ended")),
    ("failing-functions", "an event cannot be handled", _pattern("RendererFailuresFilter", "[ERROR]", "[FATAL]")),
    ("refused-calls", "clicks are refused", _alarm("refused-calls", DatapointsToAlarm=3)),
    ("drafting-machine", "the drafting machine fails", _alarm("drafting-machine", ComparisonOperator="LessThanThreshold")),
    ("bedrock-spend", "drafts are too dear", _alarm("bedrock-spend", Period=3600)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("alarm", "fault", "spoil"), SPOILT, ids=[f"{one[0]}-{number}" for number, one in enumerate(SPOILT)]
)
def test_an_alarm_that_is_spoilt_in_the_template_rings_no_more(
    alarm: str, fault: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    parsed = copy.deepcopy(read_template(TEMPLATE))
    spoil(parsed["Resources"])
    assert alarm in happened(fault).rang(watch())
    assert alarm not in happened(fault).rang(watch_of(parsed, PARAMETERS))


# what each of them leaves alone


@pytest.mark.parametrize(
    ("failed", "of", "rings"), [(1, 20, False), (1, 5, False), (2, 199, True), (2, 200, False), (3, 12, True)]
)
def test_one_failure_is_a_networks_bad_minute_and_more_than_one_in_a_hundred_are_not(
    failed: int, of: int, rings: bool
) -> None:
    assert ("failed-sends" in sent(failed, of).rang(watch())) is rings


@pytest.mark.parametrize("how", [key_rotated_away, links_tampered_with])
def test_five_bad_signatures_within_an_hour_do_not_ring_yet(how: Callable[[int], Record]) -> None:
    assert how(5).rang(watch()) == set()


def test_a_rotation_under_a_warm_page_rings_nothing() -> None:
    """It holds the old list, and is shown links that the new key signed: it looks again before it calls them tampered with."""
    world = watched(base.asked_world(2))
    posts, added = base.post_ids(world), "a-newer-key-of-forty-characters-012345678"
    read = Vault.signing_keys
    held = Keyring(lambda: read(Vault(world.bare_secrets), _KEYS), now=lambda: world.now)
    keys = json.dumps({"keys": [base.SIGNING_KEY, added]})
    world.bare_secrets.put_secret_value(SecretId=_KEYS, SecretString=keys)
    with patch.object(Vault, "signing_keys", lambda vault, name: held):
        for number in range(8):
            link = base.signed(world, Action.REVIEW, posts[number % 2])
            token = Signer([base.SIGNING_KEY], "ss").read(link.rpartition("/")[2], world.now)
            signer = Signer([base.SIGNING_KEY if number % 2 else added], "ss")
            request = base.request(f"{base.ORIGIN}/{signer.sign(token)}")
            assert world.invoke("approve-handler", request, f"reader-{number}")["statusCode"] == 200
            base.pump(world, 1)
    assert not [line for _, _, line in world.record.lines if '"refused"' in line]
    assert world.record.rang(watch()) == set()


def test_another_businesses_lines_and_figures_ring_nothing_here() -> None:
    other: Watch = watch_of(read_template(TEMPLATE), {**PARAMETERS, "Prefix": "cafe"})
    for fault in FAULTS:
        record = happened(fault)
        quiet = Record(began=record.began, ended=record.ended)
        assert record.rang(other) == quiet.rang(other) == {"tick"}, "of the other there is nothing at all"


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "line",
    [
        "[ERROR] Runtime.ImportModuleError: Unable to import module",
        "2027-03-25T09:00:00.000Z 7f3c Task timed out after 60.00 seconds",
        "RequestId: 7f3c Error: Runtime exited with error: signal: killed",
    ],
)
def test_however_a_function_fails_it_is_counted(function: str, line: str) -> None:
    world = idle()
    for _ in range(2):
        world.record.log(function, world.now, line)
    base.pump(world, 5)
    assert world.record.rang(watch()) == set(), "twice is tried again by itself"
    world.record.log(function, world.now, line)
    base.pump(world, 5)
    assert world.record.rang(watch()) == {"failing-functions"}


def test_a_click_in_slack_that_slacks_secret_does_not_vouch_for_is_counted_where_its_button_is_ours() -> None:
    world = watched(base.asked_world(1))
    token = Signer([base.SIGNING_KEY], "ss").read(
        base.signed(world, Action.HOLD, base.post_ids(world)[0]).rpartition("/")[2], world.now
    )
    counted = []
    for key in (base.SIGNING_KEY, "a-strangers-own-key-of-forty-characters-0"):
        before = len(world.record.lines)
        _click_in_slack(world, Signer([key], "ss", Purpose.SLACK).sign(token))
        counted.append([line for _, _, line in world.record.lines[before:] if "signature of one of ours" in line])
    assert [len(lines) for lines in counted] == [1, 0]


def _click_in_slack(world: Any, value: str) -> None:
    from urllib.parse import quote

    from mesh.slack import signature

    click = {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "hold", "value": value}]}
    body = f"payload={quote(json.dumps(click))}"
    stamp = str(int(world.now.timestamp()))
    proof = signature(SLACK_SECRET["signing_secret"] + "?", stamp, body.encode())
    request = {
        "version": "2.0",
        "rawPath": "/slack",
        "headers": {"x-slack-request-timestamp": stamp, "x-slack-signature": proof},
        "requestContext": {"http": {"method": "POST"}, "domainName": "x.on.aws"},
        "body": body,
    }
    assert world.invoke("approve-handler", request, "slack")["statusCode"] == 404


def test_a_figure_is_in_the_stacks_own_namespace_and_says_whose_it_is() -> None:
    assert '"Namespace":"ss","Dimensions":[["service"]]' in figures_line("scheduler", TickAge=1.0)
