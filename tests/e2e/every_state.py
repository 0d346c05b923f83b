"""Everything that a release can leave to the next one, brought about by the old code."""

from __future__ import annotations

import json
from typing import Any

from upgraded import QUIET, Business, text_of

from local.story_drafts import BATCH, Drafts
from mesh.approvals import Action

BOTH = "bluesky-main, mastodon-main"
ROWS = {
    "sent": ("15", "09:00", "bluesky-main"),
    "late": ("15", "09:05", "bluesky-main"),
    "unknown": ("15", "09:10", "x-main"),
    "unapproved": ("15", "09:20", "bluesky-main"),
    "failed": ("15", "09:30", "mastodon-main"),
    "paused": ("15", "09:40", "linkedin-main"),
    "dead": ("15", "09:50", "bluesky-main"),
    "taken back": ("15", "10:05", BOTH),
    "retry": ("15", "10:22", "bluesky-main"),
    "open": ("15", "10:24", "mastodon-main"),
    "in that minute": ("15", "10:30", BOTH),
    "booked": ("15", "11:30", BOTH),
    "held": ("16", "10:00", "bluesky-main"),
    "released": ("16", "10:30", "bluesky-main"),
    "waiting": ("16", "12:00", BOTH),
    "edited": ("16", "13:00", "bluesky-main"),
    "by device": ("16", "14:00", "bluesky-main"),
    "by Slack": ("16", "15:00", "bluesky-main"),
    "approved": ("17", "10:00", BOTH),
    "by the new": ("17", "12:00", BOTH),
    "draft": ("18", "12:00", "bluesky-main"),
}
LATER = ("late", "unapproved", "waiting", "by device", "by Slack", "by the new")
"""Nobody approves these before the upgrade."""
CAKES = ("Cake of 2027-03-19",)
STATES = {
    "sent bluesky-main": "sent",
    "unknown x-main": "unknown",
    "failed mastodon-main": "failed",
    "dead bluesky-main": "sent",  # by the sweep, while its event lay with the dead
    "taken back bluesky-main": "sent",
    "retry bluesky-main": "retry",
    "open mastodon-main": "open",
    "in that minute bluesky-main": "ready",
    "booked bluesky-main": "ready",
    "approved mastodon-main": "ready",
}


def morning(business: Business) -> None:
    """Up to ten o'clock: sent, late, unknown, failed, paused, held, edited, noted; one event with the dead."""
    world, stack = business.world, business.stack
    world.sync()
    world.forward(QUIET)
    cards = world.new_cards()
    business.on_this_device(business.link("sent", Action.REVIEW), "Act as soon as I open a link on this device")
    world.approve(cards, but={business.post(name) for name in LATER})
    world.settle()
    world.sync()
    for name in ("held", "released"):
        business.press(business.link(name, Action.HOLD))
    world.type(business.post("edited"), "text", text_of("edited") + " And another word.")
    world.sync()
    business.at(15, 9, 0)
    business.spoil("x", "POST /2/tweets", do="timeout-before")
    business.at(15, 9, 10)
    refused = {"do": "status", "status": 422, "body": {"error": "Validation failed: no"}}
    business.spoil("mastodon", "POST /api/v1/statuses", **refused)
    business.at(15, 9, 30)
    name = "ss/channels/linkedin-main"
    other = json.loads(stack.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    stack._put_secret(name, {**other, "account_id": "urn:li:person:somebody"})
    business.at(15, 9, 40)
    business.send_to_the_dead("dead")
    business.at(15, 9, 50)
    business.and_no_more()
    world.new_cards()
    noting = Drafts(world, lambda *_: None)
    noting._noted(world.cards[0], (), text="A note about the crust of our bread.", kind="one", channel=["bluesky-main"])
    noting._noted(world.cards[0], ("sunrise.jpg", "beans.jpg"), text=BATCH, kind="several", channel=["bluesky-main"])


def last_minutes(business: Business) -> None:
    """A retry that waits, and a try whose sender is killed while the network has it."""
    world = business.world
    # Told when to come again, it does not come just as every sender is killed.
    slower = {"headers": {"retry-after": "900"}, "body": {"error": "RateLimitExceeded"}}
    refused = {"do": "status", "status": 429, **slower}
    business.spoil("bluesky", "POST .*putRecord", **refused)
    business.at(15, 10, 22)
    world.hold_answer_on("mastodon")
    business.clock(15, 10, 24)
    assert world.wait_for_held_request("mastodon")
    world.kill("ss-sender")
    world.release_answers("mastodon")


def as_it_begins(business: Business) -> None:
    """A batch is drafted, whose model takes its time; and a post's minute comes while the functions change."""
    stack = business.stack
    stack.post(f"{stack.bedrock}/_local/orders", {"do": "slow 25", "count": 5})
    plan = next(mail for mail in reversed(business.world.mailbox.every()) if "plan" in mail.subject.lower())
    business.press(plan.links_of(Action.DRAFT)[0], "Draft these")
    for _ in range(100):
        if "RUNNING" in business.runs():
            break
        stack.get(f"{stack.aws}/_local/idle?timeout_seconds=0.1", 20)
    business.expect("a batch is being drafted", "RUNNING" in business.runs(), business.runs())
    business.clock(15, 10, 29, 59)


def as_the_old_code_left_it(business: Business) -> dict[tuple[str, ...], dict[str, Any]]:
    """All items, once it is sure that there is everything among them."""
    world, before, heads = business.world, business.items(), business.heads()
    for name, state in STATES.items():
        business.expect(f"{name} is {state}", heads.get(name) == state, sorted(heads.items()))
    states = {str(item["state"]) for key, item in before.items() if key[0] == "status"}
    business.expect("posts in every state", states >= {"draft", "queued", "sent", "failed", "held"}, states)
    statuses = world.statuses()
    asked = statuses[business.post("late")]["asked"]
    business.expect("it is asked whether the late one is still to go out", asked["reason"] == "late", asked)
    runtime = {item["pk"] for item in world._items("runtime")}
    business.expect("a channel is paused", "pause#linkedin-main" in runtime)
    business.expect("a device acts at once", any(key.startswith("devices#") for key in runtime), runtime)
    business.expect("its owner was asked about the unknown one", bool(business.link("unknown", Action.NOT_THERE)))
    drafts = [item for item in statuses.values() if item.get("proposal", {}).get("state") == "ready"]
    business.expect("a draft and a plan wait", len(drafts) == 2, drafts)
    cakes = [row for row in world.rows() if str(row["text"]) in CAKES]
    business.expect("a recurring post's row is there", len(cakes) == len(CAKES), world.rows())
    business.expect("bookings are live", len(world.bookings()) >= 5, world.bookings())
    business.expect("there are dead letters", world.dead_letters() > 0)
    return before
