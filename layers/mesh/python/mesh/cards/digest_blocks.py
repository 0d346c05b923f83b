"""The weekly digest in Slack: the same parts as the mail, in as many messages as they need. Pure but for the signing.

Posts that wait are only named here: each has a card of its own below, which changes with what is decided.
"""

from __future__ import annotations

from collections.abc import Callable

from mesh.approvals import Action
from mesh.cards.block_parts import (
    MOST_BLOCKS,
    MOST_CHARACTERS,
    Block,
    actions,
    button,
    header,
    link,
    packed,
    rich,
    said,
    shortened,
    word,
)
from mesh.cards.blocks import Message
from mesh.cards.digest import Digest, Entry, Part, Press
from mesh.cards.model import COMPOSE, Brake

_LONGEST_LINE = 900
_MOST_BUTTONS = 5  # of one entry
_ON_ITS_PAGE = {
    Action.RELEASE,
    Action.SEND_NOW,
}  # what goes out by it is looked at first; and this message stays as it is


def digest_messages(
    digest: Digest, brake: Brake, value: Callable[[Press], str], page: Callable[[str], str]
) -> list[Message]:
    """``value`` signs a button, ``page`` is the address of a post's page. Of ``brake``: the hold that stands, and where the sheet and the
    page for notes are.
    """
    blocks = [header(digest.title), *said(digest.summary)]
    if brake.held:
        blocks += said(f"{brake.held} Nothing goes out until somebody lets it go on.", bold=True)
    for part in digest.parts:
        blocks += _part(part, value, page)
    ways = [
        link(address, label)
        for address, label in ((brake.sheet, "Open the sheet"), (brake.compose, COMPOSE))
        if address
    ]
    if ways:
        blocks.append(rich(*[one for way in ways for one in (word("   "), way)][1:]))
    return [Message(digest.subject, group) for group in packed(blocks, MOST_BLOCKS, MOST_CHARACTERS)]


def _part(part: Part, value: Callable[[Press], str], page: Callable[[str], str]) -> list[Block]:
    blocks = [rich(word(part.heading, bold=True))]
    above = ""
    for entry in part.entries:
        opening = entry.above if entry.above != above else ""
        above = entry.above
        blocks += _entry(entry, opening, value, page, short=part.short)
    if any(entry.pair is not None for entry in part.entries):
        blocks += said("Their buttons are in the messages below.", italic=True)
    return blocks + (said(part.rest, italic=True) if part.rest else [])


def _entry(
    entry: Entry, opening: str, value: Callable[[Press], str], page: Callable[[str], str], *, short: bool
) -> list[Block]:
    between = " · " if short else "\n"
    elements = [word(f"{opening}\n", italic=True)] if opening else []
    elements.append(word(f"• {shortened(entry.title, _LONGEST_LINE)}", bold=not short))
    if entry.words:
        elements.append(word(f"  {shortened(entry.words, _LONGEST_LINE)}"))
    lines = entry.lines if entry.pair is None else entry.lines[:1]
    elements += [word(f"{between}{shortened(line, _LONGEST_LINE)}") for line in lines[:6]]
    for label, address in entry.ways:
        elements += [word("  "), link(address, label)]
    if entry.pair is not None:
        return [rich(*elements)]
    for post_id in dict.fromkeys(press.pairs[0][0] for press in entry.presses if press.action in _ON_ITS_PAGE):
        elements += [word("  "), link(page(post_id), "Open its page")]
    pressed = [press for press in entry.presses if press.action not in _ON_ITS_PAGE]
    buttons = [button(press.label, f"digest-{press.action.value}", value(press)) for press in pressed[:_MOST_BUTTONS]]
    return [rich(*elements), *actions(buttons)]
