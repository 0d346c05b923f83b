"""Slack's secret, and whether its token, channel and signing secret can work, as far as Slack tells an app that may only write.

``auth.test`` and ``chat.getPermalink`` need no scope and change nothing; the second tells a channel that the app cannot see from one
where a message is missing. Whether it was invited to a public channel, and whose the signing secret is, only the first card and the
first click show (docs.slack.dev/reference/methods).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import httpx

from local.checks.looking import Subject, looking
from local.checks.model import Finding, State
from local.checks.secrets import parsed, text_of
from local.checks.values import listed, mails_of
from mesh.errors import Misconfigured
from mesh.slack import SlackRefused, SlackSettings

NAME, APP, CHANNEL = "Slack", "Slack app", "Slack channel"
_SIGNING = re.compile(r"[0-9a-f]{32}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{8,}")
_MEMBER = re.compile(r"[UW][A-Z0-9]{8,}")
_SECONDS = 10.0
_NO_MESSAGE = "1000000000.000000"  # none that Slack has can be as old
_TOKEN = {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}
_UNSEEN = {"channel_not_found", "not_in_channel"}


def slack(subject: Subject) -> list[Finding]:
    """Nothing where it is not used."""
    name = subject.parameters.get("SlackSecret", "")
    if not name:
        return []
    found: list[Finding] = []
    fix = f"{subject.setup} SLACK=slack.json stores it anew (docs/setup-slack.md)"
    with looking(NAME, "secretsmanager:GetSecretValue", found):
        text = text_of(subject.client("secretsmanager"), name)
        if not text:
            said = f"the secret {name} is not there" if text is None else f"the secret {name} is empty"
            return [Finding(NAME, State.BAD, said, fix)]
        found += document_judged(parsed(text), mails_of(subject.parameters.get("Recipients", "")), fix)
    return found


def document_judged(document: Any, recipients: Collection[str], fix: str) -> list[Finding]:
    """What the secret says; and what Slack says to it, where it can be asked at all."""
    judged = secret_judged(document, recipients, fix)
    return [judged] if judged.state is State.BAD else [judged, *asked(SlackSettings.read(document), fix)]


def secret_judged(document: Any, recipients: Collection[str], fix: str) -> Finding:
    """Token, signing secret, channel and members have their shapes, and every member is a recipient."""
    try:
        read = SlackSettings.read(document if isinstance(document, dict) else {})
    except Misconfigured as error:
        return Finding(NAME, State.BAD, str(error), fix)
    for wrong, said in (
        (not read.bot_token.startswith("xoxb-"), "bot_token is not a bot's token: that begins with xoxb-"),
        (
            not _SIGNING.fullmatch(read.signing_secret),
            "signing_secret is not one: that has 32 digits and letters from a to f (Basic Information, Signing Secret)",
        ),
        (
            not _CHANNEL.fullmatch(read.channel),
            "channel is not a channel's ID: that begins with C and stands at the end of the channel's details",
        ),
    ):
        if wrong:
            return Finding(NAME, State.BAD, said, fix)
    if odd := [member for member in read.users if not _MEMBER.fullmatch(member)]:
        said = f"{listed(odd)} in users is no member ID: that begins with U (profile, three dots, Copy member ID)"
        return Finding(NAME, State.BAD, said, fix)
    known = {one.lower() for one in recipients}
    strangers = sorted(address for address in read.users.values() if address.strip().lower() not in known)
    if strangers:
        said = f"{listed(strangers)} may click in Slack but {'is' if len(strangers) == 1 else 'are'} no recipient"
        return Finding(NAME, State.DOUBTFUL, said, "name them in Recipients too, or take them out of users")
    if not read.users:
        return Finding(NAME, State.DOUBTFUL, "nobody may click there: users is empty", fix)
    return Finding(NAME, State.GOOD, f"{len(read.users)} may click there")


def asked(settings: SlackSettings, fix: str) -> list[Finding]:
    """Whether Slack knows the token and what it may do; then whether the app sees its channel. Posts nothing."""
    try:
        with httpx.Client(timeout=_SECONDS, headers={"authorization": f"Bearer {settings.bot_token}"}) as http:
            who, scopes = _call(http, settings, "auth.test")
            app = app_judged(who, scopes, fix)
            if app.state is not State.GOOD:
                return [app]
            told, _ = _call(
                http, settings, "chat.getPermalink", {"channel": settings.channel, "message_ts": _NO_MESSAGE}
            )
            return [app, channel_judged(told, fix)]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        said = f"Slack cannot be asked ({type(error).__name__})"
        return [Finding(APP, State.UNKNOWN, said, "is the network there? Look again in a minute")]


def _call(
    http: httpx.Client, settings: SlackSettings, method: str, query: dict[str, str] | None = None
) -> tuple[dict[str, Any], str]:
    """The answer, and which scopes the token has. ValueError for what is none."""
    answer = http.get(f"{settings.api_origin}/api/{method}", params=query)
    told = answer.json()
    if not isinstance(told, dict) or "ok" not in told:
        raise ValueError(method)
    return told, answer.headers.get("x-oauth-scopes", "")


def app_judged(told: dict[str, Any], scopes: str, fix: str) -> Finding:
    """``auth.test``'s answer."""
    if told["ok"] is not True:
        code = str(told.get("error", ""))
        state = State.BAD if code in _TOKEN else State.UNKNOWN
        said = str(SlackRefused(code)) if code in _TOKEN else f"Slack does not say ({code[:60]})"
        return Finding(APP, state, said, fix if code in _TOKEN else "look again in a minute")
    if scopes and "chat:write" not in scopes.replace(" ", "").split(","):
        said = "the app may not write: its scope chat:write is missing"
        return Finding(APP, State.BAD, said, f"paste the manifest again, install the app anew, and {fix}")
    return Finding(APP, State.GOOD, f"its token is good, in the workspace {str(told.get('team', ''))[:60]}")


def channel_judged(told: dict[str, Any], fix: str) -> Finding:
    """``chat.getPermalink``'s answer about a message that cannot be."""
    code = "message_not_found" if told["ok"] is True else str(told.get("error", ""))
    if code == "message_not_found":
        return Finding(CHANNEL, State.GOOD, "the app sees it")
    if code in _UNSEEN:
        said = "the app is not in the channel, or there is none of this ID"
        return Finding(CHANNEL, State.BAD, said, f"type /invite @Social Scheduler in it; or correct its ID: {fix}")
    return Finding(CHANNEL, State.UNKNOWN, f"Slack does not say ({code[:60]})", "look again in a minute")
