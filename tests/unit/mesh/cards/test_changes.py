"""What changed: every difference is told, what is the same is not, and the time it takes is bounded."""

from __future__ import annotations

import random
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from preview_samples import LINK, post_on_all

from mesh.cards.changes import Changes, Piece, TextChange, Word, changes_html, changes_text, compare
from mesh.cards.previews import MAIL, PAGE
from mesh.cards.words import word_diff, words
from mesh.packages import LeftOut, Manifest, PackedCut, PackedImage
from networks.text import graphemes

TEXTS = st.text(st.sampled_from("ab .,\n今日はキวันน\u0e35👩\u200d🍳🏽e\u0301🇩🇪"), max_size=40)


def read(pieces: tuple[Piece, ...], kind: Word) -> str:
    return "".join(piece.text for piece in pieces if piece.kind in {Word.SAME, kind})


def told(before: str, after: str) -> list[tuple[str, str]]:
    return [(str(piece.kind), piece.text) for piece in word_diff(before, after)]


@settings(deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_read_from_their_difference(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    if before == after:
        assert pieces == ()
    elif all(piece.kind is not Word.SKIPPED for piece in pieces):
        assert (read(pieces, Word.GONE), read(pieces, Word.NEW)) == (before, after)


@given(text=TEXTS)
def test_a_word_is_never_less_than_a_sign_as_people_see_it(text: str) -> None:
    assert "".join(words(text)) == text
    ends = set()
    for one in graphemes(text):
        ends.add(max(ends, default=0) + len(one))
    position = 0
    for word in words(text):
        position += len(word)
        assert position in ends


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "Heute ab 14 Uhr Kuchen",
            "Heute ab 15 Uhr Kuchen und Tee",
            [("same", "Heute ab "), ("gone", "14"), ("new", "15"), ("same", " Uhr Kuchen"), ("new", " und Tee")],
        ),
        (
            "今日は午後二時からアップルケーキがあります。",
            "今日は午後三時からチーズケーキがあります。",
            [
                ("same", "今日は午後"),
                ("gone", "二"),
                ("new", "三"),
                ("same", "時から"),
                ("gone", "アップルケーキ"),
                ("new", "チーズケーキ"),
                ("same", "があります。"),
            ],
        ),
        (
            "วันนี้มีเค้กแอปเปิล",
            "วันนี้มีเค้กช็อกโกแลต",
            [("same", "วันนี้มีเค้ก"), ("gone", "แอปเปิล"), ("new", "ช็อกโกแลต")],
        ),
        ("今天下午两点", "今天下午三点", [("same", "今天下午"), ("gone", "两"), ("new", "三"), ("same", "点")]),
        ("one two", "three four", [("gone", "one two"), ("new", "three four")]),
        ("", "new", [("new", "new")]),
        ("old", "", [("gone", "old")]),
    ],
)
def test_the_change_is_told_by_words(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert told(before, after) == expected


def test_a_long_unchanged_text_is_left_out_but_for_some_words_about_the_change() -> None:
    line = "Eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf. "
    pieces = word_diff(line * 4 + "alt " + line * 4, line * 4 + "neu " + line * 4)
    assert [piece.kind for piece in pieces] == [
        Word.SKIPPED,
        Word.SAME,
        Word.GONE,
        Word.NEW,
        Word.SAME,
        Word.SKIPPED,
    ]
    assert pieces[1].text.endswith("elf zwölf. ")
    assert pieces[4].text.startswith(" Eins zwei")
    assert all(len(piece.text) < 60 for piece in pieces)


@pytest.mark.parametrize("kind", ["nothing shared", "all but every second", "the same few"])
def test_two_texts_of_three_thousand_characters_take_no_time(kind: str) -> None:
    dice = random.Random(1)
    pairs = {
        "nothing shared": ["".join(chr(dice.randrange(at, at + 500)) for _ in range(3_000)) for at in (0x4E00, 0x6000)],
        "all but every second": ["a " * 1_500, "b a " * 750],
        "the same few": ["".join(dice.choice("ab ") for _ in range(3_000)) for _ in range(2)],
    }
    began = time.perf_counter()
    pieces = word_diff(*pairs[kind])
    assert time.perf_counter() - began < 1, "measured: 2 to 40 ms"
    assert 1 < len(pieces) <= 120, "a difference in a thousand pieces can be read by nobody"


def changed(**update: Any) -> tuple[Manifest, Manifest]:
    before, _ = post_on_all(1)
    return before, before.model_copy(update=update)


def with_channels(manifest: Manifest, **update: Any) -> Manifest:
    channels = {name: one.model_copy(update=update) for name, one in manifest.channels.items()}
    return manifest.model_copy(update={"channels": channels})


def test_the_same_package_has_no_changes() -> None:
    before, _ = post_on_all(1)
    assert compare(before, before) == Changes(before=before.revision, after=before.revision)


def test_a_change_that_is_the_same_everywhere_is_told_once() -> None:
    before, _ = post_on_all(1, "Cake at two")
    after = with_channels(before, text="Cake at three")
    (text,) = compare(before, after).texts
    assert text.names == ", ".join(before.channels)
    assert compare(before, after).images == ()


def test_channels_that_change_differently_are_told_apart() -> None:
    before, _ = post_on_all(1, "Cake at two")
    channels = dict(before.channels)
    channels["x-main"] = channels["x-main"].model_copy(update={"text": "Pie at two"})
    channels["bluesky-main"] = channels["bluesky-main"].model_copy(update={"text": "Cake at ten"})
    texts = compare(before, before.model_copy(update={"channels": channels})).texts
    assert sorted(text.names for text in texts) == ["bluesky-main", "x-main"]


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        (
            {"planned_at": "2026-03-27T10:00:00+00:00"},
            "Planned for Friday 27 March, 11:00, Berlin time; before, it was Friday 27 March, 09:00.",
        ),
        (
            {"planned_at": "2027-01-02T10:00:00+00:00"},
            "Planned for Saturday 2 January 2027, 11:00, Berlin time; before, it was Friday 27 March 2026, 09:00.",
        ),
        ({"link": LINK}, f"The link {LINK} was added."),
        ({"left_out": ()}, "No longer on x-second."),
        (
            {"time_zone": "Europe/Lisbon"},
            "The time is said in another zone: Friday 27 March, 08:00, Lisbon time; before, Friday 27 March, 09:00, Berlin time.",
        ),
    ],
)
def test_what_is_neither_text_nor_image_is_told_in_a_sentence(update: dict[str, Any], sentence: str) -> None:
    assert compare(*changed(**update)).sentences == (sentence,)


