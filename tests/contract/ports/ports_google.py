"""Google's side on this computer, as a fixture gives it to the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass
class LocalGoogle:
    """Google's side on this computer: the service account's document and the owner's own door."""

    document: dict[str, Any]
    ready: dict[str, Any]
    owner: httpx.Client
