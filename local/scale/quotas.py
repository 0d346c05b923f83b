"""What AWS, Google and the networks allow, as their pages said in November 2026. Pure.

Defaults of an account that has been in use for a while, in Singapore where regions differ. A new account starts lower (Lambda: 10 places).
``sure`` ones were read in a copy of the vendor's own page; the others are from memory or from somebody else's page, and are to be looked up
where ``source`` says before anybody relies on them.
"""

from __future__ import annotations

from dataclasses import dataclass

AS_OF = "November 2026"
REGION = "ap-southeast-1"


@dataclass(frozen=True)
class Quota:
    """``scope`` is what shares it. ``up_to``: the most that it is raised to; None where nobody publishes one. ``source`` is the
    title of the vendor's page.
    """

    key: str
    service: str
    what: str
    value: float
    scope: str
    source: str
    adjustable: bool = True
    up_to: float | None = None
    sure: bool = True


_ACCOUNT = "account and region"
_BUS, _IAM, _SCHEDULER = (
    "Amazon EventBridge quotas",
    "IAM and AWS STS quotas",
    "Quotas for Amazon EventBridge Scheduler",
)
_DYNAMODB, _LAMBDA, _SECRETS = "Quotas in Amazon DynamoDB", "Lambda quotas", "AWS Secrets Manager quotas"
_SHEETS, _DRIVE = "Sheets API: Usage limits", "Drive API: Usage limits"

RULES = Quota("rules", "EventBridge", "rules on a bus", 300, "bus", _BUS)
ROLES = Quota("roles", "IAM", "roles", 1_000, "account", _IAM, up_to=10_000, sure=False)
GROUPS = Quota("groups", "EventBridge Scheduler", "schedule groups", 500, _ACCOUNT, _SCHEDULER, sure=False)
TABLES = Quota("tables", "DynamoDB", "tables", 2_500, _ACCOUNT, _DYNAMODB, up_to=10_000)
ALARMS = Quota("alarms", "CloudWatch", "alarms", 5_000, _ACCOUNT, "CloudWatch service quotas", sure=False)
STACKS = Quota("stacks", "CloudFormation", "stacks", 2_000, _ACCOUNT, "Understand CloudFormation quotas", sure=False)
BUCKETS = Quota("buckets", "S3", "buckets", 10_000, "account", "Creating a general purpose bucket", up_to=1_000_000)
IDENTITIES = Quota(
    "identities", "SES", "verified senders", 10_000, _ACCOUNT, "Service quotas in Amazon SES", sure=False
)
PARAMETERS = Quota(
    "parameters", "Systems Manager", "parameters", 10_000, _ACCOUNT, "Parameter Store quotas", sure=False
)
MACHINES = Quota(
    "machines", "Step Functions", "state machines", 100_000, _ACCOUNT, "Step Functions service quotas", sure=False
)
SECRETS = Quota("secrets", "Secrets Manager", "secrets", 500_000, _ACCOUNT, _SECRETS, adjustable=False, sure=False)

KEPT: tuple[tuple[Quota, tuple[str, ...]], ...] = (
    (RULES, ("AWS::Events::Rule",)),
    (ROLES, ("AWS::IAM::Role",)),
    (GROUPS, ("AWS::Scheduler::ScheduleGroup",)),
    (ALARMS, ("AWS::CloudWatch::Alarm",)),
    (TABLES, ("AWS::DynamoDB::Table",)),
    (STACKS, ("AWS::CloudFormation::Stack",)),
    (BUCKETS, ("AWS::S3::Bucket",)),
    (PARAMETERS, ("AWS::SSM::Parameter",)),
    (IDENTITIES, ("AWS::SES::EmailIdentity",)),
    (MACHINES, ("AWS::StepFunctions::StateMachine",)),
    (SECRETS, ("AWS::SecretsManager::Secret",)),
)
"""What a stack takes merely by being there: a quota, and which types of resource count against it."""
RESOURCES_A_STACK = 500

