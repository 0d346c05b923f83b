"""The page of the local Slack: a button sends what Slack would send, signed, and nothing of a message is read as markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from local.networks.faults import Faults
from local.networks.web import Answer, Origin, Request
from local.slack.serve import LocalSlack
from local.slack.workspace import CHANNEL
from mesh import clock
from mesh.slack import signed_by_slack

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)> *bold* :cake:"
BLOCKS = [
    {"type": "header", "text": {"type": "plain_text", "text": "Friday 27 March", "emoji": False}},
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": HOSTILE}]}],
    },
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Approve"},
                "action_id": "approve",
                "value": "v-1",
            }
        ],
    },
]


@pytest.fixture
def app() -> Iterator[tuple[Origin, list[Request]]]:
    """Stands where the Function URL would."""
    received: list[Request] = []

    def take(request: Request) -> Answer:
        received.append(request)
        return Answer(200, b"", "text/plain")

    server = Origin(0, [], take, Faults())
    server.start()
    yield server, received
    server.stop()


@pytest.fixture
def slack(app: tuple[Origin, list[Request]]) -> Iterator[LocalSlack]:
    server = LocalSlack(None)
    server.start()
    server.workspace.app({"interactions_url": f"{app[0].origin}/slack"})
    server.workspace.post(CHANNEL, "Please approve", BLOCKS)
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (360, "light"),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
        pytest.param(360, "dark", marks=pytest.mark.slow),
        pytest.param(1280, "light", marks=pytest.mark.slow),
    ],
)
def test_a_button_sends_a_signed_click_as_the_chosen_member(
    chromium: Browser, slack: LocalSlack, app: tuple[Origin, list[Request]], width: int, scheme: str
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(slack.origin)
    expect(page.locator("blockquote")).to_have_text(HOSTILE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(page).violations_count == 0
    page.select_option("#user", "U0GUEST001")
    with page.expect_response("**/_local/click"):
        page.get_by_role("button", name="Approve").click()
    (request,) = app[1]
    assert signed_by_slack(slack.workspace.state["signing_secret"], request.headers, request.body, clock.now())
    payload = json.loads(parse_qs(request.body.decode())["payload"][0])
    assert (payload["user"]["id"], payload["actions"][0]["value"]) == ("U0GUEST001", "v-1")
    slack.workspace.tell("U0GUEST001", "You cannot decide here yet")
    expect(page.locator("#note")).to_contain_text("You cannot decide here yet")
    context.close()
