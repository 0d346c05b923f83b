"""The card: asks each recipient about exactly the packages that the request names, and notes on the posts that it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from mesh import log
from mesh.approvals import Action
from mesh.cards.email import card_fits, card_key, compose_card, subject
from mesh.cards.model import Card, CardPost, card_post, say_approval
from mesh.cards.shares import shares
from mesh.errors import MeshError
from mesh.events import ReviewRequested
from mesh.ledger import Act, Status
from mesh.messages.office import SAID_FOR, Hold, PostOffice, Round
from mesh.messages.standing import asks_late, decided
from mesh.packages import Manifest, PackageBroken
from mesh.schedule_time import say_with_zone
from notifier.decide import card_fate, dealt, note_card, to_show
from notifier.returns import ROUND

_log = log.logger("notifier")
_BROKEN = "its preview is damaged; change the row a little, so that a new one is made"


def send_cards(office: PostOffice, detail: ReviewRequested, now: datetime) -> int:
    """As few messages per recipient as no program cuts off. A post whose package cannot be shown is left out and told so in its row."""
    if detail.only_for and detail.only_for not in office.settings.people:
        log.line(_log, "nobody to send it to", trace_id=detail.trace_id, reason="no recipient any more")
        return 0
    shown = to_show(detail, office.ledger.statuses(asked.post_id for asked in detail.posts))
    manifests: dict[str, Manifest] = {}
    for status in shown:
        manifest = _manifest(office, status.post_id, status.current_revision or "")
        if manifest is None:
            _note(office, detail, status, None, _BROKEN, now)
        else:
            manifests[status.post_id] = manifest
    statuses = {status.post_id: status for status in shown if status.post_id in manifests}
    if not statuses:
        return 0
    posts = {post_id: _post(office, detail, status, manifests[post_id], now) for post_id, status in statuses.items()}
    asking = _Asking(office, detail, now, office.hold_on_everything(), statuses)
    return sum(asking.send(key, [posts[one] for one in ids if one in posts]) for key, ids in asking.deal(posts))


@dataclass
class _Asking:
    """One request being sent. ``hold`` is the hold on everything."""

    office: PostOffice
    detail: ReviewRequested
    now: datetime
    hold: Hold | None
    statuses: Mapping[str, Status]
    _damaged: tuple[str, str] = field(default=("", ""))  # the post and the revision of an image that could not be read

    def deal(self, posts: Mapping[str, CardPost]) -> list[tuple[str, list[str]]]:
        """Which posts are in which message, by the key it is sent once under. As the first delivery dealt them out, so they stay."""
        detail = self.detail
        asked = [one.post_id for one in detail.posts]
        kept = f"{detail.round_id}#{asked[0]}"
        if len(asked) == 1:
            return [(f"card#{kept}", asked)]
        longest = max(self._people, key=len, default="")
        found = shares(list(posts.values()), lambda some: card_fits(self._card(some, longest)))
        plan = dealt([[post.post_id for post in share] for share in found], asked)
        until = self.now + SAID_FOR
        stands = self.office.runtime.agree(f"shares#{kept}", {"shares": plan}, self.now, until)["shares"]
        return [(f"card#{detail.round_id}#{ids[0]}", list(map(str, ids))) for ids in stands]

    def send(self, key: str, posts: Sequence[CardPost]) -> int:
        """One message to each recipient; a post with a damaged image is left out of it."""
        while posts:
            try:
                done = self._send(key, posts)
            except PackageBroken:
                posts = self._without_damaged(posts)
                continue
            sent_at, sent_to, error = card_fate(done.refused, done.asked, self.now)
            for post in posts:
                _note(self.office, self.detail, self.statuses[post.post_id], sent_at, error, self.now, sent_to)
            return done.sent
        return 0

    def _send(self, key: str, posts: Sequence[CardPost]) -> Round:
        thread = posts[0].post_id if len(posts) == 1 else ""
        about = ""
        # A late post's question keeps its own subject: as a reply it would lie folded below a mail that seems dealt with.
        if thread and self.detail.reason != "late":
            own = subject(Card(self.detail.round_id, self.detail.reason, tuple(posts)))
            about = self.office.thread_subject(thread, own, self.detail, self.now)
        read: dict[tuple[str, str], bytes] = {}

        def read_image(post_id: str, revision: str, sha256: str) -> bytes:
            if (post_id, sha256) not in read:
                read[post_id, sha256] = self._image(post_id, revision, sha256)
            return read[post_id, sha256]

        def compose(recipient: str) -> EmailMessage:
            card = self._card(posts, recipient)
            envelope = self.office.envelope(recipient, self.now, card_key(card, recipient), thread, about)
            return compose_card(card, envelope, read_image)

        tags = {ROUND: self.detail.round_id}
        return self.office.send_all(self.detail, key, compose, self.now, only_for=self.detail.only_for, tags=tags)

    def _image(self, post_id: str, revision: str, sha256: str) -> bytes:
        earlier = revision != self.statuses[post_id].current_revision
        try:
            return self.office.packages.image(post_id, revision, sha256)
        except PackageBroken:
            self._damaged = post_id, revision
            raise
        except MeshError as error:
            if not earlier:
                raise  # the event's next delivery reads it
            self._damaged = post_id, revision
            raise PackageBroken("an image of an earlier revision cannot be read") from error

    def _without_damaged(self, posts: Sequence[CardPost]) -> list[CardPost]:
        """A damaged image of an earlier revision costs the pictures of what changed; one of this revision costs the post."""
        post_id, revision = self._damaged
        left: list[CardPost] = []
        for post in posts:
            if post.post_id != post_id:
                left.append(post)
            elif post.changes is not None and revision == post.changes.before:
                left.append(replace(post, changes=replace(post.changes, images=())))
            else:
                _note(self.office, self.detail, self.statuses[post_id], None, _BROKEN, self.now)
        return left

    @property
    def _people(self) -> tuple[str, ...]:
        return (self.detail.only_for,) if self.detail.only_for else self.office.settings.people

    def _card(self, posts: Sequence[CardPost], recipient: str) -> Card:
        def link(action: Action, pairs: tuple[tuple[str, str], ...]) -> str:
            return self.office.link(action, pairs, recipient, self.detail.round_id, self.now)

        linked = []
        for post in posts:
            pair = ((post.post_id, post.revision),)
            actions = (Action.HOLD,) if post.decided else (Action.REVIEW, Action.HOLD, Action.SEND_NOW)
            linked.append(replace(post, links={action.value: link(action, pair) for action in actions}))
        waiting = tuple((post.post_id, post.revision) for post in posts if not post.decided)
        brake = self.office.brake(self.hold, recipient, self.detail.round_id, self.now)
        return Card(
            round_id=self.detail.round_id,
            reason=self.detail.reason,
            posts=tuple(linked),
            approve_all=link(Action.REVIEW, waiting) if len(waiting) > 1 else "",
            hold_everything=brake.hold_everything,
            release_everything=brake.release_everything,
            held=brake.held,
            sheet=brake.sheet,
            compose=brake.compose,
        )


def _post(office: PostOffice, detail: ReviewRequested, status: Status, manifest: Manifest, now: datetime) -> CardPost:
    """What the card shows of one post, but for the links, which are each recipient's own."""
    post = card_post(status, manifest, now)
    zone = ZoneInfo(manifest.time_zone)
    if status.held is not None:
        since = say_with_zone(datetime.fromisoformat(status.held.at), zone)
        remark = f"{status.held.by} put it on hold ({since}). Approving it lifts the hold."
        post = replace(post, remarks=(remark, *post.remarks))
    if detail.reason == "fresh" and decided(status) and status.approval is not None and not asks_late(status):
        post = replace(post, decided=say_approval(status.approval, zone))
    asked = status.asked
    instead_of = asked.instead_of if asked is not None and asked.revision == manifest.revision else ""
    return replace(post, changes=office.changes(manifest, instead_of))


def _manifest(office: PostOffice, post_id: str, revision: str) -> Manifest | None:
    try:
        return office.packages.read(post_id, revision)
    except (PackageBroken, ValueError):  # its bytes are right, and no manifest that this version reads
        return None


def _note(
    office: PostOffice,
    detail: ReviewRequested,
    status: Status,
    sent_at: str | None,
    error: str,
    now: datetime,
    sent_to: int = 0,
) -> None:
    act = Act("card sent" if sent_at else "card refused", "notifier", now, detail.trace_id)
    office.ledger.change_status(
        status.post_id, act, lambda before: note_card(before, detail.round_id, sent_at, error, sent_to)
    )
