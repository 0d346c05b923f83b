"""Troubles, mails that come back, and who operates it."""

from __future__ import annotations

from .model import MESH, Defect

DEFECTS: tuple[Defect, ...] = (
    # troubles and mails that come back
    Defect(
        "troubles do not wait for what belongs to them",
        "functions/notifier/gathering.py",
        "    return max(earliest, first + GATHER if book.waiting else _NEVER, mails[-1] + APART if mails else _NEVER)",
        "    return earliest",
        ("tests/unit/notifier",),
    ),
    Defect(
        "a trouble that ended before it was told is told after all",
        "functions/notifier/gathering.py",
        "    if told is not None and told.ended and not _begins_anew(told, now):",
        "    if told is not None and told.ended and False:",
        ("tests/unit/notifier",),
    ),
    Defect(
        "a message that nobody got counts as told",
        "functions/notifier/troubles.py",
        '    after = gathering.settled if reached or told["slack"] else gathering.given_back',
        "    after = gathering.settled",
        ("tests/integration/notifier/test_notifier_troubles.py",),
    ),
    Defect(
        "a bounce of another set counts",
        "functions/notifier/returns.py",
        "    if not mail_set or mail.tags.get(MAIL_SET) != (mail_set,):",
        "    if not mail_set:",
        ("tests/integration/notifier/test_notifier_returns.py",),
    ),
    Defect(
        "an address whose mails come back gets more of them",
        f"{MESH}/messages/office.py",
        "            if recipient in unreachable:",
        "            if False:",
        ("tests/integration/notifier/test_notifier_returns.py",),
    ),
    Defect(
        "what was told as one of a number is told again",
        "functions/notifier/gathering.py",
        "    if waits is None and told is None and _is_counted(book, one.cause, now):",
        "    if False:",
        ("tests/unit/notifier",),
    ),
    Defect(
        "a paragraph may say that what was held went out",
        "functions/recap/paragraph.py",
        "        if not names <= PUBLISHED and not _words_of(part) <= PLAIN:",
        "        if False:",
        ("tests/unit/recap",),
    ),
    Defect(
        "a digest that fires twice at once is sent twice",
        "functions/digest/handler.py",
        """    cause = f"digest {digest.key} {getattr(context, 'aws_request_id', '')}\"""",
        '    cause = f"digest {digest.key}"',
        ("tests/integration/digest/test_digest_mails.py",),
    ),
    # who operates it
    Defect(
        "a key that came since the function began makes forgeries",
        f"{MESH}/keyring.py",
        "        return self._keys != before",
        "        return False",
        ("tests/unit/mesh/test_mesh_keyring.py",),
    ),
    Defect(
        "every forgery has the secret read",
        f"{MESH}/keyring.py",
        "        if self._doubted_at is not None and now - self._doubted_at < LOOKS_AGAIN:",
        "        if self._doubted_at is not None and now < self._doubted_at:",
        ("tests/unit/mesh/test_mesh_keyring.py",),
    ),
    Defect(
        "a trace shows the posts that shared a sweep",
        "local/operator/steps.py",
        '        if named or (not one.names_any and one.fields.get("trace_id") in known):',
        '        if named or one.fields.get("trace_id") in known:',
        ("tests/unit/local/operator/test_operator_steps.py",),
    ),
    Defect(
        "a dead letter of another source is put on the bus",
        "local/operator/letters.py",
        "    if source == prefix and what in REGISTRY and _whole(event):",
        "    if what in REGISTRY and _whole(event):",
        ("tests/integration/local/test_operator_commands.py",),
    ),
    Defect(
        "status takes a sync that is long dead for one that never was",
        "local/operator/posts.py",
        '        synced_at=moment_of(drive.get("synced_at") or memory.get("first_at")),',
        "        synced_at=None,",
        ("tests/integration/local/test_operator_commands.py",),
    ),
    Defect(
        "a redrive ends where a few of SQS's servers have nothing",
        "local/operator/redrive.py",
        "                    WaitTimeSeconds=1,",
        "                    WaitTimeSeconds=0 if seen else 1,",
        ("tests/integration/local/test_operator_commands.py",),
    ),
)
