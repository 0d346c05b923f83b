"""Where the servers of one local stack listen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StackAddresses:
    """Origins without a trailing slash (``http://127.0.0.1:PORT``).

    ``networks`` is one of the networks' servers, which tells the feed of all. ``function_url`` is what ``/approve/{path}`` becomes: its
    own path is kept and ``{path}`` appended; ``compose_url`` is the same for ``/compose/{path}``. ``business`` is the page's headline,
    ``time_zone`` the owner's zone (a tzdata key), ``prefix`` that of the stack's schedules. ``slack`` is where its channel can be looked
    at, "" where there is none. ``region`` is the one that its AWS side stands for. ``bedrock`` is the model's stand-in, "" where drafts
    come from the real one. ``sample`` names the sample business that was loaded, "" with a calendar of one's own.
    """

    aws: str
    sheets: str
    networks: str
    function_url: str
    business: str = "Social Scheduler"
    time_zone: str = "UTC"
    prefix: str = "ss"
    slack: str = ""
    compose_url: str = ""
    region: str = "ap-southeast-1"
    bedrock: str = ""
    sample: str = ""
