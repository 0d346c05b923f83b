"""Requests that a stranger, a broken mail program or a replay might send to the public door. Seeded: the same dice, the same request.

``forged`` attacks are to get the one answer that everything forged gets; the others may get any page
of ours. None of them may change, say or mail anything.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

from mesh.approvals import Action, Purpose, Signer, Token
from mesh.slack import signature

FORM = "application/x-www-form-urlencoded"
_WEIRD = (
    "",
    "\x00",
    "\r\n",
    "%00",
    "%2e%2e%2f",
    "..",
    "🥐",
    "\ud800",
    "é",
    " ",
    "+",
    "/",
    "//",
    "?",
    "#",
    "=",
    ">",
    '"',
    "\u202e",
    "\ufeff",
)


@dataclass(frozen=True)
class Attack:
    name: str
    event: dict[str, Any]
    forged: bool


@dataclass(frozen=True)
class Material:
    """What an attacker may have seen, and, to show that it does not matter, more than that: keys that are not the stack's."""

    links: Mapping[Action, str]  # genuine tokens, not pressed yet
    spent: str  # a genuine one that was pressed
    key: str
    slack_secret: str
    origin: str
    now: datetime

    @property
    def signer(self) -> Signer:
        return Signer([self.key], "ss")

    def token(self, dice: random.Random) -> str:
        return self.links[dice.choice(sorted(self.links))]


def drawn(seed: int, material: Material) -> Attack:
    dice = random.Random(seed)  # tests, not secrets
    name = dice.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])[0]
    return _KINDS[name][1](name, dice, material)


def event(path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: str = "") -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers or {}),
        "requestContext": {"http": {"method": method, "path": path}, "domainName": "x.on.aws"},
        "body": body,
        "isBase64Encoded": False,
    }


def pressing(material: Material) -> dict[str, str]:
    """The marks of a press of our own page's button."""
    return {"origin": material.origin, "content-type": FORM, "sec-fetch-site": "same-origin"}


# a token that is not ours


def _forged(name: str, token: str, dice: random.Random, material: Material) -> Attack:
    """As a press with all its marks, or as a look."""
    path = f"/{token}"
    if dice.random() < 0.3:
        path += f"/image/{dice.randbytes(32).hex()}"
    if dice.random() < 0.3:
        return Attack(name, event(path), True)
    return Attack(name, event(path, "POST", pressing(material), "go=1"), True)


def _flipped(name: str, dice: random.Random, material: Material) -> Attack:
    """One bit. The last character of base64 has spare bits, so that a few are the very same token: those are only looked at."""
    token = material.token(dice)
    place, bit = dice.randrange(len(token)), dice.randrange(7)
    other = token[:place] + chr(ord(token[place]) ^ (1 << bit)) + token[place + 1 :]
    if _genuine(other, material):
        return Attack(name, event(f"/{other}"), False)
    return _forged(name, other, dice, material)


def _genuine(token: str, material: Material) -> bool:
    try:
        material.signer.read(token, material.now)
    except Exception:  # noqa: BLE001 - whatever the signer makes of it, the door's own reading is judged elsewhere
        return False
    return True


def _cut(name: str, dice: random.Random, material: Material) -> Attack:
    token = material.token(dice)
    return _forged(name, token[: dice.randrange(1, len(token))], dice, material)


def _crossed(name: str, dice: random.Random, material: Material) -> Attack:
    """One token's words under another's signature."""
    one, other = dice.sample(sorted(material.links), 2)
    words, _, _ = material.links[one].rpartition(".")
    _, _, signature = material.links[other].rpartition(".")
    return _forged(name, f"{words}.{signature}", dice, material)


def _edited(name: str, dice: random.Random, material: Material) -> Attack:
    """The words changed, the signature kept."""
    words, _, signature = material.token(dice).rpartition(".")
    said = json.loads(base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))) if not words.startswith(".") else {}
    said |= dice.choice(
        [{"a": "now"}, {"r": "eve@example.test"}, {"e": 1 << 40}, {"p": [["p_other", "0" * 64]]}, {"n": "x"}]
    )
    changed = base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode().rstrip("=")
    return _forged(name, f"{changed}.{signature}", dice, material)


