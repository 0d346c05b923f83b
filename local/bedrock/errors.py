"""Bedrock's refusals, as its REST protocol writes them: a status, the type in a header, a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from local.networks.web import Answer, as_json

_TYPES = "http://internal.amazon.com/coral/com.amazon.bedrock/"


@dataclass(frozen=True)
class RefusedError(Exception):
    """``kind`` is the error's name; ``status`` as in the API reference of Converse."""

    kind: str
    status: int
    message: str

    def answer(self) -> Answer:
        return as_json({"message": self.message}, self.status, {"x-amzn-ErrorType": f"{self.kind}:{_TYPES}"})


def invalid(message: str) -> RefusedError:
    return RefusedError("ValidationException", 400, message)


BY_NAME = {
    "throttle": RefusedError(
        "ThrottlingException", 429, "Too many requests, please wait before trying again."
    ),
    "quota": RefusedError(
        "ThrottlingException", 429, "Too many tokens per day, please wait before trying again."
    ),
    "not ready": RefusedError(
        "ModelNotReadyException", 429, "The model is not ready for inference. Wait and try your request again."
    ),
    "500": RefusedError("InternalServerException", 500, "An internal server error occurred. Retry your request."),
    "503": RefusedError("ServiceUnavailableException", 503, "Bedrock is unable to process your request."),
    "model error": RefusedError("ModelErrorException", 424, "The request failed due to an error while processing the model."),
    "model timeout": RefusedError("ModelTimeoutException", 408, "Model processing time exceeded the model timeout length."),
    "denied": RefusedError("AccessDeniedException", 403, "You don't have access to the model with the specified model ID."),
    "no form": RefusedError(
        "ResourceNotFoundException", 404,
        "Model use case details have not been submitted for this account. Fill out the use case details form first.",
    ),
    "unknown model": invalid("The provided model identifier is invalid."),
    "end of life": RefusedError("ResourceNotFoundException", 404, "This model version has reached the end of its life."),
    "on demand": invalid(
        "Invocation of model ID with on-demand throughput isn't supported. Retry with an inference profile."
    ),
    "too large": invalid("Input is too long for requested model."),
    "invalid": invalid("The request body is not as it should be."),
}  # fmt: skip
"""By the words that order them in a note: ``[[throttle 2]]``."""
