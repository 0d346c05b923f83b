"""The notifier over moto: each recipient is told once, and what SES does not take now is told later."""

from __future__ import annotations

import email
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from moto.ses.models import ses_backends
from moto_mesh import COMPOSE_KEY, REGION, SIGNING_KEY, MotoMesh

from mesh.approvals import Action, Purpose, Signer, Token
from mesh.errors import Doubt, Throttled
from mesh.events import Asked, Detail, Failed, Held, ReviewRequested, Sent, Trouble
from mesh.ledger import Act, Approval, Asking, Head, HeadState, Hold, PackageRef, State, Status
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.mail import Mailer, MailRefused
from mesh.packages import Manifest, Packages, PackedChannel, PackedImage
from notifier.handler import handler

NOW = datetime.now(UTC)
ACT = Act("test", by="test", at=NOW)
ADA, BEN = "ada@example.test", "ben@example.test"


@pytest.fixture
def revision(mesh: MotoMesh) -> str:
    """A post on one channel that was asked about in round r_1."""
    channel = PackedChannel(network="bluesky", account="did:plc:a", host="https://bsky.social", text="Cake", payload={})
    manifest = Manifest(
        post_id="p_1",
        source_revision="s1",
        planned_at=(NOW + timedelta(days=1)).isoformat(),
        time_zone="Europe/Berlin",
        channels={"main": channel},
    )
    made = mesh.packages.write(manifest, {})
    status = Status(
        post_id="p_1",
        channels=("main",),
        due_at=manifest.planned_at,
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision=made),
        asked=Asking(revision=made, round_id="r_1", reason="new", at=NOW.isoformat()),
    )
    mesh.ledger.change_status("p_1", ACT, lambda _: status)
    return made


def deliver(detail: Detail) -> int:
    event = {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}
    return handler(event, object())["mails"]


def tell(mesh: MotoMesh, trouble: Trouble) -> int:
    """How many mails the trouble makes, by the tick after it at the latest."""
    told = deliver(trouble)
    mesh.turn_clock(datetime.now(UTC) + timedelta(minutes=6))
    return told + handler({"tick": "troubles"}, object())["mails"]


def mails() -> list[EmailMessage]:
    sent = [message for account in ses_backends for message in ses_backends[account][REGION].sent_messages]
    return [email.message_from_string(message.raw_data, policy=default) for message in sent]  # type: ignore[misc]


def recipients() -> list[str]:
    return sorted(str(mail["To"]) for mail in mails())


def request(revision: str, round_id: str = "r_1") -> ReviewRequested:
    return ReviewRequested(posts=[Asked(post_id="p_1", revision=revision)], round_id=round_id, reason="new")


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception, to: str = "", times: int = 99) -> None:
    """SES refuses the next ``times`` mails, those ``to`` one recipient or all."""
    original, left = Mailer.send, [times]

    def send(self: Mailer, mail: EmailMessage) -> None:
        if left[0] and to in {"", str(mail["To"])}:
            left[0] -= 1
            raise error
        original(self, mail)

    monkeypatch.setattr(Mailer, "send", send)


def finish(mesh: MotoMesh, revision: str, state: HeadState, **update: Any) -> None:
    head = Head(post_channel="p_1#main", state=state, revision=revision, attempts=1).model_copy(update=update)
    mesh.ledger.change_head(mesh.ledger.head("p_1", "main"), head, ACT)


def test_a_card_goes_to_each_recipient_once_however_often_it_is_delivered(mesh: MotoMesh, revision: str) -> None:
    detail = request(revision)

    assert [deliver(detail), deliver(detail), deliver(request(revision))] == [2, 0, 0]

    assert recipients() == [ADA, BEN]
    status = mesh.ledger.status("p_1")
    assert status is not None
    assert status.card is not None
    assert (status.card.round_id, status.card.error) == ("r_1", "")


def test_another_round_is_another_card(mesh: MotoMesh, revision: str) -> None:
    deliver(request(revision))
    deliver(request(revision, "r_2"))

    assert recipients() == [ADA, ADA, BEN, BEN]


