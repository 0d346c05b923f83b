"""The recap's environment."""

from __future__ import annotations

from mesh.converse.settings import ModelSettings
from mesh.messages.settings import OfficeSettings, addresses


class RecapSettings(OfficeSettings, ModelSettings):
    """``stakeholders`` are mail addresses separated by commas: those who get the recap, the recipients where it is empty.

    Its mails carry no signed link, so it has neither the signing key nor an address of ours.
    """

    signing_secret: str = ""
    approve_url: str = ""
    stakeholders: str = ""

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
