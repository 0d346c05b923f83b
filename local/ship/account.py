"""The AWS account that is deployed to, as the sign-in of this terminal reaches it; what it refuses, in words."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local import refusals
from local.refusals import Kind


class ShipError(Exception):
    """Why it cannot go on, in a sentence; ``fix`` is the next step."""

    def __init__(self, said: str, fix: str = "") -> None:
        super().__init__(f"{said}\n  next: {fix}" if fix else said)
        self.said, self.fix = said, fix


@dataclass(frozen=True)
class Side:
    """AWS itself, or with ``endpoint`` the local one, where the key is the account's number."""

    region: str
    profile: str = ""
    endpoint: str = ""
    key: str = ""

    def client(self, service: str) -> Any:
        """One for each service. ShipError when the profile is none."""
        return _client(self, service)

    def surroundings(self) -> dict[str, str]:
        """The environment that the SAM CLI is started with."""
        kept = {**os.environ, "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5" if self.endpoint else "5"}
        if not self.endpoint:
            return kept
        others = {name: value for name, value in kept.items() if not name.startswith("AWS_")}
        return {
            **others,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@cache
def _client(side: Side, service: str) -> Any:
    config = Config(connect_timeout=10, read_timeout=60, retries={"max_attempts": 5, "mode": "standard"})
    if side.endpoint:
        return boto3.client(
            service,
            region_name=side.region,
            endpoint_url=side.endpoint,
            aws_access_key_id=side.key,
            aws_secret_access_key="local",
            config=config.merge(Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})),
        )
    try:
        session = boto3.Session(profile_name=side.profile or None, region_name=side.region)
        return session.client(service, config=config)
    except (BotoCoreError, ValueError) as error:
        raise in_words(error, side.profile, side.region) from error


def in_words(error: Exception, profile: str = "", region: str = "") -> ShipError:
    """An error of botocore's as its cause and the next step of somebody who deploys."""
    named = f" --profile {profile}" if profile else ""
    sign_in = f"aws sso login{named} (or however you sign in), then the same command again"
    whoami, a_region = (
        f"`aws sts get-caller-identity{named}`",
        f"see whether {region} is a region of AWS as it stands in samconfig.toml",
    )
    found = refusals.read(error, region=region)
    match found.kind:
        case Kind.NOBODY:
            return ShipError(found.said, f"{sign_in}; {whoami} shows whether it worked")
        case Kind.NO_PROFILE:
            return ShipError(
                found.said, "aws configure list-profiles shows which there are; samconfig.toml names the one to use"
            )
        case Kind.EXPIRED:
            return ShipError(found.said, sign_in)
        case Kind.STRANGER:
            return ShipError(found.said, f"{sign_in}; a region that is not enabled answers so too")
        case Kind.DENIED:
            return ShipError(found.said, f"sign in as somebody who may; {whoami} shows who this is")
        case Kind.UNREACHED:
            return ShipError(found.said, f"{a_region}, and whether this computer is online")
    if isinstance(error, ClientError):
        message = str(error.response["Error"].get("Message", ""))
        return ShipError(
            f"{error.operation_name}: {message or found.code}", "mend what it names, then the same command again"
        )
    if isinstance(error, BotoCoreError | ValueError):
        return ShipError(str(error), a_region)
    return ShipError(f"{type(error).__name__}: {error}")
