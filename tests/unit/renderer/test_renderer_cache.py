"""The render cache: what was made before is found again, and nothing that goes wrong with it is ever noticed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from moto import mock_aws

from mesh.packages import PackedCut
from renderer.cache import RenderCache
from renderer.images import Variant

BUCKET, MD5, KEY = "ss-render-cache-000000000000", "0f" * 16, "5a" * 32
VARIANT = Variant(b"the bytes of a picture", "image/jpeg", 4, 3, PackedCut(top=148, bottom=148))
REFUSED = ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")
UNREACHABLE = EndpointConnectionError(endpoint_url="https://s3.example")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.mark.parametrize("variant", [VARIANT, Variant(b"", "image/png", 1, 1)])
def test_a_variant_is_found_again_as_it_was(s3: Any, variant: Variant) -> None:
    cache = RenderCache(s3, BUCKET)
    assert cache.get(MD5, KEY) is None
    cache.put(MD5, KEY, variant)
    assert cache.get(MD5, KEY) == variant


def test_another_picture_and_another_recipe_are_others(s3: Any) -> None:
    cache = RenderCache(s3, BUCKET)
    cache.put(MD5, KEY, VARIANT)
    assert cache.get("1f" * 16, KEY) is None
    assert cache.get(MD5, "6a" * 32) is None


@pytest.mark.parametrize(
    "change",
    [
        {"Body": b"other bytes"},
        {"Metadata": {}},
        {"Metadata": {"sha256": VARIANT.sha256, "width-px": "four", "height-px": "3", "cut": ""}},
        {"Metadata": {"sha256": VARIANT.sha256, "width-px": "4", "height-px": "3", "cut": "half of it"}},
    ],
)
def test_what_is_not_what_it_says_counts_as_absent(s3: Any, change: dict[str, Any]) -> None:
    cache = RenderCache(s3, BUCKET)
    cache.put(MD5, KEY, VARIANT)
    (key,) = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    stored = s3.get_object(Bucket=BUCKET, Key=key)
    s3.put_object(
        Bucket=BUCKET,
        Key=key,
        **{
            "Body": stored["Body"].read(),
            "Metadata": stored["Metadata"],
            "ContentType": stored["ContentType"],
            **change,
        },
    )
    assert cache.get(MD5, KEY) is None


@pytest.mark.parametrize("error", [REFUSED, UNREACHABLE])
def test_a_cache_that_fails_is_as_one_that_is_empty(error: Exception) -> None:
    class Failing:
        def get_object(self, **_: Any) -> Any:
            raise error

        put_object = get_object

    cache = RenderCache(Failing(), BUCKET)
    cache.put(MD5, KEY, VARIANT)
    assert cache.get(MD5, KEY) is None


def test_a_body_that_breaks_off_counts_as_absent() -> None:
    class Body(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise ReadTimeoutError(endpoint_url="https://s3.example")

    class Breaking:
        def get_object(self, **_: Any) -> Any:
            facts = {"sha256": VARIANT.sha256, "width-px": "4", "height-px": "3", "cut": ""}
            return {"Body": Body(), "ContentType": "image/jpeg", "Metadata": facts}

    assert RenderCache(Breaking(), BUCKET).get(MD5, KEY) is None
