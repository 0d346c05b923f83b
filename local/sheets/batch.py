"""spreadsheets.batchUpdate: all of its requests take effect, or none does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.sheets import batch_cells, batch_furniture, batch_structure
from local.sheets.wire import GoogleError, Json, invalid
from local.sheets.workbook import Workbook

Handler = Callable[[Workbook, Json], Json | None]

HANDLERS: dict[str, Handler] = {**batch_structure.HANDLERS, **batch_cells.HANDLERS, **batch_furniture.HANDLERS}


def apply(workbook: Workbook, requests: list[Json]) -> tuple[Workbook, list[Json]]:
    """The changed copy of the workbook and one reply per request; the workbook given is left as it was."""
    changed = workbook.copied()
    replies: list[Json] = []
    for index, request in enumerate(requests):
        name, body = _only_kind(request, index)
        handler = HANDLERS.get(name)
        if handler is None:
            raise GoogleError(501, f"Invalid requests[{index}].{name}: not supported by the local server.")
        try:
            reply = handler(changed, body)
        except GoogleError as error:
            raise GoogleError(error.code, f"Invalid requests[{index}].{name}: {error.message}") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise invalid(f"Invalid requests[{index}].{name}: {type(error).__name__} {error}") from error
        replies.append({name: reply} if reply is not None else {})
    return changed, replies


def _only_kind(request: Json, index: int) -> tuple[str, Json]:
    given = {name: body for name, body in request.items() if body is not None} if isinstance(request, dict) else {}
    if len(given) != 1:
        raise invalid(f"Invalid requests[{index}]: exactly one kind of request must be set.")
    (name, body), *_ = given.items()
    if not isinstance(body, dict):
        raise invalid(f"Invalid value at 'requests[{index}].{name}'")
    return name, _without_nulls(body)


def _without_nulls(value: Any) -> Any:
    """A null field is an absent one, at any depth; gspread sends some."""
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value
