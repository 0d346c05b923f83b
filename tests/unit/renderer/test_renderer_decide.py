"""What is rendered, and what the package says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.errors import Doubt
from mesh.fitting import composer_of
from mesh.ledger.items import ChannelProblem, PackageRef, Status
from mesh.packages import Manifest
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import parse_rules
from networks.model import Of
from renderer.decide import (
    LinkedPage,
    Render,
    Skip,
    Told,
    make_package,
    reference,
    remarks,
    what_to_do,
    with_package,
)
from renderer.images import ImageRefused, Variant

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:cafe, https://bsky.example
- bluesky-second: bluesky, account did:plc:two, https://bsky.example
- mastodon-main: mastodon, account 42, https://mastodon.example
- linked: linkedin, account 7, https://api.linkedin.example
- insta: instagram, account 8, https://graph.example
Limits
- mastodon text: 400
"""
BOOK = parse_rules(RULES, default_zone="UTC")[0]
ROW = Row(post_id="p_1", date="2027-03-26", time="09:00", text="Buns", channels="bluesky-main, mastodon-main")
PICTURE = Variant(b"bytes", "image/jpeg", 4, 3)


def plan(**cells: Any) -> Plan:
    made = plan_row(replace(ROW, **cells), BOOK)
    assert isinstance(made, Plan), made
    return made


def with_images(count: int, alt: str, **cells: Any) -> Plan:
    names = [f"{number}.jpg" for number in range(count)]
    return plan(image=", ".join(names), images={name: f"md5-{name}" for name in names}, alt=alt, **cells)


def variants(made: Plan, refused: str = "", on: str = "") -> dict[tuple[str, str], Variant | ImageRefused]:
    """The picture for every channel; ``refused`` names one that cannot be shown, ``on`` one channel only, or on any."""
    return {
        (name, channel.name): ImageRefused("image-broken", f"image: {name} is damaged")
        if name == refused and on in {"", channel.name}
        else PICTURE
        for name in made.row.image_names
        for channel in made.channels
    }


def told(made: Plan, **changes: Any) -> dict[str, Told]:
    return {channel.name: Told(composer_of(channel, BOOK), **changes) for channel in made.channels}


def package_of(made: Plan, refused: str = "", on: str = "") -> Manifest | tuple[ChannelProblem, ...]:
    return make_package(made, "Europe/Berlin", told(made), variants(made, refused, on))


def manifest(made: Plan, refused: str = "", on: str = "") -> Manifest:
    package = package_of(made, refused, on)
    assert isinstance(package, Manifest), package
    return package


def problems(made: Plan, refused: str = "") -> list[tuple[str, str]]:
    package = package_of(made, refused)
    assert not isinstance(package, Manifest)
    return [(problem.channel, problem.code) for problem in package]


def status(**changes: Any) -> Status:
    return Status(post_id="p_1", source_revision=plan().source_revision).model_copy(update=changes)


def test_a_row_that_is_the_tables_is_rendered() -> None:
    assert what_to_do([ROW], status(), BOOK) == Render(plan())


@pytest.mark.parametrize(
    ("rows", "known", "reason"),
    [
        ([ROW], None, "the table does not know"),
        ([], status(), "no row"),
        ([ROW, ROW], status(), "two rows"),
        ([replace(ROW, text="edited")], status(), "another one"),
        ([replace(ROW, date="someday")], status(), "has problems"),
        ([ROW], status(source_revision=None), "another one"),
    ],
)
def test_anything_else_is_skipped_with_its_reason(rows: list[Row], known: Status | None, reason: str) -> None:
    todo = what_to_do(rows, known, BOOK)
    assert isinstance(todo, Skip)
    assert reason in todo.reason


def test_an_override_stands_for_its_channel_only() -> None:
    package = manifest(plan(overrides={"mastodon-main": "Für Mastodon"}))
    assert [package.channels[name].text for name in ("bluesky-main", "mastodon-main")] == ["Buns", "Für Mastodon"]


def test_two_channels_of_one_network_each_get_their_account() -> None:
    package = manifest(plan(channels="bluesky-main, bluesky-second"))
    assert [channel.account for channel in package.channels.values()] == ["did:plc:cafe", "did:plc:two"]


def test_the_same_inputs_are_the_same_revision() -> None:
    assert manifest(with_images(2, "a | b")).revision == manifest(with_images(2, "a | b")).revision


def test_a_column_of_a_networks_name_stands_for_all_its_channels_but_those_with_their_own() -> None:
    made = plan(channels="bluesky-main, bluesky-second", overrides={"bluesky": "Sky", "bluesky-second": "Second"})
    assert [channel.text for channel in manifest(made).channels.values()] == ["Sky", "Second"]


def test_a_channel_that_cannot_take_it_is_left_out_by_name_and_the_others_go() -> None:
    made = manifest(plan(text="x" * 301))
    assert list(made.channels) == ["mastodon-main"]
    (left,) = made.left_out
    assert (left.channel, left.message) == ("bluesky-main", "1 character too long for Bluesky: 301 of 300.")
    costs, alike = (
        ChannelProblem(channel="x-main", code="costs", message="x."),
        ChannelProblem(code="clash", message="y."),
    )
    kept = reference("s", made, (costs, alike))
    assert kept.remarks == (alike,)
    assert (kept.revision, [problem.channel for problem in kept.problems]) == (made.revision, ["bluesky-main"])


