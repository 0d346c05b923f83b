"""Tables, bookings, channels and their sign-ins."""

from __future__ import annotations

from .model import DOOR, LEDGER, MESH, NETWORKS, NEWS, SCHEDULER, SENDER, TIME, WIRE, Defect

DEFECTS: tuple[Defect, ...] = (
    # tables, bookings, channels
    Defect(
        "the audit row is written outside the transaction",
        f"{MESH}/ledger/book.py",
        "        self._tables.transact([put, self._audit(row), *extra])\n        return after",
        "        self._tables.transact([put, *extra])\n        self._tables.transact([self._audit(row)])\n        return after",
        (*LEDGER, *DOOR),
    ),
    Defect(
        "a booking's name says nothing of its revision",
        f"{MESH}/booking.py",
        '    identity = f"{event.post_id}#{event.channel}#{event.revision}#{event.attempt}"',
        '    identity = f"{event.post_id}#{event.channel}#{event.attempt}"',
        (*TIME, *SCHEDULER),
    ),
    Defect(
        "a booking in the past",
        "functions/scheduler/channels.py",
        "    if effective.at - now < SEND_AT_ONCE:\n        return Move(Kind.RETRY if retries else Kind.SEND",
        "    if effective.at < now - SEND_AT_ONCE:\n        return Move(Kind.RETRY if retries else Kind.SEND",
        SCHEDULER,
    ),
    Defect(
        "a late post is sent without asking",
        f"{MESH}/schedule_time.py",
        "    if allowed + rulebook.late < now:\n        return Effective(None, _PASSED, late=True)\n",
        "",
        (*TIME, *SCHEDULER),
    ),
    Defect(
        "the second of two such hours is meant",
        f"{MESH}/schedule_time.py",
        "clock.replace(fold=0)",
        "clock.replace(fold=1)",
        TIME,
    ),
    Defect(
        "a refreshed token is used before it is stored",
        "functions/sender/channels.py",
        "            if fresh is not None and not self._store(channel, stored, fresh):\n"
        "                return self._surroundings.account(channel)\n",
        "",
        SENDER,
    ),
    Defect(
        "a renewal is stored over a sign-in that was made meanwhile",
        "functions/sender/edges.py",
        "            return False\n        document |= ",
        "            pass\n        document |= ",
        ("tests/integration/sender/test_sender_sign_ins.py",),
    ),
    Defect(
        "everybody renews a sign-in at once",
        "functions/sender/channels.py",
        "        if not self._runtime.first(lock, now, now + REFRESHING):\n            return self._awaited(channel, used)\n",
        "",
        ("tests/integration/sender/test_sender_sign_ins.py",),
    ),
    Defect(
        "a network that is down while a sign-in is renewed counts as one that refuses it",
        f"{NETWORKS}/outcomes.py",
        '        raise RenewalUnclear(f"{label} could not be asked for a fresh sign-in ({trouble.said})") from trouble\n',
        "        return None\n",
        ("tests/unit/networks/test_networks_outcomes.py",),
    ),
    Defect(
        "a sign-in that could not be renewed just now pauses its channel",
        "functions/sender/publish.py",
        ", kind=type(error).__name__, pause=Pause.NONE)",
        ", kind=type(error).__name__, pause=Pause.REAUTHORISE)",
        ("tests/integration/sender/test_sender_sign_ins.py",),
    ),
    Defect(
        "a sign-in is renewed only when it has ended",
        "functions/sender/channels.py",
        "            return self.refreshed(channel, adapter, account) or account\n",
        "            return account\n",
        ("tests/integration/sender/test_sender_sign_ins.py",),
    ),
    Defect(
        "a note that could not be stored counts as stored",
        "functions/sender/publish.py",
        "            return True\n        return False",
        "            return True\n        return True",
        ("tests/integration/sender/test_sender_notes.py",),
    ),
    Defect(
        "what an earlier try noted is forgotten",
        "functions/sender/publish.py",
        "decide.kept([*self.tried.earlier, self.tried.attempt], self.tried.head.revision)",
        "decide.kept([self.tried.attempt], self.tried.head.revision)",
        ("tests/integration/sender/test_sender_notes.py",),
    ),
    Defect(
        "a network is believed what it cannot know",
        "functions/sender/decide.py",
        "    if finding.presence not in declared.proves:\n        return AfterLook.LOOK_AGAIN\n",
        "    if finding.presence is Presence.UNPROVABLE:\n        return AfterLook.LOOK_AGAIN\n",
        ("tests/unit/sender",),
    ),
    Defect(
        "a receipt is noted as sent before it is",
        "layers/mesh/python/mesh/messages/office.py",
        "                self.mailer.send(mail)\n",
        "                self.runtime.done(marker, now + said_for)\n                self.mailer.send(mail)\n",
        NEWS,
    ),
    Defect(
        "a request that creates is sent twice",
        f"{NETWORKS}/mastodon.py",
        "        except LineTrouble as trouble:\n            return outcomes.line_lost(LABEL, trouble)\n        if answer.status == 200:\n            return _posted",
        '        except LineTrouble:\n            answer = ask(http, "POST", f"{origin}/api/v1/statuses", timeout_seconds=9, token=token, json=body)\n        if answer.status == 200:\n            return _posted',
        WIRE,
    ),
    Defect(
        "a redirect takes the token elsewhere",
        f"{NETWORKS}/http.py",
        "auth=None, follow_redirects=False)",
        "auth=None, follow_redirects=True)",
        WIRE,
    ),
    Defect(
        "a reserved character is handed to LinkedIn bare",
        f"{NETWORKS}/linkedin.py",
        'RESERVED = frozenset("\\\\|{}@[]()<>#*_~")',
        'RESERVED = frozenset("\\\\|{}@[]<>#*_~")',
        WIRE,
    ),
)