def test_throttled_in_the_middle_it_goes_on_where_it_stopped(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, Throttled("SES"), to=BEN, times=1)
    detail = request(revision)

    with pytest.raises(Throttled):
        deliver(detail)
    assert recipients() == [ADA]

    assert deliver(detail) == 1
    assert recipients() == [ADA, BEN]


def test_what_was_never_sent_is_not_noted_as_sent(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(mesh, revision, HeadState.SENT, posted_url="https://n.test/1")
    refuse(monkeypatch, Throttled("SES"), times=1)
    detail = Sent(post_id="p_1", channel="main", attempt=1)

    with pytest.raises(Throttled):
        deliver(detail)

    assert deliver(detail) == 2
    assert recipients() == [ADA, BEN]


def test_a_recipient_ses_refuses_does_not_cost_the_others_theirs_and_is_noted(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, MailRefused("the mail was refused (MessageRejected)"), to=ADA)

    assert deliver(request(revision)) == 1

    status = mesh.ledger.status("p_1")
    assert status is not None
    assert status.card is not None
    assert status.card.sent_at is not None
    assert ADA in status.card.error


def test_a_post_edited_meanwhile_is_not_asked_about(mesh: MotoMesh, revision: str) -> None:
    mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update={"source_revision": "s2"}))

    assert deliver(request(revision)) == 0
    assert mails() == []


def test_a_failure_after_a_further_try_is_told_again_and_a_repetition_is_not(mesh: MotoMesh, revision: str) -> None:
    finish(mesh, revision, HeadState.FAILED, detail="Too long.")
    failed = Failed(post_id="p_1", channel="main", attempt=1)
    assert [deliver(failed), deliver(failed)] == [2, 0]

    head = mesh.ledger.head("p_1", "main")
    assert head is not None
    mesh.ledger.change_head(head, head.model_copy(update={"attempts": 2}), ACT)

    assert deliver(Failed(post_id="p_1", channel="main", attempt=2)) == 2


def test_a_question_that_was_settled_meanwhile_is_not_asked(mesh: MotoMesh, revision: str) -> None:
    finish(mesh, revision, HeadState.SENT, posted_url="https://n.test/1")

    assert deliver(Trouble(cause="unknown#p_1#main#1", message="?", post_ids=["p_1"], channel="main", attempt=1)) == 0


def hold_everything(mesh: MotoMesh, values: dict[str, str] | None = None) -> None:
    values = values or {"by": ADA, "how": "mail", "at": "2026-03-20T08:12:00+00:00"}
    mesh.ledger.set_standing("everything", HOLD_EVERYTHING, values, ACT)


def plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_hold_of_one_post_needs_no_mail_and_a_hold_of_everything_does(mesh: MotoMesh) -> None:
    hold_everything(mesh)
    assert deliver(Held(post_ids=["p_1"])) == 0
    assert deliver(Held(post_ids=[], scope="everything")) == 2
    assert {str(mail["Subject"]) for mail in mails()} == {"Everything is on hold"}
    assert all("Let everything go on: https://approve.example.test/" in plain(mail) for mail in mails())


def test_a_hold_that_ended_before_its_mail_went_is_not_told_as_if_it_stood(mesh: MotoMesh) -> None:
    assert deliver(Held(post_ids=[], scope="everything")) == 2
    assert {str(mail["Subject"]) for mail in mails()} == {"Everything was on hold"}


def put_post(mesh: MotoMesh, post_id: str, text: str = "Cake", **update: Any) -> str:
    """Another post that was asked about in round r_1; its revision."""
    image = update.pop("image", None)
    channel = PackedChannel(
        network="bluesky", account="a", host="https://h", text=text, payload={}, images=(image,) if image else ()
    )
    manifest = Manifest(
        post_id=post_id,
        source_revision=f"s-{text[:4]}-{image is None}",
        planned_at=(NOW + timedelta(days=1)).isoformat(),
        time_zone="Europe/Berlin",
        channels={"main": channel},
    )
    made = mesh.packages.write(manifest, {})
    status = Status(
        post_id=post_id,
        channels=("main",),
        due_at=manifest.planned_at,
        source_revision=manifest.source_revision,
        package=PackageRef(source_revision=manifest.source_revision, revision=made),
        asked=Asking(revision=made, round_id="r_1", reason="new", at=NOW.isoformat()),
    ).model_copy(update=update)
    mesh.ledger.change_status(post_id, ACT, lambda _: status)
    return made


