"""Commits a press: one transaction per post, the nonce burned in it; then the event. A second press finds it done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from approve_handler.decide import APPROVING, Standing, Verdict, decide, standing
from mesh.approvals import Action, How, Signer, Token, new_nonce
from mesh.bus import Bus
from mesh.cards.model import CardPost, card_post
from mesh.errors import Conflict, MeshError
from mesh.events import Approved, Detail, Held, Released, new_trace_id
from mesh.ledger import Act, Hold, Ledger, Status
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.packages import Manifest, PackageBroken, Packages

EVERYTHING = "everything"
_SPENT = "This link was used already, and something else was decided since."
_LATER = "It could not be saved just now. Please open the link again in a minute."
_BROKEN = "Its preview is damaged, so it cannot be approved. Change the row a little: a new preview is made and a new mail asks."


@dataclass(frozen=True)
class Seen:
    """One post of a token as it stands: ``view`` is the current package's, None where there is none to show."""

    post_id: str
    revision: str
    standing: Standing
    status: Status | None
    view: CardPost | None


@dataclass(frozen=True)
class Pressed:
    """What a press came to, and the event that tells of it where anything changed."""

    seen: list[Seen]
    news: Detail | None


class Desk:
    """What the pages look at and what the buttons do. ``zone`` is the business's: times are said in it."""

    def __init__(self, ledger: Ledger, packages: Packages, signer: Signer, bus: Bus, zone: ZoneInfo) -> None:
        self.ledger = ledger
        self.packages = packages
        self.signer = signer
        self._bus = bus
        self.zone = zone

    def look(self, token: Token, now: datetime) -> list[Seen]:
        """Each post of the token as it stands now. Changes nothing."""
        statuses = self.ledger.statuses(post_id for post_id, _ in token.posts)
        heads = self.ledger.heads(statuses.values())
        seen = []
        for post_id, revision in token.posts:
            status = statuses.get(post_id)
            stands = standing(token.action, status, revision, heads.get(post_id, ()), self.zone)
            current = status.current_revision if status is not None else None
            manifest = self._manifest(post_id, current) if current else None
            if token.action in APPROVING and stands.verdict is Verdict.OPEN and manifest is None:
                stands = Standing(Verdict.BROKEN, _BROKEN)
            view = card_post(status, manifest, now) if status is not None and manifest is not None else None
            seen.append(Seen(post_id, revision, stands, status, view))
        return seen

    def view(self, status: Status | None, revision: str, now: datetime) -> CardPost | None:
        """One revision of a post as a human is shown it; None where it cannot be."""
        manifest = self._manifest(status.post_id, revision) if status is not None else None
        return card_post(status, manifest, now) if status is not None and manifest is not None else None

    def _manifest(self, post_id: str, revision: str) -> Manifest | None:
        """None where the package is damaged or gone."""
        try:
            return self.packages.read(post_id, revision)
        except PackageBroken:
            return None

    def press(self, token: Token, lifts: Collection[str], now: datetime, how: How = How.MAIL) -> Pressed:
        """Commit post by post: one that changed, or that the tables do not take now, does not stand in the others' way.

        ``lifts`` names the holds that the page showed. Raises what the tables raised where no post was committed.
        """
        trace_id = new_trace_id()
        seen: list[Seen] = []
        trouble: MeshError | None = None
        for number in range(len(token.posts)):
            try:
                seen.append(
                    self._commit(token, number, lifts, Act(_PAST[token.action], token.recipient, now, trace_id, how))
                )
            except MeshError as error:
                trouble = error
                seen.append(Seen(*token.posts[number], Standing(Verdict.LATER, _LATER), None, None))
        done = [entry.post_id for entry in seen if entry.standing.verdict is Verdict.DONE]
        if trouble is not None and not done:
            raise trouble
        return Pressed(seen, _event(token.action, done, trace_id) if done else None)

    def _commit(self, token: Token, number: int, lifts: Collection[str], act: Act) -> Seen:
        """Nothing is approved whose package cannot be read here: the click says "exactly what I saw"."""
        post_id, revision = token.posts[number]
        now = act.at
        one = token.model_copy(update={"posts": (token.posts[number],)})
        manifest = self._manifest(post_id, revision) if token.action in APPROVING else None
        if manifest is None and token.action in APPROVING:
            return self.look(one, now)[0]
        hand = Hold(by=act.by, how=act.how, at=now.isoformat())

        def change(before: Status | None) -> Status | None:
            after = decide(token.action, before, revision, hand, self.zone, lifts)
            return None if after is None else after.model_copy(update={"trace_id": act.trace_id})

        spent = False
        try:
            after = self.ledger.change_status(
                post_id,
                replace(act, revision=revision),
                change,
                extra=[self.ledger.nonce(f"{token.nonce}-{number}", token.expires_at)],
            )
        except Conflict:  # the nonce was spent by an earlier press of this very link
            after, spent = None, True
        if after is not None:
            view = card_post(after, manifest, now) if manifest is not None else None
            return Seen(post_id, revision, Standing(Verdict.DONE), after, view)
        (entry,) = self.look(one, now)
        if spent and entry.standing.verdict is Verdict.OPEN:
            return Seen(post_id, revision, Standing(Verdict.SPENT, _SPENT), entry.status, entry.view)
        return entry

    def tell(self, news: Detail) -> None:
        """BusError when the bus refuses it: what was committed stands, and the next sync and sweep find it."""
        self._bus.put([news])

    def everything(self) -> dict[str, Any] | None:
        """The hold on everything ``{by, how, at}``, or None."""
        return self.ledger.standing([HOLD_EVERYTHING]).get(HOLD_EVERYTHING)

    def press_everything(self, token: Token, now: datetime, how: How = How.MAIL) -> Detail | None:
        """Hold everything, or let it go on; None when nothing changed. A release is single use, the brake always works."""
        trace_id = new_trace_id()
        holds = token.action is Action.HOLD_EVERYTHING
        values = {"by": token.recipient, "how": how, "at": now.isoformat()} if holds else None
        act = Act(_PAST[token.action], token.recipient, now, trace_id, how)
        burn = [] if holds else [self.ledger.nonce(token.nonce, token.expires_at)]
        try:
            changed = self.ledger.set_standing(EVERYTHING, HOLD_EVERYTHING, values, act, extra=burn)
        except Conflict:
            changed = False
        model = Held if holds else Released
        return model(trace_id=trace_id, post_ids=[], scope=EVERYTHING) if changed else None

    def fresh(self, token: Token, action: Action, posts: Sequence[tuple[str, str]]) -> str:
        """A new link for the same recipient, as old as the one they hold."""
        update = {"action": action, "posts": tuple(posts), "nonce": new_nonce()}
        return self.signer.sign(token.model_copy(update=update))


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
