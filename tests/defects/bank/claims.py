"""What keeps a post from going out twice: the claim, bookings and the sweep."""

from __future__ import annotations

from .model import LEDGER, MESH, SCHEDULER, SENDER, Defect

DEFECTS: tuple[Defect, ...] = (
    # the claim
    Defect(
        "the claim has no condition",
        f"{MESH}/ledger/book.py",
        '        writes = [Write("Put", self.names.sends, _plain(after), **guard), self._audit(row)]',
        '        writes = [Write("Put", self.names.sends, _plain(after)), self._audit(row)]',
        LEDGER,
    ),
    Defect(
        "the gate is read before the claim only",
        "functions/sender/send.py",
        "    checks = ledger.claim_checks(post.status, event.channel)",
        "    checks = []",
        SENDER,
    ),
    Defect(
        "the claim does not look at the hold",
        f"{MESH}/ledger/book.py",
        '"attribute_not_exists(#held) AND attribute_not_exists(#gone_at) AND #approval',
        '"attribute_not_exists(#gone_at) AND #approval',
        (*LEDGER, *SENDER),
    ),
    Defect(
        "the claim does not look at holds on everything and pauses",
        f"{MESH}/ledger/book.py",
        "                for key in (HOLD_EVERYTHING, pause_key(channel))\n            ),\n        ]",
        "                for key in ()\n            ),\n        ]",
        (*LEDGER, *SENDER),
    ),
    Defect(
        "an expired lease is sent again",
        "functions/sender/decide.py",
        'return Next(Step.EXPIRE, "the sender before was lost on the way")',
        'return Next(Step.SEND, "the sender before was lost on the way")',
        SENDER,
    ),
    Defect(
        "a delivery for another version is taken",
        "functions/sender/decide.py",
        '    if head.revision != event.revision:\n        return Next(Step.REST, "the event is for another version")\n',
        "",
        SENDER,
    ),
    Defect(
        "an event for an attempt long made sends again",
        "functions/sender/decide.py",
        '    if event.attempt != head.attempts + 1:\n        return Next(Step.REST, "the event is not for the next attempt")\n',
        "",
        SENDER,
    ),
    Defect(
        "sent is not the end",
        "functions/scheduler/channels.py",
        "    if head is not None and head.state is HeadState.SENT:\n        return Move(Kind.REST, because(Code.SENT))\n",
        "",
        SCHEDULER,
    ),
    Defect(
        "a new approval makes an unknown head ready",
        "functions/scheduler/channels.py",
        "    if head is not None and head.state in {HeadState.OPEN, HeadState.UNKNOWN}:\n        return _look_move(status, head, now)\n",
        "",
        SCHEDULER,
    ),
    # bookings and the sweep
    Defect(
        "what is said again begins to be late anew",
        "functions/scheduler/decide.py",
        "        return before or now.isoformat()",
        "        return now.isoformat()",
        SCHEDULER,
    ),
    Defect(
        "what goes at once does not keep the next post away",
        "functions/scheduler/decide.py",
        "            if book.at is not None or not _looked_after(book.before):",
        "            if book.at is not None:",
        (*SCHEDULER, "tests/explore/test_paused_channel.py"),
    ),
    Defect(
        "a post behind another is pulled forward once that one is out",
        "functions/scheduler/channels.py",
        "    if given is not None and given > effective.at:",
        "    if False and given:",
        (*SCHEDULER, "tests/explore/test_paused_channel.py"),
    ),
    Defect(
        "what is delivered an hour late is sent beside the others",
        "functions/sender/decide.py",
        "datetime.fromisoformat(head.booking.at) + OVERDUE <= now:",
        "datetime.fromisoformat(head.booking.at) + 99 * OVERDUE <= now:",
        ("tests/unit/sender",),
    ),
    Defect(
        "what is put off again is late no more",
        "functions/scheduler/decide.py",
        "    return at.isoformat() if clicked else before\n",
        "    return at.isoformat()\n",
        ("tests/unit/scheduler", "tests/integration/scheduler/test_scheduler_runs.py"),
    ),
    Defect(
        "two runs at one moment give late posts the same place",
        "functions/scheduler/acting.py",
        "        if book.reason.code in _LATE and not self._places_on(after.channel):\n",
        "        if False:\n",
        ("tests/integration/scheduler/test_scheduler_runs.py",),
    ),
    Defect(
        "an update that finds its booking gone gives up",
        f"{MESH}/booking.py",
        "                operation = _CREATE\n            except (Throttled",
        "                break\n            except (Throttled",
        ("tests/unit/mesh/test_booking_trouble.py",),
    ),
    Defect(
        "whatever no head of an open post names is an orphan",
        "functions/scheduler/tidying.py",
        "    if head is None or head.booking is None or head.booking.name != name:\n        return True\n    return status is None",
        "    return True or status is None",
        ("tests/unit/scheduler/test_scheduler_tidying.py",),
    ),
    Defect(
        "a row that disagrees is told at the first look",
        "functions/sender/ahead.py",
        "        return False\n\n    def _note(",
        "        return True\n\n    def _note(",
        ("tests/integration/sender/test_sender_ahead.py",),
    ),
    Defect(
        "a card that was lost is missed for half an hour",
        "functions/scheduler/rounds.py",
        "CARD_OVERDUE = timedelta(minutes=7)",
        "CARD_OVERDUE = timedelta(minutes=30)",
        ("tests/contract/test_sweep_bounds.py", "tests/explore/test_lost_events.py"),
    ),
)
