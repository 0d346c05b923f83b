"""The stand-in before boto3's own client: every documented failure, every limit, and drafts and plans that make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from draft_helper.asking import draft_tool, plan_tool
from local.bedrock.errors import BY_NAME
from local.bedrock.orders import NAMES
from local.bedrock.serve import LocalBedrock
from recap.asking import request as recap_request
from recap.paragraph import Untrue, checked

MODEL = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
SYSTEM = "- bluesky-main (Bluesky): at most 300 graphemes.\n- x-main (X): at most 60 characters."
JPEG = b"\xff\xd8\xff\xe0 a picture"
OWED = frozenset({"month", "posts", "failed"})
NOTE = "Fresh rolls from Friday on. Come early."


@pytest.fixture(scope="module")
def server() -> Iterator[LocalBedrock]:
    bedrock = LocalBedrock()
    bedrock.start()
    yield bedrock
    bedrock.stop()


@pytest.fixture
def bedrock(server: LocalBedrock) -> LocalBedrock:
    server.orders.clear()
    server.faults.clear()
    server.calls = []
    return server


def client(server: LocalBedrock, read_timeout: float = 10) -> Any:
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=server.origin,
        region_name="ap-southeast-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout),
    )


def said(note: str = NOTE, *more: str, files: str = "") -> str:
    blocks = {"note": note, "files": files, **{f"draft-{number}": one for number, one in enumerate(more, start=1)}}
    return "\n\n".join(
        f"<{name}-0123456789abcdef>\n{words}\n</{name}-0123456789abcdef>" for name, words in blocks.items() if words
    )


def ask(server: LocalBedrock, text: str = "", *blocks: Any, tool: Any = None, **changed: Any) -> dict[str, Any]:
    tool = tool or draft_tool(["bluesky-main", "x-main"], sum("image" in block for block in blocks))
    request = {
        "modelId": MODEL,
        "system": [{"text": SYSTEM}],
        "messages": [{"role": "user", "content": [*blocks, {"text": text or said()}]}],
        "toolConfig": {"tools": [tool], "toolChoice": {"tool": {"name": tool["toolSpec"]["name"]}}},
        "inferenceConfig": {"maxTokens": 500},
        **changed,
    }
    found: dict[str, Any] = client(server).converse(**request)
    return found


def given(answer: dict[str, Any]) -> dict[str, Any]:
    (block,) = answer["output"]["message"]["content"]
    found: dict[str, Any] = block["toolUse"]["input"]
    return found


# what it writes


def test_a_draft_says_what_the_note_says_within_each_channels_room(bedrock: LocalBedrock) -> None:
    answer = ask(bedrock, said(f"{NOTE} We are looking forward to you and all your friends."))
    draft = given(answer)
    assert draft["text"].startswith(NOTE)
    assert set(draft["texts"]) == {"x-main"}
    assert draft["texts"]["x-main"] == NOTE
    assert (answer["stopReason"], answer["usage"]["totalTokens"] > 50) == ("tool_use", True)


def test_the_same_request_has_the_same_answer(bedrock: LocalBedrock) -> None:
    assert ask(bedrock)["output"] == ask(bedrock)["output"]


def test_another_wording_is_unlike_those_that_were_seen(bedrock: LocalBedrock) -> None:
    first = given(ask(bedrock))["text"]
    second = given(ask(bedrock, said(NOTE, first)))["text"]
    third = given(ask(bedrock, said(NOTE, first, second)))["text"]
    assert len({first, second, third}) == 3


def test_pictures_are_described_by_their_names(bedrock: LocalBedrock) -> None:
    image = {"image": {"format": "jpeg", "source": {"bytes": JPEG}}}
    draft = given(ask(bedrock, said(files="picture 1: cake.jpg\npicture 2: door.jpg"), image, image))
    assert draft["alts"] == ["A picture: cake.jpg", "A picture: door.jpg"]


def test_words_that_are_never_said_are_left_out_and_those_always_said_are_there(bedrock: LocalBedrock) -> None:
    voice = "<never-say-0123456789abcdef>\ncheap\n</never-say-0123456789abcdef>\n"
    voice += "<always-mention-0123456789abcdef>\n#moewe\n</always-mention-0123456789abcdef>"
    text = given(ask(bedrock, said("Rolls are cheap today. Come early."), system=[{"text": f"{SYSTEM}\n{voice}"}]))[
        "text"
    ]
    assert text == "Come early. #moewe"


@pytest.mark.parametrize(
    "note", ["مرحبا بكم في المقهى 🥐☕️", "🥐", "(no words)", "x" * 5_000, "$100 <b>&amp;</b> </note-"]
)
def test_any_note_has_a_draft(bedrock: LocalBedrock, note: str) -> None:
    assert given(ask(bedrock, said(note)))["text"]


def test_a_plan_has_as_many_topics_as_were_asked_for_and_its_pictures(bedrock: LocalBedrock) -> None:
    images = [{"image": {"format": "jpeg", "source": {"bytes": JPEG}}}] * 2
    posts = given(ask(bedrock, said("Our spring sale"), *images, tool=plan_tool(5, 2)))["posts"]
    assert len({post["topic"] for post in posts}) == 5
    assert [post.get("picture") for post in posts] == [1, 2, None, None, None]
    assert all("Our spring sale" in post["topic"] for post in posts)


# what it does wrong when it is told to


def refused(bedrock: LocalBedrock, note: str, **changed: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        ask(bedrock, said(note), **changed)
    response: Any = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("order", sorted(BY_NAME))
def test_each_refusal_is_one_that_boto3_knows(bedrock: LocalBedrock, order: str) -> None:
    assert refused(bedrock, f"{NOTE} [[{order}]]") == (BY_NAME[order].kind, BY_NAME[order].status)


@pytest.mark.parametrize(
    ("order", "stop"),
    [
        ("refuse", "content_filtered"),
        ("guardrail", "guardrail_intervened"),
        ("cut off", "max_tokens"),
        ("no tool", "end_turn"),
    ],
)
def test_it_stops_for_every_reason(bedrock: LocalBedrock, order: str, stop: str) -> None:
    assert ask(bedrock, said(f"{NOTE} [[{order}]]"))["stopReason"] == stop


def test_malformed_is_a_tool_call_of_the_wrong_shape(bedrock: LocalBedrock) -> None:
    assert not isinstance(given(ask(bedrock, said(f"{NOTE} [[malformed]]")))["text"], str)


def test_too_long_fits_nowhere_until_it_is_sent_back(bedrock: LocalBedrock) -> None:
    for order, mended in (("too long", True), ("too long twice", False)):
        text = said(f"{NOTE} [[{order}]]")
        first = ask(bedrock, text)
        message = first["output"]["message"]
        assert len(given(first)["text"]) > 3_000
        use = message["content"][0]["toolUse"]["toolUseId"]
        result = {"role": "user", "content": [{"toolResult": {"toolUseId": use, "content": [{"text": "too long"}]}}]}
        turns = [{"role": "user", "content": [{"text": text}]}, message, result]
        assert (len(given(ask(bedrock, messages=turns))["text"]) < 300) is mended


def test_a_number_says_how_often(bedrock: LocalBedrock) -> None:
    note = f"{NOTE} [[throttle 2]]"
    assert [refused(bedrock, note)[0] for _ in range(2)] == ["ThrottlingException"] * 2
    assert given(ask(bedrock, said(note)))["text"] == NOTE


def test_a_hanging_one_gives_no_answer(bedrock: LocalBedrock) -> None:
    tool = draft_tool([], 0)
    request = {
        "modelId": MODEL,
        "messages": [{"role": "user", "content": [{"text": "[[hang]]"}]}],
        "toolConfig": {"tools": [tool], "toolChoice": {"tool": {"name": "draft"}}},
    }
    with pytest.raises(ReadTimeoutError):
        client(bedrock, read_timeout=0.2).converse(**request)


def test_the_next_requests_can_be_ordered_without_a_word_in_the_note(bedrock: LocalBedrock) -> None:
    ordered = httpx.post(f"{bedrock.origin}/_local/orders", json={"next": ["refuse", "503"]})
    assert (ordered.status_code, ordered.json()) == (201, {"next": ["refuse", "503"]})
    assert ask(bedrock)["stopReason"] == "content_filtered"
    assert refused(bedrock, NOTE) == ("ServiceUnavailableException", 503)
    assert given(ask(bedrock))


def test_an_unknown_order_is_told_with_those_there_are(bedrock: LocalBedrock) -> None:
    answer = httpx.post(f"{bedrock.origin}/_local/orders", json={"next": ["dance"]})
    assert answer.status_code == 400
    assert all(name in answer.json()["error"] for name in NAMES)
    assert given(ask(bedrock, said(f"{NOTE} [[dance]]")))


def test_it_tells_of_its_calls_and_none_of_their_words(bedrock: LocalBedrock) -> None:
    ask(bedrock)
    (call,) = httpx.get(f"{bedrock.origin}/_local/calls").json()
    assert (call["model"], call["tool"], call["turn"]) == (MODEL, "draft", 0)
    assert "rolls" not in str(call)


# what it holds a request to


def image(form: str, content: bytes) -> dict[str, Any]:
    return {"image": {"format": form, "source": {"bytes": content}}}


def document(name: str, content: bytes = b"%PDF-1.4") -> dict[str, Any]:
    return {"document": {"format": "pdf", "name": name, "source": {"bytes": content}}}


@pytest.mark.parametrize(
    "blocks",
    [
        [image("png", JPEG)],
        [image("jpeg", JPEG + b" " * 3_750_000)],
        [image("jpeg", JPEG)] * 21,
        [document("menu.pdf")],
        [document("menu", b"no pdf")],
        [document("menu"), document("menu")],
        [document(f"menu {number}") for number in range(6)],
        [document("menu", b"%PDF-1.4" + b" " * 4_500_000)],
    ],
    ids=["another format", "heavy", "many", "a dot in its name", "no pdf", "one name twice", "six", "a heavy pdf"],
)
def test_files_beyond_converses_limits_are_refused(bedrock: LocalBedrock, blocks: list[Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        ask(bedrock, said(), *blocks)


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


CALL = {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "draft", "input": {}}}]}


@pytest.mark.parametrize(
    "messages",
    [
        [CALL],
        [user({"text": "a"}), user({"text": "b"})],
        [user({"text": "a"}), CALL],
        [user({"text": "a"}), CALL, user({"text": "no result"})],
        [user({"text": " "})],
        [user(document("menu"))],
        [user({"text": "word " * 200_000})],
    ],
    ids=[
        "begins with the model",
        "two turns of one",
        "ends with the model",
        "no result",
        "blank",
        "a document alone",
        "too much",
    ],
)
def test_a_conversation_that_bedrock_would_refuse_is_refused(bedrock: LocalBedrock, messages: list[Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        ask(bedrock, messages=messages)


def test_a_model_that_does_not_exist_is_refused(bedrock: LocalBedrock) -> None:
    assert refused(bedrock, NOTE, modelId="gpt") == ("ValidationException", 400)


# a month's paragraph


MONTH = {
    "month": "October 2026",
    "posts": "6 posts",
    "appearances": "8 appearances in all",
    "failed": "1 appearance that failed",
}


def ask_for_a_month(server: LocalBedrock) -> str:
    request = recap_request(MONTH, OWED)
    answer = client(server).converse(
        modelId=MODEL,
        system=[{"text": request.system}],
        messages=list(request.messages),
        toolConfig={"tools": [request.tool], "toolChoice": {"tool": {"name": "recap"}}},
        inferenceConfig={"maxTokens": request.most_tokens},
    )
    return str(given(answer)["paragraph"])


def test_a_months_paragraph_keeps_the_rules_that_it_is_held_to(bedrock: LocalBedrock) -> None:
    assert checked(ask_for_a_month(bedrock), MONTH, OWED).startswith(
        "In October 2026, 6 posts went out: 8 appearances in all."
    )


def test_it_lies_about_a_month_when_it_is_told_to(bedrock: LocalBedrock) -> None:
    bedrock.orders.add(["lie"])
    with pytest.raises(Untrue):
        checked(ask_for_a_month(bedrock), MONTH, OWED)
    assert checked(ask_for_a_month(bedrock), MONTH, OWED)
