"""What the sender reads outside the tables and packages: the live sheet, image hashes, the rules and the channel's secret."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx
from botocore.exceptions import ClientError

from mesh.errors import Doubt, Misconfigured, Throttled
from mesh.google import DRIVE_READ, SHEETS_READ, Google, NotShared
from mesh.objects import described, md5_of, translated
from mesh.rulebook import Rulebook, usable_rules
from mesh.sheet import Table, read_table
from mesh.uploads import is_upload, upload_id, upload_key
from mesh.vault import Vault
from networks.model import Account
from sender.settings import SenderSettings

_TAB = "Posts"
_RULES = "rules.txt"


class Surroundings:
    """``http`` talks to Google. A Doubt is raised for whatever cannot be read now."""

    def __init__(self, settings: SenderSettings, vault: Vault, secrets: Any, s3: Any, http: httpx.Client) -> None:
        self._settings = settings
        self._vault = vault
        self._secrets = secrets
        self._s3 = s3
        self._http = http
        self._google: Google | None = None

    def table(self) -> Table:
        """The live tab, in one read."""
        try:
            return read_table(self._signed_in().values(self._settings.sheet_id, _TAB))
        except NotShared as error:
            raise Doubt(str(error)) from error  # drive-sync tells the owner
        except Misconfigured:
            self._google = None  # a new key may be in the secret by the next try
            raise

    def image_hashes(self, names: Iterable[str]) -> dict[str, str]:
        """Drive's MD5 of each image of the folder, S3's of each upload; one that is not there is left out."""
        wanted = list(dict.fromkeys(names))
        hashes = {name: md5 for name in wanted if is_upload(name) and (md5 := self._upload(upload_id(name)))}
        in_folder = [name for name in wanted if not is_upload(name)]
        if not in_folder:
            return hashes
        try:
            files = self._signed_in().named(self._settings.drive_folder_id, in_folder)
        except NotShared as error:
            raise Doubt(str(error)) from error
        return hashes | {name: file.md5 for name, file in files.items()}

    def _upload(self, the_id: str) -> str:
        """ "" where there is none of that id."""
        bucket, key = self._settings.posts_bucket, upload_key(the_id)
        found = described(self._s3, bucket, key) if the_id else None
        return md5_of(self._s3, bucket, key, found) if found is not None else ""

    def rulebook(self) -> Rulebook:
        """The mirrored rules doc. A line that cannot be read counts as absent, so at worst a channel is unknown; but for the time zone."""
        with translated(_RULES):
            answer = self._s3.get_object(Bucket=self._settings.rules_bucket, Key=_RULES)
            text = answer["Body"].read().decode("utf-8", "replace")
        return usable_rules(text, default_zone=self._settings.tz_name, with_holidays=False)

    def account(self, channel: str) -> Account:
        """Misconfigured when the channel was never connected or its secret is unreadable."""
        return self._vault.account(self._secret(channel))

    def keep(self, channel: str, before: Account, fresh: Account) -> bool:
        """Store a refreshed pair; everything else in the secret stays. False, and nothing stored, where it holds another sign-in by now."""
        name = self._secret(channel)
        document = self._vault.document(name)
        # As the vault reads it: an id that somebody wrote as a number is the same one.
        if (str(document.get("account_id")), document.get("credentials")) != (before.account_id, before.credentials):
            return False
        document |= {"credentials": dict(fresh.credentials)}
        try:
            self._secrets.put_secret_value(SecretId=name, SecretString=json.dumps(document))
        except ClientError as error:
            raise Throttled(f"secret {name}: {error.response['Error']['Code']}") from error
        return True

    def _secret(self, channel: str) -> str:
        return self._settings.channel_secrets_prefix + channel

    def _signed_in(self) -> Google:
        if self._google is None:
            document = self._vault.document(self._settings.drive_secret)
            self._google = Google(document, (SHEETS_READ, DRIVE_READ), self._http)
        return self._google
