"""Hands at a draft's page: drafts in any state, the link to one as a mail carries it, and its form filled in as a person does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from door_desk import ADA, NOW, Page, Visitor, token
from moto_mesh import MotoMesh

from mesh.approvals import Action
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Upload, Wording

TOMORROW = (NOW + timedelta(days=1)).date().isoformat()
CHANNELS = ("bluesky-main", "mastodon-main")
PHOTO = Upload(upload_id="u_1", kind="image", name="cake.jpg", mime="image/jpeg", size=5, md5="0" * 32)
JPEG = b"\xff\xd8\xff\xe0 cake"


def wording(text: str, **more: Any) -> Wording:
    return Wording(**{"text": text, "by": "model", "at": NOW.isoformat(), **more})


def note(**more: Any) -> Note:
    said = {"text": "Fresh rolls", "channels": CHANNELS, "date": TOMORROW, "time": "09:00"}
    return Note(**{**said, "by": ADA, "at": NOW.isoformat(), **more})


def draft(
    mesh: MotoMesh,
    *wordings: Wording,
    state: DraftState = DraftState.READY,
    post_id: str = "p_d",
    about: Note | None = None,
    **more: Any,
) -> str:
    """A draft in the table; its post's id."""
    proposal = Proposal(state=state, note=about or note(), wordings=wordings, **more)
    status = Status(post_id=post_id, open=DRAFTING, due_at=NOW.isoformat(), proposal=proposal)
    mesh.ledger.change_status(post_id, Act("drafted", "draft-helper", NOW), lambda _: status)
    return post_id


def ready(mesh: MotoMesh, text: str = "Warm rolls from seven.", **more: Any) -> str:
    return draft(mesh, wording(text), **more)


def link(post_id: str = "p_d", recipient: str = ADA, **more: Any) -> str:
    said = {"posts": ((post_id, ""),), "recipient": recipient, "nonce": f"d-{post_id}-{recipient}"}
    return token("", Action.DRAFT, **{**said, **more})


def proposal(mesh: MotoMesh, post_id: str = "p_d") -> Proposal:
    status = mesh.ledger.status(post_id)
    assert status is not None
    assert status.proposal is not None
    return status.proposal


@dataclass
class Form(HTMLParser):
    """The draft's form as a browser would send it."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: dict[str, str] = field(default_factory=dict)
    action: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._area = self._button = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("id") == "draft":
            self.action = given["action"]
        if tag == "textarea":
            self._area, self._words = given["name"], ""
        if tag == "button":
            self._button, self._words = given, ""
        if tag != "input" or (given["type"] == "checkbox" and "checked" not in given):
            return
        self.fields.append((given["name"], given["value"]))

    def handle_data(self, data: str) -> None:
        if self._area is not None or self._button is not None:
            self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.fields.append((self._area, self._words.removeprefix("\n")))
            self._area = None
        if tag == "button" and self._button is not None:
            if self._button.get("name") == "do" and self._words:
                self.buttons[self._words] = self._button["value"]
            self._button = None

    def first(self, name: str) -> str:
        return next(value for key, value in self.fields if key == name)


def form(page: Page) -> Form:
    found = Form()
    found.feed(page.body)
    return found


def press(visitor: Visitor, page: Page, label: str, **typed: str | list[str]) -> Page:
    """Type in the fields (``own`` by channel as ``own_bluesky_main``), then press the button of that label."""
    read = form(page)
    fields = [one for one in read.fields if one[0] not in {*typed, *(["channel"] if "channels" in typed else [])}]
    for name, value in typed.items():
        if name == "channels":
            fields += [("channel", one) for one in value]
        elif name.startswith("own_"):
            key = "text:" + name.removeprefix("own_").replace("_", "-")
            fields = [one for one in fields if one[0] != key] + [(key, str(value))]
        else:
            fields.append((name, str(value).replace("\n", "\r\n")))
    path = page.path if page.path.startswith("/") else f"/{page.path}"
    return visitor.post(path, [*fields, ("do", read.buttons[label])])