def test_channels_that_come_go_and_are_left_out_are_told() -> None:
    before, _ = post_on_all(1)
    channels = dict(before.channels)
    one = channels.pop("x-main")
    del channels["threads-main"]
    after = before.model_copy(
        update={
            "channels": {**channels, "x-second": one},
            "left_out": (
                LeftOut(channel="threads-main", code="c", message="It is too long."),
                LeftOut(channel="new-one", code="c", message="It is not connected."),
            ),
        }
    )
    assert compare(before, after).sentences == (
        "Now also on x-second, where it was left out before.",
        "Left out now on threads-main: It is too long.",
        "new-one was added, but is left out: It is not connected.",
        "No longer on x-main.",
    )


def images_of(manifest: Manifest, *images: PackedImage) -> Manifest:
    one = manifest.channels["bluesky-main"].model_copy(update={"images": images, "card": None})
    return manifest.model_copy(update={"channels": {"bluesky-main": one}})


def image(number: int, alt: str = "A cake", cut: PackedCut | None = None) -> PackedImage:
    return PackedImage(
        sha256=f"{number:064}", mime="image/jpeg", size_bytes=9, width_px=4, height_px=3, alt=alt, source="a", cut=cut
    )


def test_other_images_are_shown_before_and_after() -> None:
    base, _ = post_on_all(1)
    before, after = images_of(base, image(1), image(2)), images_of(base, image(1), image(3))
    (change,) = compare(before, after).images
    assert [len(change.before), len(change.after)] == [2, 2]


