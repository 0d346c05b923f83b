"""The recap over moto: once to each stakeholder, the same to all, whatever Bedrock, SES and the tables do."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from recap_desk import BERLIN, OWNERS, STAKEHOLDERS, Context, Desk, part

import recap.handler
from local.bedrock.errors import BY_NAME
from mesh import clock
from mesh.errors import Throttled, Unreachable
from mesh.mail import Mailer, MailRefused

BY_THE_STAND_IN = "In October 2026, 5 posts went out: 5 appearances in all, 80% of appearances on time."
PLAIN = "In October 2026, 5 posts went out on 2 channels: 5 appearances in all, 80% of appearances on time."


def fails(monkeypatch: pytest.MonkeyPatch, error: Exception, to: str, times: int = 99, after: bool = False) -> None:
    """SES fails the next mails to one address; ``after`` it has taken them."""
    original, left = Mailer.send, [times]

    def send(self: Mailer, mail: EmailMessage) -> None:
        hit = left[0] > 0 and str(mail["To"]) == to
        left[0] -= hit
        if not hit or after:
            original(self, mail)
        if hit:
            raise error

    monkeypatch.setattr(Mailer, "send", send)


def test_each_stakeholder_is_told_the_same_once(desk: Desk) -> None:
    desk.a_month()

    assert desk.runs() == {"mails": 3, "slack": 0}
    assert desk.runs() == {"mails": 0, "slack": 0}
    desk.later(days=20)
    assert desk.runs(Context("by hand")) == {"mails": 0, "slack": 0}

    assert set(desk.recaps) == set(STAKEHOLDERS)
    assert len(set(desk.recaps.values())) == 1
    assert desk.paragraph.startswith(BY_THE_STAND_IN)
    assert len(desk.bedrock.calls) == 1


def test_an_answer_to_it_reaches_one_who_approves(desk: Desk) -> None:
    desk.a_month()
    desk.runs()
    assert {str(mail["Reply-To"]) for mail in desk.mails} == {OWNERS[0]}


def test_without_stakeholders_it_goes_to_those_who_approve(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAKEHOLDERS", " ")
    desk.runs()
    assert set(desk.recaps) == set(OWNERS)
    assert "because no other readers are named" in desk.recaps[OWNERS[0]]


def test_a_mail_carries_no_link_no_button_and_the_way_off_the_list(desk: Desk) -> None:
    desk.a_month()
    desk.runs()
    for mail in desk.mails:
        assert "<a " not in part(mail, "html")
        assert "approve.example.test" not in part(mail, "html") + part(mail, "plain")
        assert "the owner of the business can take you off that list" in part(mail, "plain")
        assert "on its list of stakeholders" in part(mail, "html")


def test_the_figures_are_the_months_and_the_charges_those_of_its_packages(desk: Desk) -> None:
    desk.a_month()
    desk.posted("p_6", "bluesky-main", 33)  # in November
    desk.runs()
    text = desk.recaps[STAKEHOLDERS[0]]
    assert "Posts that went out: 5" in text
    assert "On time: 80% (4 of 5 within five minutes of their time)" in text
    assert "Charges of X: US$0.22 (for 2 posts, by X's price list)" in text
    assert "- tweets: 2 posted, 2 of them on time" in text


def test_a_package_that_is_gone_makes_the_charges_a_range_and_says_so(desk: Desk) -> None:
    desk.a_month()
    for one in desk.mesh.s3.list_objects_v2(Bucket=desk.mesh.posts_bucket, Prefix="packages/p_4/")["Contents"]:
        desk.mesh.s3.delete_object(Bucket=desk.mesh.posts_bucket, Key=one["Key"])
    desk.runs()
    assert "Charges of X: US$0.22 to US$0.40" in desk.recaps[STAKEHOLDERS[0]]
    assert "Whether 1 post on X held a link could not be looked up" in desk.recaps[STAKEHOLDERS[0]]


def test_a_channel_that_is_gone_is_told_under_its_name(desk: Desk) -> None:
    """No rules doc is there at all: the month is told by what went out."""
    desk.posted("p_1", "<b>old & gone</b>", 3)
    desk.runs()
    assert "- <b>old & gone</b>: 1 posted" in desk.recaps[STAKEHOLDERS[0]]
    assert "&lt;b&gt;old &amp; gone&lt;/b&gt;" in part(desk.mails[0], "html")


def test_a_month_of_nothing_comes_and_says_so_and_asks_no_model(desk: Desk) -> None:
    assert desk.runs()["mails"] == 3
    assert desk.paragraph == "October 2026 was a quiet month: nothing was posted."
    assert desk.bedrock.calls == []
    assert [part for part in desk.mails[0].walk() if part.get_content_maintype() == "image"] == []


def test_what_the_history_lacks_is_said(desk: Desk) -> None:
    desk.a_month()
    rows = desk.mesh.audit("p_1#bluesky-main")
    for row in (rows[0],):
        desk.mesh.tables.put(desk.mesh.names.audit, {**row, "seq": "00000003", "ts": row["ts"]})
    desk.runs()
    assert "missing from the history; make verify-audit says where." in desk.recaps[STAKEHOLDERS[0]]


# the picture


def test_the_picture_is_inside_the_mail_and_said_in_words(desk: Desk) -> None:
    desk.a_month()
    desk.runs()
    html = part(desk.mails[0], "html")
    (image,) = [one for one in desk.mails[0].walk() if one.get_content_maintype() == "image"]
    assert image.get_content().startswith(b"\x89PNG")
    assert f'src="cid:{str(image["Content-ID"]).strip("<>")}"' in html
    assert 'alt="What went out each day in October 2026, a column for each day' in html
    assert "the most on Friday 9 October with 3." in html


# Bedrock


ALL_TRIES = 3  # of what may be asked again, and one more for what could not be used
ORDERS = [*BY_NAME, "refuse", "guardrail", "malformed", "no tool", "cut off", "lie", "too long"]
OF_EACH_KIND = {"throttle", "denied", "malformed", "lie", "refuse"}  # the others with the slower tests


@pytest.mark.parametrize(
    "order", [pytest.param(one, marks=() if one in OF_EACH_KIND else pytest.mark.slow) for one in ORDERS]
)
def test_whatever_bedrock_does_the_recap_goes_out_with_the_plain_paragraph(desk: Desk, order: str) -> None:
    desk.a_month()
    desk.orders(*[order] * (1 + ALL_TRIES))

    assert desk.runs()["mails"] == 3

    assert desk.paragraph.startswith(PLAIN)
    assert desk.runs()["mails"] == 0


def test_a_lie_is_asked_for_once_more_and_the_truth_is_kept(desk: Desk) -> None:
    desk.a_month()
    desk.orders("lie")
    desk.runs()
    assert desk.paragraph.startswith(BY_THE_STAND_IN)
    assert desk.spent.calls == 2


def test_a_model_that_does_not_answer_costs_its_time_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recap.wiring.READ_SECONDS", 1)
    desk.a_month()
    desk.orders("hang")
    desk.runs()
    assert desk.paragraph.startswith(PLAIN)
    assert len(desk.bedrock.calls) == 1


def test_with_little_time_left_no_model_is_asked(desk: Desk) -> None:
    desk.a_month()
    desk.runs(Context(milliseconds=20_000))
    assert desk.paragraph.startswith(PLAIN)
    assert desk.bedrock.calls == []


def test_past_the_days_cap_no_model_is_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_DRAFTS", "0")
    desk.a_month()
    desk.runs()
    assert desk.paragraph.startswith(PLAIN)
    assert desk.bedrock.calls == []


def test_what_the_paragraph_cost_is_counted_as_drafts_are(desk: Desk) -> None:
    desk.a_month()
    desk.runs()
    assert (desk.spent.drafts, desk.spent.calls) == (1, 1)
    assert desk.spent.tokens_in == desk.bedrock.calls[0]["tokens_in"]
    assert desk.spent.micro_usd > 0


def test_a_lie_costs_too_and_takes_no_draft_of_the_day(desk: Desk) -> None:
    desk.a_month()
    desk.orders("lie", "lie")
    desk.runs()
    assert (desk.spent.drafts, desk.spent.calls) == (0, 2)
    assert desk.spent.micro_usd > 0


# SES, and what comes in between


def test_throttled_in_the_middle_it_goes_on_where_it_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.a_month()
    fails(monkeypatch, Throttled("SES"), to=STAKEHOLDERS[1], times=1)

    with pytest.raises(Throttled):
        desk.runs()
    assert set(desk.recaps) == {STAKEHOLDERS[0]}
    desk.later(minutes=1)

    assert desk.runs() == {"mails": 2, "slack": 0}
    assert set(desk.recaps) == set(STAKEHOLDERS)
    assert len(desk.bedrock.calls) == 1


def test_a_crash_while_it_is_told_costs_nobody_theirs_and_the_words_stay(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.a_month()
    fails(monkeypatch, KeyboardInterrupt(), to=STAKEHOLDERS[2], times=1)  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        desk.runs()
    desk.orders("lie", "lie")
    desk.posted("p_late", "bluesky-main", 30)  # what a look finds later changes nothing that was told
    assert desk.runs() == {"mails": 1, "slack": 0}

    assert set(desk.recaps) == set(STAKEHOLDERS)
    assert len(set(desk.recaps.values())) == 1


def test_a_second_delivery_at_the_same_moment_leaves_it_to_the_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Mailer.send
    began: list[bool] = []
    told: list[int] = []

    def send(self: Mailer, mail: EmailMessage) -> None:
        if not began:
            began.append(True)
            told.append(desk_runs(desk, "i_2"))
        original(self, mail)

    monkeypatch.setattr(Mailer, "send", send)
    desk.a_month()
    first = desk_runs(desk, "i_1")

    assert sorted(desk.recaps) == sorted(STAKEHOLDERS)
    assert first + told[0] == 3


def desk_runs(desk: Desk, number: str) -> int:
    return desk.runs(Context(number))["mails"]


def test_an_address_that_is_refused_is_named_to_those_who_approve_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.a_month()
    fails(monkeypatch, MailRefused("the mail was refused (MessageRejected)"), to=STAKEHOLDERS[0])

    assert desk.runs()["mails"] == 2
    desk.runs()

    assert set(desk.recaps) == set(STAKEHOLDERS[1:])
    notes = [mail for mail in desk.mails if "reach everybody" in str(mail["Subject"])]
    assert sorted(str(mail["To"]) for mail in notes) == sorted(OWNERS)
    assert STAKEHOLDERS[0] in part(notes[0], "plain")
    assert "approve.example.test" not in part(notes[0], "html")


# what is written down


def test_no_log_line_holds_an_address_or_a_word_of_the_paragraph(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.a_month()
    desk.orders("lie", "lie")
    desk.runs()
    said = [str(vars(record)) for record in caplog.records if record.name == "recap"]
    assert any("characters that no such sentence needs" in one for one in said)
    assert not any(word in one for one in said for word in ("went out", *STAKEHOLDERS, *OWNERS))


def test_what_is_kept_is_gone_after_two_months(desk: Desk) -> None:
    desk.a_month()
    desk.runs()
    item = desk.mesh.runtime.get("recap#2026-10#told", clock.now())
    assert item is not None
    assert item["ttl"] - clock.now().timestamp() > timedelta(days=61).total_seconds()
    assert len(json.dumps(item, default=str)) < 20_000


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 11, 2, 9, 0, tzinfo=BERLIN), "October 2026"),
        (datetime(2027, 1, 4, 9, 0, tzinfo=BERLIN), "December 2026"),
        (datetime(2026, 6, 1, 9, 0, tzinfo=BERLIN), "May 2026"),  # the first Monday is the first
    ],
)
def test_the_month_before_is_told_by_the_business_s_calendar(desk: Desk, moment: datetime, month: str) -> None:
    desk.mesh.turn_clock(moment)
    desk.runs()
    assert desk.paragraph.startswith(month)


def test_the_function_never_asks_for_the_signing_key(desk: Desk) -> None:
    desk.a_month()
    desk.runs()
    assert "GetSecretValue" not in desk.mesh.calls
    with pytest.raises(NotImplementedError):
        recap.handler.wire().office.signer.sign(None)  # type: ignore[arg-type]


def test_tables_that_cannot_be_read_now_are_raised_and_nobody_is_told_half(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Unreachable("DynamoDB")

    with monkeypatch.context() as patch:
        patch.setattr("mesh.reckoning.reading.read", broken)
        with pytest.raises(Unreachable):
            desk.runs()
    assert desk.mails == []
    assert desk.runs()["mails"] == 3
