"""What docs/drafting.md says of drafts is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from draft_helper import guards
from draft_helper.asked import MOST_DAYS, MOST_POSTS, Asked
from draft_helper.brief import NOTE_CHARACTERS
from draft_helper.business import POSTS
from draft_helper.guard_repeats import LOOKED_BACK

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = " ".join((DOCS / "drafting.md").read_text("utf-8").split())
SOURCE = Path(guards.__file__).read_text("utf-8")


def test_every_mark_stands_in_the_table() -> None:
    table = set(re.findall(r"`([a-z-]+)`", PAGE))
    given = (
        set(re.findall(r'_mark\("([a-z-]+)"', SOURCE))
        | set(guards._FIGURES)
        | {"link", "personal-data", "too-long", "too-many"}
    )
    assert given <= table


def test_the_numbers_are_the_codes() -> None:
    assert f"the first {NOTE_CHARACTERS:,} characters" in PAGE
    assert POSTS == 8
    assert "the last eight posts" in PAGE
    assert f"posts of {LOOKED_BACK.days} days" in PAGE
    assert f"({Asked().count} where none is named, {MOST_POSTS} at most)" in PAGE
    assert f"over how many days ({Asked().days}, {MOST_DAYS} at most)" in PAGE
    assert guards.MOST_MARKS == 30
    assert guards._LONGEST_PHRASE == 4


def test_every_prompt_that_is_named_is_there() -> None:
    folder = Path(guards.__file__).parent / "prompts"
    named = {part for one in re.findall(r"`((?:draft|plan)-\d[a-z0-9+-]*)`", PAGE) for part in one.split("+")}
    assert {"draft-1", "repair-1", "alternative-1", "plan-1"} <= named
    assert {name for name in named if name != "draft-2"} <= {file.stem for file in folder.glob("*.txt")}
