"""Grants that no recorded call uses, each with its reason: what AWS does with a role by itself, and what is on a condition."""

from __future__ import annotations

import re

from local.privileges.recording import Grant

_REASONS: tuple[tuple[str, str, str, str], ...] = (
    (r"[a-z-]+", "logs:(CreateLogStream|PutLogEvents)", r"\w+LogGroup", "Lambda writes what a function prints, with the function's role"),
    (r"[a-z-]+", "sqs:SendMessage", "DeadLetters", "Lambda puts there what a function failed at to the end, with the function's role"),
    (r"\w+Role", "sqs:SendMessage", "DeadLetters", "Scheduler puts there what it could not deliver, with the schedule's role"),
    (
        r"notifier|digest|recap",
        "ses:Send(Raw)?Email",
        "ses identity/MailFrom's domain",
        "where SES knows the sender by its domain (CreateMailIdentity=false), it is the domain's identity that is asked for",
    ),
    (
        r"draft-helper|recap",
        "bedrock:ApplyGuardrail",
        r"bedrock guardrail/\w+",
        "only a stack with a guardrail (Guardrail=…) has this grant, and no test over moto has one",
    ),
    (
        r"draft-helper|recap",
        "bedrock:InvokeModel",
        "bedrock inference-profile/DraftModel",
        "the tests draft with a model asked for by itself; the default is a profile, asked for with the model behind it",
    ),
    (
        "renderer",
        "s3:ListBucket",
        "RulesBucket",
        "a stack whose rules doc was never read has no rules.txt: without this S3 tells of a refusal, not of nothing",
    ),
)  # fmt: skip


def reason(grant: Grant) -> str:
    """Why it is there though no recorded call used it; "" where there is none."""
    owner, action, label = grant
    for by, does, on, why in _REASONS:
        if re.fullmatch(by, owner) and re.fullmatch(does, action) and re.fullmatch(on, label):
            return why
    return ""
