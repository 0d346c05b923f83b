"""The month in one paragraph: the one that code writes, and the check of one that a model wrote. Pure.

A model writes names in braces where figures belong, and between them nothing but words of a short list; and what stands between two stops
speaks of one matter. No figure, name, judgement, comparison, link or other language can be written with those, and no figure be said of
another thing than its own (docs/decisions/0032-a-paragraph-made-of-phrases.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date

from mesh.reckoning.model import Figures
from recap.decide import busiest_day, is_alone, is_empty, ranking
from recap.words import counted, weekday

LONGEST = 700
FEWEST_SENTENCES, MOST_SENTENCES = 2, 4
MATTERS: tuple[tuple[str, ...], ...] = (
    ("posts", "appearances", "channels", "on_time"),
    ("channel_1", "channel_2", "channel_3"),
    ("busiest_day",),
    ("approvals", "approval_time"),
    ("failed", "retried", "unknown", "held"),
    ("drafts",),
    ("model_cost",),
    ("x_charges",),
)
"""Phrases that may stand together between two stops; ``month`` may stand anywhere. "bluesky-main with 40 appearances had 3 appearances
that failed" is of two matters, and may be a lie of nothing but true figures."""

# None says how much, how good, how often, when, whose, or what did not happen. None agrees with a number. None makes a number another
# one: "over 42 posts", "up to 42 posts", "42 posts out of 118 appearances".
_LISTED = """
a across along alongside also and as besides brought came come counted during for gave in it its made on our out plus posting
reached saw social summary that the their then there these this through together told took went which while with
"""
CONNECTING = tuple(_LISTED.split())
PUBLISHED = frozenset(name for matter in MATTERS[:3] for name in matter)
"""Of all else "went out" would be untrue, "made" or "brought" a cause that nobody counted, and "then" an order."""
_PLAIN = "a along alongside also and as besides came during in plus the there these this with"
PLAIN = frozenset(_PLAIN.split())
_WORDS = frozenset(CONNECTING)
_NAME = re.compile(r"\{([a-z_0-9]+)\}")
_WRITTEN = re.compile(r"[A-Za-z ,.;:()\u2013\u2014-]*")
_WORD = re.compile(r"[A-Za-z]+")
_END = re.compile(r"\.(?= |$)")


class Untrue(Exception):
    """A paragraph that cannot be held to the figures. The message says why, and quotes nothing of it."""


def checked(written: str, phrases: Mapping[str, str], owed: Set[str]) -> str:
    """What a model wrote, with the figures put in; Untrue where that is not certain to say nothing else than they do."""
    text = written.strip()
    names = _NAME.findall(text)
    if unknown := set(names) - set(phrases):
        raise Untrue(f"{len(unknown)} phrases that there are not")
    if len(names) > len(set(names)):
        raise Untrue("a phrase twice")
    if missing := owed - set(names):
        raise Untrue(f"without {', '.join(sorted(missing))}")
    _check_words(_NAME.sub("", text))
    _check_sentences(text)
    filled = _capitalised(_NAME.sub(lambda found: phrases[found[1]], text))
    if len(filled) > LONGEST:
        raise Untrue(f"{len(filled)} characters")
    return filled


def _check_words(between: str) -> None:
    from mesh.text_figures import figures_in

    if not _WRITTEN.fullmatch(between):
        raise Untrue("characters that no such sentence needs")
    if next(figures_in(between), None) is not None:
        raise Untrue("a figure of its own")
    if strange := [word for word in _WORD.findall(between) if word.lower() not in _WORDS]:
        raise Untrue(f"{len(strange)} words that are not on the list")


def _check_sentences(text: str) -> None:
    sentences = len(_END.findall(text))
    if not text.endswith(".") or not FEWEST_SENTENCES <= sentences <= MOST_SENTENCES or text.count(".") != sentences:
        raise Untrue(f"{sentences} sentences")
    for part in re.split(r"[.;]", text.removesuffix(".")):
        names = set(_NAME.findall(part)) - {"month"}
        if not names:
            raise Untrue("words without a figure")
        if not any(names <= set(matter) for matter in MATTERS):
            raise Untrue("two matters in one breath")
        if not names <= PUBLISHED and not _words_of(part) <= PLAIN:
            raise Untrue("more than a list of what did not go out")


def _words_of(part: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(_NAME.sub("", part))}


def _capitalised(text: str) -> str:
    """A phrase may begin a sentence. A channel's name stays as it is written."""
    return re.sub(r"(?:^|(?<=\. ))(no|a|less)(?= )", lambda found: found[0].capitalize(), text)


def plain(figures: Figures, phrases: Mapping[str, str]) -> str:
    """By code alone: as true as the tables, and as dry."""
    said, busiest = phrases, busiest_day(figures)
    if busiest is None:
        return _nothing_posted(figures, said)
    day, most = busiest
    sentences = [
        f"In {said['month']}, {said['posts']} went out on {said['channels']}: {said['appearances']}, {said['on_time']}."
    ]
    sentences += _busiest(figures, day, most)
    if figures.approvals:
        sentences.append(f"People gave {said['approvals']}" + _after(said, "approval_time") + ".")
    troubles = _troubles(figures, said)
    sentences.append(
        f"To know of: {', '.join(troubles)}." if troubles else "Nothing failed, and nothing had to be tried again."
    )
    return " ".join(sentences)


def _busiest(figures: Figures, day: date, most: int) -> list[str]:
    """The channel and the day that had more than every other; nothing of those that share it."""
    ranked = [figures.channels[name].posted for name in ranking(figures)]
    found = []
    if len(ranked) > 1 and ranked[0] > ranked[1]:
        found.append(f"the busiest channel was {ranking(figures)[0]}")
    if is_alone(figures, day):
        found.append(f"the busiest day was {weekday(day)} with {counted(most, 'appearance')}")
    return [f"T{', and '.join(found)[1:]}."] if found else []


def _after(said: Mapping[str, str], name: str) -> str:
    return f", with {said[name]}" if name in said else ""


def _troubles(figures: Figures, said: Mapping[str, str]) -> list[str]:
    counts = {"failed": figures.failed, "unknown": figures.unknown, "retried": figures.retried, "held": figures.held}
    return [said[name] for name, count in counts.items() if count]


def _nothing_posted(figures: Figures, said: Mapping[str, str]) -> str:
    if is_empty(figures):
        return f"{said['month']} was a quiet month: nothing was posted."
    others = _troubles(figures, said)
    others += [said["approvals"]] if figures.approvals else []
    others += [said["drafts"]] if figures.drafts_made else []
    return f"Nothing was posted in {said['month']}." + (f" What there was: {', '.join(others)}." if others else "")
