"""Why there is no draft: a code for programs, and a sentence for whoever sent the note, with what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mesh.converse import model
from mesh.errors import MeshError

_KEPT = "Your note is kept."


@dataclass(frozen=True)
class Failure:
    code: str
    sentence: str


class CannotDraft(MeshError):
    """Something stands in a draft's way before the model is asked, until somebody does something about it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


GAVE_UP = Failure(
    "gave-up",
    f"It was begun several times and never came to an end. {_KEPT} Press “Try again”, or write the post yourself.",
)
_BUSY = "storage-busy"

_SAID: Mapping[type[model.ModelError], tuple[str, str]] = {
    model.Throttled: (
        "model-busy",
        "The model is asked too much at the moment and did not answer, though it was asked several times."
        f" {_KEPT} Press “Try again” in some minutes.",
    ),
    model.Unavailable: (
        "model-down",
        f"The model's service does not answer at the moment. {_KEPT} Press “Try again” in some minutes.",
    ),
    model.TimedOut: (
        "model-slow",
        f"The model took too long each time it was asked. {_KEPT} Press “Try again”; if that does not help, send a shorter note"
        " with fewer files.",
    ),
    model.QuotaOver: (
        "model-quota",
        f"Your AWS account has used up the tokens it may use in a day. {_KEPT} Press “Try again” tomorrow, or ask AWS for more:"
        " Service Quotas, Amazon Bedrock.",
    ),
    model.NotAllowed: (
        "model-not-allowed",
        "Your AWS account may not use the model {name}: open it in the AWS console, Amazon Bedrock, Model catalog, and fill in what it"
        f" asks for. {_KEPT} Then press “Try again”.",
    ),
    model.UnknownModel: (
        "model-unknown",
        "Amazon Bedrock has no model {name} for this region: whoever set the scheduler up has to correct the parameter DraftModel."
        f" {_KEPT} Then press “Try again”.",
    ),
    model.NotTaken: (
        "model-refused-request",
        f"Amazon Bedrock did not take the question as it was put. {_KEPT} Press “Try again”; if that does not help, send the note"
        " without its files, or write the post yourself.",
    ),
    model.TooLarge: (
        "model-too-large",
        "The note and its files are more than the model can read at once. Send it again with fewer files or fewer words"
        ", or write the post yourself.",
    ),
    model.Refused: (
        "model-refused",
        "The model would not write this post, or its safety filter stopped it. Write it yourself, or send the note again in other words.",
    ),
    model.CutOff: (
        "model-cut-off",
        f"The model wrote far too much and was cut off, twice. {_KEPT} Press “Try again”, or ask for a shorter post.",
    ),
    model.Malformed: (
        "model-malformed",
        f"The model answered twice in a way that no post can be made of. {_KEPT} Press “Try again”, or write the post yourself.",
    ),
}


def of_model(error: model.ModelError, name: str) -> Failure:
    """``name`` is what Bedrock calls the model."""
    code, sentence = _SAID[type(error)]
    return Failure(code, sentence.replace("{name}", name))


def storage_busy() -> Failure:
    return Failure(
        _BUSY, f"What a draft is made from could not be read at the moment. {_KEPT} Press “Try again” in some minutes."
    )


def too_many_today(most: int) -> Failure:
    if most < 1:
        return Failure(
            "daily-cap", f"Drafting is switched off (the parameter DailyDrafts is 0). {_KEPT} Write the post yourself."
        )
    made = "One draft was" if most == 1 else f"{most} drafts were"
    return Failure(
        "daily-cap",
        f"{made} made today, the most for one day (the parameter DailyDrafts). {_KEPT} Press “Try again” tomorrow, from 00:00 on,"
        " or write the post yourself.",
    )


def lost_upload(name: str) -> Failure:
    return Failure("lost-upload", f"“{name}” is no longer there. Send the note again with the file.")


def no_rules() -> Failure:
    return Failure(
        "no-rules",
        "There is no rules doc yet that names your channels: put a document named “rules” into the shared folder; it is read within"
        f" five minutes. {_KEPT} Then press “Try again”.",
    )


def unusable_rules() -> Failure:
    return Failure(
        "rules-unusable",
        f"The rules doc names a time zone that nobody knows; write one like Europe/Berlin. {_KEPT} Then press “Try again”.",
    )


def nothing_said() -> Failure:
    return Failure(
        "empty-note", "The note has neither words nor a file that could be read. Send one with a few words, or a photo."
    )


def no_channel(names: tuple[str, ...]) -> Failure:
    named = f"None of the note's channels ({', '.join(names)}) is" if names else "No channel was chosen, and none is"
    return Failure("no-channel", f"{named} in the rules doc. Name it there, or send the note again for other channels.")


def unreadable_sheet(damage: str) -> Failure:
    """``damage`` says of the file what is wrong: "it ends in the middle"."""
    return Failure(
        "sheet-unreadable",
        f"The copy of your sheet, which drafts are compared with, cannot be read: {damage}. It is written anew within five minutes."
        f" {_KEPT} Press “Try again” after that.",
    )
