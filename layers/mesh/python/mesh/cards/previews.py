"""How each network shows a post, from the package: text with its fold, images in their order and crop, link card, counter.

One markup for mails and pages. A mail wants its styles inside every tag, a page under a strict policy wants none there: ``PAGE``
writes classes, ``MAIL`` their declarations, and the few classes that turn round in the dark. Nothing that will be posted is ever left out of a preview, and
nothing in it can be tapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

from mesh.cards.style import FAINT, GO, INK, LINE, PAPER, SHEET
from mesh.packages import PackedCard, PackedCut, PackedImage, PackedMeasure
from networks import NAMES, composer
from networks.model import Declared, Of
from networks.text import Span, find_links, find_mentions, find_tags, graphemes

ImageAddress = Callable[[PackedImage], str]

_STYLES = {
    "pv-head": "color:{faint};font-size:13px;margin:0 0 8px",
    "pv-name": "color:{ink};font-weight:600",
    "pv-text": "font-size:16px;line-height:1.5;white-space:pre-wrap",
    "pv-mark": "color:{go}",
    "pv-fold": "display:block;border-top:1px dashed {line};color:{faint};font-size:12px;margin:6px 0;padding:3px 0 0",
    "pv-rest": "color:{faint}",
    "pv-grid": "width:100%;border-collapse:collapse;margin:10px 0",
    "pv-cell": "width:50%;padding:0 4px 6px 0;vertical-align:top",
    "pv-image": "display:block;width:100%;height:auto;border-radius:6px;margin:0 0 4px",
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
    "pv-note": "faint",
    "pv-link": "faint",
    "pv-card": "line",
    "pv-count": "faint",
    "pv-list": "faint",
}
_MAIL_COLOURS = {"ink": INK, "faint": FAINT, "line": LINE, "paper": PAPER, "sheet": SHEET, "go": GO, "stop": "#9a3b1f"}


@dataclass(frozen=True)
class Preview:
    """One channel's share of a package. ``link`` is one that the text does not show and no card stands for."""

    channel: str
    network: str
    text: str
    images: tuple[PackedImage, ...] = ()
    measure: PackedMeasure | None = None
    card: PackedCard | None = None
    link: str = ""

    @property
    def declared(self) -> Declared | None:
        """None for a network that this version does not know any more."""
        return composer(self.network).declared if self.network in NAMES else None

    @property
    def label(self) -> str:
        return self.declared.label if self.declared is not None else self.network.title()

    @property
    def every_image(self) -> tuple[PackedImage, ...]:
        thumbnail = self.card.thumbnail if self.card is not None else None
        return self.images if thumbnail is None else (*self.images, thumbnail)


class Markup:
    """Writes tags: with their class, or where ``colours`` are given with its declarations."""

    def __init__(self, colours: Mapping[str, str] | None = None) -> None:
        self._colours = colours

    def tag(self, name: str, kind: str, inner: str = "", **attributes: str) -> str:
        """``attributes`` are escaped here, ``inner`` is HTML."""
        if self._colours is None:
            found = {"class": kind, **attributes}
        else:
            dark = {"class": _DARK[kind]} if kind in _DARK else {}
            found = {**dark, **attributes, "style": _STYLES[kind].format(**self._colours)}
        written = "".join(f' {key}="{escape(value)}"' for key, value in found.items())
        return f"<{name}{written}>" if name == "img" else f"<{name}{written}>{inner}</{name}>"


MAIL = Markup(_MAIL_COLOURS)
PAGE = Markup()
PAGE_PREVIEW_CSS = "\n".join(
    f".{kind}{{{declarations.format(**{name: f'var(--{name})' for name in _MAIL_COLOURS})}}}"
    for kind, declarations in _STYLES.items()
)


