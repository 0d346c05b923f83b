"""A mail as its reader sees it: decoded headers, the HTML part with its pictures inside, the text part."""

from __future__ import annotations

import base64
import email
import re
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage
from typing import Any

from local.console.mail_about import about


def summary(mail: Mapping[str, Any]) -> dict[str, Any]:
    """What the list of mails shows, of the launcher's ``{"seq", "at", "from", "to", "subject", "raw_base64"}``, and what it is
    ``about``.
    """
    message = _message(mail)
    text = _part(message, "plain")
    return {
        "seq": mail["seq"],
        "at": mail["at"],
        "from": str(message["From"] or mail["from"]),
        "to": str(message["To"] or ", ".join(mail["to"])),
        "subject": str(message["Subject"] or mail["subject"] or "(no subject)"),
        "preview": " ".join(word for word in text.split() if word != "==")[:160],
        "text": text,
        "has_html": bool(_part(message, "html")),
        **about(message, text),
    }


def html_part(mail: Mapping[str, Any]) -> str:
    """The HTML part as a page: pictures sent along (``cid:``) put in as data, links opening in a tab of their own."""
    message = _message(mail)
    html = _part(message, "html")
    for content_id, picture in _pictures(message).items():
        html = html.replace(f"cid:{content_id}", picture)
    # A second <base> is ignored by browsers, so ours has to come first.
    if head := re.search(r"<head[^>]*>", html, re.IGNORECASE):
        return html[: head.end()] + '<base target="_blank">' + html[head.end() :]
    return '<base target="_blank">' + html


def _message(mail: Mapping[str, Any]) -> EmailMessage:
    raw = base64.b64decode(mail["raw_base64"])
    return email.message_from_bytes(raw, policy=policy.default)


def _part(message: EmailMessage, subtype: str) -> str:
    body = message.get_body((subtype,))
    if body is None:
        return ""
    try:
        content = body.get_content()
    except (LookupError, ValueError):  # a charset nobody knows
        content = bytes(body.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return str(content)


def _pictures(message: EmailMessage) -> dict[str, str]:
    """``data:`` addresses by content id."""
    found = {}
    for part in message.walk():
        content_id = part["Content-ID"]
        if content_id and part.get_content_maintype() == "image":
            data = base64.b64encode(bytes(part.get_payload(decode=True) or b"")).decode("ascii")
            found[str(content_id).strip("<> ")] = f"data:{part.get_content_type()};base64,{data}"
    return found
