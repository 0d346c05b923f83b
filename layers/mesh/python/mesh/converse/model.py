"""Bedrock's Converse: one question to a model, its answer as the tool's input, and everything that can go wrong in between.

ModelError             no answer that could be used; carries the tokens that were spent all the same
├── Unready            not now; the very same question may well be answered later
│   ├── Throttled      too many requests in this minute
│   ├── Unavailable    Bedrock or the line to it is down
│   └── TimedOut       no answer in time
├── QuotaOver          the account's tokens of the day are used up
├── NotAllowed         the account may not use this model: no right, no sign-in, or access to it was never asked for
├── UnknownModel       there is no such model, or it cannot be asked in this way
├── NotTaken           Bedrock refused the request itself
├── TooLarge           more was asked than the model reads
├── Refused            the model, its filter or the guardrail would not write it
├── CutOff             the answer was longer than asked for, and ends in the middle
└── Malformed          an answer without the tool's input, or with one of the wrong shape

Errors and reasons to stop: API reference of Converse (botocore's model of 2023-09-30), and the user guide's
"Troubleshooting API error codes".
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ReadTimeoutError,
)

from mesh.converse.talk import Reply, Request
from mesh.errors import MeshError

READ_SECONDS = 50


def config(read_seconds: int) -> Config:
    """For the client: what is tried again is decided here, and nowhere else."""
    return Config(connect_timeout=3, read_timeout=read_seconds, retries={"total_max_attempts": 1})


CONFIG = config(READ_SECONDS)
NEEDED_MILLISECONDS = (READ_SECONDS + 10) * 1000
"""With less time left no question is asked: the answer would come to nobody."""
_TRIES = 3  # of one that Bedrock was not ready for
_WAIT_SECONDS = (1.0, 3.0)
_ONCE_MORE = 1  # for an answer that could not be used
_MOST_TOKENS = 8_000


class ModelError(MeshError):
    """``calls``, ``tokens_in`` and ``tokens_out`` are of every try it took."""

    def __init__(self, message: str, *, tokens_in: int = 0, tokens_out: int = 0) -> None:
        super().__init__(message)
        self.calls = 1
        self.tokens_in = tokens_in
        self.tokens_out = tokens_out


class Unready(ModelError):
    """Worth another try after a while."""


class Throttled(Unready): ...


class Unavailable(Unready): ...


class TimedOut(Unready): ...


class QuotaOver(ModelError): ...


class NotAllowed(ModelError): ...


class UnknownModel(ModelError): ...


class NotTaken(ModelError): ...


class TooLarge(ModelError): ...


class Refused(ModelError): ...


class CutOff(ModelError): ...


class Malformed(ModelError): ...


_CODES: Mapping[str, type[ModelError]] = {
    "ThrottlingException": Throttled,
    "TooManyRequestsException": Throttled,
    "ModelNotReadyException": Unavailable,
    "InternalServerException": Unavailable,
    "InternalFailure": Unavailable,
    "ServiceUnavailableException": Unavailable,
    "ServiceUnavailable": Unavailable,
    "ModelErrorException": Unavailable,
    "ModelTimeoutException": TimedOut,
    "ServiceQuotaExceededException": QuotaOver,
    "AccessDeniedException": NotAllowed,
    "UnrecognizedClientException": NotAllowed,
    "IncompleteSignature": NotAllowed,
    "InvalidClientTokenId": NotAllowed,
    "InvalidSignatureException": NotAllowed,
    "MissingAuthenticationToken": NotAllowed,
    "ExpiredToken": NotAllowed,
    "ExpiredTokenException": NotAllowed,
    "NotAuthorized": NotAllowed,
    "OptInRequired": NotAllowed,
    "ResourceNotFoundException": UnknownModel,
    "ValidationException": NotTaken,
    "ValidationError": NotTaken,
    "RequestEntityTooLargeException": TooLarge,
}
# What one code says of several things is told apart by its words.
_WORDS: Mapping[type[ModelError], tuple[tuple[re.Pattern[str], type[ModelError]], ...]] = {
    Throttled: ((re.compile(r"per day|daily", re.IGNORECASE), QuotaOver),),
    UnknownModel: ((re.compile(r"use case|access|agreement|subscription", re.IGNORECASE), NotAllowed),),
    NotTaken: (
        (re.compile(r"too (long|large|many)|exceed|maximum|context window", re.IGNORECASE), TooLarge),
        (re.compile(r"model|throughput|inference profile", re.IGNORECASE), UnknownModel),
    ),
}
_BY_STATUS: Mapping[int, type[ModelError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: UnknownModel,
    408: TimedOut,
    413: TooLarge,
    424: Unavailable,
    429: Throttled,
}
_STOPS: Mapping[str, type[ModelError] | None] = {
    "tool_use": None,
    "end_turn": None,  # with the tool's input it is as good; without it is malformed
    "stop_sequence": None,
    "max_tokens": CutOff,
    "guardrail_intervened": Refused,
    "content_filtered": Refused,
    "refusal": Refused,
    "malformed_model_output": Malformed,
    "malformed_tool_use": Malformed,
    "model_context_window_exceeded": TooLarge,
}


def _plenty() -> int:
    return 900_000


@dataclass(frozen=True)
class Model:
    """``client`` is bedrock-runtime's, with ``CONFIG``. ``guardrail`` as in the settings. ``needed_milliseconds``: with less left nothing
    is asked again; what a client with another ``config`` needs."""

    client: Any
    name: str
    guardrail: str = ""
    needed_milliseconds: int = NEEDED_MILLISECONDS

    def ask(
        self,
        request: Request,
        *,
        check: Callable[[Mapping[str, Any]], object] | None = None,
        left: Callable[[], int] = _plenty,
    ) -> Reply:
        """The tool's input, or a ModelError. ``check`` raises Malformed for one of the wrong shape; ``left`` are milliseconds.

        What Bedrock was not ready for is asked again after a moment, and what came cut off or malformed once more, while there is time.
        """
        waits, more = iter(_WAIT_SECONDS[: _TRIES - 1]), _ONCE_MORE
        spent: list[ModelError] = []
        while True:
            try:
                reply = self._once(request)
                _checked(reply, check)
                return _summed(reply, spent)
            except ModelError as error:
                spent.append(error)
                wait = next(waits, None) if isinstance(error, Throttled | Unavailable) else None
                again = wait is not None or (isinstance(error, CutOff | Malformed) and more > 0)
                if not again or left() < self.needed_milliseconds + 1000 * (wait or 0):
                    raise _with_all(error, spent) from error
                if wait is not None:
                    time.sleep(wait * random.uniform(0.5, 1.5))
                else:
                    more -= 1
                if isinstance(error, CutOff):
                    request = replace(request, most_tokens=min(2 * request.most_tokens, _MOST_TOKENS))

    def _once(self, request: Request) -> Reply:
        began = time.monotonic()
        try:
            answer = self.client.converse(**self._wire(request))
        except ClientError as error:
            raise refusal(error) from error
        except BotoCoreError as error:
            raise _line_trouble(error) from error
        return read(answer, round(1000 * (time.monotonic() - began)))

    def _wire(self, request: Request) -> dict[str, Any]:
        tool = dict(request.tool.get("toolSpec", request.tool))
        wire: dict[str, Any] = {
            "modelId": self.name,
            "system": [{"text": request.system}],
            "messages": [dict(message) for message in request.messages],
            "toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": {"tool": {"name": tool["name"]}}},
            "inferenceConfig": {"maxTokens": request.most_tokens},
        }
        if self.guardrail:
            number, _, version = self.guardrail.partition(":")
            wire["guardrailConfig"] = {"guardrailIdentifier": number, "guardrailVersion": version}
        return wire


def read(answer: Mapping[str, Any], milliseconds: int = 0) -> Reply:
    """A Converse answer; a ModelError where it stopped for another reason than having answered, or without the tool's input."""
    usage = answer.get("usage") or {}
    tokens = {"tokens_in": int(usage.get("inputTokens", 0)), "tokens_out": int(usage.get("outputTokens", 0))}
    reason = str(answer.get("stopReason", ""))
    wrong = _STOPS.get(reason, Malformed)
    if wrong is not None:
        raise wrong(f"the model stopped: {reason[:60]}", **tokens)
    message = (answer.get("output") or {}).get("message") or {}
    given = [part["toolUse"].get("input") for part in message.get("content", []) if "toolUse" in part]
    if len(given) != 1 or not isinstance(given[0], Mapping):
        raise Malformed(f"the model answered with {len(given)} tool calls, or none of the asked shape", **tokens)
    return Reply(given=given[0], message=message, milliseconds=milliseconds, **tokens)


