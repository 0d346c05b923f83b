"""The switches of Google, the mail, Slack and the model."""

from __future__ import annotations

from typing import Any

from local.console.switches import UNTIL_OFF, Group, Order, Switch, aws_fault

UNSHARED = "google-unshared"


def service_groups() -> list[Group]:
    return [
        Group("google", "Google", _google()),
        Group("mail", "Mail", _mail()),
        Group("slack", "Slack", _slack()),
        Group("bedrock", "Drafts", _bedrock()),
    ]


def _google() -> tuple[Switch, ...]:
    gate = (
        "A post that is due waits, as its live row cannot be read, and goes when it can be: once. Nothing goes unread."
    )

    def at(**fault: Any) -> tuple[Order, ...]:
        return (Order("sheets", "/owner/faults", {"match": "/(v4|drive)/", **fault}),)

    return (
        Switch(
            "google-quota",
            "google",
            "Too many requests",
            "Google refuses to be read or written for a minute (429).",
            f"Rows show their status later. {gate}",
            at(status=429, retry_after_seconds=60),
            says="Google asks to slow down",
        ),
        Switch(
            "google-down",
            "google",
            "It is down",
            "Google answers that the service is unavailable (503).",
            f"Rows show their status later. {gate}",
            at(status=503),
            says="Google is down",
        ),
        Switch(
            "google-hangs",
            "google",
            "It does not answer",
            "Google takes the request and says nothing until nobody waits any more.",
            f"Each look takes ten seconds and ends with nothing. {gate}",
            at(how="hang"),
            says="Google does not answer",
        ),
        Switch(
            UNSHARED,
            "google",
            "The sheet is not shared any more",
            "Somebody takes the scheduler’s access to the folder away.",
            "One message says how to share it again, and no post goes out meanwhile. Switched off, all goes on as it was.",
            (Order("sheets", "/owner/share", {}),),
            says="the sheet is not shared with the scheduler",
            counts=(UNTIL_OFF,),
        ),
    )


def _mail() -> tuple[Switch, ...]:
    def refused(error: str, status: int, message: str) -> tuple[Order, ...]:
        fault = aws_fault("ses", "SendEmail", error, status)
        return (Order("aws", "/_local/faults", {**fault, "message": message}),)

    return (
        Switch(
            "mail-throttled",
            "mail",
            "Too many mails",
            "SES refuses mails for now (429).",
            "Cards and receipts come later; Slack has them all the same. Nothing is posted without an answer to its card.",
            refused("TooManyRequestsException", 429, "Maximum sending rate exceeded."),
            says="SES takes no mail for now",
        ),
        Switch(
            "mail-refused",
            "mail",
            "The mail is refused",
            "SES says that the sender’s address is not verified.",
            "The row itself says that the card could not be sent, and why. Nothing is posted unasked.",
            refused("MessageRejected", 400, "Email address is not verified."),
            says="SES refuses every mail",
        ),
        Switch(
            "mail-bounces",
            "mail",
            "The mail comes back",
            "SES takes the mail, and then reports that the address does not exist.",
            "The row says that your mails come back. That address is left alone for a month, or until you ask for a card yourself.",
            (Order("aws", "/_local/returns", {"address": "*", "kind": "bounce"}),),
            says="mails come back",
        ),
    )


def _slack() -> tuple[Switch, ...]:
    def at(**fault: Any) -> tuple[Order, ...]:
        return (Order("slack", "/_local/faults", {"match": "POST /api/", "do": "status", **fault}),)

    mails = "The mails come all the same: Slack is only the second way to you."
    return (
        Switch(
            "slack-slow-down",
            "slack",
            "Too many requests",
            "Slack refuses messages for half a minute (429).",
            mails,
            at(status=429, headers={"retry-after": "30"}, body={"ok": False, "error": "ratelimited"}),
            says="Slack asks to slow down",
        ),
        Switch(
            "slack-down",
            "slack",
            "It is down",
            "Slack answers with an error (500).",
            mails,
            at(status=500, body={"ok": False, "error": "internal_error"}),
            says="Slack is down",
        ),
    )


def _bedrock() -> tuple[Switch, ...]:
    told = "Whoever asked for the draft is told so in a sentence. No post that is planned depends on it."

    def order(words: str) -> tuple[Order, ...]:
        return (Order("bedrock", "/_local/orders", {"do": words}),)

    return (
        Switch(
            "bedrock-throttled",
            "bedrock",
            "Too many requests",
            "The model’s service refuses drafts for now (429).",
            f"The draft is tried again. {told}",
            order("throttle"),
            says="Bedrock asks to slow down",
        ),
        Switch(
            "bedrock-refuses",
            "bedrock",
            "The model refuses",
            "The model declines to write, as its filter does.",
            told,
            order("refuse"),
            says="the model refuses to draft",
        ),
        Switch(
            "bedrock-malformed",
            "bedrock",
            "The answer is nonsense",
            "The model answers in a shape that nobody asked for.",
            f"Nothing of it reaches your sheet. {told}",
            order("malformed"),
            says="the model answers nonsense",
        ),
        Switch(
            "bedrock-hangs",
            "bedrock",
            "It does not answer",
            "The model takes the request and says nothing.",
            f"It takes a minute or two until the try is given up. {told}",
            order("hang"),
            says="the model does not answer",
        ),
    )
