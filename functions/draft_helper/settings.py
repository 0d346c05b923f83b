"""draft-helper's environment."""

from __future__ import annotations

from mesh.converse.settings import ModelSettings
from mesh.ledger.proposals import STAND_IN


class DraftSettings(ModelSettings):
    """``recipients`` are mail addresses separated by commas: those who may ask for drafts. ``compose_secret`` names the key of this
    function's own links, and of nothing else; ``compose_url`` is the base of those where something stands before it, "" otherwise.
    ``approve_url`` is where links to a draft and to a post begin.
    """

    status_table: str
    audit_table: str
    runtime_table: str
    posts_bucket: str
    rules_bucket: str
    compose_secret: str
    recipients: str
    approve_url: str
    compose_url: str = ""

    @property
    def stands_in(self) -> bool:
        """Drafts come from a stand-in, not from a model: whoever reads one is to be told so."""
        return bool(self.bedrock_url)

    @property
    def writer(self) -> str:
        """Who is said to have written a draft, or made a plan."""
        return STAND_IN if self.stands_in else self.model
