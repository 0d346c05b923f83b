"""Everything Converse can answer has its error, and every error its sentence."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from draft_helper import failing
from draft_helper.failing import Failure, of_model
from mesh.converse import model
from mesh.converse.model import Model, ModelError, every_error
from mesh.converse.talk import Request

GOOD: dict[str, Any] = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [{"toolUse": {"toolUseId": "t", "name": "draft", "input": {"text": "Hi"}}}],
        }
    },
    "stopReason": "tool_use",
    "usage": {"inputTokens": 10, "outputTokens": 3, "totalTokens": 13},
}
ASKED = Request("system", [{"role": "user", "content": [{"text": "note"}]}], {"name": "draft"}, "draft-1", "draft", 500)


def described() -> dict[str, Any]:
    """botocore's model of the service: what the API reference is made from."""
    (folder,) = (Path(botocore.__file__).parent / "data" / "bedrock-runtime").iterdir()
    found: dict[str, Any] = json.loads(gzip.decompress((folder / "service-2.json.gz").read_bytes()))
    return found


DESCRIBED = described()


class Line:
    """A client that answers or raises what it is given, one after the other; ``asked`` are the requests."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def converse(self, **request: Any) -> Any:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def says(code: str, message: str = "", status: int = 400) -> ClientError:
    told: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "Converse")


def stopped(reason: str, **changed: Any) -> dict[str, Any]:
    return {**GOOD, "stopReason": reason, **changed}


def ask(
    *answers: Any,
    check: Callable[[Mapping[str, Any]], object] | None = None,
    left: Callable[[], int] = lambda: 900_000,
    guardrail: str = "",
) -> tuple[Any, Line]:
    line = Line(*answers)
    try:
        return Model(line, "some.model", guardrail).ask(ASKED, check=check, left=left), line
    except ModelError as error:
        return error, line


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_WAIT_SECONDS", (0.0, 0.0))


# what is asked


def test_the_tool_is_demanded_and_the_guardrail_named() -> None:
    _, line = ask(GOOD, guardrail="gr-1:4")
    (asked,) = line.asked
    assert asked["toolConfig"] == {
        "tools": [{"toolSpec": {"name": "draft"}}],
        "toolChoice": {"tool": {"name": "draft"}},
    }
    assert asked["guardrailConfig"] == {"guardrailIdentifier": "gr-1", "guardrailVersion": "4"}
    assert (asked["modelId"], asked["inferenceConfig"]) == ("some.model", {"maxTokens": 500})


def test_without_a_guardrail_none_is_named() -> None:
    assert "guardrailConfig" not in ask(GOOD)[1].asked[0]


def test_the_client_itself_tries_once_and_gives_up_before_the_function_does() -> None:
    assert model.CONFIG.retries["total_max_attempts"] == 1
    assert model.READ_SECONDS * 1000 < model.NEEDED_MILLISECONDS < 120_000 / 2 + 1


# nothing unmapped


def test_every_error_that_converse_documents_is_known_by_name() -> None:
    documented = {one["shape"] for one in DESCRIBED["operations"]["Converse"]["errors"]}
    assert documented <= set(model._CODES)


def test_every_reason_to_stop_that_is_documented_is_known_by_name() -> None:
    assert set(DESCRIBED["shapes"]["StopReason"]["enum"]) <= set(model._STOPS)


@pytest.mark.parametrize("kind", sorted(every_error(), key=lambda one: one.__name__))
def test_every_error_has_a_code_and_a_sentence_that_says_what_to_do(kind: type[ModelError]) -> None:
    failure = of_model(kind("x"), "some.model")
    assert failure.code
    assert any(word in failure.sentence for word in ("Try again", "Send it again", "Write it yourself"))
    assert "{" not in failure.sentence


def test_no_two_errors_share_a_code_and_no_sentence_speaks_of_exceptions() -> None:
    found = [of_model(kind("x"), "some.model") for kind in every_error()]
    assert len({one.code for one in found}) == len(found) == len(failing._SAID)
    assert not [one for one in found if "xception" in one.sentence or "error" in one.sentence.lower()]


OTHERS = {
    "daily-cap": failing.too_many_today(60),
    "lost-upload": failing.lost_upload("cake.jpg"),
    "no-rules": failing.no_rules(),
    "rules-unusable": failing.unusable_rules(),
    "no-channel": failing.no_channel(("old",)),
    "sheet-unreadable": failing.unreadable_sheet("it ends in the middle"),
    "empty-note": failing.nothing_said(),
    "gave-up": failing.GAVE_UP,
    "storage-busy": failing.storage_busy(),
}


@pytest.mark.parametrize(("code", "failure"), OTHERS.items())
def test_every_other_failure_says_what_to_do(code: str, failure: Failure) -> None:
    assert failure.code == code
    assert any(
        word in failure.sentence for word in ("Try again", "Send the note again", "send the note again", "Send one")
    )


def test_the_daily_cap_names_its_number() -> None:
    assert "60 drafts were made today" in failing.too_many_today(60).sentence
    assert "One draft was made today" in failing.too_many_today(1).sentence


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (says("ThrottlingException", "Too many requests, please wait", 429), model.Throttled),
        (says("ThrottlingException", "Too many tokens per day, please wait", 429), model.QuotaOver),
        (says("ServiceQuotaExceededException", "", 400), model.QuotaOver),
        (says("ModelNotReadyException", "", 429), model.Unavailable),
        (says("ServiceUnavailableException", "", 503), model.Unavailable),
        (says("InternalServerException", "", 500), model.Unavailable),
        (says("ModelErrorException", "", 424), model.Unavailable),
        (says("ModelTimeoutException", "", 408), model.TimedOut),
        (says("AccessDeniedException", "", 403), model.NotAllowed),
        (says("ExpiredTokenException", "", 403), model.NotAllowed),
        (says("ResourceNotFoundException", "Model use case details have not been submitted", 404), model.NotAllowed),
        (says("ResourceNotFoundException", "This model version has reached the end of its life", 404), model.UnknownModel),
        (says("ValidationException", "The provided model identifier is invalid."), model.UnknownModel),
        (says("ValidationException", "on-demand throughput isn't supported"), model.UnknownModel),
        (says("ValidationException", "Input is too long for requested model."), model.TooLarge),
        (says("ValidationException", "messages.0: whatever"), model.NotTaken),
        (says("413", "", 413), model.TooLarge),
        (says("SomethingNew", "", 599), model.Unavailable),
        (says("SomethingNew", "", 429), model.Throttled),
        (says("SomethingNew", "", 418), model.NotTaken),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), model.TimedOut),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), model.Unavailable),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), model.Unavailable),
        (exceptions.ConnectionClosedError(endpoint_url="https://x"), model.Unavailable),
        (exceptions.NoCredentialsError(), model.NotAllowed),
        (exceptions.ParamValidationError(report="x"), model.NotTaken),
        (stopped("max_tokens"), model.CutOff),
        (stopped("guardrail_intervened"), model.Refused),
        (stopped("content_filtered"), model.Refused),
        (stopped("refusal"), model.Refused),
        (stopped("malformed_tool_use"), model.Malformed),
        (stopped("malformed_model_output"), model.Malformed),
        (stopped("model_context_window_exceeded"), model.TooLarge),
        (stopped("a_reason_of_tomorrow"), model.Malformed),
        (stopped("end_turn", output={"message": {"role": "assistant", "content": [{"text": "Here you go"}]}}), model.Malformed),
        (stopped("tool_use", output={"message": {"content": [{"toolUse": {"input": "text"}}]}}), model.Malformed),
        (stopped("tool_use", output={}), model.Malformed),
        ({}, model.Malformed),
    ],
)  # fmt: skip
def test_whatever_comes_back_is_one_of_ours(error: Any, kind: type[ModelError]) -> None:
    found, _ = ask(*[error] * 5)
    assert type(found) is kind


def test_bedrocks_own_words_which_may_quote_the_note_stay_out_of_the_error() -> None:
    found, _ = ask(says("ValidationException", "the text 'my secret note' is bad"))
    assert "secret" not in str(found)


# again


def test_a_moments_trouble_is_asked_again_and_all_calls_are_counted() -> None:
    reply, line = ask(says("ThrottlingException", "", 429), says("ServiceUnavailableException", "", 503), GOOD)
    assert (reply.given, reply.calls, len(line.asked)) == ({"text": "Hi"}, 3, 3)


def test_three_times_are_enough() -> None:
    error, line = ask(*[says("ThrottlingException", "", 429)] * 5)
    assert (type(error), error.calls, len(line.asked)) == (model.Throttled, 3, 3)


def test_what_cannot_change_is_not_asked_again() -> None:
    for code in ("AccessDeniedException", "ValidationException", "ModelTimeoutException"):
        assert len(ask(*[says(code)] * 3)[1].asked) == 1


def test_a_useless_answer_is_asked_for_once_more_and_its_tokens_are_paid() -> None:
    reply, line = ask(stopped("malformed_tool_use"), GOOD)
    assert (reply.tokens_in, reply.tokens_out, reply.calls) == (20, 6, 2)
    error, line = ask(*[stopped("malformed_tool_use")] * 3)
    assert (len(line.asked), error.calls, error.tokens_in) == (2, 2, 20)


def test_one_that_was_cut_off_gets_more_room() -> None:
    _, line = ask(stopped("max_tokens"), GOOD)
    assert [asked["inferenceConfig"]["maxTokens"] for asked in line.asked] == [500, 1000]


def test_an_answer_that_does_not_hold_what_was_asked_for_counts_as_malformed() -> None:
    def check(given: Mapping[str, Any]) -> None:
        raise model.Malformed("no")

    error, line = ask(GOOD, GOOD, GOOD, check=check)
    assert (type(error), len(line.asked), error.tokens_in, error.calls) == (model.Malformed, 2, 20, 2)


def test_without_time_left_nothing_is_asked_again() -> None:
    _, line = ask(*[says("ThrottlingException", "", 429)] * 3, left=lambda: 30_000)
    assert len(line.asked) == 1
