"""How each network shows a post, from the package: text with its fold, images in their order and crop, link card, counter.

One markup for mails and pages: classes, whose looks are in ``mesh.cards.looks``. Nothing that will be posted is ever left out of a preview,
and nothing in it can be tapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from mesh.cards.looks import HUES, PAGE_SHOWN_CSS
from mesh.packages import PackedCard, PackedCut, PackedImage, PackedMeasure
from networks import NAMES, composer
from networks.text import Span, graphemes, tappable_in

if TYPE_CHECKING:
    from networks.model import Declared

ImageAddress = Callable[[PackedImage], str]
_SHORT_ALT_CHARACTERS = 200


@dataclass(frozen=True)
class Preview:
    """One channel's share of a package. ``link`` is one that the text does not show and no card stands for.

    ``payload`` is what the network is told, in its own fields.
    """

    channel: str
    network: str
    text: str
    images: tuple[PackedImage, ...] = ()
    measure: PackedMeasure | None = None
    card: PackedCard | None = None
    link: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def declared(self) -> Declared | None:
        """None for a network that this version does not know any more."""
        return composer(self.network).declared if self.network in NAMES else None

    @property
    def label(self) -> str:
        return self.declared.label if self.declared is not None else self.network.title()

    @property
    def marks(self) -> tuple[Span, ...]:
        """What readers can tap in the text."""
        if self.network not in NAMES:
            return tappable_in(self.text)
        return composer(self.network).tappable(self.text, self.payload)

    @property
    def fold_at(self) -> int | None:
        """Where in the text the network folds, never inside something to be tapped; None where all of it is seen."""
        from networks.model import Of

        fold = self.declared.most(Of.FOLD) if self.declared is not None else None
        if fold is None or len(self.text) <= fold:
            return None
        pieces = graphemes(self.text)
        if len(pieces) <= fold:
            return None
        at = len("".join(pieces[:fold]))
        return next((span.start for span in self.marks if 0 < span.start < at < span.end), at)

    @property
    def every_image(self) -> tuple[PackedImage, ...]:
        thumbnail = self.card.thumbnail if self.card is not None else None
        return self.images if thumbnail is None else (*self.images, thumbnail)


@dataclass(frozen=True)
class Markup:
    """Writes tags with their class. ``heading`` names a preview's channel; with ``short_alts`` the whole of a long alt text stands below only."""

    heading: str
    short_alts: bool = False

    def alt(self, text: str) -> str:
        """An image's alt text; a mail, which must stay short, has the whole of a long one below the image only."""
        if not self.short_alts or len(text) <= _SHORT_ALT_CHARACTERS:
            return text
        return f"{text[:_SHORT_ALT_CHARACTERS]}…"

    def dot(self, preview: Preview) -> str:
        """The network's initial on its hue. Says nothing that the name beside it does not."""
        hue = preview.network if preview.network in HUES else "other"
        return f'<span class="pv-dot pv-{hue}" aria-hidden="true">{escape(preview.label[:1])}</span>'

    def tag(self, name: str, kind: str, inner: str = "", **attributes: str) -> str:
        """``attributes`` are escaped here, ``inner`` is HTML."""
        written = "".join(f' {key}="{escape(value)}"' for key, value in {"class": kind, **attributes}.items())
        return f"<{name}{written}>" if name == "img" else f"<{name}{written}>{inner}</{name}>"

    def box(self, kind: str, inner: str) -> str:
        """A frame around something: a table of one cell, for Outlook's sake."""
        cell = f"<tr>{self.tag('td', kind, inner)}</tr>"
        return self.tag("table", "pv-wide", cell, role="presentation", width="100%", cellpadding="0", cellspacing="0")


MAIL = Markup("h3", short_alts=True)
PAGE = Markup("h2")
PAGE_PREVIEW_CSS = PAGE_SHOWN_CSS


def preview_html(
    preview: Preview, names: str, address: ImageAddress, markup: Markup, told: set[str] | None = None
) -> str:
    """One channel as its network shows it; ``names`` are the channels that show the very same.

    With ``told`` a long alt text that stands in it already is not written out again: a mail that is too long is cut off by its program,
    and its last buttons with it.
    """
    head = f"{markup.dot(preview)}{markup.tag('span', 'pv-name', escape(preview.label))} · {escape(names)}"
    text = _text(preview, markup)
    images = _images(preview, address, markup, told)
    card = _card(preview, address, markup)
    counter = markup.tag("div", "pv-count", escape(say_measure(preview.measure))) if preview.measure else ""
    pictures_first = preview.declared is not None and preview.declared.needs_image
    shown = images + text if pictures_first else text + images
    return markup.tag(markup.heading, "pv-head", head) + shown + card + counter


def say_measure(measure: PackedMeasure) -> str:
    return f"{measure.length:,} of {measure.limit:,} {measure.unit}"


