"""What a post takes is what was counted less what would have been anyway; many businesses cost the month of one, many times."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from local.cost.bill import Line
from local.cost.command import standing_now
from local.cost.prices import PRICES
from local.scale.costs import each
from local.scale.house import Shape
from local.scale.measured import SMALL, measured
from local.scale.measuring import NotCountedError, Steps, kept
from local.scale.stacks import fits, held

CAUSES = {
    "quiet": [["ss-drive-sync", "schedule ss-drive-sync", 1]],
    "sending": [["ss-drive-sync", "schedule ss-drive-sync", 1], ["ss-sender", "event ss.send", 3], ["ss-drive-sync", "event ss.sent", 3]],
    "probing": [["ss-sender", "event ss.probe", 1]],
}  # fmt: skip


def step(causes: str, *, polls: int, runs: int = 0, reads: int = 0) -> dict[str, Any]:
    sends = 3 if causes == "sending" else 0
    functions = {
        "ss-sender": {"invocations": sends, "cpu_seconds": 0.2 * sends},
        "ss-drive-sync": {"invocations": polls + runs, "cpu_seconds": 0.1 * (polls + runs)},
    }
    return {
        "causes": CAUSES[causes],
        "functions": functions,
        "calls": [
            ["secretsmanager", "PutSecretValue", "ss-sender", sends // 3],
            ["dynamodb", "Query", "ss-drive-sync", polls + runs],
        ],
        "remote": [["ss-sender", "x", sends], ["ss-drive-sync", "google", polls + runs]],
        "units": [["ss-audit", "month", "ss-sender", "write", 4 * sends]],
        "google": Counter({"sheets read": reads, "drive changes": polls + runs, "drive list": 2 * sends}),
    }


def cost() -> dict[str, Any]:
    counts = ("log_lines", "log_bytes", "sent_bytes", "answered_bytes")
    one = {
        "invocations": 10,
        "cpu_seconds": 1.0,
        "init_cpu_seconds": 2.0,
        "cold": 4,
        "bursts": 1,
        **dict.fromkeys(counts, 0),
    }
    figures = {
        "functions": {"ss-sender": one},
        "calls": [],
        "units": [],
        "remote": [],
        "hours": [],
        "plain": {"firings": 60},
    }
    month = {"days": 30, "published": 3, "bedrock_micro_usd": 0, "stored": {}, "hosts": {}, "figures": figures}
    return {"months": {"60 posts": month}}


def test_a_post_takes_what_a_quiet_step_does_not() -> None:
    steps = [
        step("quiet", polls=1),
        step("quiet", polls=1),
        step("sending", polls=1, runs=2, reads=8),
        step("probing", polls=1),
    ]
    found = kept(steps, cost(), standing_now(), "today")
    post = found["post"]
    assert post["functions"]["sender"]["remote"] == {"x": 3.0}
    assert post["functions"]["drive-sync"] | {"cpu_seconds": 0} == {
        "invocations": 2.0,
        "cpu_seconds": 0,
        "calls": {"dynamodb": 2.0},
        "remote": {"google": 2.0},
    }
    assert (post["google"]["sheets read"], post["google"]["drive changes"], post["google"]["drive list"]) == (
        8.0,
        2.0,
        6.0,
    )
    assert (post["stored"], post["month_units"], found["sender_start_seconds"]) == (1.0, 12.0, 0.75)
    assert found["months"]["60"]["counts"]["scheduler.firings"] == 60


@pytest.mark.parametrize("steps", [[step("quiet", polls=1)], [step("sending", polls=1)], [step("probing", polls=1)]])
def test_days_in_which_nothing_went_out_or_nothing_was_quiet_are_not_taken(steps: Steps) -> None:
    with pytest.raises(NotCountedError, match="no post went out"):
        kept(steps, cost(), standing_now(), "today")


def test_without_a_counted_month_nothing_is_written() -> None:
    with pytest.raises(NotCountedError, match="make cost"):
        kept([step("sending", polls=1)], {}, standing_now(), "today")


def test_a_send_is_longer_the_more_its_network_is_asked() -> None:
    seconds = measured().send_seconds
    assert seconds["facebook"] < seconds["x"] < seconds["instagram"] < 30


def test_one_business_costs_the_same_in_either_shape_and_many_share_what_is_free_once() -> None:
    counts = measured().months[SMALL].counts
    alone = each(counts, 1, Shape.STACKS)
    assert alone == each(counts, 1, Shape.SHARED)
    lines = [Line(PRICES[key], count) for key, count in counts.items() if PRICES[key].service not in ("X", "Bedrock")]
    assert alone.usd == pytest.approx(sum(line.free_usd for line in lines))
    many = [each(counts, size, Shape.STACKS) for size in (1, 20, 200, 50_000)]
    assert [one.usd for one in many] == sorted(one.usd for one in many)
    assert many[-1].usd < sum(line.usd for line in lines)
    assert many[-1].usd - many[-1].undashed == pytest.approx(3, abs=0.01)


def test_stacks_are_counted_with_what_sam_makes_of_them_and_a_secret_for_each_channel() -> None:
    assert held()["AWS::Scheduler::Schedule"] == 11
    assert held()["AWS::SecretsManager::Secret"] == 3 + 3
    assert held()["AWS::CloudFormation::Stack"] == 3
    rooms = [one.businesses for one in fits()]
    assert rooms == sorted(rooms)
    assert all(one.each * one.businesses <= one.quota.value < one.each * (one.businesses + 1) for one in fits())
