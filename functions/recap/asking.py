"""What the model is asked for a month's paragraph: the figures' phrases, and never a word of a post. Pure but for its own prompt files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from mesh.converse.model import Malformed
from mesh.converse.talk import Request
from recap.paragraph import CONNECTING, FEWEST_SENTENCES, LONGEST, MATTERS, MOST_SENTENCES, PLAIN, Untrue, checked

PROMPT, _FIGURES = "recap-2", "figures-1"
_MOST_TOKENS = 600
TOOL: Mapping[str, Any] = {
    "toolSpec": {
        "name": "recap",
        "description": "Hands over the paragraph about the month.",
        "inputSchema": {
            "json": {
                "type": "object",
                "properties": {
                    "paragraph": {
                        "type": "string",
                        "description": "The paragraph, with the names of phrases in braces where figures belong.",
                    }
                },
                "required": ["paragraph"],
                "additionalProperties": False,
            }
        },
    }
}


@cache
def _template(version: str) -> Template:
    return Template(files("recap").joinpath("prompts", f"{version}.txt").read_text("utf-8").rstrip("\n"))


def request(phrases: Mapping[str, str], owed: Set[str]) -> Request:
    system = _template(PROMPT).substitute(
        fewest=FEWEST_SENTENCES,
        most=MOST_SENTENCES,
        longest=LONGEST,
        owed=", ".join(f"{{{name}}}" for name in sorted(owed)),
        words=", ".join(CONNECTING),
        listing=", ".join(sorted(PLAIN)),
    )
    asked = _template(_FIGURES).substitute(phrases=_listed(phrases))
    messages = [{"role": "user", "content": [{"text": asked}]}]
    return Request(system, messages, TOOL, PROMPT, "recap", _MOST_TOKENS)


def _listed(phrases: Mapping[str, str]) -> str:
    """A line for each matter. As JSON: a channel's name ends no line of ours."""
    lines = [{name: phrases[name] for name in matter if name in phrases} for matter in (("month",), *MATTERS)]
    return "\n".join(f"- {json.dumps(line, ensure_ascii=False)}" for line in lines if line)


def paragraph_of(given: Mapping[str, Any], phrases: Mapping[str, str], owed: Set[str]) -> str:
    """The tool's input, held to the figures. Malformed, as for one of the wrong shape: it is asked once more."""
    written = given.get("paragraph")
    if not isinstance(written, str):
        raise Malformed("the model's answer has no paragraph")
    try:
        return checked(written, phrases, owed)
    except Untrue as error:
        raise Malformed(f"the paragraph: {error}") from error
