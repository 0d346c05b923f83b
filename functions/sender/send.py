"""One delivery from the event to the claim: gather, decide, look or claim. What follows a claim is in ``publish.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mesh import log
from mesh.errors import BrokenItem, Busy, Conflict, Doubt, MeshError, Misconfigured
from mesh.events import Answered, Retry, Send, question
from mesh.ledger import Attempt, Head, HeadState, Status, derive_state
from mesh.packages import PackageBroken
from networks.model import Finding, Presence
from sender import decide
from sender.decide import AfterLook, Record, Step, Tried
from sender.gate import Asked, Gate, Verdict, approved_and_free
from sender.live import read_live, uploads
from sender.plainly import MADE_ANEW, cannot_look, damaged
from sender.ports import Ports
from sender.publish import Claimed, publish_and_record

_log = log.logger("sender")
_TRIES = 5
_MISSING = "{head} counts {count} attempts, the last is not there"
_SETTLE_UNKNOWN = timedelta(minutes=5)  # of a channel whose network cannot be told any more
_Remaining = Callable[[], float]


@dataclass(frozen=True)
class Done:
    """What a delivery came to, for the log. ``kind`` is what the network or the HTTP client calls it."""

    move: str
    reason: str = ""
    outcome: str = ""
    attempt: int = 0
    kind: str = ""


@dataclass(frozen=True)
class _Post:
    """What the tables said. ``standing`` holds the hold on everything and the channel's pause, where set."""

    status: Status
    head: Head
    standing: Mapping[str, object]


def deliver(ports: Ports, event: Send, remaining_seconds: _Remaining) -> Done:
    """Handle one ``ss.send`` or ``ss.retry``. Doubt and Busy are raised: the retry and the sweep come back.

    Whatever takes the claim away leads to the gate again, never on to a publish.
    """
    for number in range(_TRIES):
        try:
            claimed = _until_claimed(ports, event, remaining_seconds)
        except Conflict:
            if number == _TRIES - 1:
                raise
            ports.wait(number)
            continue
        if isinstance(claimed, Done):
            return claimed
        outcome, record = publish_and_record(ports, event, claimed, remaining_seconds)
        return Done(Step.SEND, record.head.detail, outcome.result, record.attempt.attempt, outcome.kind)
    raise AssertionError("unreachable")


def _until_claimed(ports: Ports, event: Send, remaining_seconds: _Remaining) -> Done | Claimed:
    status, head, standing = ports.ledger.sending(event.post_id, event.channel)
    following = decide.next_step(event, status, head, ports.clock())
    if status is None or head is None or following.step is Step.REST:
        return Done(Step.REST, following.reason)
    post = _Post(status, head, standing)
    match following.step:
        case Step.BUSY:
            raise Busy(head.post_channel, head.lease_until or "")
        case Step.AGAIN:
            return _say_again(ports, event, post, following.reason)
        case Step.EXPIRE:
            settle = _settle_time(ports, event)
            ports.write(event, head, decide.expired(head, _attempt(ports, head), settle))
            ports.note_unknown()
            return _until_claimed(ports, event, remaining_seconds)  # the look may be due already
        case Step.ANSWER:
            return _apply_answer(ports, event, post)
        case Step.LOOK:
            return _look(ports, event, post, remaining_seconds)
    return _through_the_gate(ports, event, post, remaining_seconds)


def _say_again(ports: Ports, event: Send, post: _Post, reason: str) -> Done:
    """A crash between the record and what follows it is healed here."""
    heads = ports.ledger.heads([post.status])[event.post_id]
    if derive_state(post.status, heads) is not post.status.state:
        ports.ledger.derive(event.post_id, ports.act(event, "derived"))
    ports.bus.put(decide.announcement(post.head))
    return Done(Step.AGAIN, reason, post.head.state, post.head.attempts)


# the gate and the claim


