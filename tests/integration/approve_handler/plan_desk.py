"""Hands at a plan's page: batches in any state, the link to one as a mail carries it, and its form filled in as a person does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from door_desk import ADA, NOW, Page, Visitor, token
from moto_mesh import MotoMesh

from mesh.approvals import Action
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Planned, Proposal, Source, Upload

DAYS = tuple((NOW + timedelta(days=number)).date().isoformat() for number in range(1, 15))
PHOTOS = tuple(
    Upload(upload_id=f"u_{number}", kind="image", name=f"photo {number}.jpg", mime="image/jpeg", size=9, md5="0" * 32)
    for number in (1, 2)
)
WISH = "Three posts for the spring sale <b>now</b>"


def planned(count: int = 3) -> tuple[Planned, ...]:
    return tuple(
        Planned(
            post_id=f"p_{number}",
            topic=f"Topic {number}",
            date=DAYS[number],
            time="09:00",
            channels=("bluesky-main", "mastodon-main"),
            uploads=(PHOTOS[0],) if number == 1 else (),
        )
        for number in range(1, count + 1)
    )


def batch(mesh: MotoMesh, state: DraftState = DraftState.READY, open: str | None = DRAFTING, **own: Any) -> str:  # noqa: A002
    """A batch in the table; its id."""
    note = Note(text=WISH, uploads=PHOTOS, channels=("bluesky-main",), by=ADA, at=NOW.isoformat(), source=Source.BATCH)
    proposal = Proposal(state=state, note=note, **{"plan": planned(), **own})
    status = Status(post_id="b_1", open=open, due_at=NOW.isoformat(), proposal=proposal)
    mesh.ledger.change_status("b_1", Act("planned", "draft-helper", NOW), lambda _: status)
    return "b_1"


def link(recipient: str = ADA, batch_id: str = "b_1", **more: Any) -> str:
    said = {"posts": ((batch_id, ""),), "recipient": recipient, "nonce": f"b-{recipient}"}
    return token("", Action.DRAFT, **{**said, **more})


def proposal(mesh: MotoMesh) -> Proposal:
    status = mesh.ledger.status("b_1")
    assert status is not None
    assert status.proposal is not None
    return status.proposal


def item(mesh: MotoMesh, post_id: str, state: DraftState, error: str = "") -> None:
    """One of the batch's posts, with its own item."""
    note = Note(text="x", by=ADA, at=NOW.isoformat(), source=Source.BATCH, batch_id="b_1")
    status = Status(post_id=post_id, open=DRAFTING, proposal=Proposal(state=state, note=note, error=error))
    mesh.ledger.change_status(post_id, Act("drafted", "draft-helper", NOW), lambda _: status)


@dataclass
class _Reader(HTMLParser):
    fields: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._area = self._select = self._button = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "textarea":
            self._area = given["name"]
            self.fields[self._area] = ""
        elif tag == "select":
            self._select = given["name"]
            self.fields[self._select] = ""
        elif tag == "option" and self._select and "selected" in given:
            self.fields[self._select] = given["value"]
        elif tag == "input" and given["type"] == "checkbox":
            self.boxes[given["name"]] = given["value"]
            if "checked" in given:
                self.fields[given["name"]] = given["value"]
        elif tag == "input":
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self._button = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "button":
            self._button = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data
        elif self._button:
            self.buttons.append((self._button, data))


@dataclass
class Plan:
    """A plan's page as a person has it in hand."""

    mesh: MotoMesh
    visitor: Visitor = field(default_factory=Visitor)
    text: str = field(default_factory=link)

    def __post_init__(self) -> None:
        self.page: Page = self.visitor.open(self.text)

    @property
    def form(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.page.body)
        return reader

    @property
    def buttons(self) -> list[str]:
        return [label for _, label in self.form.buttons]

    def press(self, label: str, **changed: str | None) -> Page:
        """With what stands in the fields, but for ``changed`` (``topic_0="…"``, ``out_1="1"``; None takes the field out)."""
        form = self.form
        do = next(value for value, words in form.buttons if words == label)
        fields: dict[str, str | None] = {**form.fields, "do": do}
        fields |= {name.replace("_", "-"): value for name, value in changed.items()}
        said = [(name, value) for name, value in fields.items() if value is not None]
        self.page = self.visitor.post(self.text, said)
        return self.page
