"""Errors as LinkedIn's API words them: ``{status, message, code or serviceErrorCode}``."""

from __future__ import annotations

from typing import Any

from local.networks.web import Answer, as_json


class RefusedError(Exception):
    """A request that gets an error. ``told`` are its further fields."""

    def __init__(self, status: int, code: str, message: str, **told: Any) -> None:
        super().__init__(message)
        named = {"code": code} if code else {}
        self.answer: Answer = as_json({"status": status, **named, "message": message, **told}, status)


def no_access(what: str) -> RefusedError:
    return RefusedError(403, "ACCESS_DENIED", f"Not enough permissions to access: {what}", serviceErrorCode=100)


def bad_field(path: str, why: str) -> RefusedError:
    """As the schema check words it."""
    return RefusedError(422, "", f"ERROR :: {path} :: {why}\n")
