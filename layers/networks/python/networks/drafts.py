"""What every network asks of a draft before its own say: text, link and images, each problem in a plain sentence."""

from __future__ import annotations

from collections.abc import Iterator

from networks.model import Declared, Draft, Image, Measure, Problem
from networks.text import is_link, unsendable

_TYPE_NAMES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF"}


def with_link(text: str, link: str) -> str:
    """The text with the link below it, an empty line between."""
    return f"{text}\n\n{link}" if text else link


def too_long(declared: Declared, *measures: Measure) -> Iterator[Problem]:
    """One problem per measure that is over: "3 characters too long for Bluesky: 303 of 300."."""
    for measure in measures:
        if measure.over:
            unit = measure.unit.removesuffix("s") if measure.over == 1 else measure.unit
            sentence = (
                f"{measure.over:,} {unit} too long for {declared.label}: {measure.length:,} of {measure.limit:,}."
            )
            yield Problem("too-long", sentence, overshoot=measure.over)


def shared_problems(declared: Declared, draft: Draft) -> Iterator[Problem]:
    """Everything but length, which each network counts its own way."""
    if not draft.text.strip() and not draft.link and not draft.images:
        yield Problem("empty", f"There is nothing to post on {declared.label}: no text, no link, no image.")
    broken = unsendable(draft.text)
    if broken is not None:
        yield Problem(
            "unsendable-character",
            f"The text holds a broken character at position {broken + 1} (half an emoji?): type it again.",
        )
    if draft.link and not is_link(draft.link):
        yield Problem(
            "link-unusable", "The link cannot be opened: it must start with https:// and have no space in it."
        )
    yield from _image_problems(declared, draft.images)


def _image_problems(declared: Declared, images: tuple[Image, ...]) -> Iterator[Problem]:
    if len(images) > declared.image_limit:
        over = len(images) - declared.image_limit
        yield Problem(
            "too-many-images",
            f"{len(images)} images, but {declared.label} takes at most {declared.image_limit}: remove {over}.",
            overshoot=over,
        )
    for number, image in enumerate(images, start=1):
        if image.mime not in declared.image_mimes:
            taken = ", ".join(_TYPE_NAMES.get(mime, mime) for mime in declared.image_mimes)
            yield Problem(
                "image-type", f"Image {number} is {image.mime or 'of no known type'}; {declared.label} takes {taken}."
            )
        if image.size_bytes > declared.image_limit_bytes:
            over = image.size_bytes - declared.image_limit_bytes
            yield Problem(
                "image-too-big",
                f"Image {number} has {image.size_bytes:,} bytes; {declared.label} takes at most "
                f"{declared.image_limit_bytes:,}.",
                overshoot=over,
            )
        if not image.alt.strip():
            yield Problem(
                "alt-missing",
                f"Image {number} has no alt text: say in a few words what it shows, for people who cannot see it.",
            )
        elif unsendable(image.alt) is not None:
            yield Problem("alt-unsendable", f"The alt text of image {number} holds a broken character: type it again.")
