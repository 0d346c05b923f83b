"""Items as dicts and as DynamoDB's attribute values. What our items hold is packed here; whatever else there is boto3 knows.

Its own serializer asks of every value what it is not before it finds what it is: five times the work, in every item of every call.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def pack(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that are None are left out: a sparse index holds no NULL."""
    return {name: _packed(value) for name, value in item.items() if value is not None}


def unpack(item: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as whole ones, whatever comes after their point."""
    return {name: _unpacked(value) for name, value in item.items()}


def _packed(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is bool:
        return {"BOOL": value}
    if kind is int:
        return {"N": str(value)}
    if kind is dict:
        return {"M": {name: _packed(part) for name, part in value.items()}}
    if kind is list or kind is tuple:
        return {"L": [_packed(part) for part in value]}
    return _serialize(value)


def _unpacked(value: Mapping[str, Any]) -> Any:
    ((kind, held),) = value.items()
    if kind in {"S", "BOOL"}:
        return held
    if kind == "N":
        return int(Decimal(held))
    if kind == "M":
        return {name: _unpacked(part) for name, part in held.items()}
    if kind == "L":
        return [_unpacked(part) for part in held]
    return _deserialize(value)
