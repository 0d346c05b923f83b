"""The recap in Slack: once, without buttons, and whatever is wrong there costs nobody their mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from recap_desk import Context, Desk

import recap.handler
from local.slack.serve import LocalSlack


@pytest.fixture
def room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSlack]:
    slack = LocalSlack(None)
    slack.start()
    app = slack.workspace.app({})
    secret = {name: app[name] for name in ("bot_token", "signing_secret", "channel")}
    desk.mesh.put_secret("ss/slack", {**secret, "users": {}, "api_origin": slack.origin})
    monkeypatch.setenv("SLACK_SECRET", "ss/slack")
    try:
        yield slack
    finally:
        if recap.handler.wire_slack.cache_info().currsize:
            recap.handler.wire_slack().slack.close()
        slack.stop()


def test_the_figures_and_the_paragraph_come_once_and_nothing_can_be_pressed(desk: Desk, room: LocalSlack) -> None:
    desk.a_month()
    assert desk.runs() == {"mails": 3, "slack": 1}
    desk.later(days=20)
    assert desk.runs(Context("by hand")) == {"mails": 0, "slack": 0}
    (message,) = room.workspace.feed()["messages"]
    said = str(message["blocks"])
    assert desk.paragraph in said
    assert "Posts that went out: 5" in said
    assert "button" not in said
    assert "image" not in said


def test_a_secret_that_lacks_something_costs_nobody_their_mail(desk: Desk, room: LocalSlack) -> None:
    desk.mesh.put_secret("ss/slack", {"channel": "C1"})
    assert desk.runs() == {"mails": 3, "slack": 0}
