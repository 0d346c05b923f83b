"""PLACEHOLDER."""

from __future__ import annotations


def sentence(error: Exception) -> str:
    return f"The model did not answer ({type(error).__name__}). Please try again later."
