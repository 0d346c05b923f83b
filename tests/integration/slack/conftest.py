"""``channel``: the mesh over moto, with its cards in a local Slack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto_mesh import MotoMesh
from slack_channel import ADA, OWNER, Channel

import approve_handler.handler
import digest.handler
import notifier.handler
from local.slack.serve import LocalSlack


@pytest.fixture
def channel(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    slack = LocalSlack(None)
    slack.start()
    app = slack.workspace.app({})
    secret = {name: app[name] for name in ("bot_token", "signing_secret", "channel")}
    mesh.put_secret("ss/slack", {**secret, "users": {OWNER: ADA}, "api_origin": slack.origin})
    monkeypatch.setenv("SLACK_SECRET", "ss/slack")
    try:
        yield Channel(mesh, slack, str(app["signing_secret"]))
    finally:
        if notifier.handler.wire_slack.cache_info().currsize:
            notifier.handler.wire_slack().slack.close()
        if digest.handler.wire_slack.cache_info().currsize:
            digest.handler.wire_slack().slack.close()
        if approve_handler.handler.wire_slack.cache_info().currsize:
            approve_handler.handler.wire_slack().http.close()
        slack.stop()
