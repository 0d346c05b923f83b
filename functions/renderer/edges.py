"""The mirror in S3, as the renderer reads it, and the pictures made from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh.errors import Doubt, Unreachable
from mesh.objects import opened
from mesh.posts import Plan, Row
from mesh.posts_csv import read_csv, refuse_long
from mesh.rulebook import Rulebook, fatal_in, parse_rules
from networks.model import Declared
from renderer.cache import RenderCache
from renderer.fitting import fit
from renderer.images import ImageRefused, Picture, Variant
from renderer.reading import SOURCE_LIMIT_BYTES, read_picture, too_heavy
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
        with opened(self._client, self._settings.posts_bucket, "posts.csv") as mirror:
            if mirror is None:
                raise Doubt("S3 posts.csv: there is none")
            refuse_long(mirror.length_bytes)
            for row in read_csv(mirror.stream.read()):
                found.setdefault(row.post_id, []).append(row)
        return found

    def rulebook(self) -> Rulebook:
        text = self._read(self._settings.rules_bucket, "rules.txt").decode("utf-8", "replace")
        rulebook, problems = parse_rules(text, default_zone=self._settings.tz_name)
        if fatal_in(problems):
            raise Doubt("rules.txt names no time zone that is known here")
        return rulebook

    def image(self, name: str, md5: str) -> bytes:
        """The bytes with this MD5. ImageRefused when there are too many; Doubt when they are not mirrored yet, or not these."""
        content = self._read(self._settings.posts_bucket, f"images/{md5}", name)
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
            raise Doubt(f"images/{md5} holds other bytes than its name says")
        return content

    def _read(self, bucket: str, key: str, image_name: str = "") -> bytes:
        try:
            answer = self._client.get_object(Bucket=bucket, Key=key)
            if image_name and answer["ContentLength"] > SOURCE_LIMIT_BYTES:
                raise too_heavy(image_name, answer["ContentLength"])
            content: bytes = answer["Body"].read()
        except ClientError as error:
            raise Doubt(f"S3 {key}: {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise Unreachable(f"S3 {key}: {type(error).__name__}") from error
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
