"""What follows an accepted draft, on the very same page: its row, its preview, and the post's own approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from html import escape

from approve_handler.commit import Found
from approve_handler.decide import Standing, Verdict
from approve_handler.draft_pages import STYLE, refreshed
from approve_handler.frame import Frame
from approve_handler.fresh import as_it_is_now, on_its_page, own_page
from mesh.ledger import Status

_FOLLOWED_FOR = timedelta(minutes=4)  # the poll takes five at worst, where an event was lost: then the mail asks
_IN_THE_SHEET = "It is in the sheet, not approved yet. This is exactly what will go out."


def accepted_page(frame: Frame, status: Status, note: str = "") -> str:
    """Right after the press: nothing can be there yet."""
    said = [note] if note else []
    return _waiting(
        frame,
        status,
        [*said, "It goes into the sheet in a moment, not approved. Then this page asks for your approval."],
    )


def after_page(frame: Frame, found: Found, status: Status) -> str:
    """How far it has come; with its preview the review, and the real button for it."""
    if status.gone_at is not None:
        said = ["This post is no longer in the sheet. Nothing will go out."]
        return frame.message("This post is gone", said, alert=True)
    if status.current_revision is not None:
        return _review(frame, found, status)
    package = status.package
    current = package is not None and package.source_revision == status.source_revision
    if status.row_problems or (current and package is not None and package.problems):
        lines = "".join(
            f'<li dir="auto">{escape(f"{one.channel}: " if one.channel else "")}{escape(one.message)}</li>'
            for one in status.problems
        )
        said = ["It is in the sheet. Please mend this in its row there; then a mail asks for your approval."]
        return frame.message("It cannot go out as it is", said, extra=f"<ul>{lines}</ul>", alert=True)
    if status.awaited:
        return _waiting(frame, status, ["It goes into the sheet in a moment. Then this page asks for your approval."])
    return _waiting(
        frame, status, ["It is in the sheet. Its preview is being made; then this page asks for your approval."]
    )


def _waiting(frame: Frame, status: Status, said: list[str]) -> str:
    at = status.proposal.decided_at if status.proposal is not None else None
    if at is not None and frame.now < datetime.fromisoformat(at) + _FOLLOWED_FOR:
        return frame.message("Accepted", said, head=refreshed(frame, 3))
    said = ["It takes longer than it should. You can close this page: a mail will ask for your approval."]
    return frame.message(
        "Accepted", said, extra=f'<p><a class="on" href="{escape(frame.text)}">Look again</a></p>', style=STYLE
    )


def _review(frame: Frame, found: Found, status: Status) -> str:
    asked = as_it_is_now(frame.token.model_copy(update={"posts": ((status.post_id, ""),)}), found, frame.now)
    (entry,) = frame.desk.look(asked, frame.now, replace(found, manifests={}))
    if entry.standing.verdict is Verdict.OPEN and not entry.standing.sentence:
        entry = replace(entry, standing=Standing(Verdict.OPEN, _IN_THE_SHEET))
    return own_page(on_its_page(replace(frame, token=asked), frame.root), entry)
