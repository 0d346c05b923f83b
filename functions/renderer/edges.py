"""The mirror in S3, as the renderer reads it, and the pictures made from it."""

from __future__ import annotations

import hashlib
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

import networks
from mesh.errors import Doubt, Unreachable
from mesh.posts import Plan, Row, read_csv
from mesh.rulebook import Rulebook, parse_rules
from renderer.decide import networks_of
from renderer.images import SOURCE_LIMIT_BYTES, ImageRefused, Picture, Variant, fit, read_picture, too_heavy
from renderer.settings import RendererSettings


class Mirror:
    """What drive-sync keeps in S3 of the sheet, the rules doc and the folder. Doubt when it cannot be read now."""

    def __init__(self, client: Any, settings: RendererSettings) -> None:
        self._client = client
        self._settings = settings

    def rows(self) -> dict[str, list[Row]]:
        """By post id; several where a copied row has no id of its own yet."""
        found: dict[str, list[Row]] = {}
        for row in read_csv(self._read(self._settings.posts_bucket, "posts.csv")):
            found.setdefault(row.post_id, []).append(row)
        return found

    def rulebook(self) -> Rulebook:
        text = self._read(self._settings.rules_bucket, "rules.txt").decode("utf-8", "replace")
        return parse_rules(text, default_zone=self._settings.tz_name)[0]

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


def make_variants(plan: Plan, mirror: Mirror) -> dict[tuple[str, str], Variant | ImageRefused]:
    """Each of the post's images for each of its networks, or why not. Doubt when a file is not mirrored yet."""
    wanted = networks_of(plan)
    variants: dict[tuple[str, str], Variant | ImageRefused] = {}
    for name in plan.row.image_names if wanted else ():
        md5 = plan.row.images[name]
        if (md5, wanted[0]) in variants:
            continue
        picture = _picture(name, md5, mirror)
        for network in wanted:
            variants[md5, network] = picture if isinstance(picture, ImageRefused) else _fitted(picture, network)
    return variants


def _picture(name: str, md5: str, mirror: Mirror) -> Picture | ImageRefused:
    try:
        return read_picture(name, mirror.image(name, md5))
    except ImageRefused as refusal:
        return refusal


def _fitted(picture: Picture, network: str) -> Variant | ImageRefused:
    try:
        return fit(picture, networks.network(network).declared)
    except ImageRefused as refusal:
        return refusal