def change(mesh: MotoMesh, post_id: str = "p_1", **update: Any) -> None:
    mesh.ledger.change_status(post_id, ACT, lambda one: one and one.model_copy(update=update))


def ask(*posts: tuple[str, str], **update: Any) -> ReviewRequested:
    values = {"round_id": "r_1", "reason": "new", **update}
    return ReviewRequested(posts=[Asked(post_id=post_id, revision=revision) for post_id, revision in posts], **values)


def html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def tokens(mail: EmailMessage, action: Action) -> list[Token]:
    signer = Signer([SIGNING_KEY], "ss")
    links = re.findall(r"https://approve\.example\.test/(\S+)", plain(mail))
    return [token for token in (signer.read(link, NOW) for link in links) if token.action is action]


def shown(mail: EmailMessage) -> list[str]:
    """The posts that a card has single buttons for."""
    return [token.posts[0][0] for token in tokens(mail, Action.REVIEW) if len(token.posts) == 1]


def approval(revision: str) -> Approval:
    return Approval(revision=revision, by=BEN, how="mail", at="2026-03-20T08:12:00+00:00")


# asked for once more


def test_a_card_asked_for_once_more_goes_to_that_recipient_alone(mesh: MotoMesh, revision: str) -> None:
    assert deliver(ask(("p_1", revision), round_id="r_f", reason="fresh", only_for=BEN)) == 1
    assert recipients() == [BEN]


def test_a_card_asked_for_by_somebody_who_is_no_recipient_any_more_goes_to_nobody(
    mesh: MotoMesh, revision: str
) -> None:
    assert deliver(ask(("p_1", revision), round_id="r_f", reason="fresh", only_for="eve@example.test")) == 0
    assert mails() == []


def test_a_card_asked_for_once_more_shows_what_is_decided_and_offers_to_hold_it(mesh: MotoMesh, revision: str) -> None:
    change(mesh, approval=approval(revision))
    assert deliver(ask(("p_1", revision))) == 0, "an ordinary card leaves it out"
    assert deliver(ask(("p_1", revision), round_id="r_f", reason="fresh", only_for=ADA)) == 1
    (mail,) = mails()
    assert f"Approved by {BEN} (Friday 20 March, 09:12, Berlin time)." in plain(mail)
    assert [token.posts for token in tokens(mail, Action.HOLD)] == [(("p_1", revision),)]
    assert tokens(mail, Action.REVIEW) == tokens(mail, Action.SEND_NOW) == []


@pytest.mark.parametrize("update", [{"state": State.SENT}, {"gone_at": "2026-03-20T08:12:00+00:00"}])
def test_a_card_asked_for_once_more_leaves_out_what_is_sent_or_gone(
    mesh: MotoMesh, revision: str, update: dict[str, Any]
) -> None:
    change(mesh, **update)
    assert deliver(ask(("p_1", revision), round_id="r_f", reason="fresh", only_for=ADA)) == 0


def test_a_post_on_hold_says_so_on_its_card(mesh: MotoMesh, revision: str) -> None:
    change(mesh, held=Hold(by=BEN, how="mail", at="2026-03-20T08:12:00+00:00"))
    deliver(ask(("p_1", revision)))
    assert f"{BEN} put it on hold (Friday 20 March, 09:12, Berlin time). Approving it lifts the hold." in plain(
        mails()[0]
    )


# the hold on everything


