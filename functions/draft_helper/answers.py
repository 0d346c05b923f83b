"""PLACEHOLDER."""

from __future__ import annotations


class Malformed(Exception):
    """The answer has another shape than was asked for."""
