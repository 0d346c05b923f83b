"""Fits a picture to what a network takes: cut only where the network's shape demands it, then sized, then encoded.

PNG where the source is lossless or transparent and the network takes PNG, else JPEG; quality, then size, give way until the bytes fit.
Same input and same Pillow, same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from mesh.packages import PackedCut
from networks.drafts import say_ratio
from renderer import recipe as recipes
from renderer.images import Box, ImageRefused, Picture, Variant
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from PIL import Image as Pillow

SMALLEST_EDGE_PX = 320
_MOST_CUT = Fraction(1, 2)
_QUALITIES = (90, 85, 80, 75)
_PNG = 0  # in place of a JPEG's quality
_LARGEST_STEP = 0.95  # of the size that would fit if bytes went by pixels alone
_SHAPE_SLACK = Fraction(1, 2_000)
_SHAPE_SEARCH_PX = 64
_PLACES = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}


def fit(picture: Picture, recipe: Recipe) -> Variant:
    """The best variant within all the recipe says. ImageRefused, for this network alone, where there is none."""
    ratio = _cut_to(picture, recipe)
    scale = 1.0
    size = _size(picture, recipe, ratio, scale)
    if recipe.least_width_px is not None and size[0] < recipe.least_width_px:
        raise _too_narrow(picture, recipe, ratio, size[0])
    while True:
        box = _box(picture.pixels.size, Fraction(*size) if ratio is not None else None, recipe.focus)
        step = 0.0
        for content, mime in _encodings(picture, recipe, box, size):
            if recipe.limit_bytes is None or len(content) <= recipe.limit_bytes:
                return Variant(content, mime, *size, _cut(picture.pixels.size, box))
            step = max(step, _LARGEST_STEP * min(1.0, math.sqrt(recipe.limit_bytes / len(content))))
        scale *= step
        size = _size(picture, recipe, ratio, scale)
        if max(size) < SMALLEST_EDGE_PX or size[0] < (recipe.least_width_px or 0):
            message = (
                f"image: {picture.name} cannot be made small enough for {recipe.label} ({recipe.limit_bytes:,} bytes)"
            )
            raise ImageRefused("image-too-big", message)


def _cut_to(picture: Picture, recipe: Recipe) -> Fraction | None:
    """The ratio it must be cut to, None where it can stay whole. ImageRefused where more than half would go."""
    ratio = Fraction(picture.width_px, picture.height_px)
    wanted = recipe.shape
    if wanted is None and recipe.widest is not None and ratio > recipe.widest:
        wanted = recipe.widest
    if wanted is None and recipe.narrowest is not None and ratio < recipe.narrowest:
        wanted = recipe.narrowest
    if wanted is None or wanted == ratio:
        return None
    if min(ratio, wanted) / max(ratio, wanted) < _MOST_CUT:
        raise _too_much_cut(picture, recipe, ratio, wanted)
    return wanted


def _size(picture: Picture, recipe: Recipe, ratio: Fraction | None, scale: float) -> tuple[int, int]:
    """Width and height within the limits, never larger than what is there; ``scale`` makes it smaller still."""
    whole_width, whole_height = picture.pixels.size
    shape = ratio or Fraction(whole_width, whole_height)
    width = min(Fraction(whole_width), whole_height * shape)
    height = width / shape
    # A tall strip may be longer than others, or it would be too narrow for the network.
    edge = max(recipes.EDGE_LIMIT_PX / max(width, height), (recipe.least_width_px or 0) / width)
    factor = min(Fraction(1), edge)
    if recipe.limit_width_px is not None:
        factor = min(factor, recipe.limit_width_px / width)
    if recipe.limit_pixels is not None and width * height * factor**2 > recipe.limit_pixels:
        # One pixel off each side, so that rounding cannot bring it over again.
        factor = Fraction(math.sqrt(recipe.limit_pixels / (width * height))) - 1 / min(width, height)
    factor *= Fraction(scale)
    if recipe.shape is not None and ratio is not None:
        return _exactly(max(1, math.floor(width * factor)), ratio, recipe)
    if width >= height or ratio is not None:
        across = max(1, math.floor(width * factor))
        return across, _within(across, round(across / shape), recipe)
    down = max(1, math.floor(height * factor))
    across = max(1, round(down * shape))
    return across, _within(across, down, recipe)


def _within(across: int, down: int, recipe: Recipe) -> int:
    """The height that keeps the ratio within the network's own, to the last pixel."""
    if recipe.widest is not None:
        down = max(down, math.ceil(across / recipe.widest))
    if recipe.narrowest is not None:
        down = min(down, math.floor(across / recipe.narrowest))
    return max(1, down)


