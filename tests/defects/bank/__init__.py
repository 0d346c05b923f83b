"""Seeded defects: each is one plausible mistake in the real code, and the tests that have to notice it.

A defect is a patch by its text: ``before`` stands exactly once in the file, and ``after`` takes its place. Where the code has moved on, the
patch no longer fits and ``make defects`` says so: it has to be seeded anew.
"""

from __future__ import annotations

from . import (
    asking,
    claims,
    console_answers,
    console_page,
    console_workbench,
    cost,
    digest,
    door,
    drafting,
    figures,
    leaks,
    outcomes,
    recurring,
    restoring,
    sheet,
    shipping,
    tables,
    troubles,
)
from .model import Defect

BANK: tuple[Defect, ...] = (
    *claims.DEFECTS,
    *outcomes.DEFECTS,
    *door.DEFECTS,
    *sheet.DEFECTS,
    *tables.DEFECTS,
    *asking.DEFECTS,
    *recurring.DEFECTS,
    *drafting.DEFECTS,
    *figures.DEFECTS,
    *troubles.DEFECTS,
    *digest.DEFECTS,
    *cost.DEFECTS,
    *restoring.DEFECTS,
    *shipping.DEFECTS,
    *console_answers.DEFECTS,
    *console_page.DEFECTS,
    *console_workbench.DEFECTS,
    *leaks.DEFECTS,
)

__all__ = ["BANK", "Defect"]
