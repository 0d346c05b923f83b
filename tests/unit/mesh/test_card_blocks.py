"""The card as Slack messages: within every limit whatever is in it, nothing lost, and nothing of it read as markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from local.slack.block_kit import complaints, too_long
from mesh.approvals import Action
from mesh.cards.block_parts import MOST_CHARACTERS, chunks, weight, whole
from mesh.cards.blocks import Hand, Message, Share, everything_message, message, question_message, shares
from mesh.cards.changes import Changes, ImagesChange, Piece, TextChange, Word
from mesh.cards.model import Card, CardPost, Question
from mesh.cards.previews import Preview
from mesh.packages import PackedCard, PackedImage, PackedMeasure

HOSTILE = "*bold* _it_ ~gone~ `code` :cake: @here <!channel> <@U1> <https://evil.example|bank> &amp; > quote\n• list"
REVISION = "9f" * 32


def value(action: Action, pairs: tuple[tuple[str, str], ...]) -> str:
    return json.dumps([action, *pairs])


def picture(post_id: str, revision: str, image: PackedImage) -> str:
    return f"https://door.example/picture/{post_id}-{revision[:4]}-{image.sha256}"


HAND = Hand(value, picture, lambda post_id: f"https://door.example/post/{post_id}")


def image(name: str = "a", alt: str = "A cake", mime: str = "image/jpeg", size_bytes: int = 9_000) -> PackedImage:
    return PackedImage(sha256=name * 64, mime=mime, size_bytes=size_bytes, width_px=800, height_px=600, alt=alt)


def post(text: str = "Hello", number: int = 1, **update: Any) -> CardPost:
    images = update.pop("images", ())
    previews = update.pop(
        "previews",
        (Preview("bluesky-main", "bluesky", text, images, PackedMeasure(length=len(text), limit=300, unit="letters")),),
    )
    fields: dict[str, Any] = {
        "post_id": f"p_{number:08}",
        "revision": REVISION,
        "goes": "Friday 27 March, 09:00, Berlin time",
        "planned": "",
        "why": "",
        "previews": previews,
    }
    return CardPost(**{**fields, **update})


def card(*posts: CardPost, **update: Any) -> Card:
    return Card(**{"round_id": "r_1", "reason": "new", "posts": posts, "sheet": "https://sheet.example/1", **update})


def rendered(one: Card, hand: Hand = HAND) -> list[Message]:
    return [message(one, share, hand) for share in shares(one, hand)]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part)


def quotes(messages: list[Message]) -> str:
    """What stands in the blocks that hold the post's own text."""
    return "".join(
        node["elements"][0]["text"]
        for one in messages
        for node in nodes(one.blocks)
        if node.get("type") == "rich_text_quote"
    )


def buttons(messages: list[Message]) -> list[dict[str, Any]]:
    return [node for one in messages for node in nodes(one.blocks) if node.get("type") == "button"]


def words(messages: list[Message]) -> str:
    return "\n".join(
        node["text"] for one in messages for node in nodes(one.blocks) if isinstance(node.get("text"), str)
    )


def held_to_the_limits(messages: list[Message]) -> None:
    for one in messages:
        assert 1 <= len(one.blocks) <= 50
        assert weight(one.blocks) <= MOST_CHARACTERS
        assert complaints(one.blocks) == []
        assert not too_long(one.blocks)
        json.dumps(one.blocks, ensure_ascii=False).encode()
        for node in nodes(one.blocks):
            assert node.get("type") != "mrkdwn"
            match node.get("type"):
                case "text" | "plain_text":
                    assert 1 <= len(node["text"]) <= 3000
                case "image":
                    assert 1 <= len(node["alt_text"]) <= 2000
                    assert len(node["image_url"]) <= 3000
                case "button":
                    assert len(node["value"]) <= 2000
                    assert len(node["action_id"]) <= 255
                    assert len(node["text"]["text"]) <= 75
                    assert "url" not in node
                case "header":
                    assert len(node["text"]["text"]) <= 150
                case "actions":
                    names = [element["action_id"] for element in node["elements"]]
                    assert len(names) == len(set(names))


