"""The sender on X, against the local server: every request of a publish is lost, spoilt or the last before a kill, and the sender goes on.

X knows no repetition, so what cannot be proved is asked of the owner; here the owner looks at the account and answers truly.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sender_stage
from moto_mesh import MotoMesh
from sender_stage import POST, Stage

from local.networks.serve import Networks
from mesh.errors import Doubt
from mesh.events import Probe, Trouble, Upcoming
from mesh.ledger import Act, Answer, Booked, HeadState, Says
from sender.ahead import try_ahead

CHANNEL = "x-main"
SEQUENCE = ("GET /2/users/me", "POST /2/media/upload", "POST /2/media/metadata", "POST /2/tweets")
Accept = Callable[[], httpx.Response]


@dataclass
class Line:
    """What lies between the sender and the server. ``spoil`` takes the next request that it names."""

    spoil: tuple[str, Callable[[Accept], httpx.Response]] | None = None
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = f"{request.method} {request.url.path}"
        self.asked.append(name)
        if self.spoil is not None and self.spoil[0] == name:
            todo, self.spoil = self.spoil[1], None
            return todo(lambda: _through(request))
        return _through(request)


def _through(request: httpx.Request) -> httpx.Response:
    headers = {name: value for name, value in request.headers.items() if name != "content-length"}
    with httpx.Client(trust_env=False) as client:
        answer = client.request(request.method, request.url, headers=headers, content=request.read())
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


class XStage(Stage):
    """The stage with one channel on the local server, whose clock is the stage's."""

    def __init__(self, mesh: MotoMesh, servers: Networks, account: dict[str, Any]) -> None:
        self.line = Line()
        self.host, self.handle = account["host"], account["handle"]
        super().__init__(mesh, image=True, channels=(CHANNEL,))
        self.connect(CHANNEL, "x", account["account_id"], self.host, account["credentials"])
        self.networks: Any = self.line
        self.ports = self._ports()

    def wait(self, length: timedelta) -> None:
        super().wait(length)
        self.mesh.turn_clock(self.now)

    def feed(self) -> list[dict[str, Any]]:
        posts = httpx.get(f"{self.host}/_local/feed").json()
        return [post for post in posts if post["account"] == self.handle]

    def behave(self, **behaviour: Any) -> None:
        assert httpx.post(f"{self.host}/_local/behaviour", json=behaviour).status_code == 200

    def deliver(self) -> None:
        self.send(attempt=self.head(CHANNEL).attempts + 1, channel=CHANNEL)

    def go_on(self, before_answering: Callable[[], object] = lambda: None) -> HeadState:
        """Deliver, wait, and answer what is asked, by what the account shows, until it is done."""
        for _ in range(8):
            head = self.head(CHANNEL)
            if head.state in (HeadState.SENT, HeadState.FAILED):
                break
            if head.asked_at is not None:
                says = Says.FOUND if self.feed() else Says.SEND_AGAIN
                before_answering()
                at = self.now.isoformat()
                told = Answer(
                    channel=CHANNEL,
                    revision=head.revision,
                    attempt=head.attempts,
                    says=says,
                    by="ada@example.test",
                    how="card",
                    at=at,
                )
                self.change(answers=(told,))
            self.wait(timedelta(minutes=6))
            self.deliver()
        return self.head(CHANNEL).state


@pytest.fixture(scope="module")
def servers() -> Iterator[Networks]:
    started = Networks(None)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def stage(mesh: MotoMesh, servers: Networks, monkeypatch: pytest.MonkeyPatch) -> Iterator[XStage]:
    mesh.turn_clock(sender_stage.DUE)
    account = servers.accounts.add({"network": "x", "handle": f"cafe{secrets.token_hex(4)}"})
    line = f"- {CHANNEL}: x, account {account['account_id']}, {account['host']}\n"
    monkeypatch.setattr(sender_stage, "RULES", sender_stage.RULES + line)
    made = XStage(mesh, servers, account)
    yield made
    made.behave(credit=True, revoke_access=False, listing_lag_seconds=0, refuses_duplicates=True)


class Killed(BaseException):
    """Nothing of the sender goes on."""


def answering(status: int, body: bytes = b"", *, effect: bool = False, **headers: str) -> Callable[[Accept], Any]:
    def answer(accept: Accept) -> httpx.Response:
        if effect:
            accept()
        return httpx.Response(status, content=body, headers=headers)

    return answer


