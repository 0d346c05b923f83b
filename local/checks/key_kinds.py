"""Which kind of JSON a file is that should be a service account's key. Pure; nothing of its content is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BY_TYPE = {
    "authorized_user": "a person's own sign-in (gcloud's application default credentials)",
    "external_account": "a workload identity federation's configuration",
    "external_account_authorized_user": "a workforce identity's sign-in",
    "impersonated_service_account": "an impersonation of a service account, without its key",
}
_BY_NAMES = (
    (("installed",), "an OAuth client's file (for a desktop app)"),
    (("web",), "an OAuth client's file (for a web app)"),
    (("apiKey",), "a web app's Firebase configuration"),
    (("project_info", "client"), "an Android app's google-services.json"),
    (("keyString",), "an API key"),
    (("api_key",), "an API key"),
    (("refresh_token",), "a token of somebody's sign-in"),
    (("access_token",), "a token of somebody's sign-in"),
    (("bot_token",), "Slack's secret"),
    (("AccessKey",), "an AWS access key"),
    (("Credentials",), "an AWS sign-in"),
    (("private_key",), "a key without its type"),
)


def other_kind(document: Any) -> str:
    """ "" for a service account's key; else what it is, with its article."""
    if not isinstance(document, Mapping):
        return "an API key" if isinstance(document, str) and document.startswith("AIza") else "no key"
    kind = document.get("type")
    if kind == "service_account":
        return ""
    if isinstance(kind, str) and kind in _BY_TYPE:
        return _BY_TYPE[kind]
    return next((what for names, what in _BY_NAMES if all(name in document for name in names)), "no key")
