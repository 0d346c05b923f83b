"""Will it send? Everything short of sending is tried for posts that come up, so that trouble is said while there is time to mend it.

Nothing here claims, publishes or changes a head. What is found is said once for each cause, with the posts it keeps back and what to do;
nothing is said when all is well. A dead sign-in found here pauses its channel, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mesh.errors import Doubt, Misconfigured
from mesh.events import Probe, Trouble, Upcoming
from mesh.ledger import Head, HeadState, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, PROBE_EVERY, alive_key, pause_key, tried_key
from mesh.packages import Manifest, PackageBroken
from mesh.rulebook import Rulebook
from mesh.schedule_time import say, say_with_zone
from mesh.sheet import SheetBroken, Table
from networks.model import Account, Pause
from sender.decide import renews_itself
from sender.gate import Asked, Gate, Live, approved_and_free, images_of, live_verdict
from sender.plainly import MADE_ANEW, damaged
from sender.ports import Ports

NOTED_FOR = timedelta(days=3)
SURE_AFTER = timedelta(
    minutes=4
)  # a row that disagrees may just be on its way through drive-sync: it is looked at twice
_LEFT_SECONDS = 15.0  # what is kept for saying what was found
_NAMED = 5  # posts named in one message

_MEND = {
    Pause.REAUTHORISE: "Connect the channel again before then.",
    Pause.BILLING: "Settle that with the network before then.",
    Pause.API_VERSION: "Update the scheduler before then.",
    Pause.MISMATCH: "Correct the account in the rules doc, or connect the right one, before then.",
}


@dataclass(frozen=True)
class Waiting:
    """A post that is still to go out as it was asked about, and when on which channel."""

    post: Upcoming
    status: Status
    times: Mapping[str, datetime]

    @property
    def first(self) -> datetime:
        return min(self.times.values())


@dataclass
class Trial:
    """What a trial came to: how many posts were tried to the end, and in how many ways something stands in their way."""

    tried: int = 0
    troubles: int = 0
    left: int = 0

    @property
    def told(self) -> str:
        return f"{self.tried} tried, {self.troubles} troubles, {self.left} left for the next sweep"


def still_waiting(
    posts: Iterable[Upcoming], statuses: Mapping[str, Status], heads: Mapping[str, Sequence[Head]]
) -> list[Waiting]:
    """Those that are approved as they were asked about and booked; the soonest first. Pure."""
    found = []
    for post in posts:
        status = statuses.get(post.post_id)
        if status is None or status.broken or status.current_revision != post.revision:
            continue
        times = {
            head.channel: datetime.fromisoformat(head.booking.at)
            for head in heads.get(post.post_id, ())
            if head.booking is not None and head.state is HeadState.READY and head.channel in post.channels
        }
        asked = Asked(post.post_id, "", post.revision)
        if times and status.cleared and approved_and_free(asked, status, {}).gate is Gate.OPEN:
            found.append(Waiting(post, status, times))
    return sorted(found, key=lambda one: (one.first, one.post.post_id))


def the_posts_of(moments: Iterable[datetime], zone: ZoneInfo) -> str:
    """ "The post of Friday 27 March, 09:00, Berlin time" or "The posts of …, … and 3 more". Pure."""
    ordered = sorted(moments)
    if len(ordered) == 1:
        return f"The post of {say_with_zone(ordered[0], zone)}"
    said = [say(moment, zone) for moment in ordered[:_NAMED]]
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return f"The posts of {'; '.join(said)}{more}"


def try_ahead(ports: Ports, event: Probe, remaining_seconds: Callable[[], float]) -> Trial:
    """What could not be read now is left to the next sweep, which asks again about whatever is not noted as tried."""
    now = ports.clock()
    statuses = ports.ledger.statuses(post.post_id for post in event.posts)
    heads = ports.ledger.heads(statuses.values())
    waiting = still_waiting(event.posts, statuses, heads)
    trial = Trial(left=len(waiting))
    if not waiting:
        return trial
    channels = sorted({channel for one in waiting for channel in one.times})
    keys = [HOLD_EVERYTHING, *map(pause_key, channels), *map(alive_key, channels)]
    kept = ports.runtime.several([*keys, *(tried_key(one.post.post_id) for one in waiting)], now)
    try:
        around = _Around(ports, event.trace_id, now, ports.surroundings.rulebook(), kept, trial)
        for channel in channels:
            around.channel(channel, [one for one in waiting if channel in one.times])
        around.everything(waiting)
        table = ports.surroundings.table()
        hashes = _image_hashes(ports, table, waiting)
    except (Doubt, Misconfigured, SheetBroken):  # drive-sync tells the owner of what does not pass by itself
        return trial
    for one in waiting:
        if remaining_seconds() < _LEFT_SECONDS:
            break
        try:
            around.post(one, table, hashes)
        except Doubt:
            continue
        trial.left -= 1
    return trial


def _image_hashes(ports: Ports, table: Table, waiting: Iterable[Waiting]) -> dict[str, str]:
    """Of all the images that the posts' live rows name, in one look."""
    ids = {one.post.post_id for one in waiting}
    names = {name for row in table.rows if row.row.post_id in ids for name in row.row.image_names}
    return ports.surroundings.image_hashes(sorted(names)) if names else {}


