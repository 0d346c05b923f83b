"""The service account and its access tokens: Google's jwt-bearer grant, with a key made here.

Tokens live on the machine's own clock and not on the stack's: google-auth signs and expires by the machine's.
They are signed and not remembered, so a token stays good over a restart.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError
from itsdangerous import BadSignature, URLSafeSerializer

from local.sheets.wire import GoogleError, Json

LIFETIME_SECONDS = 3600
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EMAIL = "social-scheduler@local-project.iam.gserviceaccount.com"
_ALLOWED_SKEW_SECONDS = 300
_decode: Any = jwt.decode  # google-auth has no types

_AUTH = "https://www.googleapis.com/auth/"
_DRIVE_READ = ("drive", "drive.readonly", "drive.file")
SHEETS_READ = frozenset(_AUTH + name for name in ("spreadsheets", "spreadsheets.readonly", *_DRIVE_READ))
SHEETS_WRITE = frozenset(_AUTH + name for name in ("spreadsheets", "drive", "drive.file"))
DRIVE_METADATA = frozenset(_AUTH + name for name in ("drive.metadata", "drive.metadata.readonly", *_DRIVE_READ))
DRIVE_READ = frozenset(_AUTH + name for name in _DRIVE_READ)
DRIVE_WRITE = frozenset(_AUTH + name for name in ("drive", "drive.file"))


class GrantRefused(Exception):
    """The token endpoint's refusal, with OAuth's code (RFC 6749, 5.2)."""

    def __init__(self, code: str, description: str):
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True)
class ServiceAccount:
    """What the owner would download as a key file, and shared the folder with."""

    private_key_id: str
    private_key: str
    token_key: str
    """Signs access tokens; never leaves the server."""

    @classmethod
    def generated(cls, key_id: str, token_key: str) -> ServiceAccount:
        """A fresh RSA key."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return cls(key_id, pem.decode(), token_key)

    def info(self, token_uri: str) -> Json:
        """The key file's content, as google.oauth2.service_account takes it."""
        return {
            "type": "service_account",
            "project_id": "local-project",
            "private_key_id": self.private_key_id,
            "private_key": self.private_key,
            "client_email": EMAIL,
            "client_id": "100000000000000000000",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }

    def public_key(self) -> str:
        """PEM, to verify assertions with."""
        key = serialization.load_pem_private_key(self.private_key.encode(), password=None)
        return (
            key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )


class TokenOffice:
    """Gives and checks access tokens for one service account."""

    def __init__(self, account: ServiceAccount):
        self._public_key = account.public_key()
        self._serializer = URLSafeSerializer(account.token_key, salt="access-token")

    def grant(self, form: dict[str, str]) -> Json:
        """The token endpoint. GrantRefused for a wrong grant, signature, audience, time or issuer."""
        if form.get("grant_type") != GRANT_TYPE:
            raise GrantRefused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = self._claims(form.get("assertion", ""))
        scopes = str(claims.get("scope") or "").split()
        if not scopes:
            raise GrantRefused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        body = {"scopes": scopes, "expires": int(time.time()) + LIFETIME_SECONDS}
        token = "ya29.local." + str(self._serializer.dumps(body))
        return {"access_token": token, "expires_in": LIFETIME_SECONDS, "token_type": "Bearer"}

    def require(self, authorization: str | None, allowed: frozenset[str]) -> None:
        """GoogleError 401 without a live token, 403 where none of its scopes is allowed here."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise GoogleError(
                401, "Request is missing required authentication credential. Expected OAuth 2 access token."
            )
        try:
            body = self._serializer.loads(token.strip().removeprefix("ya29.local."))
        except BadSignature:
            body = None
        if not isinstance(body, dict) or time.time() >= body["expires"]:
            raise GoogleError(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.")
        if not allowed.intersection(body["scopes"]):
            raise GoogleError(
                403,
                "Request had insufficient authentication scopes.",
                reason="insufficientPermissions",
                details=[
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                        "domain": "googleapis.com",
                    }
                ],
            )

    def _claims(self, assertion: str) -> dict[str, Any]:
        try:
            claims = dict(_decode(assertion, certs=self._public_key, clock_skew_in_seconds=_ALLOWED_SKEW_SECONDS))
        except (ValueError, GoogleAuthError) as error:
            raise GrantRefused("invalid_grant", f"Invalid JWT Signature. {error}") from error
        # The port changes from start to start, so the audience is held to its path only.
        if not str(claims.get("aud", "")).endswith("/token"):
            raise GrantRefused("invalid_grant", "Invalid JWT: aud must be the token endpoint.")
        if claims.get("iss") != EMAIL:
            raise GrantRefused("invalid_grant", "Invalid grant: account not found")
        return claims
