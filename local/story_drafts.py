"""The story's chapter on drafts: a note with a photo becomes a post, and five at once become five rows, by mail and page alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from local import ROOT
from local.story_mail import Mail, Page
from local.story_world import StoryError, World
from mesh.approvals import Action

PICTURES = ROOT / "local" / "samples" / "cafe" / "images"
NOTE = "The oven is warm from six on, and the first rolls are out at seven. Whoever comes before eight gets the crust."
PICTURE = "croissant.jpg"
BATCH = (
    "Five posts for the spring sale, two with photos, in the next two weeks. Everything from the oven is three for two."
)
CHANNELS = ("bluesky-main", "mastodon-main")
Step = Callable[[str, bool, str], None]


class Drafts:
    """``step`` says a line of the story, and whether it is as it should be."""

    def __init__(self, world: World, step: Step) -> None:
        self._world = world
        self._step = step

    def note_with_a_photo(self, card: Mail) -> str:
        """From the link below any mail to an approved post; its id."""
        world = self._world
        day = world.stack.now().astimezone(world.zone).date() + timedelta(days=2)
        page = self._noted(
            card, (PICTURE,), text=NOTE, kind="one", channel=CHANNELS, date=day.isoformat(), time="10:20"
        )
        self._step(
            "a note with a photo, by the link below a mail: stored at once", "Your note is safe" in page.text, ""
        )
        mail = self._mail_about("draft")
        draft = world.mailbox.open(mail.links_of(Action.DRAFT)[0])
        before = {row["post_id"] for row in world.rows()}
        accepted = self._press(draft, "Accept")
        world.settle()
        rows = [row for row in world.rows() if row["post_id"] not in before]
        unapproved = len(rows) == 1 and not rows[0]["approved"] and str(rows[0]["image"]).startswith("upload:")
        self._step("its draft is accepted: a row, not approved", accepted.status == 200 and unapproved, mail.subject)
        if not rows:
            raise StoryError(f"no row came of the draft: {accepted.title}")
        post_id = str(rows[0]["post_id"])
        world.sync()
        offered = world.mailbox.open(mail.links_of(Action.DRAFT)[0])
        self._press(offered, "Approve")
        world.settle()
        self._step("the very same page then asks for the approval", post_id in world.flagged(), offered.title)
        return post_id

    def batch_of_five(self, card: Mail) -> list[str]:
        """One note, a plan, a press, one mail, five rows; their ids."""
        world = self._world
        self._noted(card, ("sunrise.jpg", "beans.jpg"), text=BATCH, kind="several", channel=CHANNELS[:1])
        plan = world.mailbox.open(self._mail_about("plan").links_of(Action.DRAFT)[0])
        self._press(plan, "Draft these")
        world.settle()
        mails = [mail for mail in world.mailbox.fresh() if mail.links_of(Action.DRAFT)]
        links = [link for mail in mails for link in mail.links_of(Action.DRAFT)]
        self._step(
            "five posts by one note: a plan, a press, one mail with five drafts",
            len(mails) == 1 and len(links) == 5,
            "",
        )
        before = {row["post_id"] for row in world.rows()}
        for link in links:
            self._press(world.mailbox.open(link), "Accept")
        world.settle()
        rows = [row for row in world.rows() if row["post_id"] not in before]
        photos = sum(str(row["image"]).startswith("upload:") for row in rows)
        right = len(rows) == 5 and photos == 2 and not any(row["approved"] for row in rows)
        days = ", ".join(sorted(f"{row['date'][5:]} {row['time']}" for row in rows))
        self._step("accepted, they are five rows, two with photos, none approved", right, days)
        return [str(row["post_id"]) for row in rows]

    def _noted(self, card: Mail, pictures: Sequence[str], **typed: str | Sequence[str]) -> Page:
        """The compose page filled in and sent."""
        box = self._world.mailbox
        (link,) = card.links_of(Action.COMPOSE)
        page = box.open(link)
        files = [box.add_file(page, name, "image/jpeg", (PICTURES / name).read_bytes()) for name in pictures]
        answer = box.press(page.forms[0], "Have it drafted", {**typed, "upload": files})
        self._world.settle()
        return answer

    def _mail_about(self, what: str) -> Mail:
        found = [mail for mail in self._world.mailbox.fresh() if mail.links_of(Action.DRAFT)]
        if not found:
            raise StoryError(f"no mail came about the {what}")
        return found[-1]

    def _press(self, page: Page, label: str) -> Page:
        form = next((one for one in page.forms if any(button.label == label for button in one.buttons)), None)
        if form is None:
            raise StoryError(f"the page “{page.title}” has no button “{label}”")
        return self._world.mailbox.press(form, label)
