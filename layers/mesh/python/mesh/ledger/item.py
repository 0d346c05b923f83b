"""What every item in the tables is. Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Item(BaseModel):
    """Frozen; times are ISO 8601 in UTC, as they stand in the table. Unknown attributes are of a later version: ignored."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")
