"""The console's switches for Slack and the model, at their servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from local.bedrock.serve import LocalBedrock
from local.console.service_switches import service_groups
from local.console.switches import order_body
from local.slack.serve import LocalSlack

SWITCHES = {one.id: one for group in service_groups() for one in group.switches}


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    server = LocalSlack(None)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bedrock() -> Iterator[LocalBedrock]:
    server = LocalBedrock()
    server.start()
    yield server
    server.stop()


def turn(origin: str, switch: str, count: int = 1) -> str:
    """Its id."""
    one = SWITCHES[switch]
    for order in one.orders:
        httpx.post(origin + order.path, json=order_body(order, count, one.name())).raise_for_status()
    return str(listed(origin)[-1]["id"])


def listed(origin: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{origin}/_local/orders").json()["orders"]
    return found


@pytest.mark.parametrize(("switch", "status"), [("slack-slow-down", 429), ("slack-down", 500)])
def test_slack_refuses_as_often_as_it_is_told_to(slack: LocalSlack, switch: str, status: int) -> None:
    turn(slack.origin, switch, 3)
    answers = [httpx.post(f"{slack.origin}/api/auth.test", json={}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [status] * 3 + [200]
    assert (answers[0].headers.get("retry-after") == "30") is (status == 429)
    assert [(one["name"], one["left"], one["taken"]) for one in listed(slack.origin)] == [(f"console:{switch}", 0, 3)]


def test_what_is_taken_back_meets_nobody(slack: LocalSlack, bedrock: LocalBedrock) -> None:
    for origin, switch in ((slack.origin, "slack-down"), (bedrock.origin, "bedrock-refuses")):
        the_id = turn(origin, switch, 0)
        assert listed(origin)[0]["left"] is None
        assert httpx.delete(f"{origin}/_local/orders/{the_id}").json() == {"removed": True}
        assert listed(origin)[0]["left"] == 0
    assert httpx.post(f"{slack.origin}/api/auth.test", json={}).status_code == 200
    assert "toolUse" in ask(bedrock)["output"]["message"]["content"][0]


def ask(bedrock: LocalBedrock) -> Any:
    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=bedrock.origin,
        region_name="ap-southeast-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, read_timeout=0.4),
    )
    schema = {"type": "object", "properties": {"text": {"type": "object"}}}
    return client.converse(
        modelId="global.anthropic.claude-haiku-4-5-20251001-v1:0",
        system=[{"text": "- bluesky-main (Bluesky): at most 300 graphemes."}],
        messages=[{"role": "user", "content": [{"text": "Fresh rolls from Friday on."}]}],
        inferenceConfig={"maxTokens": 900},
        toolConfig={
            "tools": [{"toolSpec": {"name": "draft", "inputSchema": {"json": schema}}}],
            "toolChoice": {"tool": {"name": "draft"}},
        },
    )


def test_the_model_is_throttled_refuses_talks_nonsense_and_hangs(bedrock: LocalBedrock) -> None:
    turn(bedrock.origin, "bedrock-throttled", 1)
    with pytest.raises(ClientError, match="ThrottlingException"):
        ask(bedrock)
    turn(bedrock.origin, "bedrock-refuses", 1)
    assert ask(bedrock)["stopReason"] == "content_filtered"
    turn(bedrock.origin, "bedrock-malformed", 1)
    assert ask(bedrock)["output"]["message"]["content"][0]["toolUse"]["input"]["text"] == ["this", "is", "no", "text"]
    turn(bedrock.origin, "bedrock-hangs", 1)
    with pytest.raises(ReadTimeoutError):
        ask(bedrock)
    assert [one["taken"] for one in listed(bedrock.origin)] == [1, 1, 1, 1]


def test_an_order_that_nobody_knows_is_refused(bedrock: LocalBedrock) -> None:
    for told in ({"do": "sing"}, {"do": "refuse", "count": 0}, {"do": "refuse", "count": "often"}):
        assert httpx.post(f"{bedrock.origin}/_local/orders", json=told).status_code == 400
