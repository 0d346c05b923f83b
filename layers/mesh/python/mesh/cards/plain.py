"""The plain part of a mail: the same words and every link, for programs and people that want no HTML."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.cards.changes import changes_text
from mesh.cards.model import (
    ACTIONS,
    ANSWERS,
    COMPOSE,
    GO_ON,
    HOLD_ALL,
    REASONS,
    Brake,
    Card,
    CardPost,
    Question,
    grouped,
)
from mesh.cards.previews import Preview, say_cut, say_measure


def card_text(card: Card) -> str:
    parts = [REASONS[card.reason]] if REASONS.get(card.reason) else []
    for post in card.posts:
        parts += _post_text(post)
    if card.approve_all:
        parts.append(f"Approve all {len(card.waiting)} you see here: {card.approve_all}")
    return _framed(parts, card.brake)


def question_text(question: Question, brake: Brake) -> str:
    answers = "\n".join(f"{label}: {question.links[action]}" for action, label in ANSWERS.items())
    return _framed(
        [*question.sentences, *(preview.text for _, preview in grouped(question.post.previews)), answers], brake
    )


def note_text(sentences: Sequence[str], brake: Brake, button: tuple[str, str] | None) -> str:
    return _framed([*sentences, *([f"{button[0]}: {button[1]}"] if button else [])], brake)


def _framed(parts: Sequence[str], brake: Brake) -> str:
    top = [f"Everything is on hold. {brake.held}\n{GO_ON}: {brake.release_everything}"] if brake.held else []
    end = [f"{HOLD_ALL}: {brake.hold_everything}"] if brake.hold_everything and not brake.held else []
    end += [f"The sheet: {brake.sheet}"] if brake.sheet else []
    end += [f"{COMPOSE}: {brake.compose}"] if brake.compose else []
    return "\n\n".join([*top, *parts, *end]) + "\n"


def _post_text(post: CardPost) -> list[str]:
    parts = [f"== {post.goes}" + (f" (planned {post.planned}; {post.why})" if post.planned else "")]
    parts += [post.decided] if post.decided else []
    parts += [changes_text(post.changes)] if post.changes is not None else []
    parts += ["\n".join(post.left_out)] if post.left_out else []
    parts += [_preview_text(names, preview) for names, preview in grouped(post.previews)]
    parts += ["\n".join(f"* {remark}" for remark in post.remarks)] if post.remarks else []
    parts.append(
        "\n".join(f"{label}: {post.links[action]}" for action, label in ACTIONS.items() if action in post.links)
    )
    return parts


def _preview_text(names: str, preview: Preview) -> str:
    lines = [f"{preview.label} ({names})", "", preview.text]
    for image in preview.images:
        lines.append(f"[Image: {image.alt}]" + (f" {say_cut(image.cut, preview.label)}" if image.cut else ""))
    if preview.card is not None:
        lines.append(f"Link card: {preview.card.title}, {preview.card.url}")
    elif preview.link:
        lines.append(f"Link card: {preview.link}")
    if preview.measure is not None:
        lines.append(f"({say_measure(preview.measure)})")
    return "\n".join(lines)