def _exactly(width: int, ratio: Fraction, recipe: Recipe) -> tuple[int, int]:
    """The largest whole pixels whose ratio nobody can tell from this one, else the nearest."""
    best = (Fraction(2), width, 1)
    for across in range(width, max(0, width - _SHAPE_SEARCH_PX), -1):
        down = _within(across, round(across / ratio), recipe)
        error = abs(Fraction(across, down) / ratio - 1)
        if error <= _SHAPE_SLACK:
            return across, down
        best = min(best, (error, across, down))
    return best[1], best[2]


def _box(whole: tuple[int, int], ratio: Fraction | None, focus: str) -> Box:
    """The largest part of this ratio, at the side the owner named, else in the middle."""
    width, height = whole
    if ratio is None:
        return (0.0, 0.0, float(width), float(height))
    place = _PLACES.get(focus, 0.5)
    if Fraction(width, height) > ratio:
        across = float(height * ratio)
        left = (width - across) * (place if focus in {"left", "right"} else 0.5)
        return (left, 0.0, min(left + across, float(width)), float(height))
    down = float(width / ratio)
    top = (height - down) * (place if focus in {"top", "bottom"} else 0.5)
    return (0.0, top, float(width), min(top + down, float(height)))


def _cut(whole: tuple[int, int], box: Box) -> PackedCut | None:
    width, height = whole
    cut = PackedCut(
        left=round(1_000 * box[0] / width),
        top=round(1_000 * box[1] / height),
        right=round(1_000 * (width - box[2]) / width),
        bottom=round(1_000 * (height - box[3]) / height),
    )
    return cut if any(cut.model_dump().values()) else None


def _encodings(picture: Picture, recipe: Recipe, box: Box, size: tuple[int, int]) -> Iterator[tuple[bytes, str]]:
    png_taken = "image/png" in recipe.mimes
    if png_taken and (picture.lossless or picture.transparent):
        yield _encoded(picture, box, size, _PNG), "image/png"
    if picture.transparent and png_taken:
        return
    for quality in _QUALITIES:
        yield _encoded(picture, box, size, quality), "image/jpeg"


def _encoded(picture: Picture, box: Box, size: tuple[int, int], quality: int) -> bytes:
    """Made once, whichever networks want it."""
    known = picture.encodings.get((box, size, quality))
    if known is None:
        pixels, out = _part(picture, box, size), io.BytesIO()
        if quality == _PNG:
            pixels.save(out, format="PNG")
        else:
            _opaque(pixels).save(out, format="JPEG", quality=quality, optimize=True, progressive=True)
        known = picture.encodings[box, size, quality] = out.getvalue()
    return known


def _part(picture: Picture, box: Box, size: tuple[int, int]) -> Pillow.Image:
    from PIL import Image

    if size == picture.pixels.size and box == (0.0, 0.0, *map(float, size)):
        return picture.pixels
    known = picture.parts.get((box, size))
    if known is None:
        known = picture.parts[box, size] = picture.pixels.resize(size, Image.Resampling.LANCZOS, box=box)
    return known


def _opaque(pixels: Pillow.Image) -> Pillow.Image:
    """RGB, on white: not every network shows a JPEG of greys alone."""
    from PIL import Image

    if pixels.mode != "RGBA":
        return pixels.convert("RGB")
    ground = Image.new("RGB", pixels.size, "white")
    ground.paste(pixels, mask=pixels.getchannel("A"))
    return ground


def _too_much_cut(picture: Picture, recipe: Recipe, ratio: Fraction, wanted: Fraction) -> ImageRefused:
    width, height = picture.width_px, picture.height_px
    if ratio > wanted:
        fix, compared = f"{math.floor(height * wanted):,} x {height:,}", "wider"
    else:
        fix, compared = f"{width:,} x {math.floor(width / wanted):,}", "narrower"
    said = f"image: {picture.name} is {width:,} x {height:,}"
    if recipe.shape is not None:
        message = (
            f"{said}; {recipe.label} shows all images in the first one's shape ({say_ratio(wanted)}), and more than half "
            f"of this one would be cut off: cut it to {fix}, or make it the first"
        )
    else:
        message = (
            f"{said}, {compared} than the {say_ratio(wanted)} {recipe.label} takes, and more than half of it would be cut "
            f"off: cut it yourself to {fix}"
        )
    return ImageRefused("image-ratio", message)


def _too_narrow(picture: Picture, recipe: Recipe, ratio: Fraction | None, left_px: int) -> ImageRefused:
    said = f"image: {picture.name} is {picture.width_px:,} x {picture.height_px:,}"
    if ratio is not None and left_px < picture.width_px:
        said += f", and {left_px:,} pixels wide once it is cut to the {say_ratio(ratio)} {recipe.label} takes"
    message = f"{said}, but {recipe.label} takes none narrower than {recipe.least_width_px:,} pixels: use a larger one"
    return ImageRefused("image-too-small", message)