def _through_the_gate(ports: Ports, event: Send, post: _Post, remaining_seconds: _Remaining) -> Done | Claimed:
    asked = Asked(event.post_id, event.channel, event.revision)
    verdict = approved_and_free(asked, post.status, post.standing)
    if verdict.gate is not Gate.OPEN:
        return _closed(ports, event, post.head, verdict)
    try:
        verdict, live = read_live(ports, asked, event.trace_id)
        if verdict.gate is not Gate.OPEN or live is None:
            return _closed(ports, event, post.head, verdict)
        rendition = live.manifest.channels[event.channel].rendition()
        blobs = uploads(ports, asked, rendition)
    except PackageBroken as error:
        why = damaged(event.post_id, error, event.trace_id)
        ports.trouble(
            event, f"package-broken#{event.post_id}#{event.revision}", f"Nothing was posted: {why}. {MADE_ANEW}"
        )
        return _closed(ports, event, post.head, Verdict(Gate.FINAL, why))
    adapter = ports.network(live.account.network)
    account = ports.channels.renewed(event.channel, adapter, live.account)
    if not decide.enough_time(adapter.declared, remaining_seconds()):
        raise Doubt("too little time is left in this invocation to publish and record")
    prepares = decide.notes_its_leaving(adapter.declared, confirms=adapter.confirms(rendition))
    tried = _claim(ports, event, post, prepares=prepares)
    return Claimed(tried, account, rendition, blobs, lambda: _closed_by_now(ports, asked, event.trace_id))


def _closed_by_now(ports: Ports, asked: Asked, trace_id: str) -> str:
    """The gate once more, for what was prepared meanwhile: "" while it is open. A doubt closes it too."""
    try:
        status, _, standing = ports.ledger.sending(asked.post_id, asked.channel)
        if status is None or status.broken:
            return "the post is not in the table any more"
        verdict = approved_and_free(asked, status, standing)
        if verdict.gate is Gate.OPEN:
            verdict, _ = read_live(ports, asked, trace_id)
    except (MeshError, PackageBroken) as error:
        log.line(
            _log,
            "a doubt before the publish step",
            post_id=asked.post_id,
            channel=asked.channel,
            outcome=type(error).__name__,
        )
        return "it could not be read once more whether it may go out"
    return "" if verdict.gate is Gate.OPEN else verdict.reason


def _claim(ports: Ports, event: Send, post: _Post, *, prepares: bool) -> Tried:
    """Conflict when anything is no longer as the gate saw it."""
    ledger, head = ports.ledger, post.head
    tries = ledger.attempts(event.post_id, event.channel) if head.attempts else []
    opened, attempt = decide.claimed(head, event, ports.clock(), tries, prepares=prepares)
    checks = ledger.claim_checks(post.status, event.channel)
    act = ports.act(event, "claim")
    opened = ledger.change_head(head, opened, act, attempt=attempt, attempt_is_new=True, checks=checks)
    wanted_at = post.status.approval.at if post.status.approval is not None else ""
    return Tried(opened, attempt, tuple(tries), repeats_unknown=head.state is HeadState.UNKNOWN, wanted_at=wanted_at)


def _closed(ports: Ports, event: Send, head: Head, verdict: Verdict) -> Done:
    if verdict.gate is Gate.DOUBTFUL:
        raise Doubt(verdict.reason)
    if verdict.pause:
        ports.channels.pause(event.channel, verdict.pause, verdict.reason, event.trace_id)
    final = verdict.gate is Gate.FINAL
    shelved = decide.shelved(head, verdict.reason, ports.clock(), final=final)
    if shelved != head:
        ports.ledger.change_head(head, shelved, ports.act(event, "not sent"))
        if final:
            ports.ledger.derive(event.post_id, ports.act(event, "derived"))
    if final and head.state is HeadState.UNKNOWN:
        _ask_owner(ports, event, head)
    return Done(f"gate {verdict.gate}", verdict.reason, attempt=head.attempts)


# looking