def test_every_mail_says_that_everything_is_held_and_the_hold_is_read_once_an_event(
    mesh: MotoMesh, revision: str
) -> None:
    hold_everything(mesh)
    mesh.calls.clear()
    assert deliver(request(revision)) == 2
    assert mesh.calls.count("BatchGetItem") == 3, "the posts, the hold, and whose mails come back"
    finish(mesh, revision, HeadState.SENT, posted_url="https://n.test/1")
    deliver(Sent(post_id="p_1", channel="main", attempt=1))
    tell(mesh, Trouble(cause="c", message="The tab is empty."))
    assert len(mails()) == 6
    for mail in mails():
        assert plain(mail).startswith(
            f"Everything is on hold. {ADA} held everything (Friday 20 March, 09:12, Berlin time)."
        )
        (token,) = tokens(mail, Action.RELEASE_EVERYTHING)
        assert token.recipient == str(mail["To"])


def test_a_damaged_hold_holds_and_costs_no_mail(mesh: MotoMesh, revision: str) -> None:
    hold_everything(mesh, {"how": "mail", "at": "yesterday"})
    assert deliver(request(revision)) == 2
    assert "Somebody held everything." in plain(mails()[0])


def test_without_a_hold_every_mail_can_set_one(mesh: MotoMesh, revision: str) -> None:
    deliver(request(revision))
    tell(mesh, Trouble(cause="c", message="The tab is empty."))
    assert all(len(tokens(mail, Action.HOLD_EVERYTHING)) == 1 for mail in mails())


# threads


def subjects() -> list[str]:
    return [str(mail["Subject"]) for mail in mails()]


def test_all_mails_about_a_post_are_one_thread_for_gmail_too(mesh: MotoMesh, revision: str) -> None:
    deliver(request(revision))
    deliver(request(revision, "r_2"))
    finish(mesh, revision, HeadState.SENT, posted_url="https://n.test/1")
    deliver(Sent(post_id="p_1", channel="main", attempt=1))
    first = subjects()[0]
    assert first.startswith("Please approve: “Cake”, ")
    assert subjects() == [first, first, *[f"Re: {first}"] * 4]
    assert {mail["References"] for mail in mails()} == {"<post.p_1@social-scheduler.invalid>"}
    assert "<h1" in html(mails()[-1])
    assert "Posted: Cake" in html(mails()[-1])


def test_a_redelivery_of_the_first_mail_is_no_answer_to_itself(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, Throttled("SES"), to=BEN, times=1)
    detail = request(revision)
    with pytest.raises(Throttled):
        deliver(detail)
    deliver(detail)
    assert len(set(subjects())) == 1
    assert len(subjects()) == 2


def test_a_failure_and_a_question_keep_their_own_subject_and_the_thread(mesh: MotoMesh, revision: str) -> None:
    deliver(request(revision))
    finish(mesh, revision, HeadState.UNKNOWN, since=NOW.isoformat())
    deliver(Trouble(cause="unknown#p_1#main#1", message="?", post_ids=["p_1"], channel="main", attempt=1))
    finish(mesh, revision, HeadState.FAILED, detail="Too long.")
    deliver(Failed(post_id="p_1", channel="main", attempt=1))
    assert subjects()[2:] == ["Did this go out on main?"] * 2 + ["Not posted: Cake"] * 2
    assert {mail["References"] for mail in mails()} == {"<post.p_1@social-scheduler.invalid>"}


def test_a_card_of_several_posts_stands_alone(mesh: MotoMesh, revision: str) -> None:
    other = put_post(mesh, "p_2")
    deliver(ask(("p_1", revision), ("p_2", other)))
    assert {mail["References"] for mail in mails()} == {None}
    deliver(ask(("p_1", revision), round_id="r_2", reason="reminder"))
    assert subjects()[-1].startswith("Please approve: “Cake”")


# what changed


def test_a_card_says_what_changed_since_the_revision_before(mesh: MotoMesh, revision: str) -> None:
    again = put_post(mesh, "p_1", "Pie")
    change(
        mesh, asked=Asking(revision=again, round_id="r_1", reason="changed", at=NOW.isoformat(), instead_of=revision)
    )
    deliver(ask(("p_1", again), reason="changed"))
    assert "main: [gone: Cake][new: Pie]" in plain(mails()[0])


