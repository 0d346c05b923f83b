"""Troubles in Slack: the same message as by mail, once; what Slack does not take keeps no later trouble back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from slack_channel import Channel

import notifier.handler
from mesh import clock
from mesh.cards.block_parts import MOST_BLOCKS, MOST_CHARACTERS, weight
from mesh.errors import Throttled
from mesh.events import Trouble, together
from mesh.mail import Mailer
from mesh.slack import Slack
from notifier.trouble_mail import troubles_message
from notifier.trouble_words import Entry


def late(*numbers: int) -> Trouble:
    ones = [
        Trouble(cause=f"late#p_{one}#x-main#", message=f"Post {one} <!channel> is late.", post_ids=[f"p_{one}"])
        for one in numbers
    ]
    (event,) = together(ones)
    return event


def tick(channel: Channel, minutes: float) -> dict[str, int]:
    channel.mesh.turn_clock(clock.now() + timedelta(minutes=minutes))
    return notifier.handler.handler({"tick": "troubles"}, object())


def test_troubles_stand_in_the_channel_once_as_one_message(channel: Channel) -> None:
    assert channel.deliver(late(1, 2)) == {"mails": 2, "slack": 1}
    assert channel.deliver(late(1, 2)) == {"mails": 0, "slack": 0}
    assert len(channel.messages) == 1
    assert channel.messages[0]["text"] == "2 posts are late"
    assert "Post 1 <!channel> is late." in channel.words()


def test_a_slack_that_is_down_gets_it_with_the_next_delivery_and_keeps_nothing_else_back_for_long(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def down(*_: object) -> None:
            raise Throttled("Slack")

        patch.setattr(Slack, "post", down)
        with pytest.raises(Throttled):
            channel.deliver(late(1))
        with pytest.raises(Throttled):
            channel.deliver(late(2))  # nobody's mail is repeated meanwhile
        channel.mesh.turn_clock(clock.now() + timedelta(minutes=4))
        assert channel.deliver(late(2))["mails"] == 0
    assert channel.deliver(late(3)) == {"mails": 2, "slack": 1}
    assert [message["text"] for message in channel.messages] == ["2 posts are late"]


def test_while_ses_takes_no_mail_slack_says_it_and_the_mails_follow(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def throttled(*_: object) -> None:
            raise Throttled("SES")

        patch.setattr(Mailer, "send", throttled)
        for _ in range(2):
            with pytest.raises(Throttled):
                channel.deliver(late(1))
        assert [message["text"] for message in channel.messages] == ["A post is late"]
    assert tick(channel, 60)["mails"] == 2
    assert len(channel.messages) == 1


def test_however_many_there_are_slack_takes_the_message() -> None:
    entries = [Entry(f"late#p_{number}#x#", "It is late. " * 40) for number in range(100)]
    entries += [Entry(f"kind-{number}#a", "Something.") for number in range(60)]
    message = troubles_message(entries, {"late": 900})
    assert len(message.blocks) <= MOST_BLOCKS
    assert weight(message.blocks) <= MOST_CHARACTERS
    assert "more: the column" in str(message.blocks[-1])
