"""What a network wants done before anybody can sign in, in words.

What the vendor documents stands as it is; what others say, or what was not looked up at the vendor, begins with "Reported:". Portals
change: where a button has another name, the vendor is right.
"""

from __future__ import annotations

_META = (
    "Reported: at developers.facebook.com, an app of the kind that may manage pages, with Facebook Login.",
    "Reported: until Meta has reviewed the app, only people with a role in it can sign in; each has to accept the invitation first.",
    "Reported: for everybody else the permissions need app review and a verified business.",
)

BEFORE: dict[str, tuple[str, ...]] = {
    "x": (
        "Reported: at X's developer portal, an app with OAuth 2.0 switched on, its permissions set to read and write.",
        "Each post costs $0.015, each post with a link in it $0.20; without credit nothing goes out and the channel pauses.",
        "At most 100 posts in 15 minutes.",
        "Its page hands out a code that is good for 30 seconds: do not stop between allowing and coming back here.",
    ),
    "facebook": (
        *_META,
        "Reported: a page's sign-in made this way does not run out by itself.",
    ),
    "instagram": (
        *_META,
        "Reported: the Instagram account must be a professional one, linked to a Facebook page that you look after.",
        "At most 100 or 50 posts in 24 hours (Meta's own pages disagree), and 400 started posts a day.",
    ),
    "threads": (
        "Reported: at developers.facebook.com, an app with the Threads use case; Threads has an app id and secret of its own there.",
        "Reported: until Meta has reviewed the app, the account must be added as a tester and accept the invitation in its own settings.",
        "At most 250 posts in 24 hours. The sign-in is good for 60 days and is renewed by itself while it is.",
    ),
    "linkedin": (
        "Reported: at LinkedIn's developer portal, an app of your company, verified by its page.",
        "Reported: to post as yourself it needs “Share on LinkedIn” and “Sign In with LinkedIn using OpenID Connect”.",
        "Reported: to post as an organisation it needs the Community Management API, which LinkedIn reviews, in an app with nothing else.",
        "Reported: the sign-in ends after 60 days, and only approved partners' sign-ins renew themselves. You are reminded in time.",
        "How many posts a day are allowed is published nowhere.",
    ),
    "bluesky": (
        "No portal: make an app password in Bluesky's settings, under privacy and security, and have it at hand.",
        "It can be taken back there at any time. Never give the account's own password.",
    ),
    "mastodon": (
        "No portal: this program registers itself at the account's own server.",
        "At most 300 requests in 5 minutes. The sign-in has no documented end.",
    ),
}


def register(redirect_uri: str) -> str:
    """What the portal has to know of this computer, to the letter."""
    return f"Register this redirect address there, exactly: {redirect_uri}"
