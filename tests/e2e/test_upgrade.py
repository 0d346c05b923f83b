"""The release before this one, with posts in every state, upgraded on the deployed template and taken back: nothing lost, nothing twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from previous_release import unpacked
from unhurried import unhurried

from local import ROOT
from local.calendars.model import Calendar
from local.deploy import read_template
from local.story_drafts import Drafts
from local.story_world import World
from local.week_stack import WeekStack

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2027, 3, 15, 8, tzinfo=BERLIN)
HEADER = ("date", "time", "text", "channels", "image", "alt text", "link")
RULES = """Time zone: Europe/Berlin
Posting window: always
Late rule: 2 hours

Channels
- bluesky-main: bluesky, account {bluesky_main_account}, {bluesky_host}
- mastodon-main: mastodon, account {mastodon_main_account}, {mastodon_host}
- x-main: x, account {x_main_account}, {x_host}
- linkedin-main: linkedin, account {linkedin_main_account}, {linkedin_host}

Recurring posts
- Friday cake: every Friday 9:00
    channels: bluesky-main
    text: Cake of {date: iso}
"""
BOTH = "bluesky-main, mastodon-main"
ROWS = {
    "sent": ("15", "09:00", "bluesky-main"),
    "unknown": ("15", "09:10", "x-main"),
    "unapproved": ("15", "09:20", "bluesky-main"),
    "failed": ("15", "09:30", "mastodon-main"),
    "paused": ("15", "09:40", "linkedin-main"),
    "retry": ("15", "10:00", "bluesky-main"),
    "open": ("15", "10:10", "mastodon-main"),
    "booked": ("15", "11:30", BOTH),
    "held": ("16", "10:00", "bluesky-main"),
    "waiting": ("16", "12:00", BOTH),
    "edited": ("16", "13:00", "bluesky-main"),
    "approved": ("17", "10:00", BOTH),
    "by-the-new": ("17", "12:00", BOTH),
    "draft": ("18", "12:00", "bluesky-main"),
}
RETAINED = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret")
NAMES = ("TableName", "KeySchema", "AttributeDefinitions", "BucketName", "Name", "GenerateSecretString")


def calendar() -> Calendar:
    rows = tuple(
        dict(zip(HEADER, (f"2027-03-{day}", at, _text(name), channels, "", "", ""), strict=True))
        for name, (day, at, channels) in ROWS.items()
    )
    return Calendar(rows, header=HEADER, rules=RULES, start=START.astimezone(UTC))


def _text(name: str) -> str:
    return f"The {name} one. " + ("Much too long. " * 40 if name == "draft" else "Fresh from the oven, every day.")


class Business:
    """One stack through its upgrade. ``wrong`` gathers what is not as it should be, so that one run tells all of it."""

    def __init__(self, stack: WeekStack, old: Path) -> None:
        self.stack, self.old = stack, old
        self.world = World(stack)
        self.wrong: list[str] = []

    def expect(self, what: str, right: bool, seen: object = "") -> None:
        print(
            f"{'ok   ' if right else 'WRONG'} {self.world.wall_clock()} {what}{'' if right else f': {seen}'}",
            flush=True,
        )
        if not right:
            self.wrong.append(f"{what}: {seen}")

    def post(self, name: str) -> str:
        return next(str(row["post_id"]) for row in self.world.rows() if str(row["text"]).startswith(f"The {name} one."))

    def deploy(self, tree: Path) -> None:
        self.stack.template = tree / "template.yaml"
        self.stack.deploy(print)

    def at(self, day: int, hour: int, minute: int, seconds: int = 20) -> None:
        self.world.to(datetime(2027, 3, day, hour, minute, seconds, tzinfo=BERLIN))

    def spoil(self, network: str, match: str, **order: Any) -> None:
        self.stack.post(f"{self.stack.networks[network]}/_local/faults", {"match": match, "count": 1} | order)

    def heads(self) -> dict[str, str]:
        """The state of each name's head, by name and channel."""
        names = {self.post(name): name for name in ROWS}
        found = {}
        for head in self.world.heads():
            post_id, _, channel = head["post_channel"].partition("#")
            found[f"{names.get(post_id, post_id)} {channel}"] = str(head["state"])
        return found

    def public(self) -> Counter[str]:
        """How often the public sees each name's post, on all networks together."""
        said = [str(post["text"]) for post in self.world.feed()]
        return Counter(name for name in ROWS for text in said if text.startswith(f"The {name} one."))

    def items(self) -> dict[tuple[str, ...], dict[str, Any]]:
        keys: dict[str, Callable[[dict[str, Any]], tuple[str, ...]]] = {
            "status": lambda one: (one["post_id"],),
            "sends": lambda one: (one["post_channel"], str(one["attempt"])),
            "audit": lambda one: (one["subject"], one["seq"]),
        }
        return {(table, *key(one)): one for table, key in keys.items() for one in self.world._items(table)}

    def retained(self) -> dict[str, str]:
        """Each table's own id and each bucket's and secret's birth: another one under the same name has another."""
        found = {}
        for table in ("status", "sends", "audit", "runtime"):
            told = self.stack.client("dynamodb").describe_table(TableName=f"ss-{table}")["Table"]
            found[table] = f"{told.get('TableId')} {told['CreationDateTime']}"
        for bucket in self.stack.client("s3").list_buckets()["Buckets"]:
            found[bucket["Name"]] = str(bucket["CreationDate"])
        for name in ("ss/approval/signing-secret", "ss/drive/sa"):
            told = self.stack.client("secretsmanager").describe_secret(SecretId=name)
            found[name] = str(told["ARN"])
        secret = self.stack.client("secretsmanager").get_secret_value(SecretId="ss/approval/signing-secret")
        return {**found, "signing key": str(secret["SecretString"])}


