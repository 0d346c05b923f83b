"""The release before this one, with posts in every state, upgraded by make deploy's own way and taken back: nothing lost, nothing twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from every_state import CAKES, ROWS, as_it_begins, as_the_old_code_left_it, last_minutes, morning
from previous_release import before_this, unpacked
from shipped import Shipped, failing, needs_sam
from unhurried import unhurried
from upgraded import Business, calendar

from local import ROOT
from local.deploy import read_template
from local.operator import redrive
from local.ship.account import ShipError
from local.story_world import World
from mesh.approvals import Action

RETAINED = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret")
NAMES = ("TableName", "KeySchema", "AttributeDefinitions", "BucketName", "Name", "GenerateSecretString")
OUT_SOON = {"dead": 1, "taken back": 2, "in that minute": 2, "booked": 2, "retry": 1, "open": 1, "sent": 1, "late": 1}
OUT_AT_LAST = {
    **OUT_SOON,
    **{"waiting": 2, "approved": 2, "by the new": 2, "edited": 1, "released": 1, "by device": 1, "by Slack": 1},
    **dict.fromkeys(CAKES, 1),
}
Items = dict[tuple[str, ...], dict[str, Any]]


@pytest.mark.slow
@needs_sam
def test_an_upgrade_and_the_way_back_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    commit, old = unpacked(before_this(), tmp_path / "old")
    machine = old / "statemachines" / "draft_batch.asl.yaml"
    machine.write_text(machine.read_text("utf-8").replace("Comment: A batch", "Comment: As it was before - a batch", 1))
    print(f"from {commit}")
    with unhurried(tmp_path / "stack", calendar(ROWS), old, Shipped) as stack:
        business = Business(stack, ROWS)
        morning(business)
        kept = business.retained()
        _first_try_is_taken_back(business, tmp_path / "failing")
        before: Items = {}

        def meanwhile() -> None:
            last_minutes(business)
            before.update(as_the_old_code_left_it(business))
            as_it_begins(business)

        stack.meanwhile, machine_before = meanwhile, business.definition()
        business.deploy(ROOT)
        business.expect("the machine was changed", business.definition() != machine_before)
        _upgraded(business, before, kept)
        _redriven(business)
        _send_every_old_event(business, old)
        _go_on(business)
        _and_back(business, old, kept)
        assert business.wrong == []


def _first_try_is_taken_back(business: Business, folder: Path) -> None:
    """The update fails once all functions are new; a post goes out while they are taken back."""
    before = business.code()
    business.stack.meanwhile = lambda: business.clock(15, 10, 4, 59)
    with pytest.raises(ShipError, match="NeverMade"):
        business.deploy(failing(ROOT, folder))
    business.world.settle()
    business.expect("it was taken back", business.status() == "UPDATE_ROLLBACK_COMPLETE", business.status())
    business.expect("the old code runs again", business.code() == before)
    business.at(15, 10, 10)
    business.expect("what was due meanwhile is out", business.public()["taken back"] == 2, business.public())


def _upgraded(business: Business, before: Items, kept: dict[str, str]) -> None:
    told = "\n".join(business.stack.said)
    business.expect("the change was shown before", "changed: function Sender" in told, told)
    business.expect("tables, buckets and secrets are the same ones", business.retained() == kept, business.retained())
    business.world.settle()
    after = business.items()
    business.expect("no item is lost", before.keys() <= after.keys(), before.keys() - after.keys())
    touched = [key for key, item in before.items() if key[0] == "audit" and after.get(key) != item]
    business.expect("the trail is untouched", not touched, touched)
    business.expect("the batch was under way as its machine was changed", business.lived_through_its_change())


def _redriven(business: Business) -> None:
    letters, before = business.world.dead_letters(), business.public()
    business.expect("the letters are still there", letters > 0)
    left = redrive.main(["--go", "--state", str(business.stack.folder)])
    business.world.settle()
    business.expect("all of them were sent again", (left, business.world.dead_letters()) == (0, 0))
    business.expect("and nothing went out by it", business.public() == before, business.public() - before)


def _send_every_old_event(business: Business, old: Path) -> None:
    """What was in flight: each kind of event as the old code writes it."""
    entries = [
        {
            "Source": "ss",
            "DetailType": sample.parent.name,
            "Detail": json.dumps(json.loads(sample.read_text())["detail"]),
        }
        for sample in sorted((old / "events" / "bus").glob("*/v1.json"))
    ]
    for start in range(0, len(entries), 10):
        business.stack.client("events").put_events(Entries=entries[start : start + 10])
    business.world.settle()


def _go_on(business: Business) -> None:
    """What the old code booked, asked, mailed and signed, with the new code."""
    world = business.world
    for name in ("waiting", "late"):
        business.press(business.link(name, Action.REVIEW))
    business.press(business.link("released", Action.HOLD), "Release it again")
    title = business.on_this_device(business.link("by device", Action.REVIEW), opened=True)
    business.expect("the device acts at once", title == "Approved", title)
    business.expect("Slack's click is taken", business.click_in_slack("by Slack", "approve") == 200)
    business.press(business.link("unknown", Action.NOT_THERE))
    world.settle()
    business.expect("the answer is taken", business.heads()["unknown x-main"] == "failed", business.heads())
    world.sync()
    business.at(15, 11, 30)
    business.at(15, 12, 0)
    _drafts_are_accepted(business)
    _is_out(business, OUT_SOON)
    business.press(business.link("edited", Action.REVIEW))
    world.settle()
    world.sync()
    business.at(16, 12, 1)
    business.at(16, 13, 1)
    business.press(business.link("by the new", Action.REVIEW))
    _approve_the_cakes(world)
    world.sync()
    broken = world.broken_chains()
    business.expect("the audit's chains are whole after the upgrade", broken == (), broken)


def _drafts(business: Business) -> dict[str, str]:
    """By post, how each stands that is drafted, or of which it is said why it could not be."""
    found = {post_id: item.get("proposal") or {} for post_id, item in business.world.statuses().items()}
    drafts = {post_id: one for post_id, one in found.items() if one and not one.get("plan")}
    return {post_id: str(one["state"]) for post_id, one in drafts.items() if one.get("wordings") or one.get("error")}


def _drafts_are_accepted(business: Business) -> None:
    """The one that was mailed before; and those whose batch lived through the update."""
    world, rows, drafts = business.world, len(business.world.rows()), _drafts(business)
    business.expect("the batch is over", "RUNNING" not in business.runs(), business.runs())
    business.expect("of its five, and the one before, each is drafted or says why not", len(drafts) == 6, drafts)
    ready = {post_id for post_id, state in drafts.items() if state == "ready"}
    links = [link for mail in world.mailbox.every() for link in mail.links_of(Action.DRAFT)]
    posts = {link.token.posts[0][0]: link for link in links if link.token.posts[0][0] in ready}
    for link in posts.values():
        business.press(link, "Accept")
    world.settle()
    world.sync()
    more = len(world.rows()) - rows
    business.expect("every draft is a row", len(posts) == len(ready) == more, (ready, posts.keys(), more))


def _approve_the_cakes(world: World) -> None:
    ids = {str(row["post_id"]) for row in world.rows() if str(row["text"]) in CAKES}
    others = {str(row["post_id"]) for row in world.rows()} - ids
    for mail in world.mailbox.every():
        if ids & set(mail.posts) and mail.is_card:
            world.approve([mail], but=others)
    world.settle()


def _and_back(business: Business, old: Path, kept: dict[str, str]) -> None:
    """The old code again, over what the new has written."""
    world, written = business.world, business.items()
    business.stack.meanwhile = lambda: business.clock(16, 13, 59, 59)
    business.deploy(old)
    world.settle()
    business.expect("the same tables, buckets and secrets after the way back", business.retained() == kept)
    business.expect("no item is lost on the way back", written.keys() <= business.items().keys())
    for day, hour, minute in ((16, 14, 5), (16, 15, 1), (17, 10, 1), (17, 12, 1), (19, 9, 1)):
        business.at(day, hour, minute)
    world.sync()
    _is_out(business, OUT_AT_LAST)
    public = business.public()
    nowhere = {name: public[name] for name in ("unknown", "unapproved", "failed", "held", "draft") if public[name]}
    business.expect("nothing else is out", not nowhere, nowhere)
    business.expect("nothing is out twice", public["paused"] <= 1, public)
    business.expect("the audit's chains are whole at last", world.broken_chains() == (), world.broken_chains())
    business.expect("no dead letter came of it", world.dead_letters() == 0, world.dead_letters())


def _is_out(business: Business, wanted: dict[str, int]) -> None:
    public = business.public()
    for name, times in wanted.items():
        business.expect(f"{name} is out {times} times", public[name] == times, public)


@pytest.mark.slow
def test_no_update_replaces_or_drops_what_holds_the_data(tmp_path: Path) -> None:
    _, old = unpacked(before_this(), tmp_path)
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
