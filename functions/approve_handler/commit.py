"""Commits a press: one transaction per post, the nonce burned in it; then the event. A second press finds it done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from approve_handler.decide import APPROVING, Standing, Verdict, decide, standing
from mesh import log
from mesh.approvals import ANSWERS, Action, How, Signer, Token, new_nonce
from mesh.bus import Bus
from mesh.cards.model import CardPost, card_post
from mesh.door.devices import person
from mesh.door.limits import Limit, counted
from mesh.errors import BusError, Conflict, Doubt, MeshError
from mesh.events import Approved, Detail, Held, Released, new_trace_id
from mesh.ledger import Act, Hold, Ledger, Status
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.packages import Manifest, PackageBroken, Packages
from mesh.side_by_side import Together, in_threads

EVERYTHING = "everything"
_TRIES = 4  # of a change of the hold on everything, whose counters others may be writing
_SPENT = "This link was used already, and something else was decided since."
_LATER = "It could not be saved just now. Please open the link again in a minute."
_BROKEN = "Its preview is damaged, so it cannot be approved. Change the row a little: a new preview is made and a new mail asks."
_log = log.logger("approve-handler")
_Pair = tuple[str, str]  # post_id and revision


@dataclass(frozen=True)
class Seen:
    """One post of a token as it stands: ``view`` is the current package's, None where there is none to show.

    ``asked`` and ``current`` are the packages of the link's revision and of the current one, where both can be read.
    """

    post_id: str
    revision: str
    standing: Standing
    status: Status | None
    view: CardPost | None
    asked: Manifest | None = None
    current: Manifest | None = None


@dataclass(frozen=True)
class Found:
    """What was read together: posts by id, items of the working memory by key, packages (None: damaged, gone or unreadable now)."""

    statuses: Mapping[str, Status] = field(default_factory=dict)
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    manifests: Mapping[_Pair, Manifest | None] = field(default_factory=dict)

    @property
    def everything(self) -> dict[str, Any] | None:
        """The hold on everything ``{by, how, at}``, or None."""
        item = self.kept.get(HOLD_EVERYTHING, {})
        return item.get("standing") if item.get("since") else None


@dataclass(frozen=True)
class Pressed:
    """What a press came to, and the event that tells of it where anything changed."""

    seen: list[Seen]
    news: Detail | None


@dataclass(frozen=True)
class Missed:
    """There was nothing to commit. ``stale``: by what was read anew, or the link was spent meanwhile."""

    stale: bool


class Desk:
    """What the pages look at and what the buttons do. ``zone`` is the business's: times are said in it."""

    def __init__(
        self,
        ledger: Ledger,
        packages: Packages,
        signer: Signer,
        bus: Bus,
        zone: ZoneInfo,
        together: Together = in_threads,
    ) -> None:
        self.ledger = ledger
        self.packages = packages
        self.signer = signer
        self._bus = bus
        self.zone = zone
        self.together = together

    # looking

    def find(self, token: Token, keys: Iterable[str] = (), *, packages: bool = True) -> Found:
        """All that can be read of a link at once: its posts, its nonces, the hold on everything, ``keys``, and the packages it names."""
        wanted = token.posts if packages else ()
        kept = [HOLD_EVERYTHING, *nonce_keys(token), *keys]
        reads = [partial(self.manifest, pair, token.action) for pair in wanted]
        (statuses, items), *manifests = self.together(
            [partial(self.ledger.deciding, [post_id for post_id, _ in token.posts], kept), *reads]
        )
        return Found(statuses, items, dict(zip(wanted, manifests, strict=True)))

    def stand(self, token: Token, found: Found) -> list[Seen]:
        """Each post as far as its own item tells; nothing more is read."""
        seen = []
        for number, (post_id, revision) in enumerate(token.posts):
            status = found.statuses.get(post_id)
            stands = standing(token.action, status, revision, (), self.zone)
            if nonce_keys(token)[number] in found.kept and stands.verdict is Verdict.OPEN:
                stands = Standing(Verdict.SPENT, _SPENT)
            seen.append(Seen(post_id, revision, stands, status, None))
        return seen

    def look(self, token: Token, now: datetime, found: Found | None = None) -> list[Seen]:
        """Each post of the token as it stands now. Changes nothing. ``found`` is what was read of it a moment ago."""
        found = found or self.find(token)
        statuses, manifests = found.statuses, dict(found.manifests)
        current = {(post_id, status.current_revision or "") for post_id, status in statuses.items()}
        missing = sorted(pair for pair in current if pair[1] and pair not in manifests)
        reads = [partial(self.manifest, pair, token.action) for pair in missing]
        heads, *read = self.together([partial(self.ledger.heads, statuses.values()), *reads])
        manifests |= dict(zip(missing, read, strict=True))
        seen = []
        for number, (post_id, revision) in enumerate(token.posts):
            status = statuses.get(post_id)
            stands = standing(token.action, status, revision, heads.get(post_id, ()), self.zone)
            manifest = manifests.get((post_id, status.current_revision or "")) if status is not None else None
            if token.action in APPROVING and stands.verdict is Verdict.OPEN and manifest is None:
                stands = Standing(Verdict.BROKEN, _BROKEN)
            if stands.verdict is Verdict.OPEN and nonce_keys(token)[number] in found.kept:
                stands = Standing(Verdict.SPENT, _SPENT)
            view = card_post(status, manifest, now) if status is not None and manifest is not None else None
            seen.append(Seen(post_id, revision, stands, status, view, manifests.get((post_id, revision)), manifest))
        return seen

    def manifest(self, pair: _Pair, action: Action) -> Manifest | None:
        """None where the package is damaged or gone. Where it cannot be read now, only what approves it has to wait."""
        try:
            return self.packages.read(*pair)
        except PackageBroken:
            return None
        except Doubt:
            if action in APPROVING:
                raise
            return None

    # pressing

    def press(
        self, token: Token, lifts: Collection[str], now: datetime, how: How = How.MAIL, found: Found | None = None
    ) -> Pressed:
        """Commit post by post: one that changed, or that the tables do not take now, does not stand in the others' way.

        ``lifts`` names the holds that the page showed. Raises what the tables raised where no post was committed.
        """
        trace_id = new_trace_id()
        read = found or self.find(token, packages=token.action in APPROVING)
        act = Act(_PAST[token.action], token.recipient, now, trace_id, how)
        numbers = range(len(token.posts))
        tried = self.together([partial(self._commit, token, number, lifts, act, read) for number in numbers])
        trouble = next((entry for entry in tried if isinstance(entry, MeshError)), None)
        committed = [entry.post_id for entry in tried if isinstance(entry, Seen)]
        if trouble is not None and not committed:
            raise trouble
        seen = []
        looked: list[Seen] = []
        for number, entry in enumerate(tried):
            if isinstance(entry, MeshError):
                entry = Seen(*token.posts[number], Standing(Verdict.LATER, _LATER), None, None)
            elif isinstance(entry, Missed):
                stale = bool(committed) or any(isinstance(one, Missed) and one.stale for one in tried)
                looked = looked or self.look(token, now, None if stale else read)
                entry = looked[number]
            seen.append(entry)
        return Pressed(seen, _event(token.action, committed, trace_id) if committed else None)

    def _commit(
        self, token: Token, number: int, lifts: Collection[str], act: Act, read: Found
    ) -> Seen | Missed | MeshError:
        """What was committed, or that nothing was to be; what the tables raised is given back, for the other posts' sake.

        Nothing is approved whose package cannot be read here: the click says "exactly what I saw".
        """
        pair = post_id, revision = token.posts[number]
        manifest = read.manifests.get(pair)
        if (manifest is None and token.action in APPROVING) or nonce_keys(token)[number] in read.kept:
            return Missed(stale=False)
        hand = Hold(by=act.by, how=act.how, at=act.at.isoformat())
        looks = 0

        def change(before: Status | None) -> Status | None:
            nonlocal looks
            looks += 1
            after = decide(token.action, before, revision, hand, self.zone, lifts)
            return None if after is None else after.model_copy(update={"trace_id": act.trace_id})

        try:
            after = self.ledger.change_status(
                post_id,
                replace(act, revision=revision),
                change,
                extra=[self.ledger.nonce(f"{token.nonce}-{number}", token.expires_at)],
                read=read.statuses,
            )
        except Conflict:  # the nonce was spent by an earlier press of this very link
            return Missed(stale=True)
        except MeshError as error:
            return error
        if after is None:
            return Missed(stale=looks > 1)
        view = card_post(after, manifest, act.at) if manifest is not None else None
        return Seen(post_id, revision, Standing(Verdict.DONE), after, view)

    def tell(self, news: Detail) -> None:
        """BusError when the bus refuses it: what was committed stands, and the next sync and sweep find it."""
        self._bus.put([news])

    # everything

    def everything(self) -> dict[str, Any] | None:
        """The hold on everything ``{by, how, at}``, or None."""
        return Found(kept=self.ledger.deciding([], [HOLD_EVERYTHING])[1]).everything

    def press_everything(self, token: Token, now: datetime, how: How = How.MAIL) -> Detail | None:
        """Hold everything, or let it go on; None when nothing changed. A release is single use, the brake is not.

        TooOften where it went to and fro too often lately; a hold that stands already costs nothing.
        """
        return self.change_everything(token, now, how)[2]

    def change_everything(
        self, token: Token, now: datetime, how: How = How.MAIL, keys: Iterable[str] = ()
    ) -> tuple[dict[str, Any] | None, Mapping[str, Mapping[str, Any]], Detail | None]:
        """The hold on everything as it stands afterwards, what else lay under ``keys``, and as above."""
        holds = token.action is Action.HOLD_EVERYTHING
        limits = everything_limits(token.recipient)
        keys = [HOLD_EVERYTHING, f"nonce#{token.nonce}", *(limit.key for limit in limits), *keys]
        trace_id = new_trace_id()
        act = Act(_PAST[token.action], token.recipient, now, trace_id, how)
        for _ in range(_TRIES):
            read = Found(kept=self.ledger.deciding([], keys)[1])
            if (read.everything is not None) is holds or (not holds and f"nonce#{token.nonce}" in read.kept):
                return read.everything, read.kept, None
            values = {"by": token.recipient, "how": how.value, "at": now.isoformat()} if holds else None
            extra = counted(limits, read.kept, now, self.ledger.names.runtime)
            extra += [] if holds else [self.ledger.nonce(token.nonce, token.expires_at)]
            try:
                self.ledger.set_standing(EVERYTHING, HOLD_EVERYTHING, values, act, extra=extra, read=read.kept)
            except Conflict:  # somebody else was first: look again
                continue
            model = Held if holds else Released
            return values, read.kept, model(trace_id=trace_id, post_ids=[], scope=EVERYTHING)
        raise Conflict("the hold on everything is being changed by others")

    def fresh(self, token: Token, action: Action, posts: Sequence[tuple[str, str]]) -> str:
        """A new link for the same recipient, as old as the one they hold."""
        update = {"action": action, "posts": tuple(posts), "nonce": new_nonce()}
        about_a_try = {} if action in ANSWERS else {"channel": "", "attempt": 0}
        return self.signer.sign(token.model_copy(update={**update, **about_a_try}))


