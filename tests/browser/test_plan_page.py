"""A plan's page in Chromium: on a phone from the mail to the drafting, with the page open to all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mesh.approvals import Action
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, STAND_IN, DraftState, Note, Planned, Proposal, Source, Upload
from tests.browser.door_server import ADA, Stage, door
from tests.browser.test_door_pages import looked_at

NOW = datetime.now(UTC)
LONG = f"{'Donaudampfschifffahrt' * 4} عربي 🍰: the spring sale begins, everything for baking at half its price"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with door(tmp_path_factory.mktemp("plans")) as stage:
        yield stage


def plan(stage: Stage, batch_id: str, **more: object) -> str:
    """A plan of three posts, one with a photo; its link."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#7a5230").save(out, "JPEG")
    stage.mesh.s3.put_object(Bucket=stage.mesh.posts_bucket, Key="uploads/u_1", Body=out.getvalue())
    photo = Upload(
        upload_id="u_1", kind="image", name="rolls.jpg", mime="image/jpeg", size=len(out.getvalue()), md5="0" * 32
    )
    channels = ("bluesky-main", "mastodon-main")
    posts = tuple(
        Planned(
            post_id=f"p_{batch_id}_{number}",
            topic=topic,
            date=(NOW + timedelta(days=number)).date().isoformat(),
            time="10:00",
            channels=channels,
            uploads=(photo,) if number == 1 else (),
        )
        for number, topic in enumerate((LONG, "How we bake our rolls", "Thanks to our guests"), start=1)
    )
    note = Note(
        text="Three posts for the spring sale",
        channels=channels,
        uploads=(photo,),
        by=ADA,
        at=NOW.isoformat(),
        source=Source.BATCH,
    )
    proposal = Proposal.model_validate({"state": DraftState.READY, "note": note, "plan": posts, **more})
    status = Status(post_id=batch_id, open=DRAFTING, due_at=NOW.isoformat(), proposal=proposal)
    stage.mesh.ledger.change_status(batch_id, Act("batch planned", "draft-helper", NOW), lambda _: status)
    return stage.link(Action.DRAFT, [(batch_id, "")])


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_on_a_phone_a_plan_is_changed_and_agreed_to(chromium: Browser, stage: Stage) -> None:
    errors: list[str] = []
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(plan(stage, "b_phone"))
    heading(page, "The plan: 3 posts")
    looked_at(page, "plan-390", 390)
    second = page.get_by_role("group", name="Post 2")
    second.get_by_label("About").fill("How our rolls are baked, from four in the morning")
    second.get_by_label("Time").fill("08:30")
    second.get_by_label("Time").press("Enter")  # saves; it has nothing drafted
    heading(page, "Your changes are saved")
    assert stage.status("b_phone").proposal.state is DraftState.READY  # type: ignore[union-attr]
    page.get_by_role("group", name="Post 3").get_by_label("Leave this one out").check()
    page.get_by_role("button", name="Draft these").click()
    heading(page, "Your posts are being drafted")
    looked_at(page, "plan-drafting-390", 390)
    agreed = stage.status("b_phone").proposal
    assert agreed is not None
    assert agreed.state is DraftState.ACCEPTED
    assert [(one.post_id, one.topic, one.time) for one in agreed.plan] == [
        ("p_b_phone_1", LONG, "10:00"),
        ("p_b_phone_2", "How our rolls are baked, from four in the morning", "08:30"),
    ]
    assert [error for error in errors if "status of 4" not in error] == []
    context.close()


def test_on_a_desk_by_night_it_is_whole_and_open_to_all(chromium: Browser, stage: Stage) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 844}, color_scheme="dark")
    page = context.new_page()
    page.goto(plan(stage, "b_desk", planner=STAND_IN, error="You asked for 5 posts, and there were ideas for 3."))
    heading(page, "The plan: 3 posts")
    expect(page.get_by_text("The stand-in of this computer made this plan, not a model.")).to_be_visible()
    page.get_by_text("The note of").click()
    looked_at(page, "plan-1280", 1280)
    context.close()
