"""What a month costs."""

from __future__ import annotations

from .model import MESH, Defect

DEFECTS: tuple[Defect, ...] = (
    # what a month costs
    Defect(
        "a moved index entry counts as one write",
        "local/cost/capacity.py",
        "        return float(_steps(item_bytes(old), _WRITE_STEP_BYTES) + _steps(item_bytes(new), _WRITE_STEP_BYTES))",
        "        return write_units(old, new)",
        ("tests/unit/local/cost",),
    ),
    Defect(
        "a call that nothing is known of is free",
        "local/cost/operations.py",
        "    if call in BY_THEIR_EFFECT or call in FREE:",
        "    if call in BY_THEIR_EFFECT or call in FREE or service not in {one[0] for one in PRICED}:",
        ("tests/unit/local/cost",),
    ),
    Defect(
        "a request that only one side counted passes",
        "local/cost/month.py",
        '        if seen != own["calls"]:',
        '        if seen > own["calls"]:',
        ("tests/unit/local/cost",),
    ),
    Defect(
        "the first year's allowance counts as one for ever",
        "local/cost/bill.py",
        "        applies = self.price.free_for is Free.ALWAYS or (self.price.free_for is not None and not always_only)",
        "        applies = self.price.free_for is not None",
        ("tests/unit/local/cost",),
    ),
    Defect(
        "a stranger gets the whole style sheet",
        f"{MESH}/cards/pages.py",
        '    style = BASE_CSS if plain else f"{PAGE_CSS}\\n{PAGE_PREVIEW_CSS}"',
        '    style = f"{PAGE_CSS}\\n{PAGE_PREVIEW_CSS}"',
        ("tests/unit/mesh/cards/test_cards.py",),
    ),
)
