"""The names of what networks limit: apart from ``networks.model``, since the reader of the rules doc needs nothing else of it."""

from __future__ import annotations

from enum import StrEnum


class Of(StrEnum):
    """What is limited. The names an owner may use to change a limit in the rules doc."""

    TEXT = "text"
    TEXT_BYTES = "text bytes"
    LINK_LENGTH = "length of a link"
    HASHTAGS = "hashtags"
    MENTIONS = "mentions"
    LINKS = "links"
    CASHTAGS = "cashtags"
    FOLD = "shown before more"
    ALT = "alt text"
    IMAGES = "images"
    IMAGE_BYTES = "image bytes"
    IMAGE_PIXELS = "image pixels"
    IMAGE_WIDTH = "image width"
    IMAGE_WIDTH_LEAST = "least image width"
    RATIO_NARROWEST = "narrowest image"
    RATIO_WIDEST = "widest image"
    THUMBNAIL_BYTES = "link card image bytes"
