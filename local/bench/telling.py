"""The table that a person reads, and what became better or worse since an earlier one. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from local.bench.figure import Figure

WIDTH = 100
_NAME = 58
_LEAST = 0.05  # what is measured differs by so much between two runs of the same code, however calm each was in itself


def table(figures: Mapping[str, Sequence[Figure]]) -> Iterator[str]:
    """By group; ``WIDTH`` wide at most."""
    yield f"{'':<{_NAME}}{'value':>10} {'floor':>9} {'ratio':>7} {'aim':>6}  met"
    for group, its in figures.items():
        yield group
        yield from (_line(figure) for figure in its)
    yield ""
    yield from verdict([figure for its in figures.values() for figure in its])


def _line(figure: Figure) -> str:
    name = textwrap.shorten(figure.name, _NAME - 3, placeholder="…")
    floor = "" if figure.floor is None else amount(figure.floor, figure.unit)
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}x"
    aim = "" if figure.aim is None else f"{figure.aim:g}"
    met = {None: "", True: "yes", False: "NO"}[figure.met]
    return (
        f"  {name:<{_NAME - 2}}{amount(figure.value, figure.unit):>10} {floor:>9} {ratio:>7} {aim:>6}  {met}".rstrip()
    )


def amount(value: float, unit: str) -> str:
    """Three digits and the unit, which is left out where the name says what is counted."""
    digits = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{digits} {unit}" if len(unit) <= 2 else digits


def verdict(figures: Sequence[Figure]) -> Iterator[str]:
    """How many aims are met, and each that is not."""
    aimed = [figure for figure in figures if figure.met is not None]
    missed = [figure for figure in aimed if not figure.met]
    yield f"{len(aimed) - len(missed)} of {len(aimed)} aims met"
    for figure in missed:
        yield f"  not met: {figure.name}, {figure.judged:.4g} for {figure.aim:g}"


def details(figure: Figure) -> Iterator[str]:
    """What lies behind a figure, under its name."""
    ratio = "" if figure.ratio is None else f", {figure.ratio:.2f}x of {amount(figure.floor or 0, figure.unit)}"
    whole = f"{figure.name}: {amount(figure.value, figure.unit)}{ratio}{figure.detail and f'; {figure.detail}'}"
    yield from textwrap.wrap(whole, WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)


def compared(earlier: Sequence[Figure], later: Sequence[Figure]) -> Iterator[str]:
    """What is better or worse beyond the noise of either, what is new, and what was not measured again."""
    before = {figure.name: figure for figure in earlier}
    told = {"worse": list[str](), "better": list[str](), "new": list[str](), "gone": list[str]()}
    for figure in later:
        old = before.pop(figure.name, None)
        if old is None or (old.unit, old.floor is None) != (figure.unit, figure.floor is None):
            told["new"].append(figure.name)
            continue
        change = figure.judged - old.judged
        if abs(change) > _noise(old, figure) * abs(old.judged):
            share = f" ({change / old.judged:+.0%})" if old.judged else ""
            mark = "x" if figure.ratio is not None else f" {figure.unit}"
            said = f"{figure.name}: {old.judged:.4g} -> {figure.judged:.4g}{mark}{share}"
            told["worse" if change > 0 else "better"].append(said)
    told["gone"] = list(before)
    for what, names in told.items():
        yield from (f"{what:<7} {name}" for name in names)
    if not any(told.values()):
        yield "nothing differs beyond noise"


def _noise(old: Figure, new: Figure) -> float:
    """0 for what is counted in both."""
    noise = max(old.noise, new.noise)
    return max(noise, _LEAST) if noise else 0.0
