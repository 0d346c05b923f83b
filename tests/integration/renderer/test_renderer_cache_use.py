"""The renderer and what it made before: variants are kept by image and recipe, and are only ever a shortcut."""

from __future__ import annotations

import hashlib
import io

from moto_mesh import MotoMesh
from PIL import Image
from renderer_desk import Desk


def picture() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).save(out, format="JPEG")
    return out.getvalue()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def kept(mesh: MotoMesh, bucket: str) -> list[str]:
    return [one["Key"] for one in mesh.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_variant_is_kept_once_for_all_networks_that_want_the_same(
    desk: Desk, mesh: MotoMesh, cache_bucket: str
) -> None:
    photo = picture()
    desk.has("p_1", images={"bun.jpg": photo}, alt="A bun", channels="bluesky-main, mastodon-main")
    desk.wants("p_1")
    assert desk.revision("p_1")
    assert {key.split("/")[0] for key in kept(mesh, cache_bucket)} == {md5(photo)}
    assert len(kept(mesh, cache_bucket)) == 2


def test_an_image_seen_before_is_not_read_again(desk: Desk, mesh: MotoMesh, cache_bucket: str) -> None:
    photo = picture()
    desk.has("p_1", images={"bun.jpg": photo}, alt="A bun")
    desk.wants("p_1")
    desk.has("p_2", images={"again.jpg": photo}, alt="The same bun")
    mesh.s3.delete_object(Bucket=mesh.posts_bucket, Key=f"images/{md5(photo)}")
    desk.wants("p_2")
    images = [
        mesh.packages.read(post_id, desk.revision(post_id)).channels["bluesky-main"].images[0]
        for post_id in ("p_1", "p_2")
    ]
    assert images[0].sha256 == images[1].sha256
    assert [image.source for image in images] == ["bun.jpg", "again.jpg"]


def test_a_spoilt_variant_is_made_again(desk: Desk, mesh: MotoMesh, cache_bucket: str) -> None:
    photo = picture()
    desk.has("p_1", images={"bun.jpg": photo}, alt="A bun")
    desk.wants("p_1")
    for key in kept(mesh, cache_bucket):
        mesh.s3.put_object(Bucket=cache_bucket, Key=key, Body=b"spoilt")
    desk.has("p_2", images={"bun.jpg": photo}, alt="A bun")
    desk.wants("p_2")
    image = mesh.packages.read("p_2", desk.revision("p_2")).channels["bluesky-main"].images[0]
    assert mesh.packages.image("p_2", desk.revision("p_2"), image.sha256) != b"spoilt"


def test_the_word_behind_a_name_reaches_the_folder_and_the_package(desk: Desk, mesh: MotoMesh) -> None:
    desk.has("p_1", images={"bun.jpg": picture()}, image="bun.jpg (top)", alt="A bun")
    desk.wants("p_1")
    manifest = mesh.packages.read("p_1", desk.revision("p_1"))
    assert [image.name for image in manifest.source_images] == ["bun.jpg"]
