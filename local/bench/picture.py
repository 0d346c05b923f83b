"""Where the time of each cold start goes, as bars in ``docs/performance.md``: ``python -m local bench --picture``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from local import ROOT
from local.bench.cold import laid_out
from local.bench.shipped import Shipped

PAGE = ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- picture: python -m local bench --picture -->", "<!-- end of picture -->"
_MS_A_LETTER = 10

PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "S": ("Python's standard library", ()),
    "A": ("the AWS SDK", ("boto3", "botocore", "s3transfer", "urllib3", "jmespath", "dateutil", "six", "certifi")),
    "P": ("pydantic", ("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection")),
    "W": ("Powertools", ("aws_lambda_powertools",)),
    "H": ("the HTTP client", ("httpx", "httpcore", "h11", "anyio", "idna")),
    "O": ("other packages", ()),
    "M": ("mesh and networks", ("mesh", "networks")),
    "F": ("the function's own folder", ()),
    "c": ("making the clients", ()),
}
"""By letter, in the order of a bar: what it is, and whose modules. What is left out of all is ``O``."""


def write_picture() -> None:
    """The page between its marks, from one cold start of each function here and now."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text("\n".join([before + _BEGIN, *_lines(), _END + after]), "utf-8")


def _lines() -> Iterator[str]:
    yield ""
    yield f"One letter is {_MS_A_LETTER} ms of processor time, imports compiled before: {_legend()}."
    yield ""
    yield "```"
    with laid_out() as starts:
        for function in starts.functions:
            starts.ours(function)
            told = starts.ours(function, PICTURE="1")
            yield bar(function.name, parts(function, told["own_ms"], told["cpu_ms"]))
    yield "```"
    yield ""


def _legend() -> str:
    return ", ".join(f"`{letter}` {what}" for letter, (what, _) in PARTS.items())


def parts(function: Shipped, own_ms: Mapping[str, float], cpu_ms: float) -> dict[str, float]:
    """Milliseconds by letter; all that no module's import took is the clients'."""
    letters = {name: letter for letter, (_, names) in PARTS.items() for name in names} | {function.package: "F"}
    found = dict.fromkeys(PARTS, 0.0)
    for module, took_ms in own_ms.items():
        top = module.partition(".")[0]
        found["S" if top in sys.stdlib_module_names else letters.get(top, "O")] += took_ms
    found["c"] = max(0.0, cpu_ms - sum(own_ms.values()))
    return found


def bar(name: str, found: Mapping[str, float]) -> str:
    """Rounded so that the whole is as long as the sum."""
    drawn, ends_at = "", 0.0
    for letter, took_ms in found.items():
        ends_at += took_ms / _MS_A_LETTER
        drawn += letter * (round(ends_at) - len(drawn))
    return f"{name:<16} {drawn} {sum(found.values()):.0f} ms"
