"""``docs/networks.md``: every limit of every network with its value, source and mark, and what each can promise, made from what the code
declares and uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

import networks
from networks.drafts import say_ratio
from networks.model import AfterUnknown, Declared, Limit, Mark, Of, Presence
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
            *_promises(declared),
            *[line for one in declared for line in _section(one)],
            "## Sources",
            "",
            "| source | what it is |",
            "| --- | --- |",
            *[f"| {name} | {what} |" for name, what in SOURCES.items()],
            "",
        ]
    )


def _promises(declared: list[Declared]) -> Iterator[str]:
    """What is done where an answer was lost: the columns are what the sender decides by."""
    yield "## When an answer is lost"
    yield ""
    yield "A request that left and was never answered may be out, or may still land. After the settle time the post is looked for. Only"
    yield "where the very same request cannot make a second post is it made again; elsewhere its owner is asked. What a network cannot"
    yield "prove is not believed."
    yield ""
    yield "| network | settle time | a look can prove | then | within | one publish takes at most | sign-in renewed |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for one in declared:
        proves = " and ".join(presence.value for presence in Presence if presence in one.proves) or "nothing"
        then = "the same request again" if one.after_unknown is AfterUnknown.REPEAT_SAME else "its owner is asked"
        within = (
            _span(one.repeat_within)
            if one.repeat_within
            else "any time"
            if one.after_unknown is AfterUnknown.REPEAT_SAME
            else ""
        )
        renewed = f"{_span(one.renew_ahead)} before its end" if one.renew_ahead else ""
        yield f"| {one.label} | {_span(one.settle)} | {proves} | {then} | {within} | {one.publish_timeout_seconds} s | {renewed} |"
    yield ""


def _span(span: timedelta) -> str:
    """In its largest whole unit: 2 minutes, 1 hour, 20 days."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        if span >= length and span % length == timedelta():
            return f"{span // length} {unit}{'s' if span != length else ''}"
    return f"{span // timedelta(minutes=1)} minutes"


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