class _Around:
    """One trial: what stands around its posts. ``kept`` are the items of the working memory, by key."""

    def __init__(
        self,
        ports: Ports,
        trace_id: str,
        now: datetime,
        rulebook: Rulebook,
        kept: Mapping[str, Mapping[str, Any]],
        trial: Trial,
    ) -> None:
        self._ports = ports
        self._trace_id = trace_id
        self._now = now
        self._rulebook = rulebook
        self._kept = kept
        self._trial = trial
        self._accounts: dict[str, Account] = {}

    # over all posts

    def everything(self, waiting: Sequence[Waiting]) -> None:
        hold = self._kept.get(HOLD_EVERYTHING, {})
        if hold.get("since"):
            posts = the_posts_of((one.first for one in waiting), self._rulebook.zone)
            began = say(datetime.fromisoformat(str(hold["since"])), self._rulebook.zone)
            why = f"{posts} will not go out as things are: everything is on hold since {began}."
            self._say(f"everything#{hold['since']}", f"{why} Let it go on before then.", waiting)

    def channel(self, name: str, waiting: Sequence[Waiting]) -> None:
        """Its pause, its account, its sign-in: once, for all its posts. Doubt where its secret cannot be read now."""
        posts = the_posts_of((one.times[name] for one in waiting), self._rulebook.zone)
        day = min(one.times[name] for one in waiting).astimezone(self._rulebook.zone).date()
        pause = self._kept.get(pause_key(name), {})
        if pause.get("since"):
            standing = pause["standing"]
            mend = _MEND.get(str(standing.get("reason")), "")  # type: ignore[call-overload]
            why = str(standing.get("detail", "")).rstrip(".")
            message = f"{posts} will not go out on {name} as things are, for {name} is paused: {why}. {mend}".rstrip()
            self._say(f"{name}#{pause['since']}#{day}", message, waiting)
            return
        if alive_key(name) not in self._kept:
            outcome = self._ports.channels.probe(
                name, self._trace_id, f"{posts} will not go out before that is mended."
            )
            if outcome == "paused":
                self._trial.troubles += 1
                self._mark_said(name, day.isoformat())
                return
            if outcome == "alive":
                self._ports.runtime.put(alive_key(name), {}, ttl=self._now + PROBE_EVERY)
        self._sign_in(name, posts, waiting)

    def _mark_said(self, name: str, day: str) -> None:
        """The pause's own message named the posts: the next trial of that day need not."""
        since = self._ports.ledger.standing([pause_key(name)]).get(pause_key(name), {}).get("since")
        self._ports.runtime.put(f"said#ahead#{name}#{since}#{day}", {}, ttl=self._now + NOTED_FOR)

    def _sign_in(self, name: str, posts: str, waiting: Sequence[Waiting]) -> None:
        """One that ends before a post's time is renewed; said where that cannot be."""
        try:
            account = self._ports.surroundings.account(name)
        except Misconfigured:
            return  # the next probe pauses it
        last = max(one.times[name] for one in waiting)
        if account.ends_at is not None and account.ends_at <= last:
            adapter = self._ports.network(account.network)
            fresh = self._ports.channels.refreshed(name, adapter, account)
            account = fresh or account
            if fresh is not None and renews_itself(adapter.declared):
                self._accounts[name] = account
                return  # it never reaches to the next day, and is renewed as the post goes
        self._accounts[name] = account
        if account.ends_at is not None and account.ends_at <= last:
            ends = say_with_zone(account.ends_at, self._rulebook.zone)
            message = f"{posts} will not go out on {name} as things are: its sign-in ends on {ends}. {_MEND[Pause.REAUTHORISE]}"
            self._say(f"{name}#ends#{account.ends_at.isoformat()}", message, waiting)

    # a post

    def post(self, one: Waiting, table: Table, hashes: Mapping[str, str]) -> None:
        """Its package and its row. Doubt where that cannot be read now."""
        post_id, revision = one.post.post_id, one.post.revision
        when = the_posts_of([one.first], self._rulebook.zone)
        try:
            manifest = self._package(post_id, revision)
        except PackageBroken as error:
            why = damaged(post_id, error, self._trace_id)
            message = f"{when} will not go out as things are: {why}. {MADE_ANEW}"
            self._say(f"package#{post_id}#{revision}", message, [one])
            self._note(one)
            return
        why = self._against(one, manifest, table, hashes)
        if why and not self._is_sure(one, why):
            return
        if why:
            short = f"{when} will not go out as things are: its row is not as it was approved."
            message = f"{when} will not go out as things are: {why.rstrip('.')}. Put the row right, or approve it as it is now."
            self._say(f"row#{post_id}#{revision}", short, [one], words=message)
        self._note(one)

    def _package(self, post_id: str, revision: str) -> Manifest:
        manifest = self._ports.packages.read(post_id, revision)
        wanted = {image.sha256 for packed in manifest.channels.values() for image in packed.rendition().uploads}
        for sha256 in sorted(wanted):
            self._ports.packages.image(post_id, revision, sha256)
        return manifest

    def _against(self, one: Waiting, manifest: Manifest, table: Table, hashes: Mapping[str, str]) -> str:
        """The gate, as far as it can be known ahead: "" while it would open. A channel's own trouble was said for the channel."""
        for channel in sorted(self._accounts.keys() & one.times.keys()):
            asked = Asked(one.post.post_id, channel, one.post.revision)
            live = Live(table, self._rulebook, manifest, self._accounts[channel])
            named = {name: hashes[name] for name in images_of(asked, live) if name in hashes}
            verdict = live_verdict(asked, live, named)
            if verdict.gate is not Gate.OPEN and not verdict.pause:
                return verdict.reason
        return ""

    def _is_sure(self, one: Waiting, why: str) -> bool:
        """Found so before, and some minutes ago: what drive-sync is just bringing in line is no trouble."""
        key = tried_key(one.post.post_id)
        before = self._kept.get(key, {})
        if (before.get("revision"), before.get("doubt")) == (one.post.revision, why):
            return datetime.fromisoformat(str(before["doubt_at"])) + SURE_AFTER <= self._now
        values = {"revision": one.post.revision, "doubt": why, "doubt_at": self._now.isoformat()}
        self._ports.runtime.put(key, values, ttl=self._now + NOTED_FOR)
        return False

    def _note(self, one: Waiting) -> None:
        values = {"revision": one.post.revision, "at": self._now.isoformat()}
        self._ports.runtime.put(tried_key(one.post.post_id), values, ttl=self._now + NOTED_FOR)
        self._trial.tried += 1

    def _say(self, cause: str, message: str, waiting: Sequence[Waiting], words: str = "") -> None:
        """``words`` quote the row, and so lie in the table: an event carries nobody's words."""
        self._trial.troubles += 1
        note = f"note#ahead#{cause}" if words else ""
        if words:
            self._ports.runtime.put(note, {"message": words}, ttl=self._now + NOTED_FOR)
        post_ids = [one.post.post_id for one in waiting]
        said = Trouble(
            cause=f"ahead#{cause}", message=message, post_ids=post_ids, words_key=note, trace_id=self._trace_id
        )
        self._ports.say(said)