@pytest.mark.parametrize("damage", ["missing", "other bytes", "of another shape", "unreadable"])
def test_an_earlier_package_that_cannot_be_read_costs_the_box_and_never_the_card(
    mesh: MotoMesh, revision: str, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, data = "0" * 64, b"{}"
    if damage == "of another shape":
        before = hashlib.sha256(data).hexdigest()
    if damage in {"other bytes", "of another shape"}:
        key = f"packages/p_1/{before}/manifest.json"
        mesh.s3.put_object(Bucket=mesh.posts_bucket, Key=key, Body=data)
    if damage == "unreadable":
        original = Packages.read

        def read(self: Packages, post_id: str, revision: str) -> Manifest:
            if revision == before:
                raise Doubt("S3: InvalidObjectState")
            return original(self, post_id, revision)

        monkeypatch.setattr(Packages, "read", read)
    asked = Asking(revision=revision, round_id="r_1", reason="changed", at=NOW.isoformat(), instead_of=before)
    change(mesh, asked=asked)
    assert deliver(ask(("p_1", revision), reason="changed")) == 2
    assert "What changed" not in plain(mails()[0])


PICTURE = b"not really a jpeg"
IMAGE = PackedImage(
    sha256=hashlib.sha256(PICTURE).hexdigest(), mime="image/jpeg", size_bytes=17, width_px=4, height_px=3, alt="A cake"
)


def put_picture(mesh: MotoMesh, post_id: str, revision: str, data: bytes) -> None:
    key = f"packages/{post_id}/{revision}/{IMAGE.sha256}"
    mesh.s3.put_object(Bucket=mesh.posts_bucket, Key=key, Body=data)


def pictures(mail: EmailMessage) -> list[bytes]:
    return [part.get_payload(decode=True) for part in mail.walk() if part.get_content_maintype() == "image"]  # type: ignore[misc]


def test_an_image_that_went_is_shown_from_the_package_it_lay_in(mesh: MotoMesh) -> None:
    before = put_post(mesh, "p_1", image=IMAGE)
    put_picture(mesh, "p_1", before, PICTURE)
    again = put_post(mesh, "p_1")
    change(mesh, asked=Asking(revision=again, round_id="r_1", reason="changed", at=NOW.isoformat(), instead_of=before))
    deliver(ask(("p_1", again), reason="changed"))
    assert [pictures(mail) for mail in mails()] == [[PICTURE], [PICTURE]]


def test_a_damaged_image_of_the_revision_before_costs_the_pictures_of_what_changed(mesh: MotoMesh) -> None:
    before = put_post(mesh, "p_1", image=IMAGE)
    put_picture(mesh, "p_1", before, b"other")
    again = put_post(mesh, "p_1", "Pie")
    change(mesh, asked=Asking(revision=again, round_id="r_1", reason="changed", at=NOW.isoformat(), instead_of=before))
    assert deliver(ask(("p_1", again), reason="changed")) == 2
    assert [pictures(mail) for mail in mails()] == [[], []]
    assert "[gone: Cake][new: Pie]" in plain(mails()[0])


def test_a_post_with_a_damaged_image_is_left_out_of_the_card_and_its_row_says_so(mesh: MotoMesh, revision: str) -> None:
    other = put_post(mesh, "p_2", image=IMAGE)
    assert deliver(ask(("p_1", revision), ("p_2", other))) == 2
    assert [shown(mail) for mail in mails()] == [["p_1"], ["p_1"]]
    status = mesh.ledger.status("p_2")
    assert status is not None
    assert status.card is not None
    assert (status.card.sent_at, "damaged" in status.card.error) == (None, True)


def test_a_damaged_package_is_left_out_and_told(mesh: MotoMesh, revision: str) -> None:
    mesh.s3.put_object(Bucket=mesh.posts_bucket, Key=f"packages/p_1/{revision}/manifest.json", Body=b"{}")
    assert deliver(request(revision)) == 0
    status = mesh.ledger.status("p_1")
    assert status is not None
    assert status.card is not None
    assert "damaged" in status.card.error


# shares

LONG = "漢字 & more, " * 1_000  # 3 such posts are more than one mail holds


def long_posts(mesh: MotoMesh, count: int = 5) -> list[tuple[str, str]]:
    return [(f"p_{number}", put_post(mesh, f"p_{number}", f"{number} {LONG}")) for number in range(1, count + 1)]


def approvable(mail: EmailMessage) -> list[list[str]]:
    """What each "approve all" of a mail is bound to."""
    return [[post_id for post_id, _ in token.posts] for token in tokens(mail, Action.REVIEW) if len(token.posts) > 1]


def test_posts_too_long_for_one_mail_are_dealt_out_and_each_approves_all_that_it_shows(mesh: MotoMesh) -> None:
    posts = long_posts(mesh)
    sent = deliver(ask(*posts))
    assert sent == len(mails()) >= 4
    for person in (ADA, BEN):
        mine = [mail for mail in mails() if mail["To"] == person]
        assert [post_id for mail in mine for post_id in shown(mail)] == [post_id for post_id, _ in posts]
        for mail in mine:
            assert approvable(mail) == ([shown(mail)] if len(shown(mail)) > 1 else [])
            assert len(html(mail).encode()) < 95_000
    assert len({mail["Message-ID"] for mail in mails()}) == len(mails())
    assert deliver(ask(*posts)) == 0, "one message and recipient, once"


@pytest.mark.parametrize("stop", range(6))
def test_a_redelivery_neither_repeats_nor_loses_a_share_though_posts_were_decided_meanwhile(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    posts = long_posts(mesh)
    original, left = Mailer.send, [stop]

    def send(self: Mailer, mail: EmailMessage) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise Throttled("SES")
        original(self, mail)

    monkeypatch.setattr(Mailer, "send", send)
    detail = ask(*posts)
    with pytest.raises(Throttled):
        deliver(detail)
    for post_id, revision in posts[:2]:
        change(mesh, post_id, approval=approval(revision))
    deliver(detail)
    for person in (ADA, BEN):
        told = [post_id for mail in mails() if mail["To"] == person for post_id in shown(mail)]
        assert len(told) == len(set(told)), "no post twice"
        assert {post_id for post_id, _ in posts[2:]} <= set(told), "and none that still needs a click is lost"


# nobody could be asked


def test_where_every_recipient_is_refused_the_row_says_so_and_nothing_counts_as_sent(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, MailRefused("the mail was refused (MessageRejected)"))
    assert deliver(request(revision)) == 0
    status = mesh.ledger.status("p_1")
    assert status is not None
    assert status.card is not None
    assert status.card.sent_at is None
    assert status.card.error == "; ".join(f"{person}: the mail was refused (MessageRejected)" for person in (ADA, BEN))


def test_a_package_that_no_code_reads_is_told_too(mesh: MotoMesh) -> None:
    made = put_post(mesh, "p_1", "half \ud83c an emoji")
    assert deliver(ask(("p_1", made))) == 0
    status = mesh.ledger.status("p_1")
    assert status is not None
    assert status.card is not None
    assert "damaged" in status.card.error


def test_a_text_that_looks_like_a_header_is_a_text(mesh: MotoMesh) -> None:
    made = put_post(mesh, "p_1", "Cake\r\nBcc: evil@example.test")
    assert deliver(ask(("p_1", made))) == 2
    assert mails()[0]["Bcc"] is None
    assert "“Cake Bcc: evil@example.test”" in str(mails()[0]["Subject"])


def test_every_mail_leads_its_own_recipient_to_where_notes_are_written(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPOSE_URL", "https://compose.example.test/")

    assert deliver(request(revision)) == 2
    assert tell(mesh, Trouble(cause="sheet-unreachable", message="The sheet cannot be read.")) == 2

    signer = Signer([COMPOSE_KEY], "ss", Purpose.COMPOSE)
    for mail in mails():
        part = mail.get_body(("plain",))
        assert part is not None
        (link,) = re.findall(
            r"Write a note for the next post: https://compose\.example\.test/(\S+)", part.get_content()
        )
        token = signer.read(link, NOW)
        assert (token.action, token.posts, token.recipient) == (Action.COMPOSE, (), str(mail["To"]))
