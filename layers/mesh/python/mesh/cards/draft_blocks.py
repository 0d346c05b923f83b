"""Drafts as Slack messages. Each has one button: Slack tells who pressed it, and they alone are handed the way to its page. Pure."""

from __future__ import annotations

from collections.abc import Callable

from mesh.cards.block_parts import (
    DIVIDER,
    MOST_BLOCKS,
    MOST_CHARACTERS,
    Block,
    actions,
    button,
    header,
    packed,
    quoted,
    said,
    weight,
    whole,
)
from mesh.cards.blocks import Message
from mesh.cards.draft_mail import about_files, say_missing
from mesh.cards.drafts import OPEN, TRY_AGAIN, DraftCard, DraftPost

_FRAME_BLOCKS, _FRAME_CHARACTERS = 4, 1500
_SHORTENED_CHARACTERS = 1500


def draft_messages(card: DraftCard, value: Callable[[str], str]) -> list[Message]:
    """As many whole drafts to each message as fit; ``value`` signs the button of a post's id. Notifications hold nothing of a draft."""
    head = [header(card.title), *(said(card.says, italic=True) if card.says else [])]
    gone = card.planned - len(card.posts)
    head += said(say_missing(gone)) if card.planned and gone > 0 else []
    groups: list[list[Block]] = [head]
    for post in card.posts:
        blocks = _fitting(post, value)
        together = [*groups[-1], *blocks]
        if len(together) <= MOST_BLOCKS and weight(together) <= MOST_CHARACTERS:
            groups[-1] = together
        else:
            groups.append(blocks)
    return [Message(card.title, blocks) for blocks in groups]


def _fitting(post: DraftPost, value: Callable[[str], str]) -> list[Block]:
    """One draft never takes more than one message: of texts that are too long their beginnings, which say so."""
    blocks = _post(post, value)
    for most in (None, _SHORTENED_CHARACTERS, 300, 60):
        if most is not None:
            blocks = _post(DraftCard((post,)).shortened(most).posts[0], value)
        if len(packed(blocks, MOST_BLOCKS - _FRAME_BLOCKS, MOST_CHARACTERS - _FRAME_CHARACTERS)) == 1:
            break
    return blocks


def _post(post: DraftPost, value: Callable[[str], str]) -> list[Block]:
    blocks: list[Block] = [dict(DIVIDER)]
    if post.goes:
        blocks += said(f"Would go out {post.goes}.", italic=True)
    if post.failed:
        blocks += said(post.failed, bold=True)
        blocks += said(f"The note is kept: {whole(post.about)}" if post.about else "The note is kept.")
        return [*blocks, *actions([button(TRY_AGAIN, "open-draft", value(post.post_id), "primary")])]
    for mark in post.marks:
        blocks += said(mark, bold=True)
    for words in post.words:
        blocks += said(words.channels, bold=True) if words.channels else []
        blocks += quoted(words.text)
    blocks += said(about_files(post), italic=True) if post.files else []
    return [*blocks, *actions([button(OPEN, "open-draft", value(post.post_id), "primary")])]