def bring_into_every_state(business: Business) -> None:
    world, stack = business.world, business.stack
    world.sync()
    world.forward(timedelta(minutes=11))
    cards = world.new_cards()
    world.approve(cards, but={business.post(name) for name in ("unapproved", "waiting", "by-the-new")})
    world.settle()
    world.sync()
    world.press(business.post("held"), "hold")
    world.type(business.post("edited"), "text", _text("edited") + " And another word.")
    world.sync()
    business.at(15, 9, 0)
    business.spoil("x", "POST /2/tweets", do="timeout-before")
    business.at(15, 9, 10)
    business.spoil(
        "mastodon", "POST /api/v1/statuses", do="status", status=422, body={"error": "Validation failed: no"}
    )
    business.at(15, 9, 30)
    name = "ss/channels/linkedin-main"
    other = json.loads(stack.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    stack._put_secret(name, {**other, "account_id": "urn:li:person:somebody"})
    business.at(15, 9, 40)
    world.new_cards()
    drafts = Drafts(world, lambda *_: None)
    drafts._noted(world.cards[0], (), text="A note about the crust of our bread.", kind="one", channel=["bluesky-main"])
    business.spoil("bluesky", "POST .*putRecord", do="status", status=429, count=3, body={"error": "RateLimitExceeded"})
    business.at(15, 10, 0)
    world.hold_answer_on("mastodon")
    world.move_clock(datetime(2027, 3, 15, 10, 10, 20, tzinfo=BERLIN))
    assert world.wait_for_held_request("mastodon")
    world.kill("ss-sender")
    world.release_answers("mastodon")


def send_every_old_event(business: Business) -> None:
    """What was in flight, or lay in the dead letters: each kind of event as the old code writes it."""
    entries = [
        {
            "Source": "ss",
            "DetailType": sample.parent.name,
            "Detail": json.dumps(json.loads(sample.read_text())["detail"]),
        }
        for sample in sorted((business.old / "events" / "bus").glob("*/v1.json"))
    ]
    for start in range(0, len(entries), 10):
        business.stack.client("events").put_events(Entries=entries[start : start + 10])


@pytest.mark.slow
def test_an_upgrade_and_the_way_back_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    commit, old = unpacked(tmp_path / "old")
    print(f"from {commit[:12]}")
    with unhurried(tmp_path / "stack", calendar(), old) as stack:
        _there_and_back(Business(stack, old))


EARLY = {
    "sent bluesky-main": "sent",
    "unknown x-main": "unknown",
    "failed mastodon-main": "failed",
    "retry bluesky-main": "retry",
    "open mastodon-main": "open",
    "booked bluesky-main": "ready",
    "approved mastodon-main": "ready",
}
OUT_AT_LAST = {"sent": 1, "retry": 1, "open": 1, "booked": 2, "waiting": 2, "approved": 2, "by-the-new": 2, "edited": 1}


def _there_and_back(business: Business) -> None:
    bring_into_every_state(business)
    before, kept = _as_the_old_code_left_it(business)
    business.deploy(ROOT)
    _upgraded(business, before, kept)
    _go_on(business)
    _and_back(business, kept)
    assert business.wrong == []


def _as_the_old_code_left_it(business: Business) -> tuple[dict[tuple[str, ...], dict[str, Any]], dict[str, str]]:
    world, before, heads = business.world, business.items(), business.heads()
    states = {str(item["state"]) for key, item in before.items() if key[0] == "status"}
    for name, state in EARLY.items():
        business.expect(f"{name} is {state}", heads.get(name) == state, sorted(heads.items()))
    business.expect("posts in every state", states >= {"draft", "queued", "sent", "failed", "held"}, states)
    paused = {item["pk"] for item in world._items("runtime") if item.get("since")}
    business.expect("a channel is paused", "pause#linkedin-main" in paused, paused)
    drafts = [item for item in world.statuses().values() if item.get("proposal")]
    business.expect("a draft waits", bool(drafts))
    business.expect("bookings are live", len(world.bookings()) >= 5, world.bookings())
    return before, business.retained()


def _upgraded(business: Business, before: dict[tuple[str, ...], dict[str, Any]], kept: dict[str, str]) -> None:
    business.expect("tables, buckets and secrets are the same ones", business.retained() == kept, business.retained())
    after = business.items()
    business.expect("no item is lost", before.keys() <= after.keys(), before.keys() - after.keys())
    touched = [key for key, item in before.items() if key[0] == "audit" and after.get(key) != item]
    business.expect("the trail is untouched", not touched, touched)
    send_every_old_event(business)
    business.world.settle()


def _go_on(business: Business) -> None:
    """What the old code booked, asked and signed, with the new code."""
    world = business.world
    world.press(business.post("waiting"), "review")
    business.at(15, 11, 30)
    business.at(15, 12, 0)
    public = business.public()
    for name, times in {"booked": 2, "retry": 1, "open": 1, "unknown": 0, "sent": 1}.items():
        business.expect(f"{name} is out {times} times", public[name] == times, public)
    world.new_cards()
    cards = [card for card in world.cards if business.post("edited") in card.posts]
    world.approve(cards[-1:], but={business.post("unapproved"), business.post("by-the-new")})
    world.settle()
    world.sync()
    business.at(16, 12, 1)
    business.at(16, 13, 1)
    world.press(business.post("by-the-new"), "review")
    world.settle()
    world.sync()
    business.expect(
        "the audit's chains are whole after the upgrade", world.broken_chains() == (), world.broken_chains()
    )


def _and_back(business: Business, kept: dict[str, str]) -> None:
    """The old code again, over what the new has written."""
    world, written = business.world, business.items()
    business.deploy(business.old)
    business.expect("the same tables, buckets and secrets after the way back", business.retained() == kept)
    business.expect("no item is lost on the way back", written.keys() <= business.items().keys())
    business.at(17, 10, 1)
    business.at(17, 12, 1)
    world.sync()
    public = business.public()
    for name, times in OUT_AT_LAST.items():
        business.expect(
            f"{name} is out {times} times at last", public[name] == times, (public, world.status(business.post(name)))
        )
    nowhere = {name: public[name] for name in ("unknown", "unapproved", "failed", "held", "draft") if public[name]}
    business.expect("nothing else is out", not nowhere, nowhere)
    business.expect("nothing is out twice", public["paused"] <= 1, public)
    business.expect("the audit's chains are whole at last", world.broken_chains() == (), world.broken_chains())
    business.expect("no dead letters but of what was killed", world.dead_letters() <= world.kills, world.dead_letters())


@pytest.mark.slow
def test_no_update_replaces_or_drops_what_holds_the_data(tmp_path: Path) -> None:
    _, old = unpacked(tmp_path)
    before = read_template(old / "template.yaml")["Resources"]
    now = read_template(ROOT / "template.yaml")["Resources"]
    for logical_id, resource in before.items():
        if resource["Type"] in RETAINED:
            kept = now.get(logical_id)
            assert kept is not None, f"{logical_id} has left the template"
            assert (kept["Type"], kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == (
                resource["Type"],
                "Retain",
                "Retain",
            )
            for name in NAMES:
                assert kept["Properties"].get(name) == resource["Properties"].get(name), f"{logical_id}: {name} differs"
