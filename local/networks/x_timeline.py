"""The X-shaped server's list of an account's posts: what may be asked, and a page of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from local.networks.x_posts import as_shown
from local.networks.x_problems import invalid, not_found

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z")
_KNOWN = {
    "post.fields": {"attachments", "created_at", "entities", "id", "text"},
    "expansions": {"attachments.media_keys", "author_id"},
    "media.fields": {"alt_text", "media_key", "type", "url"},
    "user.fields": {"id", "name", "username"},
}  # of what X has, what is kept here; anything else is refused rather than left out
_PARAMETERS = frozenset({"max_results", "pagination_token", "start_time", "end_time", "exclude", *_KNOWN})


def timeline(
    query: Mapping[str, Sequence[str]],
    account_id: str,
    accounts: Mapping[str, Any],
    posts: Sequence[Mapping[str, Any]],
    media: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """``posts`` are all of the account's. RefusedError for what cannot be asked."""
    asked = {name: values[-1] for name, values in query.items()}
    for name in set(asked) - _PARAMETERS:
        raise invalid(name, f"The query parameter [{name}] is not one of this list's")
    chosen = {name: _chosen(name, asked.get(name, "")) for name in _KNOWN}
    if not (re.fullmatch(r"[0-9]{1,19}", account_id)):
        raise invalid("id", f"[{account_id}] is no account's id")
    since, until = _moment(asked, "start_time"), _moment(asked, "end_time")
    size, skipped = _whole(asked, "max_results", 10), _whole(asked, "pagination_token", 0)
    if not 5 <= size <= 100:
        raise invalid("max_results", f"max_results is {size}, it must be 5 to 100")
    if account_id not in accounts:
        return {"errors": [not_found("user", account_id)]}
    listed = [post for post in posts if _within(post, since, until)]
    listed.sort(key=lambda post: int(post["id"]), reverse=True)
    page = listed[skipped : skipped + size]
    if not page:
        return {"meta": {"result_count": 0}}
    meta: dict[str, Any] = {"result_count": len(page), "newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
    if len(listed) > skipped + size:
        meta["next_token"] = str(skipped + size)
    username = accounts[account_id]["username"]
    shown = [as_shown(post, username, chosen["post.fields"], chosen["expansions"]) for post in page]
    includes = _includes(page, account_id, username, media, chosen)
    return {"data": shown, "meta": meta, **({"includes": includes} if includes else {})}


def _includes(
    page: Sequence[Mapping[str, Any]],
    account_id: str,
    username: str,
    media: Mapping[str, Mapping[str, str]],
    chosen: Mapping[str, set[str]],
) -> dict[str, Any]:
    includes: dict[str, Any] = {}
    media_ids = [media_id for post in page for media_id in post["media_ids"]]
    if "attachments.media_keys" in chosen["expansions"] and media_ids:
        includes["media"] = [
            {
                "media_key": f"3_{media_id}",
                "type": "photo",
                **({"url": media[media_id]["url"]} if "url" in chosen["media.fields"] else {}),
                **({"alt_text": media[media_id]["alt"]} if "alt_text" in chosen["media.fields"] else {}),
            }
            for media_id in dict.fromkeys(media_ids)
        ]
    if "author_id" in chosen["expansions"]:
        includes["users"] = [{"id": account_id, "name": username, "username": username}]
    return includes


def _chosen(name: str, told: str) -> set[str]:
    chosen = set(told.split(",")) if told else set()
    for value in chosen - _KNOWN[name]:
        raise invalid(name, f"[{value}] is not one of {name} here")
    return chosen


def _moment(asked: Mapping[str, str], name: str) -> datetime | None:
    told = asked.get(name)
    if told is None:
        return None
    try:
        if _TIME.fullmatch(told):
            return datetime.fromisoformat(told)
    except ValueError:
        pass
    raise invalid(name, f"[{told}] is no time like 2026-11-21T09:00:00Z")


def _whole(asked: Mapping[str, str], name: str, otherwise: int) -> int:
    told = asked.get(name, str(otherwise))
    if not re.fullmatch(r"[0-9]{1,9}", told):
        raise invalid(name, f"[{told}] is no {name}")
    return int(told)


def _within(post: Mapping[str, Any], since: datetime | None, until: datetime | None) -> bool:
    created_at = datetime.fromisoformat(post["created_at"])
    return (since is None or created_at >= since) and (until is None or created_at < until)
