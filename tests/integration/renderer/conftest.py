"""``desk``: a furnished stack with rules, at ``NOW``, with nobody outside to ask; ``cache_bucket``: where variants are kept."""

from __future__ import annotations

import pytest
from memory.outside import QuietOutside
from moto_mesh import CACHE_BUCKET, REGION, MotoMesh
from renderer_desk import NOW, RULES, Desk


@pytest.fixture
def desk(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("renderer.handler.Servers", lambda *_: QuietOutside())
    mesh.put_rules(RULES)
    mesh.turn_clock(NOW)
    return Desk(mesh)


@pytest.fixture
def cache_bucket(mesh: MotoMesh) -> str:
    if CACHE_BUCKET not in {bucket["Name"] for bucket in mesh.s3.list_buckets()["Buckets"]}:
        mesh.s3.create_bucket(Bucket=CACHE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return CACHE_BUCKET
