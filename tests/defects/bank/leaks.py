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
        "what is written otherwise is no leak",
        "local/leaks/canaries.py",
        "        for form in (leaf, *undisguised(leaf)):",
        "        for form in (leaf,):",
        CANARY,
    ),
    Defect(
        "half of a secret is no leak",
        "local/leaks/canaries.py",
        "    return (secret,) if middle < _LEAST_HALF else (secret[:middle], secret[middle:])",
        "    return (secret,)",
        CANARY,
    ),
    Defect(
        "of a letter only the body is watched",
        "tests/canary/watching.py",
        "                self.look(_INPUTS[operation], request)",
        '                self.look(_INPUTS[operation], request.get("MessageBody") or request.get("input") or request.get("Entries"))',
        CANARY,
    ),
    Defect(
        "an error's message is not watched",
        "tests/canary/watching.py",
        "            self.look(ERROR, str(error))\n",
        "",
        CANARY,
    ),
    Defect(
        "what stands beside a dead letter is not looked at",
        "local/leaks/scanning.py",
        'yield LETTERS, message["MessageId"], [message["Body"], message.get("MessageAttributes", {})]',
        'yield LETTERS, message["MessageId"], message["Body"]',
        SCANNED,
    ),
    Defect(
        "a package's error shows what it was made of",
        "layers/mesh/python/mesh/packages.py",
        'ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")',
        'ConfigDict(frozen=True, extra="forbid")',
        ("tests/contract/test_house.py", *CANARY),
    ),
    Defect(
        "a page of the web reads the secrets of make run",
        "local/loopback.py",
        "    return any(not _is_here(address) for address in",
        "    return False and any(not _is_here(address) for address in",
        ("tests/unit/local/test_loopback.py",),
    ),
    Defect(
        "a backup's manifest leads anywhere",
        "local/backup/kept.py",
        "class KeptTable(_Frozen):\n    file: str = Field(pattern=_INSIDE)",
        "class KeptTable(_Frozen):\n    file: str",
        ("tests/integration/sender/test_sender_restored.py",),
    ),
    Defect(
        "a bucket is spoken to in the clear",
        "template.yaml",
        '            Resource: [!GetAtt PostsBucket.Arn, !Sub "${PostsBucket.Arn}/*"]\n            Condition: {Bool: {"aws:SecureTransport": false}}',
        '            Resource: [!GetAtt PostsBucket.Arn, !Sub "${PostsBucket.Arn}/*"]\n            Condition: {Bool: {"aws:SecureTransport": true}}',
        ("tests/contract/test_template.py",),
    ),
    Defect(
        "letters that look like others are not named",
        "layers/mesh/python/mesh/unseen.py",
        '    return bool(foreign) and (any("a" <= sign <= "z" for sign in part) or foreign <= _LOOKS_LATIN)',
        '    return bool(foreign) and any("a" <= sign <= "z" for sign in part)',
        ("tests/unit/mesh/test_unseen.py",),
    ),
    Defect(
        "letters turned round are not named",
        "layers/mesh/python/mesh/unseen.py",
        "        if sign in _OVERRIDES or sign in _SHAPELESS",
        "        if sign in _SHAPELESS",
        ("tests/unit/mesh/test_unseen.py",),
    ),
    Defect(
        "the last mailed code may be guessed at for ever",
        "functions/approve_handler/coding.py",
        '    if item is None or int(item["tries"]) >= _MOST_TRIES:\n        return False',
        "    if item is None:\n        return False",
        ("tests/integration/approve_handler/test_door_code.py",),
    ),
    Defect(
        "Slack is answered at whatever ends like its name",
        "layers/mesh/python/mesh/slack.py",
        'asked.netloc in {api.netloc, f"hooks.{api.netloc}"}',
        "asked.netloc.endswith(api.netloc)",
        ("tests/unit/mesh/test_slack_signature.py",),
    ),
    Defect(
        "an upgrade is tried without what it comes from",
        ".github/workflows/night.yml",
        "{persist-credentials: false, fetch-depth: 0}",
        "{persist-credentials: false}",
        WORKFLOWS,
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
