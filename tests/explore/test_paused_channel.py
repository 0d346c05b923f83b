"""A paused channel: probed hourly, its pause lifted by a good probe, and what waited goes out by itself with the minimum gap kept."""

from __future__ import annotations

import json
from datetime import timedelta

from mesh_world import base
from mesh_world.world import CHANNELS, DUE, RULES_TEXT, MeshWorld, in_memory

from mesh.ledger.runtime import PROBE_EVERY, pause_key

ACCOUNT = CHANNELS["main"]


def paused_world() -> MeshWorld:
    """Two posts of nine o'clock met a dead sign-in: the channel pauses, and both wait."""
    world = base.released(base.due_world(2, tokens=True).copy())
    world.kind.feed.tokens[ACCOUNT] = world.kind.feed.refreshing[ACCOUNT] = "dead"
    for number, event in enumerate(base.sends(world)):
        world._try("sender", event, f"sender-{number}")
    base.pump(world, 1)
    assert is_paused(world)
    return world


def is_paused(world: MeshWorld) -> bool:
    return bool((world.bare_tables.get("ss-runtime", {"pk": pause_key("main")}) or {}).get("since"))


def connect_again(world: MeshWorld) -> None:
    """The owner signs in anew; nobody says so to the mesh."""
    world.kind.feed.tokens[ACCOUNT], world.kind.feed.refreshing[ACCOUNT] = "access-9", "refresh-9"
    name = "ss/channels/main"
    document = json.loads(world.bare_secrets.get_secret_value(SecretId=name)["SecretString"])
    document["credentials"] = {"access_jwt": "access-9", "refresh_jwt": "refresh-9"}
    world.bare_secrets.put_secret_value(SecretId=name, SecretString=json.dumps(document))


def test_while_it_is_paused_nothing_goes_out_and_no_try_is_counted() -> None:
    with in_memory():
        world = paused_world()
        base.pump(world, 50)
        assert is_paused(world)
        assert world.kind.feed.posts == ()
        tries = [one for one in world.bare_tables.items("ss-sends") if one["attempt"]]
        assert [one for one in tries if one.get("counted", True)] == []
        assert world.complaints() == []


def test_a_good_probe_lifts_the_pause_within_the_hour_and_both_go_out_with_the_gap_between_them() -> None:
    with in_memory():
        world = paused_world()
        gap = timedelta(minutes=15)
        world.bare_sheet.write_doc("Rules", RULES_TEXT.replace("Channels", "Minimum gap: 15 minutes\nChannels"))
        base.pump(world, 10)
        connect_again(world)
        waited = 0
        while is_paused(world):
            base.pump(world, 5)
            waited += 5
        assert timedelta(minutes=waited) <= PROBE_EVERY + timedelta(minutes=7)
        base.pump(world, 30)
        first, second = sorted(post.at for post in world.kind.feed.posts)
        assert second - first >= gap
        assert second < DUE + timedelta(hours=2)
        assert world.complaints() == []
