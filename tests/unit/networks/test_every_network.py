"""Every network, the same questions: a new one only has to be named in ``networks.NAMES`` to be asked them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from every_network import HOSTILE, accepted, draft_for, image_for, images, most, problems, texts, within
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from networks import NAMES, composer, network
from networks.model import Composer, Draft, Limit, Mark, Of, Rendition
from networks.sources import SOURCES

EVERY = pytest.mark.parametrize("adapter", [composer(name) for name in NAMES], ids=NAMES)


def test_every_name_is_a_network_of_that_name_that_can_do_everything() -> None:
    assert [composer(name).declared.name for name in NAMES] == list(NAMES)
    for name in NAMES:
        assert all(callable(getattr(network(name), deed)) for deed in ("publish", "find", "refresh", "probe")), name
    with pytest.raises(KeyError):
        network("orkut")


@EVERY
def test_every_limit_names_its_source(adapter: Composer) -> None:
    for limit in adapter.declared.limits.values():
        assert isinstance(limit, Limit)
        assert limit.source in SOURCES
        assert limit.value > 0


@EVERY
def test_a_text_at_the_limit_goes_and_one_character_more_is_told_exactly(adapter: Composer) -> None:
    limit = most(adapter, Of.TEXT)
    assert accepted(adapter, draft_for(adapter, "x" * limit)).text == "x" * limit
    said = problems(adapter, draft_for(adapter, "x" * (limit + 3)))["too-long"]
    assert said.message == f"3 characters too long for {adapter.declared.label}: {limit + 3:,} of {limit:,}."
    assert said.overshoot == 3


@EVERY
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_taken_or_refused_in_a_sentence(adapter: Composer, name: str) -> None:
    text, code = HOSTILE[name]
    composed = adapter.compose(draft_for(adapter, text))
    adapter.measure(text)
    if isinstance(composed, Rendition):
        assert code != "unsendable-character"
        assert code == "" or adapter.declared.needs_image or adapter.measure(text).over == 0
    elif code and not (code == "empty" and adapter.declared.needs_image):
        assert code in {problem.code for problem in composed} or code == "too-long"
        for problem in composed:
            assert problem.message[0].isupper() or problem.message[0].isdigit()
            assert problem.message.endswith((".", "?"))


@EVERY
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_measuring_never_raises_and_what_is_accepted_is_within_the_limit(adapter: Composer, text: str) -> None:
    measure = adapter.measure(text)
    assert measure.length >= 0
    composed = adapter.compose(draft_for(adapter, text))
    if isinstance(composed, Rendition):
        assert adapter.measure(composed.text).over == 0
        json.dumps(dict(composed.payload)).encode()


@EVERY
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_images_that_are_accepted_are_within_every_limit(adapter: Composer, data: st.DataObject) -> None:
    shown = data.draw(images(adapter.declared))
    composed = adapter.compose(Draft("Cake", images=shown))
    if isinstance(composed, Rendition):
        assert within(adapter.declared, shown)


@EVERY
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_the_same_draft_is_composed_alike(adapter: Composer, text: str) -> None:
    draft = draft_for(adapter, text, "https://cafe.example/menu")
    first, second = adapter.compose(draft), adapter.compose(draft)
    assert first == second
    if isinstance(first, Rendition):
        assert json.loads(json.dumps(dict(first.payload))) == first.payload


@EVERY
def test_the_most_images_go_and_one_more_does_not(adapter: Composer) -> None:
    limit = most(adapter, Of.IMAGES)
    image = image_for(adapter.declared)
    assert len(accepted(adapter, Draft("Cake", images=(image,) * limit)).images) == limit
    said = problems(adapter, Draft("Cake", images=(image,) * (limit + 2)))["too-many-images"]
    assert said.message.endswith(f"takes at most {limit:,}: take 2 out.")


@EVERY
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda image: replace(image, alt=" \u200b"), "alt-missing"),
        (lambda image: replace(image, alt="Cake \ud83c"), "alt-unsendable"),
        (lambda image: replace(image, alt="a" * 9_000), "alt-too-long"),
        (lambda image: replace(image, mime="image/tiff"), "image-type"),
        (lambda image: replace(image, mime=""), "image-type"),
        (lambda image: replace(image, size_bytes=90_000_000), "image-too-big"),
    ],
    ids=["no alt", "half an emoji", "a long alt", "TIFF", "no type", "90 MB"],
)
def test_an_image_that_cannot_go_is_named(adapter: Composer, spoil: Callable[..., object], code: str) -> None:
    image = spoil(image_for(adapter.declared))
    composed = adapter.compose(Draft("Cake", images=(image,)))  # type: ignore[arg-type]
    if code == "alt-too-long" and adapter.declared.most(Of.ALT) is None:
        assert isinstance(composed, Rendition)
        return
    assert not isinstance(composed, Rendition)
    assert code in {problem.code for problem in composed}
    assert all("image 1" in problem.message.lower() for problem in composed)


@EVERY
@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("cafe.example", "link-unusable"),
        ("javascript:alert(1)", "link-unusable"),
        ("https://cafe example/", "link-unusable"),
        ("https://", "link-unusable"),
        ("http://localhost:8000/menu", "link-local"),
        ("http://127.0.0.1/menu", "link-local"),
        ("https://192.168.1.20/", "link-local"),
        ("https://[::1]/", "link-local"),
        ("https://169.254.169.254/latest", "link-local"),
        ("https://printer.local/", "link-local"),
        ("https://intranet/menu", "link-local"),
    ],
)
def test_a_link_that_nobody_else_can_open_is_refused(adapter: Composer, link: str, code: str) -> None:
    assert code in problems(adapter, draft_for(adapter, "Menu", link))


@EVERY
def test_limits_that_somebody_names_hold_instead_and_only_where_there_is_one(adapter: Composer) -> None:
    stricter = adapter.adjusted({Of.TEXT: 10, Of.CASHTAGS: 0, Of.IMAGES: -1})
    assert problems(stricter, draft_for(stricter, "x" * 11))["too-long"].overshoot == 1
    assert stricter.declared.most(Of.IMAGES) == adapter.declared.most(Of.IMAGES)
    assert set(stricter.declared.limits) == set(adapter.declared.limits)
    assert stricter.declared.limits[Of.TEXT].mark in Mark


@EVERY
def test_remarks_are_sentences_and_keep_nothing_back(adapter: Composer) -> None:
    draft = draft_for(adapter, "Menu #cake #pie @who.example https://cafe.example")
    assert all(remark.message.endswith(".") for remark in adapter.remarks(draft))
    accepted(adapter, draft)
