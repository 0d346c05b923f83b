"""The recap as a mail and in Slack: what it shows, and that nobody's words are markup in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from recap_months import EMPTY, TYPICAL, huge, out, told

from mesh.cards import letter
from mesh.cards.block_parts import MOST_BLOCKS, MOST_CHARACTERS, weight
from mesh.cards.email import Envelope
from mesh.reckoning.model import Happened
from recap import mail, slack
from recap.chart import draw
from recap.decide import Told

ENVELOPE = Envelope("posts@example.test", "mum@example.test", datetime(2026, 11, 2, 8, tzinfo=UTC), "k")
HOSTILE = '<script>alert(1)</script>"&*_`@everyone'


def made(one: Told, listed: bool = True) -> EmailMessage:
    return mail.compose(one, draw(one.chart) if any(one.chart.totals) else b"", ENVELOPE, listed)


def html(one: Told, listed: bool = True) -> str:
    body = made(one, listed).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_every_figure_stands_in_both_parts() -> None:
    one = told(TYPICAL)
    plain = made(one).get_body(("plain",))
    assert plain is not None
    for text in (html(one), str(plain.get_content())):
        for fact in one.facts:
            assert fact.value in text
        for row in one.channels:
            assert row.name in text
        assert one.paragraph in " ".join(text.split())


def test_nobodys_words_are_markup() -> None:
    hostile = Happened(TYPICAL.span, publications=(out(3, HOSTILE),), incomplete=(HOSTILE,))
    one = replace(told(hostile), paragraph=HOSTILE, headline=HOSTILE)
    assert "<script" not in html(one)
    assert HOSTILE in str(slack.message(one).blocks) or HOSTILE in slack.message(one).text
    assert "mrkdwn" not in str(slack.message(one).blocks)


@pytest.mark.parametrize("listed", [True, False])
def test_there_is_no_way_to_act(listed: bool) -> None:
    text = html(told(TYPICAL), listed)
    assert "<a " not in text
    assert "Hold everything" not in text
    assert ("take you off that list" in text) == listed


@pytest.mark.parametrize("happened", [EMPTY, TYPICAL, huge()])
def test_no_program_cuts_it_off_and_slack_takes_it(happened: Happened) -> None:
    one = told(happened)
    assert letter.sent_bytes(html(one)) < letter.MOST_BYTES
    blocks = slack.message(one).blocks
    assert len(blocks) <= MOST_BLOCKS
    assert weight(blocks) < MOST_CHARACTERS


def test_hundreds_of_channels_are_counted_and_stand_in_the_text_part() -> None:
    one = told(Happened(TYPICAL.span, publications=tuple(out(1, f"channel-{n:03}", f"p_{n}") for n in range(500))))
    assert "And 440 more channels, which are in the text part" in html(one)
    assert letter.sent_bytes(html(one)) < letter.MOST_BYTES
    assert "and 480 more channels, which are in the mail" in str(slack.message(one).blocks)
    plain = made(one).get_body(("plain",))
    assert plain is not None
    assert "channel-499" in str(plain.get_content())


def test_the_tables_can_be_read_by_a_screen_reader() -> None:
    text = html(told(TYPICAL))
    assert text.count('scope="row"') == 2 + len(told(TYPICAL).facts)
    assert text.count('scope="col"') == 4 + 2
    assert 'alt="What went out each day' in text