def breaking(error: BaseException, *, effect: bool = False) -> Callable[[Accept], Any]:
    def break_off(accept: Accept) -> httpx.Response:
        if effect:
            accept()
        raise error

    return break_off


FAULTS = {
    "refused connection": breaking(httpx.ConnectError("refused")),
    "timeout before": breaking(httpx.ReadTimeout("slow")),
    "timeout after": breaking(httpx.ReadTimeout("slow"), effect=True),
    "cut": breaking(httpx.RemoteProtocolError("cut"), effect=True),
    "500": answering(500),
    "502 that went through": answering(502, b"<html>Bad gateway", effect=True),
    "HTML 400 that went through": answering(400, b"<html>Bad request", effect=True),
    "HTML 403 that went through": answering(403, b"<html>Forbidden", effect=True),
    "HTML 429 that went through": answering(429, b"<html>Slow down", effect=True),
    "HTML 200": answering(200, b"<html>Just a moment"),
    "empty 200 that went through": answering(200, effect=True),
    "giant that went through": answering(201, b"x" * 1_000_001, effect=True),
    "a redirect": answering(302, location="https://evil.example"),
    "429": answering(429, b'{"type": "about:blank", "title": "Too Many Requests", "detail": "Too Many Requests"}'),
    "killed before": breaking(Killed()),
    "killed after": breaking(Killed(), effect=True),
}


AFTER = {"timeout after", "cut", "killed after", "empty 200 that went through", "giant that went through"}
AFTER |= {name for name in FAULTS if name.endswith("went through")}
PROVED = {"refused connection", "429"}
AT_EVERY_REQUEST = ("timeout after", "HTML 403 that went through", "killed after")
AT_THE_LAST = (*AT_EVERY_REQUEST, "refused connection", "timeout before", "cut", "500", "429", "killed before")


def case(request: str, fault: str) -> Any:
    """Each takes most of a second: what differs little from another is left to the long run."""
    quick = fault in (AT_THE_LAST if request == "POST /2/tweets" else AT_EVERY_REQUEST)
    return pytest.param(request, fault, marks=() if quick else pytest.mark.slow)


CASES = [case(request, fault) for request in SEQUENCE for fault in FAULTS]


@pytest.mark.parametrize(("request_spoilt", "fault"), CASES)
def test_whatever_happens_to_a_request_it_ends_as_one_post(stage: XStage, request_spoilt: str, fault: str) -> None:
    stage.line.spoil = (request_spoilt, FAULTS[fault])
    try:
        stage.deliver()
    except Killed:
        stage.wait(timedelta(minutes=2))
    assert stage.line.spoil is None, "the request was never made"
    there = len(stage.feed())
    creating = request_spoilt == "POST /2/tweets"
    assert there == (creating and fault in AFTER)
    assert stage.go_on() is HeadState.SENT
    (post,) = stage.feed()
    assert [image["alt"] for image in post["images"]] == ["A cake"]
    assert stage.line.asked.count("POST /2/tweets") == (2 if creating and not there else 1)
    asked = [trouble for trouble in stage.mesh.events_of(Trouble) if POST in trouble.post_ids]
    assert bool(asked) is (creating and fault not in PROVED and not there)


def test_a_sender_that_stalls_over_its_uploads_until_another_has_gone_on_posts_nothing_any_more(stage: XStage) -> None:
    def stall(accept: Accept) -> httpx.Response:
        answer = accept()
        stage.wait(timedelta(minutes=2))
        stage.deliver()
        assert len(stage.feed()) == 1
        return answer

    stage.line.spoil = ("POST /2/media/metadata", stall)
    with pytest.raises(Doubt):
        stage.deliver()
    assert stage.line.asked.count("POST /2/tweets") == 1
    assert stage.head(CHANNEL).state is HeadState.SENT
    assert [attempt.result for attempt in stage.attempts(CHANNEL)] == ["fail", "ok"]


def test_a_post_takes_four_requests_with_an_image(stage: XStage) -> None:
    stage.deliver()
    assert stage.line.asked == list(SEQUENCE)
    assert stage.head(CHANNEL).posted_url == stage.feed()[0]["url"]


