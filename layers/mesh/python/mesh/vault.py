"""Reads the secrets. What it returns never reaches a log: ``repr`` of an account hides its credentials."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh.errors import Misconfigured, Throttled
from mesh.keyring import Keyring
from networks import NAMES

if TYPE_CHECKING:
    from networks.model import Account


class Vault:
    def __init__(self, client: Any) -> None:
        self._client = client

    def document(self, name: str) -> dict[str, Any]:
        """A secret's JSON object. Misconfigured when there is none or it is no JSON object; Throttled when asked to wait."""
        try:
            text = self._client.get_secret_value(SecretId=name)["SecretString"]
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ResourceNotFoundException":
                raise Misconfigured(f"there is no secret {name}") from error
            raise Throttled(f"secret {name}: {code}") from error
        except BotoCoreError as error:
            raise Throttled(f"secret {name}: {type(error).__name__}") from error
        try:
            value = json.loads(text)
        except ValueError as error:
            raise Misconfigured(f"secret {name} is not JSON") from error
        if not isinstance(value, dict):
            raise Misconfigured(f"secret {name} is not a JSON object")
        return value

    def signing_keys(self, name: str) -> list[str]:
        """Newest last, as itsdangerous wants them."""
        document = self.document(name)
        keys = document.get("keys") or [document.get("key")]
        if not all(isinstance(key, str) and len(key) >= 32 for key in keys):
            raise Misconfigured(f"secret {name} holds no signing key of at least 32 characters")
        return keys

    def keyring(self, name: str, again: Vault | None = None) -> Keyring:
        """The signing keys as they are from now on; ``again`` reads them later, where that is to be done with less patience."""
        return Keyring(lambda: self.signing_keys(name), lambda: (again or self).signing_keys(name))

    def account(self, name: str) -> Account:
        """A channel's account, as ``connect`` stored it. What else is in the secret is nobody's business. Misconfigured as ``document``."""
        from networks.model import Account

        document = self.document(name)
        missing = [field for field in ("network", "account_id", "host", "credentials") if not document.get(field)]
        if missing:
            raise Misconfigured(f"secret {name} lacks {', '.join(missing)}")
        if document["network"] not in NAMES:
            raise Misconfigured(f"secret {name} is of no network known here")
        credentials = document["credentials"]
        if not isinstance(credentials, dict) or not all(isinstance(value, str) for value in credentials.values()):
            raise Misconfigured(f"the credentials in secret {name} are no object of texts")
        return Account(
            network=str(document["network"]),
            account_id=str(document["account_id"]),
            host=str(document["host"]).rstrip("/"),
            credentials=credentials,
        )
