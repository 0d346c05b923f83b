"""Each image for each channel: read once, made once, cut alike where a network shows them alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, cast

from renderer_pictures import SEVEN, header_only_png, keeps_to, plain, quarters, saved

from mesh.packages import PackedCut
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import parse_rules
from renderer.cache import RenderCache
from renderer.edges import Mirror, make_variants
from renderer.images import ImageRefused, Variant

BOOK = parse_rules(
    "Time zone: Europe/Berlin\nChannels\n- b: bluesky, account did:plc:cafe, https://bsky.example\n",
    default_zone="UTC",
)[0]
ROW = Row(post_id="p_1", date="2027-03-26", time="09:00", text="Buns", channels="b", alt="A bun")


@dataclass
class Folder:
    """The mirror's images, and which of them were read; a cache in a dictionary."""

    images: dict[str, bytes]
    read: list[str] = field(default_factory=list)
    kept: dict[tuple[str, str], Variant] = field(default_factory=dict)

    def image(self, name: str, md5: str) -> bytes:
        self.read.append(name)
        return self.images[name]

    def get(self, md5: str, recipe_key: str) -> Variant | None:
        return self.kept.get((md5, recipe_key))

    def put(self, md5: str, recipe_key: str, variant: Variant) -> None:
        self.kept[md5, recipe_key] = variant

    def plan(self, cell: str = "") -> Plan:
        hashes = {name: hashlib.md5(data, usedforsecurity=False).hexdigest() for name, data in self.images.items()}
        made = plan_row(replace(ROW, image=cell or ", ".join(self.images), images=hashes), BOOK)
        assert isinstance(made, Plan), made
        return made

    def variants(self, cell: str = "", *networks: str, **channels: Any) -> dict[tuple[str, str], Any]:
        declared = {**{name: SEVEN[name] for name in networks or SEVEN}, **channels}
        mirror, cache = cast(Mirror, self), cast(RenderCache, self)
        return make_variants(self.plan(cell), declared, mirror, cache)


def test_each_image_has_a_variant_for_each_channel_within_its_limits() -> None:
    folder = Folder({"a.jpg": plain("JPEG", (1_600, 1_200)), "b.png": plain("PNG", (1_200, 1_600))})
    made = folder.variants()
    assert set(made) == {(name, network) for name in folder.images for network in SEVEN}
    for (_, network), variant in made.items():
        keeps_to(variant, SEVEN[network])
    assert folder.read == ["a.jpg", "b.png"]


def test_a_second_rendering_reads_no_image_and_gives_the_same() -> None:
    folder = Folder({"a.jpg": plain("JPEG", (1_080, 1_920)), "b.jpg": plain("JPEG", (1_600, 1_200))})
    once = folder.variants()
    folder.read.clear()
    assert folder.variants() == once
    assert folder.read == []


def test_what_one_network_refuses_is_made_for_the_others() -> None:
    made = Folder({"banner.jpg": plain("JPEG", (3_000, 600))}).variants()
    refused = {network for (_, network), variant in made.items() if isinstance(variant, ImageRefused)}
    assert refused == {"instagram"}


def test_a_file_that_cannot_be_read_is_refused_everywhere_and_the_next_one_is_made() -> None:
    folder = Folder({"bomb.png": header_only_png(13_300, 13_300), "bun.jpg": plain()})
    made = folder.variants()
    assert {made["bomb.png", network].code for network in SEVEN} == {"image-too-many-pixels"}
    assert all(isinstance(made["bun.jpg", network], Variant) for network in SEVEN)
    assert folder.read == ["bomb.png", "bun.jpg"]
    assert {md5 for md5, _ in folder.kept} == {folder.plan().row.images["bun.jpg"]}


def test_a_carousel_takes_the_first_images_shape_and_only_where_there_is_one() -> None:
    folder = Folder({"wide.jpg": plain("JPEG", (1_600, 1_200)), "square.jpg": plain("JPEG", (1_200, 1_200))})
    made = folder.variants()
    assert {
        Fraction(made[name, "instagram"].width_px, made[name, "instagram"].height_px) for name in folder.images
    } == {Fraction(4, 3)}
    assert made["square.jpg", "instagram"].cut == PackedCut(top=125, bottom=125)
    assert made["square.jpg", "facebook"].cut is None
    assert folder.variants("square.jpg")["square.jpg", "instagram"].cut is None


def test_a_first_image_that_is_refused_gives_the_others_no_shape() -> None:
    folder = Folder({"banner.jpg": plain("JPEG", (3_000, 600)), "square.jpg": plain("JPEG", (1_200, 1_200))})
    assert folder.variants()["square.jpg", "instagram"].cut is None


def test_the_owners_word_behind_a_name_says_which_side_stays() -> None:
    folder = Folder({"tall.jpg": saved(quarters((1_080, 1_920)), "JPEG")})
    assert folder.variants("tall.jpg (Top)")["tall.jpg", "instagram"].cut == PackedCut(bottom=297)
    assert folder.variants("tall.jpg")["tall.jpg", "instagram"].cut == PackedCut(top=148, bottom=148)


def test_two_channels_of_a_network_get_the_very_same() -> None:
    made = Folder({"bun.jpg": plain()}).variants("", "bluesky", second=SEVEN["bluesky"])
    assert made["bun.jpg", "bluesky"] is made["bun.jpg", "second"]


def test_without_a_cache_all_is_made_all_the_same() -> None:
    folder = Folder({"bun.jpg": plain()})
    made = make_variants(folder.plan(), SEVEN, cast(Mirror, folder))
    assert made == folder.variants()


def test_no_channel_reads_nothing() -> None:
    folder = Folder({"bun.jpg": plain()})
    assert make_variants(folder.plan(), {}, cast(Mirror, folder)) == {}
    assert folder.read == []
