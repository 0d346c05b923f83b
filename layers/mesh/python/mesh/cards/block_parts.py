"""Slack's Block Kit, as much as the cards need: blocks by construction within Slack's limits, and never any markup. Pure.

Whatever the owner wrote goes into ``rich_text`` elements: their text is shown as it is, while ``mrkdwn`` would read ``*``, ``:cake:`` or
``<!channel>`` as its own (docs.slack.dev/reference/block-kit/blocks/rich-text-block). No block here uses ``mrkdwn``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from networks.text import graphemes

Block = dict[str, Any]

MOST_BLOCKS = 50  # in one message
LONGEST_TEXT = 3000  # of one piece of text; Slack's limit for a section's
LONGEST_VALUE = 2000
LONGEST_LABEL = 75
LONGEST_HEADER = 150
LONGEST_ALT = 2000
LONGEST_ADDRESS = 3000
# Slack refuses a message whose blocks are too long together and does not say when: a little above 13,200 characters, and with 11,300 of
# mere text where there are many blocks (slackapi/bolt-js, issues 2509 and 2867). So their names and braces count here too.
MOST_CHARACTERS = 12_500
# What Slack shows in an image block, and a size that a Lambda's answer can carry as base64.
PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif"})
LARGEST_PICTURE_BYTES = 4_000_000


def weight(value: Any) -> int:
    """Characters of the JSON that is sent, as UTF-16 counts them: not fewer than Slack can count."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le", "replace")) // 2


def whole(text: str) -> str:
    """Without halves of characters, which no JSON parser has to take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def chunks(text: str, longest: int = LONGEST_TEXT) -> list[str]:
    """``text`` in order and nothing lost, each part within the limit; cut behind a line, else behind a blank, else between letters."""
    parts: list[str] = []
    rest = whole(text)
    while weight(rest) - 2 > longest:
        end = _longest_start(rest, longest)
        line, blank = rest.rfind("\n", 0, end) + 1, rest.rfind(" ", 0, end) + 1
        cut = line if line > end // 2 else blank if blank > end // 2 else end
        parts.append(rest[:cut])
        rest = rest[cut:]
    return [*parts, rest] if rest else parts


def _longest_start(text: str, longest: int) -> int:
    """How much of ``text`` fits, in whole letters; a letter of thousands of marks is cut inside."""
    ahead = text[: longest + 1]  # each character weighs at least one
    letters = graphemes(ahead)[:-1]  # the last may be half a letter here
    end = used = 0
    for letter in letters:
        used += 1 if letter.isalnum() and len(letter) == 1 and letter <= "\uffff" else weight(letter) - 2
        if used > longest:
            break
        end += len(letter)
    if end:
        return end
    low, high = 1, len(ahead)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if weight(ahead[:middle]) - 2 <= longest else (low, middle - 1)
    return low


def shortened(text: str, longest: int) -> str:
    """For labels and alt texts, whose whole stands elsewhere."""
    clean = whole(text)
    return clean if weight(clean) - 2 <= longest else chunks(clean, longest - 1)[0] + "…"


def word(text: str, **style: bool) -> Block:
    """One element of a rich text; ``bold``, ``italic`` or ``strike``."""
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def link(url: str, text: str) -> Block:
    return {"type": "link", "url": url, "text": text}


def rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def said(text: str, **style: bool) -> list[Block]:
    """A sentence of any length, whatever is in it."""
    return [rich(word(part, **style)) for part in chunks(text)]


def quoted(text: str) -> list[Block]:
    """A text of the owner's, set off from ours by a line beside it."""
    return [
        {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [word(part)]}]}
        for part in chunks(text)
    ]


def header(text: str) -> Block:
    return {"type": "header", "text": plain(shortened(text, LONGEST_HEADER))}


def plain(text: str) -> Block:
    """``emoji`` off: ``:cake:`` stays what it is."""
    return {"type": "plain_text", "text": text, "emoji": False}


def picture(url: str, alt: str) -> Block:
    return {"type": "image", "image_url": url, "alt_text": shortened(alt, LONGEST_ALT) or "No alt text"}


def button(label: str, action_id: str, value: str, style: str = "", confirm: Block | None = None) -> Block:
    made: Block = {
        "type": "button",
        "text": plain(shortened(label, LONGEST_LABEL)),
        "action_id": action_id,
        "value": value,
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    return made


def ask_first(title: str, text: str, yes: str) -> Block:
    """The small question before a press that cannot be taken back."""
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain("No")}


def actions(buttons: Iterable[Block]) -> list[Block]:
    """The buttons whose value Slack takes; no block where there is none."""
    able = [one for one in buttons if len(one["value"]) <= LONGEST_VALUE]
    return [{"type": "actions", "elements": able}] if able else []


DIVIDER: Mapping[str, Any] = {"type": "divider"}


def packed(blocks: Sequence[Block], most_blocks: int, most_characters: int) -> list[list[Block]]:
    """The blocks in their order, as many together as fit; a block that is too much on its own stands alone."""
    groups: list[list[Block]] = []
    group: list[Block] = []
    used = 0
    for block in blocks:
        size = weight(block) + 1
        if group and (len(group) == most_blocks or used + size > most_characters):
            groups.append(group)
            group, used = [], 0
        group.append(block)
        used += size
    return [*groups, group] if group else groups
