"""A draft's page in Chromium: on a phone from the mail to the post's own approval; with script and without; open to all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mesh.approvals import Action
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Mark, Note, Proposal, Upload, Wording
from tests.browser.door_server import ADA, BEN, Stage, door
from tests.browser.test_door_pages import looked_at

NOW = datetime.now(UTC)
WORDS = f"{'Donaudampfschifffahrt' * 4} عربي 🍰 Warm rolls from seven, 4,90 € a bag.\n\nCome early!"
PRICE = Mark(code="price", message="The price “4,90 €” is in neither your note nor your rules.", quote="4,90 €")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with door(tmp_path_factory.mktemp("drafts")) as stage:
        yield stage


def draft(stage: Stage, post_id: str, state: DraftState = DraftState.READY, **more: object) -> str:
    """A draft with a photo; its link."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#7a5230").save(out, "JPEG")
    stage.mesh.s3.put_object(Bucket=stage.mesh.posts_bucket, Key="uploads/u_1", Body=out.getvalue())
    photo = Upload(
        upload_id="u_1", kind="image", name="rolls.jpg", mime="image/jpeg", size=len(out.getvalue()), md5="0" * 32
    )
    pdf = Upload(upload_id="u_2", kind="pdf", name="prices.pdf", mime="application/pdf", size=9, md5="0" * 32)
    note = Note(
        text="Rolls from seven, photo is there",
        channels=("bluesky-main", "instagram-main", "mastodon-main"),
        uploads=(photo, pdf),
        date=(NOW + timedelta(days=2)).date().isoformat(),
        time="07:30",
        by=ADA,
        at=NOW.isoformat(),
    )
    first = Wording(
        text=WORDS,
        texts={"instagram-main": f"{WORDS} #rolls"},
        alt="A basket of rolls",
        marks=(PRICE,),
        by="model",
        at=NOW.isoformat(),
    )
    others = [first.model_copy(update={"text": f"Wording {n}", "texts": {}, "marks": ()}) for n in (2, 3)]
    proposal = Proposal.model_validate({"state": state, "note": note, "wordings": (first, *others), "wants": 3, **more})
    status = Status(post_id=post_id, open=DRAFTING, due_at=NOW.isoformat(), proposal=proposal)
    stage.mesh.ledger.change_status(post_id, Act("drafted", "draft-helper", NOW), lambda _: status)
    return stage.link(Action.DRAFT, [(post_id, "")])


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_on_a_phone_a_draft_is_changed_accepted_and_approved_on_one_page(chromium: Browser, stage: Stage) -> None:
    link = draft(stage, "p_phone")
    errors: list[str] = []
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(link)
    heading(page, "A draft for your post")
    looked_at(page, "draft-390", 390)
    page.get_by_label("The post’s words").fill("Fair rolls.\nFrom seven.")
    page.get_by_label("Time (Berlin)").fill("08:00")
    page.get_by_label("Time (Berlin)").press("Enter")  # saves; it decides nothing
    heading(page, "Your change is saved")
    assert stage.status("p_phone").wanted is None
    page.get_by_label("mastodon-main", exact=True).uncheck()
    page.get_by_role("button", name="Accept").click()
    heading(page, "Accepted")
    looked_at(page, "draft-accepted-390", 390)
    wanted = stage.status("p_phone").wanted
    assert wanted is not None
    assert (wanted.text, wanted.time, wanted.channels) == (
        "Fair rolls.\nFrom seven.",
        "08:00",
        "bluesky-main, instagram-main",
    )
    stage.post("p_phone", "Fair rolls.\nFrom seven.")
    heading(page, "Approve this post?")  # it follows by itself
    looked_at(page, "draft-approval-390", 390)
    page.get_by_role("button", name="Approve", exact=True).click()
    heading(page, "Approved")
    assert stage.status("p_phone").approved
    assert [error for error in errors if "status of 4" not in error] == []
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), pytest.param(1280, "light", marks=pytest.mark.slow)])
def test_every_face_of_it_is_whole_and_open_to_all(chromium: Browser, stage: Stage, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    faces = {
        "ready": (DraftState.READY, {}, "A draft for your post"),
        "failed": (
            DraftState.FAILED,
            {
                "wordings": (),
                "error": "Bedrock does not let this account use the model. Ask for access to it, then try again.",
            },
            "No draft could be made",
        ),
        "requested": (DraftState.REQUESTED, {}, "Other wordings are being written"),
        "discarded": (DraftState.DISCARDED, {"decided_by": BEN, "decided_at": NOW.isoformat()}, "Discarded"),
    }
    for name, (state, more, title) in faces.items():
        page.goto(draft(stage, f"p_{name}-{width}", state, **more))
        heading(page, title)
        for summary in page.locator("summary").all():
            if summary.locator("..").get_attribute("open") is None:
                summary.click()
        looked_at(page, f"draft-{name}-{width}", width)
    context.close()


def checked(stage: Stage, post_id: str) -> None:
    """What draft-helper does with the words that were typed last."""

    def change(before: Status | None) -> Status | None:
        assert before is not None
        assert before.proposal is not None
        *others, last = before.proposal.wordings
        mark = Mark(
            code="never-say", message="“cheap” is on your list of what you never say.", quote="Cheap", stops=True
        )
        read = last.model_copy(update={"marks": (mark,), "checked": True})
        return before.model_copy(update={"proposal": before.proposal.model_copy(update={"wordings": (*others, read)})})

    stage.mesh.ledger.change_status(post_id, Act("draft checked", "draft-helper", NOW), change)


def test_what_a_check_found_comes_by_itself_and_takes_nothing_that_is_typed(chromium: Browser, stage: Stage) -> None:
    link = draft(stage, "p_check")
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page, other = context.new_page(), context.new_page()
    for one in (page, other):
        one.goto(link)
        one.get_by_label("The post’s words").fill("Cheap rolls")
        one.get_by_label("Time (Berlin)").press("Enter")
        expect(one.get_by_text("Being checked against your rules…")).to_be_visible()
    other.get_by_label("The post’s words").fill("Cheap rolls, and I am still at it")
    looked_at(other, "draft-unchecked-390", 390)
    checked(stage, "p_check")
    heading(page, "A draft for your post")  # it follows by itself
    expect(page.get_by_text("“cheap” is on your list")).to_be_visible()
    expect(page.get_by_text("Being checked")).to_have_count(0)
    expect(other.get_by_label("The post’s words")).to_have_value("Cheap rolls, and I am still at it")
    other.get_by_role("button", name="Accept").click()
    heading(other, "Not yet")
    expect(other.get_by_label("The post’s words")).to_have_value("Cheap rolls, and I am still at it")
    context.close()


def test_without_script_it_works_all_the_same(chromium: Browser, stage: Stage) -> None:
    link = draft(stage, "p_plain")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Use this one").first.click()
    heading(page, "This wording is chosen")
    expect(page.get_by_label("The post’s words")).to_have_value("Wording 2")
    page.get_by_role("button", name="Discard").click()
    heading(page, "Discarded")
    context.close()


def test_a_visitor_that_runs_scripts_and_clicks_decides_nothing(
    chromium: Browser, stage: Stage, tmp_path: Path
) -> None:
    link = draft(stage, "p_scanner")
    context = chromium.new_context()
    page = context.new_page()
    page.goto(link)
    page.evaluate("document.querySelector('button[value=accept]').click()")
    heading(page, "Please press the button on the page")
    page.goto(link)
    page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('draft'))")
    heading(page, "Please press the button on the page")
    status = stage.status("p_scanner")
    assert status.proposal is not None
    assert status.proposal.state is DraftState.READY
    context.close()
