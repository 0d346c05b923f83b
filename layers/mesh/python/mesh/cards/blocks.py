"""A card as Slack messages: the same content as the mail, in Block Kit. Pure but for the signing that ``Hand`` brings.

A card is first divided into shares, one for each message; from then on a message is rendered from its share alone, so that it can be
brought up to date in place whatever was decided since. A post's text is never cut: it becomes several blocks, and where one message
cannot hold it, several messages, with its buttons in the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mesh.approvals import Action
from mesh.cards.block_parts import (
    DIVIDER,
    LARGEST_PICTURE_BYTES,
    LONGEST_ADDRESS,
    MOST_BLOCKS,
    MOST_CHARACTERS,
    PICTURE_TYPES,
    Block,
    actions,
    ask_first,
    button,
    header,
    link,
    packed,
    picture,
    quoted,
    rich,
    said,
    weight,
    whole,
    word,
)
from mesh.cards.changes import Changes, Word
from mesh.cards.model import COMPOSE, REASONS, Card, CardPost, Question, grouped
from mesh.cards.previews import Preview, say_cut, say_measure
from mesh.packages import PackedImage

Pairs = tuple[tuple[str, str], ...]  # (post_id, revision)

# What a post's end, a message's head and its common buttons may take beside the posts' own blocks.
_TAIL_BLOCKS, _TAIL_CHARACTERS = 4, 1400
_FRAME_BLOCKS, _FRAME_CHARACTERS = 6, 3000
_ROOM_BLOCKS = MOST_BLOCKS - _FRAME_BLOCKS
_ROOM_CHARACTERS = MOST_CHARACTERS - _FRAME_CHARACTERS

_LABELS = {"found": "Yes, it is there", "not-there": "No, it is not there", "send-again": "Not there: send it again"}


@dataclass(frozen=True)
class Hand:
    """What signs: a button's value for an action on some posts, a picture's address, the address of a post's page.

    ``pictures`` is off where Slack could not fetch them: their alt texts then stand alone.
    """

    value: Callable[[Action, Pairs], str]
    picture: Callable[[str, str, PackedImage], str]  # post_id, revision, image
    page: Callable[[str], str]
    pictures: bool = True


@dataclass(frozen=True)
class Share:
    """What one message shows of a card: whole posts, or one piece of a single long one, counted from 0."""

    posts: tuple[str, ...]
    piece: int = 0
    pieces: int = 1
    opens: bool = True  # the card's first message

    @property
    def acts(self) -> bool:
        """It has the posts' buttons: it changes with what is decided."""
        return self.piece == self.pieces - 1


@dataclass(frozen=True)
class Message:
    """``text`` is what a notification shows; it holds nothing of a post."""

    text: str
    blocks: list[Block]


def shares(card: Card, hand: Hand) -> list[Share]:
    """The card's messages, in order: as many whole posts to each as fit."""
    found: list[tuple[tuple[str, ...], int, int]] = []
    open_posts: list[str] = []
    blocks_used = characters_used = 0
    for post in card.posts:
        body = _body(post, hand)
        blocks = len(body) + _TAIL_BLOCKS
        characters = weight(body) + max(_TAIL_CHARACTERS, weight(_tail(replace(post, decided=""), hand)))
        pieces = len(_pieces(body))
        fits = blocks_used + blocks <= _ROOM_BLOCKS and characters_used + characters <= _ROOM_CHARACTERS
        if open_posts and (pieces > 1 or not fits):
            found.append((tuple(open_posts), 0, 1))
            open_posts, blocks_used, characters_used = [], 0, 0
        if pieces > 1:
            found += [((post.post_id,), piece, pieces) for piece in range(pieces)]
            continue
        open_posts.append(post.post_id)
        blocks_used, characters_used = blocks_used + blocks, characters_used + characters
    if open_posts:
        found.append((tuple(open_posts), 0, 1))
    return [Share(posts, piece, pieces, number == 0) for number, (posts, piece, pieces) in enumerate(found)]


def message(card: Card, share: Share, hand: Hand) -> Message:
    """One message of the card as it stands now. ``card`` holds at least the share's posts, and what was decided about them."""
    posts = [post for post in card.posts if post.post_id in share.posts]
    blocks = _head(card) if share.opens else []
    if share.pieces > 1:
        blocks += _piece(posts[0], share, hand)
    else:
        for post in posts:
            blocks += [*_body(post, hand), *_tail(post, hand), dict(DIVIDER)]
    blocks += _foot(card, posts, hand) if share.acts else []
    if len(blocks) > MOST_BLOCKS or weight(blocks) > MOST_CHARACTERS:
        # Never as first posted (``shares`` saw to that): something about a post grew since.
        blocks = [block for post in posts for block in [header(post.goes), *_tail(post, hand)]]
    return Message(_notification(card, posts, share), blocks)


