"""moto, and the clients before it, without what they do over and over again in every call; their answers are the same."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import botocore.useragent
import moto.core.models
import moto.core.responses
from moto.core.serialize import AttributePicker, AttributePickerContext, BaseJSONSerializer

_TEXTS, _AS_IT_IS = frozenset(("S", "N")), frozenset(("BOOL", "NULL"))
_KINDS = _TEXTS | _AS_IT_IS | {"B", "SS", "NS", "BS", "M", "L"}
_pick = AttributePicker.__call__
_serialize = BaseJSONSerializer._serialize_type_structure

# A thousand patterns of addresses that moto hangs up for each test anew, and the same ones each time.
_callback = cache(moto.core.models.CallbackResponse)
# Every name that a service's class has, for each request.
_methods = cache(moto.core.responses.method_names_from_class)
# What the SDK says of itself, sign by sign, for each request.
_sanitised = cache(botocore.useragent.sanitize_user_agent_string_component)
# Reading the certificates of the whole world, for each client.
_tls = cache(ssl.create_default_context)


@contextmanager
def quickened() -> Iterator[None]:
    """Around ``mock_aws``."""
    with ExitStack() as patches:
        for where, name, quick in (
            (moto.core.models, "CallbackResponse", _callback),
            (moto.core.responses, "method_names_from_class", _methods),
            (botocore.useragent, "sanitize_user_agent_string_component", _sanitised),
            (ssl, "create_default_context", _tls),
            (AttributePicker, "__call__", _picked),
            (BaseJSONSerializer, "_serialize_type_structure", _serialized),
        ):
            patches.enter_context(patch.object(where, name, quick))
        yield


def _picked(picker: AttributePicker, context: AttributePickerContext) -> Any:
    """A value of DynamoDB's is of one kind, and moto would look for the nine others under every name that they might have."""
    value = context.obj
    if type(value) is dict and len(value) == 1 and context.key in _KINDS and next(iter(value)) in _KINDS:
        return value.get(context.key)
    return _pick(picker, context)


class _OtherKind(Exception):
    """A value that is not told in the plain way."""


def _serialized(serializer: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """A value of DynamoDB's goes out as it is kept: member by member it takes a third of a call."""
    if key and shape.name == "AttributeValue":
        try:
            serialized[key] = _told(value)
        except _OtherKind:
            _serialize(serializer, serialized, value, shape, key)
        return
    _serialize(serializer, serialized, value, shape, key)


def _told(value: Any) -> dict[str, Any]:
    if type(value) is not dict or len(value) != 1:
        raise _OtherKind
    ((kind, content),) = value.items()
    if kind in _TEXTS:
        return {kind: str(content)}
    if kind in _AS_IT_IS:
        return {kind: content}
    if kind == "M" and type(content) is dict:
        return {kind: {name: _told(one) for name, one in content.items()}}
    if kind == "L" and type(content) is list:
        return {kind: [_told(one) for one in content]}
    raise _OtherKind
