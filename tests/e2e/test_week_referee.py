"""The referee of a virtual week notices each thing that must never happen. Without a stack: what it looks at is made up here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local import week_referee
from local.calendars.sample import load_sample
from local.week import TODAY
from local.week_plan import Intent, number_in, plan_week
from local.week_record import COLUMNS, Approval, May, Post, Shown, Words, shown_on
from local.week_referee import Referee
from local.week_rules import Doc, Rules
from local.week_spans import Span
from mesh.cards.model import CardPost
from mesh.cards.pages import Button, review
from mesh.cards.previews import Preview
from mesh.ledger.verify import Finding, Kind
from mesh.packages import PackedCard, PackedImage

ZONE = ZoneInfo("Europe/Berlin")
NOON = datetime(2027, 3, 16, 11, tzinfo=UTC)
CELLS = {"date": "2027-03-16", "time": "12:00", "text": "No. 1: soup & bread", "channels": "mastodon-main"}


class Scene:
    """One post on one channel, approved and due at noon, and whatever a test makes of it."""

    def __init__(self) -> None:
        self.now = NOON - timedelta(hours=1)
        self.post = Post(1, dict(CELLS), Intent.APPROVE)
        self.shown = {**dict.fromkeys(COLUMNS, ""), **CELLS, "post_id": "p_1", "approved": True, "status": "Booked"}
        self.rows = [self.shown]
        self.feed: list[dict[str, Any]] = []
        self.chains: tuple[Finding, ...] = ()
        presses = SimpleNamespace(everything_held=[], everything_held_since=None)
        self.doc = Doc(Rules(ZONE, self.now - timedelta(days=1)))
        owner = SimpleNamespace(posts={1: self.post}, order=[1], mails=[], presses=presses, doc=self.doc)
        self.owner = owner
        stack = SimpleNamespace(now=lambda: self.now)
        world = SimpleNamespace(
            stack=stack,
            zone=ZONE,
            rows=lambda: self.rows,
            feed=lambda: self.feed,
            broken_chains=lambda: self.chains,
            wall_clock=lambda: str(self.now),
        )
        self.spans: list[Span] = []
        troubles = SimpleNamespace(in_the_way=lambda *_: False, paused=[], spans=lambda: self.spans)
        self.referee = Referee(world, owner, troubles)  # type: ignore[arg-type]
        words = Words(CELLS["text"], (), "")
        shown = Shown("Tuesday 16 March, 12:00", {"mastodon-main": words})
        self.post.approvals.append(Approval(self.now, shown, self.post.matters, current=True, sure=True))
        self.settle()

    def settle(self) -> None:
        self.post.settle(self.now, by_sheet=False)

    def pass_by(self, minutes: int) -> None:
        self.referee.observe()
        self.now += timedelta(minutes=minutes)

    def publish(self, text: str = CELLS["text"]) -> None:
        number = len(self.feed)
        entry = {"network": "mastodon", "account": "moewe", "url": f"u{number}", "text": text, "images": [], "link": ""}
        self.feed.append(entry)

    def kinds(self) -> list[str]:
        self.referee.observe()
        self.referee.finish()
        return sorted({complaint.kind for complaint in self.referee.complaints})


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()
    monkeypatch.setattr(week_referee, "network_times", lambda world: {entry["url"]: made.now for entry in made.feed})
    return made


def _good(scene: Scene) -> None:
    scene.pass_by(61)
    scene.publish()


def _twice(scene: Scene) -> None:
    scene.pass_by(61)
    scene.publish()
    scene.publish()


def _other_words(scene: Scene) -> None:
    scene.pass_by(61)
    scene.publish("No. 1: soup and bread")


def _after_an_edit(scene: Scene) -> None:
    scene.post.cells["text"] = scene.shown["text"] = "No. 1: soup, no bread"
    scene.settle()
    scene.pass_by(61)
    scene.publish()


def _after_a_hold(scene: Scene) -> None:
    scene.post.stopped = "hold"
    scene.settle()
    scene.pass_by(61)
    scene.publish()


def _with_everything_on_hold(scene: Scene) -> None:
    scene.owner.presses.everything_held_since = scene.now
    scene.pass_by(0)
    scene.pass_by(61)
    scene.publish()


def _never_and_without_a_word(scene: Scene) -> None:
    scene.pass_by(240)


def _never_but_told(scene: Scene) -> None:
    scene.shown["status"] = "Not sent: its time has passed. A mail asks whether it shall still go out."
    scene.pass_by(240)


def _promised_for_later(scene: Scene) -> None:
    scene.pass_by(61)
    scene.shown["status"] = "Booked for Tue 16 Mar, 12:20"
    scene.pass_by(20)
    scene.pass_by(2)
    scene.publish()


def _trying_for_ever(scene: Scene) -> None:
    scene.pass_by(61)
    scene.shown["status"] = "mastodon-main: will be tried again (the network did not answer)"
    for _ in range(3):
        scene.pass_by(14)
    scene.publish()


def _an_outage(scene: Scene, *, mute: bool, minutes: int) -> None:
    began = NOON - timedelta(minutes=30)
    scene.spans.append(Span(began, began + timedelta(minutes=minutes), mute, "mastodon"))


def _an_outage_and_out_after_it(scene: Scene) -> None:
    _an_outage(scene, mute=True, minutes=120)
    for _ in range(17):
        scene.pass_by(10)
    scene.publish()


def _an_outage_of_the_network_alone_and_no_word(scene: Scene) -> None:
    _an_outage(scene, mute=False, minutes=120)
    for _ in range(17):
        scene.pass_by(10)
    scene.publish()


def _an_outage_long_over(scene: Scene) -> None:
    _an_outage(scene, mute=True, minutes=50)
    for _ in range(17):
        scene.pass_by(10)
    scene.publish()


def _before_its_time(scene: Scene) -> None:
    scene.pass_by(50)
    scene.publish()


def _on_a_blackout_day(scene: Scene) -> None:
    scene.doc.edit(since=scene.now - timedelta(hours=3), blackout=frozenset({NOON.date()}))
    scene.post.approvals[-1].now_please = True
    scene.pass_by(24 * 60)
    scene.doc.edit(since=scene.now - timedelta(hours=3), blackout=frozenset({NOON.date() + timedelta(days=1)}))
    scene.publish()


def _a_cell_is_another(scene: Scene) -> None:
    _good(scene)
    scene.shown["note"] = "written by nobody"


def _a_row_is_lost(scene: Scene) -> None:
    _good(scene)
    scene.rows = []


def _a_tick_is_back(scene: Scene) -> None:
    scene.post.stopped = "untick"
    scene.settle()


def _the_audit_is_broken(scene: Scene) -> None:
    _good(scene)
    scene.chains = (Finding("p_1#mastodon-main", 2, Kind.MISSING, "p_1#mastodon-main: row 2 is missing."),)


@pytest.mark.parametrize(
    ("happens", "kinds"),
    [
        (_good, []),
        (_never_but_told, []),
        (_twice, ["doubled"]),
        (_other_words, ["unapproved"]),
        (_after_an_edit, ["unapproved"]),
        (_after_a_hold, ["unapproved"]),
        (_with_everything_on_hold, ["unapproved"]),
        (_never_and_without_a_word, ["missed", "silent", "unsettled"]),
        (_promised_for_later, []),
        (_trying_for_ever, ["unsettled"]),
        (_an_outage_and_out_after_it, []),
        (_an_outage_of_the_network_alone_and_no_word, ["silent"]),
        (_an_outage_long_over, ["silent", "unsettled"]),
        (_before_its_time, ["early"]),
        (_on_a_blackout_day, ["outside"]),
        (_a_cell_is_another, ["cells"]),
        (_a_row_is_lost, ["cells"]),
        (_a_tick_is_back, ["cells"]),
        (_the_audit_is_broken, ["audit"]),
    ],
)
def test_the_referee_names_what_must_not_happen_and_nothing_else(
    scene: Scene, happens: Callable[[Scene], None], kinds: list[str]
) -> None:
    happens(scene)
    assert scene.kinds() == kinds


def test_lateness_counts_from_the_time_by_the_rules(scene: Scene) -> None:
    scene.pass_by(61)
    scene.publish()
    scene.referee.observe()
    assert scene.referee.out["u0"].due == NOON
    assert scene.referee.out["u0"].late_seconds == 60


def test_only_the_newest_press_counts_and_only_for_what_it_showed() -> None:
    post = Post(1, dict(CELLS), Intent.APPROVE)
    shown = Shown("12:00", {})
    first = Approval(NOON, shown, post.matters, current=True, sure=True)
    post.approvals = [first]
    assert post.may() is May.YES
    post.cells["text"] += "!"
    assert post.may() is May.NO
    post.approvals.append(Approval(NOON, shown, post.matters, current=True, sure=False))
    assert post.may() is May.UNCLEAR
    post.cells["text"] = CELLS["text"]
    assert post.may() is May.NO


def test_a_page_is_read_as_a_person_reads_it() -> None:
    sha256 = "ab" * 32
    image = PackedImage(sha256=sha256, mime="image/png", size_bytes=1, width_px=2, height_px=3, alt='a "gull" & sea')
    text = "No. 7: Guten Morgen, <Kreuzberg> & all\n\n☕"
    card = PackedCard(url="https://cafe.example/x?a=1&b=2", title="Menu", thumbnail=image)
    previews = (
        Preview("bluesky-main", "bluesky", text, (image,), link="https://cafe.example/x"),
        Preview("mastodon-main", "mastodon", text + "\nhttps://cafe.example/x #sea", card=card),
        Preview("mastodon-two", "mastodon", text + "\nhttps://cafe.example/x #sea", card=card),
    )
    post = CardPost("p_1", "r", "Tuesday 16 March, 07:00", "Monday 15 March, 21:30", "outside the window", previews)
    (shown,) = shown_on(review([post], "token", "nonce", Button("Approve"), "Approve?"))
    assert shown.number == 7
    assert "07:00" in shown.when
    assert "21:30" in shown.when
    assert shown.channels == {
        "bluesky-main": Words(text, (('a "gull" & sea', sha256),), "https://cafe.example/x"),
        "mastodon-main": Words(text + "\nhttps://cafe.example/x #sea", (), "https://cafe.example/x?a=1&b=2"),
        "mastodon-two": Words(text + "\nhttps://cafe.example/x #sea", (), "https://cafe.example/x?a=1&b=2"),
    }


def test_a_seed_is_one_week() -> None:
    sample = load_sample("cafe", TODAY, ZONE)
    assert sample.start is not None
    first, again, other = (plan_week(seed, sample.start, ZONE, sample.rows, days=7, posts=40) for seed in (5, 5, 6))
    assert first == again
    assert first.happenings != other.happenings
    assert [number_in(row["text"]) for row in first.rows] == list(range(1, 41))
    assert {one.what for one in first.happenings if one.at >= first.end} == set()
