"""What stands around every page behind a link: the hold on everything, and whether this device acts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from typing import Any

from approve_handler.commit import Desk
from mesh.approvals import Action, Token
from mesh.cards.model import CardPost
from mesh.cards.pages import Around, Button, button, message, review
from mesh.door.devices import Device
from mesh.schedule_time import say_with_zone

LIFTS = "lifts"  # the form's field that names a hold shown beside its button
OPENED = "opened"  # the form's field that says: sent by the page's own script, on a device that acts at once
_OFFER_FOR = timedelta(hours=1)
STOP_HERE = "Stop acting at once on this device"
STOP_EVERYWHERE = "Stop it on all my devices"
ENROL = "Act as soon as I open a link on this device"

# Sends the page's own form once: only where the page is seen, in a window of its own, loaded by a plain navigation. It waits until
# everything on the page has been loaded and drawn. Whatever it does not know of, it leaves to the button.
AT_ONCE_SCRIPT = """
(function () {
  "use strict";
  var form = document.querySelector('form[action=""]');
  var timing = performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
  if (!form || !timing || timing.type !== "navigate" || timing.activationStart > 0) return;
  if (window.top !== window.self || document.prerendering || !window.requestAnimationFrame) return;
  var sent = false;
  function send() {
    if (sent || document.visibilityState !== "visible") return;
    sent = true;
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = "opened";
    field.value = "1";
    form.appendChild(field);
    form.submit();
  }
  function drawn() {
    if (document.visibilityState === "visible") requestAnimationFrame(function () { requestAnimationFrame(send); });
  }
  form.addEventListener("submit", function () { sent = true; });
  document.addEventListener("visibilitychange", drawn);
  if (document.readyState === "complete") drawn(); else window.addEventListener("load", drawn);
})();
""".strip()


@dataclass(frozen=True)
class Frame:
    """One answer's page. ``text`` is the token as an address on this page has it; ``root`` leads from the page to where links begin.

    ``everything`` is the hold on everything ``{by, how, at}``; ``device`` the recipient's own, where it acts at once. ``expired``: the
    link is too old, so that its page gives no link that does anything to a post.
    """

    desk: Desk
    token: Token
    text: str
    nonce: str
    now: datetime
    everything: Mapping[str, Any] | None = None
    device: Device | None = None
    root: str = ""
    at_once: bool = False
    expired: bool = False

    def link(self, action: Action, posts: Sequence[tuple[str, str]] = ()) -> str:
        """A fresh link for the same recipient, as this page has to write it."""
        return self.root + self.desk.fresh(self.token, action, posts)

    def soon_over(self, action: Action, posts: Sequence[tuple[str, str]] = ()) -> str:
        """One that is good for an hour, also where the page's own is too old."""
        until = int((self.now + _OFFER_FOR).timestamp())
        return self.root + self.desk.fresh(self.token.model_copy(update={"expires_at": until}), action, posts)

    def acting_at_once(self) -> Frame:
        """The same, with the script that presses the page's own button."""
        return replace(self, at_once=True)

    def message(
        self,
        title: str,
        sentences: Sequence[str],
        buttons: Sequence[Button] = (),
        extra: str = "",
        *,
        below: str = "",
        alert: bool = False,
        style: str = "",
        head: str = "",
    ) -> str:
        """``extra`` stands before the buttons, ``below`` after them; both are HTML of ours, and so are ``style`` and ``head``."""
        around = self._around
        around = replace(around, foot=below + around.foot, style=style, head=head)
        return message(title, sentences, self.nonce, buttons, extra, around, alert=alert)

    def review(
        self, posts: Sequence[CardPost], what: Button, title: str, note: str = "", others: Sequence[Button] = ()
    ) -> str:
        return review(posts, self.text, self.nonce, what, title, note, others, self._around)

    def offer(self) -> str:
        """After a press: to need none from now on, on this device."""
        if self.device is not None:
            return ""
        said = "Then one click in the mail approves or holds, with no second press. Only for a device that nobody else uses."
        enrol = button(Button(ENROL, self.soon_over(Action.ENROL), "quiet"))
        return f'<section aria-labelledby="at-once"><h2 id="at-once">Without this second step?</h2><p>{said}</p>{enrol}</section>'

    @property
    def _around(self) -> Around:
        return Around(self._held(), self._device(), AT_ONCE_SCRIPT if self.at_once else "")

    def _held(self) -> str:
        if self.everything is None or self.token.action in {Action.HOLD_EVERYTHING, Action.RELEASE_EVERYTHING}:
            return ""
        release = "" if self.expired else escape(self.link(Action.RELEASE_EVERYTHING))
        link = f' <a href="{release}">Let everything go on …</a>' if release else ""
        said = f"Everything is on hold: {held_by(self.everything, self.desk)}. Nothing goes out."
        return f'<div class="held" role="status"><p>{escape(said)}{link}</p></div>'

    def _device(self) -> str:
        if self.device is None:
            return ""
        said = f"Links act as soon as you open them on this device ({self.device.name})."
        here = button(Button(STOP_HERE, self.soon_over(Action.FORGET), "quiet"))
        everywhere = button(Button(STOP_EVERYWHERE, self.soon_over(Action.FORGET_ALL), "quiet"))
        return f'<section aria-label="This device"><p class="faint">{escape(said)}</p>{here}{everywhere}</section>'


def held_by(hold: Mapping[str, Any], desk: Desk) -> str:
    """ "ada@example.test, since Friday 20 March, 09:00, Berlin time"."""
    return f"{hold['by']}, since {say_with_zone(datetime.fromisoformat(str(hold['at'])), desk.zone)}"
