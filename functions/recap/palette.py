"""The colours of a recap's picture, and of the squares beside the channels' names that explain it. Pure.

In an order in which neighbours differ in lightness too, so that who tells few hues apart still sees where one ends; each at least 3:1
against the picture's own panel.
"""

from __future__ import annotations

SERIES = (
    "#0f6b4f",
    "#d0691b",
    "#2f5aa8",
    "#b5407c",
    "#8a7400",
    "#1b8a9c",
    "#5f3fb0",
    "#c0392b",
    "#5a8a1f",
    "#7a4a2b",
    "#7c6f9b",
    "#7d8886",
)
PANEL = "#ffffff"
WEEKEND = "#efebdf"
INK = "#1d2b2a"
FAINT = "#5b6b69"
LINE = "#d9e0dc"


def colour(series: int) -> str:
    """Of the series' number in the picture; the last for all that share it."""
    return SERIES[min(series, len(SERIES) - 1)]
