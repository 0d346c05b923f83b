"""The other pages of the compose address: what became of a note, and every way in which there is no form. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from draft_helper.form_page import FORM_CSS, banner
from draft_helper.form_script import PROGRESS_SCRIPT
from draft_helper.typed import clock_note
from mesh.cards.pages import Around, Button, button, message, page
from mesh.door.devices import Device
from mesh.ledger.proposals import DraftState, Note, Proposal, Source

OFFER = "Open this page without a mail on this device"
STOP_HERE = "Forget this device"
_REFRESH_SECONDS = 5
_BATCH = {DraftState.REQUESTED, DraftState.ACCEPTED}


def progress_page(
    proposal: Proposal, link: str, again: str, zone: ZoneInfo, now: datetime, nonce: str, *, stand_in: bool, foot: str
) -> str:
    """What became of one note. ``link`` leads to its draft, ``again`` to an empty form; while it waits the page looks again by itself."""
    title, said, label = _told(proposal, now)
    waits = proposal.state is DraftState.REQUESTED
    way = f'<a class="go" href="{escape(link)}">{label}</a>' if label else ""
    paragraphs = "".join(f'<p dir="auto">{escape(sentence)}</p>' for sentence in said)
    box = (  # without another div in it: the page's script takes it out of the fresh page by its ends
        f'<div id="state" role="status" data-state="{escape(title)}"{" data-waits" if waits else ""}>'
        f"<h1>{escape(title)}</h1>{paragraphs}{way}</div>"
    )
    body = f'{banner(stand_in)}{box}{_note(proposal.note, zone)}<p><a class="way" href="{escape(again)}">Write another note</a></p>'
    head = f'<noscript><meta http-equiv="refresh" content="{_REFRESH_SECONDS}"></noscript>' if waits else ""
    return page(title, body, nonce, Around(foot=foot, script=PROGRESS_SCRIPT, style=FORM_CSS, head=head))


def _told(proposal: Proposal, now: datetime) -> tuple[str, Sequence[str], str]:
    """Title, sentences, and what the way to the draft is called; "" where there is none yet."""
    batch = proposal.note.source is Source.BATCH and not proposal.note.batch_id
    what = "plan" if batch else "draft"
    match proposal.state:
        case DraftState.REQUESTED:
            soon = "It takes half a minute or so, with photos a little longer. You can close this page: a mail brings it too."
            if _leased(proposal, now):
                return f"The {what} is being made", ["Your note is safe.", soon], ""
            if proposal.tries:
                return (
                    "Noted",
                    [
                        f"Your note is safe. The {what} did not succeed at once, and is tried again in a few minutes.",
                        soon,
                    ],
                    "",
                )
            return "Noted", [f"Your note is safe, and its {what} is on its way.", soon], ""
        case DraftState.READY:
            said = f"Nothing is posted yet. A mail brings the {what}: look at it there, or here on a device that decides, and accept it."
            return f"The {what} is ready", [said], f"Look at the {what}"
        case DraftState.FAILED:
            error = proposal.error or "It could not be made."
            return f"There is no {what} yet", [error, "Your note is safe."], "Try again, or write it yourself"
        case DraftState.DISCARDED:
            return "Discarded", [f"This {what} was discarded; nothing is posted of it."], ""
        case DraftState.ACCEPTED if batch:
            return (
                "The posts are being drafted",
                ["The plan is agreed on. A mail brings the drafts, all at once."],
                "Look at the plan",
            )
        case _:
            return (
                "Accepted",
                ["It goes into the sheet as a row of its own, and waits for its approval there."],
                "See how it stands",
            )


def _leased(proposal: Proposal, now: datetime) -> bool:
    return proposal.lease_until is not None and datetime.fromisoformat(proposal.lease_until) > now


def _note(note: Note, zone: ZoneInfo) -> str:
    lines = [
        ("For", ", ".join(note.channels)),
        ("Day", note.date),
        ("Time", note.time),
        ("Link", note.link),
        ("Files", ", ".join(one.name for one in note.uploads)),
    ]
    listed = "".join(f'<li dir="auto">{name}: {escape(value)}</li>' for name, value in lines if value)
    change = clock_note(note.date, note.time, zone)
    remark = f'<p class="faint">{escape(change)}</p>' if change else ""
    text = f'<p class="quote" dir="auto">{escape(note.text)}</p>' if note.text else ""
    return f"<details><summary>What you wrote</summary>{text}{f'<ul>{listed}</ul>' if listed else ''}{remark}</details>{remark}"


# around a page: the device


def offer(enrol: str) -> str:
    """After a note: to reach the form from the sheet's address too. ``enrol`` is a fresh link."""
    said = "Then the address in the sheet opens it here at once. Only for a device that nobody else uses."
    return _section("Without a mail?", said, Button(OFFER, enrol, "quiet"))


