"""What gives way where a digest is too long, and how its first lines put the week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.decide import ChannelHealth, Gathered, Lists, Posted
from digest.summing import needed, subject, summary, title
from mesh.cards.digest import Digest, Entry, Part, fitting
from mesh.cards.digest_mail import compose_digest, digest_text
from mesh.cards.email import Envelope
from mesh.cards.letter import MOST_BYTES, sent_bytes
from mesh.cards.model import Brake
from mesh.ledger.items import Status
from mesh.reckoning.model import Happened
from mesh.rulebook import Rulebook
from mesh.span import digest_week, week_after

SUNDAY = datetime(2027, 3, 21, 17, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = digest_week(SUNDAY, BERLIN)
FOUND = Gathered(WEEK, week_after(WEEK), SUNDAY, Happened(WEEK), rulebook=Rulebook("Europe/Berlin"))


def part(heading: str, count: int, **more: object) -> Part:
    return replace(Part(heading, tuple(Entry(f"{heading} {number}") for number in range(count))), **more)  # type: ignore[arg-type]


def entries_in(digest: Digest) -> int:
    return sum(len(one.entries) for one in digest.parts)


@pytest.mark.parametrize("room", [0, 1, 5, 8, 12, 20, 29, 30])
def test_nothing_is_cut_without_being_counted_and_what_needs_somebody_goes_last(room: int) -> None:
    whole = Digest("k", "s", "t", "", (part("needs", 10, left=3),), (part("out", 10), part("coming", 10)))

    shown = fitting(whole, entries_in, room)

    assert entries_in(shown) <= room
    assert [len(one.entries) + one.left for one in shown.parts] == [13, 10, 10]
    kept, *news = [len(one.entries) for one in shown.parts]
    assert kept == 10 or sum(news) == 0


def test_what_fits_stays_as_it_is() -> None:
    whole = Digest("k", "s", "t", "", (part("needs", 10),))
    assert fitting(whole, entries_in, 10) == whole


def test_what_is_left_is_said_where_it_belongs() -> None:
    digest = Digest("k", "s", "t", "", (part("Rows to mend", 1, left=1_200, where="in the sheet"),))
    text = digest_text(digest, Brake(), lambda press: "")
    assert text == "t.\n\n=== Rows to mend\n\n* Rows to mend 0\n\nAnd 1,200 more, in the sheet.\n"


def test_the_subject_says_what_is_to_do_and_else_what_went_out() -> None:
    post = Posted("p_1", SUNDAY - timedelta(days=1), (("x", ""),))
    waits = Status(post_id="p_2")
    some = Lists(waiting=(waits,), drafts=(waits, waits), posted=(post,))
    many = replace(some, late=(waits,), problems=(waits,))
    told = {
        said: subject(FOUND, listed, needed(FOUND, listed))
        for said, listed in {"calm": Lists(posted=(post, post)), "some": some, "many": many, "none": Lists()}.items()
    }
    assert told == {
        "calm": "Your week: nothing needs you, 2 posts out",
        "some": "Your week: 1 post to approve and 2 drafts to look at",
        "many": "Your week: 1 late post to decide, 1 post to approve, 1 row to mend and more",
        "none": "Your week: nothing went out, nothing is planned",
    }
    assert title(()) == "Nothing needs you"


def test_no_channel_is_called_sound_while_one_is_not() -> None:
    sound, sick = ChannelHealth("a", "works"), ChannelHealth("b", "paused", "Connect it.", works=False)
    post = Posted("p_1", SUNDAY - timedelta(days=1), (("a", ""),))
    assert "No channel is in trouble." in summary(FOUND, Lists(posted=(post,), health=(sound,)))
    assert "No channel is in trouble." not in summary(FOUND, Lists(posted=(post,), health=(sound, sick)))
    unread = replace(FOUND, rulebook=None)
    assert "No channel is in trouble." not in summary(unread, Lists(posted=(post,), health=(sound,)))


def test_a_mail_of_far_too_much_stays_below_what_programs_cut_and_keeps_what_needs_somebody() -> None:
    long = "A sentence that goes on and on <&> عربى. " * 60
    needs = Part("Rows to mend", tuple(Entry(f"Row {number}", lines=(long,)) for number in range(10)))
    news = Part("What went out", tuple(Entry(f"Post {number}", long) for number in range(40)))
    whole = Digest("k", "Your week", "t", "s", (needs,), (news,))

    mail = compose_digest(whole, Envelope("a@b.test", "c@d.test", SUNDAY, "k"), Brake(), lambda press: "")

    html, text = (mail.get_body((kind,)) for kind in ("html", "plain"))
    assert html is not None
    assert text is not None
    assert sent_bytes(html.get_content()) <= MOST_BYTES
    assert all(f"* Row {number}" in text.get_content() for number in range(8))
    shown = text.get_content().count("* Post ")
    assert f"And {40 - shown} more" in text.get_content() or f"{40 - shown}, in the sheet" in text.get_content()
