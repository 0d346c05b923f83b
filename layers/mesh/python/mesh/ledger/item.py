"""What every item in the tables is. Pure."""

from __future__ import annotations

from pydantic import ConfigDict

from mesh.models import Deferred


class Item(Deferred):
    """Frozen; times are ISO 8601 in UTC, as they stand in the table. Unknown attributes are of a later version: ignored.

    Most items are parts of others, which know how to read them; what reads one alone is made when that is first done.
    """

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")
