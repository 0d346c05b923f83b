"""Packages: a revision is its content, and what is stored for it is checked at every reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws
from pydantic import ValidationError

from mesh.errors import Doubt, Unreachable
from mesh.packages import Manifest, PackageBroken, Packages, PackedChannel, PackedImage

BUCKET = "posts"
PICTURE = b"the bytes of a picture"
SHA256 = hashlib.sha256(PICTURE).hexdigest()
SOURCE = "5a" * 32


def manifest(text: str = "Zimtschnecken! 🥐", **changes: Any) -> Manifest:
    image = PackedImage(
        sha256=SHA256, mime="image/jpeg", size_bytes=len(PICTURE), width_px=4, height_px=3, alt="A bun – with crème"
    )
    channel = PackedChannel(
        network="bluesky",
        account="did:plc:cafe",
        host="https://bsky.example",
        text=text,
        payload={"record": {"text": text, "facets": [{"index": {"byteStart": 0}}], "reply": None, "sure": True}},
        images=(image,),
    )
    return Manifest(
        **{
            "post_id": "p_1",
            "source_revision": SOURCE,
            "planned_at": "2027-03-26T08:00:00+00:00",
            "time_zone": "Europe/Berlin",
            "channels": {"bluesky-main": channel},
            **changes,
        }
    )


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def packages(s3: Any) -> Packages:
    return Packages(s3, BUCKET)


class Failing:
    """An S3 that fails each call with the one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_object(self, **_: Any) -> Any:
        raise self._error

    put_object = get_object


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "GetObject")


