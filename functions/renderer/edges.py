"""The mirror in S3, as the renderer reads it, and the pictures made from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from mesh.errors import Doubt
from mesh.objects import translated
from mesh.posts import Plan, Row
from mesh.posts_csv import read_csv, refuse_long
from mesh.rulebook import Rulebook, usable_rules
from networks.model import Declared
from renderer.cache import RenderCache
from renderer.fitting import fit
from renderer.images import ImageRefused, Picture, Variant
from renderer.reading import read_picture, refuse_heavy
from renderer.recipe import Recipe
from renderer.settings import RendererSettings


class Mirror:
    """What drive-sync keeps in S3 of the sheet, the rules doc and the folder. Doubt when it cannot be read now."""

    def __init__(self, client: Any, settings: RendererSettings) -> None:
        self._client = client
        self._settings = settings

    def rows(self) -> dict[str, list[Row]]:
        """By post id; several where a copied row has no id of its own yet."""
        found: dict[str, list[Row]] = {}
        for row in read_csv(self._read(self._settings.posts_bucket, "posts.csv", refuse_long)):
            found.setdefault(row.post_id, []).append(row)
        return found

    def rulebook(self) -> Rulebook:
        text = self._read(self._settings.rules_bucket, "rules.txt").decode("utf-8", "replace")
        return usable_rules(text, default_zone=self._settings.tz_name)

    def image(self, name: str, md5: str) -> bytes:
        """The bytes with this MD5. ImageRefused when there are too many; Doubt when they are not mirrored yet, or not these."""
        content = self._read(self._settings.posts_bucket, f"images/{md5}", partial(refuse_heavy, name))
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
            raise Doubt(f"images/{md5} holds other bytes than its name says")
        return content

    def _read(self, bucket: str, key: str, refuse: Callable[[int], None] | None = None) -> bytes:
        """``refuse`` raises, before anything is read, for a length in bytes that is too much."""
        with translated(key):
            answer = self._client.get_object(Bucket=bucket, Key=key)
            if refuse is not None:
                refuse(answer["ContentLength"])
            content: bytes = answer["Body"].read()
        return content


def make_variants(
    plan: Plan, declared: Mapping[str, Declared], mirror: Mirror, cache: RenderCache | None = None
) -> dict[tuple[str, str], Variant | ImageRefused]:
    """Each of the post's images for each of its channels, or why not, by the image's and the channel's name.

    ``declared`` is what each channel's network takes, by the channel's name. Doubt when a file is needed that is not mirrored yet.
    """
    names = tuple(dict.fromkeys(plan.row.image_names))
    variants: dict[tuple[str, str], Variant | ImageRefused] = {}
    shapes: dict[str, Fraction] = {}
    for name in names:
        source = _Source(name, plan.row.images[name], mirror, cache)
        for channel, takes in declared.items():
            recipe = Recipe.of(takes, plan.row.image_focus.get(name, ""), shapes.get(channel))
            variant = variants[name, channel] = source.variant(recipe)
            if takes.one_ratio and len(names) > 1 and channel not in shapes and isinstance(variant, Variant):
                shapes[channel] = Fraction(variant.width_px, variant.height_px)
    return variants


class _Source:
    """One image of the owner's: read and decoded at most once, and only when some variant was not made before."""

    def __init__(self, name: str, md5: str, mirror: Mirror, cache: RenderCache | None) -> None:
        self._name = name
        self._md5 = md5
        self._mirror = mirror
        self._cache = cache
        self._picture: Picture | ImageRefused | None = None
        self._made: dict[Recipe, Variant | ImageRefused] = {}

    def variant(self, recipe: Recipe) -> Variant | ImageRefused:
        if recipe not in self._made:
            self._made[recipe] = self._cached(recipe) or self._fitted(recipe)
        return self._made[recipe]

    def _cached(self, recipe: Recipe) -> Variant | None:
        return self._cache.get(self._md5, recipe.key) if self._cache is not None else None

    def _fitted(self, recipe: Recipe) -> Variant | ImageRefused:
        if self._picture is None:
            self._picture = self._read()
        if isinstance(self._picture, ImageRefused):
            return self._picture
        try:
            variant = fit(self._picture, recipe)
        except ImageRefused as refusal:
            return refusal
        if self._cache is not None:
            self._cache.put(self._md5, recipe.key, variant)
        return variant

    def _read(self) -> Picture | ImageRefused:
        try:
            return read_picture(self._name, self._mirror.image(self._name, self._md5))
        except ImageRefused as refusal:
            return refusal