def say_cut(cut: PackedCut, label: str) -> str:
    """ "Cropped for Instagram: 6% off left and 6% off right"; the text mail says it too."""
    sides = [(name, getattr(cut, name)) for name in ("left", "right", "top", "bottom")]
    off = [f"{_percent(value)} off {name}" for name, value in sides if value]
    return f"Cropped for {label}: {' and '.join(off)}"


def left_out_html(sentences: Iterable[str], remarks: Iterable[str], markup: Markup) -> str:
    """What does not go out, in a box; what is worth knowing, in a list."""
    out = "".join(f"<div>{escape(sentence)}</div>" for sentence in sentences)
    notes = "".join(f"<li>{escape(remark)}</li>" for remark in remarks)
    return (markup.box("pv-out", out) if out else "") + (markup.tag("ul", "pv-list", notes) if notes else "")


def _text(preview: Preview, markup: Markup) -> str:
    if not preview.text:
        return ""
    at, marks, end = preview.fold_at, preview.marks, len(preview.text)
    if at is None:
        inner = _stretch(preview.text, 0, end, marks, markup)
    else:
        line = markup.tag("span", "pv-fold", "Readers see this much, then “more”:")
        rest = markup.tag("span", "pv-rest", _stretch(preview.text, at, end, marks, markup))
        inner = _stretch(preview.text, 0, at, marks, markup) + line + rest
    return markup.tag("div", "pv-text", inner, dir="auto")


def _stretch(text: str, start: int, end: int, marks: Iterable[Span], markup: Markup) -> str:
    """``text[start:end]`` as HTML; of a mark that reaches over an edge its share."""
    pieces: list[str] = []
    position = start
    for span in marks:
        begin, stop = max(start, span.start), min(end, span.end)
        if begin < stop:
            pieces += [_lines(text[position:begin]), markup.tag("span", "pv-mark", _lines(text[begin:stop]))]
            position = stop
    return "".join([*pieces, _lines(text[position:end])])


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")  # Outlook knows no pre-wrap, which keeps the blanks elsewhere


def _images(preview: Preview, address: ImageAddress, markup: Markup, told: set[str] | None) -> str:
    """One wide; several in rows of two, or of three where readers swipe. What is to be said of them stands below."""
    count = len(preview.images)
    if count == 0:
        return ""
    if count == 1:
        shown = markup.tag("div", "pv-photo", _picture(preview.images[0], 440, address, markup))
    else:
        swiped = preview.declared is not None and preview.declared.carousel
        across = min(count, 3) if swiped else 2
        cells = [
            markup.tag("td", "pv-cell", _picture(image, 480 // across, address, markup)) for image in preview.images
        ]
        cells += ["<td></td>"] * (-count % across)
        rows = "".join(f"<tr>{''.join(cells[at : at + across])}</tr>" for at in range(0, count, across))
        shown = markup.tag(
            "table", "pv-grid", rows, role="presentation", width="100%", cellpadding="0", cellspacing="0"
        )
    notes = [
        f'<div dir="auto">{escape(_note(image, f"{number}/{count}: " if count > 1 else "", preview.label, told))}</div>'
        for number, image in enumerate(preview.images, start=1)
    ]
    return shown + markup.tag("div", "pv-notes", "".join(notes))


def _picture(image: PackedImage, width_px: int, address: ImageAddress, markup: Markup) -> str:
    height_px = round(width_px * image.height_px / image.width_px)
    return markup.tag(
        "img", "pv-image", src=address(image), alt=markup.alt(image.alt), width=str(width_px), height=str(height_px)
    )


def _note(image: PackedImage, number: str, label: str, told: set[str] | None) -> str:
    """Its alt text and its crop; ``number`` stands before them where there are several."""
    said = f"Alt text: {image.alt}" if image.alt else "No alt text"
    if told is not None and len(image.alt) > _SHORT_ALT_CHARACTERS:
        if image.alt in told:
            said = f"Alt text as above: {image.alt[:40]}…"
        told.add(image.alt)
    return f"{number}{said}" + (f" · {say_cut(image.cut, label)}" if image.cut is not None else "")


def _card(preview: Preview, address: ImageAddress, markup: Markup) -> str:
    card = preview.card
    if card is None:
        return markup.box("pv-card", f"Link card: {escape(preview.link)}") if preview.link else ""
    picture = ""
    if card.thumbnail is not None:
        unread = card.thumbnail.model_copy(update={"alt": ""})  # the title beside it says the same
        picture = markup.tag("div", "pv-thumb", _picture(unread, 480, address, markup))
    parts = [
        picture,
        markup.tag("span", "pv-link", escape(card.url)),
        markup.tag("div", "pv-title", escape(card.title), dir="auto"),
    ]
    if card.description:
        parts.append(markup.tag("span", "pv-note", escape(card.description), dir="auto"))
    if not card.brought:
        parts.append(
            markup.tag("span", "pv-note", f"{escape(preview.label)} makes this of the page itself when it posts.")
        )
    return markup.box("pv-card", "".join(parts))


def _percent(thousandths: int) -> str:
    return f"{round(thousandths / 10)}%" if thousandths >= 10 else "under 1%"
