"""Pictures, as the renderer speaks of them: read, fitted, or refused in words. No pixel is touched here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesh.errors import MeshError
from mesh.packages import PackedCut

if TYPE_CHECKING:
    from PIL import Image as Pillow

Box = tuple[float, float, float, float]


class ImageRefused(MeshError):
    """A picture that cannot be posted. ``message`` is a plain sentence for the owner, naming the file, the numbers and the fix."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Picture:
    """A decoded picture: upright, sRGB (L, RGB or RGBA), no metadata, no larger than any network shows it.

    ``width_px`` and ``height_px`` are those of the owner's file, upright. What was made from it for one network is kept for the next.
    """

    name: str
    pixels: Pillow.Image = field(repr=False, compare=False)
    lossless: bool
    width_px: int
    height_px: int
    parts: dict[tuple[Box, tuple[int, int]], Pillow.Image] = field(default_factory=dict, repr=False, compare=False)
    encodings: dict[tuple[Box, tuple[int, int], int], bytes] = field(default_factory=dict, repr=False, compare=False)

    @property
    def transparent(self) -> bool:
        return self.pixels.mode == "RGBA"


@dataclass(frozen=True)
class Variant:
    """A picture as it will be uploaded, and what was cut off to make it fit the network's shape."""

    content: bytes = field(repr=False)
    mime: str
    width_px: int
    height_px: int
    cut: PackedCut | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()
