"""Each network's flow by its name."""

from __future__ import annotations

from local.connect.bluesky import BlueskyFlow
from local.connect.linkedin import LinkedInFlow
from local.connect.mastodon import MastodonFlow
from local.connect.meta import FACEBOOK, INSTAGRAM
from local.connect.model import Flow
from local.connect.threads import ThreadsFlow
from local.connect.x import XFlow

FLOWS: dict[str, Flow] = {
    "x": XFlow(),
    "instagram": INSTAGRAM,
    "facebook": FACEBOOK,
    "threads": ThreadsFlow(),
    "linkedin": LinkedInFlow(),
    "bluesky": BlueskyFlow(),
    "mastodon": MastodonFlow(),
}
