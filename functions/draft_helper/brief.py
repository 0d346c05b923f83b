"""What the model is asked: the note as material, the channels with their limits, how the business sounds. Pure.

The prompts' texts are in ``prompts/``, a file a version; docs/drafting.md tells how a request is laid out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from draft_helper import ads, business
from draft_helper.asking import draft_tool
from draft_helper.fitting import Overshoot
from draft_helper.material import Material
from draft_helper.prompting import blocks, filled, mark_for
from draft_helper.scope import channels_of, picture_count, pictures_shown
from mesh.converse.talk import Reply, Request
from mesh.errors import MeshError
from mesh.fitting import composer_of
from mesh.ledger.proposals import Wording
from mesh.rulebook import Channel
from networks.model import Of

NOTE_CHARACTERS = 6_000
"""Of a note as the model is shown it: the form takes fewer."""
_NAME_CHARACTERS = 80
_TOKENS = (1_000, 500, 200)  # for the words of all channels; for each channel; for each picture
_MOST_TOKENS = 4_096
_COUNTED = {Of.HASHTAGS: "hashtags", Of.MENTIONS: "mentions", Of.LINKS: "links", Of.CASHTAGS: "cashtags"}


class NothingSaid(MeshError):
    """The note has neither words nor a file: nothing can be made of it."""


def first(material: Material, earlier: Sequence[Wording] = ()) -> Request:
    """A draft, or with ``earlier`` an alternative that is unlike those. NothingSaid where there is nothing to make it of."""
    note = noted(material)
    seen = {f"draft-{number}": _all_words(one) for number, one in enumerate(earlier, start=1)}
    about = business.told(material)
    mark = mark_for([*about.values(), *note.values(), *seen.values()])
    values = {"material": blocks(mark, note), "earlier": blocks(mark, seen), "pictures": _pictures(material)}
    purpose, asked = ("alternative", "alternative-1") if earlier else ("draft", "ask-1")
    system = filled(
        "draft-1",
        {
            "channels": "\n".join(_channel(channel, material) for channel in channels_of(material)) or "- (none yet)",
            "facts": _facts(material),
            "mark": mark,
            "business": blocks(mark, about),
        },
    )
    names = [channel.name for channel in channels_of(material)]
    return Request(
        system=system,
        messages=({"role": "user", "content": [*shown(material), {"text": filled(asked, values)}]},),
        tool=draft_tool(names, pictures_shown(material)),
        prompt="draft-1" if not earlier else f"draft-1+{asked}",
        purpose=purpose,
        most_tokens=_most_tokens(len(names), pictures_shown(material)),
    )


def repair(request: Request, reply: Reply, overshoots: Sequence[Overshoot]) -> Request:
    """The next turn: what was answered, and by how much it is over on which channel, in that network's own unit."""
    lines = "\n".join(f"- {one.channel}: {one.message}" for one in overshoots)
    said = filled("repair-1", {"overshoots": lines})
    return Request(
        system=request.system,
        messages=(*request.messages, reply.message, {"role": "user", "content": _next_turn(reply.message, said)}),
        tool=request.tool,
        prompt=f"{request.prompt}+repair-1",
        purpose="repair",
        most_tokens=request.most_tokens,
    )


def noted(material: Material) -> Mapping[str, str]:
    """The note's words and its files' names, as blocks. NothingSaid where there is neither."""
    text = material.note.text.strip()
    if not text and not material.files and not picture_count(material.note):
        raise NothingSaid("the note is empty: write a few words, or add a photo or a PDF")
    names = [f"{kind} {number}: {name}" for kind, number, name in _named(material)]
    return {"note": business.shortened(text, NOTE_CHARACTERS) or "(no words)", "files": "\n".join(names)}


def shown(material: Material) -> list[Mapping[str, Any]]:
    """The files as Converse takes them, each below its number. A document's name is ours: it may have no dots, and says nothing."""
    content: list[Mapping[str, Any]] = []
    for (kind, number, _), file in zip(_named(material), material.files, strict=True):
        content.append({"text": f"{kind.capitalize()} {number}:"})
        form = file.mime.rsplit("/", 1)[-1]
        if kind == "picture":
            content.append({"image": {"format": form, "source": {"bytes": file.content}}})
        else:
            content.append(
                {"document": {"format": form, "name": f"document {number}", "source": {"bytes": file.content}}}
            )
    return content


def room_on(channel: Channel, material: Material) -> tuple[int, int, str]:
    """How much of its limit a text may take beside the note's link, the limit itself, and the unit of both."""
    composer, link, count = composer_of(channel, material.rulebook), material.note.link, picture_count(material.note)
    alone = composer.measure("x")
    beside = composer.measure("x", link, image_count=count)
    return max(0, alone.limit - (beside.length - alone.length)), alone.limit, alone.unit


def _named(material: Material) -> list[tuple[str, int, str]]:
    """Kind, number among its kind, the owner's own name on one line."""
    counts: dict[str, int] = {}
    named = []
    for file in material.files:
        kind = "picture" if file.upload.kind == "image" else "document"
        counts[kind] = counts.get(kind, 0) + 1
        named.append((kind, counts[kind], " ".join(file.upload.name.split())[:_NAME_CHARACTERS]))
    return named


def _channel(channel: Channel, material: Material) -> str:
    composer = composer_of(channel, material.rulebook)
    declared = composer.declared
    room, limit, unit = room_on(channel, material)
    less = f" ({limit:,} less what the link takes)" if room != limit else ""
    said = f"- {channel.name} ({declared.label}): at most {room:,} {unit}{less}. {declared.counted}"
    if fold := declared.most(Of.FOLD):
        said += f" Readers see the first {fold:,} before they ask for more."
    most = [f"{declared.most(of):,} {words}" for of, words in _COUNTED.items() if declared.most(of) is not None]
    return f"{said} At most {', '.join(most)}." if most else said


def _facts(material: Material) -> str:
    """What code knows and the model need not guess; none of it is the model's to change."""
    note = material.note
    facts = [f"\nToday is {business.say_day(material.today)}."]
    try:
        goes = f" on {business.say_day(date.fromisoformat(note.date))}{f', {note.time}' if note.time else ''}"
        facts.append(f"The post is meant to go out{goes}.")
    except ValueError:
        facts.append(
            "When the post goes out is not known yet: write no “today” and no “tomorrow” that the note does not say."
        )
    if note.link:
        facts.append("The note's link is put to each post by code: do not write any address.")
    if ads.is_ad(material) and (words := ads.words(material)):
        facts.append(
            f"The note says that this is an ad: every text holds one of these words as it stands here: {', '.join(words)}."
        )
    return "\n".join(facts)


def _pictures(material: Material) -> str:
    count = pictures_shown(material)
    if not count:
        return ""
    return f' Describe {"the picture" if count == 1 else f"each of the {count} pictures, in their order,"} in "alts".'


def _all_words(wording: Wording) -> str:
    return "\n\n".join(dict.fromkeys((wording.text, *wording.texts.values())))


def _most_tokens(channels: int, pictures: int) -> int:
    base, each, picture = _TOKENS
    return min(_MOST_TOKENS, base + each * channels + picture * pictures)


def _next_turn(message: Mapping[str, Any], said: str) -> list[Mapping[str, Any]]:
    """Each use of a tool has its result in the turn that follows: Converse refuses it otherwise."""
    uses = [part["toolUse"]["toolUseId"] for part in message.get("content", ()) if "toolUse" in part]
    if not uses:
        return [{"text": said}]
    return [{"toolResult": {"toolUseId": use, "content": [{"text": said}], "status": "error"}} for use in uses]