def test_what_is_left_out_is_part_of_what_is_approved() -> None:
    whole, part = manifest(with_images(1, "a")), manifest(with_images(1, "a"), "0.jpg", on="bluesky-main")
    assert list(part.channels) == ["mastodon-main"]
    assert whole.revision != part.revision


def test_limits_of_the_rules_doc_hold() -> None:
    assert problems(plan(text="x" * 401)) == [("bluesky-main", "too-long"), ("mastodon-main", "too-long")]


def test_a_text_beyond_the_usual_of_a_server_that_did_not_answer_is_in_doubt() -> None:
    made = plan(text="x" * 450, channels="mastodon-main")
    unsure = {name: replace(server, sure=False) for name, server in told(made).items()}
    with pytest.raises(Doubt):
        make_package(made, "Europe/Berlin", unsure, {})
    shorter = plan(channels="mastodon-main")
    assert isinstance(make_package(shorter, "Europe/Berlin", unsure, {}), Manifest)


def test_a_servers_own_limit_is_taken() -> None:
    made = plan(text="x" * 3_000, channels="mastodon-main")
    generous = {
        name: replace(server, composer=server.composer.adjusted({Of.TEXT: 5_000}))
        for name, server in told(made).items()
    }
    package = make_package(made, "Europe/Berlin", generous, {})
    assert isinstance(package, Manifest)
    measure = package.channels["mastodon-main"].measure
    assert measure is not None
    assert (measure.length, measure.limit, measure.unit) == (3_000, 5_000, "characters")


def test_a_link_card_is_packed_with_its_image_and_whose_it_is() -> None:
    made = plan(link="https://cafe.example/menu")
    page = LinkedPage("Menu", "Cakes", PICTURE)
    package = make_package(made, "Europe/Berlin", told(made), {}, page)
    assert isinstance(package, Manifest)
    brought, shown = (package.channels[name] for name in ("bluesky-main", "mastodon-main"))
    assert brought.card is not None
    assert shown.card is not None
    assert (brought.card.title, brought.card.brought, shown.card.brought) == ("Menu", True, False)
    assert [image.sha256 for image in brought.every_image] == [PICTURE.sha256]
    assert [image.sha256 for image in brought.rendition().uploads] == [PICTURE.sha256]
    assert shown.rendition().uploads == ()


def test_a_mention_is_linked_where_the_server_knows_it_and_remarked_where_not() -> None:
    made = plan(text="With @anna.example and @nobody.example", channels="bluesky-main")
    servers = told(made, mentions={"anna.example": "did:plc:anna"})
    package = make_package(made, "Europe/Berlin", servers, {})
    assert isinstance(package, Manifest)
    (facet,) = package.channels["bluesky-main"].payload["record"]["facets"]
    assert facet["index"] == {"byteStart": 5, "byteEnd": 18}
    assert facet["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:anna"}]
    assert [remark.code for remark in remarks(made, servers, [], BOOK)] == ["mention-unknown"]


def test_an_image_damaged_for_all_leaves_nothing_and_hides_no_other_problem() -> None:
    made = with_images(2, "First | Second", text="x" * 301)
    assert problems(made, refused="0.jpg") == [
        ("bluesky-main", "image-broken"),
        ("bluesky-main", "too-long"),
        ("mastodon-main", "image-broken"),
    ]


def test_the_image_without_alt_text_keeps_its_number_beside_a_refused_one() -> None:
    made = with_images(2, "Only one", channels="bluesky-main")
    package = package_of(made, "0.jpg")
    assert isinstance(package, tuple)
    assert [problem.message.partition(" has ")[0] for problem in package] == ["image: 0.jpg is damaged", "Image 2"]


def test_more_alt_texts_than_images_are_a_problem_of_the_row() -> None:
    assert problems(with_images(2, "a\nb\nc")) == [("", "alt-too-many")]


@given(st.text(min_size=1), st.text(), st.text())
def test_whatever_is_in_the_cells_becomes_a_package_or_sentences(text: str, alt: str, link: str) -> None:
    made = plan_row(replace(ROW, text=text, alt=alt, link=link, image="0.jpg", images={"0.jpg": "md5"}), BOOK)
    assert isinstance(made, Plan)
    package = package_of(made)
    if isinstance(package, Manifest):
        assert Manifest.model_validate_json(package.canonical()).revision == package.revision
    else:
        assert all(problem.message for problem in package)


def test_a_package_of_the_current_source_is_put_in_place() -> None:
    package = PackageRef(source_revision=plan().source_revision, revision="r")
    after = with_package(status(open=None), package)
    assert after is not None
    assert (after.package, after.open) == (package, "1")


@pytest.mark.parametrize("before", [None, status(source_revision="newer"), status(source_revision=None)])
def test_a_package_of_another_source_is_not(before: Status | None) -> None:
    assert with_package(before, PackageRef(source_revision=plan().source_revision, revision="r")) is None


def test_a_package_that_is_there_changes_nothing() -> None:
    package = PackageRef(source_revision=plan().source_revision, revision="r")
    assert with_package(status(package=package), package) is None
