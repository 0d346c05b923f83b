"""Drafts in Slack: posted once, and a click hands the one who clicked the way to the draft's page."""

from __future__ import annotations

import re

from moto_mesh import SIGNING_KEY
from slack_channel import ADA, GUEST, NOW, Channel, nodes

from mesh.approvals import Action, Signer
from mesh.events import DraftReady
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Wording


def draft(channel: Channel, post_id: str = "p_d") -> DraftReady:
    note = Note(text="Rolls", channels=("main",), by=ADA, at=NOW.isoformat())
    wording = Wording(text="Warm *rolls*", by="model", at=NOW.isoformat())
    proposal = Proposal(state=DraftState.READY, note=note, wordings=(wording,))
    status = Status(post_id=post_id, open=DRAFTING, due_at=NOW.isoformat(), proposal=proposal)
    channel.mesh.ledger.change_status(post_id, Act("drafted", "draft-helper", NOW), lambda _: status)
    return DraftReady(post_ids=[post_id])


def test_a_draft_stands_in_the_channel_once_however_often_it_is_delivered(channel: Channel) -> None:
    detail = draft(channel)
    assert [channel.deliver(detail)["slack"] for _ in range(3)] == [1, 1, 1]
    assert len(channel.messages) == 1
    assert "Warm *rolls*" in channel.words()
    assert "rolls" not in channel.messages[0]["text"]
    assert all("url" not in node for node in nodes(channel.messages[0]["blocks"]) if node.get("type") == "button")


def test_a_click_hands_the_one_who_clicked_a_link_of_their_own_and_decides_nothing(channel: Channel) -> None:
    channel.deliver(draft(channel))
    assert channel.click("open-draft")["statusCode"] == 200
    (whisper,) = channel.whispers
    (text,) = re.findall(r"https://approve\.example\.test/([\w.-]+)", whisper["text"])
    token = Signer([SIGNING_KEY], "ss").read(text, NOW)
    assert (token.action, token.posts, token.recipient) == (Action.DRAFT, (("p_d", ""),), ADA)
    assert channel.status("p_d").proposal.state is DraftState.READY  # type: ignore[union-attr]
    channel.click("open-draft", user=GUEST)
    assert "You cannot decide here yet" in channel.whispers[-1]["text"]
    assert "approve.example.test" not in channel.whispers[-1]["text"]


def test_what_is_decided_later_about_the_post_leaves_the_drafts_message_alone(channel: Channel) -> None:
    channel.deliver(draft(channel))
    channel.package("p_d", text="Warm rolls")
    channel.deliver(channel.ask("p_d"))
    assert len(channel.messages) == 2
    assert channel.messages[0]["changes"] == 0
