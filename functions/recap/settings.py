"""The recap's environment."""

from __future__ import annotations

from pydantic import Field

from mesh.messages.settings import OfficeSettings, addresses


class RecapSettings(OfficeSettings):
    """``stakeholders`` are mail addresses separated by commas: those who get the recap, the recipients where it is empty.

    Its mails carry no signed link, so it has neither the signing key nor an address of ours. ``model``, ``guardrail``, ``daily_drafts``
    and all that begins with ``bedrock`` are as draft-helper's.
    """

    signing_secret: str = ""
    approve_url: str = ""
    stakeholders: str = ""
    model: str = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
    guardrail: str = ""
    daily_drafts: int = 60
    bedrock_url: str = ""
    bedrock_region: str = ""
    bedrock_access_key_id: str = ""
    bedrock_secret_access_key: str = Field(default="", repr=False)
    bedrock_session_token: str = Field(default="", repr=False)

    @property
    def readers(self) -> tuple[str, ...]:
        return addresses(self.stakeholders) or self.people

    @property
    def listed(self) -> bool:
        """Its readers are those of a list of their own."""
        return bool(addresses(self.stakeholders))

    @property
    def list_name(self) -> str:
        """The stack's parameter that names the readers."""
        return "Stakeholders" if self.listed else "Recipients"
