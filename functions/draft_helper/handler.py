"""Woken by its Function URL, by ``ss.draft.requested``, by the batch machine's steps and by its own sweep. Wires; decides nothing.

Each way has its module, imported where it is needed: the page needs neither the model nor the pictures.
"""

from __future__ import annotations

from typing import Any

from draft_helper.wiring import wire
from mesh.events import DraftRequested, parse


def handler(event: dict[str, Any], context: Any) -> Any:
    """A Function URL's answer, a step's result, or nothing. What could not be done now is raised, so that it is tried again."""
    if "requestContext" in event:
        from draft_helper import door

        return door.visit(event)
    if "step" in event:
        from draft_helper import batches

        return batches.step(wire(), event, context)
    if event.get("tick") == "drafts":
        from draft_helper import sweeping

        return sweeping.sweep(wire(), context)
    from draft_helper import drafting

    detail = parse(event, wire().bus.source)
    if not isinstance(detail, DraftRequested):
        raise TypeError(f"draft-helper is not woken by {detail.detail_type}")
    return drafting.requested(wire(), detail, context)
