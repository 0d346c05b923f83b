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
    return heading + "".join(map(letter.paragraph, section.sentences)) + rest


def troubles_message(entries: Sequence[Entry], over: Mapping[str, int]) -> Message:
    """One message about all of them, as much as Slack takes; what finds no room is counted."""
    title, made = subject(entries, over), sections(entries, over)
    blocks: list[Block] = [header(title[:LONGEST_HEADER])]
    alone, left = len(made) == 1, 0
    for section in made:
        parts = [] if alone else said(section.title, italic=True)
        for number, sentence in enumerate(section.sentences):
            further = said(sentence)
            if len(blocks) + len(parts) + len(further) > MOST_BLOCKS - 2 or weight([*blocks, *parts, *further]) > _ROOM:
                left += len(section.sentences) - number
                break
            parts += further
        blocks += parts if len(blocks) + len(parts) < MOST_BLOCKS - 1 else []
        left += section.more
    return Message(title, [*blocks, *(said(more(left)) if left else [])])


_ROOM = MOST_CHARACTERS - 500
