"""A mail is never cut off: posts are dealt out over messages, and of a post too long for one what fits is shown."""

from __future__ import annotations

import email
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from preview_samples import packed, post_on_all

from mesh.cards import letter
from mesh.cards.changes import compare
from mesh.cards.email import Envelope, card_fits, compose_card
from mesh.cards.model import Card, CardPost, card_post
from mesh.cards.shares import MOST_IMAGE_BYTES, images_in, parts_of, shares
from mesh.packages import PackedImage

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
ENVELOPE = Envelope("posts@example.test", "ada@example.test", NOW, "k")
GMAIL_CLIPS_BYTES = 102_000
LINKS = {action: f"https://a.test/{action}-{'t' * 500}" for action in ("review", "hold", "now")}
HOSTILE = st.sampled_from(
    ["a", "&", '"', "<br>", "=", "  \n", "ไทย", "漢字", "🍰", "\ud800", "\r\n", "عوگة ", "https://a.example/x "]
)


def long_post(post_id: str, text: str, images: int, alt: str, *, size_bytes: int = 9, remark: str = "") -> CardPost:
    """On seven networks, each text another one, so that nothing is shown for two."""
    manifest, status = post_on_all(post_id=post_id)
    made = tuple(
        packed(0, f"{number}{alt}").model_copy(update={"sha256": f"{number:064}", "size_bytes": size_bytes})
        for number in range(images)
    )
    channels = {
        name: one.model_copy(update={"text": f"{number} {text}", "images": made})
        for number, (name, one) in enumerate(manifest.channels.items())
    }
    post = card_post(status, manifest.model_copy(update={"channels": channels}), NOW, LINKS)
    return replace(post, remarks=(remark, *post.remarks)) if remark else post


def card(*posts: CardPost) -> Card:
    every = "https://a.test/all-" + "t" * 900 if len(posts) > 1 else ""
    return Card("r_1", "new", posts, every, "https://a.test/stop", "https://a.test/go", "Ada held.", "https://s.test/")


def composed(*posts: CardPost) -> EmailMessage:
    mail = compose_card(card(*posts), ENVELOPE, lambda post_id, revision, sha256: b"x")
    return email.message_from_bytes(mail.as_bytes(), policy=policy.default)  # type: ignore[return-value]


def html_part(mail: EmailMessage) -> EmailMessage:
    part = mail.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return part


def sent_bytes(mail: EmailMessage) -> int:
    return len(html_part(mail).get_payload().encode())  # type: ignore[union-attr]


@given(
    sizes=st.lists(st.integers(0, 200), max_size=12),
    most=st.integers(1, 150),
)
def test_shares_keep_every_post_once_in_its_order_and_none_is_too_large_but_one_alone(
    sizes: list[int], most: int
) -> None:
    found = shares(list(enumerate(sizes)), lambda some: sum(size for _, size in some) <= most)
    assert [post for share in found for post in share] == list(enumerate(sizes))
    assert all(share for share in found)
    assert all(sum(size for _, size in share) <= most or len(share) == 1 for share in found)
    for share, following in pairwise(found):
        assert sum(size for _, size in [*share, following[0]]) > most, "no share is smaller than it must be"


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(
    unit=HOSTILE,
    posts=st.integers(1, 4),
    characters=st.sampled_from([0, 300, 3_000]),
    images=st.integers(0, 10),
    alt=st.sampled_from([0, 20, 1_500]),
    remark=st.sampled_from([0, 5_000]),
)
def test_no_mail_is_clipped_whatever_its_posts_hold(
    unit: str, posts: int, characters: int, images: int, alt: int, remark: int
) -> None:
    def filled(length: int) -> str:
        return (unit * length)[:length]

    made = [
        long_post(f"p_{one}", filled(characters), images, filled(alt), remark=filled(remark)) for one in range(posts)
    ]
    found = shares(made, lambda some: card_fits(card(*some)))
    assert [post.post_id for share in found for post in share] == [post.post_id for post in made]
    for share in found:
        mail = composed(*share)
        assert sent_bytes(mail) <= 95_000
        assert len(html_part(mail).get_content().encode()) < GMAIL_CLIPS_BYTES
        for post in share:
            assert f'href="{post.links["review"]}"' in html_part(mail).get_content()


