"""How each network shows a post, from the package: text with its fold, images in their order and crop, link card, counter.

One markup for mails and pages. A mail wants its styles inside every tag, a page under a strict policy wants none there: ``PAGE``
writes classes, ``MAIL`` their declarations, and the few classes that turn round in the dark. Nothing that will be posted is ever left
out of a preview, and nothing in it can be tapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from mesh.cards.style import FAINT, GO, INK, LINE, PAPER, SHEET
from mesh.packages import PackedCard, PackedCut, PackedImage, PackedMeasure
from networks import NAMES, composer
from networks.model import Declared, Of
from networks.text import Span, graphemes, tappable_in

ImageAddress = Callable[[PackedImage], str]
_SHORT_ALT_CHARACTERS = 200
# Ours, not the networks': a hue to know them apart by, each at least 4.5:1 with white letters.
_HUES = {
    "x": "#3a4446",
    "instagram": "#a8326a",
    "facebook": "#2f5aa8",
    "threads": "#4b4a57",
    "linkedin": "#1f6287",
    "bluesky": "#1a69c4",
    "mastodon": "#5a4fc0",
}
_OTHER_HUE = "#5b6b69"

_STYLES = {
    "pv-head": "color:{faint};font-size:13px;font-weight:400;line-height:24px;margin:0 0 8px",
    "pv-name": "color:{ink};font-weight:600",
    "pv-dot": "display:inline-block;width:24px;line-height:24px;border-radius:12px;color:#fff;font-size:12px;font-weight:600;text-align:center;margin:0 7px 0 0",
    "pv-text": "font-size:16px;line-height:1.5;white-space:pre-wrap",
    "pv-mark": "color:{go}",
    "pv-fold": "display:block;border-top:1px dashed {line};color:{faint};font-size:12px;margin:6px 0;padding:3px 0 0",
    "pv-rest": "color:{faint}",
    "pv-grid": "width:100%;table-layout:fixed;margin:10px 0 0",
    "pv-cell": "padding:2px;vertical-align:top",
    "pv-image": "display:block;width:100%;height:auto;border-radius:6px;margin:0",
    "pv-photo": "max-width:440px;margin:10px 0 0",
    "pv-thumb": "margin:0 0 6px",
    "pv-notes": "color:{faint};font-size:13px;line-height:1.4;margin:6px 0 10px",
    "pv-note": "display:block;color:{faint};font-size:13px;line-height:1.4",
    "pv-link": "display:block;color:{faint};font-size:13px;line-height:1.4",
    "pv-card": "border:1px solid {line};border-radius:8px;padding:10px 12px;margin:10px 0 0",
    "pv-title": "font-weight:600",
    "pv-count": "color:{faint};font-size:13px;margin:8px 0 0",
    "pv-out": "border:1px solid {stop};border-radius:8px;padding:10px 12px;margin:0 0 12px;font-size:14px",
    "pv-list": "color:{faint};font-size:14px;margin:0 0 12px;padding:0 0 0 18px",
}
# What a mail's style sheet turns round in the dark (``style.MAIL_DARK_CSS``).
_DARK = {
    "pv-head": "faint",
    "pv-name": "ink",
    "pv-text": "ink",
    "pv-mark": "go",
    "pv-fold": "faint line",
    "pv-rest": "faint",
    "pv-notes": "faint",
    "pv-note": "faint",
    "pv-link": "faint",
    "pv-card": "line",
    "pv-count": "faint",
    "pv-list": "faint",
}
_MAIL_COLOURS = {"ink": INK, "faint": FAINT, "line": LINE, "paper": PAPER, "sheet": SHEET, "go": GO, "stop": "#9a3b1f"}


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


class Markup:
    """Writes tags: with their class, or where ``colours`` are given with its declarations. ``heading`` names a preview's channel."""

    def __init__(self, heading: str, colours: Mapping[str, str] | None = None) -> None:
        self.heading = heading
        self._colours = colours

    def alt(self, text: str) -> str:
        """An image's alt text; a mail, which must stay short, has the whole of a long one below the image only."""
        if self._colours is None or len(text) <= _SHORT_ALT_CHARACTERS:
            return text
        return f"{text[:_SHORT_ALT_CHARACTERS]}…"

    def dot(self, preview: Preview) -> str:
        """The network's initial on its hue. Says nothing that the name beside it does not."""
        hue = _HUES.get(preview.network, _OTHER_HUE)
        letter = escape(preview.label[:1])
        if self._colours is None:
            kind = f"pv-dot pv-{preview.network if preview.network in _HUES else 'other'}"
            return f'<span class="{kind}" aria-hidden="true">{letter}</span>'
        return f'<span aria-hidden="true" style="{_STYLES["pv-dot"]};background:{hue}">{letter}</span>'

    def tag(self, name: str, kind: str, inner: str = "", **attributes: str) -> str:
        """``attributes`` are escaped here, ``inner`` is HTML."""
        if self._colours is None:
            found = {"class": kind, **attributes}
        else:
            dark = {"class": _DARK[kind]} if kind in _DARK else {}
            found = {**dark, **attributes, "style": _STYLES[kind].format(**self._colours)}
        written = "".join(f' {key}="{escape(value)}"' for key, value in found.items())
        return f"<{name}{written}>" if name == "img" else f"<{name}{written}>{inner}</{name}>"


MAIL = Markup("h3", _MAIL_COLOURS)
PAGE = Markup("h2")
# ``article`` and ``img`` have rules of their own there; a class before them keeps ours the stronger ones.
PAGE_PREVIEW_CSS = "\n".join(
    [
        f"article .{kind},.{kind}{{{declarations.format(**{name: f'var(--{name})' for name in _MAIL_COLOURS})}}}"
        for kind, declarations in _STYLES.items()
    ]
    + [f".pv-{network}{{background:{hue}}}" for network, hue in [*_HUES.items(), ("other", _OTHER_HUE)]]
)


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
    return (markup.tag("div", "pv-out", out) if out else "") + (markup.tag("ul", "pv-list", notes) if notes else "")


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
        shown = markup.tag("table", "pv-grid", rows, role="presentation", cellpadding="0", cellspacing="0")
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
        return markup.tag("div", "pv-card", f"Link card: {escape(preview.link)}") if preview.link else ""
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
    return markup.tag("div", "pv-card", "".join(parts))


def _percent(thousandths: int) -> str:
    return f"{round(thousandths / 10)}%" if thousandths >= 10 else "under 1%"