def question_message(question: Question, decided: str, hand: Hand) -> list[Message]:
    """What became of one try: what was handed over, and the three answers in the last message; ``decided`` stands in their place."""
    pair = ((question.post.post_id, question.post.revision),)
    sentences = (
        f"On {question.began}, this was handed over for {question.channel}, and no answer came back that could be trusted.",
        "Please look there and say what you see. Nothing is sent again until you do.",
    )
    body = [header(f"Did this go out on {question.channel}?"), *(block for one in sentences for block in said(one))]
    body += _previews(question.post, hand)
    answers = [
        button(label, f"answer-{action}", hand.value(Action(action), pair), "primary" if action == "found" else "")
        for action, label in _LABELS.items()
    ]
    tail = said(decided, bold=True) if decided else actions(answers)
    text = f"Did this go out on {question.channel}?"
    groups = packed(body, MOST_BLOCKS - _TAIL_BLOCKS, MOST_CHARACTERS - 2 * _TAIL_CHARACTERS)
    return [Message(text, group) for group in groups[:-1]] + [Message(text, [*groups[-1], *tail])]


def everything_message(*, held: bool, sentence: str, hand: Hand) -> Message:
    """The hold on everything, with the button that ends it; or that it ended."""
    title = "Everything is on hold" if held else "Posting goes on"
    way_back = button("Let everything go on", "release-everything", hand.value(Action.RELEASE_EVERYTHING, ()))
    return Message(title, [header(title), *said(sentence), *(actions([way_back]) if held else [])])


# a message's parts


def _notification(card: Card, posts: list[CardPost], share: Share) -> str:
    waiting = [post for post in posts if not post.decided]
    if not waiting:
        return "Nothing is left to decide here"
    if share.pieces > 1 and not share.acts:
        return f"The post for {waiting[0].goes} (part {share.piece + 1} of {share.pieces})"
    if card.reason == "late":
        return f"Too late on its own: still send it? ({waiting[0].goes})"
    what = "Approve again" if card.reason == "changed" else "Please approve"
    more = f"{len(waiting)} posts, the first " if len(waiting) > 1 else ""
    return f"{what}: {more}{waiting[0].goes}"


def _head(card: Card) -> list[Block]:
    blocks = said(REASONS.get(card.reason, ""), italic=True)
    if card.held:
        blocks += said(f"{card.held} What you approve goes out once that hold ends.", bold=True)
    return blocks


def _body(post: CardPost, hand: Hand) -> list[Block]:
    """Everything about a post but what can be done to it: the same whatever is decided."""
    blocks = [header(post.goes)]
    if post.planned:
        blocks += said(f"Planned {post.planned}; {post.why}" if post.why else f"Planned {post.planned}")
    for sentence in post.left_out:
        blocks += said(sentence, bold=True)
    if post.changes is not None:
        blocks += _changes(post, post.changes, hand)
    blocks += _previews(post, hand)
    for remark in post.remarks:
        blocks += said(f"• {remark}")
    return blocks


def _pieces(body: list[Block]) -> list[list[Block]]:
    """One where a message of its own holds it all."""
    return packed(body, _ROOM_BLOCKS - _TAIL_BLOCKS, _ROOM_CHARACTERS - 2 * _TAIL_CHARACTERS)


def _piece(post: CardPost, share: Share, hand: Hand) -> list[Block]:
    pieces = _pieces(_body(post, hand))
    if len(pieces) != share.pieces:  # it was divided otherwise when it was posted, and what was posted stands above
        pieces = [[header(post.goes)]] * share.pieces
    more = (
        [] if share.acts else said(f"Goes on in the next message ({share.piece + 1} of {share.pieces}).", italic=True)
    )
    tail = [*_tail(post, hand), dict(DIVIDER)] if share.acts else []
    return [*pieces[share.piece], *more, *tail]


def _tail(post: CardPost, hand: Hand) -> list[Block]:
    pair = ((post.post_id, post.revision),)
    page = rich(link(hand.page(post.post_id), "Open its page"))
    if post.decided:
        return [*said(post.decided, bold=True), page]
    sure = ask_first(
        "Send it now?", "It is approved as you see it here and goes out within a minute or two.", "Send now"
    )
    buttons = [
        button("Approve", "approve", hand.value(Action.REVIEW, pair), "primary"),
        button("Hold", "hold", hand.value(Action.HOLD, pair)),
        button("Send now", "send-now", hand.value(Action.SEND_NOW, pair), confirm=sure),
    ]
    return [*actions(buttons), page]