def _look(ports: Ports, event: Send, post: _Post, remaining_seconds: _Remaining) -> Done | Claimed:
    """Looking needs no gate, repeating does."""
    head = post.head
    tries = _tries(ports, head)
    attempt = tries[-1]
    try:
        manifest = ports.packages.read(event.post_id, head.revision)
        account = ports.surroundings.account(event.channel)
    except (PackageBroken, Misconfigured) as error:
        _ask_owner(ports, event, head)
        why = cannot_look(event, error)
        return _written(ports, event, head, decide.ask_owner(head, attempt, why, ports.clock()))
    adapter = ports.network(account.network)
    account = ports.channels.renewed(event.channel, adapter, account)
    rendition = manifest.channels[event.channel].rendition()
    key, kept = decide.attempt_key(head, attempt.key_at), decide.kept(tries, head.revision)
    finding = adapter.find(ports.http, account, rendition, key, kept)
    now = ports.clock()
    after = decide.after_look(finding, adapter.declared, attempt, now)
    if after is AfterLook.REPEAT:
        return _through_the_gate(ports, event, post, remaining_seconds)
    if after is AfterLook.SENT:
        return _written(ports, event, head, decide.found(head, attempt, finding, now))
    seen = head
    if decide.owner_is_due(head, after, now):
        _ask_owner(ports, event, head)
        seen = decide.asked(head, now)
    later = decide.ask_owner if after is AfterLook.ASK else decide.look_later
    return _written(ports, event, head, later(seen, attempt, decide.seen(finding, adapter.declared, head), now))


def _apply_answer(ports: Ports, event: Send, post: _Post) -> Done:
    """The owner's answer, after a last look: what is proved to be there is out, whatever was answered."""
    head = post.head
    tries = _tries(ports, head)
    answer = post.status.answer_about(head)
    assert answer is not None
    finding = _last_look(ports, event, head, tries)
    return _written(ports, event, head, decide.answered(head, tries[-1], answer, finding, ports.clock()))


def _last_look(ports: Ports, event: Send, head: Head, tries: Sequence[Attempt]) -> Finding:
    """Unprovable where nobody can be asked: the owner has looked."""
    try:
        manifest = ports.packages.read(event.post_id, head.revision)
        account = ports.surroundings.account(event.channel)
        adapter = ports.network(account.network)
        account = ports.channels.renewed(event.channel, adapter, account)
    except MeshError:
        return Finding(Presence.UNPROVABLE)
    rendition = manifest.channels[event.channel].rendition()
    key, kept = decide.attempt_key(head, tries[-1].key_at), decide.kept(tries, head.revision)
    return adapter.find(ports.http, account, rendition, key, kept)


def answered(ports: Ports, event: Answered, remaining_seconds: _Remaining) -> Done:
    """``ss.answered``: as a delivery for the head's next attempt, which applies the answer first."""
    head = ports.ledger.head(event.post_id, event.channel)
    if head is None:
        return Done(Step.REST, "there is no such post on this channel")
    going_on = Retry(
        post_id=event.post_id,
        channel=event.channel,
        revision=head.revision,
        attempt=head.attempts + 1,
        trace_id=event.trace_id,
    )
    if head.state is not HeadState.UNKNOWN:
        return Done(Step.REST, f"the answer came too late: it is {head.state}")
    return deliver(ports, going_on, remaining_seconds)


def _written(ports: Ports, event: Send, head: Head, record: Record) -> Done:
    ports.write(event, head, record)
    return Done(record.action, record.head.detail, record.head.state, record.attempt.attempt)


def _ask_owner(ports: Ports, event: Send, head: Head) -> None:
    """Once for each attempt: found, not there, or send again."""
    ports.say(question(event.post_id, event.channel, head.attempts, event.trace_id))


# reading


def _attempt(ports: Ports, head: Head) -> Attempt:
    attempt = ports.ledger.attempt(head.post_id, head.channel, head.attempts)
    if attempt is None:
        raise BrokenItem(_MISSING.format(head=head.post_channel, count=head.attempts))
    return attempt


def _tries(ports: Ports, head: Head) -> list[Attempt]:
    """All of them, first to last: an earlier one's notes are needed too."""
    tries = ports.ledger.attempts(head.post_id, head.channel)
    if not tries or tries[-1].attempt != head.attempts:
        raise BrokenItem(_MISSING.format(head=head.post_channel, count=head.attempts))
    return tries


def _settle_time(ports: Ports, event: Send) -> timedelta:
    try:
        account = ports.surroundings.account(event.channel)
    except Misconfigured:
        return _SETTLE_UNKNOWN
    return ports.network(account.network).declared.settle
