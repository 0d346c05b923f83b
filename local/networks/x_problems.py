"""X's errors: problems as its OpenAPI document has them, those its servers send besides, and the token endpoint's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local.networks.web import Answer

PROBLEMS = "https://api.x.com/2/problems/"


class RefusedError(Exception):
    """A request that gets a problem."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def invalid(parameter: str, detail: str) -> RefusedError:
    """400 with the document's ``InvalidRequestProblem``."""
    return _problem(400, "Invalid Request", detail, f"{PROBLEMS}invalid-request", parameter=parameter)


def not_found(resource_type: str, resource_id: str) -> dict[str, Any]:
    """The document's ``ResourceNotFoundProblem``, as it stands in ``errors``."""
    return {
        "type": f"{PROBLEMS}resource-not-found",
        "title": "Not Found Error",
        "detail": f"There is no {resource_type} with id {resource_id}.",
        "resource_type": resource_type,
        "resource_id": resource_id,
        "parameter": "id",
        "value": resource_id,
    }


def plain(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    """A problem of no type of its own (``about:blank``): 401, 403 and 429 come so, which the document leaves out."""
    return _problem(status, title, detail, "about:blank", headers)


def no_credit() -> RefusedError:
    """402, its type not in the document either."""
    return _problem(402, "CreditsDepleted", "The account has no credits left for this request.", f"{PROBLEMS}credits")


def oauth(status: int, error: str, description: str) -> Answer:
    """What the token endpoint answers (RFC 6749, 5.2)."""
    return Answer(status, json.dumps({"error": error, "error_description": description}).encode())


def _problem(
    status: int, title: str, detail: str, kind: str, headers: Mapping[str, str] | None = None, **more: str
) -> RefusedError:
    body = {"type": kind, "title": title, "detail": detail, "status": status, **more}
    return RefusedError(Answer(status, json.dumps(body).encode(), "application/problem+json", headers or {}))
