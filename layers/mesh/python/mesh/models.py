"""What our pydantic models are made of."""

from __future__ import annotations

import threading
from typing import Any

from pydantic import BaseModel, ConfigDict

_BUILDING = threading.RLock()


class Deferred(BaseModel):
    """What reads and writes a model is built when that is first done: most of them a function never needs, and a cold start is short.

    One at a time, since functions have threads: of two that read the first of a kind together, pydantic's building fails one.
    """

    model_config = ConfigDict(hide_input_in_errors=True, defer_build=True)

    @classmethod
    def model_rebuild(cls, *, force: bool = False, **options: Any) -> bool | None:
        with _BUILDING:
            return super().model_rebuild(force=force, **options)
