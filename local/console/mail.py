"""A mail as its reader sees it: a line in the list, and the HTML part with its pictures inside."""

from __future__ import annotations

import base64
import email
import re
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage
from typing import Any

from local.aws.mails import part
from local.console.mail_about import about


def summary(listed: Mapping[str, Any]) -> dict[str, Any]:
    """What the list of mails shows, of a mail as the AWS side lists it (``local.aws.mails.listed``), and what it is ``about``."""
    text = listed["text"]
    return {
        **{name: listed[name] for name in ("seq", "at", "from", "to", "has_html")},
        "subject": listed["subject"] or "(no subject)",
        "preview": " ".join(word for word in text.split() if word != "==")[:160],
        **about(listed["message_id"], listed["references"], text),
    }


def has_words(listed: Mapping[str, Any], words: list[str]) -> bool:
    """Whether each of the words, in lower case, stands in the mail."""
    told = f"{listed['subject']} {listed['to']} {listed['text']}".lower()
    return all(word in told for word in words)


def html_part(mail: Mapping[str, Any]) -> str:
    """The HTML part as a page: pictures sent along (``cid:``) put in as data, links opening in a tab of their own.

    ``mail`` is a kept one, with its ``raw_base64``.
    """
    message = email.message_from_bytes(base64.b64decode(mail["raw_base64"]), policy=policy.default)
    html = part(message, "html")
    for content_id, picture in _pictures(message).items():
        html = html.replace(f"cid:{content_id}", picture)
    # A second <base> is ignored by browsers, so ours has to come first.
    if head := re.search(r"<head[^>]*>", html, re.IGNORECASE):
        return html[: head.end()] + '<base target="_blank">' + html[head.end() :]
    return '<base target="_blank">' + html


def _pictures(message: EmailMessage) -> dict[str, str]:
    """``data:`` addresses by content id."""
    found = {}
    for one in message.walk():
        content_id = one["Content-ID"]
        if content_id and one.get_content_maintype() == "image":
            data = base64.b64encode(bytes(one.get_payload(decode=True) or b"")).decode("ascii")
            found[str(content_id).strip("<> ")] = f"data:{one.get_content_type()};base64,{data}"
    return found
