"""Each of the troubles that an alarm is for, made to happen, and what CloudWatch would be handed of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch

from memory.network import MemoryNetwork
from mesh_world import base
from watched_mesh import Record, WatchedMesh, figures_line, idle, watched

from local.watch.model import Metric
from mesh.approvals import Action
from mesh.errors import Unreachable
from networks.model import Outcome, Result

FUNCTIONS = (
    "drive-sync",
    "draft-helper",
    "template-sync",
    "renderer",
    "scheduler",
    "notifier",
    "approve-handler",
    "sender",
    "digest",
    "recap",
)
MACHINE = "arn:aws:states:ap-southeast-1:000000000000:stateMachine:ss-draft-batch"


def scheduler_dead_for_a_day() -> Record:
    world = idle()
    world.still = frozenset({"scheduler"})
    base.pump(world, 24 * 60)
    return world.record


def daily_ticks_schedule_gone() -> Record:
    """The sweep makes up for its work an hour later; that the schedule is gone is news all the same."""
    world = idle()
    world.schedules_gone = frozenset({"daily"})
    base.pump(world, 27 * 60)
    return world.record


def tables_do_not_answer() -> Record:
    """Neither the daily tick nor any sweep or sync gets through. How old the last sync is nobody can tell then: the tick's alarm speaks."""
    world = idle()
    world.now += timedelta(hours=20)
    with patch.object(type(world.bare_tables), "query", side_effect=Unreachable("the tables do not answer")):
        base.pump(world, 90)
    return world.record


def drive_sync_dead() -> Record:
    world = idle()
    world.still = frozenset({"drive-sync"})
    base.pump(world, 120)
    return world.record


def google_down() -> Record:
    """Every sync fails, and says so itself, too."""
    world = idle()
    with patch.object(type(world.bare_sheet), "changes", side_effect=Unreachable("Google did not answer")):
        base.pump(world, 120)
    return world.record


def posts_stay_where_they_are() -> Record:
    """What the scheduler says of a due post reaches nobody."""
    world = watched(base.booked_world())
    world.still = frozenset({"sender"})
    base.pump(world, 70)
    return world.record


def an_answer_lost() -> Record:
    world = watched(base.booked_world())
    world.losing = True
    base.pump(world, 60)
    assert world.heads()[0]["state"] == "sent", "and it heals by itself"
    return world.record


def sent(failed: int, of: int) -> Record:
    """So many tries within twenty hours; each is a real one's line, repeated."""
    record = Record()
    well, badly = _tries_line(Result.OK), _tries_line(Result.REJECTED)
    for number in range(of):
        at = datetime.fromisoformat("2027-03-26T00:00:00+00:00") + timedelta(hours=20) * number / of
        record.log("sender", at, badly if number >= of - failed else well)
        _swept(record, at)
    return record


def _tries_line(result: Result) -> str:
    world = watched(base.booked_world())
    with patch.object(MemoryNetwork, "publish", lambda *_, **__: Outcome(result, "1", "https://memory.test/1", "No.")):
        base.pump(world, 35)
    (line,) = [line for _, _, line in world.record.lines if '"move":"send"' in line]
    return line


def key_rotated_away(presses: int = 6) -> Record:
    """Every link in every mail is dead at once, and people press them."""
    world, links = _with_links(presses)
    world.bare_secrets.put_secret_value(
        SecretId="ss/approval/signing-secret",
        SecretString=json.dumps({"keys": ["another-key-of-forty-characters-012345678"]}),
    )
    return _opened(world, links)


def links_tampered_with(presses: int = 6) -> Record:
    """Real links, each with another signature than its own."""
    world, links = _with_links(presses)
    return _opened(world, [link[:-12] + "A" * 12 for link in links])


def _with_links(count: int) -> tuple[WatchedMesh, list[str]]:
    world = watched(base.asked_world(2))
    posts = base.post_ids(world)
    return world, [base.signed(world, Action.HOLD, posts[number % 2]) for number in range(count)]