PLACES = Quota("places", "Lambda", "invocations at a time", 1_000, _ACCOUNT, _LAMBDA)
NEW_PLACES = 10
GROWN = Quota(
    "grown",
    "Lambda",
    "new processes of one function in ten seconds",
    1_000,
    "function",
    "Understanding Lambda function scaling",
    adjustable=False,
)
FIRINGS = Quota("firings", "EventBridge Scheduler", "schedules fired a second", 1_000, _ACCOUNT, _SCHEDULER)
SCHEDULES = Quota("schedules", "EventBridge Scheduler", "schedules", 10_000_000, _ACCOUNT, _SCHEDULER)
PUTS = Quota("puts", "EventBridge", "PutEvents a second", 1_200, _ACCOUNT, _BUS)
INVOCATIONS = Quota("invocations", "EventBridge", "deliveries to targets a second", 2_250, _ACCOUNT, _BUS)
STORED = Quota("stored", "Secrets Manager", "secrets written a second", 50, _ACCOUNT, _SECRETS, adjustable=False)
FETCHED = Quota("fetched", "Secrets Manager", "secrets read a second", 10_000, _ACCOUNT, _SECRETS, adjustable=False)
DECRYPTED = Quota(
    "decrypted",
    "KMS",
    "requests a second (each secret read or written is one)",
    10_000,
    _ACCOUNT,
    "KMS: Request quotas",
    sure=False,
)
PARTITION_WRITES = Quota(
    "partition writes", "DynamoDB", "write units a second on one key", 1_000, "partition", _DYNAMODB, adjustable=False
)
CODE_GB = Quota("code", "Lambda", "GB of functions and layers, zipped", 75, _ACCOUNT, _LAMBDA)
MAILS = Quota("mails", "SES", "mails a day in the sandbox", 200, _ACCOUNT, "Service quotas in Amazon SES")
READS_A_PROJECT = Quota("reads of a project", "Google Sheets", "reads a minute", 300, "Google project", _SHEETS)
READS_A_USER = Quota(
    "reads of a service account", "Google Sheets", "reads a minute", 60, "service account in a project", _SHEETS
)
WRITES_A_PROJECT = Quota("writes of a project", "Google Sheets", "writes a minute", 300, "Google project", _SHEETS)
WRITES_A_USER = Quota(
    "writes of a service account", "Google Sheets", "writes a minute", 60, "service account in a project", _SHEETS
)
DRIVE_A_PROJECT = Quota(
    "Drive units of a project",
    "Google Drive",
    "quota units a minute (a listing is 100)",
    1_000_000,
    "Google project",
    _DRIVE,
)
DRIVE_A_USER = Quota(
    "Drive units of a service account",
    "Google Drive",
    "quota units a minute",
    325_000,
    "service account in a project",
    _DRIVE,
)
DRIVE_A_DAY = Quota(
    "Drive units a day",
    "Google Drive",
    "quota units a day before Google may charge",
    400_000_000,
    "Google project",
    _DRIVE,
    adjustable=False,
)
SERVICE_ACCOUNTS = Quota(
    "service accounts", "Google Cloud", "service accounts", 100, "Google project", "IAM: Quotas and limits", sure=False
)
X_APP = Quota("X app", "X", "posts in 24 hours", 10_000, "app", "X API: Rate limits", adjustable=False)
X_USER = Quota("X account", "X", "posts in 15 minutes", 100, "account", "X API: Rate limits", adjustable=False)
INSTAGRAM = Quota(
    "Instagram account",
    "Instagram",
    "posts in 24 hours (50 on another page of Meta's)",
    100,
    "account",
    "Instagram Platform: Content Publishing",
    adjustable=False,
)
THREADS = Quota(
    "Threads account", "Threads", "posts in 24 hours", 250, "account", "Threads API: Overview", adjustable=False
)
BLUESKY = Quota(
    "Bluesky account",
    "Bluesky",
    "points a day (a post is 3)",
    35_000,
    "account",
    "Bluesky: Rate Limits",
    adjustable=False,
)
MASTODON = Quota(
    "Mastodon account", "Mastodon", "requests in 5 minutes", 300, "account", "Mastodon: Rate limits", adjustable=False
)

PASSED: tuple[Quota, ...] = (
    PLACES, GROWN, FIRINGS, SCHEDULES, PUTS, INVOCATIONS, STORED, FETCHED, DECRYPTED, PARTITION_WRITES, CODE_GB, MAILS,
    READS_A_USER, WRITES_A_USER, READS_A_PROJECT, WRITES_A_PROJECT, DRIVE_A_USER, DRIVE_A_PROJECT, DRIVE_A_DAY, SERVICE_ACCOUNTS,
    X_APP, X_USER, INSTAGRAM, THREADS, BLUESKY, MASTODON,
)  # fmt: skip
"""What is used up by what happens, or by who shares it. LinkedIn publishes none: each app sees its own in the developer portal."""
