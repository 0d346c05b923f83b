"""One visitor's day at the door: a stage with posts that wait, the visit, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, expect

from mesh.approvals import Action
from tests.browser.chromium import another
from tests.browser.door_server import Stage, Visit, door
from tests.zoo.visitors import Grounds, Visitor, elsewhere

READS = {"GetItem", "BatchGetItem", "Query", "GetObject", "GetSecretValue"}
LINKS = (Action.REVIEW, Action.HOLD, Action.SEND_NOW, Action.HOLD_EVERYTHING)


@dataclass(frozen=True)
class Came:
    """What a visit set off: decisions in the audit, events (every mail is somebody's answer to one), writes of any kind."""

    decisions: list[str]
    events: int
    writes: list[str]
    requests: int

    @property
    def nothing(self) -> bool:
        return not (self.decisions or self.events or self.writes)


def visited(
    browser: Browser, folder: Path, visitor: Visitor, prepare: Callable[[Stage, BrowserContext], None] | None = None
) -> Came:
    """The visitor at a link of each kind, and at one for several posts. ``prepare`` makes a device of its context before."""
    with door(folder) as stage, elsewhere() as site, another(browser) as its_own:
        context = its_own.new_context()
        if prepare is not None:
            prepare(stage, context)
        pressed = human_press(browser, stage, "p_pressed")
        revisions = [(f"p_{number}", stage.post(f"p_{number}", f"Fresh rolls, number {number}")) for number in range(3)]
        links = [stage.link(action, revisions[:1] if action in LINKS[:3] else ()) for action in LINKS]
        links.append(stage.link(Action.REVIEW, revisions))
        decided, events = len(stage.decisions()), len(stage.mesh.entries)
        stage.mesh.calls.clear()
        seen = len(stage.visits)
        for link in links:
            visitor(Grounds(link, context, site, pressed))
        writes = [call for call in stage.mesh.calls if call not in READS]
        return Came(stage.decisions()[decided:], len(stage.mesh.entries) - events, writes, len(stage.visits) - seen)


def enrol(stage: Stage, context: BrowserContext) -> None:
    """A person's first press in this browser, and the offer taken: Ada's links act at once there from now on."""
    page = context.new_page()
    revision = stage.post("p_first", "Apple cake, the first time")
    page.goto(stage.link(Action.REVIEW, [("p_first", revision)]))
    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_role("button", name="Act as soon as I open a link on this device").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This device acts at once")
    page.close()


def human_press(browser: Browser, stage: Stage, post_id: str) -> Visit:
    """A person opens a review link on a new device and presses its button: two clicks."""
    revision = stage.post(post_id, "Apple cake")
    context = browser.new_context()
    page = context.new_page()
    page.goto(stage.link(Action.REVIEW, [(post_id, revision)]))
    page.get_by_role("button", name="Approve", exact=True).click()
    page.wait_for_load_state("networkidle")
    context.close()
    return next(visit for visit in reversed(stage.visits) if visit.method == "POST")
