"""Why a channel stops: apart from ``networks.model``, since whoever only tells of it needs nothing else of that."""

from __future__ import annotations

from enum import StrEnum


class Pause(StrEnum):
    """Why a channel as a whole must stop: nothing on it can be sent until a human or a probe mends it."""

    NONE = ""
    REAUTHORISE = "reauthorise"
    BILLING = "billing"
    API_VERSION = "api-version"
    MISMATCH = "mismatch"
