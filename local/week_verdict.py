"""The end of a week: the table, the figures, and the story of every post about which something is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.stack import PREFIX
from local.story_world import World
from local.week_plan import number_in
from local.week_record import Post
from local.week_run import Run

ZEROS = ("doubled", "missed", "unapproved", "cells", "audit")


def figures(run: Run, ends: Mapping[tuple[int, str], str], seconds: float) -> dict[str, Any]:
    """Everything in numbers; ``ZEROS`` of them must be zero."""
    counted = Counter(ends.values())
    flagged = {name.removeprefix("flagged: "): count for name, count in counted.items() if name.startswith("flagged")}
    out = list(run.referee.out.values())
    letters = dead_letters(run.world)
    return {
        "seed": run.week.seed,
        "posts": len(run.posts),
        "posts_x_channels": len(ends),
        "approved": sum(1 for number, _ in ends if run.posts[number].approvals),
        "sent": counted["sent"],
        "flagged": flagged,
        **{name.replace(" ", "_"): counted[name] for name in ("held", "not approved", "deleted", "open")},
        **{kind: run.referee.count(kind) for kind in ZEROS},
        "lateness_seconds": {
            "undisturbed": spread([one.late_seconds for one in out if not one.disturbed]),
            "with_a_fault_in_the_way": spread([one.late_seconds for one in out if one.disturbed]),
        },
        "silent_over_15_minutes": len(run.referee.silences),
        "longest_silence_minutes": round(max(run.referee.silences.values(), default=0.0), 1),
        "faults_ordered": len(run.troubles.orders),
        "faults_bit": sum(1 for order in run.troubles.orders if order.bit),
        "calls_spoilt": run.troubles.bitten,
        "kills": len(run.troubles.kills),
        "kills_by_function": dict(Counter(function for _, function in run.troubles.kills)),
        "dead_letters": sum(letters.values()),
        "dead_letter_reasons": dict(letters.most_common()),
        "mails": len(run.owner.mails),
        "clock_moves": run.moves,
        "real_seconds": round(seconds, 1),
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Count, p50, p99 and max."""
    ordered = sorted(values)
    if not ordered:
        return {"count": 0, "p50": 0.0, "p99": 0.0, "max": 0.0}

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return {"count": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": round(ordered[-1], 1)}


def dead_letters(world: World) -> Counter[str]:
    """What lies in the dead-letter queue, by function, cause and error."""
    queues = world.stack.client("sqs")
    url = queues.get_queue_url(QueueName=f"{PREFIX}-dead-letters")["QueueUrl"]
    found: Counter[str] = Counter()
    while True:
        answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600)
        messages = answer.get("Messages", [])
        if not messages:
            return found
        for message in messages:
            found[_reason(json.loads(message["Body"]))] += 1


def _reason(letter: Mapping[str, Any]) -> str:
    context, payload = letter.get("requestContext") or {}, letter.get("responsePayload") or {}
    function = str(context.get("functionArn", "?")).removesuffix(":$LATEST").rsplit(":", 1)[-1]
    asked = letter.get("requestPayload") or {}
    cause = asked.get("detail-type") or asked.get("tick") or "poll"
    error = str(payload.get("errorMessage", "")).split("\n")[0][:90]
    return f"{function} on {cause}: {context.get('condition', '?')}: {error}"


def print_table(run: Run, ends: Mapping[tuple[int, str], str], tell: Callable[[str], None]) -> None:
    tell("")
    tell(f"  {'No.':>4} {'planned':<17}{'on':<16}{'what became of it':<20}{'late':>6}  the row says")
    rows = {number_in(str(row["text"])): row for row in run.world.rows()}
    late = {(one.number, one.channel): one for one in run.referee.out.values()}
    for (number, channel), end in sorted(ends.items()):
        post, one = run.posts[number], late.get((number, channel))
        seconds = f"{one.late_seconds:.0f} s" if one else ""
        says = str(rows[number]["status"]).replace("\n", " ") if number in rows else "(no row)"
        wrong = any(complaint.number == number for complaint in run.referee.complaints)
        mark = "✗" if wrong else " "
        planned = f"{post.cells['date'][5:]} {post.cells['time']}"
        tell(f"{mark} {number:>4} {planned:<17}{channel:<16}{end:<20}{seconds:>6}  {says[:80]}")
    tell("")


def print_figures(told: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    for name, value in told.items():
        shown = ", ".join(f"{key} {part}" for key, part in value.items()) if isinstance(value, dict) else value
        if name == "lateness_seconds":
            for kind, part in value.items():
                tell(f"  lateness, {kind.replace('_', ' ')}: " + ", ".join(f"{key} {n}" for key, n in part.items()))
            continue
        if name == "dead_letter_reasons":
            for reason, count in value.items():
                tell(f"      {count} x {reason}")
            continue
        tell(f"  {name.replace('_', ' ')}: {shown if shown != '' else 'none'}")
    tell("")


def print_stories(run: Run, tell: Callable[[str], None], kinds: Sequence[str] = ZEROS) -> None:
    """For each complaint of these kinds: what was said, done, written and published about that post."""
    complaints = [complaint for complaint in run.referee.complaints if complaint.kind in kinds]
    for complaint in complaints:
        tell(f"✗ {complaint.kind}, No. {complaint.number}: {complaint.sentence}")
    for number in sorted({complaint.number for complaint in complaints}):
        post = run.posts.get(number)
        if post is not None:
            tell(f"\n  The story of No. {number} ({post.post_id}, seed {run.week.seed}):")
            _tell_story(run, post, tell)


def _tell_story(run: Run, post: Post, tell: Callable[[str], None]) -> None:
    for line in post.story:
        tell(f"    {line}")
    tell("    its audit:")
    for row in run.world.audit_of(post.post_id):
        changed = json.dumps(row.get("after"), ensure_ascii=False, default=str)[:300]
        tell(
            f"      {row['seq']} {row['subject'].partition('#')[2]:<14} {row['action']} by {row['by_user']}: {changed}"
        )
    tell("    public:")
    for entry in run.world.feed():
        if number_in(entry["text"]) == post.number:
            tell(f"      {entry['created_at']} {entry['network']} {entry['url']}: {entry['text']!r}")
    tell("    mails:")
    for mail, numbers in run.owner.mails:
        if post.number in numbers or f"No. {post.number}: " in mail.subject:
            tell(f"      {mail.at} {mail.subject}")
    tell("    what the functions logged:")
    for one in run.world.invocations_about(post.post_id):
        tell(f"      {one}")
