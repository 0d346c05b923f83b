"""A Converse request as it comes over the wire, held to the documented limits, and the answer's shape."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.bedrock.errors import invalid

IMAGES_AT_MOST = 20
IMAGE_LIMIT_BYTES = 3_750_000
DOCUMENTS_AT_MOST = 5
DOCUMENT_LIMIT_BYTES = 4_500_000
INPUT_LIMIT_TOKENS = 200_000
_TOKENS_PER_IMAGE, _TOKENS_PER_DOCUMENT = 1_600, 3_000
_SIGNATURES = {"jpeg": (b"\xff\xd8\xff",), "png": (b"\x89PNG\r\n\x1a\n",), "gif": (b"GIF8",), "webp": (b"RIFF",)}
_DOCUMENT_NAME = re.compile(r"[A-Za-z0-9()\[\]-]+( [A-Za-z0-9()\[\]-]+)*")
_MODEL = re.compile(r"((global|us|eu|apac|jp|au)\.)?anthropic\.claude-[a-z0-9-]+(-v\d+:\d+)?")

Block = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """``texts`` are all the words of the conversation in order, ``last`` those of its latest turn; ``turn`` counts answers so far."""

    model: str
    system: str
    texts: tuple[str, ...]
    last: str
    images: int
    documents: int
    turn: int
    tool: str
    schema: Mapping[str, Any]
    most_tokens: int
    tokens_in: int

    @property
    def words(self) -> str:
        return "\n".join(self.texts)


def read(model: str, body: Mapping[str, Any]) -> Asked:
    """RefusedError with what Bedrock would say."""
    if not _MODEL.fullmatch(model):
        raise invalid("The provided model identifier is invalid.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise invalid("A conversation must start with a user message.")
    _check_turns(messages)
    blocks = [block for message in messages for block in message["content"]]
    images = [_content(block["image"], "image") for block in blocks if "image" in block]
    documents = [_content(block["document"], "document") for block in blocks if "document" in block]
    _check_files(images, documents)
    name, schema = _tool(body.get("toolConfig"))
    texts = tuple(text for message in messages for text in _texts(message["content"]))
    system = "\n".join(str(part.get("text", "")) for part in body.get("system") or [])
    tokens = sum(len(text) for text in (system, json.dumps(schema), *texts)) // 4
    tokens += _TOKENS_PER_IMAGE * len(images) + _TOKENS_PER_DOCUMENT * len(documents)
    if tokens > INPUT_LIMIT_TOKENS:
        raise invalid("Input is too long for requested model.")
    most = (body.get("inferenceConfig") or {}).get("maxTokens", 4_096)
    if not isinstance(most, int) or not 1 <= most <= 64_000:
        raise invalid("The maximum tokens you requested exceeds the model limit.")
    return Asked(
        model=model,
        system=system,
        texts=texts,
        last="\n".join(_texts(messages[-1]["content"])),
        images=len(images),
        documents=len(documents),
        turn=sum(message["role"] == "assistant" for message in messages),
        tool=name,
        schema=schema,
        most_tokens=most,
        tokens_in=tokens,
    )


def answered(asked: Asked, given: Any, stop: str = "tool_use") -> dict[str, Any]:
    """With the tool's input; the same request and answer have the same id."""
    number = hashlib.sha256(f"{asked.words}{json.dumps(given)}".encode("utf-8", "surrogatepass")).hexdigest()[:22]
    content = [{"toolUse": {"toolUseId": f"tooluse_{number}", "name": asked.tool, "input": given}}]
    return _whole(asked, content, stop, len(json.dumps(given)) // 4)


def in_words(asked: Asked, text: str, stop: str) -> dict[str, Any]:
    return _whole(asked, [{"text": text}], stop, len(text) // 4)


def _whole(asked: Asked, content: list[Any], stop: str, tokens: int) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop,
        "usage": {"inputTokens": asked.tokens_in, "outputTokens": tokens, "totalTokens": asked.tokens_in + tokens},
        "metrics": {"latencyMs": 1},
    }


def _check_turns(messages: Sequence[Any]) -> None:
    """User and model take turns, and each tool call is answered by the next turn."""
    waiting: set[str] = set()
    for number, message in enumerate(messages):
        role, content = message.get("role"), message.get("content")
        if role != ("user", "assistant")[number % 2]:
            raise invalid(
                "A conversation must alternate between user and assistant roles, and start with a user message."
            )
        if not isinstance(content, list) or not content:
            raise invalid(f"The content field in the Message object at messages.{number} is empty.")
        results = {block["toolResult"].get("toolUseId") for block in content if "toolResult" in block}
        if waiting - results or results - waiting:
            raise invalid(
                f"Expected toolResult blocks at messages.{number}.content for the following Ids: {sorted(waiting)}"
            )
        waiting = {block["toolUse"].get("toolUseId") for block in content if "toolUse" in block}
        if any("document" in block for block in content) and not any("text" in block for block in content):
            raise invalid("A text block is required when including documents.")
        if any("text" in block and not str(block["text"]).strip() for block in content):
            raise invalid(f"The text field in the ContentBlock object at messages.{number} is blank.")
    if messages[-1]["role"] != "user":
        raise invalid("The last turn in the conversation must be a user message.")


def _content(block: Block, kind: str) -> tuple[Block, bytes]:
    try:
        return block, base64.b64decode(block["source"]["bytes"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise invalid(f"The {kind} has no bytes that can be read.") from error


def _check_files(images: Sequence[tuple[Block, bytes]], documents: Sequence[tuple[Block, bytes]]) -> None:
    if len(images) > IMAGES_AT_MOST or len(documents) > DOCUMENTS_AT_MOST:
        raise invalid("The request has too many images or documents.")
    for block, content in images:
        signatures = _SIGNATURES.get(str(block.get("format")), ())
        if not content.startswith(signatures or (b"\x00never",)):
            raise invalid("Could not process image: the format does not match its bytes.")
        if len(content) > IMAGE_LIMIT_BYTES:
            raise invalid("Image exceeds the maximum size of 3.75 MB.")
    names = [str(block.get("name")) for block, _ in documents]
    for (block, content), name in zip(documents, names, strict=True):
        if block.get("format") != "pdf" or b"%PDF-" not in content[:1024]:
            raise invalid("The document is no PDF.")
        if len(content) > DOCUMENT_LIMIT_BYTES:
            raise invalid("Document exceeds the maximum size of 4.5 MB.")
        if not _DOCUMENT_NAME.fullmatch(name) or names.count(name) > 1:
            raise invalid(
                "A document's name may hold letters, numbers, single spaces, hyphens and brackets, and is used once."
            )


def _tool(config: Any) -> tuple[str, Mapping[str, Any]]:
    try:
        tools = {one["toolSpec"]["name"]: one["toolSpec"]["inputSchema"]["json"] for one in config["tools"]}
        name = config["toolChoice"]["tool"]["name"]
        return name, tools[name]
    except (KeyError, TypeError) as error:
        raise invalid("The stand-in answers by a tool alone: toolConfig has to name one and to demand it.") from error


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if "text" in block:
            yield str(block["text"])
        if "toolResult" in block:
            yield from _texts(block["toolResult"].get("content", []))
