"""The owner's sheet, and what is written into it."""

from __future__ import annotations

from .model import HANDS, SYNC, Defect

DEFECTS: tuple[Defect, ...] = (
    # the sheet
    Defect(
        "what was misplaced is written back as TRUE",
        "functions/drive_sync/rows.py",
        '    cells = {name: "" for name in write.cells if name not in {"approved", "approved for"}}',
        '    cells = {name: True if name == "approved" else "" for name in write.cells}',
        SYNC,
    ),
    Defect(
        "a copied row keeps its approval",
        "functions/drive_sync/rows.py",
        'replace(row, post_id=new_id(), approved=False, stamp="")',
        "replace(row, post_id=new_id())",
        SYNC,
    ),
    Defect(
        "a row read before the tick was written counts as unticked",
        "functions/drive_sync/decide.py",
        "datetime.fromisoformat(flag.at) < read_at if noted",
        "True if noted",
        SYNC,
    ),
    Defect(
        "a write that missed its row is not noticed",
        "functions/drive_sync/rows.py",
        "    right = after.content == write.content if write.gives_id else after.post_id == write.post_id",
        "    right = True",
        SYNC,
    ),
    Defect(
        "Drive's page token is kept before the work is done",
        "functions/drive_sync/syncing.py",
        "        if folder.changed or unshown",
        "        self._p.runtime.put(STATE_KEY, state.item())\n        if folder.changed or unshown",
        SYNC,
    ),
    Defect(
        "an approved row that lost its tick to a stray write is not looked at again",
        "functions/drive_sync/reading.py",
        "or (known.cleared and not (row.approved and row.stamp))",
        "or False",
        HANDS,
    ),
    Defect(
        "a column that moved under a write is not noticed",
        "functions/drive_sync/writing.py",
        "if answer.header != table.header:",
        "if False:",
        HANDS,
    ),
    Defect(
        "an untick of an edited row holds nothing",
        "functions/drive_sync/decide.py",
        "return FlagStep.HOLD if _unticked_before(row, status, read_at) else FlagStep.CLEAR",
        "return FlagStep.CLEAR",
        HANDS,
    ),
    Defect(
        "an id that a stray write put into another row is taken for that row's own",
        "functions/drive_sync/rows.py",
        "if not row.blank and row.post_id in keeper and strange and row.content in lost:",
        "if False:",
        HANDS,
    ),
    Defect(
        "a renamed column empties its rows",
        "functions/drive_sync/reading.py",
        "for was, is_now in renamed(header, table.header):",
        "for was, is_now in ():",
        SYNC,
    ),
    Defect(
        "an insertion without an answer is made again at once",
        "functions/drive_sync/inserting.py",
        "on_its_way = wanted.tried_at and",
        "on_its_way = False and",
        (*SYNC, *HANDS),
    ),
)
