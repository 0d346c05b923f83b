"""The presses of the owner of the week: a link is opened, its page is read, its button pressed; again where that is answered with an error.

What a page shows goes into the record before its button is pressed: from then on it may go out. Whether it was saved, the answer says.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from local.story_forms import Form
from local.story_mail import Link, Page
from local.story_world import World
from local.week_record import Approval, Post, Shown, shown_on
from mesh.approvals import Action

_TRIES = 4
_DONE = {Action.REVIEW: "Approved", Action.SEND_NOW: "It goes out now"}
_ALREADY = "Already decided"
_BACK = "Release it again"
_GO_ON = "Let everything go on"


class Presses:
    """``log`` takes one line for each press, with the numbers of the posts it is about."""

    def __init__(self, world: World, posts: dict[int, Post], log: Callable[[str, list[int]], None]) -> None:
        self._world = world
        self._box = world.mailbox
        self._posts = posts
        self._log = log
        self.unanswered = 0  # presses that met errors alone
        self.everything_held: list[tuple[datetime, datetime | None]] = []

    @property
    def _now(self) -> datetime:
        return self._world.stack.now()

    @property
    def everything_held_since(self) -> datetime | None:
        return self.everything_held[-1][0] if self.everything_held and self.everything_held[-1][1] is None else None

    def plainly(self, link: Link) -> str:
        """Press what the link is for; the title of the answer."""
        title = "no answer"
        for _ in range(_TRIES):
            page = self._box.open(link)
            own = _main_form(page)
            if page.status == 200 and own is None:
                return page.title
            answer = self._box.press(own) if own is not None else page
            title = answer.title
            if answer.status == 200:
                break
        return title

    def approve(self, link: Link) -> bool:
        """Approve, or send now, what the link's page shows. Whether it was pressed to an end."""
        answer = None
        for _ in range(_TRIES):
            answer = page = self._box.open(link)
            own = _main_form(page)
            if page.status == 200 and own is None:
                if page.title == _ALREADY:
                    self._sure(link)
                return page.title == _ALREADY
            if own is None:
                continue
            shown = shown_on(page.text)
            self._note(shown, now_please=link.token.action is Action.SEND_NOW)
            answer = self._box.press(own)
            numbers = [one.number for one in shown]
            self._log(f"presses “{own.label}”: {answer.status} {answer.title}", numbers)
            done = f"{len(shown)} of {len(link.token.posts)} approved"
            if answer.status == 200 and answer.title in {_DONE[link.token.action], done}:
                for number in numbers:
                    self._posts[number].approvals[-1].sure = True
                    self._posts[number].stopped = ""
                return True
        if answer is not None and answer.status != 200:
            self.unanswered += 1
        return False

    def _note(self, shown: list[Shown], *, now_please: bool) -> None:
        for one in shown:
            post = self._posts[one.number]
            same = all(words.text.startswith(post.cells["text"]) for words in one.channels.values())
            at_its_time = now_please or post.cells["time"] in one.when
            current = same and at_its_time and set(one.channels) == set(post.channels)
            post.told.clear()  # what was said was about the time before
            if post.approvals and not post.approvals[-1].sure and post.approvals[-1].matters == post.matters:
                post.approvals.pop()  # the same press, again
            post.approvals.append(Approval(self._now, one, post.matters, current, sure=False, now_please=now_please))

    def _sure(self, link: Link) -> None:
        """The page says that exactly this was approved before."""
        ids = {post_id for post_id, _ in link.token.posts}
        for post in self._posts.values():
            if post.post_id in ids and post.approvals:
                post.approvals[-1].sure = True

    def hold(self, post: Post, link: Link, *, release: bool) -> None:
        """By a hold link: its page holds, and where the post is on hold it has the way back."""
        for _ in range(_TRIES):
            page = self._box.open(link)
            if page.status != 200:
                continue
            form = _form(page, _BACK) if release else _main_form(page)
            if form is None:
                if not release and page.title == _ALREADY:
                    post.stopped = "hold"
                return
            answer = self._box.press(form)
            self._log(f"presses “{form.label}”: {answer.status} {answer.title}", [post.number])
            if answer.status == 200:
                if release and answer.title in {"Released", _ALREADY}:
                    post.stopped = ""
                elif not release and answer.title in {"On hold", _ALREADY}:
                    post.stopped = "hold"
                return

    def hold_everything(self, link: Link, *, release: bool) -> None:
        """By a hold-everything link, or by the way back on its page."""
        wanted = "Nothing is on hold" if release else "Everything is on hold"
        for _ in range(_TRIES):
            page = self._box.open(link)
            if page.status != 200:
                continue
            form = _form(page, _GO_ON) if release else _main_form(page)
            answer = self._box.press(form) if form is not None else page
            self._log(f"presses “{form.label if form else 'nothing'}”: {answer.status} {answer.title}", [])
            if release and form is None:
                self._release_noted()
                return
            if answer.status == 200 and answer.title == wanted:
                if release:
                    self._release_noted()
                else:
                    self.everything_held.append((self._now, None))
                return

    def _release_noted(self) -> None:
        if self.everything_held:
            self.everything_held[-1] = (self.everything_held[-1][0], self._now)


def _main_form(page: Page) -> Form | None:
    """The button that does what the link says; a way back is another link's."""
    if page.status != 200:
        return None
    return next((form for form in page.forms if form.address == page.address), None)


def _form(page: Page, label: str) -> Form | None:
    return next((form for form in page.forms if form.label == label), None)
