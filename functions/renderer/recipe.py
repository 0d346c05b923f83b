"""What is to be made of a picture for one network, in one canonical form: the same recipe makes the same bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction

from networks.model import Declared, Of

VERSION = 1  # raised whenever other pixels or bytes would come out of the same recipe
EDGE_LIMIT_PX = 2_000
FOCUSES = frozenset({"top", "bottom", "left", "right"})


@dataclass(frozen=True)
class Recipe:
    """``shape`` is the exact ratio of width to height where a network shows all images of a post alike; ``focus`` the side that stays
    when something must be cut off, "" for the middle. ``label`` is for the owner's sentences and makes no other picture.
    """

    label: str
    mimes: tuple[str, ...]
    limit_bytes: int | None = None
    limit_pixels: int | None = None
    limit_width_px: int | None = None
    least_width_px: int | None = None
    narrowest: Fraction | None = None
    widest: Fraction | None = None
    shape: Fraction | None = None
    focus: str = ""

    @classmethod
    def of(cls, declared: Declared, focus: str = "", shape: Fraction | None = None) -> Recipe:
        """``focus`` is one of the owner's words; it counts only where this network may have something cut off."""
        narrowest, widest = declared.ratio(Of.RATIO_NARROWEST), declared.ratio(Of.RATIO_WIDEST)
        cuts = any(ratio is not None for ratio in (narrowest, widest, shape))
        return cls(
            label=declared.label,
            mimes=tuple(declared.image_mimes),
            limit_bytes=declared.most(Of.IMAGE_BYTES),
            limit_pixels=declared.most(Of.IMAGE_PIXELS),
            limit_width_px=declared.most(Of.IMAGE_WIDTH),
            least_width_px=declared.most(Of.IMAGE_WIDTH_LEAST),
            narrowest=narrowest,
            widest=widest,
            shape=shape if declared.one_ratio else None,
            focus=focus if cuts and focus in FOCUSES else "",
        )

    def canonical(self) -> bytes:
        """One byte form for one recipe."""
        facts = {
            "v": VERSION,
            "edge": EDGE_LIMIT_PX,
            "mimes": sorted(self.mimes),
            "bytes": self.limit_bytes,
            "pixels": self.limit_pixels,
            "width": [self.least_width_px, self.limit_width_px],
            "ratio": [_said(self.narrowest), _said(self.widest), _said(self.shape)],
            "focus": self.focus,
        }
        return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()

    @property
    def key(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


def _said(ratio: Fraction | None) -> str:
    return "" if ratio is None else f"{ratio.numerator}:{ratio.denominator}"
