"""What drive-sync says of the mirror it wrote: one item in ``ss-runtime`` without an end, ``MIRRORED``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mirrored:
    """``posts``, ``rules``: the versions that were written last. ``mended``: the damages, by name, after which it was written anew."""

    posts: str = ""
    rules: str = ""
    mended: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, item: Mapping[str, Any] | None) -> Mirrored:
        found = item or {}
        return cls(str(found.get("posts", "")), str(found.get("rules", "")), dict(found.get("mended", {})))

    def item(self) -> dict[str, Any]:
        return asdict(self)


def damages(scheduler: Mapping[str, Any] | None) -> dict[str, str]:
    """What the scheduler could not read, by name: another text for each time that it came upon it (``SCHEDULER_STATE``)."""
    found = (scheduler or {}).get("unreadable") or {}
    return {name: f"{one.get('version', '')} {one.get('since', '')}" for name, one in found.items()}