def test_another_order_and_another_crop_are_said() -> None:
    base, _ = post_on_all(1)
    first = images_of(base, image(1), image(2))
    turned = compare(first, images_of(base, image(2), image(1)))
    assert turned.sentences == ("bluesky-main: the images are in another order.",)
    cropped = compare(first, images_of(base, image(9, cut=PackedCut(left=100)), image(2)))
    assert cropped.sentences == ("bluesky-main: image 1 is cropped differently.",)
    assert len(turned.images) == len(cropped.images) == 1


def test_another_alt_text_is_told_in_words_and_not_by_showing_the_picture_twice() -> None:
    base, _ = post_on_all(1)
    changes = compare(images_of(base, image(1), image(2)), images_of(base, image(1), image(2, "A pie")))
    assert changes.images == ()
    (text,) = changes.texts
    assert text.names == "bluesky-main, alt text of image 2"
    assert read(text.pieces, Word.NEW) == "A pie"


def test_another_link_card_is_told() -> None:
    before, _ = post_on_all()
    card = before.channels["bluesky-main"].card
    assert card is not None
    other = card.model_copy(update={"title": "Pie", "thumbnail": None})
    channels = {"bluesky-main": before.channels["bluesky-main"].model_copy(update={"card": other})}
    only = before.model_copy(update={"channels": {"bluesky-main": before.channels["bluesky-main"]}})
    changes = compare(only, only.model_copy(update={"channels": channels}))
    assert changes.sentences == (
        "bluesky-main: the link card's title is “Pie” now; before, “Apfelkuchen vom Blech – Café Möwe”.",
    )
    (pictures,) = changes.images
    assert pictures.names == "bluesky-main, picture of the link card"
    assert pictures.after == ()


def test_a_difference_nobody_can_read_is_not_passed_over() -> None:
    before, _ = post_on_all(1)
    channels = dict(before.channels)
    channels["bluesky-main"] = channels["bluesky-main"].model_copy(update={"payload": {"facets": [1]}})
    (sentence,) = compare(before, before.model_copy(update={"channels": channels})).sentences
    assert sentence.startswith("bluesky-main: it reads the same;")


class Heard(HTMLParser):
    """The text of a box, and the tags about it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def heard(changes: Changes) -> Heard:
    reader = Heard()
    reader.feed(changes_html(changes, lambda image, revision: f"{revision}/{image.sha256}", PAGE))
    return reader


def test_what_went_and_what_came_is_told_by_more_than_colour() -> None:
    before, _ = post_on_all(1, "Cake <b>at</b> two")
    changes = compare(before, with_channels(before, text="Cake <b>at</b> three"))
    reader = heard(changes)
    assert "Cake <b>at</b> [gone: two][new: three]" in reader.text
    assert {"del", "ins"} <= set(reader.tags)
    assert "b" not in reader.tags
    assert "Cake <b>at</b> [gone: two][new: three]" in changes_text(changes)
    for markup in (PAGE, MAIL):
        assert "style=" not in changes_html(changes, lambda image, revision: "", markup)


def test_an_image_is_asked_for_with_the_revision_it_lies_in() -> None:
    base, _ = post_on_all(1)
    before, after = images_of(base, image(1)), images_of(base, image(2))
    html = changes_html(compare(before, after), lambda image, revision: f"{revision}/{image.sha256}", PAGE)
    assert f'src="{before.revision}/{1:064}"' in html
    assert f'src="{after.revision}/{2:064}"' in html


def test_a_blank_that_came_or_went_can_be_seen() -> None:
    changes = Changes(before="r", texts=(TextChange("a", word_diff("two words", "two  words\n")),))
    assert "␣" in changes_text(changes)
    assert "↵" in changes_text(changes)
    assert "(U+200B)" in changes_text(Changes("r", texts=(TextChange("a", word_diff("a b", "a b \u200b")),)))


def test_no_change_at_all_is_said_too() -> None:
    assert "Nothing that a reader would see." in changes_text(Changes("r"))
    assert "Nothing that a reader would see." in heard(Changes("r")).text
