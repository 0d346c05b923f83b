"""What somebody may have meant. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, alike: float = 0.6) -> str:
    """The known word most like it, or ""."""
    import difflib  # only a mistake needs it

    word = word[:40].lower()
    long_enough = [one for one in known if 2 * min(len(one), len(word)) >= alike * (len(one) + len(word))]
    close = difflib.get_close_matches(word, long_enough, n=1, cutoff=alike)
    return close[0] if close else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    known = list(known)
    close = nearest(word, known)
    return f"did you mean “{close}”?" if close else f"known are: {', '.join(known)}"
