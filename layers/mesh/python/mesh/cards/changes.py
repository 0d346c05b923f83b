"""What is different in a post since an earlier revision of it: the words, the images before and after, and the rest in sentences. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TypeVar
from zoneinfo import ZoneInfo

from mesh.cards.previews import Markup
from mesh.cards.words import Piece, Word, word_diff
from mesh.packages import Manifest, PackedCard, PackedChannel, PackedImage
from mesh.schedule_time import say, say_with_zone
from networks.text import invisible

__all__ = ["Changes", "ImagesChange", "Piece", "TextChange", "Word", "changes_html", "changes_text", "compare"]

RevisionAddress = Callable[[PackedImage, str], str]  # where an image of a revision lies
_IMAGE_PX = 120
_Found = TypeVar("_Found", bound=Hashable)


@dataclass(frozen=True)
class TextChange:
    """One text's change; ``names`` are the channels that it is the same on, as in "bluesky-main, mastodon-main".

    For an alt text they are followed by which one it is: "bluesky-main, alt text of image 2".
    """

    names: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ImagesChange:
    """The images of one revision and of the next on the same channels, in their order; either may be empty."""

    names: str
    before: tuple[PackedImage, ...]
    after: tuple[PackedImage, ...]


@dataclass(frozen=True)
class Changes:
    """``before`` and ``after`` are the revisions in whose packages the images lie; ``sentences`` say what is neither text nor image."""

    before: str
    sentences: tuple[str, ...] = ()
    texts: tuple[TextChange, ...] = ()
    images: tuple[ImagesChange, ...] = ()
    after: str = ""


def compare(before: Manifest, after: Manifest) -> Changes:
    """What is another in ``after``; what is the very same on several channels is told once."""
    both = [
        (name, before.channels[name], channel) for name, channel in after.channels.items() if name in before.channels
    ]
    sentences = [(name, one) for name, old, new in both for one in _sentences(old, new)]
    texts = [(name, one) for name, old, new in both for one in _texts(old, new)]
    images = [(name, one) for name, old, new in both for one in _images(old, new)]
    told = {name for name, _ in (*sentences, *texts, *images)}
    sentences += [(name, _BESIDE) for name, old, new in both if name not in told and old != new]
    return Changes(
        before=before.revision,
        sentences=(
            *_about_time(before, after),
            *_about_channels(before, after),
            *_about_link("The link", before.link, after.link),
            *(f"{', '.join(names)}: {sentence}" for sentence, names in _together(sentences)),
        ),
        texts=tuple(TextChange(", ".join([*names, *what]), pieces) for (what, pieces), names in _together(texts)),
        images=tuple(
            ImagesChange(", ".join([*names, *what]), old, new) for (what, old, new), names in _together(images)
        ),
        after=after.revision,
    )


_BESIDE = "it reads the same; what the network is told beside the text is another."
_What = tuple[str, ...]  # which text or image of the channel it is, where it is not the post's own


def _together(found: Iterable[tuple[str, _Found]]) -> list[tuple[_Found, list[str]]]:
    """What was found, each once, with the channels it was found on."""
    names: dict[_Found, list[str]] = {}
    for name, one in found:
        names.setdefault(one, []).append(name)
    return list(names.items())


def _about_time(before: Manifest, after: Manifest) -> Iterator[str]:
    old, new = datetime.fromisoformat(before.planned_at), datetime.fromisoformat(after.planned_at)
    old_zone, new_zone = ZoneInfo(before.time_zone), ZoneInfo(after.time_zone)
    if old != new:
        was = say(old, old_zone, now=new) if old_zone == new_zone else say_with_zone(old, old_zone, now=new)
        yield f"Planned for {say_with_zone(new, new_zone, now=old)}; before, it was {was}."
    elif old_zone != new_zone:
        yield f"The time is said in another zone: {say_with_zone(new, new_zone)}; before, {say_with_zone(old, old_zone)}."


def _about_channels(before: Manifest, after: Manifest) -> Iterator[str]:
    was_out = {one.channel: one.message for one in before.left_out}
    out = {one.channel: one.message for one in after.left_out}
    for name in after.channels:
        if name not in before.channels:
            yield f"Now also on {name}{', where it was left out before' if name in was_out else ''}."
    for name, message in out.items():
        if name in before.channels:
            yield f"Left out now on {name}: {message}"
        elif name not in was_out:
            yield f"{name} was added, but is left out: {message}"
    for name in [*before.channels, *was_out]:
        if name not in after.channels and name not in out:
            yield f"No longer on {name}."


def _about_link(what: str, before: str, after: str) -> Iterator[str]:
    if before == after:
        return
    if before and after:
        yield f"{what} is {after} now; before, it was {before}."
    else:
        yield f"{what} {after} was added." if after else f"{what} {before} was taken away."


def _sentences(before: PackedChannel, after: PackedChannel) -> Iterator[str]:
    if (before.network, before.account, before.host) != (after.network, after.account, after.host):
        yield f"it goes to another account: {after.account} at {after.host}; before, {before.account} at {before.host}."
    old, new = before.card, after.card
    if old is None and new is not None:
        yield f"a link card was added: “{new.title}”, {new.url}."
    elif old is not None and new is None:
        yield f"the link card “{old.title}” was taken away."
    elif old is not None and new is not None:
        yield from _about_card(old, new)
    yield from _about_order(before.images, after.images)


def _about_card(before: PackedCard, after: PackedCard) -> Iterator[str]:
    if before.url != after.url:
        yield f"the link card leads to {after.url} now; before, to {before.url}."
    if before.title != after.title:
        yield f"the link card's title is “{after.title}” now; before, “{before.title}”."
    if before.description != after.description:
        now = f"is “{after.description}” now" if after.description else "is gone now"
        was = f"“{before.description}”" if before.description else "it had none"
        yield f"the link card's description {now}; before, {was}."
    if before.brought != after.brought:
        yield (
            "the link card is handed over with the post now."
            if after.brought
            else "the network makes the link card itself now."
        )


def _about_order(before: Sequence[PackedImage], after: Sequence[PackedImage]) -> Iterator[str]:
    """What cannot be seen at a glance in two rows of small pictures."""
    old, new = [image.sha256 for image in before], [image.sha256 for image in after]
    if old != new and sorted(old) == sorted(new):
        yield "the images are in another order."
    for number, (one, other) in enumerate(zip(before, after, strict=False), start=1):
        if one.sha256 != other.sha256 and one.source and one.source == other.source and one.cut != other.cut:
            yield f"image {number} is cropped differently."


def _texts(before: PackedChannel, after: PackedChannel) -> Iterator[tuple[_What, tuple[Piece, ...]]]:
    if pieces := word_diff(before.text, after.text):
        yield (), pieces
    left = list(before.images)
    for number, image in enumerate(after.images, start=1):
        same = next((old for old in left if old.sha256 == image.sha256), None) or next(
            (old for old in left if old.source and old.source == image.source), None
        )
        if same is None:
            continue
        left.remove(same)
        if pieces := word_diff(same.alt, image.alt):
            which = f" {number}" if len(after.images) > 1 else ""
            yield (f"alt text of image{which}",), pieces


def _images(
    before: PackedChannel, after: PackedChannel
) -> Iterator[tuple[_What, tuple[PackedImage, ...], tuple[PackedImage, ...]]]:
    """Where other images are shown, or in another order. An alt text alone is told in words: twice the same picture tells nothing."""
    if [image.sha256 for image in before.images] != [image.sha256 for image in after.images]:
        yield (), before.images, after.images
    old, new = (
        () if one.card is None or one.card.thumbnail is None else (one.card.thumbnail,) for one in (before, after)
    )
    if [image.sha256 for image in old] != [image.sha256 for image in new]:
        yield ("picture of the link card",), old, new


# how it is shown


def changes_html(changes: Changes, address: RevisionAddress, markup: Markup) -> str:
    """A box for a card or a page. What went and what came is told by line and word, not by colour alone."""
    title = markup.tag("div", "ch-title", "What changed")
    sentences = "".join(f'<li dir="auto">{escape(sentence)}</li>' for sentence in changes.sentences)
    parts = [title, markup.tag("ul", "ch-list", sentences) if sentences else ""]
    for text in changes.texts:
        words = "".join(_piece_html(piece, markup) for piece in text.pieces)
        parts.append(
            markup.tag("div", "ch-names", escape(text.names)) + markup.tag("div", "ch-text", words, dir="auto")
        )
    for images in changes.images:
        parts.append(markup.tag("div", "ch-names", escape(images.names)))
        for said, revision, shown in (("Before", changes.before, images.before), ("Now", changes.after, images.after)):
            cells = "".join(_image_html(image, address(image, revision), markup) for image in shown)
            count = f"{said}: {_count(len(shown))}"
            parts.append(markup.tag("div", "ch-side", count) + markup.tag("div", "ch-row", cells))
    if len(parts) == 2 and not sentences:
        parts.append(markup.tag("div", "ch-text", "Nothing that a reader would see."))
    return markup.box("ch-box", "".join(parts))


def changes_text(changes: Changes) -> str:
    """The same for a mail's plain part."""
    parts = ["What changed", *(f"* {sentence}" for sentence in changes.sentences)]
    parts += [f"{text.names}: {''.join(map(_piece_text, text.pieces))}" for text in changes.texts]
    for images in changes.images:
        sides = (f"{said} {_listed(shown)}" for said, shown in (("before", images.before), ("now", images.after)))
        parts.append(f"{images.names}: {'; '.join(sides)}")
    if len(parts) == 1:
        parts.append("Nothing that a reader would see.")
    return "\n".join(parts)


