"""The local Slack refuses what the real one refuses, keeps what was posted, and signs what it sends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.slack.block_kit import complaints
from local.slack.serve import LocalSlack
from local.slack.workspace import CHANNEL, RefusedError

ROOT = Path(__file__).resolve().parents[3]
TEXT = {"type": "plain_text", "text": "Hi"}
BUTTON = {"type": "button", "text": TEXT, "action_id": "a", "value": "v"}


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    server = LocalSlack(None)
    server.start()
    yield server
    server.stop()


def call(slack: LocalSlack, method: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token or slack.workspace.state['bot_token']}"}
    answer: dict[str, Any] = httpx.post(f"{slack.origin}/api/{method}", json=body, headers=headers).json()
    return answer


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": TEXT, "colour": "red"},
        {"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}},
        {"type": "section", "text": {"type": "plain_text", "text": ""}},
        {"type": "section", "text": {"type": "html", "text": "x"}},
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
        {"type": "actions", "elements": []},
        {"type": "actions", "elements": [BUTTON, BUTTON]},
        {"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]},
        {"type": "actions", "elements": [{**BUTTON, "text": {"type": "plain_text", "text": "x" * 76}}]},
        {"type": "actions", "elements": [{**BUTTON, "style": "blue"}]},
        {"type": "actions", "elements": [{**BUTTON, "onclick": "x"}]},
        {"type": "image", "image_url": "https://a.example/1.png"},
        {"type": "image", "image_url": "file:///a", "alt_text": "x"},
        {"type": "image", "image_url": "https://a.example/1.png", "alt_text": "x" * 2001},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
        {"type": "marquee"},
        "text",
        None,
    ],
)
def test_blocks_that_slack_would_refuse_are_refused_with_their_place(block: Any) -> None:
    found = complaints([{"type": "divider"}, block])
    assert found
    assert "/blocks/1" in found[0]


def test_fifty_blocks_are_taken_and_one_more_is_not() -> None:
    assert complaints([{"type": "divider"}] * 50) == []
    assert complaints([{"type": "divider"}] * 51)


def test_a_message_is_posted_changed_and_kept_in_its_place(slack: LocalSlack) -> None:
    posted = call(
        slack, "chat.postMessage", {"channel": CHANNEL, "text": "Hi", "blocks": [{"type": "section", "text": TEXT}]}
    )
    assert posted["ok"] is True
    changed = call(slack, "chat.update", {"channel": CHANNEL, "ts": posted["ts"], "text": "Ho", "blocks": []})
    assert (changed["ok"], changed["ts"]) == (True, posted["ts"])
    assert [(message["text"], message["changes"]) for message in slack.workspace.feed()["messages"]] == [("Ho", 1)]


@pytest.mark.parametrize(
    ("method", "body", "code"),
    [
        ("chat.postMessage", {"channel": "C9", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": CHANNEL}, "no_text"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x", "colour": 1}, "invalid_arguments"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x", "blocks": [{"type": "x"}]}, "invalid_blocks"),
        (
            "chat.postMessage",
            {
                "channel": CHANNEL,
                "text": "x",
                "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x" * 2900}}] * 5,
            },
            "msg_blocks_too_long",
        ),
        ("chat.update", {"channel": CHANNEL, "ts": "1.0", "text": "x"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": CHANNEL, "user": "U9", "text": "x"}, "user_not_in_channel"),
        ("chat.delete", {}, "unknown_method"),
    ],
)
def test_it_refuses_in_slacks_own_words(slack: LocalSlack, method: str, body: dict[str, Any], code: str) -> None:
    assert call(slack, method, body)["error"] == code


def test_only_the_apps_token_is_accepted_and_trouble_can_be_ordered(slack: LocalSlack) -> None:
    assert call(slack, "auth.test", {})["ok"] is True
    assert call(slack, "auth.test", {}, "xoxb-other")["error"] == "invalid_auth"
    slack.workspace.app({"trouble": "token_revoked"})
    assert call(slack, "auth.test", {})["error"] == "token_revoked"


def test_an_answer_reaches_the_one_who_clicked_and_an_unknown_address_nobody(slack: LocalSlack) -> None:
    ticket = slack.workspace.expect("U0OWNER001")
    body = {"response_type": "ephemeral", "replace_original": False, "text": "Hello"}
    assert httpx.post(f"{slack.origin}/actions/{ticket}", json=body).status_code == 200
    assert httpx.post(f"{slack.origin}/actions/00", json=body).status_code == 404
    assert slack.workspace.feed()["whispers"] == [{"user": "U0OWNER001", "text": "Hello"}]


def test_a_button_that_is_not_there_and_a_member_who_is_not_cannot_press(slack: LocalSlack) -> None:
    ts = slack.workspace.post(CHANNEL, "x", [{"type": "actions", "elements": [BUTTON]}])["ts"]
    for action_id, user in (("b", "U0OWNER001"), ("a", "U9")):
        with pytest.raises(RefusedError):
            slack.clicks.press(ts, action_id, user)


def test_another_sites_page_cannot_press(slack: LocalSlack) -> None:
    answer = httpx.post(f"{slack.origin}/_local/click", json={}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_fault_takes_effect_and_the_next_call_is_answered(slack: LocalSlack) -> None:
    slack.faults.order({"match": "/api/", "do": "cut"})
    with pytest.raises(httpx.HTTPError):
        call(slack, "chat.postMessage", {"channel": CHANNEL, "text": "once"})
    assert len(slack.workspace.feed()["messages"]) == 1
    assert call(slack, "auth.test", {})["ok"] is True


def test_it_starts_alone_says_no_secret_and_keeps_its_messages(tmp_path: Path) -> None:
    for count in (0, 1):
        command = [sys.executable, "-m", "local", "slack", "--port", "0", "--state", str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            ready = json.loads(line)
            app = httpx.post(f"{ready['url']}/_local/app", json={}).json()
            assert app["bot_token"] not in line
            assert len(httpx.get(f"{ready['url']}/_local/feed").json()["messages"]) == count
            headers = {"authorization": f"Bearer {app['bot_token']}"}
            httpx.post(f"{ready['url']}/api/chat.postMessage", json={"channel": CHANNEL, "text": "Hi"}, headers=headers)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
