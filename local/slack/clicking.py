"""A member presses a button: what Slack then sends to the app, signed, and what it makes of the answer."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx

from local.slack.workspace import CHANNEL, USERS, RefusedError, Workspace
from mesh import clock
from mesh.slack import signature

PATIENCE_SECONDS = 3.0


class Clicks:
    """``origin`` is this server's own address, once it has one."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.origin = ""
        self._http = httpx.Client(trust_env=False)

    def close(self) -> None:
        self._http.close()

    def press(self, ts: str, action_id: str, user: str, position: int = 0) -> dict[str, Any]:
        """``position`` counts the buttons of one ``action_id`` from the top. RefusedError where there is no such button or member."""
        message = self._workspace.message(ts)
        found = [
            element
            for block in message["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
            if element["action_id"] == action_id
        ]
        if user not in USERS or not 0 <= position < len(found):
            raise RefusedError("no_such_button")
        body = self.body(message, found[position], user)
        return self.send(body)

    def body(self, message: dict[str, Any], element: dict[str, Any], user: str) -> bytes:
        payload = {
            "type": "block_actions",
            "team": {"id": "T0LOCAL001", "domain": "local"},
            "user": {
                "id": user,
                "username": USERS.get(user, user),
                "name": USERS.get(user, user),
                "team_id": "T0LOCAL001",
            },
            "api_app_id": "A0LOCAL001",
            "token": "deprecated",
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": CHANNEL, "is_ephemeral": False},
            "trigger_id": "1.2.3",
            "channel": {"id": CHANNEL, "name": "social"},
            "message": {"type": "message", "ts": message["ts"], "text": message["text"], "blocks": message["blocks"]},
            "response_url": f"{self.origin}/actions/{self._workspace.expect(user)}",
            "actions": [{**element, "block_id": "b1", "action_ts": message["ts"]}],
        }
        return urlencode({"payload": json.dumps(payload)}).encode()

    def send(self, body: bytes) -> dict[str, Any]:
        """What the app answered, and how long it took; Slack shows a warning for anything but 200 within three seconds."""
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature(self._workspace.state["signing_secret"], timestamp, body),
        }
        began = time.monotonic()
        try:
            # Waited for longer than Slack does: a first call here starts a process, and a person may as well see how it ended.
            answer = self._http.post(
                self._workspace.state["interactions_url"], content=body, headers=headers, timeout=30
            )
            status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            status = 0
        seconds = time.monotonic() - began
        return {"status": status, "seconds": round(seconds, 3), "in_time": status == 200 and seconds < PATIENCE_SECONDS}
