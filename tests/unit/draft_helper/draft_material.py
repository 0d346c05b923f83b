"""A café, its notes, and what a model may answer: for the tests of drafting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from draft_helper.answers import read
from draft_helper.guards import marks
from draft_helper.material import File, Material
from mesh.ledger.proposals import Mark, Note, Upload
from mesh.posts import Row
from mesh.rulebook import Rulebook, parse_rules
from mesh.voice import read_voice

RULES = """Time zone: Europe/Berlin
Posting window: 7-21
About us: A café at the canal in Berlin. Open Tuesday to Sunday, 9 to 18. Call 030 1234567, hello@cafe.example
Channels
- sky: bluesky, account did:plc:cafe, https://bsky.example
- toot: mastodon, account 42, https://mastodon.example
- insta: instagram, account 8, https://graph.example
- thread: threads, account 9, https://threads.example
- face: facebook, account 10, https://face.example
- linked: linkedin, account 7, https://linked.example
- ex: x, account 11, https://x.example
"""
VOICE = """We are Café Möwe. Short sentences, a little dry.
Never say: yummy, indulge, billig; "treat yourself"
Always mention: the opening hours where a post invites people
"""
TODAY = date(2027, 3, 1)  # a Monday
CHANNELS = ("sky", "toot", "insta", "thread", "face", "linked", "ex")


def book(more: str = "") -> Rulebook:
    found, problems = parse_rules(f"{more}\n{RULES}", default_zone="UTC")
    assert problems == ()
    return found


BOOK = book()


def upload(number: int = 1, kind: str = "image", name: str = "cake.jpg") -> Upload:
    mime = "image/jpeg" if kind == "image" else "application/pdf"
    return Upload(upload_id=f"u_{number}", kind=kind, name=name, mime=mime, size=3, md5=f"{number:032x}")


def material(
    text: str = "Plum cake on Saturday, 3,50 € a slice.",
    *,
    channels: tuple[str, ...] = ("sky", "toot"),
    uploads: tuple[Upload, ...] = (),
    rules: Rulebook = BOOK,
    voice: str = VOICE,
    rows: tuple[Row, ...] = (),
    shown: bool = True,
    **note: Any,
) -> Material:
    """``shown``: the model sees the uploads."""
    said = {"by": "ada@cafe.example", "at": "2027-03-01T09:00:00+00:00", **note}
    return Material(
        note=Note(text=text, channels=channels, uploads=uploads, **said),
        rulebook=rules,
        voice=read_voice(voice)[0],
        today=TODAY,
        rows=rows,
        files=tuple(File(one, one.mime, b"abc") for one in uploads) if shown else (),
    )


def row(day: str, text: str, channels: str = "sky", **cells: Any) -> Row:
    return Row(post_id=f"p_{day}", date=day, time="09:00", text=text, channels=channels, **cells)


def marked(
    found: Material, text: str, texts: Mapping[str, str] | None = None, alts: tuple[str, ...] = ()
) -> tuple[Mark, ...]:
    """What is marked of these words."""
    return marks(found, read(found, {"text": text, "texts": dict(texts or {}), "alts": list(alts)}))


def said(found: tuple[Mark, ...]) -> list[tuple[str, str, str]]:
    return [(mark.code, mark.channel, mark.quote) for mark in found]
