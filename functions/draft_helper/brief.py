"""PLACEHOLDER."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from draft_helper.asking import draft_tool
from draft_helper.fitting import Overshoot
from draft_helper.material import Material, Reply, Request
from draft_helper.scope import channels_of, pictures_shown
from mesh.errors import MeshError
from mesh.fitting import composer_of
from mesh.ledger.proposals import Wording
from mesh.rulebook import Channel


class NothingSaid(MeshError):
    pass


def first(material: Material, earlier: Sequence[Wording] = ()) -> Request:
    if not material.note.text.strip() and not material.files:
        raise NothingSaid("the note is empty")
    blocks: list[Mapping[str, Any]] = []
    for number, file in enumerate(material.files, start=1):
        if file.mime == "application/pdf":
            source = {"format": "pdf", "name": f"document {number}", "source": {"bytes": file.content}}
            blocks.append({"document": source})
        else:
            blocks.append({"image": {"format": file.mime.removeprefix("image/"), "source": {"bytes": file.content}}})
    seen = "".join(f"\n<draft-{n}-abcdef0123>\n{one.text}\n</draft-{n}-abcdef0123>" for n, one in enumerate(earlier, 1))
    blocks.append({"text": f"<note-abcdef0123>\n{material.note.text or '(no words)'}\n</note-abcdef0123>{seen}"})
    return Request(
        system=f"Today is {material.today}.\n" + "\n".join(_channel(one, material) for one in channels_of(material)),
        messages=[{"role": "user", "content": blocks}],
        tool=draft_tool([one.name for one in channels_of(material)], pictures_shown(material)),
        prompt="draft-1" if not earlier else "alternative-1",
        purpose="draft" if not earlier else "alternative",
        most_tokens=2_000,
    )


def _channel(channel: Channel, material: Material) -> str:
    measure = composer_of(channel, material.rulebook).measure("x", material.note.link)
    return f"- {channel.name} ({channel.network}): at most {measure.limit - measure.length:,} {measure.unit}."


def repair(request: Request, reply: Reply, overshoots: Sequence[Overshoot]) -> Request:
    call = next(part["toolUse"] for part in reply.message["content"] if "toolUse" in part)
    told = "\n".join(f"{one.channel}: {one.message}" for one in overshoots)
    result = {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": told}]}}
    messages = [*request.messages, reply.message, {"role": "user", "content": [result]}]
    return Request(request.system, messages, request.tool, "repair-1", "repair", request.most_tokens)
