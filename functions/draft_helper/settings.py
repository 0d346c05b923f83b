"""draft-helper's environment."""

from __future__ import annotations

from pydantic import Field

from mesh.ledger.proposals import STAND_IN
from mesh.settings import Settings


class DraftSettings(Settings):
    """``recipients`` are mail addresses separated by commas: those who may ask for drafts. ``approve_url`` is where links to a draft
    and to a post begin; ``compose_url`` the base of this function's own links where something stands before it, "" otherwise.

    ``model`` is what Bedrock calls it; ``bedrock_url`` an origin that stands in for Bedrock, "" for the real one. ``daily_drafts`` is the
    most drafts a day by the business's clock. ``guardrail`` is an id with its version, "gr-abc123:4", "" where none is configured.

    ``bedrock_region`` and the keys are set where Bedrock is asked with another account's sign-in than everything else: on one computer,
    whose other services are an emulator's. "" on AWS, where the function's role signs.
    """

    status_table: str
    audit_table: str
    runtime_table: str
    posts_bucket: str
    rules_bucket: str
    signing_secret: str
    recipients: str
    approve_url: str
    compose_url: str = ""
    model: str = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
    bedrock_url: str = ""
    bedrock_region: str = ""
    bedrock_access_key_id: str = ""
    bedrock_secret_access_key: str = Field(default="", repr=False)
    bedrock_session_token: str = Field(default="", repr=False)
    daily_drafts: int = 60
    guardrail: str = ""

    @property
    def stands_in(self) -> bool:
        """Drafts come from a stand-in, not from a model: whoever reads one is to be told so."""
        return bool(self.bedrock_url)

    @property
    def writer(self) -> str:
        """Who is said to have written a draft, or made a plan."""
        return STAND_IN if self.stands_in else self.model
