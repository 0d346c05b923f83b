"""A batch's plan in Slack: posted once for each plan, and a click hands the one who clicked the way to its page."""

from __future__ import annotations

import re

from moto_mesh import SIGNING_KEY
from slack_channel import ADA, NOW, Channel

from mesh.approvals import Action, Signer
from mesh.events import DraftReady
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Planned, Proposal, Source


def plan(channel: Channel, *topics: str) -> DraftReady:
    note = Note(text="Posts for the *sale*", by=ADA, at=NOW.isoformat(), source=Source.BATCH)
    planned = tuple(Planned(post_id=f"p_{number}", topic=one, date="", time="") for number, one in enumerate(topics))
    proposal = Proposal(state=DraftState.READY, note=note, plan=planned)

    def change(before: Status | None) -> Status:
        base = before or Status(post_id="b_1", open=DRAFTING, due_at=NOW.isoformat())
        return base.model_copy(update={"proposal": proposal})

    channel.mesh.ledger.change_status("b_1", Act("planned", "draft-helper", NOW), change)
    return DraftReady(post_ids=[], batch_id="b_1")


def test_a_plan_stands_in_the_channel_once_and_another_plan_beside_it(channel: Channel) -> None:
    detail = plan(channel, "Rolls", "<!channel> Bread")
    assert [channel.deliver(detail)["slack"] for _ in range(3)] == [1, 1, 1]
    assert len(channel.messages) == 1
    assert "2. <!channel> Bread" in channel.words()
    assert "Bread" not in channel.messages[0]["text"]
    channel.deliver(plan(channel, "Rolls alone"))
    assert len(channel.messages) == 2


def test_a_click_hands_the_one_who_clicked_a_link_to_the_plan(channel: Channel) -> None:
    channel.deliver(plan(channel, "Rolls"))
    assert channel.click("open-draft")["statusCode"] == 200
    (whisper,) = channel.whispers
    assert whisper["text"].startswith("Here the plan can be changed, agreed to or discarded")
    (text,) = re.findall(r"https://approve\.example\.test/([\w.-]+)", whisper["text"])
    token = Signer([SIGNING_KEY], "ss").read(text, NOW)
    assert (token.action, token.posts, token.recipient) == (Action.DRAFT, (("b_1", ""),), ADA)