def test_a_post_that_is_too_long_for_a_mail_shows_what_fits_and_names_the_rest() -> None:
    post = long_post("p_1", "漢字 und mehr " * 270, 10, "Ein Blech Apfelkuchen. " * 65)
    assert not card_fits(card(post))
    html = html_part(composed(post)).get_content()
    shown = [name for name in ("x-main", "bluesky-main", "mastodon-main") if f"· {name}</h3>" in html]
    assert shown, "what fits is shown"
    assert "Too long for a mail, and shown only on the page behind the button:" in html
    missing = html.partition("behind the button:")[2].partition("</p>")[0]
    for name in ("x", "instagram", "facebook", "threads", "linkedin", "bluesky", "mastodon"):
        assert (f"· {name}-main</h3>" in html) != (f"{name}-main" in missing), f"{name} is shown, or named as not shown"
    (link,) = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>See all of it</a>', html)
    assert link == LINKS["review"]


def test_what_is_not_all_shown_cannot_be_approved_all_at_once() -> None:
    both = [long_post(f"p_{one}", "漢字 und mehr " * 270, 1, "A cake") for one in range(2)]
    mail = composed(*both)
    assert "Too long for a mail" in html_part(mail).get_content()
    assert "Approve all" not in html_part(mail).get_content()
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "Approve all" not in plain.get_content()


def test_ten_posts_are_one_message_where_they_fit() -> None:
    ten = [long_post(f"p_{one}", "Cake", 0, "") for one in range(10)]
    short = [replace(post, previews=post.previews[:2]) for post in ten]
    assert card_fits(card(*short))
    html = html_part(composed(*short)).get_content()
    assert html.count(">Approve</a>") == 10
    assert "Approve all 10 you see here" in html


def test_images_too_heavy_for_a_mail_are_shown_on_the_page_alone() -> None:
    heavy = long_post("p_1", "Cake", 4, "A cake", size_bytes=MOST_IMAGE_BYTES // 3)
    mail = composed(heavy)
    assert "Too long for a mail" in html_part(mail).get_content()
    assert [part for part in mail.walk() if part.get_content_maintype() == "image"] == []


def test_what_changed_gives_way_before_what_goes_out() -> None:
    before, _ = post_on_all(0)
    channels = {
        name: one.model_copy(update={"text": f"{number}{'anders ' * 700}", "card": None})
        for number, (name, one) in enumerate(before.channels.items())
    }
    after = before.model_copy(update={"channels": channels})
    status = post_on_all(0)[1]
    post = replace(card_post(status, after, NOW, LINKS), changes=compare(before, after))
    html = html_part(composed(post)).get_content()
    assert sent_bytes(composed(post)) <= 95_000
    assert "shown only on the page behind the button: what changed." in html


def test_each_image_is_in_the_mail_once_and_is_read_from_its_own_revision_first() -> None:
    before, status = post_on_all(1)
    after = before.model_copy(
        update={
            "channels": {
                name: one.model_copy(update={"images": (*one.images, packed(1, "Second"))})
                for name, one in before.channels.items()
            }
        }
    )
    post = replace(card_post(status, after, NOW, LINKS), changes=compare(before, after))
    images = images_in(parts_of(post))
    assert {revision for revision, _ in images.values()} == {after.revision}
    mail = compose_card(card(post), ENVELOPE, lambda post_id, revision, sha256: b"x")
    names = [part["Content-ID"] for part in mail.walk() if part.get_content_maintype() == "image"]
    assert len(names) == len(set(names)) == 2


def gone_image() -> PackedImage:
    return packed(2, "Gone").model_copy(update={"sha256": hashlib.sha256(b"gone").hexdigest()})


def test_an_image_that_went_is_read_from_the_revision_before() -> None:
    after, status = post_on_all(1)
    before = after.model_copy(
        update={
            "channels": {
                name: one.model_copy(update={"images": (gone_image(),)}) for name, one in after.channels.items()
            }
        }
    )
    post = replace(card_post(status, after, NOW, LINKS), changes=compare(before, after))
    found = images_in(parts_of(post))
    assert found["p_1", gone_image().sha256][0] == before.revision


@settings(deadline=None)
@given(text=st.text(st.sampled_from("ab =\n<>&é漢🍰.\t"), max_size=3_000))
def test_the_size_is_measured_as_it_is_sent(text: str) -> None:
    mail = EmailMessage(policy=policy.SMTP.clone(max_line_length=76))
    mail.set_content(text, subtype="html", cte=letter.encoding(text))
    assert abs(letter.sent_bytes(text) - len(mail.as_bytes().partition(b"\r\n\r\n")[2])) <= 6 + len(text) / 20


@pytest.mark.parametrize("text", ["half \ud83c an emoji", "\udf82", "whole \ud83c\udf82"])
def test_half_an_emoji_costs_nobody_the_mail(text: str) -> None:
    said = html_part(composed(long_post("p_1", text, 0, ""))).get_content()
    assert "\ufffd" in said or "🎂" in said
