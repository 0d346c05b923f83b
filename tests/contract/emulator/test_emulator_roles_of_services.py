"""What Lambda and Scheduler do by themselves with a role is held against it too, and counts as the use of a grant."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable

from local_aws import LocalAws

from local.privileges.recording import Grant
from local.privileges.roles import mesh_roles

PLACE = "ap-southeast-1:000000000000"
QUEUE = f"arn:aws:sqs:{PLACE}:ss-dead-letters"
FUNCTIONS = [owner for owner, role in mesh_roles().items() if role.taken_on_by == "lambda.amazonaws.com"]
WAKING = {
    owner: next(one.pattern for one in role.statements[0].resources)
    for owner, role in mesh_roles().items()
    if role.statements[0].actions == ("lambda:InvokeFunction",) and owner[0].isupper()
}


def used(aws: LocalAws) -> set[Grant]:
    return {(owner, action, label) for owner, action, label, _ in aws.get("privileges")["used"]}


def failing(aws: LocalAws, names: Iterable[str]) -> None:
    """A function of each name that cannot do what it is asked, and leaves that as a dead letter."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("f.py", "def handler(event, context):\n    raise ValueError('no')\n")
    functions = aws.client("lambda")
    for name in names:
        functions.create_function(
            FunctionName=name,
            Runtime="python3.14",
            Role="arn:aws:iam::000000000000:role/r",
            Handler="f.handler",
            Code={"ZipFile": package.getvalue()},
        )
        functions.put_function_event_invoke_config(
            FunctionName=name, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": QUEUE}}
        )
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")


def scheduled(aws: LocalAws, role: str, target: str, **more: object) -> None:
    """A schedule that fires at once and reaches nobody."""
    schedules = aws.client("scheduler")
    arn = f"arn:aws:iam::000000000000:role/ss-{role}-1AB2C3"
    schedules.create_schedule(
        Name=role,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": target, "RoleArn": arn, "Input": "{}", "DeadLetterConfig": {"Arn": QUEUE}, **more},
    )
    aws.post("fire", schedule=role)


def test_logs_and_dead_letters_are_written_with_the_functions_or_the_schedules_role(
    start: Callable[..., LocalAws],
) -> None:
    aws = start(None, "--privileges")
    aws.client("sqs").create_queue(QueueName="ss-dead-letters")
    for role, target in WAKING.items():
        scheduled(aws, role, target)
    parameters = {"DetailType": "ss.send", "Source": "ss"}
    scheduled(aws, "BookingRole", f"arn:aws:events:{PLACE}:event-bus/gone", EventBridgeParameters=parameters)
    failing(aws, [f"ss-{name}" for name in FUNCTIONS])
    aws.settle()

    wanted = {(role, "sqs:SendMessage", "DeadLetters") for role in [*WAKING, "BookingRole"]}
    for name in FUNCTIONS:
        group = "".join(part.title() for part in name.split("-")) + "LogGroup"
        wanted |= {(name, "logs:CreateLogStream", group), (name, "logs:PutLogEvents", group)}
        wanted.add((name, "sqs:SendMessage", "DeadLetters"))
    assert len(wanted) == 9 + 3 * len(FUNCTIONS)
    assert wanted <= used(aws)
    assert aws.get("privileges")["denied"] == []
    url = aws.client("sqs").get_queue_url(QueueName="ss-dead-letters")["QueueUrl"]
    count = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert int(count["Attributes"]["ApproximateNumberOfMessages"]) == 9 + len(FUNCTIONS)
