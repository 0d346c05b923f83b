"""The AWS account that is deployed to, as the sign-in of this terminal reaches it; what it refuses, in words."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN_KEY = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthFailure",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


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
    """An error of botocore's as its cause and the next step."""
    named = f" --profile {profile}" if profile else ""
    sign_in = f"aws sso login{named} (or however you sign in), then the same command again"
    match error:
        case NoCredentialsError() | PartialCredentialsError():
            fix = f"{sign_in}; `aws sts get-caller-identity{named}` shows whether it worked"
            return ShipError("nobody is signed in to AWS in this terminal", fix)
        case ProfileNotFound():
            fix = "aws configure list-profiles shows which there are; samconfig.toml names the one to use"
            return ShipError(f"there is no AWS profile {profile}", fix)
        case TokenRetrievalError() | SSOError():
            return ShipError("the sign-in to AWS has expired", sign_in)
        case EndpointConnectionError():
            fix = f"see whether {region} is a region of AWS as it stands in samconfig.toml, and whether this computer is online"
            return ShipError(f"AWS cannot be reached in {region}", fix)
        case ClientError():
            return _refused(error, sign_in, named)
        case ValueError() | BotoCoreError():
            return ShipError(str(error), f"see whether {region} is a region of AWS, as it stands in samconfig.toml")
    return ShipError(f"{type(error).__name__}: {error}")


def _refused(error: ClientError, sign_in: str, named: str) -> ShipError:
    code, message = str(error.response["Error"]["Code"]), str(error.response["Error"].get("Message", ""))
    if code in _EXPIRED:
        return ShipError("the sign-in to AWS has expired", sign_in)
    if code in _UNKNOWN_KEY:
        return ShipError(
            f"AWS does not know this sign-in ({code})", f"{sign_in}; a region that is not enabled answers so too"
        )
    if code in _DENIED:
        found = re.search(r"perform: (\S+)", message)
        action = found[1] if found else error.operation_name
        fix = f"sign in as somebody who may; `aws sts get-caller-identity{named}` shows who this is"
        return ShipError(f"this sign-in may not do {action}", fix)
    return ShipError(f"{error.operation_name}: {message or code}", "mend what it names, then the same command again")
