"""What became of a try, and the gate before it."""

from __future__ import annotations

from .model import DOOR, LEDGER, MESH, NETWORKS, PACKAGES, SCHEDULER, SENDER, TIME, Defect

DEFECTS: tuple[Defect, ...] = (
    # outcomes
    Defect(
        "a timeout is taken for a failure",
        "functions/sender/decide.py",
        "    if outcome.result is Result.UNKNOWN or (tried",
        "    if (tried",
        SENDER,
    ),
    Defect(
        "what is absent is sent again, whatever the network",
        "functions/sender/decide.py",
        '    if declared.after_unknown is not AfterUnknown.REPEAT_SAME or last.result == "fail":\n        return AfterLook.ASK\n',
        "",
        SENDER,
    ),
    Defect(
        "a repetition past the network's memory",
        "functions/sender/decide.py",
        "    if ends_at is not None and now + timedelta(seconds=declared.publish_timeout_seconds) >= ends_at:\n        return AfterLook.ASK\n",
        "",
        SENDER,
    ),
    Defect(
        "a refused repetition fails what may be out",
        "functions/sender/decide.py",
        "    if tried.repeats_unknown:\n        return _unknown(tried.head, attempt, outcome.detail, look_at)\n",
        "",
        SENDER,
    ),
    Defect(
        "no settle time before the look",
        "functions/sender/decide.py",
        "    look_at = max(now + declared.settle, outcome.retry_at or now)",
        "    look_at = now",
        SENDER,
    ),
    Defect(
        "every attempt has a key of its own",
        "functions/sender/decide.py",
        '    identity = f"{head.post_channel}#{head.revision}"',
        '    identity = f"{head.post_channel}#{head.revision}#{head.attempts}"',
        SENDER,
    ),
    Defect(
        "the record is given up at the first conflict",
        "functions/sender/publish.py",
        "_TRIES = 40",
        "_TRIES = 1",
        SENDER,
    ),
    Defect(
        "an answer counts for every try",
        f"{MESH}/ledger/items.py",
        "if (one.channel, one.revision, one.attempt) == tried), None)",
        "if (one.channel, one.revision) == tried[:2]), None)",
        LEDGER,
    ),
    Defect(
        "no last look before the owner's answer",
        "functions/sender/decide.py",
        "    if finding.presence is Presence.PRESENT:\n        return found(head, attempt, finding, now)\n    action = ",
        "    action = ",
        SENDER,
    ),
    Defect(
        "a lost text is taken for one that never left",
        "functions/sender/decide.py",
        "    return attempt.prepares and CONFIRMED not in attempt.receipt",
        "    return CONFIRMED not in attempt.receipt",
        SENDER,
    ),
    Defect(
        "what leaves is not noted before",
        "functions/sender/publish.py",
        '        if why or notes.keep(decide.CONFIRMED, "yes"):\n            return why\n        return "it could',
        '        if why or notes:\n            return why\n        return "it could',
        SENDER,
    ),
    Defect(
        "a publish with too little time left",
        "functions/sender/decide.py",
        "    return remaining_seconds >= declared.publish_timeout_seconds + SPARE_SECONDS",
        "    return True",
        SENDER,
    ),
    # the gate
    Defect(
        "any approval will do",
        f"{MESH}/ledger/items.py",
        "        return self.approval is not None and self.approval.revision == self.current_revision",
        "        return self.approval is not None",
        (*SCHEDULER, *DOOR),
    ),
    Defect(
        "the row is not compared with what was approved",
        "functions/sender/gate.py",
        '        return _final("the post was edited after it was approved")\n    return OPEN\n\n\ndef live_verdict',
        "        return OPEN\n    return OPEN\n\n\ndef live_verdict",
        SENDER,
    ),
    Defect(
        "the stamp is not read",
        "functions/sender/gate.py",
        '    if found.row.stamp != stamp(asked.post_id, asked.revision):\n        return _final("“approved for” names another version")\n',
        "",
        SENDER,
    ),
    Defect(
        "the account is not compared with the secret's",
        "functions/sender/gate.py",
        "        if told != stored:\n",
        "        if told != stored and not stored:\n",
        SENDER,
    ),
    Defect(
        "the package's bytes are taken on trust",
        f"{MESH}/packages.py",
        "        if hashlib.sha256(data).hexdigest() != revision:\n",
        "        if not data:\n",
        (*SENDER, *PACKAGES),
    ),
    Defect(
        "the gate is not read again after the uploads",
        f"{NETWORKS}/bluesky.py",
        "        if handles and (why := confirm()):\n            return outcomes.closed(why)\n",
        "",
        SENDER,
    ),
    Defect(
        "an image's bytes are not part of what is approved",
        f"{MESH}/posts.py",
        '            "images": [(name, row.images.get(name, "")) for name in row.image_names],',
        '            "images": list(row.image_names),',
        (*TIME, *SENDER),
    ),
    Defect(
        "the alt text is not part of what is approved",
        f"{MESH}/posts.py",
        '            "alt": row.alt,\n',
        "",
        (*TIME, *SENDER),
    ),
)
