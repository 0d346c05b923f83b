"""Cards in Slack over real tables (moto): posted once, brought up to date in place whatever was decided, and trouble that costs no mail."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from slack_channel import ACT, ADA, NOW, PNG, Channel, nodes

from mesh.errors import MeshError, Throttled, Unreachable
from mesh.events import Approved, Failed, Held, Sent, Trouble, Voided
from mesh.ledger import Approval, Head, HeadState, Hold
from mesh.mail import Mailer, MailRefused


def order(channel: Channel, do: str, **more: Any) -> None:
    channel.slack.faults.order({"match": "POST /api/chat", "do": do, **more})


def change(channel: Channel, **update: Any) -> None:
    channel.mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update=update))


def approved(channel: Channel, by: str = "ben@example.test") -> Approval:
    return Approval(revision=channel.revisions["p_1"], by=by, how="mail", at=NOW.isoformat())


def finish(channel: Channel, state: HeadState, **update: Any) -> None:
    head = Head(post_channel="p_1#main", state=state, revision=channel.revisions["p_1"], attempts=1)
    before = channel.mesh.ledger.head("p_1", "main")
    channel.mesh.ledger.change_head(before, head.model_copy(update=update), ACT)


def asked(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))


def test_a_card_stands_in_the_channel_once_however_often_it_is_delivered(channel: Channel) -> None:
    channel.package()
    detail = channel.ask("p_1")
    assert [channel.deliver(detail)["slack"] for _ in range(3)] == [1, 1, 1]
    assert len(channel.messages) == 1
    assert channel.messages[0]["changes"] == 0
    assert "Cake" in channel.words()
    assert "Cake" not in channel.messages[0]["text"]


def test_nothing_of_a_message_is_unfurled_and_no_button_has_an_address(channel: Channel) -> None:
    asked(channel)
    assert all("url" not in node for node in nodes(channel.messages[0]["blocks"]) if node.get("type") == "button")


@pytest.mark.parametrize(
    ("update", "detail", "sentence"),
    [
        ({"approval": "ben"}, Approved(post_ids=["p_1"]), "Approved by ben@example.test"),
        ({"held": "ben"}, Held(post_ids=["p_1"]), "ben@example.test put it on hold"),
        ({"gone_at": NOW.isoformat()}, Voided(post_ids=["p_1"], reason="deleted"), "no longer in the sheet"),
        ({"source_revision": "s9"}, Voided(post_ids=["p_1"], reason="edited"), "changed since"),
    ],
)
def test_a_decision_from_anywhere_takes_the_buttons_away_and_says_what_it_was(
    channel: Channel, update: dict[str, Any], detail: Any, sentence: str
) -> None:
    asked(channel)
    if "approval" in update:
        update = {"approval": approved(channel)}
    if "held" in update:
        update = {"held": Hold(by="ben@example.test", how="mail", at=NOW.isoformat())}
    change(channel, **update)
    assert channel.deliver(detail)["slack"] == 1
    assert sentence in channel.words()
    assert channel.buttons() == []
    assert "Cake" in channel.words()
    assert channel.deliver(detail)["slack"] == 0
    assert channel.messages[0]["changes"] == 1


def test_what_became_of_it_stands_there_too(channel: Channel) -> None:
    asked(channel)
    change(channel, approval=approved(channel))
    finish(channel, HeadState.SENT, posted_url="https://bsky.example/1")
    channel.deliver(Sent(post_id="p_1", channel="main", attempt=1))
    assert "Posted on main: https://bsky.example/1" in channel.words()


def test_a_failure_says_why(channel: Channel) -> None:
    asked(channel)
    change(channel, approval=approved(channel))
    finish(channel, HeadState.FAILED, detail="3 characters too long.")
    channel.deliver(Failed(post_id="p_1", channel="main", attempt=1))
    assert "Not posted on main. 3 characters too long." in channel.words()


def test_a_click_here_shows_here_by_its_event(channel: Channel) -> None:
    asked(channel)
    channel.click("approve")
    channel.deliver_news()
    assert f"Approved by {ADA}" in channel.words()


def test_an_edited_post_comes_anew_with_what_changed_and_the_older_message_points_to_it(channel: Channel) -> None:
    asked(channel)
    channel.package(source="s2", text="Fresh cake")
    channel.deliver(channel.ask("p_1", round_id="r_2", reason="changed"))
    assert "The newest message has it" in channel.words(0)
    assert "Fresh" in channel.words(1)
    assert "What changed" in channel.words(1)
    assert [message["ts"] for message, _ in channel.buttons("approve")] == [channel.messages[1]["ts"]]


def test_a_reminder_takes_the_buttons_of_the_card_before(channel: Channel) -> None:
    asked(channel)
    channel.mesh.turn_clock(NOW + timedelta(hours=1))
    channel.deliver(channel.ask("p_1", round_id="r_2", reason="reminder"))
    assert "The newest message asks about this" in channel.words(0)
    assert len(channel.buttons("approve")) == 1


def test_each_message_of_a_card_changes_by_its_own_posts_alone(channel: Channel) -> None:
    for number in range(8):
        channel.package(f"p_{number}", text=f"{number} " + "word " * 300)
    channel.deliver(channel.ask(*(f"p_{number}" for number in range(8))))
    assert len(channel.messages) > 1
    channel.click("approve")
    channel.deliver_news()
    assert [message["changes"] for message in channel.messages] == [1, *[0] * (len(channel.messages) - 1)]


def test_a_mail_asked_for_once_more_is_no_matter_of_the_channel(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1").model_copy(update={"only_for": ADA, "reason": "fresh"}))
    assert channel.messages == []


# trouble


@pytest.mark.parametrize("code", ["is_archived", "channel_not_found", "token_revoked", "missing_scope"])
def test_what_slack_refuses_is_noted_in_the_row_and_costs_no_mail(channel: Channel, code: str) -> None:
    channel.slack.workspace.app({"trouble": code})
    channel.package()
    assert channel.deliver(channel.ask("p_1")) == {"mails": 2, "slack": 0}
    card = channel.status().card
    assert card is not None
    assert card.sent_at is not None
    assert card.error.startswith("Slack: ")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"do": "status", "status": 429, "headers": {"retry-after": "30"}}, Throttled),
        ({"do": "status", "status": 200, "body": {"ok": False, "error": "ratelimited"}}, Throttled),
        ({"do": "status", "status": 503}, Unreachable),
        ({"do": "status", "status": 200, "body": {"ok": False, "error": "internal_error"}}, Unreachable),
        ({"do": "html", "status": 200}, Unreachable),
        ({"do": "cut"}, Unreachable),
    ],
)
def test_what_slack_does_not_take_now_is_raised_after_the_mails_and_taken_up_again(
    channel: Channel, fault: dict[str, Any], error: type[MeshError]
) -> None:
    order(channel, **fault)
    channel.package()
    detail = channel.ask("p_1")
    with pytest.raises(error):
        channel.deliver(detail)
    assert channel.deliver(detail) == {"mails": 0, "slack": 1}
    assert channel.buttons("approve")


def test_an_update_that_was_throttled_is_made_at_the_next_delivery(channel: Channel) -> None:
    asked(channel)
    change(channel, approval=approved(channel))
    order(channel, "status", status=429)
    with pytest.raises(Throttled):
        channel.deliver(Approved(post_ids=["p_1"]))
    assert channel.deliver(Approved(post_ids=["p_1"]))["slack"] == 1
    assert channel.buttons() == []


def test_a_message_that_somebody_deleted_is_left_alone(channel: Channel) -> None:
    asked(channel)
    channel.slack.workspace.delete(channel.messages[0]["ts"])
    change(channel, approval=approved(channel))
    assert channel.deliver(Approved(post_ids=["p_1"]))["slack"] == 0
    assert channel.deliver(Approved(post_ids=["p_1"]))["slack"] == 0


def test_a_channel_that_comes_back_from_the_archive_is_brought_up_to_date(channel: Channel) -> None:
    asked(channel)
    change(channel, approval=approved(channel))
    channel.slack.workspace.app({"trouble": "is_archived"})
    assert channel.deliver(Approved(post_ids=["p_1"]))["slack"] == 0
    channel.slack.workspace.app({"trouble": ""})
    assert channel.deliver(Approved(post_ids=["p_1"]))["slack"] == 1


def test_a_picture_that_slack_cannot_fetch_costs_the_picture_and_not_the_card(channel: Channel) -> None:
    refusal = {"messages": ["[ERROR] downloading image failed [json-pointer:/blocks/2/image_url]"]}
    body = {"ok": False, "error": "invalid_blocks", "response_metadata": refusal}
    order(channel, "status", status=200, body=body)
    channel.package(image=PNG)
    channel.deliver(channel.ask("p_1"))
    assert [node for node in nodes(channel.messages[0]["blocks"]) if node.get("type") == "image"] == []
    assert "A cake" in channel.words()


def test_refused_mails_are_no_loss_where_slack_has_the_card_and_both_refused_is_none_delivered(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Mailer, mail: object) -> None:
        raise MailRefused("the mail was refused (MessageRejected)")

    monkeypatch.setattr(Mailer, "send", refuse)
    channel.package()
    channel.deliver(channel.ask("p_1"))
    card = channel.status().card
    assert card is not None
    assert card.sent_at is not None

    channel.slack.workspace.app({"trouble": "is_archived"})
    channel.deliver(channel.ask("p_1", round_id="r_2"))
    card = channel.status().card
    assert card is not None
    assert card.sent_at is None
    assert "the mail was refused" in card.error
    assert "Slack: the channel is archived" in card.error


def test_throttled_mails_do_not_keep_the_card_from_the_channel(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(self: Mailer, mail: object) -> None:
        raise Throttled("SES")

    channel.package()
    with monkeypatch.context() as patch:
        patch.setattr(Mailer, "send", throttled)
        with pytest.raises(Throttled):
            channel.deliver(channel.ask("p_1"))
    assert channel.buttons("approve")


def test_a_secret_that_lacks_something_is_noted_and_costs_no_mail(channel: Channel) -> None:
    channel.mesh.put_secret("ss/slack", {"bot_token": "x", "signing_secret": "y"})
    channel.package()
    assert channel.deliver(channel.ask("p_1"))["mails"] == 2
    card = channel.status().card
    assert card is not None
    assert "Slack: the Slack secret lacks" in card.error
    assert "channel" in card.error


# what became of a try


def test_the_question_is_answered_here_and_a_settled_one_has_no_buttons(channel: Channel) -> None:
    channel.package()
    channel.ask("p_1")
    finish(channel, HeadState.UNKNOWN, since=NOW.isoformat())
    trouble = Trouble(cause="unknown#p_1#main#1", message="?", post_ids=["p_1"], channel="main", attempt=1)
    assert channel.deliver(trouble)["slack"] == 1
    assert channel.deliver(trouble)["slack"] == 1
    assert len(channel.messages) == 1
    channel.click("answer-found")
    (answer,) = channel.status().answers
    assert (answer.says, answer.by, answer.how) == ("found", ADA, "slack")
    finish(channel, HeadState.SENT, posted_url="https://bsky.example/1")
    channel.deliver(Sent(post_id="p_1", channel="main", attempt=1))
    assert channel.buttons() == []
    assert "It was found, it is out" in channel.words()


def test_the_log_holds_no_text_token_or_address(channel: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    channel.package(text="a very secret cake")
    channel.deliver(channel.ask("p_1"))
    value = channel.buttons("approve")[0][1]["value"]
    channel.click("approve")
    said = capsys.readouterr().out
    for part in ("secret cake", value, channel.secret, json.loads(json.dumps(ADA))):
        assert part not in said
