"""Every picture of the corpus: a variant for each network, or a plain sentence; nothing else."""

from __future__ import annotations

import tracemalloc

import pytest
from renderer_corpus import CORPUS, SECRET, Specimen
from renderer_pictures import SEVEN, keeps_to, opened

from renderer.fitting import fit
from renderer.images import ImageRefused, Variant
from renderer.reading import read_picture
from renderer.recipe import Recipe

by_name = pytest.mark.parametrize("specimen", CORPUS, ids=lambda specimen: specimen.name)
READABLE = [specimen for specimen in CORPUS if not specimen.refused]
COLOUR_SLACK = 12


def rendered(specimen: Specimen) -> dict[str, Variant | ImageRefused]:
    content = specimen.make()
    try:
        picture = read_picture(specimen.name, content)
    except ImageRefused as refusal:
        return dict.fromkeys(SEVEN, refusal)
    made: dict[str, Variant | ImageRefused] = {}
    for network, declared in SEVEN.items():
        try:
            made[network] = fit(picture, Recipe.of(declared))
        except ImageRefused as refusal:
            made[network] = refusal
    return made


def test_the_corpus_is_large_and_every_name_stands_once() -> None:
    assert len({specimen.name for specimen in CORPUS}) == len(CORPUS) >= 60


@by_name
def test_each_picture_becomes_what_is_expected_on_each_network(specimen: Specimen) -> None:
    made = rendered(specimen)
    for network, variant in made.items():
        if isinstance(variant, ImageRefused):
            expected = specimen.says if specimen.refused else specimen.refused_by[network]
            assert specimen.refused in {"", variant.code}
            assert variant.message.startswith(f"image: {specimen.name} ")
            assert expected in variant.message
            continue
        assert not specimen.refused
        assert network not in specimen.refused_by
        keeps_to(variant, SEVEN[network])
        assert SECRET.encode() not in variant.content
        assert specimen.sizes.get(network, opened(variant).size) == opened(variant).size
        shown = opened(variant).convert("RGB")
        for (across, down), colour in specimen.sees.items():
            seen = shown.getpixel((across * shown.width // 1_000, down * shown.height // 1_000))
            assert isinstance(seen, tuple)
            assert max(abs(one - other) for one, other in zip(seen, colour, strict=True)) <= COLOUR_SLACK, network


@pytest.mark.parametrize("specimen", READABLE, ids=lambda specimen: specimen.name)
def test_the_same_picture_makes_the_same_bytes(specimen: Specimen) -> None:
    once, twice = rendered(specimen), rendered(specimen)
    assert {name: getattr(one, "content", str(one)) for name, one in once.items()} == {
        name: getattr(one, "content", str(one)) for name, one in twice.items()
    }


@pytest.mark.parametrize(
    "specimen",
    [one for one in CORPUS if one.name.startswith(("bomb", "huge", "dance", "scans"))],
    ids=lambda specimen: specimen.name,
)
def test_a_bomb_is_refused_before_anything_is_unpacked(specimen: Specimen) -> None:
    content = specimen.make()
    tracemalloc.start()
    try:
        with pytest.raises(ImageRefused):
            read_picture(specimen.name, content)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