def _other_signature(name: str, dice: random.Random, material: Material) -> Attack:
    """Another key, stack, purpose, digest, and a time stamp: all of them well-made."""
    said = _said(material, dice)
    key = material.key
    sha1 = URLSafeSerializer([key], salt="ss/approval/v1")
    makers: list[Callable[[], str]] = [
        lambda: Signer(["another-key-of-at-least-32-characters-0"], "ss").sign(said),
        lambda: Signer([key], "other").sign(said),
        *(
            lambda purpose=purpose: Signer([key], "ss", purpose).sign(said)
            for purpose in Purpose
            if purpose is not Purpose.LINK
        ),  # type: ignore[misc]
        lambda: str(sha1.dumps(said.model_dump(mode="json", by_alias=True, exclude_defaults=True))),
        lambda: str(URLSafeTimedSerializer([key], salt="ss/approval/v1").dumps({"a": "review"})),
        lambda: Signer([key[:-1] + "?"], "ss").sign(said),
    ]
    return _forged(name, dice.choice(makers)(), dice, material)


def _misshapen(name: str, dice: random.Random, material: Material) -> Attack:
    """Signed with the right key, and no token: as an older or newer version might have."""
    serializer = material.signer._serializer()
    words: Any = dice.choice(
        [
            None, 7, "review", [], {}, {"a": "review"}, [[]] * 50,
            {"a": "review", "p": [], "r": "ada@example.test", "o": "r", "n": "n", "e": "soon"},
            {"a": "burn", "p": [], "r": "ada@example.test", "o": "r", "n": "n", "e": 1 << 40},
            {"a": "review", "p": [["p", "r"]] * 11, "r": "ada@example.test", "o": "r", "n": "n", "e": 1 << 33},
            {"a": "review", "p": [["p"]], "r": "ada@example.test", "o": "r", "n": "n", "e": 1 << 33},
            {"a": "draft", "p": [["p"]], "r": "ada@example.test", "o": "r", "n": "n", "e": 1 << 33},
            {"a": "review", "p": [], "r": None, "o": "r", "n": "n", "e": 1 << 33, "x": 1},
        ]
    )  # fmt: skip
    return _forged(name, str(serializer.dumps(words)), dice, material)


def _far_future(name: str, dice: random.Random, material: Material) -> Attack:
    """Ours by its signature, and good for longer than any link of ours: made by a clock that is wrong."""
    ahead = timedelta(days=dice.choice([40, 400, 40_000]))
    said = _said(material, dice).model_copy(update={"expires_at": int((material.now + ahead).timestamp())})
    return _forged(name, material.signer.sign(said), dice, material)


def _noise(name: str, dice: random.Random, material: Material) -> Attack:
    parts = [
        dice.choice(_WEIRD) if dice.random() < 0.4 else dice.randbytes(dice.randrange(1, 20)).hex()
        for _ in range(dice.randrange(1, 9))
    ]
    return _forged(name, dice.choice(["x", ".x"]) + "".join(parts), dice, material)


