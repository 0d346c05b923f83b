"""``docs/networks.md``: every limit of every network with its value, source and mark, made from what the code declares and uses."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import networks
from networks.drafts import say_ratio
from networks.model import Declared, Limit, Mark, Of
from networks.sources import SOURCES

_TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF"}
_MEANING = {
    Mark.DOCUMENTED: "the vendor's documentation or repository says so",
    Mark.MEASURED: "a real server took what is at the limit and refused what is one beyond",
    Mark.REPORTED: "others who post there say so; it may be changed in the rules doc",
    Mark.CAUTION: "nobody says; chosen so that no server seen refuses it, and changeable likewise",
}


def limits_page() -> str:
    """Markdown. Same code, same page."""
    declared = [networks.composer(name).declared for name in networks.NAMES]
    return "\n".join(
        [
            "# The networks' limits",
            "",
            "Made by `python -m local.generate` from what the code uses; `make test` holds the two together. A text or image beyond a",
            "limit is refused with the exact overshoot, never cut. Any whole number here can be changed for one business in its rules doc:",
            "",
            "```",
            "Limits",
            "- instagram hashtags: 5",
            "- mastodon text: 5000",
            "```",
            "",
            *[f"* **{mark.value}**: {meaning}" for mark, meaning in _MEANING.items()],
            "",
            *[line for one in declared for line in _section(one)],
            "## Sources",
            "",
            "| source | what it is |",
            "| --- | --- |",
            *[f"| {name} | {what} |" for name, what in SOURCES.items()],
            "",
        ]
    )


def _section(declared: Declared) -> Iterator[str]:
    yield f"## {declared.label}"
    yield ""
    yield f"{declared.counted} Images: {', '.join(_TYPES[mime] for mime in declared.image_mimes)}."
    if declared.needs_image:
        yield "No post goes without an image."
    if declared.one_ratio:
        yield "Several images are all shown in the first one's shape."
    yield ""
    yield "| limit | value | source | mark | note |"
    yield "| --- | --- | --- | --- | --- |"
    for of, limit in declared.limits.items():
        yield f"| {of.value} | {_value(of, limit)} | {limit.source} | {limit.mark.value} | {limit.note} |"
    yield ""


def _value(of: Of, limit: Limit) -> str:
    if of in {Of.RATIO_NARROWEST, Of.RATIO_WIDEST}:
        return say_ratio(Fraction(limit.value))
    return f"{int(limit.value):,} {limit.unit}"
