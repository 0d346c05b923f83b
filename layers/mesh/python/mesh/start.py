"""A cold start without Python's search for cycles: an eighth of its time, and it finds next to nothing in what is being imported."""

from __future__ import annotations

import gc

_OBJECTS = 250_000
"""More than the largest function makes in a cold start: 201 searches after 700 each, measured over the sender's."""


def search_for_cycles_later() -> None:
    """From its first line on, a function's package has Python look for unreachable cycles only once it holds so many objects more.

    What there is by then stays as long as the process and is never searched (``gc.freeze``); the search goes on as Python has it.
    """
    usual = gc.get_threshold()
    if usual[0] >= _OBJECTS:
        return

    def freeze(phase: str, info: dict[str, int]) -> None:
        gc.callbacks.remove(freeze)
        gc.freeze()
        gc.set_threshold(*usual)

    gc.callbacks.append(freeze)
    gc.set_threshold(_OBJECTS, *usual[1:])
