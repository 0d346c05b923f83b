"""The digest over moto: what each recipient gets on a Sunday, once, and what they can do from it."""

from __future__ import annotations

import email
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from digest_desk import ADA, DAY, HOUR, SUNDAY, Week, a_picture
from moto.ses.models import ses_backends
from moto_mesh import REGION, SIGNING_KEY, MotoMesh

from digest.handler import handler
from mesh import clock
from mesh.approvals import Action, Signer, Token
from mesh.cards.letter import MOST_BYTES, sent_bytes
from mesh.errors import Throttled, Unreachable
from mesh.ledger.items import HeadState
from mesh.mail import Mailer, MailRefused
from mesh.packages import Packages

BEN = "ben@example.test"


def run() -> int:
    return handler({"tick": "digest"}, object())["mails"]


def mails() -> list[EmailMessage]:
    sent = [message for account in ses_backends for message in ses_backends[account][REGION].sent_messages]
    return [email.message_from_string(message.raw_data, policy=default) for message in sent]  # type: ignore[misc]


def told() -> tuple[str, str, str]:
    """Subject, text and HTML of the first mail."""
    assert run() == 2
    mail = mails()[0]
    return str(mail["Subject"]), body(mail, "plain"), body(mail, "html")


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def tokens(text: str) -> list[Token]:
    signer = Signer([SIGNING_KEY], "ss")
    found = re.findall(r"https://approve\.example\.test/([A-Za-z0-9_.-]+)", text)
    return [signer.read(one, SUNDAY) for one in found]


def at_the_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception, to: str, times: int = 99) -> None:
    original, left = Mailer.send, [times]

    def send(self: Mailer, mail: EmailMessage) -> None:
        if left[0] and to == str(mail["To"]):
            left[0] -= 1
            raise error
        original(self, mail)

    monkeypatch.setattr(Mailer, "send", send)


def a_full_week(week: Week) -> None:
    week.post("p_out", SUNDAY - 2 * DAY, "Fresh rolls from seven", picture=a_picture())
    week.approve("p_out", SUNDAY - 3 * DAY)
    week.out("p_out", SUNDAY - 2 * DAY, url="https://bsky.test/1")
    week.post("p_bad", SUNDAY - DAY, "Too long a story")
    week.approve("p_bad", SUNDAY - 2 * DAY)
    week.fail("p_bad", SUNDAY - DAY, "the text is 3 characters too long")
    week.post("p_late", SUNDAY - HOUR, "Brunch today")
    week.post(
        "p_wait", SUNDAY + DAY, "Cake on Monday", ("bluesky-main", "mastodon-main"), picture=a_picture(colour="red")
    )
    week.post("p_booked", SUNDAY + 2 * DAY, "Tea on Tuesday")
    week.approve("p_booked")
    week.post("p_held", SUNDAY + 3 * DAY, "Secret plan")
    week.hold("p_held")
    week.post("p_unknown", SUNDAY - 5 * HOUR, "Perhaps out")
    week.approve("p_unknown")
    week.unknown("p_unknown", SUNDAY - 5 * HOUR)
    week.problem("p_mend", SUNDAY + DAY, "the channel “insta” is not in the rules doc")
    week.draft("p_draft", "Soup of the day", "2027-03-24")


def test_the_week_is_told_with_what_needs_somebody_first(mesh: MotoMesh, week: Week) -> None:
    a_full_week(week)

    subject, text, _ = told()

    assert subject == "Your week: 1 late post to decide, 1 post to approve, 1 question to answer and more"
    parts = re.findall(r"^=== (.*)$", text, re.MULTILINE)
    assert parts == [
        "Past their time: still send them?",
        "Waiting for your approval",
        "Did these go out?",
        "Rows to mend",
        "On hold, and their time comes",
        "Drafts to look at",
        "What went out",
        "What failed, and why",
        "Coming until Sunday 28 March",
        "Channels",
    ]
    for said in (
        "“Brunch today”",
        "Not posted on bluesky-main: the text is 3 characters too long.",
        "bluesky-main: https://bsky.test/1",
        "12:00 – Soup of the day – bluesky-main – a draft: it waits for you to accept it",
        "Monday 22 March",
        "the channel “insta” is not in the rules doc.",
    ):
        assert said in text


