"""How much goes into one mail: posts are dealt out over as many messages as they need, and of a post too long for one what fits is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mesh.cards.model import CardPost, grouped
from mesh.cards.previews import Preview
from mesh.packages import PackedImage

# A message may have 40 MB with SES, and 25 with Gmail, once its images are in base64, which is a third more.
MOST_IMAGE_BYTES = 15_000_000

_One = TypeVar("_One")


def shares(posts: Sequence[_One], fits: Callable[[Sequence[_One]], bool]) -> list[list[_One]]:
    """In their order, each share as long as ``fits`` lets it be. One that does not fit by itself has a share for itself."""
    if not posts or fits(posts):
        return [list(posts)] if posts else []
    found: list[list[_One]] = [[]]
    for post in posts:
        if found[-1] and not fits([*found[-1], post]):
            found.append([])
        found[-1].append(post)
    return found


@dataclass(frozen=True)
class Part:
    """A part of a post that is shown or not: a preview under its channels' ``names``, or, with ``preview`` None, what changed."""

    post: CardPost
    names: str = ""
    preview: Preview | None = None

    @property
    def images(self) -> tuple[tuple[str, PackedImage], ...]:
        """With the revision in whose package each lies."""
        if self.preview is not None:
            return tuple((self.post.revision, image) for image in self.preview.every_image)
        changes = self.post.changes
        if changes is None:
            return ()
        before = tuple((changes.before, image) for change in changes.images for image in change.before)
        after = tuple((self.post.revision, image) for change in changes.images for image in change.after)
        return before + after


def parts_of(post: CardPost) -> tuple[Part, ...]:
    """What is dearest first: what goes out, then what is another in it."""
    previews = tuple(Part(post, names, preview) for names, preview in grouped(post.previews))
    return (*previews, Part(post)) if post.changes is not None else previews


def images_in(parts: Sequence[Part]) -> dict[tuple[str, str], tuple[str, PackedImage]]:
    """Each image once, by post and hash, with the revision to read it from: its own before an earlier one, the bytes are the same."""
    found: dict[tuple[str, str], tuple[str, PackedImage]] = {}
    for part in parts:
        for revision, image in part.images:
            key = part.post.post_id, image.sha256
            if key not in found or revision == part.post.revision:
                found[key] = revision, image
    return found


def fitting(parts: Sequence[Part], size_bytes: Callable[[Sequence[Part]], int], most_bytes: int) -> list[Part]:
    """As many of the parts as fit, by the size of the mail that shows them."""

    def fits(shown: Sequence[Part]) -> bool:
        images = sum(image.size_bytes for _, image in images_in(shown).values())
        return images <= MOST_IMAGE_BYTES and size_bytes(shown) <= most_bytes

    if fits(parts):
        return list(parts)
    shown: list[Part] = []
    for part in parts:
        if fits([*shown, part]):
            shown.append(part)
    return shown