def preview_html(preview: Preview, names: str, address: ImageAddress, markup: Markup) -> str:
    """One channel as its network shows it; ``names`` are the channels that show the very same."""
    head = markup.tag("div", "pv-head", f"{markup.tag('span', 'pv-name', escape(preview.label))} · {escape(names)}")
    text = _text(preview, markup)
    images = _images(preview, address, markup)
    card = _card(preview, address, markup)
    counter = markup.tag("div", "pv-count", escape(say_measure(preview.measure))) if preview.measure else ""
    pictures_first = preview.declared is not None and preview.declared.needs_image
    return head + (images + text if pictures_first else text + images) + card + counter


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
    fold = preview.declared.most(Of.FOLD) if preview.declared is not None else None
    at = _fold_at(preview.text, fold)
    spans = _marked(preview)
    if at is None:
        inner = _stretch(preview.text, 0, len(preview.text), spans, markup)
    else:
        at = next((span.start for span in spans if span.start < at < span.end), at)
        line = markup.tag("span", "pv-fold", "Readers see this much, then “more”:")
        rest = _stretch(preview.text, at, len(preview.text), spans, markup)
        inner = _stretch(preview.text, 0, at, spans, markup) + line + markup.tag("span", "pv-rest", rest)
    return markup.tag("div", "pv-text", inner, dir="auto")


def _fold_at(text: str, fold: int | None) -> int | None:
    """Where in the text the network folds, or None where all of it is seen."""
    if fold is None or len(text) <= fold:
        return None
    pieces = graphemes(text)
    return len("".join(pieces[:fold])) if len(pieces) > fold else None


def _marked(preview: Preview) -> list[Span]:
    """What readers can tap, in its order; a link within a caption is plain letters where pictures come first."""
    plain_links = preview.declared is not None and preview.declared.needs_image
    found = [*([] if plain_links else find_links(preview.text)), *find_tags(preview.text), *find_mentions(preview.text)]
    kept: list[Span] = []
    for span in sorted(found, key=lambda one: one.start):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _stretch(text: str, start: int, end: int, spans: Iterable[Span], markup: Markup) -> str:
    pieces: list[str] = []
    position = start
    for span in spans:
        if start <= span.start and span.end <= end:
            pieces += [
                _lines(text[position : span.start]),
                markup.tag("span", "pv-mark", _lines(text[span.start : span.end])),
            ]
            position = span.end
    return "".join([*pieces, _lines(text[position:end])])


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")  # Outlook knows no pre-wrap, which keeps the blanks elsewhere


def _images(preview: Preview, address: ImageAddress, markup: Markup) -> str:
    count = len(preview.images)
    if count == 0:
        return ""
    numbered = count > 1
    shown = [
        _image(image, f"{number}/{count} " if numbered else "", preview.label, address, markup)
        for number, image in enumerate(preview.images, start=1)
    ]
    if not numbered:
        rows = f'<tr><td class="pv-only">{shown[0]}</td></tr>'
    else:
        cells = [markup.tag("td", "pv-cell", one) for one in shown]
        rows = "".join(f"<tr>{''.join(cells[start : start + 2])}</tr>" for start in range(0, count, 2))
    return markup.tag("table", "pv-grid", rows, role="presentation", cellpadding="0", cellspacing="0")


def _image(image: PackedImage, number: str, label: str, address: ImageAddress, markup: Markup) -> str:
    picture = markup.tag(
        "img",
        "pv-image",
        src=address(image),
        alt=image.alt,
        width="240" if number else "480",
        height=str(round((240 if number else 480) * image.height_px / image.width_px)),
    )
    notes = [f"{number}Alt text: {image.alt}" if image.alt else f"{number}No alt text"]
    notes += [say_cut(image.cut, label)] if image.cut is not None else []
    return picture + "".join(markup.tag("span", "pv-note", escape(note), dir="auto") for note in notes)


def _card(preview: Preview, address: ImageAddress, markup: Markup) -> str:
    card = preview.card
    if card is None:
        return markup.tag("div", "pv-card", f"Link card: {escape(preview.link)}") if preview.link else ""
    picture = ""
    if card.thumbnail is not None:
        size = card.thumbnail
        picture = markup.tag(
            "img",
            "pv-image",
            src=address(size),
            alt="",
            width="480",
            height=str(round(480 * size.height_px / size.width_px)),
        )
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
    return f"{round(thousandths / 10)}%" if thousandths >= 5 else "under 1%"
