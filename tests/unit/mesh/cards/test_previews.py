"""Previews: everything that goes out is in them, as the network shows it, and nothing in them can be tapped."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from preview_samples import PICTURES, TEXT, channel, post_on_all

from mesh.cards.email import Envelope, compose_card
from mesh.cards.model import Card, CardPost, card_post, grouped
from mesh.cards.pages import Button, review
from mesh.cards.previews import PAGE, Preview, preview_html, say_cut
from mesh.packages import PackedCut
from networks import NAMES, composer
from networks.model import Draft, Rendition

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
GMAIL_CLIPS_BYTES = 102_000


def preview(network: str, images: int = 0, text: str = TEXT) -> Preview:
    one = channel(network, images, text)
    return Preview(f"{network}-main", network, one.text, one.images, one.measure, one.card)


def html(one: Preview) -> str:
    return preview_html(one, one.channel, lambda image: f"cid:{image.sha256}", PAGE)


def shown(html: str) -> str:
    """What a reader sees of it, the mark of the fold left out."""
    unfolded = re.sub(r'<span class="pv-fold[^>]*>.*?</span>', "", html)
    return unescape(re.sub(r"<[^>]*>", "", unfolded.replace("<br>", "\n")))


def card(posts: tuple[CardPost, ...]) -> Card:
    return Card(
        "r_1", "new", posts, "https://a.test/all" if len(posts) > 1 else "", "https://a.test/stop", "https://s.test/"
    )


def card_posts(count: int, images: int = 0) -> tuple[CardPost, ...]:
    made = []
    for number in range(count):
        manifest, status = post_on_all(images, f"{number} {TEXT}", f"p_{number}")
        links = dict.fromkeys(("review", "hold", "now"), "https://a.test/" + "t" * 400)
        made.append(card_post(status, manifest, NOW, links))
    return tuple(made)


def composed(posts: tuple[CardPost, ...]) -> EmailMessage:
    envelope = Envelope("a@b.example", "c@d.example", NOW, "k")
    return compose_card(card(posts), envelope, lambda _, revision, sha256: PICTURES[sha256][0])


@pytest.mark.parametrize("network", NAMES)
@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_the_whole_text_is_shown_wherever_the_network_folds_it(network: str, text: str) -> None:
    assert text in shown(html(preview(network, text=text))).replace("\r", "")


@pytest.mark.parametrize(
    ("network", "folds"), [("instagram", True), ("linkedin", True), ("facebook", False), ("x", False)]
)
def test_the_fold_is_marked_where_readers_have_to_tap_for_more(network: str, folds: bool) -> None:
    assert ("Readers see this much" in html(preview(network))) is folds
    assert "Readers see this much" not in html(preview(network, text="Kurz"))


@pytest.mark.parametrize("network", NAMES)
def test_nothing_in_a_preview_can_be_tapped_or_run(network: str) -> None:
    made = html(preview(network, 2, f'{TEXT} <a href="https://evil.example">x</a><script>1</script>'))
    assert not re.search(r"<(a|script|form|button|iframe|input)\b", made)
    assert "href=" not in re.sub(r"&lt;a href", "", made)


def test_a_link_is_coloured_where_readers_can_tap_it_and_plain_where_not() -> None:
    link = '<span class="pv-mark">https://cafe-moewe.example/kuchen?von=post</span>'
    assert link in html(preview("mastodon"))
    assert link not in html(preview("instagram", 1))
    assert '<span class="pv-mark">#apfelkuchen</span>' in html(preview("instagram", 1))


def test_pictures_come_first_where_they_do_on_the_network() -> None:
    for network, first in (("instagram", True), ("facebook", False)):
        made = html(preview(network, 1))
        assert (made.index("<img") < made.index("pv-text")) is first


def test_a_card_says_who_makes_it() -> None:
    assert "makes this of the page itself" not in html(preview("bluesky"))
    assert "Facebook makes this of the page itself when it posts." in html(preview("facebook"))


def test_the_counter_is_the_networks_own() -> None:
    assert "of 300 characters" in html(preview("bluesky"))
    assert "of 2,200 characters" in html(preview("instagram", 1))


def test_what_was_cut_off_is_said_by_side() -> None:
    assert say_cut(PackedCut(left=62, right=61), "Instagram") == "Cropped for Instagram: 6% off left and 6% off right"
    assert say_cut(PackedCut(top=3), "Threads") == "Cropped for Threads: under 1% off top"
    assert say_cut(PackedCut(top=5), "Threads") == "Cropped for Threads: under 1% off top"
    assert "Cropped for Instagram" in html(preview("instagram", 1))
    assert "Cropped" not in html(preview("mastodon", 1))


def test_several_images_are_numbered() -> None:
    assert [f"{number}/3: " in html(preview("threads", 3)) for number in (1, 2, 3)] == [True] * 3


def test_a_page_writes_no_style_into_a_tag_and_a_mail_writes_it_into_each() -> None:
    one = preview("bluesky")
    assert "style=" not in preview_html(one, "a", lambda image: "x", PAGE)
    assert re.match(r"<h2 [^>]*>.*Bluesky.*bluesky-main</h2>", html(one)), "a heading names network and channel"
    posts = card_posts(1)
    mail = composed(posts)
    rich = mail.get_body(("html",))
    assert rich is not None
    tags = re.findall(r'<[a-z0-9]+ class="pv-[^>]*>', rich.get_content())
    assert len(tags) > 20
    assert not [tag for tag in tags if 'style="' not in tag]
    assert "style=" not in review(posts, "t", "n", Button("Approve"), "Approve?").partition("</style>")[2]


def test_two_channels_of_one_network_that_show_the_same_are_one_preview_and_two_networks_are_two() -> None:
    one = preview("bluesky")
    other = replace(one, channel="bluesky-second")
    assert [names for names, _ in grouped((one, other, preview("mastodon")))] == [
        "bluesky-main, bluesky-second",
        "mastodon-main",
    ]


def test_what_does_not_go_and_what_it_costs_stand_in_mail_and_page() -> None:
    posts = card_posts(1)
    mail = composed(posts)
    plain, rich = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert rich is not None
    for said in (plain.get_content(), rich.get_content(), review(posts, "t", "n", Button("Approve"), "Approve?")):
        assert "Not on x-second: 3 characters too long for X: 283 of 280." in said
        assert "X charges $0.20" in said
        assert "Nearly the same as the post" in said


def mail_bytes(posts: tuple[CardPost, ...]) -> int:
    mail = composed(posts)
    rich = mail.get_body(("html",))
    assert rich is not None
    return len(rich.get_content().encode())


# Measured with three links of 400 characters a post: 68,400 bytes for four posts with a link card on all seven networks, 58,700 with one
# image, 90,000 with four; one post of ten images 37,500. Four posts of ten images are 145 kB: there the programs cut.
@pytest.mark.parametrize(("posts", "images"), [(4, 0), (4, 1), (4, 4), (1, 10)])
def test_a_mail_of_four_posts_on_seven_networks_is_not_clipped(posts: int, images: int) -> None:
    assert mail_bytes(card_posts(posts, images)) < GMAIL_CLIPS_BYTES


def test_long_alt_texts_are_told_once_in_a_mail_and_each_time_on_the_page() -> None:
    alt = "Ein Blech Apfelkuchen. " * 170
    manifest, status = post_on_all(1)
    channels = {
        name: one.model_copy(update={"images": tuple(image.model_copy(update={"alt": alt}) for image in one.images)})
        for name, one in manifest.channels.items()
    }
    post = card_post(status, manifest.model_copy(update={"channels": channels}), NOW, {})
    assert mail_bytes((post,)) < GMAIL_CLIPS_BYTES / 3
    assert review((post,), "t", "n", Button("Approve"), "Approve?").count(f"Alt text: {alt}") == len(NAMES)


@pytest.mark.parametrize(
    ("network", "text", "tapped"),
    [
        ("x", "mehr auf cafe-moewe.de heute", ["cafe-moewe.de"]),
        ("mastodon", "mit @ada@chaos.social", ["@ada@chaos.social"]),
        ("threads", "#kuchen #hafen", ["#kuchen"]),
        ("linkedin", "@ada backt #kuchen", ["#kuchen"]),
        ("facebook", "@ada https://a.example/x", ["https://a.example/x"]),
        ("instagram", "@ada https://a.example/x", ["@ada"]),
    ],
)
def test_only_what_readers_can_tap_there_is_coloured(network: str, text: str, tapped: list[str]) -> None:
    assert re.findall(r'<span class="pv-mark">(.*?)</span>', html(preview(network, text=text))) == tapped


def test_bluesky_shows_the_facets_that_the_package_holds_and_no_more() -> None:
    text = "☕ von @ada.example und @nobody.example #kuchen"
    draft = composer("bluesky").compose(Draft(text, mentions={"ada.example": "did:plc:ada"}))
    assert isinstance(draft, Rendition)
    spans = composer("bluesky").tappable(text, draft.payload)
    assert [span.value for span in spans] == ["@ada.example", "#kuchen"]


def test_a_link_longer_than_the_fold_does_not_push_everything_below_it() -> None:
    made = html(preview("linkedin", text="https://a.example/" + "x" * 300))
    assert not re.search(r'<div class="pv-text" dir="auto"><span class="pv-fold"', made)
    assert "x" * 300 in made.replace(
        '</span><span class="pv-fold">Readers see this much, then “more”:</span><span class="pv-rest"><span class="pv-mark">',
        "",
    )


def test_an_old_package_without_measure_card_and_source_is_still_shown() -> None:
    old = channel("mastodon", 1).model_copy(update={"measure": None, "card": None})
    bare = tuple(image.model_copy(update={"source": "", "cut": None}) for image in old.images)
    made = html(Preview("mastodon-main", "mastodon", old.text, bare, link="https://cafe.example"))
    assert "Link card: https://cafe.example" in made
    assert "characters" not in made


def test_a_network_that_this_version_does_not_know_is_shown_plainly() -> None:
    assert "Myspace" in html(Preview("old-one", "myspace", "Hello"))
