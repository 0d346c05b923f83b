"""``python -m local hold-all`` and ``release``: the brake, as a signed link pulls it, by who operates the stack.

Everything stands or goes on; nothing else can be decided here. What was approved stays approved, and what was not goes through the gate.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.operator import cut_off
from local.operator.asking import asking
from local.operator.books import BooksError, names_of
from local.operator.row_words import clipped, harmless
from local.operator.which import Reached, add_options, reached
from mesh.approvals import How
from mesh.bus import Bus
from mesh.errors import BusError, Conflict
from mesh.events import Detail, Held, Released, new_trace_id
from mesh.ledger import Act, Ledger, Runtime, Tables
from mesh.ledger.runtime import HOLD_EVERYTHING

_SUBJECT = "everything"
_TRIES = 5
_RIGHTS = "dynamodb:GetItem, PutItem on the runtime and audit tables"
_LATER = (
    "The event bus took no news of it: it holds all the same, and the mails and the sheet follow within some minutes."
)


@dataclass(frozen=True)
class Done:
    """``changed``: by this very call. ``hold`` is what stands now, {by, how, at}; None where everything goes on."""

    changed: bool
    hold: Mapping[str, Any] | None
    remark: str = ""


def hold(argv: list[str]) -> int:
    """0 when everything is on hold, also when it was already; 2 when it could not be done."""
    return _main(
        _parser("hold-all", "Puts everything on hold: nothing goes out any more until somebody releases it."),
        argv,
        on=True,
    )


def release(argv: list[str]) -> int:
    """0 when everything goes on; 1 for a post, whose hold is lifted only where its approval is; 2 when it could not be done."""
    parser = _parser("release", "Lets everything go on that hold-all, or a link, had put on hold.")
    parser.add_argument("post", nargs="?", help="one post's hold is not lifted here: says who holds it and where it is")
    return _main(parser, argv, on=False)


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m local {name}", description=description)
    parser.add_argument("--why", default="", help="a few words for the audit and for who asks later")
    parser.add_argument("--json", action="store_true", help="for a program")
    add_options(parser)
    return parser


def _main(parser: argparse.ArgumentParser, argv: list[str], *, on: bool) -> int:
    options = parser.parse_args(argv)
    name = parser.prog.rpartition(" ")[2]
    try:
        stack = reached(options)
        if post := getattr(options, "post", None):
            said = harmless(_one_post(stack, post.strip()))
            print(json.dumps({"stack": stack.name, "changed": False, "remark": said}) if options.json else said)
            return 1
        if not on:
            _not_half_restored(stack)
        done = change(stack, who(stack), options.why, on=on)
    except BooksError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"stack": stack.name, "changed": done.changed, "hold": done.hold, "remark": done.remark}))
    else:
        print(told(stack.name, done))
    return 0


def _not_half_restored(stack: Reached) -> None:
    """BooksError while the tables hold only a part of a backup: what is missing there would go out a second time."""
    with asking("the working memory", "dynamodb:BatchGetItem"):
        found = cut_off.said(runtime_of(stack), stack.now())
    if found is not None:
        raise BooksError(f"{found[0]}. {found[1]} Nothing was released.")


def change(stack: Reached, by: str, why: str, *, on: bool) -> Done:
    """The hold with its audit row, then the event. Where it stands so already, nothing is written."""
    ledger, now, trace_id = _ledger(stack), stack.now(), new_trace_id()
    action = "everything held" if on else "everything released"
    said = {"code": "by hand", "reason": clipped(why)} if why.strip() else {}
    act = Act(action, by, now, trace_id, How.COMMAND, **said)
    values = {"by": by, "how": How.COMMAND.value, "at": now.isoformat()} if on else None
    with asking("the hold on everything", _RIGHTS):
        changed = _set(ledger, values, act)
        stands = ledger.standing([HOLD_EVERYTHING]).get(HOLD_EVERYTHING)
    if not changed:
        return Done(False, stands)
    news: Detail = (Held if on else Released)(trace_id=trace_id, post_ids=[], scope=_SUBJECT)
    try:
        Bus(stack.client("events"), stack.prefix).put([news])
    except BusError:
        return Done(True, stands, _LATER if on else _LATER.replace("it holds", "everything goes on"))
    return Done(True, stands)


def _set(ledger: Ledger, values: dict[str, Any] | None, act: Act) -> bool:
    for _ in range(_TRIES):
        try:
            return ledger.set_standing(_SUBJECT, HOLD_EVERYTHING, values, act)
        except Conflict:  # somebody else was first: look again
            continue
    raise Conflict("the hold on everything is being changed by others; try again")


def told(name: str, done: Done) -> str:
    match done.changed, done.hold:
        case True, None:
            said = (
                "Everything goes on. What is approved and due goes out by its rules; what came too late is asked about."
            )
        case True, _:
            said = "Everything is on hold: nothing goes out until somebody releases it (make release, or the link in the mail)."
        case False, None:
            said = "Nothing to do: everything goes on already."
        case _:
            assert done.hold is not None
            said = f"Nothing to do: {held_by(done.hold)} already."
    return "\n".join(filter(None, [f"{name}: {said}", done.remark]))


def held_by(hold: Mapping[str, Any]) -> str:
    since = str(hold.get("at", ""))[:16].replace("T", " ")
    return f"{clipped(hold.get('by') or 'somebody', 80)} holds everything since {since} UTC"


def who(stack: Reached) -> str:
    """Whose name the audit gets: on AWS that of the sign-in, on one computer that of its user."""
    if stack.local:
        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return "operator"
    with asking("who you are", "sts:GetCallerIdentity"):
        arn = str(stack.client("sts").get_caller_identity()["Arn"])
    return arn.rpartition("/")[2] or arn


def _one_post(stack: Reached, post_id: str) -> str:
    with asking(f"the post {post_id}", "dynamodb:GetItem on the status table"):
        status = _ledger(stack).status(post_id)
    if status is None:
        return (
            f"There is no post {clipped(post_id, 40)} in {stack.name}. Without a post, release lets everything go on."
        )
    if status.held is None:
        return f"{post_id} is not on hold. make history POST={post_id} tells what became of it."
    held = status.held
    at = datetime.fromisoformat(held.at).strftime("%Y-%m-%d %H:%M")
    return (
        f"{held.by} holds {post_id} since {at} UTC. One post's hold is lifted only by somebody who approves, who sees what goes out:"
        " by the button in its newest card, or on its page, which the sheet's status cell links to."
    )


def _ledger(stack: Reached) -> Ledger:
    return Ledger(Tables(stack.client("dynamodb")), names_of(stack.prefix))


def runtime_of(stack: Reached) -> Runtime:
    return Runtime(Tables(stack.client("dynamodb")), names_of(stack.prefix))
