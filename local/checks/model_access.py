"""Whether this account may ask the model that drafts: by a look that costs nothing, or by one short question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from local.checks.looking import Subject, looking
from local.checks.model import Finding, State

NAME = "model"
DEFAULT = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
_PROFILES = ("global.", "us.", "eu.", "apac.", "jp.", "au.", "us-gov.")
_CATALOG = "the AWS console, Amazon Bedrock, Model catalog"


def model_of(subject: Subject) -> str:
    return subject.parameters.get("DraftModel") or DEFAULT


def model_access(subject: Subject) -> list[Finding]:
    """Reads the model's availability; asks the model nothing. Without a model, everything but drafting works."""
    if subject.local:
        return [Finding(NAME, State.GOOD, "drafts come from what make run was started with")]
    found: list[Finding] = []
    model = model_of(subject)
    with looking(NAME, "bedrock:GetFoundationModelAvailability and bedrock:GetInferenceProfile", found):
        bedrock = subject.client("bedrock")
        try:
            if model.startswith(_PROFILES):
                bedrock.get_inference_profile(inferenceProfileIdentifier=model)
            told = bedrock.get_foundation_model_availability(modelId=bare(model))
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("ResourceNotFoundException", "ValidationException"):
                raise
            fix = f"{_CATALOG} shows which there are; write its id as DraftModel in samconfig.toml"
            return [Finding(NAME, State.BAD, f"there is no {model} in {subject.region}", fix)]
        found.append(judged(model, told))
    return found


def bare(model: str) -> str:
    """A profile's id without its geography: the model's own."""
    return next((model.removeprefix(one) for one in _PROFILES if model.startswith(one)), model)


def judged(model: str, told: Mapping[str, Any]) -> Finding:
    """GetFoundationModelAvailability's answer. KeyError for one that is none."""
    for key, good, why, fix in (
        ("regionAvailability", "AVAILABLE", "is not offered in this region", "take a global. model, or another region"),
        (
            "authorizationStatus",
            "AUTHORIZED",
            "may not be used by this account",
            f"{_CATALOG}, the model, request access",
        ),
        (
            "entitlementAvailability",
            "AVAILABLE",
            "is not open to this account",
            f"{_CATALOG}, the model, request access",
        ),
    ):
        if told[key] != good:
            return Finding(NAME, State.BAD, f"{model} {why}", fix)
    agreed = told["agreementAvailability"]["status"]
    if agreed == "PENDING":
        return Finding(
            NAME, State.DOUBTFUL, f"access to {model} is being granted", "look again in a quarter of an hour"
        )
    if agreed != "AVAILABLE":
        fix = f"{_CATALOG}, the model: submit the use case once and accept its terms"
        return Finding(NAME, State.BAD, f"the terms of {model} are not accepted yet", fix)
    return Finding(NAME, State.GOOD, f"{model} may be asked")


def ask_model(client: Any, model: str) -> Finding:
    """One question of some ten words and an answer of a few tokens: less than a hundredth of a cent."""
    try:
        client.converse(
            modelId=model,
            messages=[{"role": "user", "content": [{"text": "Answer with the one word yes."}]}],
            inferenceConfig={"maxTokens": 5},
        )
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        fix = f"{_CATALOG}, the model: submit the use case and accept its terms; then ask again"
        return Finding("model asked", State.BAD, f"{model} was not answered ({code})", fix)
    return Finding("model asked", State.GOOD, f"{model} answers")
