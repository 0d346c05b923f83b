"""What a defect of the bank is, and the places and tests that many of them share."""

from __future__ import annotations

from dataclasses import dataclass

MESH = "layers/mesh/python/mesh"
NETWORKS = "layers/networks/python/networks"
SENDER = ("tests/unit/sender", "tests/integration/sender")
SCHEDULER = ("tests/unit/scheduler", "tests/integration/scheduler")
MOVES = (
    "tests/unit/scheduler",
    "tests/integration/scheduler/test_moves_carried_out.py",
    "tests/integration/scheduler/test_edits_at_every_stage.py",
)
DOOR = ("tests/unit/approve_handler", "tests/integration/approve_handler")
SYNC = ("tests/unit/drive_sync", "tests/integration/drive_sync")
HANDS = ("tests/explore/test_sheet_rows.py", "tests/explore/test_owner_at_the_sheet.py")
LEDGER = ("tests/integration/test_ledger.py",)
PACKAGES = ("tests/unit/mesh", "tests/unit/renderer", "tests/integration/renderer")
TIME = ("tests/unit/mesh",)
TEMPLATES = ("tests/unit/template_sync", "tests/integration/template_sync")
SLACK = ("tests/integration/slack",)
NEWS = ("tests/unit/notifier", "tests/integration/notifier")
DRAFTS = ("tests/unit/draft_helper",)
RECKONED = (
    "tests/integration/reckoning/test_reckoning_facts.py",
    "tests/integration/reckoning/test_reckoning_apart.py",
)
RECAP = ("tests/unit/recap",)
RECAP_RUN = ("tests/integration/recap/test_recap_run.py",)
WIRE = ("tests/unit/networks", "tests/contract/networks")
DIGEST = ("tests/integration/digest/test_digest_reference.py", "tests/integration/digest")
WATCH = ("tests/unit/watch", "tests/integration/watch/test_watch_faults.py")


@dataclass(frozen=True)
class Defect:
    """``looks_at`` are the tests that are run against it, the fastest first."""

    name: str
    file: str
    before: str
    after: str
    looks_at: tuple[str, ...]
