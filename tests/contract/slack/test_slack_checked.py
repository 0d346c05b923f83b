"""Setting up asks Slack whether token and channel can work, posts nothing, and stores nothing that cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from local.checks.looking import Subject
from local.checks.model import Finding, State
from local.checks.slack import slack as examined
from local.setup.after import store_slack
from local.setup.answering import Answers
from local.setup.walk import Walk
from local.ship.environments import Environment
from local.slack.serve import LocalSlack

ME = "ada@cafe.example"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    server = LocalSlack(None)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    with mock_aws():
        environment = Environment("cafe", "eu-central-1", "cafe", {"Recipients": ME})
        clients = lambda _: lambda service: boto3.client(service, "eu-central-1")  # noqa: E731
        yield Walk(environment, tmp_path / "samconfig.toml", Answers({}, None), clients, deployed=True)


def secret(slack: LocalSlack, **other: Any) -> dict[str, Any]:
    app = httpx.post(f"{slack.origin}/_local/app", json={}).json()
    kept = {name: app[name] for name in ("bot_token", "signing_secret", "channel")}
    return {**kept, "users": {"U0OWNER001": ME}, "api_origin": slack.origin, **other}


def stored(walk: Walk, document: dict[str, Any], tmp_path: Path) -> dict[str, Finding]:
    (tmp_path / "slack.json").write_text(json.dumps(document))
    return {one.name: one for one in store_slack(walk, walk.subject(), tmp_path / "slack.json")}


def names(walk: Walk) -> list[str]:
    found = walk.clients(walk.environment)("secretsmanager").list_secrets()["SecretList"]
    return [one["Name"] for one in found]


def test_what_slack_takes_is_stored_and_named_for_the_next_deployment(
    walk: Walk, slack: LocalSlack, tmp_path: Path
) -> None:
    found = stored(walk, secret(slack), tmp_path)
    assert {name: one.state for name, one in found.items()} == {
        "Slack": State.GOOD,
        "Slack app": State.GOOD,
        "Slack channel": State.GOOD,
        "Slack's secret": State.DOUBTFUL,
    }
    assert walk.environment.parameters["SlackSecret"] == "cafe/slack"
    assert [one.state for one in examined(walk.subject())] == [State.GOOD] * 3
    assert slack.workspace.feed()["messages"] == []


@pytest.mark.parametrize(
    ("other", "trouble", "name", "said", "fix"),
    [
        ({"bot_token": "xoxb-other"}, "", "Slack app", "token is not accepted", "docs/setup-slack.md"),
        ({}, "token_revoked", "Slack app", "token was revoked; install the app again", "docs/setup-slack.md"),
        ({"channel": "C0OTHER0001"}, "", "Slack channel", "not in the channel", "/invite @Social Scheduler"),
        ({"signing_secret": "xoxb-hush"}, "", "Slack", "signing_secret is not one", "docs/setup-slack.md"),
    ],
)
def test_what_slack_refuses_is_named_and_not_stored(
    walk: Walk,
    slack: LocalSlack,
    tmp_path: Path,
    other: dict[str, str],
    trouble: str,
    name: str,
    said: str,
    fix: str,
) -> None:
    document = secret(slack, **other)
    httpx.post(f"{slack.origin}/_local/app", json={"trouble": trouble})
    found = stored(walk, document, tmp_path)
    assert found[name].state is State.BAD
    assert said in found[name].said
    assert fix in found[name].fix
    assert "hush" not in str(found)
    assert names(walk) == []
    assert "SlackSecret" not in walk.environment.parameters


def test_a_slack_that_does_not_answer_is_no_verdict(slack: LocalSlack) -> None:
    document = secret(slack, api_origin="http://127.0.0.1:9")
    with mock_aws():
        client = boto3.client("secretsmanager", "eu-central-1")
        client.create_secret(Name="cafe/slack", SecretString=json.dumps(document))
        subject = Subject(
            "cafe",
            "cafe",
            "eu-central-1",
            lambda _: client,
            lambda: datetime(2027, 3, 1, tzinfo=UTC),
            "social-scheduler-cafe",
            {"SlackSecret": "cafe/slack", "Recipients": ME},
        )
        found = {one.name: one for one in examined(subject)}
    assert found["Slack app"].state is State.UNKNOWN