texts = st.one_of(
    st.text(max_size=400),
    st.text(alphabet=" \n*_~`<>&:@!|👩‍👩‍👧‍👦é\x00\u200b\ud800", max_size=300),
    st.integers(1, 80).map(lambda times: HOSTILE * times),
    st.integers(2900, 6100).map(lambda size: "ä" * size),
    st.just("👩‍👩‍👧‍👦" * 400),
    st.just("e" + "\u0301" * 4000),
)
images = st.lists(
    st.builds(
        image,
        st.sampled_from("abcdef"),
        st.one_of(st.just(""), st.just(HOSTILE * 30), st.text(max_size=50)),
        st.sampled_from(["image/jpeg", "image/png", "image/webp"]),
        st.sampled_from([9, 9_000_000]),
    ),
    max_size=4,
).map(tuple)
previews = st.lists(
    st.builds(
        Preview,
        st.sampled_from(["bluesky-main", "x-main", "linkedin-*bold*"]),
        st.sampled_from(["bluesky", "x", "linkedin", "gone"]),
        texts,
        images,
        st.none(),
        st.one_of(
            st.none(),
            st.builds(PackedCard, url=st.just("https://a.example/?a=1&b=<2>"), title=texts, description=texts),
        ),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
changed = st.one_of(
    st.none(),
    st.builds(
        Changes,
        st.just("8e" * 32),
        st.lists(texts, max_size=3).map(tuple),
        st.lists(
            st.builds(
                TextChange,
                st.just("bluesky-main"),
                st.lists(st.builds(Piece, st.sampled_from([Word.SAME, Word.GONE, Word.NEW]), texts), max_size=6).map(
                    tuple
                ),
            ),
            max_size=2,
        ).map(tuple),
        st.lists(st.builds(ImagesChange, st.just("x-main"), images, images), max_size=1).map(tuple),
    ),
)
posts = st.lists(
    st.tuples(previews, changed, st.lists(texts, max_size=3), st.sampled_from(["", "Approved by ada."])),
    min_size=1,
    max_size=3,
)


@settings(max_examples=15, phases=[Phase.explicit, Phase.generate])
@given(posts)
def test_every_limit_holds_and_every_text_stands_there_whole(drawn: list[Any]) -> None:
    made = [
        post(number=number, previews=shown, changes=changes, remarks=tuple(remarks), decided=decided)
        for number, (shown, changes, remarks, decided) in enumerate(drawn)
    ]
    one = card(*made)
    messages = rendered(one)
    held_to_the_limits(messages)
    everything = whole("".join(preview.text for each in made for preview in grouped_once(each)))
    assert quotes(messages) == everything
    assert [post_id for share in shares(one, HAND) if share.acts for post_id in share.posts] == [
        p.post_id for p in made
    ]


def grouped_once(one: CardPost) -> list[Preview]:
    from mesh.cards.model import grouped

    return [preview for _, preview in grouped(one.previews)]


@settings(max_examples=40)
@given(texts, st.integers(40, 3000))
def test_chunks_lose_nothing_and_keep_to_their_limit(text: str, longest: int) -> None:
    parts = chunks(text, longest)
    assert "".join(parts) == whole(text)
    assert all(part and weight(part) <= max(longest, 6) + 2 for part in parts)


def test_a_posts_own_text_stands_in_raw_elements_as_it_will_be_posted() -> None:
    messages = rendered(card(post(HOSTILE)))
    assert quotes(messages) == HOSTILE
    assert "mrkdwn" not in json.dumps([one.blocks for one in messages])


def test_a_notification_holds_nothing_of_the_post() -> None:
    (one,) = rendered(card(post("secret cake")))
    assert "cake" not in one.text
    assert "Friday 27 March" in one.text


def test_a_post_has_its_three_buttons_and_only_send_now_asks_first() -> None:
    found = buttons(rendered(card(post())))
    assert [one["action_id"] for one in found] == ["approve", "hold", "send-now", "hold-everything"]
    assert ["confirm" in one for one in found] == [False, False, True, True]
    assert json.loads(found[0]["value"]) == ["review", ["p_00000001", REVISION]]


def test_a_decided_post_has_a_sentence_where_its_buttons_were() -> None:
    messages = rendered(card(post(decided="Approved by ada (Friday 09:12).")))
    assert buttons(messages) == []
    assert "Approved by ada" in words(messages)


def test_approve_all_is_bound_to_the_undecided_posts_of_its_own_message() -> None:
    long = "word " * 800
    made = [post(long, number) for number in range(4)] + [post("x", 4, decided="Held.")]
    one = card(*made)
    for share in shares(one, HAND):
        found = [each for each in buttons([message(one, share, HAND)]) if each["action_id"] == "approve-all"]
        waiting = [post_id for post_id in share.posts if post_id != "p_00000004"]
        bound = [[pair[0] for pair in json.loads(each["value"])[1:]] for each in found]
        assert bound == ([waiting] if len(waiting) > 1 else [])
    assert len(shares(one, HAND)) > 1


def test_ten_short_posts_come_in_order_and_each_once() -> None:
    one = card(*(post(f"Post {number}", number) for number in range(10)))
    assert [post_id for share in shares(one, HAND) for post_id in share.posts] == [
        f"p_{number:08}" for number in range(10)
    ]
    held_to_the_limits(rendered(one))


def test_a_message_rendered_from_its_share_alone_is_the_same() -> None:
    made = [post("word " * 700, number) for number in range(5)]
    whole_card = card(*made)
    for share in shares(whole_card, HAND):
        part = card(*(one for one in made if one.post_id in share.posts))
        assert message(part, share, HAND) == message(whole_card, share, HAND)


def test_a_post_too_long_for_one_message_has_its_buttons_in_the_last() -> None:
    one = card(post("word " * 5000))
    messages = rendered(one)
    assert len(messages) > 2
    assert [bool(buttons([each])) for each in messages] == [False] * (len(messages) - 1) + [True]
    assert [share.opens for share in shares(one, HAND)] == [True] + [False] * (len(messages) - 1)


def test_a_piece_that_no_longer_comes_out_as_posted_keeps_its_buttons_and_its_limits() -> None:
    shown = message(card(post("short now")), Share(("p_00000001",), 2, 3, opens=False), HAND)
    assert [one["action_id"] for one in buttons([shown])][:3] == ["approve", "hold", "send-now"]


def test_changes_show_words_gone_and_new_and_images_before_and_after() -> None:
    changes = Changes(
        "8e" * 32,
        ("It goes out a day later.",),
        (TextChange("bluesky-main", (Piece(Word.SAME, "The "), Piece(Word.GONE, "old "), Piece(Word.NEW, "new "))),),
        (ImagesChange("bluesky-main", (image("b"),), (image("c"),)),),
    )
    messages = rendered(card(post(changes=changes), reason="changed"))
    styled = {
        node["text"]: node.get("style") for one in messages for node in nodes(one.blocks) if node.get("type") == "text"
    }
    assert styled["old "] == {"strike": True}
    assert styled["new "] == {"bold": True}
    assert styled["The "] is None
    shown = [node["image_url"] for one in messages for node in nodes(one.blocks) if node.get("type") == "image"]
    assert [url.split("-")[1] for url in shown] == ["8e8e", "9f9f"]


def test_what_slack_cannot_show_is_named_and_not_linked() -> None:
    webp, big = image("a", mime="image/webp"), image("b", size_bytes=5_000_000)
    messages = rendered(card(post(images=(webp, big))))
    assert [node for one in messages for node in nodes(one.blocks) if node.get("type") == "image"] == []
    assert words(messages).count("Slack cannot show this picture") == 2


def test_without_pictures_their_alt_texts_stand_alone() -> None:
    hand = Hand(HAND.value, HAND.picture, HAND.page, pictures=False)
    messages = rendered(card(post(images=(image(alt="A cake, sliced"),))), hand)
    assert [node for one in messages for node in nodes(one.blocks) if node.get("type") == "image"] == []
    assert "A cake, sliced" in words(messages)


def test_left_out_channels_remarks_times_and_the_hold_on_everything_are_told() -> None:
    one = post(
        left_out=("Not on x-main: too long.",), remarks=("Costs 0.02 USD.",), planned="Friday 08:00", why="the window"
    )
    told = words(rendered(card(one, held="ada held everything (Friday 09:00).", reason="reminder")))
    for sentence in (
        "Not on x-main",
        "Costs 0.02 USD",
        "Planned Friday 08:00; the window",
        "ada held everything",
        "Due soon",
    ):
        assert sentence in told


@pytest.mark.parametrize("decided", ["", "ada has answered."])
def test_a_question_shows_what_was_handed_over_and_its_three_answers(decided: str) -> None:
    messages = question_message(Question("bluesky-main", "Friday 09:00", post(HOSTILE)), decided, HAND)
    held_to_the_limits(messages)
    assert quotes(messages) == HOSTILE
    expected = [] if decided else ["answer-found", "answer-not-there", "answer-send-again"]
    assert [one["action_id"] for one in buttons(messages)] == expected


def test_the_hold_on_everything_has_its_way_back_only_while_it_stands() -> None:
    held = everything_message(held=True, sentence="Nothing goes out.", hand=HAND)
    over = everything_message(held=False, sentence="It goes on.", hand=HAND)
    assert [one["action_id"] for one in buttons([held])] == ["release-everything"]
    assert buttons([over]) == []


def test_the_way_to_notes_stands_beside_the_one_to_the_sheet() -> None:
    last = rendered(card(post(), compose="https://c.test/"))[-1].blocks[-1]
    links = {node["text"]: node["url"] for node in nodes(last) if node.get("type") == "link"}
    assert links == {"Open the sheet": "https://sheet.example/1", "Write a note for the next post": "https://c.test/"}
