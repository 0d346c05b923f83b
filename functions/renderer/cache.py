"""Variants made before, in S3: ``<image md5>/<recipe key>``. Only ever a shortcut: whatever goes wrong with it, the variant is made."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from mesh.packages import PackedCut
from renderer.images import Variant


class RenderCache:
    """``bucket`` is ``ss-render-cache``."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, md5: str, recipe_key: str) -> Variant | None:
        """None where there is none, or one that is not what it says, or it cannot be read now."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=_key(md5, recipe_key))
            facts = answer["Metadata"]
            cut = facts.get("cut", "")
            variant = Variant(
                content=answer["Body"].read(),
                mime=answer["ContentType"],
                width_px=int(facts["width-px"]),
                height_px=int(facts["height-px"]),
                cut=PackedCut.model_validate_json(cut) if cut else None,
            )
        except (ClientError, BotoCoreError, LookupError, ValueError, ValidationError):
            return None
        return variant if variant.sha256 == facts.get("sha256") else None

    def put(self, md5: str, recipe_key: str, variant: Variant) -> None:
        facts = {
            "sha256": variant.sha256,
            "width-px": str(variant.width_px),
            "height-px": str(variant.height_px),
            "cut": variant.cut.model_dump_json() if variant.cut is not None else "",
        }
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=_key(md5, recipe_key),
                Body=variant.content,
                ContentType=variant.mime,
                Metadata=facts,
            )
        except (ClientError, BotoCoreError):
            return


def _key(md5: str, recipe_key: str) -> str:
    return f"{md5}/{recipe_key}"
