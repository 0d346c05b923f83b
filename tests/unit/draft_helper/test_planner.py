"""What code makes of the model's topics: pictures, channels and what is said of a wish that came true in part."""

from __future__ import annotations

from datetime import date

import pytest

from draft_helper.material import Material
from draft_helper.planner import as_of_a_plan, channels_of, dealt, remark, unknown_channels
from mesh.ledger.proposals import Note, Upload
from mesh.rulebook import parse_rules
from mesh.voice import Voice

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:cafe, https://bsky.example
- mastodon-main: mastodon, account 42, https://mastodon.example
"""
PICTURES = [
    Upload(upload_id=f"u_{number}", kind="image", name=f"{number}.jpg", mime="image/jpeg", size=1, md5="0" * 32)
    for number in range(3)
]


def names(found: list[Upload | None]) -> list[str]:
    return [one.name.partition(".")[0] if one is not None else "-" for one in found]


@pytest.mark.parametrize(
    ("chosen", "wanted", "found"),
    [
        ([0, None, 2], 0, "0 - 2"),  # nobody said how many: as the model chose
        ([0, 1, 2], 2, "0 1 -"),  # two with photos: not three
        ([None, None, None], 2, "0 1 -"),  # nor none
        ([None, 2, None], 2, "0 2 -"),
        ([1, 1, 1], 0, "1 - -"),  # each picture once
        ([7, -1, None], 0, "- - -"),  # a picture that is not there
        ([None], 5, "0"),  # more than there are posts
    ],
)
def test_as_many_posts_have_a_picture_as_were_asked_for_and_each_picture_goes_once(
    chosen: list[int | None], wanted: int, found: str
) -> None:
    assert " ".join(names(dealt(chosen, PICTURES, wanted))) == found


def test_without_pictures_no_post_has_one() -> None:
    assert dealt([0, 1], [], 2) == [None, None]


def material(*channels: str) -> Material:
    note = Note(text="x", channels=channels, by="ada@example.test", at="2027-03-20T08:00:00+00:00")
    return Material(note, parse_rules(RULES, default_zone="Europe/Berlin")[0], Voice(), date(2027, 3, 20))


def test_channels_are_the_notes_as_far_as_the_rules_doc_has_them() -> None:
    assert channels_of(material("Mastodon-Main ", "gone-main")) == ("mastodon-main",)
    assert unknown_channels(material("mastodon-main", "gone-main")) == "Not in your rules doc, and left out: gone-main."
    assert channels_of(material()) == ("bluesky-main", "mastodon-main")
    assert unknown_channels(material()) == ""


def test_a_wish_that_came_true_in_part_is_said_with_its_numbers() -> None:
    assert remark(5, 5, 5) == ""
    assert "You asked for 5 posts, and there were ideas for 3" in remark(5, 3, 3)
    assert "1 post has no day yet" in remark(3, 3, 2)
    assert "2 posts have no day yet" in remark(3, 3, 1)


def test_a_plans_sentence_names_the_button_of_its_page() -> None:
    assert as_of_a_plan("Press “Try again” tomorrow.") == "Press “Plan again” tomorrow."