def test_what_lands_while_its_owner_answers_that_it_is_not_there_is_not_posted_twice(stage: XStage) -> None:
    landing: list[Accept] = []

    def late(accept: Accept) -> httpx.Response:
        landing.append(accept)
        raise httpx.ReadTimeout("slow")

    stage.line.spoil = ("POST /2/tweets", late)
    stage.deliver()
    stage.behave(listing_lag_seconds=1800)  # not even the last look shows it
    assert stage.go_on(before_answering=lambda: landing and landing.pop()()) is HeadState.SENT
    assert stage.line.asked.count("POST /2/tweets") == 2
    assert len(stage.feed()) == 1


def test_an_expired_token_is_renewed_once_stored_and_used(stage: XStage) -> None:
    before = stage.mesh.vault.document(f"ss/channels/{CHANNEL}")["credentials"]
    stage.behave(revoke_access=True)
    stage.deliver()
    assert stage.head(CHANNEL).state is HeadState.SENT
    assert stage.line.asked == [SEQUENCE[0], "POST /2/oauth2/token", *SEQUENCE]
    after = stage.mesh.vault.document(f"ss/channels/{CHANNEL}")["credentials"]
    assert after["refresh_token"] != before["refresh_token"]
    assert len(stage.attempts(CHANNEL)) == 1


def test_a_token_about_to_end_is_renewed_before_it_is_used(stage: XStage) -> None:
    stage.wait(timedelta(minutes=111))
    stage.deliver()
    assert stage.line.asked == ["POST /2/oauth2/token", *SEQUENCE]


def test_a_sign_in_that_cannot_be_renewed_pauses_the_channel_until_it_is_connected_again(stage: XStage) -> None:
    stored = stage.mesh.vault.document(f"ss/channels/{CHANNEL}")
    dead = {**stored["credentials"], "access_token": "dead", "refresh_token": "dead"}
    stage.connect(CHANNEL, "x", stored["account_id"], stored["host"], dead)
    stage.deliver()
    assert f"pause#{CHANNEL}" in stage.mesh.ledger.standing([f"pause#{CHANNEL}"])
    assert [attempt.counted for attempt in stage.attempts(CHANNEL)] == [False]
    stage.connect(CHANNEL, "x", stored["account_id"], stored["host"], stored["credentials"])
    assert stage.ports.channels.probe(CHANNEL, "t_1") == "alive"
    stage.deliver()
    assert len(stage.feed()) == 1


def test_credit_used_up_pauses_the_channel_and_counts_no_attempt(stage: XStage) -> None:
    stage.behave(credit=False)
    stage.deliver()
    (trouble,) = stage.mesh.events_of(Trouble)
    assert "no credit" in trouble.message
    assert [attempt.counted for attempt in stage.attempts(CHANNEL)] == [False]
    stage.behave(credit=True)
    assert stage.ports.channels.probe(CHANNEL, "t_1") == "alive"
    stage.deliver()
    assert stage.head(CHANNEL).state is HeadState.SENT


def _look_ahead(stage: XStage) -> list[str]:
    """A day before the post's time; what is said of it."""
    stage.mesh.turn_clock(stage.now)
    head = stage.head(CHANNEL)
    booked = head.model_copy(
        update={"booking": Booked(name="b-x", at=(stage.now + timedelta(hours=23)).isoformat(), attempt=1)}
    )
    stage.mesh.ledger.change_head(head, booked, Act("booked", "test", stage.now))
    stage.mesh.entries.clear()
    post = Upcoming(post_id=POST, revision=stage.revision, channels=[CHANNEL])
    try_ahead(stage.ports, Probe(channels=[], posts=[post]), lambda: stage.remaining_seconds)
    return [trouble.message for trouble in stage.mesh.events_of(Trouble)]


def test_a_look_ahead_finds_nothing_wrong_with_a_token_of_two_hours_that_can_be_renewed(stage: XStage) -> None:
    assert _look_ahead(stage) == []
    assert stage.line.asked.count("POST /2/oauth2/token") == 1, "that it can be is seen by doing it"


def test_a_look_ahead_says_that_a_token_of_two_hours_can_no_longer_be_renewed(stage: XStage) -> None:
    stored = stage.mesh.vault.document(f"ss/channels/{CHANNEL}")
    stage.connect(
        CHANNEL, "x", stored["account_id"], stored["host"], {**stored["credentials"], "refresh_token": "dead"}
    )
    (message,) = _look_ahead(stage)
    assert "will not go out on x-main as things are: its sign-in ends on" in message