@pytest.mark.parametrize(
    "changes",
    [
        {"post_id": "p_2"},
        {"source_revision": "6b" * 32},
        {"planned_at": "2027-03-26T08:01:00+00:00"},
        {"time_zone": "Europe/Paris"},
        {"link": "https://cafe.example"},
        {"channels": {}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_revision_differs_with_each_thing_an_approval_binds(changes: dict[str, Any]) -> None:
    assert manifest(**changes).revision != manifest().revision


def test_the_revision_differs_with_a_channels_text() -> None:
    assert manifest("Zimtschnecken!").revision != manifest().revision


def test_the_revision_does_not_depend_on_the_order_of_channels() -> None:
    one = manifest().channels["bluesky-main"]
    assert manifest(channels={"a": one, "b": one}).revision == manifest(channels={"b": one, "a": one}).revision


def test_a_manifest_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        manifest().post_id = "p_2"  # type: ignore[misc]


def test_what_was_written_is_read_back_whole(packages: Packages) -> None:
    revision = packages.write(manifest(), {SHA256: PICTURE})
    assert revision == manifest().revision
    found = packages.read("p_1", revision)
    assert (found.canonical(), found.revision) == (manifest().canonical(), revision)
    assert packages.read("p_1", revision).revision == revision
    assert packages.image("p_1", revision, SHA256) == PICTURE


def test_a_channels_rendition_comes_back_as_the_network_composed_it(packages: Packages) -> None:
    revision = packages.write(manifest(), {SHA256: PICTURE})
    rendition = packages.read("p_1", revision).channels["bluesky-main"].rendition()
    assert rendition.payload == manifest().channels["bluesky-main"].payload
    assert (rendition.images[0].sha256, rendition.images[0].alt) == (SHA256, "A bun – with crème")


def test_a_source_names_its_revision_once_rendered(packages: Packages) -> None:
    assert packages.revision_of("p_1", SOURCE) is None
    revision = packages.write(manifest(), {SHA256: PICTURE})
    assert packages.revision_of("p_1", SOURCE) == revision
    assert packages.revision_of("p_2", SOURCE) is None


def test_the_first_rendering_of_a_source_stands(packages: Packages, s3: Any) -> None:
    first = packages.write(manifest(), {SHA256: PICTURE})
    assert packages.write(manifest("As a later version would have it"), {SHA256: PICTURE}) == first
    assert packages.revision_of("p_1", SOURCE) == first


def test_the_source_is_named_last_so_that_half_a_package_is_none(s3: Any) -> None:
    class Breaking:
        def put_object(self, **request: Any) -> Any:
            if request["Key"].endswith("manifest.json"):
                raise EndpointConnectionError(endpoint_url="https://s3.example")
            return s3.put_object(**request)

        def get_object(self, **request: Any) -> Any:
            return s3.get_object(**request)

    with pytest.raises(Unreachable):
        Packages(Breaking(), BUCKET).write(manifest(), {SHA256: PICTURE})
    assert Packages(s3, BUCKET).revision_of("p_1", SOURCE) is None


def test_other_image_bytes_are_a_broken_package(packages: Packages, s3: Any) -> None:
    revision = packages.write(manifest(), {SHA256: PICTURE})
    s3.put_object(Bucket=BUCKET, Key=f"packages/p_1/{revision}/{SHA256}", Body=PICTURE + b"!")
    with pytest.raises(PackageBroken):
        packages.image("p_1", revision, SHA256)


def test_another_manifest_is_a_broken_package(packages: Packages, s3: Any) -> None:
    revision = packages.write(manifest(), {SHA256: PICTURE})
    other = manifest("Buy something else").canonical()
    s3.put_object(Bucket=BUCKET, Key=f"packages/p_1/{revision}/manifest.json", Body=other)
    with pytest.raises(PackageBroken):
        packages.read("p_1", revision)


def test_a_missing_manifest_or_image_is_a_broken_package(packages: Packages) -> None:
    with pytest.raises(PackageBroken):
        packages.read("p_1", "00" * 32)
    with pytest.raises(PackageBroken):
        packages.image("p_1", "00" * 32, SHA256)


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "AccessDenied", "NoSuchBucket"])
def test_what_cannot_be_read_now_is_a_doubt_and_no_missing_package(code: str) -> None:
    packages = Packages(Failing(refused(code)), BUCKET)
    for look in (
        lambda: packages.read("p_1", "r"),
        lambda: packages.image("p_1", "r", SHA256),
        lambda: packages.revision_of("p_1", SOURCE),
        lambda: packages.write(manifest(), {}),
    ):
        with pytest.raises(Doubt, match=code):
            look()


def test_a_source_named_by_nobody_after_a_refused_write_is_a_doubt(s3: Any) -> None:
    class Contended:
        def put_object(self, **request: Any) -> Any:
            if "IfNoneMatch" in request:
                raise refused("ConditionalRequestConflict")
            return s3.put_object(**request)

        def get_object(self, **request: Any) -> Any:
            return s3.get_object(**request)

    with pytest.raises(Doubt, match="being written"):
        Packages(Contended(), BUCKET).write(manifest(), {SHA256: PICTURE})


EARLIER = {
    1: "4d48dedd2b75c3eebe2c88ea73840d69e678988d0b8185cd7f18bc63fa45adef",
    2: "74855c0c76191ad3e01c78589aa166f2ae7650a020661faa109d36c31a561edd",
    3: "250d5926294f2f013c952c0bebced578559e5293f50bb79638a7f1c809dd178b",
}
"""By format, the revision of the package that the first code of that format wrote."""


@pytest.mark.parametrize(("number", "revision"), EARLIER.items())
def test_a_package_of_an_earlier_format_is_what_it_was_when_it_was_approved(
    packages: Packages, s3: Any, number: int, revision: str
) -> None:
    """Its revision is that of its bytes, not of what is written today."""
    stored = (Path(__file__).parent / f"package_format_{number}.json").read_bytes()
    s3.put_object(Bucket=BUCKET, Key=f"packages/p_7k2m9x4q1z/{revision}/manifest.json", Body=stored)
    found = packages.read("p_7k2m9x4q1z", revision)
    assert (found.format, found.revision) == (number, revision)
    channel = found.channels["mastodon-main"]
    rendition = channel.rendition()
    assert rendition.text == "Zimtschnecken! 🥐"
    assert [image.alt for image in rendition.uploads] == ["Zimtschnecken auf einem Blech"]
    assert (channel.measure is not None, bool(found.left_out)) == (number > 1, number > 1)


def test_every_format_that_was_ever_written_is_kept() -> None:
    assert set(EARLIER) == set(range(1, manifest().format + 1)), "see docs/upgrading.md"
