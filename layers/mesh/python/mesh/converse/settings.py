"""What a function needs in its environment to ask the model, and the client that this makes."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from pydantic import Field

from mesh.settings import Settings


class ModelSettings(Settings):
    """``model`` is what Bedrock calls it; ``bedrock_url`` an origin that stands in for Bedrock, "" for the real one. ``daily_drafts`` is
    the most drafts a day by the business's clock. ``guardrail`` is an id with its version, "gr-abc123:4", "" where none is configured.

    ``bedrock_region`` and the keys are set where Bedrock is asked with another account's sign-in than everything else: on one computer,
    whose other services are an emulator's. "" on AWS, where the function's role signs.
    """

    model: str = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
    guardrail: str = ""
    daily_drafts: int = 60
    bedrock_url: str = ""
    bedrock_region: str = ""
    bedrock_access_key_id: str = ""
    bedrock_secret_access_key: str = Field(default="", repr=False)
    bedrock_session_token: str = Field(default="", repr=False)

    def bedrock(self, config: Config) -> Any:
        """A client of bedrock-runtime."""
        return boto3.client(
            "bedrock-runtime",
            endpoint_url=self.bedrock_url or None,
            region_name=self.bedrock_region or None,
            aws_access_key_id=self.bedrock_access_key_id or None,
            aws_secret_access_key=self.bedrock_secret_access_key or None,
            aws_session_token=self.bedrock_session_token or None,
            config=config,
        )