def refusal(error: ClientError) -> ModelError:
    """Bedrock's own error. Its words stay out of ours: they may quote the request."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    words = str(error.response.get("Error", {}).get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    kind = _CODES.get(code) or _BY_STATUS.get(status) or (Unavailable if status >= 500 else NotTaken)
    for pattern, other in _WORDS.get(kind, ()):
        if pattern.search(words):
            kind = other
            break
    return kind(f"Converse: {code or status}")


def _line_trouble(error: BotoCoreError) -> ModelError:
    said = f"Converse: {type(error).__name__}"
    if isinstance(error, ReadTimeoutError):
        return TimedOut(said)
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return NotAllowed(said)
    if isinstance(error, ParamValidationError):
        return NotTaken(said)
    return Unavailable(said)


def _checked(reply: Reply, check: Callable[[Mapping[str, Any]], object] | None) -> None:
    if check is None:
        return
    try:
        check(reply.given)
    except Malformed as error:
        error.tokens_in, error.tokens_out = reply.tokens_in, reply.tokens_out
        raise


def _summed(reply: Reply, spent: list[ModelError]) -> Reply:
    return replace(
        reply,
        calls=reply.calls + sum(one.calls for one in spent),
        tokens_in=reply.tokens_in + sum(one.tokens_in for one in spent),
        tokens_out=reply.tokens_out + sum(one.tokens_out for one in spent),
    )


def _with_all(error: ModelError, spent: list[ModelError]) -> ModelError:
    calls, tokens_in, tokens_out = (
        sum(getattr(one, name) for one in spent) for name in ("calls", "tokens_in", "tokens_out")
    )
    error.calls, error.tokens_in, error.tokens_out = calls, tokens_in, tokens_out
    return error


def every_error(root: type[ModelError] = ModelError) -> Iterator[type[ModelError]]:
    """Those that are raised: the leaves of the tree."""
    branches = root.__subclasses__()
    if not branches:
        yield root
    for branch in branches:
        yield from every_error(branch)
