"""Reads a function's environment into one frozen model that names what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Self

from pydantic import ConfigDict, ValidationError

from mesh.errors import Misconfigured
from mesh.models import Deferred


class Settings(Deferred):
    """The base of every function's settings: a field ``posts_bucket`` is read from ``POSTS_BUCKET``."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    prefix: str = "ss"
    tz_name: str

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Misconfigured names every variable that is missing or wrong."""
        env = os.environ if environment is None else environment
        values = {name: env[name.upper()] for name in cls.model_fields if env.get(name.upper())}
        try:
            return cls(**values)
        except ValidationError as error:
            names = ", ".join(str(part["loc"][0]).upper() for part in error.errors())
            raise Misconfigured(f"the function's environment lacks or has a wrong value for: {names}") from error
