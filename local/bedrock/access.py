"""``BEDROCK=real``: this terminal's own sign-in at AWS, for Bedrock alone. Everything else stays on this computer."""

from __future__ import annotations

import re

import boto3
from botocore.exceptions import BotoCoreError

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_DEFAULT_REGION = "ap-southeast-1"


class NoAccessError(Exception):
    """The message says what is missing and how to bring it."""


def access_to_bedrock(asked: str) -> dict[str, str]:
    """``asked`` is "real", or a region; "" for the stand-in, with nothing to be passed on. NoAccessError where nobody is signed in.

    Under names of their own: the functions' other calls go to the emulator, and must never carry these.
    """
    if not asked:
        return {}
    if asked != "real" and not _REGION.fullmatch(asked):
        raise NoAccessError(f"BEDROCK={asked} is no region; write BEDROCK=real, or a region like BEDROCK=eu-central-1")
    try:
        session = boto3.Session()
        region = asked if asked != "real" else session.region_name or _DEFAULT_REGION
        found = session.get_credentials()
        signed = found.get_frozen_credentials() if found is not None else None
    except BotoCoreError as error:
        raise NoAccessError(f"the sign-in at AWS cannot be used ({error}); try: aws sts get-caller-identity") from error
    if signed is None or not signed.access_key or not signed.secret_key:
        raise NoAccessError(
            "nobody is signed in at AWS in this terminal: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
            " or leave BEDROCK out for the stand-in"
        )
    return {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"https://bedrock-runtime.{region}.amazonaws.com",
        "BEDROCK_REGION": region,
        "BEDROCK_ACCESS_KEY_ID": signed.access_key,
        "BEDROCK_SECRET_ACCESS_KEY": signed.secret_key,
        **({"BEDROCK_SESSION_TOKEN": signed.token} if signed.token else {}),
    }
