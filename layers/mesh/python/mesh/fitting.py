"""Whether words fit a channel, by the code that will send them: the network's adapter with the limits that hold there. Pure.

Shared by what makes packages and by what has drafts made, so that a draft that fits is one whose package fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import networks
from mesh.rulebook import Channel, Rulebook
from networks.model import Composer, Draft, Image, Of, Problem, Rendition

STAND_IN_PX = 1_080
"""Each side of what stands for an image whose bytes are not looked at: a shape that every network takes."""
_ALT_SEPARATOR = re.compile(r"\n| \| ")


def composer_of(channel: Channel, rulebook: Rulebook, learned: Mapping[Of, int] | None = None) -> Composer:
    """The network's adapter with the limits its server told, and before those the rules doc's."""
    own = rulebook.limits.get(channel.network, {})
    return networks.composer(channel.network).adjusted({**(learned or {}), **own})


def alt_texts(alt: str, count: int) -> tuple[str, ...]:
    """One alt text per image: a line each, or parted by `` | ``, where there are several images. Missing ones are empty.

    ValueError, with a sentence for the owner, when there are more than images: nobody can tell which is whose.
    """
    if count == 0:
        return ()
    if count == 1:
        return (alt.strip(),)
    parts = [part.strip() for part in _ALT_SEPARATOR.split(alt) if part.strip()]
    if len(parts) > count:
        raise ValueError(f"alt text: {len(parts)} texts for {count} images; write one line for each image")
    return (*parts, *[""] * (count - len(parts)))


def problems_of(composer: Composer, text: str, link: str, alts: Sequence[str]) -> tuple[Problem, ...]:
    """Everything the network would say of a text, its link and that many images, one alt text each; () where it takes them.

    Of the images only number and alt text are judged: they stand in for files that nobody has fitted yet.
    """
    mime = composer.declared.image_mimes[0]
    images = tuple(Image("", mime, 1, STAND_IN_PX, STAND_IN_PX, alt) for alt in alts)
    composed = composer.compose(Draft(text, link, images))
    return () if isinstance(composed, Rendition) else composed
