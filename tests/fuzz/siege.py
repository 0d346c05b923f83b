"""The public door in memory, each attack handed to the real handler: what it answered, how long it took, and that nothing changed."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any
from unittest.mock import patch

from attacks import Attack, Material, drawn
from mesh_world import base
from mesh_world.wiring import SLACK_SECRET
from mesh_world.world import MeshWorld

import mesh.log
from approve_handler.tampering import TAMPERED
from mesh.approvals import Action, Signer, Token
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Wording

_NONCE = re.compile(r"nonce[=-]\"?[\w-]{8,}[\"']?")
_PAGES = {200, 202, 400, 403, 404, 405, 410, 413, 415, 429}  # never 5xx: that is ours, not theirs
_STRANGERS_KEY = "a-strangers-own-key-of-forty-characters-0"
LONGEST_SECONDS = 0.5  # of one request's own processor time


@dataclass
class Tally:
    """``wrong`` holds one line for each attack that got more than it may; ``ringing``: those that the alarm counts as made of ours."""

    requests: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    ringing: int = 0
    slowest_seconds: float = 0.0
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        self.requests += other.requests
        self.kinds += other.kinds
        self.statuses += other.statuses
        self.wrong += other.wrong
        self.ringing += other.ringing
        self.slowest_seconds = max(self.slowest_seconds, other.slowest_seconds)
        self.seconds += other.seconds


@cache
def _ground() -> tuple[MeshWorld, Material]:
    """Two posts waiting for their approval, one link pressed, and a draft."""
    world = base.asked_world(2).copy()
    world.phase = "siege"
    links = {action: address.removeprefix(f"{base.ORIGIN}/") for action, address in base.links(world).items()}
    spent = base.signed(world, Action.HOLD, base.post_ids(world)[0])
    base.press(world, spent)
    base.pump(world, 6)
    links[Action.DRAFT] = _draft(world)
    return world, Material(
        links,
        spent.removeprefix(f"{base.ORIGIN}/"),
        base.SIGNING_KEY,
        SLACK_SECRET["signing_secret"],
        base.ORIGIN,
        world.now,
    )


def _draft(world: MeshWorld) -> str:
    """A draft that waits, and the link to it."""
    at = world.now.isoformat()
    note = Note(text="Rolls", channels=("main",), date="2031-01-01", time="09:00", by="ada@example.test", at=at)
    wording = Wording(text="Warm rolls", by="model", at=at)
    proposal = Proposal(state=DraftState.READY, note=note, wordings=(wording,))
    status = Status(post_id="p_draft", open=DRAFTING, due_at=at, proposal=proposal)
    world.clients().ledger.change_status("p_draft", Act("drafted", "test", world.now), lambda _: status)
    token = Token(
        action=Action.DRAFT,
        posts=(("p_draft", ""),),
        recipient="ada@example.test",
        round_id="r_draft",
        nonce="n-draft",
        expires_at=int((world.now + timedelta(days=30)).timestamp()),
    )
    return Signer([base.SIGNING_KEY], "ss").sign(token)


def _strangers(material: Material) -> Material:
    """What somebody has who knows how our links are made and whom they are sent to, and never saw one: links of their own making."""
    signer = Signer([_STRANGERS_KEY], "ss")

    def made_up(link: str) -> str:
        token = material.signer.read(link, material.now)
        print_of = hashlib.sha256(link.encode()).hexdigest()
        posts = tuple((f"p_{print_of[:10]}", print_of) for _ in token.posts)
        return signer.sign(token.model_copy(update={"posts": posts, "nonce": print_of[:16], "round_id": "r_guess"}))

    links = {action: made_up(link) for action, link in material.links.items()}
    return replace(
        material, links=links, spent=made_up(material.spent), key=_STRANGERS_KEY, slack_secret="a strangers guess"
    )


def besieged(seeds: Iterable[int], *, stranger: bool = False) -> Tally:
    """Every seed is one request; each stands alone. To be called within ``mesh_world.world.in_memory``.

    ``stranger``: from one who never saw a link of ours, and whom no alarm may listen to.
    """
    ground, material = _ground()
    material = _strangers(material) if stranger else material
    tally = Tally()

    def count(log: Any, message: str, **facts: Any) -> None:
        tally.ringing += facts.get("outcome") == TAMPERED

    with patch.object(mesh.log, "line", count):
        _besiege(ground, material, seeds, tally)
    if stranger and tally.ringing:
        tally.wrong.append(f"{tally.ringing} of a stranger's requests were counted as made of ours")
    return tally


def _besiege(ground: MeshWorld, material: Material, seeds: Iterable[int], tally: Tally) -> None:
    world = ground.copy()
    untouched, refusal = _state(world), ""
    for seed in seeds:
        attack = drawn(seed, material)
        try:
            answer, took = _asked(world, attack, f"attack-{seed}")
        except Exception as error:  # noqa: BLE001 - whatever escapes the handler is what we are looking for
            tally.wrong.append(f"{seed} {attack.name}: {type(error).__name__}: {error}"[:200])
            continue
        tally.requests += 1
        tally.seconds += took
        tally.slowest_seconds = max(tally.slowest_seconds, took)
        tally.kinds[attack.name] += 1
        tally.statuses[int(answer["statusCode"])] += 1
        plain = _plain(answer)
        if attack.forged:
            refusal = refusal or plain
        tally.wrong += [f"{seed} {attack.name}: {fault}" for fault in _faults(attack, answer, plain, refusal, took)]
        if _state(world) != untouched:
            tally.wrong.append(f"{seed} {attack.name}: something changed, was said or was mailed")
            world = ground.copy()


def _asked(world: MeshWorld, attack: Attack, request_id: str) -> tuple[dict[str, Any], float]:
    """The answer, and its own processor time. What is slow by itself is slow each time; a garbage collection of all that the tests
    have left comes once."""
    quickest = float("inf")
    for _ in range(3):
        began = time.process_time()
        answer = world.invoke("approve-handler", attack.event, request_id)
        quickest = min(quickest, time.process_time() - began)
        if quickest <= LONGEST_SECONDS:
            break
    return answer, quickest


def _faults(attack: Attack, answer: dict[str, Any], plain: str, refusal: str, took: float) -> list[str]:
    found = []
    if answer["statusCode"] not in _PAGES:
        found.append(f"status {answer['statusCode']}")
    if attack.forged and plain != refusal:
        found.append("got another answer than the other forged ones")
    if took > LONGEST_SECONDS:
        found.append(f"took {took:.2f} s")
    return found


def _plain(answer: dict[str, Any]) -> str:
    """The whole answer but for what is drawn anew each time."""
    return _NONCE.sub("nonce", f"{answer['statusCode']} {sorted(answer['headers'].items())} {answer['body']}")


def _state(world: MeshWorld) -> tuple[Any, ...]:
    ports = (
        world.bare_tables,
        world.bare_s3,
        world.bare_bus,
        world.bare_schedules,
        world.bare_secrets,
        world.bare_mail,
    )
    return tuple(port.fingerprint() for port in ports)
