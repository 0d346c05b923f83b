"""What is wrong with a row before the mesh has made anything of it: by the product's own rules and limits. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from mesh.fitting import alt_texts, composer_of, problems_of
from mesh.ledger.items import ChannelProblem
from mesh.posts import COLUMNS, OVERRIDE_PREFIX, Plan, Row, plan_row
from mesh.rulebook import Channel, Rulebook

_COLUMN_OF = {
    "too-long": "text",
    "empty": "text",
    "near-duplicate": "text",
    "unseen-signs": "text",
    "look-alike": "text",
    "past": "date",
}
_BY_START = {"alt": "alt text", "image": "image", "link": "link", "tags": "text", "mention": "text"}
_TIMES = ("clash", "clock-change", "moved", "never")


def judge(row: Row, rulebook: Rulebook) -> tuple[ChannelProblem, ...]:
    """Every problem of the row itself; where it has none, what each network would say of its words, by its usual limits."""
    plan = plan_row(row, rulebook)
    if not isinstance(plan, Plan):
        return plan
    try:
        alts = alt_texts(row.alt, len(row.image_names))
    except ValueError as error:
        return (ChannelProblem(code="alt-too-many", message=str(error)),)
    found = [
        ChannelProblem(channel=channel.name, code=problem.code, message=problem.message)
        for channel in plan.channels
        for problem in _fits(channel, _limits(rulebook, channel), row.text_for(channel), row.link, alts)
    ]
    return tuple(dict.fromkeys(found))


def told(problem: ChannelProblem, header: Iterable[str] = COLUMNS, *, remark: bool = False) -> dict[str, Any]:
    """As the page lists it: ``what`` is wrong and the ``fix``, the ``column`` to mend it in, ``remark`` where it keeps nothing back."""
    what, _, fix = problem.message.partition("; ")
    column, _, rest = what.partition(": ")
    if column in COLUMNS:
        what = rest
    else:
        column = _COLUMN_OF.get(problem.code) or _BY_START.get(problem.code.partition("-")[0], "")
        column = "time" if problem.code in _TIMES else column
    own = f"{OVERRIDE_PREFIX}{problem.channel}"
    if column == "text" and problem.channel and own in {name.strip().lower() for name in header}:
        column = own
    return {"column": column, "channel": problem.channel, "what": what, "fix": fix, "remark": remark}


def _limits(rulebook: Rulebook, channel: Channel) -> tuple[tuple[Any, int], ...]:
    return tuple(rulebook.limits.get(channel.network, {}).items())


@lru_cache(maxsize=20_000)
def _fits(
    channel: Channel, limits: tuple[tuple[Any, int], ...], text: str, link: str, alts: tuple[str, ...]
) -> tuple[Any, ...]:
    """Remembered: of hundreds of rows one has changed since the last look."""
    rulebook = Rulebook("UTC", limits={channel.network: dict(limits)})
    return problems_of(composer_of(channel, rulebook), text, link, alts)


def with_images(row: Row, files: Mapping[str, str]) -> dict[str, str]:
    """The hash of each picture that the row names and the folder has: ``files`` are names and hashes."""
    return {name: files[name] for name in row.image_names if name in files}
