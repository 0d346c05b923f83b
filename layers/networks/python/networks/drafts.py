"""What every network asks of a draft before its own say: text, link and images, each problem in a plain sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from networks.model import Declared, Draft, Image, Learned, LinkCard, Measure, Of, Problem, Rendition
from networks.text import (
    Span,
    apart,
    find_links,
    find_tags,
    holds_link,
    invisible,
    is_link,
    is_local,
    tappable_in,
    tidy,
    unsendable,
    utf16_units,
)

if TYPE_CHECKING:
    import httpx

_TYPE_NAMES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF"}
_RATIO_SLACK = Fraction(1, 500)  # whole pixels never hit a ratio exactly


@dataclass(frozen=True)
class Composing:
    """What most networks do alike: nothing to be asked of the server, nothing to remark."""

    declared: Declared

    def adjusted(self, own: Mapping[Of, int]) -> Self:
        return replace(self, declared=self.declared.adjusted(own))

    def learn(self, http: httpx.Client, host: str, text: str) -> Learned | None:
        return Learned()

    def remarks(self, draft: Draft) -> tuple[Problem, ...]:
        return ()

    def confirms(self, rendition: Rendition) -> bool:
        return bool(rendition.images)

    def tappable(self, text: str, payload: Mapping[str, Any]) -> tuple[Span, ...]:
        return tappable_in(text)


@dataclass(frozen=True)
class UnitsAndCard(Composing):
    """For networks that count UTF-16 units and show a link as a card, and beside images only in the text."""

    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        return measured(self.declared, utf16_units(link_beside_images(text, link, image_count)))

    def problems(self, draft: Draft) -> tuple[Problem, ...]:
        length = self.measure(draft.text, draft.link, image_count=len(draft.images))
        return (*too_long(self.declared, length), *shared_problems(self.declared, draft))

    def tappable(self, text: str, payload: Mapping[str, Any]) -> tuple[Span, ...]:
        """A name after an @ stays plain: only an id makes it a mention."""
        return apart([*find_links(text), *find_tags(text)])


def with_link(text: str, link: str) -> str:
    """The text with the link below it, an empty line between."""
    return f"{text}\n\n{link}" if text else link


def link_below(text: str, link: str) -> str:
    """The tidy text, the link below it unless it stands in it already."""
    shown, below = tidy(text), tidy(link)
    return with_link(shown, below) if below and not holds_link(shown, below) else shown


def link_beside_images(text: str, link: str, image_count: int) -> str:
    """For networks that show a link as a card, and beside images only in the text."""
    return link_below(text, link) if image_count else tidy(text)


def own_card(link: str, known: LinkCard | None) -> LinkCard:
    """The page in its own words, or the name of its site where it could not be read."""
    if known is not None and known.url == link and known.title:
        return known
    return LinkCard(link, (urlsplit(link).hostname or link).removeprefix("www."))


def measured(declared: Declared, length: int, of: Of = Of.TEXT) -> Measure:
    """A length beside the network's own limit, in the limit's unit."""
    limit = declared.limits[of]
    return Measure(length, int(limit.value), limit.unit)


def too_long(declared: Declared, *measures: Measure) -> Iterator[Problem]:
    """One problem per measure that is over: "3 characters too long for Bluesky: 303 of 300."."""
    for measure in measures:
        if measure.over:
            unit = measure.unit.removesuffix("s") if measure.over == 1 else measure.unit
            sentence = (
                f"{measure.over:,} {unit} too long for {declared.label}: {measure.length:,} of {measure.limit:,}."
            )
            yield Problem("too-long", sentence, overshoot=measure.over)


def too_many(declared: Declared, of: Of, found: int) -> Iterator[Problem]:
    """A problem where there are more hashtags, mentions, links than the network takes."""
    most = declared.most(of)
    if most is not None and found > most:
        over = found - most
        sentence = f"{found:,} {_counted(of, found)}, but {declared.label} takes at most {most:,}: take {over:,} out."
        yield Problem(f"too-many-{of.value}", sentence, overshoot=over)


def shared_problems(declared: Declared, draft: Draft) -> Iterator[Problem]:
    """Everything but length, which each network counts its own way."""
    if not draft.link and not draft.images and invisible(draft.text):
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
    elif draft.link and is_local(draft.link):
        yield Problem(
            "link-local",
            "The link leads to your own computer or network: nobody else can open it. Take the public one.",
        )
    yield from _image_problems(declared, draft.images)


def _image_problems(declared: Declared, images: tuple[Image, ...]) -> Iterator[Problem]:
    yield from too_many(declared, Of.IMAGES, len(images))
    if declared.needs_image and not images:
        yield Problem("image-needed", f"{declared.label} takes no post without an image: add one.")
    for number, image in enumerate(images, start=1):
        if image.mime not in declared.image_mimes:
            taken = ", ".join(_TYPE_NAMES.get(mime, mime) for mime in declared.image_mimes)
            yield Problem(
                "image-type", f"Image {number} is {image.mime or 'of no known type'}; {declared.label} takes {taken}."
            )
        yield from _too_big(declared, Of.IMAGE_BYTES, image.size_bytes, number, "bytes")
        yield from _too_big(declared, Of.IMAGE_PIXELS, image.width_px * image.height_px, number, "pixels")
        yield from _too_big(declared, Of.IMAGE_WIDTH, image.width_px, number, "pixels across")
        yield from _shape_problems(declared, image, number)
        yield from _alt_problems(declared, image, number)
    ratios = {Fraction(image.width_px, image.height_px) for image in images}
    if declared.one_ratio and ratios and max(ratios) - min(ratios) > _RATIO_SLACK * max(ratios):
        yield Problem(
            "image-ratios", f"{declared.label} shows all images in the first one's shape; these have several."
        )


def _too_big(declared: Declared, of: Of, found: int, number: int, unit: str) -> Iterator[Problem]:
    most = declared.most(of)
    if most is not None and found > most:
        sentence = f"Image {number} has {found:,} {unit}; {declared.label} takes at most {most:,}."
        yield Problem("image-too-big", sentence, overshoot=found - most)


def _shape_problems(declared: Declared, image: Image, number: int) -> Iterator[Problem]:
    least = declared.most(Of.IMAGE_WIDTH_LEAST)
    if least is not None and image.width_px < least:
        sentence = f"Image {number} is {image.width_px:,} pixels wide; {declared.label} takes at least {least:,}."
        yield Problem("image-too-small", sentence, overshoot=least - image.width_px)
    ratio = Fraction(image.width_px, image.height_px)
    narrowest, widest = declared.ratio(Of.RATIO_NARROWEST), declared.ratio(Of.RATIO_WIDEST)
    if narrowest is not None and ratio < narrowest * (1 - _RATIO_SLACK):
        yield Problem(
            "image-ratio", f"Image {number} is narrower than the {say_ratio(narrowest)} {declared.label} takes."
        )
    if widest is not None and ratio > widest * (1 + _RATIO_SLACK):
        yield Problem("image-ratio", f"Image {number} is wider than the {say_ratio(widest)} {declared.label} takes.")


def _alt_problems(declared: Declared, image: Image, number: int) -> Iterator[Problem]:
    alt = image.alt.strip()
    if invisible(alt):
        yield Problem(
            "alt-missing",
            f"Image {number} has no alt text: say in a few words what it shows, for people who cannot see it.",
        )
    elif unsendable(alt) is not None:
        yield Problem("alt-unsendable", f"The alt text of image {number} holds a broken character: type it again.")
    most = declared.most(Of.ALT)
    if most is not None and len(alt) > most:
        over = len(alt) - most
        sentence = (
            f"The alt text of image {number} is {over:,} characters too long for {declared.label}: "
            f"{len(alt):,} of {most:,}."
        )
        yield Problem("alt-too-long", sentence, overshoot=over)


def say_ratio(ratio: Fraction) -> str:
    """Width to height as photographers say it: 4:5, 1.91:1."""
    if max(ratio.numerator, ratio.denominator) <= 20:
        return f"{ratio.numerator}:{ratio.denominator}"
    return f"{float(ratio):.2f}".rstrip("0").rstrip(".") + ":1"


def _counted(of: Of, found: int) -> str:
    return of.value.removesuffix("s") if found == 1 else of.value