def test_every_button_is_signed_for_its_recipient_and_says_what_it_does(mesh: MotoMesh, week: Week) -> None:
    a_full_week(week)

    _, text, html = told()

    found = Counter((token.action, tuple(post_id for post_id, _ in token.posts)) for token in tokens(text))
    expected = [
        (Action.REVIEW, ("p_late",)),
        (Action.HOLD, ("p_late",)),
        (Action.REVIEW, ("p_wait",)),
        (Action.HOLD, ("p_wait",)),
        (Action.FOUND, ("p_unknown",)),
        (Action.NOT_THERE, ("p_unknown",)),
        (Action.SEND_AGAIN, ("p_unknown",)),
        (Action.RELEASE, ("p_held",)),
        (Action.SEND_NOW, ("p_bad",)),
        (Action.DRAFT, ("p_draft",)),
        (Action.HOLD_EVERYTHING, ()),
    ]
    assert found == Counter(expected)
    assert {token.recipient for token in tokens(text)} == {ADA}
    about = [token for token in tokens(text) if token.action is Action.FOUND]
    assert [(token.channel, token.attempt) for token in about] == [("bluesky-main", 1)]
    assert {token.nonce for token in tokens(text)} == {token.nonce for token in tokens(html)}


def test_several_that_wait_can_be_approved_at_once_where_all_of_them_is_seen(mesh: MotoMesh, week: Week) -> None:
    week.post("p_1", SUNDAY + DAY, "One")
    week.post("p_2", SUNDAY + 2 * DAY, "Two", picture=a_picture())

    _, text, _ = told()

    assert "Approve all 2 you see here" in text
    (every,) = [token for token in tokens(text) if len(token.posts) == 2]
    assert [post_id for post_id, _ in every.posts] == ["p_1", "p_2"]


@pytest.mark.parametrize("hidden", ["a long text", "a picture that cannot be read"])
def test_nobody_is_offered_to_approve_at_once_what_is_not_all_there(mesh: MotoMesh, week: Week, hidden: str) -> None:
    week.post("p_1", SUNDAY + DAY, "One")
    if hidden == "a long text":
        week.post("p_2", SUNDAY + 2 * DAY, "word " * 200)
    else:
        week.post("p_2", SUNDAY + 2 * DAY, "Two", picture=b"no picture at all")

    _, text, _ = told()

    assert "Approve all" not in text
    assert "2 posts to approve" in text


