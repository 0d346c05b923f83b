"""The switches of AWS and of the mesh itself: events that are lost, runs that are killed."""

from __future__ import annotations

from typing import Any

from local.console.switches import ONCE, THRICE, Choice, Group, Order, Switch, aws_fault

_FUNCTIONS = (
    Choice("scheduler", "scheduler"),
    Choice("renderer", "renderer"),
    Choice("drive-sync", "drive-sync"),
    Choice("notifier", "notifier"),
    Choice("approve-handler", "approve-handler"),
    Choice("draft-helper", "draft-helper"),
    Choice("template-sync", "template-sync"),
    Choice("sender", "sender"),
)
_EVENTS = (
    Choice("*", "any event"),
    Choice("calendar.changed", "the calendar changed"),
    Choice("package.wanted", "a package is wanted"),
    Choice("package.ready", "a package is ready"),
    Choice("review.requested", "ask the owner"),
    Choice("approved", "the owner approved"),
    Choice("cleared", "the tick is in the sheet"),
    Choice("send", "send now"),
    Choice("sent", "it is out"),
    Choice("attempt.failed", "a try failed"),
)
_LATER = "The sweep finds every few minutes what an event would have told: turn the clock on a quarter of an hour."


def mesh_groups() -> list[Group]:
    return [Group("aws", "AWS", _aws()), Group("mesh", "The mesh itself", _mesh())]


def _aws() -> tuple[Switch, ...]:
    def at(*fault: Any) -> tuple[Order, ...]:
        return (Order("aws", "/_local/faults", aws_fault(*fault)),)

    shrug = "A few are shrugged off, as every call is tried again."
    return (
        Switch(
            "aws-tables-throttled",
            "aws",
            "The tables are throttled",
            "DynamoDB refuses what the functions read and write.",
            f"{shrug} Left on, nothing is sent, as nothing can be claimed; a quarter of an hour after its end everything due is out, once.",
            at("dynamodb", "*", "ProvisionedThroughputExceededException", 400),
            says="DynamoDB is throttled",
        ),
        Switch(
            "aws-conflict",
            "aws",
            "Two write at once",
            "A transaction is cancelled, as somebody else was writing the same items.",
            "It is read again and written again. A post is claimed by one sender alone.",
            at("dynamodb", "TransactWriteItems", "TransactionCanceledException", 400),
            says="DynamoDB cancels transactions",
        ),
        Switch(
            "aws-written-unsaid",
            "aws",
            "Written, and not said",
            "A transaction takes effect, and its answer is an error.",
            "The function looks whether it was written. One row in the audit trail for one change, and one post.",
            at("dynamodb", "TransactWriteItems", "InternalServerError", 500, "after"),
            says="DynamoDB writes and says that it failed",
        ),
        Switch(
            "aws-events-refused",
            "aws",
            "Events are refused",
            "EventBridge takes none of the events that the functions put.",
            f"What was decided stands in the tables. {_LATER}",
            at("events", "PutEvents", "InternalException", 500),
            says="EventBridge refuses events",
        ),
        Switch(
            "aws-events-in-part",
            "aws",
            "Events are taken in part",
            "EventBridge takes all but the last event of each call.",
            f"The function fails and is run again; what came twice changes nothing. {_LATER}",
            at("events", "PutEvents", "InternalFailure", 200, "part"),
            says="EventBridge takes events in part",
        ),
        Switch(
            "aws-bookings-refused",
            "aws",
            "Bookings are refused",
            "Scheduler takes no new booking.",
            "The sweep books later, and sends what is due at its minute. The sheet says so if anything is late.",
            at("scheduler", "CreateSchedule", "ThrottlingException", 429),
            says="Scheduler takes no bookings",
        ),
        Switch(
            "aws-storage-down",
            "aws",
            "The storage is slow",
            "S3 answers with 503 to what the functions read and write.",
            f"{shrug} Left on, packages wait, and no post goes out whose bytes cannot be read and compared.",
            at("s3", "*", "SlowDown", 503),
            says="S3 answers 503",
        ),
    )


def _mesh() -> tuple[Switch, ...]:
    def event(times: int) -> tuple[Order, ...]:
        return (Order("aws", "/_local/deliveries", {"kind": "{prefix}.{choice}", "times": times}),)

    def kill(function: str, at: str, **match: str) -> tuple[Order, ...]:
        return (Order("aws", "/_local/kills", {"function": f"{{prefix}}-{function}", "at": at, **match}),)

    return (
        Switch(
            "mesh-kill-sender",
            "mesh",
            "Kill the next sender, the post being out",
            "The sender’s process ends after the network took the post and before that is written down: the worst moment there is.",
            "Nobody knows whether it went out, until the sender has looked. It stands once. Where a network cannot be asked, you are.",
            kill("sender", "TransactWriteItems", match='{"S": "sent"}'),
            says="the next sender is killed once its post is out",
            counts=(ONCE, THRICE),
        ),
        Switch(
            "mesh-kill-next",
            "mesh",
            "Kill the next run",
            "The function’s process ends at the first thing that it writes.",
            "It is run again, and starts from what the tables say. Nothing is done twice, nothing is left half done.",
            kill("{choice}", "write"),
            says="the next {choice} is killed",
            counts=(ONCE, THRICE),
            choices=_FUNCTIONS,
            asks="Which function",
        ),
        Switch(
            "mesh-lose-event",
            "mesh",
            "Lose the next event",
            "An event of the mesh is taken and reaches nobody.",
            f"An event only hurries what stands in the tables. {_LATER}",
            event(0),
            says="the next event is lost",
            choices=_EVENTS,
            asks="Which event",
        ),
        Switch(
            "mesh-double-event",
            "mesh",
            "Deliver the next event twice",
            "Every function that an event wakes is woken by it twice.",
            "The second one finds done what the first one did. One mail, one post, one row in the trail.",
            event(2),
            says="the next event comes twice",
            choices=_EVENTS,
            asks="Which event",
        ),
    )
