"""The owner of the counted month: types rows, opens the mails' links, presses, has posts drafted."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

from local import ROOT
from local.cost.business import CHANNELS, Deed, Happening
from local.story_mail import Mail, Page
from local.story_world import StoryError, World
from mesh.approvals import Action

_PICTURES = ROOT / "local" / "samples" / "cafe" / "images"
_NOTES = (
    ("The oven is warm from six on, and the first rolls are out at seven. Before eight there is the crust.", "croissant.jpg"),
    ("New beans came in: a light roast from a small farm, tastes of apricot. Free tasting in the afternoon.", "beans.jpg"),
)  # fmt: skip


class CountedOwner:
    def __init__(self, world: World) -> None:
        self._world = world
        self._compose: Mail | None = None
        self.noted = 0
        self.approved: set[str] = set()
        self.accepted = 0
        self.mails: Counter[str] = Counter()

    def do(self, one: Happening) -> None:
        match one.what:
            case Deed.ROWS:
                self._world.stack.post(
                    f"{self._world.stack.sheets}/owner/rows", {"rows": [dict(row) for row in one.rows]}
                )
            case Deed.READ:
                self._read()
            case Deed.NOTE:
                self._note()
            case Deed.EDIT:
                self._edit()
        self._world.settle()

    def _read(self) -> None:
        """Every new mail: drafts are accepted, posts approved, all of a card at once where it offers that."""
        for mail in self._world.mailbox.fresh():
            self.mails[re.sub(r"\d+", "…", mail.subject)] += 1
            if mail.links_of(Action.COMPOSE):
                self._compose = mail
            for link in mail.links_of(Action.DRAFT):
                self._accept(self._world.mailbox.open(link))
            if mail.is_card:
                self.approved |= self._world.approve([mail])
                self._world.settle()

    def _accept(self, page: Page) -> None:
        form = next((one for one in page.forms if any(button.label == "Accept" for button in one.buttons)), None)
        if form is not None:
            self._world.mailbox.press(form, "Accept")
            self.accepted += 1
            self._world.settle()

    def _note(self) -> None:
        """By the link below the newest mail that has one."""
        if self._compose is None:
            raise StoryError("no mail with a compose link has come yet")
        (link,) = self._compose.links_of(Action.COMPOSE)
        text, picture = _NOTES[self.noted % len(_NOTES)]
        box = self._world.mailbox
        page = box.open(link)
        upload = box.add_file(page, picture, "image/jpeg", (_PICTURES / picture).read_bytes())
        day = self._world.stack.now().astimezone(self._world.zone).date() + timedelta(days=3)
        typed = {"text": text, "kind": "one", "channel": CHANNELS, "date": day.isoformat(), "time": "16:20"}
        answer = box.press(page.forms[0], "Have it drafted", {**typed, "upload": [upload]})
        if answer.status != 200:
            raise StoryError(f"a note was answered {answer.status} {answer.title}")
        self.noted += 1

    def _edit(self) -> None:
        """The next post that is approved and not out yet."""
        now = self._world.stack.now().astimezone(self._world.zone)
        ahead = [
            row
            for row in self._world.rows()
            if row["post_id"] in self.approved and f"{row['date']} {row['time']}" > f"{now:%Y-%m-%d %H:%M}"
        ]
        if ahead:
            row = min(ahead, key=lambda one: (one["date"], one["time"]))
            self._world.type(row["post_id"], "text", f"{row['text']} Today.")