def _foot(card: Card, posts: list[CardPost], hand: Hand) -> list[Block]:
    """Approve all that this message shows and that still waits; the brake; the way to the sheet."""
    waiting = tuple((post.post_id, post.revision) for post in posts if not post.decided)
    buttons = []
    if len(waiting) > 1:
        label = f"Approve all {len(waiting)} you see here"
        buttons.append(button(label, "approve-all", hand.value(Action.REVIEW, waiting), "primary"))
    if waiting:
        sure = ask_first("Hold everything?", "No post goes out on any channel until somebody lets it go on.", "Hold")
        buttons.append(
            button("Hold everything", "hold-everything", hand.value(Action.HOLD_EVERYTHING, ()), confirm=sure)
        )
    # Everybody in the channel sees it: the bare address, which opens on devices that are known.
    ways = [
        link(address, label) for address, label in ((card.sheet, "Open the sheet"), (card.compose, COMPOSE)) if address
    ]
    between = [part for way in ways for part in (word("   "), way)][1:]
    return [*actions(buttons), *([rich(*between)] if ways else [])]


def _changes(post: CardPost, changes: Changes, hand: Hand) -> list[Block]:
    """Words gone struck through, new ones bold; images before and after."""
    blocks = [rich(word("What changed", bold=True))]
    for sentence in changes.sentences:
        blocks += said(f"• {sentence}")
    for text in changes.texts:
        blocks += said(f"Text on {text.names}:")
        for piece in text.pieces:
            style = {Word.GONE: {"strike": True}, Word.NEW: {"bold": True}}.get(piece.kind, {})
            blocks += said("… " if piece.kind is Word.SKIPPED else piece.text, **style)
    for images in changes.images:
        for when, revision, shown in (("before", changes.before, images.before), ("now", post.revision, images.after)):
            blocks += said(f"Images on {images.names} {when}:{'' if shown else ' none'}")
            blocks += [block for image in shown for block in _image(post.post_id, revision, image, hand)]
    return _joined(blocks)


def _joined(blocks: list[Block]) -> list[Block]:
    """Sentences that follow one another in one block, as far as one holds: a word diff reads on in its line."""
    done: list[Block] = []
    for block in blocks:
        if done and _is_sentence(done[-1]) and _is_sentence(block):
            before, after = done[-1]["elements"][0]["elements"], block["elements"][0]["elements"]
            first, last = after[0]["text"], before[-1]["text"]
            new_line = (
                first.startswith(("• ", "Text on ", "Images on "))
                or last.endswith(":")
                or len(done) == 1 == len(before)
            )
            together = rich(*before, *([word("\n")] if new_line else []), *after)
            if weight(together) <= 3000:
                done[-1] = together
                continue
        done.append(block)
    return done


def _is_sentence(block: Block) -> bool:
    return (block["type"], block.get("elements", [{}])[0].get("type")) == ("rich_text", "rich_text_section")


def _previews(post: CardPost, hand: Hand) -> list[Block]:
    blocks: list[Block] = []
    shown: set[str] = set()
    for names, preview in grouped(post.previews):
        blocks.append(rich(word(preview.label, bold=True), word(f"  {whole(names)}")))
        blocks += quoted(preview.text)
        blocks += _images(post, preview, hand, shown)
        blocks += _link_card(post, preview, hand, shown)
        if preview.measure is not None:
            blocks += said(say_measure(preview.measure), italic=True)
    return blocks


def _images(post: CardPost, preview: Preview, hand: Hand, shown: set[str]) -> list[Block]:
    """Each in its order; one that stands above already is only named again."""
    blocks: list[Block] = []
    count = len(preview.images)
    for number, image in enumerate(preview.images, start=1):
        place = f"Image {number} of {count}" if count > 1 else "Image"
        cut = f" {say_cut(image.cut, preview.label)}." if image.cut is not None else ""
        if image.sha256 in shown:
            blocks += said(f"{place}: as above.{cut}", italic=True)
            continue
        shown.add(image.sha256)
        blocks += _image(post.post_id, post.revision, image, hand)
        alt = f"alt text: {image.alt}" if image.alt else "no alt text"
        blocks += said(f"{place}, {alt}{cut and ' ·'}{cut}", italic=True)
    return blocks


def _image(post_id: str, revision: str, image: PackedImage, hand: Hand) -> list[Block]:
    if not hand.pictures:
        return said("(The picture could not be shown here; its page shows it.)", italic=True)
    if image.mime not in PICTURE_TYPES or image.size_bytes > LARGEST_PICTURE_BYTES:
        return said("(Slack cannot show this picture; its page does.)", italic=True)
    address = hand.picture(post_id, revision, image)
    return [picture(address, image.alt)] if len(address) <= LONGEST_ADDRESS else []


def _link_card(post: CardPost, preview: Preview, hand: Hand, shown: set[str]) -> list[Block]:
    card = preview.card
    if card is None:
        return said(f"Link card: {preview.link}") if preview.link else []
    made = "" if card.brought else f" ({preview.label} makes this of the page itself when it posts.)"
    about = f"\n{card.description}" if card.description else ""
    blocks: list[Block] = []
    if card.thumbnail is not None and card.thumbnail.sha256 not in shown:
        shown.add(card.thumbnail.sha256)
        blocks += _image(post.post_id, post.revision, card.thumbnail, hand)
    return blocks + said(f"Link card: {card.title}\n{card.url}{about}{made}")
