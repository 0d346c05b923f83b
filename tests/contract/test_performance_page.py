"""docs/performance.md: the table of memory is the template's, and leaves room above what was measured."""

from __future__ import annotations

import re

from local import ROOT
from local.bench.shipped import functions

PAGE = (ROOT / "docs" / "performance.md").read_text("utf-8")
ROW = re.compile(r"^\| ([a-z-]+) \| ([^|]+) \| (\d+|-) \| (\d+) \|$", re.MULTILINE)
HEADROOM = 4 / 3


def test_the_sizes_of_the_page_are_those_of_the_template() -> None:
    assert {name: int(size) for name, _, _, size in ROW.findall(PAGE)} == {
        one.name: one.memory_mb for one in functions()
    }


def test_a_size_is_a_third_above_what_the_heaviest_event_held() -> None:
    measured = {name: (int(held), int(size)) for name, _, held, size in ROW.findall(PAGE) if held != "-"}
    assert {"drive-sync", "renderer", "scheduler", "sender"} <= set(measured)
    assert {name: found for name, found in measured.items() if found[0] * HEADROOM > found[1]} == {}
