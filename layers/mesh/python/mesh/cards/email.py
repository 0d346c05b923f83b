"""A card as mail: text and HTML, images inline; tables and inline styles, because that is what mail programs understand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from css_inline import CSSInliner

from mesh.cards.looks import MAIL_CSS, MAIL_DARK_CSS
from mesh.cards.model import REASONS, Card, CardPost, Question, grouped
from mesh.cards.previews import MAIL, Preview, left_out_html, preview_html, say_cut, say_measure
from mesh.cards.style import FAINT, FONT, GO, INK, LINE, PAPER, SHEET, STOP
from mesh.packages import PackedImage

# A subject on one line: some programs show the blank a folded one begins with.
_WRAP = "overflow-wrap:anywhere;word-break:break-word"  # a long address must not make a phone scroll sideways
_POLICY = SMTP.clone(max_line_length=500)
Reader = Callable[[str, str], bytes]  # (post_id of the image's package, sha256) -> bytes


def subject(card: Card) -> str:
    count = len(card.posts)
    first = card.posts[0]
    if card.reason == "late":
        return (
            f"Too late on its own: still send it? ({first.goes})"
            if count == 1
            else f"{count} posts missed their time: still send them?"
        )
    what = "Approve again" if card.reason == "changed" else "Please approve"
    return f"{what}: {first.goes}" if count == 1 else f"{what}: {count} posts, the first {first.goes}"


def compose_card(card: Card, sender: str, recipient: str, now: datetime, read_image: Reader) -> EmailMessage:
    """The whole message. Threaded by post where the card is about one."""
    # One round may be several messages, and each recipient has another: programs drop a second mail of one id.
    person = hashlib.sha256(recipient.encode()).hexdigest()[:8]
    mail = _envelope(subject(card), sender, recipient, now, f"card.{card.round_id}.{card.posts[0].post_id}.{person}")
    if len(card.posts) == 1:
        _thread(mail, card.posts[0].post_id)
    mail.set_content(_text(card))
    mail.add_alternative(_html(card), subtype="html")
    _add_images(mail, card.posts, read_image)
    return mail


def compose_question(
    question: Question, sender: str, recipient: str, now: datetime, read_image: Reader, key: str
) -> EmailMessage:
    """Asks what became of a try that nobody could prove: what was handed over, and the three answers."""
    title = f"Did this go out on {question.channel}?"
    mail = _envelope(title, sender, recipient, now, key)
    _thread(mail, question.post.post_id)
    said = [
        f"On {question.began}, this was handed over for {question.channel}, and no answer came back that could be trusted.",
        "Please look there and say what you see. Nothing is sent again until you do.",
    ]
    shown = grouped(question.post.previews)
    answers = "\n".join(f"{label}: {question.links[action]}" for action, label in _ANSWERS.items())
    mail.set_content("\n\n".join([*said, *(preview.text for _, preview in shown), answers]) + "\n")
    paragraphs = "".join(f'<p style="margin:0 0 12px">{escape(sentence)}</p>' for sentence in said)
    told: set[str] = set()
    previews = "".join(_preview(name, preview, question.post, told) for name, preview in shown)
    first, *others = _ANSWERS.items()
    quiet = " &nbsp;·&nbsp; ".join(
        f'<a class="ink" href="{escape(question.links[action])}" style="color:{INK}">{label}</a>'
        for action, label in others
    )
    body = f'<h1 style="font-size:22px;line-height:1.3;margin:0 0 12px">{escape(title)}</h1>{paragraphs}{previews}'
    body += f'{_button(first[1], question.links[first[0]], GO)}<p style="margin:12px 0 0;font-size:15px">{quiet}</p>'
    mail.add_alternative(_shell(body), subtype="html")
    _add_images(mail, [question.post], read_image)
    return mail


_ANSWERS = {"found": "Yes, it is there", "not-there": "No, it is not there", "send-again": "Not there: send it again"}


def _add_images(mail: EmailMessage, posts: Sequence[CardPost], read_image: Reader) -> None:
    html_part = mail.get_payload()[1]  # type: ignore[index]
    for post in posts:
        for image in post.images:
            kind = image.mime.partition("/")[2]
            html_part.add_related(  # type: ignore[union-attr]
                read_image(post.post_id, image.sha256), maintype="image", subtype=kind, cid=f"<{_cid(post, image)}>"
            )


def compose_note(
    title: str,
    sentences: list[str],
    sender: str,
    recipient: str,
    now: datetime,
    key: str,
    *,
    thread: str = "",
    button: tuple[str, str] | None = None,
) -> EmailMessage:
    """A receipt or a trouble: a headline and a few sentences. Addresses in them become links.

    ``thread`` is the post it is about; ``button`` a label and its address.
    """
    mail = _envelope(title, sender, recipient, now, key)
    if thread:
        _thread(mail, thread)
    plain = [*sentences, *([f"{button[0]}: {button[1]}"] if button else [])]
    mail.set_content("\n\n".join(plain) + "\n")
    paragraphs = "".join(f'<p style="margin:0 0 12px">{_linked(sentence)}</p>' for sentence in sentences)
    mail.add_alternative(
        _shell(
            f'<h1 style="font-size:22px;margin:0 0 16px">{escape(title)}</h1>{paragraphs}{_button(*button, GO) if button else ""}'
        ),
        subtype="html",
    )
    return mail


def _envelope(title: str, sender: str, recipient: str, now: datetime, key: str) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    mail["Subject"] = " ".join(title.split())
    mail["From"] = sender
    mail["To"] = recipient
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{key}@social-scheduler.invalid>"
    return mail


def _thread(mail: EmailMessage, post_id: str) -> None:
    """All mails about one post hang together under an id that none of them has."""
    thread = f"<post.{post_id}@social-scheduler.invalid>"
    mail["In-Reply-To"] = thread
    mail["References"] = thread


def _text(card: Card) -> str:
    parts = [REASONS.get(card.reason, "")] if REASONS.get(card.reason) else []
    for post in card.posts:
        parts.append(f"== {post.goes}" + (f" (planned {post.planned}; {post.why})" if post.planned else ""))
        parts += ["\n".join(post.left_out)] if post.left_out else []
        parts += [_text_preview(names, preview) for names, preview in grouped(post.previews)]
        parts += ["\n".join(f"* {remark}" for remark in post.remarks)] if post.remarks else []
        parts.append(
            "\n".join(f"{label}: {post.links[action]}" for action, label in _ACTIONS.items() if action in post.links)
        )
    if card.approve_all:
        parts.append(f"Approve all {len(card.posts)} you see here: {card.approve_all}")
    if card.hold_everything:
        parts.append(f"Hold everything: {card.hold_everything}")
    return "\n\n".join(parts) + "\n"


def _text_preview(names: str, preview: Preview) -> str:
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


_ACTIONS = {"review": "Approve", "hold": "Hold", "now": "Send now"}


def _html(card: Card) -> str:
    reason = REASONS.get(card.reason, "")
    intro = f'<p style="margin:0 0 16px">{escape(reason)}</p>' if reason else ""
    count = len(card.posts)
    head = "One post waits for you" if count == 1 else f"{count} posts wait for you"
    everything = ""
    if card.approve_all:  # apart from the last post's own button
        everything = f'<div class="line" style="border-top:1px solid {LINE};margin:28px 0 0;padding:24px 0 0">'
        everything += _button(f"Approve all {count} you see here", card.approve_all, GO) + "</div>"
    posts = "".join(_post(post) for post in card.posts)
    return _shell(
        f'<h1 style="font-size:22px;line-height:1.3;margin:0 0 8px">{head}</h1>{intro}{posts}{everything}{_footer(card)}'
    )


def _post(post: CardPost) -> str:
    planned = (
        f'<p class="faint" style="margin:0 0 12px;color:{FAINT};font-size:14px">Planned for {escape(post.planned)}; {escape(post.why)}.</p>'
        if post.planned
        else ""
    )
    previews = left_out_html(post.left_out, post.remarks, MAIL)
    told: set[str] = set()
    previews += "".join(_preview(name, preview, post, told) for name, preview in grouped(post.previews))
    buttons = _button("Approve", post.links.get("review", ""), GO)
    quiet = " &nbsp;·&nbsp; ".join(
        f'<a class="{"stop" if action == "hold" else "ink"}" href="{escape(post.links[action])}" style="color:{STOP if action == "hold" else INK}">{label}</a>'
        for action, label in (("hold", "Hold"), ("now", "Send now"))
        if action in post.links
    )
    return (
        f'<h2 style="font-size:17px;margin:24px 0 8px">{escape(post.goes)}</h2>{planned}{previews}{buttons}'
        f'<p style="margin:0 0 8px;font-size:15px">{quiet}</p>'
    )


def _preview(names: str, preview: Preview, post: CardPost, told: set[str]) -> str:
    shown = preview_html(preview, names, lambda image: f"cid:{_cid(post, image)}", MAIL, told)
    return (
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 12px;table-layout:fixed"><tr>'
        f'<td class="sheet" style="background:{SHEET};border:1px solid {LINE};border-radius:10px;padding:14px 16px">'
        f"{shown}</td></tr></table>"
    )


def _button(label: str, url: str, colour: str) -> str:
    return (
        f'<table role="presentation" cellpadding="0" cellspacing="0" style="margin:4px 0 12px"><tr>'
        f'<td style="background:{colour};border-radius:8px"><a href="{escape(url)}" '
        f'style="display:inline-block;padding:13px 26px;color:#ffffff;font-weight:600;text-decoration:none">{escape(label)}</a></td></tr></table>'
    )


def _footer(card: Card) -> str:
    sheet = (
        f'<a class="faint" href="{escape(card.sheet)}" style="color:{FAINT}">Open the sheet</a> &nbsp;·&nbsp; '
        if card.sheet
        else ""
    )
    hold = (
        f'<a class="faint" href="{escape(card.hold_everything)}" style="color:{FAINT}">Hold everything</a>'
        if card.hold_everything
        else ""
    )
    note = "Opening a link changes nothing; the button on its page does. What you approve is exactly what you see here."
    return f'<p class="faint" style="margin:28px 0 0;font-size:13px;line-height:1.5;color:{FAINT}">{note}<br>{sheet}{hold}</p>'


def _shell(body: str) -> str:
    inliner = CSSInliner(load_remote_stylesheets=False, minify_css=True, extra_css=MAIL_CSS)
    return inliner.inline(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f'<style data-css-inline="keep">{MAIL_DARK_CSS}</style></head>'
        f'<body class="paper" style="margin:0;padding:0;background:{PAPER}">'
        f'<table class="paper" role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:{PAPER}"><tr><td align="center" style="padding:24px 12px">'
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;table-layout:fixed"><tr>'
        f'<td class="ink" style="font-family:{FONT};font-size:16px;line-height:1.5;color:{INK};text-align:left;{_WRAP}">{body}</td></tr></table></td></tr></table></body></html>'
    )


def _linked(sentence: str) -> str:
    words = (
        f'<a class="go" href="{escape(word)}" style="color:{GO}">{escape(word)}</a>'
        if word.startswith(("http://", "https://"))
        else escape(word)
        for word in sentence.split(" ")
    )
    return " ".join(words).replace("\n", "<br>")


def _cid(post: CardPost, image: PackedImage) -> str:
    return f"{post.post_id}.{image.sha256[:24]}@social-scheduler.invalid"
