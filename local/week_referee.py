"""The referee of a week: compares its own record of what the owner did with what the networks hold, the sheet shows and the mails say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local.story_world import World
from local.week_owner import Owner, channel_of
from local.week_plan import moment_of, number_in
from local.week_public import images_of, network_times, same_words
from local.week_record import COLUMNS, May, Post, Words
from local.week_rules import Rules
from local.week_spans import SILENCE, free_from
from local.week_telling import SETTLED, named_time, told_by_cell
from local.week_trouble import Troubles

_EARLY = timedelta(seconds=130)  # what is due in under two minutes is sent at once
_A_MINUTE = timedelta(minutes=1)
_LONGEST_TURN = timedelta(hours=2)  # the late rule: past it the owner is asked


@dataclass(frozen=True)
class Complaint:
    kind: str  # doubled, unapproved, cells, missed, audit, silent, unsettled, early, outside, burst
    number: int
    sentence: str


@dataclass(frozen=True)
class Publication:
    """One public post. ``at`` is the network's time of it, ``due`` the effective one."""

    number: int
    channel: str
    url: str
    at: datetime
    due: datetime
    disturbed: bool

    @property
    def late_seconds(self) -> float:
        return max(0.0, (self.at - self.due).total_seconds())


class Referee:
    """``observe`` is called whenever everything has settled."""

    def __init__(self, world: World, owner: Owner, troubles: Troubles) -> None:
        self._world = world
        self._owner = owner
        self._troubles = troubles
        self.complaints: list[Complaint] = []
        self.out: dict[str, Publication] = {}
        self.in_flight: set[tuple[int, str]] = (
            set()
        )  # their request was withheld by the network: it may land at any time
        self.silences: dict[tuple[int, str], float] = {}  # minutes over the quarter of an hour, without a word
        self.unsettled: dict[tuple[int, str], float] = {}  # and those without being sent or asked about
        self.after_trouble: list[timedelta] = []  # from the end of what was in the way to being out
        self._paused_at: dict[tuple[int, str], datetime] = {}
        self._seen_at = world.stack.now()
        self._everything_held = owner.presses.everything_held_since
        self._mails_read = 0

    def complain(self, kind: str, number: int, sentence: str) -> None:
        complaint = Complaint(kind, number, sentence)
        if complaint not in self.complaints:
            self.complaints.append(complaint)

    def count(self, kind: str) -> int:
        return sum(complaint.kind == kind for complaint in self.complaints)

    def observe(self) -> None:
        rows = self._world.rows()
        self._look_at_sheet(rows)
        self._look_at_feed()
        self._hear({number_in(str(row["text"])): str(row["status"]) for row in rows})
        self._seen_at = self._world.stack.now()
        self._everything_held = self._owner.presses.everything_held_since

    # the sheet

    def _look_at_sheet(self, rows: list[dict[str, Any]]) -> None:
        posts = self._owner.posts
        there = [number_in(str(row["text"])) for row in rows]
        if there != self._owner.order:
            lost = set(self._owner.order) - set(there)
            more = [number for number in there if number not in self._owner.order or there.count(number) > 1]
            what = f"missing {sorted(lost)}, too many {sorted(set(more))}" if lost or more else "in another order"
            self.complain("cells", min(lost | set(more), default=0), f"the rows are not as the owner left them: {what}")
        ids = Counter(str(row["post_id"]) for row in rows)
        for row, number in zip(rows, there, strict=True):
            post = posts.get(number)
            if post is None:
                continue
            for column in COLUMNS:
                if str(row[column]) != post.cells.get(column, ""):
                    said = f"{column} says {row[column]!r}, the owner typed {post.cells.get(column, '')!r}"
                    self.complain("cells", number, said)
            if post.stopped == "untick" and row["approved"] is True:
                self.complain("cells", number, "the owner's tick was taken away by hand, and is there again")
            post_id = str(row["post_id"])
            if post_id and ids[post_id] == 1:
                if post.post_id and post_id != post.post_id:
                    self.complain("cells", number, f"its id was {post.post_id} and is {post_id} now")
                post.post_id = post_id

    # the networks

    def _look_at_feed(self) -> None:
        times: dict[str, datetime] = {}
        counts: Counter[tuple[int, str]] = Counter()
        for entry in self._world.feed():
            number, channel, url = number_in(entry["text"]), channel_of(entry), str(entry["url"])
            counts[number, channel] += 1
            if counts[number, channel] == 2:
                self.complain("doubled", number, f"it is out more than once on {channel}")
            if url in self.out:
                continue
            times = times or network_times(self._world)
            post = self._owner.posts.get(number)
            at = times.get(url, self._seen_at)
            if post is None:
                self.complain("unapproved", number, f"{url} is nobody's post")
                self.out[url] = Publication(number, channel, url, at, at, disturbed=True)
                continue
            self._judge(post, channel, entry)
            due = self._due(post, channel, at)
            disturbed = self._troubles.in_the_way(min(due, at), at, channel)
            self._judge_time(post, channel, at, disturbed=disturbed)
            self.out[url] = Publication(number, channel, url, at, due, disturbed)
            if disturbed:
                self.after_trouble.append(at - free_from(due, self._troubles.spans(), channel, at))
            post.story.append(f"{at:%a %H:%M:%S} UTC  {channel}: {url}")

    def _judge(self, post: Post, channel: str, entry: Mapping[str, Any]) -> None:
        """Whether exactly this was approved, and nothing had been stopped before the last look."""
        shown = Words(entry["text"], images_of(entry), str(entry["link"]))
        words = post.approved_words(channel)
        if not any(same_words(shown, approved) for approved in words):
            self.complain("unapproved", post.number, f"on {channel} stands what no page had shown: {entry['text']!r}")
        if (post.number, channel) in self.in_flight:
            return
        if post.stopped_since is not None and post.stopped_since <= self._seen_at:
            why = post.stopped or ("the row was deleted" if post.gone else "as it stands it was not approved")
            self.complain("unapproved", post.number, f"on {channel} it went out although {why}")
        held = self._everything_held
        if held is not None and self._owner.presses.everything_held_since == held and held <= self._seen_at:
            self.complain("unapproved", post.number, f"on {channel} it went out although everything was on hold")

    def _judge_time(self, post: Post, channel: str, at: datetime, *, disturbed: bool) -> None:
        """Not before its time, and where nothing was in the way not against the rules, either."""
        if (post.number, channel) in self.in_flight:
            return
        around = self._owner.doc.around(at)
        if at < min(post.due(rules, by_poll=False) for rules in around) - _EARLY:
            self.complain(
                "early", post.number, f"on {channel} it went out at {at:%a %d %b %H:%M:%S} UTC, before its time"
            )
        if not disturbed and not any(rules.allows(at) or rules.allows(at - _A_MINUTE) for rules in around):
            self.complain(
                "outside", post.number, f"on {channel} it went out at {at:%a %d %b %H:%M} UTC, against the rules"
            )

    def _due(self, post: Post, channel: str, at: datetime) -> datetime:
        """By the rules in force, holds on everything and the minimum gap to what was out on the channel before ``at``.

        Where an edit of the rules may have been seen or not, the later time that is not after ``at``.
        """
        dues = [self._due_by(rules, post, channel, at) for rules in self._owner.doc.around(at)]
        return max((due for due in dues if due <= at), default=min(dues))

    def _due_by(self, rules: Rules, post: Post, channel: str, at: datetime) -> datetime:
        due = post.due(rules)
        for since, until in self._owner.presses.everything_held:
            if since <= due < (until or at):
                due = rules.next_allowed(until or at)
        others = sorted(one.at for one in self.out.values() if one.channel == channel and one.number != post.number)
        for other in others:
            if due - rules.gap < other <= due + rules.gap and other < at:
                due = rules.next_allowed(max(due, other + rules.gap))
        return due

    # what the owner was told

    def _hear(self, cells: Mapping[int, str]) -> None:
        now = self._world.stack.now()
        for mail, numbers in self._owner.mails[self._mails_read :]:
            self._note_mail(mail.subject, mail.text, numbers)
        self._mails_read = len(self._owner.mails)
        for post in self._owner.posts.values():
            if post.may() is not May.YES or self._owner.presses.everything_held_since is not None:
                continue
            for channel in post.channels:
                if self.is_out(post.number, channel):
                    continue
                due = self._due(post, channel, now)
                told = told_by_cell(cells.get(post.number, ""), channel)
                if told:
                    post.told[channel] = told
                if told == "waiting":
                    self._paused_at[post.number, channel] = now
                if due + SILENCE < now:
                    self._weigh(
                        post, channel, due, named_time(cells.get(post.number, ""), channel, self._world.zone, now)
                    )

    def _weigh(self, post: Post, channel: str, due: datetime, promised: datetime | None) -> None:
        """Due for more than a quarter of an hour and not out: whether its owner knows, and whether something is still in the way.

        A time that the row names counts, within two hours of the due one: it waits for its turn or for its next try.
        """
        now, key = self._world.stack.now(), (post.number, channel)
        spans = self._troubles.spans()
        if promised is None or promised > due + _LONGEST_TURN:
            promised = due
        knows = channel in post.told or promised + SILENCE >= now
        over = now - free_from(due, spans, channel, now, mute=True) - SILENCE - _A_MINUTE
        if not knows and over > timedelta():
            self._note(self.silences, key, over, "silent", "neither out nor its owner told why", due)
        free = max(free_from(due, spans, channel, now), self._paused_at.get(key, due), promised)
        over = now - free - SILENCE - _A_MINUTE
        if post.told.get(channel) not in SETTLED and over > timedelta():
            self._note(
                self.unsettled,
                key,
                over,
                "unsettled",
                "nothing in the way any more, and neither out nor asked about",
                due,
            )

    def _note(
        self,
        where: dict[tuple[int, str], float],
        key: tuple[int, str],
        over: timedelta,
        kind: str,
        said: str,
        due: datetime,
    ) -> None:
        if key not in where:
            number, channel = key
            self.complain(
                kind, number, f"{said} at {self._world.wall_clock()} on {channel}; due {due:%a %d %b %H:%M} UTC"
            )
        where[key] = max(over.total_seconds() / 60, where.get(key, 0.0))

    def _note_mail(self, subject: str, text: str, numbers: list[int]) -> None:
        for paused in re.findall(r"(\S+) is paused, nothing is posted there", text):
            self._troubles.paused.append((self._world.stack.now(), paused))
        for post in self._owner.posts.values():
            about = post.number in numbers
            late = about and (subject.startswith("Too late") or "missed their time" in subject)
            for channel in post.channels:
                if late:
                    post.told[channel] = "late"
                elif about and subject == f"Did this go out on {channel}?":
                    post.told[channel] = "unknown"
                elif f"No. {post.number}: " in subject and f"{channel}: not posted" in text:
                    post.told[channel] = "failed"
                elif f"has not gone out on {channel} yet" in text and self._is_named(post, text):
                    post.told.setdefault(channel, "trying")

    def _is_named(self, post: Post, text: str) -> bool:
        planned = moment_of(post.cells, self._world.zone).astimezone(self._world.zone)
        return f"{planned:%A} {planned.day} {planned:%B}, {planned:%H:%M}" in text

    def is_out(self, number: int, channel: str) -> bool:
        return any((one.number, one.channel) == (number, channel) for one in self.out.values())

    # at the end

    def finish(self) -> dict[tuple[int, str], str]:
        """What became of each post on each channel; complaints about what was missed and about the audit."""
        ends: dict[tuple[int, str], str] = {}
        cells = {number_in(str(row["text"])): str(row["status"]) for row in self._world.rows()}
        for post in self._owner.posts.values():
            for channel in post.channels:
                ends[post.number, channel] = self._end(post, channel, cells.get(post.number, ""))
        ids = {post.post_id: post.number for post in self._owner.posts.values()}
        for finding in self._world.broken_chains():
            self.complain("audit", ids.get(finding.subject.split("#")[0], 0), f"the audit: {finding.sentence}")
        return ends

    def _end(self, post: Post, channel: str, cell: str) -> str:
        if self.is_out(post.number, channel):
            return "sent"
        if post.gone:
            return "deleted"
        if post.stopped:
            return "held"
        told = told_by_cell(cell, channel) or post.told.get(channel, "")
        if post.may() is May.NO:
            return "not approved"
        if told:
            return f"flagged: {told}"
        if post.may() is May.UNCLEAR or post.due(self._owner.doc.now) + timedelta(hours=2) > self._world.stack.now():
            return "open"
        self.complain("missed", post.number, f"approved, due, not on {channel}, and the owner reads: {cell!r}")
        return "missed"