_TAGS = {Word.GONE: ("del", "ch-gone", "[gone: "), Word.NEW: ("ins", "ch-new", "[new: ")}


def _piece_html(piece: Piece, markup: Markup) -> str:
    """Programs for the blind pass over ``ins`` and ``del``: their brackets are said, and not seen."""
    if piece.kind is Word.SKIPPED:
        return markup.tag("span", "ch-skipped", " […] ")
    inner = escape(_visible(piece)).replace("\n", "<br>")
    if piece.kind is Word.SAME:
        return inner
    tag, kind, said = _TAGS[piece.kind]
    return markup.tag(tag, kind, markup.tag("span", "ch-said", said) + inner + markup.tag("span", "ch-said", "]"))


def _piece_text(piece: Piece) -> str:
    if piece.kind is Word.SKIPPED:
        return " […] "
    return piece.text if piece.kind is Word.SAME else f"{_TAGS[piece.kind][2]}{_visible(piece)}]"


def _visible(piece: Piece) -> str:
    """A change that is but blanks or invisible marks would be seen by nobody."""
    if piece.kind is Word.SAME or not invisible(piece.text):
        return piece.text
    named = {"\n": "↵\n", " ": "␣"}
    return "".join(named.get(character, f"(U+{ord(character):04X})") for character in piece.text)


def _image_html(image: PackedImage, address: str, markup: Markup) -> str:
    height_px = round(_IMAGE_PX * image.height_px / image.width_px)
    alt = markup.alt(image.alt or "No alt text")
    return markup.tag("img", "ch-image", src=address, alt=alt, width=str(_IMAGE_PX), height=str(height_px)) + " "


def _listed(images: Sequence[PackedImage]) -> str:
    names = ", ".join(image.source for image in images if image.source)
    return _count(len(images)) + (f" ({names})" if names else "")


def _count(number: int) -> str:
    return {0: "no image", 1: "one image"}.get(number, f"{number} images")