def announce(desk: Desk, news: Detail | None) -> None:
    """A lost event loses nothing but time, and what was committed is committed: whoever pressed is told so all the same."""
    if news is None:
        return
    try:
        desk.tell(news)
    except BusError as error:
        log.line(_log, "event lost", trace_id=news.trace_id, move=news.detail_type, outcome=type(error).__name__)


def everything_limits(recipient: str) -> list[Limit]:
    """How often everything may be held or let go on in ten minutes: by one recipient, and by all."""
    return [Limit(f"rate#everything#{person(recipient)}", 6), Limit("rate#everything", 12)]


def nonce_keys(token: Token) -> list[str]:
    """Where it is noted that the link was used: for each of its posts."""
    return [f"nonce#{token.nonce}-{number}" for number in range(len(token.posts))]


_PAST = {
    Action.REVIEW: "approved",
    Action.SEND_NOW: "approved to go now",
    Action.HOLD: "held",
    Action.RELEASE: "released",
    Action.HOLD_EVERYTHING: "everything held",
    Action.RELEASE_EVERYTHING: "everything released",
}


def _event(action: Action, post_ids: list[str], trace_id: str) -> Detail:
    match action:
        case Action.HOLD:
            return Held(trace_id=trace_id, post_ids=post_ids)
        case Action.RELEASE:
            return Released(trace_id=trace_id, post_ids=post_ids)
        case _:
            return Approved(trace_id=trace_id, post_ids=post_ids)