def known_device(device: Device, forget: str) -> str:
    said = f"This page opens from the sheet's address on this device ({device.name})."
    return _section("", said, Button(STOP_HERE, forget, "quiet"))


def _section(title: str, said: str, what: Button) -> str:
    heading = f'<h2 id="device">{title}</h2>' if title else ""
    named = 'aria-labelledby="device"' if title else 'aria-label="This device"'
    return f'<section {named}>{heading}<p class="faint">{escape(said)}</p>{button(what)}</section>'


def device_page(home: str, nonce: str, *, enrols: bool, done: bool, spent: bool) -> str:
    """Before (``done`` False) and after the press that makes a device known, or lets it go."""
    way = f'<p><a class="go" href="{escape(home)}">Write a note</a></p>'
    if spent:
        said = ["Nothing was changed. After your next note you can choose it again."]
        return _message("This link was used already", said, nonce, extra=way, alert=True)
    if not done:
        label = OFFER if enrols else STOP_HERE
        return _message("This device", ["Press the button to go on."], nonce, [Button(label)])
    if enrols:
        said = [
            "From now on the address in the sheet opens the form here, without a mail.",
            "Every page here can end that.",
        ]
        return _message("This device is known", said, nonce, extra=way)
    return _message("No longer known", ["The form opens from your newest mail again."], nonce)


# no form


def strangers_page(nonce: str) -> str:
    """The bare address on a device that is not known: the same for everybody."""
    said = [
        "At the end of each mail from the scheduler there is a link, “Write a note for the next post”. Open that one.",
        "After a note you can have this address open it too, on that device.",
    ]
    return message("Notes are written from your mail", said, nonce)


def expired_page(typed: Mapping[str, str], nonce: str) -> str:
    said = [
        "Links in mails are good for 30 days. Open the one at the end of your newest mail: “Write a note for the next post”.",
        *(
            [
                "What you typed was not taken yet. It is below, and in the same browser it comes back with the newer link."
            ]
            if any(typed.values())
            else []
        ),
    ]
    return _message("This link is too old", said, nonce, extra=kept_words(typed), alert=True)


def not_yours_page(nonce: str) -> str:
    said = ["The address it was sent to is not among those who approve any more."]
    return message("This link is no longer yours", said, nonce, alert=True)


def not_from_our_page(typed: Mapping[str, str], nonce: str) -> str:
    said = [
        "Nothing was noted: this did not come from a press of this page's own button.",
        "Please open the link from your mail in a browser, and press the button there.",
    ]
    return _message("Please press the button on the page", said, nonce, extra=kept_words(typed), alert=True)


def not_now_page(typed: Mapping[str, str], nonce: str) -> str:
    said = [
        "Please try again in a minute. If your note did arrive, the same press brings you to it and makes no second one."
    ]
    return _message("Not just now", said, nonce, extra=kept_words(typed), alert=True)


def too_long_page(nonce: str) -> str:
    said = [
        "It is far longer than any note that can be taken. Go back, shorten it to 5,000 characters, or add the long part as a PDF."
    ]
    return _message("Not noted: too long", said, nonce, alert=True)


def kept_words(typed: Mapping[str, str]) -> str:
    """What somebody typed, where no form can hold it: to be copied, so that nothing is lost."""
    parts = [
        f'<label for="kept-{name.lower()}">{name}</label><textarea id="kept-{name.lower()}" rows="{6 if name == "Note" else 1}" readonly dir="auto">\n'
        f"{escape(value)}</textarea>"
        for name, value in typed.items()
        if value
    ]
    return "".join(parts)


def _message(
    title: str, said: Sequence[str], nonce: str, buttons: Sequence[Button] = (), *, extra: str = "", alert: bool = False
) -> str:
    return message(title, said, nonce, buttons, extra, Around(style=FORM_CSS), alert=alert)