def _opened(world: WatchedMesh, links: list[str]) -> Record:
    for number, link in enumerate(links):
        answer = world.invoke("approve-handler", base.request(link), f"reader-{number}")
        assert answer["statusCode"] == 404
        base.pump(world, 5)
    return world.record


def an_event_that_nobody_can_handle() -> Record:
    world = idle()
    world._try("renderer", {"source": "ss", "detail-type": "ss.package.wanted", "detail": {"post_ids": 7}}, "odd")
    base.pump(world, 15)
    return world.record


def a_function_runs_out_of_time() -> Record:
    """The pages do, so that nothing is delivered again and no dead letter comes of it."""
    world = idle()
    world.stuck = frozenset({"approve-handler"})
    for number in range(3):
        try:
            world.invoke("approve-handler", base.request(f"{base.ORIGIN}/x.y"), f"reader-{number}")
        except TimeoutError:
            base.pump(world, 3)
    return world.record


def clicks_refused() -> Record:
    throttles = Metric("AWS/Lambda", "Throttles", (("FunctionName", "ss-approve-handler"),))
    return _counted(throttles, [0, 3, 4, 0])


def drafting_machine_failed() -> Record:
    return _counted(Metric("AWS/States", "ExecutionsFailed", (("StateMachineArn", MACHINE),)), [1, 0])


def drafting_machine_ran_out_of_time() -> Record:
    return _counted(Metric("AWS/States", "ExecutionsTimedOut", (("StateMachineArn", MACHINE),)), [1, 0])


def _counted(metric: Metric, values: list[float]) -> Record:
    """One of AWS's own metrics, every five minutes, beside a business where all is well."""
    world = idle()
    for value in values:
        base.pump(world, 5)
        world.record.count(metric, world.now, value)
    return world.record


def drafts_too_dear() -> Record:
    """Sixty drafts at two cents each."""
    world = idle()
    for _ in range(60):
        world.record.log("draft-helper", world.now, figures_line("draft-helper", BedrockUsd=0.02))
        base.pump(world, 5)
    return world.record


def _swept(record: Record, at: datetime) -> None:
    """Sweeps up to then, so that the tick's own alarm has nothing to say."""
    last = max(
        (moment for group, moment, _ in record.lines if group.endswith("-scheduler")),
        default=at - timedelta(minutes=30),
    )
    while last + timedelta(minutes=5) <= at:
        last += timedelta(minutes=5)
        record.log("scheduler", last, figures_line("scheduler", TickAge=60.0))


# The trouble, and every alarm that rings by it: one, where one thing is broken.
FAULTS: dict[str, tuple[Callable[[], Record], set[str]]] = {
    "the scheduler is dead for a day": (scheduler_dead_for_a_day, {"tick"}),
    "the daily tick's schedule is gone": (daily_ticks_schedule_gone, {"tick"}),
    "the tables do not answer": (tables_do_not_answer, {"tick", "failing-functions", "dead-letters"}),
    "drive-sync is dead": (drive_sync_dead, {"sync"}),
    "Google is down": (google_down, {"sync", "failing-functions", "dead-letters"}),
    "the sender is not woken": (posts_stay_where_they_are, {"late-posts"}),
    "an answer is lost": (an_answer_lost, {"unknown-outcomes"}),
    "2 of 100 tries fail": (lambda: sent(2, 100), {"failed-sends"}),
    "the key is rotated away": (key_rotated_away, {"signatures"}),
    "real links are tampered with": (links_tampered_with, {"signatures"}),
    "an event cannot be handled": (an_event_that_nobody_can_handle, {"dead-letters", "failing-functions"}),
    "a page runs out of time": (a_function_runs_out_of_time, {"failing-functions"}),
    "clicks are refused": (clicks_refused, {"refused-calls"}),
    "the drafting machine fails": (drafting_machine_failed, {"drafting-machine"}),
    "the drafting machine runs out of time": (drafting_machine_ran_out_of_time, {"drafting-machine"}),
    "drafts are too dear": (drafts_too_dear, {"bedrock-spend"}),
}
