"""The fixture itself: what other tests stand on."""

from datetime import UTC, datetime
from pathlib import Path

import boto3
from moto_mesh import REGION, MotoMesh

from mesh import clock
from mesh.bus import Bus
from mesh.events import Held, Sent
from mesh.ledger import Act, Status
from tests.privilege.every_call import EVERY_CALL

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_events_put_by_any_client_are_seen(mesh: MotoMesh) -> None:
    Bus(boto3.client("events", region_name=REGION), "ss").put([Held(post_ids=["p_1"])])

    assert [event.post_ids for event in mesh.events_of(Held)] == [["p_1"]]
    assert mesh.events_of(Sent) == []


def test_a_status_written_is_found_on_the_open_index_and_audited(mesh: MotoMesh) -> None:
    status = Status(post_id="p_1", due_at=NOW.isoformat())

    mesh.ledger.change_status("p_1", Act("new", by="test", at=NOW), lambda before: before or status)

    assert [found.post_id for found in mesh.ledger.open_statuses()] == ["p_1"]
    assert [row["action"] for row in mesh.audit("p_1")] == ["new"]


def test_the_clock_can_be_turned(mesh: MotoMesh) -> None:
    mesh.turn_clock(NOW)

    assert abs((clock.now() - NOW).total_seconds()) < 5


def test_an_event_that_a_functions_role_may_not_put_is_told_also_where_the_canaries_look_on(mesh: MotoMesh) -> None:
    """Both hang at the bus: what only looks on must not be taken for the caller."""
    code = compile("bus.put([sent])", str(ROOT / "functions" / "renderer" / "handler.py"), "exec")
    exec(code, {"bus": mesh.bus, "sent": Sent(post_id="p_1", channel="bluesky-main", attempt=1)})
    told, EVERY_CALL.refused = EVERY_CALL.refused, []
    EVERY_CALL.recording.meant(told)
    assert len(told) == 1
    assert "renderer may not events:PutEvents" in told[0]
    assert "ss.sent" in told[0]


def test_every_kind_of_value_comes_back_as_it_was_put(mesh: MotoMesh) -> None:
    values = {
        "text": {"S": "S"},
        "number": {"N": "1.5"},
        "bytes": {"B": b"B"},
        "texts": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1", "2"]},
        "several": {"BS": [b"1", b"2"]},
        "map": {"M": {"S": {"S": "a name like a kind"}, "L": {"M": {}}}},
        "list": {"L": [{"NULL": True}, {"BOOL": False}, {"L": []}]},
        "nothing": {"NULL": True},
        "yes": {"BOOL": True},
    }
    mesh.dynamodb.put_item(TableName="ss-runtime", Item={"pk": {"S": "kinds"}, **values})
    assert mesh.dynamodb.get_item(TableName="ss-runtime", Key={"pk": {"S": "kinds"}})["Item"] == {
        "pk": {"S": "kinds"},
        **values,
    }
