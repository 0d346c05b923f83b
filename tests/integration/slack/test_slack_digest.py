"""The digest in Slack: what the week was, and cards whose buttons do what a card's do."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from slack_channel import NOW, Channel

import digest.handler
from mesh import clock
from mesh.cards.block_parts import MOST_BLOCKS, MOST_CHARACTERS, weight
from mesh.ledger import Act, Approval, Head, HeadState
from mesh.ledger.items import Hold, Status
from mesh.span import digest_week, week_after

ACT = Act("test", by="test", at=NOW)


def run() -> dict[str, int]:
    return digest.handler.handler({"tick": "digest"}, object())


def test_a_post_that_waits_is_approved_from_the_digest_and_every_message_says_so(channel: Channel) -> None:
    channel.package("p_1", text="Rolls")
    channel.deliver(channel.ask("p_1"))

    assert run()["slack"] == 2
    assert "Waiting for your approval" in channel.words(1)
    assert "From the weekly digest: this still waits for you." in channel.words(2)
    assert len(channel.buttons("approve")) == 2

    channel.click("approve", number=1)
    channel.deliver_news()

    status = channel.status("p_1")
    assert status.approval is not None
    assert status.approval.how == "slack"
    assert channel.buttons("approve") == []
    assert ["Approved by" in channel.words(number) for number in (0, 2)] == [True, True]


def test_asked_anew_the_digests_card_leads_to_the_newest_message(channel: Channel) -> None:
    channel.package("p_1")
    channel.deliver(channel.ask("p_1"))
    run()

    channel.deliver(channel.ask("p_1", round_id="r_2", reason="reminder"))

    assert "The newest message asks about this." in channel.words(2)
    assert len(channel.buttons("approve")) == 1


def test_it_is_posted_once_however_often_it_runs(channel: Channel) -> None:
    channel.package("p_1")
    channel.deliver(channel.ask("p_1"))

    assert [run()["slack"], run()["slack"], len(channel.messages)] == [2, 2, 3]


def test_a_question_is_answered_from_the_digest(channel: Channel) -> None:
    revision = channel.package("p_1")
    at = (NOW - timedelta(hours=3)).isoformat()

    def approved(before: Status | None) -> Status | None:
        approval = Approval(revision=revision, by="a", how="mail", at=at)
        return before and before.model_copy(update={"approval": approval})

    channel.mesh.ledger.change_status("p_1", ACT, approved)
    head = Head(post_channel="p_1#main", state=HeadState.UNKNOWN, revision=revision, attempts=1, since=at, asked_at=at)
    channel.mesh.ledger.change_head(None, head, ACT)
    run()

    channel.click("digest-found")

    (answer,) = channel.status("p_1").answers
    assert (answer.channel, answer.attempt, answer.says.value) == ("main", 1, "found")


def test_what_is_on_hold_is_released_on_its_page_where_it_can_be_looked_at_first(channel: Channel) -> None:
    channel.package("p_1")
    coming = week_after(digest_week(clock.now(), ZoneInfo("Europe/Berlin")))
    hold = Hold(by="ada@example.test", how="mail", at=(NOW - timedelta(hours=3)).isoformat())
    on_hold = {"held": hold, "due_at": (coming.ends - timedelta(hours=1)).isoformat()}
    channel.mesh.ledger.change_status("p_1", ACT, lambda before: before and before.model_copy(update=on_hold))

    run()

    assert "On hold, and their time comes" in channel.words()
    assert "/post/p_1" in str(channel.messages[0]["blocks"])
    assert channel.buttons("digest-release") == []


def test_a_long_week_is_several_messages_below_what_slack_takes(channel: Channel) -> None:
    coming = week_after(digest_week(clock.now(), ZoneInfo("Europe/Berlin")))
    for number in range(60):
        channel.package(f"p_{number:02}", text="word " * 300)
        due = (coming.ends - timedelta(minutes=60 + number)).isoformat()
        channel.mesh.ledger.change_status(
            f"p_{number:02}", ACT, lambda before, due=due: before and before.model_copy(update={"due_at": due})
        )

    run()

    assert len(channel.messages) > 3
    for message in channel.messages:
        assert len(message["blocks"]) <= MOST_BLOCKS
        assert weight(message["blocks"]) <= MOST_CHARACTERS


def test_what_slack_refuses_costs_nobody_the_mail(channel: Channel) -> None:
    channel.slack.workspace.app({})
    channel.mesh.put_secret(
        "ss/slack",
        {
            "bot_token": "xoxb-wrong",
            "signing_secret": "s",
            "channel": "C1",
            "users": {},
            "api_origin": channel.slack.origin,
        },
    )

    assert run() == {"mails": 2, "slack": 0}
