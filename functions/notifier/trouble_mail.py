"""How a message about troubles looks: a heading for each kind and a sentence for each trouble, by mail and in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from html import escape

from mesh.cards import letter
from mesh.cards.block_parts import LONGEST_HEADER, MOST_BLOCKS, MOST_CHARACTERS, Block, header, said, weight
from mesh.cards.blocks import Message
from mesh.cards.email import Envelope, compose_parts
from mesh.cards.model import Brake
from mesh.cards.plain import note_text
from notifier.trouble_words import Entry, Section, in_plain, more, sections, subject


def compose_troubles(
    entries: Sequence[Entry], over: Mapping[str, int], envelope: Envelope, brake: Brake
) -> EmailMessage:
    """One mail about all of them."""
    title, made = subject(entries, over), sections(entries, over)
    if len(made) == 1 and len(made[0].sentences) == 1 and not made[0].more:  # its heading would say the title once more
        text = note_text(made[0].sentences, brake, None)
        body = letter.paragraph(made[0].sentences[0])
    else:
        text = note_text(in_plain(made), brake, None)
        body = "".join(map(_section, made))
    ahead = " ".join(sentence for section in made for sentence in section.sentences)[:200]
    return compose_parts(envelope, title, text, letter.letter(title, ahead, body, brake))


def _section(section: Section) -> str:
    heading = f'<h2 class="h2" dir="auto">{escape(section.title)}</h2>'
    rest = letter.paragraph(more(section.more), "faint") if section.more else ""
    common = letter.paragraph(section.common) if section.common else ""
    return heading + "".join(map(letter.paragraph, section.sentences)) + rest + common


def troubles_message(entries: Sequence[Entry], over: Mapping[str, int]) -> Message:
    """One message about all of them, as much as Slack takes; what finds no room is counted."""
    title, made = subject(entries, over), sections(entries, over)
    blocks: list[Block] = [header(title[:LONGEST_HEADER])]
    left, full = 0, False
    for section in made:
        heading = said(section.title, bold=True) if len(made) > 1 else []
        ending = said(section.common) if section.common else []
        shown = 0
        for sentence in section.sentences:
            further = [*heading, *said(sentence)]
            full = full or not _fits([*blocks, *further, *ending])
            if full:
                break
            blocks += further
            heading, shown = [], shown + 1
        blocks += ending if shown else []
        left += len(section.sentences) - shown + section.more
    return Message(title, [*blocks, *(said(more(left)) if left else [])])


def _fits(blocks: Sequence[Block]) -> bool:
    """With room for one sentence more."""
    return len(blocks) < MOST_BLOCKS and weight(list(blocks)) < MOST_CHARACTERS - 500
