"""What AWS charges in Singapore (ap-southeast-1), by a dated table. Pure.

On-demand prices of the first tier, in US dollars without tax. ``sure`` prices were seen in copies of AWS's own price list for this region
(read 2026-11-22); the others are from memory of the vendor's page and are to be looked up there before anybody relies on them. None of
the unsure ones is more than a few cents of the month (docs/cost.md shows which).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

AS_OF = "2026-11-22"
REGION = "ap-southeast-1"


class Free(StrEnum):
    """For how long a monthly allowance lasts. Accounts made since July 2025 have credits in place of the first year's."""

    ALWAYS = "always"
    FIRST_YEAR = "first year, accounts from before July 2025"


@dataclass(frozen=True)
class Price:
    """``usd`` for ``per`` units; ``free`` units a month while ``free_for``. ``page`` is the title of the vendor's own page."""

    key: str
    service: str
    unit: str
    usd: float
    page: str
    per: float = 1.0
    free: float = 0.0
    free_for: Free | None = None
    sure: bool = False

    def cost(self, count: float) -> float:
        return count * self.usd / self.per


_M, _K = 1_000_000.0, 1_000.0
_LAMBDA, _DYNAMODB, _S3 = "AWS Lambda Pricing", "Pricing for On-Demand Capacity", "Amazon S3 Pricing"
_CLOUDWATCH = "Amazon CloudWatch Pricing"

TABLE: tuple[Price, ...] = (
    Price("lambda.requests", "Lambda", "requests", 0.20, _LAMBDA, _M, _M, Free.ALWAYS, sure=True),
    Price("lambda.gb_seconds", "Lambda", "GB-seconds, arm64", 0.0000133334, _LAMBDA, 1, 400_000, Free.ALWAYS, sure=True),
    Price("dynamodb.reads", "DynamoDB", "read request units", 0.1425, _DYNAMODB, _M),
    Price("dynamodb.writes", "DynamoDB", "write request units", 0.7125, _DYNAMODB, _M),
    Price("dynamodb.stored", "DynamoDB", "GB stored", 0.285, _DYNAMODB, 1, 25, Free.ALWAYS),
    Price("dynamodb.recovery", "DynamoDB", "GB under point-in-time recovery", 0.228, _DYNAMODB),
    Price("s3.puts", "S3", "PUT, POST and LIST requests", 0.005, _S3, _K, 2_000, Free.FIRST_YEAR),
    Price("s3.gets", "S3", "GET and HEAD requests", 0.0004, _S3, _K, 20_000, Free.FIRST_YEAR),
    Price("s3.stored", "S3", "GB stored, all versions", 0.025, _S3, 1, 5, Free.FIRST_YEAR),
    Price("events.put", "EventBridge", "custom events of 64 KB", 1.00, "Amazon EventBridge Pricing", _M),
    Price("scheduler.firings", "EventBridge", "Scheduler invocations", 1.00, "Amazon EventBridge Pricing", _M, 14 * _M, Free.ALWAYS),
    Price("states.transitions", "Step Functions", "state transitions", 0.025, "AWS Step Functions Pricing", _K, 4_000, Free.ALWAYS),
    Price("ses.mails", "SES", "mails", 0.10, "Amazon SES Pricing", _K, 3_000, Free.FIRST_YEAR),
    Price("ses.bytes", "SES", "GB of mail", 0.12, "Amazon SES Pricing"),
    Price("secrets.calls", "Secrets Manager", "API calls", 0.05, "AWS Secrets Manager Pricing", 10 * _K),
    Price("secrets.kept", "Secrets Manager", "secrets", 0.40, "AWS Secrets Manager Pricing", sure=True),
    Price("logs.ingested", "CloudWatch", "GB of log written", 0.70, _CLOUDWATCH, 1, 5, Free.ALWAYS, sure=True),
    Price("logs.stored", "CloudWatch", "GB of log kept", 0.03, _CLOUDWATCH, 1, 5, Free.ALWAYS, sure=True),
    Price("cloudwatch.metrics", "CloudWatch", "custom metrics", 0.30, _CLOUDWATCH, 1, 10, Free.ALWAYS, sure=True),
    Price("cloudwatch.alarms", "CloudWatch", "metrics under alarm", 0.10, _CLOUDWATCH, 1, 10, Free.ALWAYS, sure=True),
    Price("cloudwatch.dashboards", "CloudWatch", "dashboards", 3.00, _CLOUDWATCH, 1, 3, Free.ALWAYS, sure=True),
    Price("sqs.requests", "SQS", "requests", 0.40, "Amazon SQS Pricing", _M, _M, Free.ALWAYS),
    Price("sns.mails", "SNS", "mails of alarms", 2.00, "Amazon SNS Pricing", 100 * _K, 1_000, Free.ALWAYS),
    Price("transfer.out", "Data transfer", "GB out to the internet", 0.12, "Amazon EC2 On-Demand Pricing", 1, 100, Free.ALWAYS, sure=True),
    Price("budgets.kept", "Budgets", "budgets that only tell", 0.0, "AWS Budgets Pricing", sure=True),
    Price("bedrock.usd", "Bedrock", "US dollars, as the drafts counted them", 1.0, "Pricing (of the model's vendor; layers/mesh)"),
    Price("x.posts", "X", "posts without a link", 0.015, "X API: Pricing"),
    Price("x.linked_posts", "X", "posts with a link", 0.20, "X API: Pricing"),
    Price("x.users_read", "X", "looks at the own account", 0.010, "X API: Pricing"),
)  # fmt: skip
PRICES = {price.key: price for price in TABLE}
assert len(PRICES) == len(TABLE)

BESIDE_THE_AIM = frozenset({"secrets.kept", "bedrock.usd", "x.posts", "x.linked_posts", "x.users_read"})
"""What the month's aim leaves out: it depends on how many channels, which network and how many drafts."""
AIM_USD = 3.0
