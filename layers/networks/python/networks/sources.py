"""Where the limits come from. A limit names its source by a key of ``SOURCES``; ``docs/networks.md`` is made of both."""

from __future__ import annotations

from typing import Final

SOURCES: Final = {
    "twitter-text": "twitter-text 3.1, configuration v3, github.com/twitter/twitter-text",
    "X API": "X API v2 reference, docs.x.com/x-api/posts, and its OpenAPI document of August 2026",
    "X pricing": "X API pricing, docs.x.com/x-api/getting-started/pricing",
    "Instagram": "Instagram Platform, content publishing, developers.facebook.com/docs/instagram-platform",
    "Facebook": "Pages API, developers.facebook.com/docs/pages-api",
    "Threads": "Threads API, developers.facebook.com/docs/threads",
    "LinkedIn": "Posts and Images API, learn.microsoft.com/linkedin/marketing/community-management/shares",
    "LinkedIn help": "LinkedIn help, character limits of posts",
    "lexicon": "lexicons app.bsky.feed.post, embed.images and embed.external, github.com/bluesky-social/atproto",
    "PDS": "a Bluesky PDS 0.4, asked at the limit and one beyond (make test-real)",
    "Mastodon": "docs.joinmastodon.org/user/posting and /entities/Instance",
    "server": "the account's own server, /api/v2/instance, asked before composing",
    "others": "told alike by several who post there; found on no page of the vendor",
    "nobody": "told by nobody: chosen so that no server seen refuses it",
}
