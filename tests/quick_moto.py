"""moto without what it does over and over again in every call; its answers are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import moto.core.models
from moto.core.serialize import AttributePicker, AttributePickerContext

_KINDS = frozenset(("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"))
_pick = AttributePicker.__call__
# A thousand patterns of addresses that moto hangs up for each test anew, and the same ones each time.
_callback = cache(moto.core.models.CallbackResponse)


@contextmanager
def quickened() -> Iterator[None]:
    """Around ``mock_aws``."""
    with (
        patch.object(moto.core.models, "CallbackResponse", _callback),
        patch.object(AttributePicker, "__call__", _picked),
    ):
        yield


def _picked(picker: AttributePicker, context: AttributePickerContext) -> Any:
    """A value of DynamoDB's is of one kind, and moto would look for the nine others under every name that they might have."""
    value = context.obj
    if type(value) is dict and len(value) == 1 and context.key in _KINDS and next(iter(value)) in _KINDS:
        return value.get(context.key)
    return _pick(picker, context)
