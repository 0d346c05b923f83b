"""Strangers at the two public doors: what one request of each kind takes from the real functions on the deployed template."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from local.calendars.sample import load_sample
from local.cost.business import Deed, Happening
from local.cost.month import RULES, difference
from local.cost.owner import CountedOwner
from local.run import SAMPLE, SAMPLE_ZONE
from local.stack import PREFIX
from local.story_mail import Link
from local.story_world import StoryError, World
from local.week_stack import WeekStack, deployed
from mesh.approvals import Action

APPROVE, COMPOSE = f"{PREFIX}-approve-handler", f"{PREFIX}-draft-helper"
_SETTING_OUT = date(2027, 2, 20)
_TIMES = 12
_HUGE_BYTES = 4_000_000  # Lambda takes 6 MB, of which base64 leaves 4.5
_FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Kind:
    """``figures`` are the tally of ``times`` such requests to ``function``; ``answers`` the statuses they got."""

    name: str
    function: str
    times: int
    figures: Mapping[str, Any]
    answers: tuple[int, ...]


def measure_kinds(folder: Path, tell: Callable[[str], None], kinds: tuple[str, ...] = ()) -> list[Kind]:
    """Each kind a dozen times, after one that warms the function up. ``kinds`` are some of them; all where it is empty."""
    zone = ZoneInfo(SAMPLE_ZONE)
    sample = load_sample(SAMPLE, _SETTING_OUT, zone, recurring=False)
    assert sample.start is not None
    row = {**sample.rows[0], "channels": "instagram-main", "date": f"{sample.start + timedelta(days=2):%Y-%m-%d}"}
    calendar = replace(sample, rows=(), rules=RULES.replace("{zone}", zone.key))
    with deployed(folder, calendar, tell, ("--count", "--retry-seconds", "0.1"), {"Receipts": "digest"}) as stack:
        link = _used_link(stack, row)
        measured = []
        for name, function, ask in _asked(stack, link):
            if not kinds or name in kinds:
                measured.append(_measure(stack, name, function, ask))
                tell(f"{name}: answered {measured[-1].answers[0]}")
        return measured


def _used_link(stack: WeekStack, row: Mapping[str, str]) -> Link:
    """Of a post that was approved by it: it is signed, it is not expired, and it is spent."""
    world = World(stack)
    owner = CountedOwner(world)
    owner.do(Happening(stack.now(), Deed.ROWS, (row,)))
    for _ in range(5):
        stack.to(stack.now() + timedelta(minutes=5))
    cards = [mail for mail in world.mailbox.fresh() if mail.is_card]
    links = [link for card in cards for link in card.links_of(Action.REVIEW)]
    if not links:
        raise StoryError("no card came for the row")
    world.approve(cards)
    world.settle()
    return links[0]


Ask = Callable[[httpx.Client], int]


def _asked(stack: WeekStack, link: Link) -> list[tuple[str, str, Ask]]:
    approve, compose = (door.rstrip("/") for door in (stack.addresses.function_url, stack.addresses.compose_url))
    token = link.url.rsplit("/", 1)[-1]
    forged = f"{token[:-6]}AAAAAA"
    ours = {**_FORM, "origin": stack.console, "sec-fetch-site": "same-origin"}
    huge = os.urandom(_HUGE_BYTES // 2).hex().encode()

    def ask(method: str, address: str, **more: Any) -> Ask:
        return lambda client: client.request(method, address, **more).status_code

    return [
        ("any path of the open web", APPROVE, ask("GET", f"{approve}/wp-login.php")),
        ("a link of ours with a forged signature", APPROVE, ask("GET", f"{approve}/{forged}")),
        ("a used link, opened again", APPROVE, ask("GET", f"{approve}/{token}")),
        ("a used link, pressed again", APPROVE, ask("POST", f"{approve}/{token}", headers=ours, content=b"")),
        ("a post's own page without a device", APPROVE, ask("GET", f"{approve}/post/{link.token.posts[0][0]}")),
        ("four megabytes posted", APPROVE, ask("POST", f"{approve}/{forged}", headers=ours, content=huge)),
        ("Slack without a signature", APPROVE, ask("POST", f"{approve}/slack", headers=_FORM, content=b"payload=%7B%7D")),
        ("a picture for Slack with a forged token", APPROVE, ask("GET", f"{approve}/picture/{forged}")),
        ("any path at the notes' door", COMPOSE, ask("GET", f"{compose}/wp-login.php")),
        ("four megabytes at the notes' door", COMPOSE, ask("POST", f"{compose}/{forged}", headers=ours, content=huge)),
    ]  # fmt: skip


def _measure(stack: WeekStack, name: str, function: str, ask: Ask) -> Kind:
    with httpx.Client(timeout=60, trust_env=False) as client:
        ask(client)
        stack.idle()
        before = stack.get(f"{stack.aws}/_local/counts")
        answers = tuple(ask(client) for _ in range(_TIMES))
        stack.idle()
        figures = difference(stack.get(f"{stack.aws}/_local/counts"), before)
    return Kind(name, function, _TIMES, figures, answers)