def test_it_is_sent_once_whatever_runs_again_until_the_next_sunday(
    mesh: MotoMesh, week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [run()]
    for later in (timedelta(minutes=1), 2 * DAY, 6 * DAY):
        at_the_clock(monkeypatch, SUNDAY + later)
        runs.append(run())
    at_the_clock(monkeypatch, SUNDAY + 7 * DAY - HOUR)  # 18:00 in Berlin again: the clocks have gone forward
    runs.append(run())

    assert runs == [2, 0, 0, 0, 2]


class Invoked:
    def __init__(self, aws_request_id: str) -> None:
        self.aws_request_id = aws_request_id


def test_a_schedule_that_fires_twice_at_one_moment_tells_nobody_twice(
    mesh: MotoMesh, week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, others = Mailer.send, list[int]()

    def send(self: Mailer, mail: EmailMessage) -> None:
        if not others:
            others.append(0)
            others[0] = handler({"tick": "digest"}, Invoked("i_2"))["mails"]
        original(self, mail)

    monkeypatch.setattr(Mailer, "send", send)
    first = handler({"tick": "digest"}, Invoked("i_1"))["mails"]

    assert first + others[0] == 2
    assert sorted(str(mail["To"]) for mail in mails()) == [ADA, BEN]


def test_throttled_in_the_middle_it_goes_on_with_the_rest(
    mesh: MotoMesh, week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, Throttled("SES"), BEN, times=1)

    with pytest.raises(Throttled):
        run()
    assert [str(mail["To"]) for mail in mails()] == [ADA]
    at_the_clock(monkeypatch, SUNDAY + timedelta(minutes=1))
    assert run() == 1
    assert [str(mail["To"]) for mail in mails()] == [ADA, BEN]


def test_one_who_is_refused_costs_nobody_else_theirs(
    mesh: MotoMesh, week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, MailRefused("no such address"), ADA)

    assert run() == 1
    assert [str(mail["To"]) for mail in mails()] == [BEN]


def test_an_empty_week_says_so_and_what_to_do_next(mesh: MotoMesh, week: Week) -> None:
    subject, text, _ = told()

    assert subject == "Your week: nothing went out, nothing is planned"
    assert text.startswith("Nothing needs you.\n\nFrom Sunday 14 March to Sunday 21 March nothing went out")
    assert "put a row with a date and a time into the sheet" in text
    assert "What went out" not in text


@pytest.mark.parametrize(
    ("begins", "sunday"),
    [
        pytest.param(SUNDAY, datetime(2027, 3, 28, 16, tzinfo=UTC), id="an hour less"),
        pytest.param(datetime(2027, 10, 24, 16, tzinfo=UTC), datetime(2027, 10, 31, 17, tzinfo=UTC), id="an hour more"),
    ],
)
def test_the_week_ends_at_six_in_the_evening_there_also_where_the_clocks_have_changed(
    mesh: MotoMesh, week: Week, monkeypatch: pytest.MonkeyPatch, begins: datetime, sunday: datetime
) -> None:
    moments = {
        "p_before": begins - timedelta(seconds=1),
        "p_first": begins,
        "p_last": sunday - timedelta(seconds=1),
        "p_after": sunday,
    }
    for number, (post_id, at) in enumerate(moments.items()):
        week.post(post_id, at, f"Text {number}")
        week.approve(post_id, at - HOUR)
        week.out(post_id, at)
    at_the_clock(monkeypatch, sunday)

    _, text, _ = told()

    assert [number for number in range(4) if f"“Text {number}”" in text] == [1, 2]


def test_pictures_are_small_and_within_the_mail(mesh: MotoMesh, week: Week) -> None:
    week.post("p_1", SUNDAY + DAY, picture=a_picture(1_200))

    _, _, html = told()

    (shown,) = re.findall(r'src="cid:([^"]+)"', html)
    (part,) = [part for part in mails()[0].walk() if part.get_content_type() == "image/jpeg"]
    assert part["Content-ID"] == f"<{shown}>"
    assert len(part.get_content()) < 20_000


def test_a_week_over_the_end_of_a_month_is_told_whole(
    mesh: MotoMesh, week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    sunday = datetime(2027, 4, 4, 16, tzinfo=UTC)
    midnight = datetime(2027, 3, 31, 22, tzinfo=UTC)
    for number, at in enumerate((midnight - HOUR, midnight + HOUR, midnight + 3 * HOUR)):
        week.post(f"p_{number}", at, f"Text {number}")
        week.approve(f"p_{number}", at - HOUR)
        week.out(f"p_{number}", at)
    at_the_clock(monkeypatch, sunday)

    subject, text, _ = told()

    assert subject == "Your week: nothing needs you, 3 posts out"
    assert [number for number in range(3) if f"“Text {number}”" in text] == [0, 1, 2]


def test_what_is_missing_or_damaged_costs_its_words_and_never_the_digest(
    mesh: MotoMesh, week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_full_week(week)

    def unreadable(self: Packages, post_id: str, revision: str) -> object:
        raise Unreachable("S3")

    monkeypatch.setattr(Packages, "read", unreadable)

    _, text, _ = told()

    assert "1 late post to decide" in text
    assert "Cake on Monday" not in text
    assert "https://bsky.test/1" in text


def test_a_channel_that_is_gone_from_the_rules_is_told_with_its_posts(mesh: MotoMesh, week: Week) -> None:
    week.post("p_1", SUNDAY + DAY, channels=("x-old",))
    week.approve("p_1")
    week.post("p_2", SUNDAY - DAY, channels=("x-older",))
    week.approve("p_2")
    week.out("p_2", SUNDAY - DAY, "x-older")

    _, text, _ = told()

    assert "1 channel to look after" in text
    assert "1 post names it, and nothing goes out there. Put the channel back into the rules doc" in text
    assert "x-older – no longer in the rules doc." in text


def test_rules_that_cannot_be_read_are_said_and_no_channel_is_called_well(mesh: MotoMesh, week: Week) -> None:
    mesh.s3.delete_object(Bucket=mesh.rules_bucket, Key="rules.txt")
    week.post("p_1", SUNDAY - DAY)
    week.approve("p_1")
    week.out("p_1", SUNDAY - DAY)

    _, text, _ = told()

    assert "Your rules doc: there is no copy of it that can be read" in text
    assert "No channel is in trouble" not in text


def test_a_paused_channel_says_since_when_why_and_what_to_do(mesh: MotoMesh, week: Week) -> None:
    week.post("p_1", SUNDAY + DAY)
    week.approve("p_1")
    week.pause("bluesky-main")

    _, text, _ = told()

    assert "Paused since Saturday 20 March, 18:00: the sign-in has ended." in text
    assert "Connect the channel again; what waits then goes out by itself. 1 post waits for it." in text
    assert "approved, but bluesky-main is paused" in text


def test_a_sign_in_that_ends_soon_and_an_address_that_is_gone_are_told(mesh: MotoMesh, week: Week) -> None:
    ends = (SUNDAY + 5 * DAY).isoformat()
    week.runtime.put("health#bluesky-main", {"at": SUNDAY.isoformat(), "ends_at": ends}, ttl=SUNDAY + 60 * DAY)
    week.runtime.put("health#mastodon-main", {"at": (SUNDAY - HOUR).isoformat()}, ttl=SUNDAY + 60 * DAY)
    week.runtime.put("bounced#ben@example.test", {"kind": "bounce", "reason": "no mailbox", "at": SUNDAY.isoformat()})

    run()
    text = body(mails()[0], "plain")

    assert "Its sign-in ends on Friday 26 March, 18:00.\n  Connect the channel again before then." in text
    assert "mastodon-main – works, tried on Sunday 21 March, 17:00." in text
    assert (
        "* ben@example.test\n  Mails come back (no mailbox), so for some weeks none are sent to it.\n  Correct the address"
        in text
    )


def test_a_row_to_mend_that_is_on_hold_too_is_told_once(mesh: MotoMesh, week: Week) -> None:
    week.problem("p_1", SUNDAY + DAY, "the channel “insta” is not in the rules doc")
    week.hold("p_1")

    run()
    text = body(mails()[0], "plain")

    assert text.startswith("Needs you: 1 row to mend.")
    assert "It is on hold as well." in text
    assert "Look at it and release it" not in text


def test_while_everything_is_on_hold_that_comes_first_with_the_way_back(mesh: MotoMesh, week: Week) -> None:
    act = week.act("held", SUNDAY - HOUR)
    week.ledger.set_standing("everything", "hold#everything", {"by": ADA, "at": (SUNDAY - HOUR).isoformat()}, act)
    week.post("p_1", SUNDAY + DAY)
    week.approve("p_1")

    subject, text, _ = told()

    assert subject == "Your week: everything is on hold"
    assert text.startswith("Everything is on hold.")
    assert "approved, but everything is on hold" in text
    assert [token.action for token in tokens(text)] == [Action.RELEASE_EVERYTHING]


def test_texts_with_markup_other_scripts_and_long_names_do_no_harm(mesh: MotoMesh, week: Week) -> None:
    words = "<script>alert(1)</script> & عربى 🍰‍ " + "x" * 300 + ".jpg"
    week.post("p_1", SUNDAY + DAY, words)
    week.problem("p_2", None, f"the file “{words}” is not in the folder")

    _, text, html = told()

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<script>alert(1)</script>" in text
    assert "عربى" in html


def test_a_question_is_asked_until_it_is_answered_also_where_its_row_is_gone(mesh: MotoMesh, week: Week) -> None:
    for post_id in ("p_1", "p_2", "p_3"):
        week.post(post_id, SUNDAY - DAY, f"Text of {post_id}")
        week.approve(post_id, SUNDAY - 2 * DAY)
        week.unknown(post_id, SUNDAY - DAY, answered=post_id == "p_2")
    week.change("p_3", "gone", gone_at=SUNDAY.isoformat(), open=None)

    _, text, _ = told()

    asked = {token.posts[0][0] for token in tokens(text) if token.action is Action.FOUND}
    assert asked == {"p_1", "p_3"}


def test_what_failed_and_is_out_by_now_did_not_fail(mesh: MotoMesh, week: Week) -> None:
    week.post("p_1", SUNDAY - DAY)
    week.approve("p_1", SUNDAY - 2 * DAY)
    week.fail("p_1", SUNDAY - DAY, "too long")
    week.out("p_1", SUNDAY - HOUR)

    subject, text, _ = told()

    assert subject == "Your week: nothing needs you, 1 post out"
    assert "What failed" not in text


def test_how_often_it_asks_the_tables_and_buckets_is_known(mesh: MotoMesh, week: Week) -> None:
    """Reads that grow: a call for each hundred heads, one for each package and picture that is shown."""
    a_full_week(week)
    mesh.calls.clear()

    run()

    counted = Counter(mesh.calls)
    # The trail, what was sent, open posts, drafts; and the whole trail of each post that was approved before it was asked about.
    assert counted["Query"] == 5
    assert counted["BatchGetItem"] <= 10
    assert counted["GetObject"] == 1 + 7 + 2  # the rules, packages, pictures
    assert counted["PutItem"] == 4  # begun and done, for two people
    assert counted["SendEmail"] == 2


@pytest.mark.parametrize("count", [60, pytest.param(5_000, marks=pytest.mark.slow)])
def test_a_week_of_thousands_is_cut_where_mail_programs_would_and_says_of_how_many(
    mesh: MotoMesh, week: Week, count: int
) -> None:
    for number in range(count):
        status = week.ledger.status("p_0") if number else week.post("p_0", SUNDAY + DAY, "word " * 60)
        assert status is not None
        due = SUNDAY + timedelta(minutes=60 + number)
        if number:
            fresh = status.model_copy(update={"post_id": f"p_{number}", "due_at": due.isoformat(), "version": 0})
            mesh.tables.put("ss-status", fresh.model_dump(mode="json", exclude_none=True))

    subject, text, html = told()

    assert subject == f"Your week: {count:,} posts to approve"
    assert sent_bytes(html) <= MOST_BYTES
    assert f"And {count - 10:,} more, in the sheet" in text
    assert f"And {count - 40:,} more, in the sheet" in text
    assert len([token for token in tokens(text) if token.action is Action.REVIEW]) == 10


def test_a_damaged_record_is_named_and_stops_nothing(mesh: MotoMesh, week: Week) -> None:
    week.post("p_ok", SUNDAY + DAY, "Fine")
    mesh.tables.put("ss-status", {"post_id": "p_bad", "open": "1", "due_at": SUNDAY.isoformat(), "channels": 7})

    _, text, _ = told()

    assert "* The record of post p_bad is damaged" in text
    assert "“Fine”" in text


def test_an_approved_post_that_was_asked_about_again_because_it_is_late_is_late(mesh: MotoMesh, week: Week) -> None:
    status = week.post("p_1", SUNDAY - DAY)
    week.approve("p_1", SUNDAY - 2 * DAY)
    assert status.asked is not None
    late = status.asked.model_copy(update={"reason": "late", "round_id": "r_late", "at": (SUNDAY - HOUR).isoformat()})
    week.change("p_1", "asked: late", asked=late)
    week.head("p_1", HeadState.READY, SUNDAY - DAY)

    _, text, _ = told()

    assert "It was approved, and its time passed before it could go out." in text
    assert "Still send it: https://approve.example.test/" in text
