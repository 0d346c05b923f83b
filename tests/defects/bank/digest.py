"""The digest, the recap, and what watches the mesh."""

from __future__ import annotations

from .model import DIGEST, MESH, RECAP, RECAP_RUN, WATCH, Defect

DEFECTS: tuple[Defect, ...] = (
    # the digest
    Defect(
        "the digest asks again about what was answered",
        "functions/digest/decide.py",
        "        if head.state is HeadState.UNKNOWN and head.asked_at is not None and status.answer_about(head) is None",
        "        if head.state is HeadState.UNKNOWN and head.asked_at is not None",
        DIGEST,
    ),
    Defect(
        "the digest tells of a failure that is out by now",
        "functions/digest/decide.py",
        "        if one.stands:",
        "        if one.reason is not None:",
        DIGEST,
    ),
    Defect(
        "the digest offers to approve at once what nobody sees whole",
        f"{MESH}/cards/digest.py",
        "        if not 1 < len(pairs) <= MOST_AT_ONCE or not all(entry.whole for entry in self.entries):",
        "        if not 1 < len(pairs) <= MOST_AT_ONCE:",
        ("tests/integration/digest/test_digest_mails.py",),
    ),
    Defect(
        "a digest's card in Slack leads to a newer message that is not there",
        f"{MESH}/messages/slack_standing.py",
        "    if asked is not None and asked.round_id != reference.rounds.get(status.post_id, reference.round_id):",
        "    if asked is not None and asked.round_id != reference.round_id:",
        ("tests/integration/slack/test_slack_digest.py",),
    ),
    Defect(
        "a scheduler that is silent is taken for one that is well",
        "stacks/watch.yaml",
        "      Threshold: 91200\n      TreatMissingData: breaching",
        "      Threshold: 91200\n      TreatMissingData: notBreaching",
        WATCH,
    ),
    Defect(
        "a stranger who guesses an approver's address rings the alarm",
        "functions/approve_handler/tampering.py",
        "    return revision in {status.current_revision, status.approval.revision if status.approval is not None else None}",
        "    return bool(revision)",
        ("tests/unit/approve_handler/test_tampering.py",),
    ),
    Defect(
        "a daily tick that a sweep made up for counts as one that ran",
        "functions/scheduler/memory.py",
        '            update |= {"ticked_at": now.isoformat()} if kind == DAILY else {}',
        '            update |= {"ticked_at": now.isoformat()}',
        ("tests/unit/scheduler/test_scheduler_watching.py",),
    ),
    Defect(
        "a post that is on hold counts as one that waits",
        "functions/scheduler/watching.py",
        "            if {HOLD_EVERYTHING, pause_key(channel)}.isdisjoint(gathered.standing):",
        "            if True:",
        ("tests/unit/scheduler/test_scheduler_watching.py",),
    ),
    Defect(
        "a model's own number stays in the month's paragraph",
        "functions/recap/paragraph.py",
        "    if strange := [word for word in _WORD.findall(between) if word.lower() not in _WORDS]:",
        "    if strange := [word for word in _WORD.findall(between) if len(word) > 20]:",
        RECAP,
    ),
    Defect(
        "what failed may be said of a channel on which it did not",
        "functions/recap/paragraph.py",
        "        if not any(names <= set(matter) for matter in MATTERS):",
        "        if not any(names & set(matter) for matter in MATTERS):",
        RECAP,
    ),
    Defect(
        "the picture's days are UTC's",
        "functions/recap/decide.py",
        "        at = place.get(happened.span.day_of(one.at))",
        "        at = place.get(one.at.date())",
        RECAP,
    ),
    Defect(
        "a run that goes on writes the month's paragraph anew",
        "functions/recap/handler.py",
        '        item = parts.runtime.agree(key, {"told": made}, now, now + KEPT_FOR)',
        '        item = {"told": made}',
        RECAP_RUN,
    ),
    Defect(
        "a token of two hours is cried about a day before",
        "functions/sender/ahead.py",
        "            if fresh is not None and renews_itself(adapter.declared):",
        "            if fresh is None and renews_itself(adapter.declared):",
        ("tests/integration/sender/test_sender_x.py",),
    ),
)