def _huge(name: str, dice: random.Random, material: Material) -> Attack:
    size = dice.choice([2_000, 9_000, 100_000, 1_000_000])
    return _forged(name, dice.choice(["A", ".", "eyJ", "%41", "🥐"]) * (size // 3), dice, material)


def _percent(name: str, dice: random.Random, material: Material) -> Attack:
    """A genuine token in a wrong place, or as a mail program would write it: only opened."""
    token = material.token(dice)
    path = dice.choice(
        [
            f"/x/{token}",
            f"/{token}/y",
            f"/{quote(quote(token, safe=''), safe='')}%25",
            f"/approve/{token}/image",
            f"//{token}/image/x/y",
        ]
    )
    return Attack(name, event(path, dice.choice(["GET", "HEAD"])), False)


# a genuine token in a request that is no press


def _no_press(name: str, dice: random.Random, material: Material) -> Attack:
    """A POST that lacks a mark of our own page's button."""
    headers = pressing(material)
    body = "go=1&do=accept&text=x&channel=main"
    match dice.randrange(10):
        case 0:
            headers["origin"] = dice.choice(
                [
                    "null",
                    "https://evil.test",
                    material.origin + ".evil.test",
                    material.origin.upper() + "x",
                    "",
                    "https://",
                ]
            )
        case 1:
            del headers["origin"]
            del headers["sec-fetch-site"]
        case 2:
            headers["sec-fetch-site"] = dice.choice(["cross-site", "same-site", "none", ""])
        case 3:
            headers["content-type"] = dice.choice(
                ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "APPLICATION/XML"]
            )
        case 4:
            headers |= {"sec-ch-ua": '"Chromium";v="150"', "sec-fetch-user": dice.choice(["?0", "", "1"])}
        case 5:
            body = "go=1&" + "x" * 1_000_000
        case 6:
            del headers["origin"]
            del headers["sec-fetch-site"]
            headers["referer"] = dice.choice(
                ["https://evil.test/", "http://[", "about:blank", material.origin.replace("https", "http") + "/"]
            )
        case 7:  # as the script of an enrolled device would, on a device that is not
            headers |= {"sec-ch-ua": '"Chromium";v="150"', "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
            headers["cookie"] = _cookie(dice, material)
            body = "opened=1"
        case 8:
            del headers["content-type"]
        case _:
            headers = {name.title() if dice.random() < 0.5 else name: "" for name in headers}
    found = event(f"/{material.token(dice)}", "POST", headers, body)
    if dice.random() < 0.1:
        found |= {"isBase64Encoded": True, "body": dice.choice(["!!!", "====", "Z28=\n\x00"])}
        found["headers"].pop("origin", None)
        found["headers"].pop("sec-fetch-site", None)
    return Attack(name, found, False)


def _cookie(dice: random.Random, material: Material) -> str:
    """A device's cookie that was made up: unsigned, signed for another purpose, under another key, mangled."""
    said = {"d": "d_1", "r": "ada@example.test", "id": "d_1", "recipient": "ada@example.test"}
    device = URLSafeSerializer(["another-key-of-at-least-32-characters-0"], salt="ss/device/v1").dumps(said)
    value = dice.choice([str(device), material.token(dice), "x", "", "a.b", "\ud800", "é" * 50, "x" * 5_000])
    names = ("__Host-ss-00000000", "__Host-ss-" + dice.randbytes(4).hex(), "ss-device", "")
    return "; ".join(f"{dice.choice(names)}={value}" for _ in range(dice.randrange(1, 4)))


def _other_method(name: str, dice: random.Random, material: Material) -> Attack:
    method = dice.choice(
        ["HEAD", "GET", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "post ", "", "GET\r\n"]
    )
    prefetching = dice.choice(
        [{}, {"sec-purpose": "prefetch"}, {"purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}]
    )
    return Attack(name, event(f"/{material.token(dice)}", method, pressing(material) | prefetching, "go=1"), False)


def _replayed(name: str, dice: random.Random, material: Material) -> Attack:
    """The very press that took effect, once more, whole."""
    return Attack(
        name, event(f"/{material.spent}", "POST", pressing(material), dice.choice(["go=1", "", "go=1&go=1"])), False
    )


def _old(name: str, dice: random.Random, material: Material) -> Attack:
    past = int((material.now - timedelta(seconds=dice.choice([0, 1, 86_400]))).timestamp())
    said = _said(material, dice).model_copy(update={"expires_at": past})
    headers = {"content-type": FORM, "origin": dice.choice(["null", "https://evil.test"])}
    method = dice.choice(["GET", "HEAD", "POST"])
    return Attack(name, event(f"/{material.signer.sign(said)}", method, headers, "go=1"), False)


def _wrong_picture(name: str, dice: random.Random, material: Material) -> Attack:
    picture = dice.choice(["0" * 64, "..", "%2e%2e", "manifest.json", "🥐", "\ud800", "A" * 10_000, ""])
    return Attack(name, event(f"/{material.token(dice)}/{dice.choice(['image', 'upload'])}/{picture}"), False)


def _misshapen_event(name: str, dice: random.Random, material: Material) -> Attack:
    """Parts of the request are missing or of another kind. It has no mark of our page's, so that nothing of it may ever be a press."""
    found: dict[str, Any] = event(
        "/" + dice.choice(["", "x.y", "slack", "picture/x"]), "POST", {"content-type": FORM}, "go=1"
    )
    junk: list[Any] = [None, 7, [], {}, "", "\ud800", [None], {"a": None}, True, 1.5]
    for _ in range(dice.randrange(1, 4)):
        part = dice.choice(sorted(found))
        if dice.random() < 0.4:
            del found[part]
        elif part == "requestContext" and dice.random() < 0.7:
            found[part] = {"http": dice.choice([*junk, {"method": dice.choice(junk)}]), "domainName": dice.choice(junk)}
        elif part == "headers" and dice.random() < 0.7:
            found[part] = {
                "origin": dice.choice([one for one in junk if one]),
                "cookie": dice.choice(junk),
                "content-type": dice.choice([FORM, *junk]),
            }
        else:
            found[part] = dice.choice(junk)
        if not found:
            break
    return Attack(name, found, False)


def _bare(name: str, dice: random.Random, material: Material) -> Attack:
    """Other doors of the house, knocked at without any right."""
    path = dice.choice(
        [
            "/",
            "",
            "/post/p_unknown",
            "/post/",
            "/post/p_1/x",
            "/picture/",
            "/picture/a.b",
            "/slack",
            "/favicon.ico",
            "/robots.txt",
            "/.env",
            "/post/%00",
        ]
    )
    method = dice.choice(["GET", "HEAD", "POST", "PUT"])
    headers = dice.choice(
        [
            {},
            {"origin": "https://evil.test", "content-type": FORM},
            {"content-type": FORM},
            {"cookie": _cookie(dice, material)},
        ]
    )
    return Attack(name, event(path, method, headers, "go=1"), False)


def _as_slack(name: str, dice: random.Random, material: Material) -> Attack:
    """A click in Slack that is not signed, signed for other bytes, too old, from a clock ahead, or by somebody who may not decide."""
    genuine = Signer([material.key], "ss", Purpose.SLACK).sign(_said(material, dice))
    kind = dice.randrange(6)
    values = [genuine, genuine[:-9], material.token(dice), "", "x", "\ud800", None, 7, ["x"]]
    click = {
        "type": "block_actions",
        "user": {"id": dice.choice(["U1", "U2", "U9", ""]) if kind < 4 else dice.choice(["U2", "U9", "", None])},
        "actions": [{"action_id": "approve", "value": dice.choice(values)}] * dice.choice([0, 1, 3]),
        "response_url": dice.choice(["", "https://evil.test/x", "https://hooks.slack.com.evil.test/", "http://[", 7]),
    }
    payload: Any = (
        dice.choice([json.dumps(click), "[" * 50_000, "null", "[]", "7", '{"type": 7}'])
        if kind == 5
        else json.dumps(click)
    )
    body = f"payload={quote(payload)}"
    stamp = str(int(material.now.timestamp()) + (dice.choice([-301, -86_400, 301, 10**9]) if kind == 1 else 0))
    proof = signature(material.slack_secret, stamp, body.encode())
    if kind == 0:
        proof = dice.choice(["", "v0=", "v0=" + "0" * 64, "v1" + proof[2:], "v0=é", proof[:-1], "\ud800"])
    elif kind == 2:
        body = body.replace("U", "V", 1) + dice.choice(["", "&x=1", " "])
        proof = signature("another secret", stamp, body.encode())
    elif kind == 3:
        stamp = dice.choice(["", "soon", "٣", "-1", "1e9", stamp + " ", "9" * 30])
    headers = {"content-type": FORM, "x-slack-request-timestamp": stamp, "x-slack-signature": proof}
    return Attack(name, event("/slack", "POST", headers, body), False)


def _said(material: Material, dice: random.Random) -> Token:
    return material.signer.read(material.token(dice), material.now)


_KINDS: dict[str, tuple[int, Callable[[str, random.Random, Material], Attack]]] = {
    "a flipped bit": (20, _flipped),
    "cut short": (8, _cut),
    "crossed": (6, _crossed),
    "edited": (8, _edited),
    "signed otherwise": (12, _other_signature),
    "signed, but no token": (8, _misshapen),
    "from a clock ahead": (3, _far_future),
    "noise": (10, _noise),
    "huge": (1, _huge),
    "in a wrong place": (4, _percent),
    "no press": (20, _no_press),
    "another method": (8, _other_method),
    "replayed": (6, _replayed),
    "old": (5, _old),
    "a wrong picture": (4, _wrong_picture),
    "a misshapen request": (10, _misshapen_event),
    "a bare door": (5, _bare),
    "as if from Slack": (10, _as_slack),
}
