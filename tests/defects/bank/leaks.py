"""What is told to those who must not hear it, and what is shipped unseen."""

from __future__ import annotations

from .model import DOOR, MESH, Defect

CANARY = ("tests/canary",)
SCANNED = ("tests/integration/local/test_leaks_scanned.py",)
AUDITED = ("tests/unit/local/supply",)
WORKFLOWS = ("tests/contract/test_workflows.py",)

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "the door logs the link that it refuses",
        "functions/approve_handler/handler.py",
        '        log.line(_log, "refused", outcome="not from our page")',
        '        log.line(_log, "refused", outcome="not from our page", reason=request.token)',
        ("tests/integration/approve_handler/test_door_forged.py", *DOOR),
    ),
    Defect(
        "the audit tells a note's words",
        f"{MESH}/ledger/audit.py",
        "    return {name: _without_words(value) if name in _WORDED else value for name, value in told.items()}",
        "    return told",
        CANARY,
    ),
    Defect(
        "a piece of a text is no leak",
        "local/leaks/canaries.py",
        "WORDS = 4",
        "WORDS = 40",
        CANARY,
    ),
    Defect(
        "a signed thing is looked for by an old signature's length",
        "local/leaks/canaries.py",
        r"\.[A-Za-z0-9_-]{43}(?![\w-])",
        r"\.[A-Za-z0-9_-]{27}(?![\w-])",
        CANARY,
    ),
    Defect(
        "the watch does not look at the bus",
        "tests/canary/watching.py",
        '            self.look(EVENT, [entry["Detail"] for entry in entries])\n',
        "",
        CANARY,
    ),
    Defect(
        "dead letters are not looked through",
        "local/leaks/scanning.py",
        "    yield from _letters(stack)\n",
        "",
        SCANNED,
    ),
    Defect(
        "machines' histories are not looked through",
        "local/leaks/scanning.py",
        "    yield from _machines(stack)\n",
        "",
        SCANNED,
    ),
    Defect(
        "what could not be looked up counts as clean",
        "local/supply/command.py",
        '    asked = {one["name"].lower() for one in told if "skip_reason" not in one}',
        '    asked = {one["name"].lower() for one in told}',
        AUDITED,
    ),
    Defect(
        "not knowing ends well",
        "local/supply/command.py",
        "    if State.UNKNOWN in states:",
        "    if State.UNKNOWN in states and State.GOOD not in states:",
        AUDITED,
    ),
    Defect(
        "one part of a licence is enough",
        "local/supply/licences.py",
        '            all(part in ALLOWED for part in choice.split(" AND "))',
        '            any(part in ALLOWED for part in choice.split(" AND "))',
        AUDITED,
    ),
    Defect(
        "an action is pinned by a name that can be moved",
        ".github/workflows/deploy.yml",
        "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
        "actions/checkout@v7",
        WORKFLOWS,
    ),
    Defect(
        "what somebody typed stands in the shell",
        ".github/workflows/deploy.yml",
        '      - run: make deploy ENV="$BUSINESS" YES=1',
        "      - run: make deploy ENV=${{ inputs.business }} YES=1",
        WORKFLOWS,
    ),
)
