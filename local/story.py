"""``make story``: the whole path unattended, through the deployed template, the clock moved forward.

Rows become cards, approvals, bookings, posts and receipts; so do a note with a photo and a batch of five drafts. On the way an edit
after the approval, an edit undone, a hold, a send-now, a post nobody approves and a Lambda process killed in mid-send. Every step says
what it expects; anything else ends with a non-zero exit.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from local.calendars.model import Calendar, CalendarError
from local.console.serve import listening
from local.leaks.scanning import scan
from local.run import SAMPLE_ZONE, choose_calendar, say
from local.stack import Stack, StackError
from local.story_drafts import Drafts
from local.story_recap import month_is_told
from local.story_table import print_table
from local.story_world import StoryError, World
from mesh.approvals import Action
from mesh.clock import aware

QUIET = timedelta(minutes=11)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make story", description=__doc__)
    parser.add_argument("--calendar", help="your own .xlsx or .csv file, run to its end (CALENDAR=mine.xlsx)")
    parser.add_argument("--zone", default=SAMPLE_ZONE, help="the business's time zone (ZONE=Europe/Berlin)")
    parser.add_argument("--enforce-roles", action="store_true", help="what a function's role does not allow is refused")
    parser.add_argument("--without", action="append", default=[], help='with a grant less: "sender s3:GetObject"')
    parser.add_argument(
        "--emulator-roles", action="store_true", help="and what the emulator's own judge does not allow"
    )
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # its servers end with it
    began = time.monotonic()
    try:
        calendar = choose_calendar(options.calendar, ZoneInfo(options.zone))
        with tempfile.TemporaryDirectory(prefix="story-") as folder:
            judging: tuple[str, ...] = ("--enforce-roles",) if options.enforce_roles else ("--privileges",)
            if options.emulator_roles:
                judging = ("--enforce-roles", "--emulator-roles")
            judging += tuple(part for one in options.without for part in ("--without", one))
            wrong = _tell(Path(folder), options.zone, calendar, judging, sample=options.calendar is None)
    except (StackError, CalendarError, StoryError) as error:
        say(f"✗ {error}")
        return 1
    say(f"{time.monotonic() - began:.0f} s in all")
    return 1 if wrong else 0


def _tell(folder: Path, zone: str, calendar: Calendar, judging: tuple[str, ...], *, sample: bool) -> int:
    """How many things were not as they should be."""
    with closing(listening(0)) as placeholder:  # nothing is served on it: the story opens the links itself
        stack = Stack(folder, zone, placeholder.getsockname()[1], {"Receipts": "each"}, judging=judging)
        try:
            stack.start(lambda line: None)
            stack.deploy(say)
            stack.load(calendar, say)
            world = World(stack)
            story = Story(world, say)
            try:
                _ = story.sample() if sample else story.own()
            finally:
                story.roles_were_kept()
            return story.wrong
        finally:
            stack.stop()


class Story:
    """Steps in order; each says one line, and ``wrong`` counts those that were not as they should be."""

    def __init__(self, world: World, tell: Callable[[str], None]) -> None:
        self.world = world
        self._tell = tell
        self.wrong = 0

    def step(self, what: str, right: bool, detail: str = "") -> None:
        self.wrong += not right
        mark = "✓" if right else "✗"
        self._tell(f"{mark} {self.world.wall_clock()}  {what}{f': {detail}' if detail else ''}")

    # the sample's own story

    def sample(self) -> int:
        world = self.world
        self.first_look()
        self.comes_again(world.row_at(4, "15:00"))
        # The sample's cast, by day and time of its three weeks.
        edited, undone, held = world.row_at(0, "16:00"), world.row_at(1, "13:00"), world.row_at(2, "08:00")
        hurried, nobody, killed = world.row_at(7, "14:00"), world.row_at(3, "09:10"), world.row_at(4, "08:45")
        self.approve_all_but({nobody})
        drafts = Drafts(world, self.step)
        noted = drafts.note_with_a_photo(world.newest_card())
        batch = drafts.batch_of_five(world.newest_card())
        self.edit_after_approval(edited)
        self.edit_undone(undone)
        self.hold(held)
        self.send_now(hurried)
        self.kill_in_mid_send(killed, leave=nobody)
        self.run_to_the_end({nobody, held})
        self.nobody_approved(nobody)
        self.rules_were_kept()
        self.came_each_week()
        self.weeks_were_told(nobody, held)
        self.drafts_are_out(noted, batch)
        month_is_told(world, self.step)
        return self.verdict(not_expected={nobody, held})

    def own(self) -> int:
        """A user's calendar: everything is approved as it is asked, to the end."""
        self.first_look()
        self.approve_all_but(set())
        self.run_to_the_end(set())
        return self.verdict(not_expected=set())

    # steps

    def first_look(self) -> None:
        world = self.world
        world.sync()
        rows = world.rows()
        ids = {row["post_id"] for row in rows}
        self.step("the sheet is mirrored, every row has an id", len(ids) == len(rows) and all(ids), f"{len(rows)} rows")
        troubled = [row for row in rows if row["status"].startswith("Please mend")]
        for row in troubled:
            self._tell(f"    row of {row['date']} {row['time']}: {row['status']}")

    def comes_again(self, post_id: str) -> None:
        """The rules doc's recurring post: this week's row, of its own day, and nobody has approved it."""
        row = self.world.row(post_id)
        day = datetime.fromisoformat(row["date"])
        right = str(row["text"]).startswith(f"Friday, {day.day} {day:%B}, and the weekend cake") and not row["approved"]
        self.step("a recurring post's row is in the sheet, some days ahead", right, str(row["note"]))

    def approve_all_but(self, nobody: set[str]) -> None:
        """Quiet ten minutes pass, the cards come, the owner clicks."""
        world = self.world
        world.forward(QUIET)
        cards = world.new_cards()
        most = max((len(card.posts) for card in cards), default=0)
        later = all(row["status"].startswith(("Planned", "Please mend")) for row in world.rows())
        self.step(
            "cards came, at most ten posts each",
            0 < most <= 10 or (later and not cards),
            f"{len(cards)} mails for {sum(len(c.posts) for c in cards)} posts",
        )
        scanned = world.scan(cards)
        self.step(
            "a mail scanner opened every link and approved nothing",
            scanned.approved == 0,
            f"{scanned.opened} links opened",
        )
        clicked = world.approve(cards, but=nobody)
        world.settle()
        flagged = world.flagged()
        self.step("approved in the mail, ticked and stamped in the sheet", flagged >= clicked, f"{len(clicked)} posts")
        world.sync()
        booked = world.booked_posts()
        self.step("every approved post is booked", booked >= clicked, f"{len(world.bookings())} bookings")

    def edit_after_approval(self, post_id: str) -> None:
        world = self.world
        before = world.bookings_of(post_id)
        world.type(post_id, "text", world.text(post_id) + " (Until five.)")
        world.sync()
        self.step(
            "an approved row is edited: tick gone, booking cancelled",
            post_id not in world.flagged() and not world.bookings_of(post_id) and bool(before),
        )
        planned = world.planned(post_id)
        world.to(planned + timedelta(minutes=2))
        self.step("its time comes and it does not go out", not world.published(post_id))
        cards = world.new_cards(containing=post_id)
        self.step("a new card asks about the new text", bool(cards))
        world.approve(cards)
        world.settle()
        world.forward(timedelta(minutes=6))
        self.step(
            "approved again, it goes out with the new text",
            world.is_out_once(post_id) and world.public_text_is_current(post_id),
        )

    def edit_undone(self, post_id: str) -> None:
        world = self.world
        text = world.text(post_id)
        world.type(post_id, "text", text + "!!")
        world.sync()
        gone = post_id not in world.flagged()
        world.type(post_id, "text", text)
        world.sync()
        world.settle()
        cards = world.new_cards(containing=post_id)
        self.step("an edit is undone: ticked again, nobody is asked", gone and post_id in world.flagged() and not cards)

    def hold(self, post_id: str) -> None:
        world = self.world
        world.press(post_id, "hold")
        world.settle()
        self.step(
            "held by a click in the mail",
            post_id not in world.flagged() and not world.bookings_of(post_id),
            world.status(post_id),
        )

    def send_now(self, post_id: str) -> None:
        world = self.world
        world.press(post_id, "now")
        world.settle()
        world.sync()
        self.step("send now: out within the minute", world.is_out_once(post_id), world.status(post_id)[:90])

    def kill_in_mid_send(self, post_id: str, *, leave: str) -> None:
        world = self.world
        when = world.booked_for(post_id)
        world.run_up_to(when - timedelta(minutes=1), leave={leave})
        world.hold_answer_on("bluesky")  # not before: it would be another post's
        world.move_clock(when + timedelta(seconds=5))
        held = world.wait_for_held_request("bluesky")
        killed = world.kill("ss-sender")
        world.release_answers("bluesky")
        world.settle()
        self.step(
            "the sender is killed while the network's answer is on its way",
            held and killed > 0,
            f"{killed} process killed",
        )
        for _ in range(4):
            world.forward(timedelta(minutes=5))
        self.step("it is found again and not posted twice", world.is_out_once(post_id), world.status(post_id)[:90])

    def run_to_the_end(self, leave: set[str]) -> None:
        """From booking to booking, polls in between coalesced; every new card is approved, but for those to be left."""
        moved = self.world.run_to_the_end(leave)
        self.step("the weeks went by", True, f"the clock moved on {moved} times")

    def nobody_approved(self, post_id: str) -> None:
        world = self.world
        self.step(
            "what nobody approved did not go out, and the row says so",
            not world.published(post_id),
            world.status(post_id),
        )

    def rules_were_kept(self) -> None:
        """Planned in the night, on a blackout day, and at half past two of the night the clocks change."""
        world = self.world
        expected = {(8, "21:30"): "Wed 07:", (18, "10:00"): "Sat 07:", (13, "02:30"): "Sun 07:"}
        went = {key: world.went_out(world.row_at(*key)) for key in expected}
        right = all(went[key].startswith(expected[key]) for key in expected)
        self.step(
            "night, blackout day and clock change: moved to the next allowed minute", right, ", ".join(went.values())
        )

    def came_each_week(self) -> None:
        """Two Fridays before the clocks change, one after it, which is a blackout day; and the next one waits."""
        world = self.world
        fridays = [world.row_at(day, "15:00") for day in (4, 11, 18)]
        went = [world.went_out(post_id) for post_id in fridays]
        right = went[:2] == ["Fri 15:00", "Fri 15:00"] and went[2].startswith("Sat 07:")
        once = all(world.is_out_once(post_id) for post_id in fridays) and not world.published(world.row_at(25, "15:00"))
        self.step(
            "the recurring post came each week, also after the clocks had changed", right and once, ", ".join(went)
        )

    def weeks_were_told(self, nobody: str, held: str) -> None:
        """A digest each Sunday at six: what went out as the books have it, and on the first what needs somebody, with its buttons."""
        world = self.world
        world.new_cards()
        told: dict[datetime, bool] = {}
        for mail in world.digests:  # where the clock was moved past its hour, it came late and tells of the same week
            sunday = max(one for one in world.sundays() if one <= aware(datetime.fromisoformat(mail.at)))
            out = len(world.out_in_the_week_to(sunday))
            said = f"{out} {'post' if out == 1 else 'posts'} out" if out else "nothing went out"
            told[sunday] = told.get(sunday, True) and f": {said}" in mail.text
        first = world.digests[0] if world.digests else None
        waits = {link.token.posts[0][0] for link in first.links_of(Action.REVIEW)} if first else set()
        stopped = {link.token.posts[0][0] for link in first.links_of(Action.RELEASE)} if first else set()
        right = sorted(told) == world.sundays() and all(told.values())
        self.step(
            "a digest came for each Sunday: what went out, and with its buttons what needs somebody",
            right and nobody in waits and held in stopped,
            "; ".join(mail.subject.removeprefix("Your week: ") for mail in world.digests),
        )

    def drafts_are_out(self, noted: str, batch: list[str]) -> None:
        world = self.world
        pictured = [post for post in world.published(noted) if [image for image in post["images"] if image["alt"]]]
        self.step(
            "the note is a post with its photo on both channels, and the five of the batch are out",
            len(pictured) == 2 and all(world.is_out_once(post_id) for post_id in batch),
            world.went_out(noted),
        )

    def roles_were_kept(self) -> None:
        """Also where the story broke off: what was refused says why."""
        told = self.world.stack.get(f"{self.world.stack.aws}/_local/privileges")
        self.step(
            "no function asked AWS for what its role does not allow", not told["denied"], f"{told['calls']} requests"
        )
        for sentence in told["denied"]:
            self._tell(f"    {sentence}")
        if "--emulator-roles" in self.world.stack.judging:
            self.emulator_was_content()

    def emulator_was_content(self) -> None:
        """Its judge refused nothing but what is known by name, and still all of that: what is mended there is to be struck off here."""
        told = self.world.stack.get(f"{self.world.stack.aws}/_local/emulator-roles")
        self.step(
            "the emulator's own judge refused nothing else", not told["denied"], f"{told['allowed']} allowed by it"
        )
        for sentence, times in told["denied"].items():
            self._tell(f"    {times}x {sentence}")
        for one in told["known"]:
            self.step(f"it still refuses {one['action']} wrongly", one["met"] > 0, f"{one['met']}x: {one['why']}")

    def verdict(self, not_expected: set[str]) -> int:
        outcome = print_table(self.world, not_expected, self._tell)
        self.step("every approved post is out once, on every channel, and nothing else is", outcome == 0)
        broken = self.world.broken_chains()
        self.step("the audit's chains are whole", not broken, " ".join(one.sentence for one in broken[:3]))
        letters = self.world.dead_letters()
        self.step(
            "the dead-letter queue holds at most what was killed",
            letters <= self.world.kills,
            f"{letters} letters, {self.world.kills} processes killed",
        )
        self.nothing_was_told()
        return self.wrong

    def nothing_was_told(self) -> None:
        """Secrets, signed links and the texts of posts stand where they belong, and in none of the places that others read."""
        seen = scan(self.world.stack, self.world.rows())
        counted = ", ".join(f"{count} {place}" for place, count in seen.looked_at.items())
        told = "; ".join(sorted({f"{leak.where}: {leak.kind}" for leak in seen.leaks})[:5])
        self.step(
            "no secret, signed link or word of a post in what is logged, sent on or kept in the trail",
            not seen.leaks and seen.secrets > 0,
            told or f"{counted}; {seen.secrets} secrets watched for",
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
