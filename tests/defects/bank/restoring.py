"""A backup put back, and what earlier releases wrote."""

from __future__ import annotations

from .model import MESH, Defect

_RESTORED = ("tests/integration/sender/test_sender_restored.py",)
_EARLIER = ("tests/contract/test_items_of_earlier_releases.py",)

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "a restored head says what it said in the backup",
        "local/backup/doubting.py",
        '                "state": HeadState.UNKNOWN,\n',
        '                "state": before.state,\n',
        _RESTORED,
    ),
    Defect(
        "the look after a restore repeats what it does not find",
        "functions/sender/decide.py",
        "    if last.restored:\n        return AfterLook.ASK\n",
        "",
        _RESTORED,
    ),
    Defect(
        "an answer ahead of its time sends at once",
        "functions/sender/decide.py",
        "again_at = max(now, datetime.fromisoformat(head.due)) if head.due and attempt.restored else now",
        "again_at = now",
        _RESTORED,
    ),
    Defect(
        "posts that are younger than the backup are forgotten",
        "local/backup/restoring.py",
        "            if key not in known:\n",
        "            if key in known:\n",
        _RESTORED,
    ),
    Defect(
        "the hold of a restore is not in the audit",
        "local/backup/doubting.py",
        "        self._hold()\n",
        "",
        _RESTORED,
    ),
    Defect(
        "a backup's files are not compared",
        "local/backup/kept.py",
        "    if digest(path) != sha256:\n",
        "    if not sha256:\n",
        _RESTORED,
    ),
    Defect(
        "a restore leaves the functions running",
        "local/backup/stopping.py",
        "                client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)\n",
        "                pass\n",
        _RESTORED,
    ),
    Defect(
        "a new field without a default",
        f"{MESH}/ledger/items.py",
        "    restored: bool = False\n",
        "    restored: bool\n",
        _EARLIER,
    ),
    Defect(
        "items of a later release are refused",
        f"{MESH}/ledger/item.py",
        'extra="ignore"',
        'extra="forbid"',
        _EARLIER,
    ),
)
