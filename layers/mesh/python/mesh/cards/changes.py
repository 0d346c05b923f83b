"""What is different in a post since an earlier revision of it: the words, the images before and after, and the rest in sentences. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mesh.packages import PackedImage


class Word(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"
    SKIPPED = "skipped"  # unchanged text left out between two changes; its piece has no text


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, whole words with the blanks behind them."""

    kind: Word
    text: str


@dataclass(frozen=True)
class TextChange:
    """One text's change; ``names`` are the channels that it is the same on, as in "bluesky-main, mastodon-main"."""

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
    """``before`` is the earlier revision, in whose package the images before lie; ``sentences`` say what is neither text nor image."""

    before: str
    sentences: tuple[str, ...] = ()
    texts: tuple[TextChange, ...] = ()
    images: tuple[ImagesChange, ...] = ()
