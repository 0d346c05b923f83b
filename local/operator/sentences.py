"""The sentence for each action that this version's code writes into the audit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from local.operator.row_words import Told, clipped

Sentence = Callable[[Told], str]


# the row


def _row_changed(one: Told) -> str:
    if set(one.side("after")) <= {"open"} and not one.side("before"):
        return "It came near enough to be prepared"
    if not one.old("state") and not one.side("before"):
        return f"It appeared in the sheet{_planned(one)}{_mend(one.new('row_problems'))}"
    if one.old("gone_at") and not one.new("gone_at"):
        return f"Its row is back in the sheet{_planned(one)}{_mend(one.new('row_problems'))}"
    said = []
    if one.new("due_at") and one.old("due_at"):
        said.append(f"it was moved from {one.when(one.old('due_at'))} to {one.when(one.new('due_at'))}")
    if "channels" in {*one.side("before"), *one.side("after")}:
        said.append(
            f"it goes to {_names(one.new('channels')) or 'no channel'} (before: {_names(one.old('channels')) or 'none'})"
        )
    if one.new("source_revision") and not said:
        said.append("its words, its pictures or what belongs to them were changed")
    if not said and not one.new("row_problems"):
        return "Its row was looked at anew"
    ends = "; it goes out only when it is approved as it is now" if one.row.get("code") == "voided" else ""
    return f"The row was edited: {'; '.join(said) or 'something in it cannot be read'}{_mend(one.new('row_problems'))}{ends}"


def _planned(one: Told) -> str:
    due, channels = one.new("due_at"), _names(one.new("channels"))
    when = f", planned for {one.when(due)}" if due and not str(due).startswith("9999") else ""
    return when + (f", on {channels}" if channels else "")


def _names(found: object) -> str:
    return (
        ", ".join(clipped(name, 60) for name in found)
        if isinstance(found, Sequence) and not isinstance(found, str)
        else ""
    )


def _mend(problems: object) -> str:
    """Codes only: the messages may quote the row."""
    if not isinstance(problems, Sequence) or isinstance(problems, str):
        return ""
    found = [one for one in problems if isinstance(one, Mapping)]
    named = [
        str(one.get("code", "")).replace("-", " ") + (f" on {one['channel']}" if one.get("channel") else "")
        for one in found
    ]
    return f"; to be mended: {clipped('; '.join(dict.fromkeys(named)))}" if named else ""


# its draft


def _draft_accepted(one: Told) -> str:
    wanted = one.after("wanted")
    goes = f", for {clipped(wanted['date'], 10)} {clipped(wanted.get('time', ''), 5)}" if wanted.get("date") else ""
    channels = f", on {clipped(wanted['channels'], 100)}" if wanted.get("channels") else ""
    return f"{one.by} accepted the draft{one.how}{goes}{channels}; its row is wanted in the sheet, not approved"


def _draft_card_sent(one: Told) -> str:
    count = one.after("card").get("sent_to")
    people = f" to {count} {'person' if count == 1 else 'people'}" if isinstance(count, int) and count else ""
    return f"The mail about its draft was sent{people}{_card_error(one)}"


def _card_error(one: Told) -> str:
    error = one.after("card").get("error")
    return f"; not taken: {clipped(error)}" if error else ""


# preview, card


def _package_ready(one: Told) -> str:
    package = one.after("package")
    left_out = _mend(package.get("problems")).replace("to be mended", "left out")
    return f"Its preview was made ({one.version(package.get('revision'))}){left_out}"


def _package_problems(one: Told) -> str:
    return f"It cannot go out as it is{_mend(one.after('package').get('problems'))}"


_ASKED = {
    "new": "A card about it was asked for",
    "changed": "It had changed: a new card was asked for",
    "reminder": "Nobody had answered: a reminder was asked for",
    "tick": "It had been ticked by hand: a card was asked for",
    "late": "Its time had passed: a card asks whether it shall still go out",
    "released": "It was no longer on hold, and not approved as it is: a card was asked for",
    "fresh": "Somebody wanted it once more: a card was asked for",
}


def _asked(one: Told) -> str:
    reason = str(one.row.get("action", "")).partition(": ")[2]
    asked = one.after("asked")
    said = _ASKED.get(reason, f"A card was asked for ({clipped(reason, 40)})")
    version = one.version(asked.get("revision"))
    goes = f"; it would go out on {one.when(asked['goes_at'])}" if asked.get("goes_at") else ""
    why = one.why if reason == "late" else ""  # the others' reasons are said already
    return f"{said}{f', about {version}' if version else ''}{goes}{why}"


def _card_sent(one: Told) -> str:
    card = one.after("card")
    count = card.get("sent_to")
    people = f" to {count} {'person' if count == 1 else 'people'}" if isinstance(count, int) and count else ""
    refused = f"; not taken: {clipped(card['error'])}" if card.get("error") else ""
    return f"The card was sent{people}{refused}"


def _slack_error(one: Told) -> str:
    said = str(one.after("card").get("error") or "").rpartition("Slack: ")[2]
    return f": {clipped(said)}" if said else ""


def _card_refused(one: Told) -> str:
    error = one.after("card").get("error")
    return f"The card could not be delivered{f': {clipped(error)}' if error else ''}"


# decisions


def _approved(one: Told) -> str:
    lifted = "; that lifted the hold" if one.old("held") and not one.new("held") else ""
    return f"{one.by} approved it{one.how}{one.exactly()}{lifted}"


def _approved_now(one: Told) -> str:
    return f"{one.by} approved it to go out at once{one.how}{one.exactly()}"


def _held(one: Told) -> str:
    was = f"; it had been booked for {one.when(one.old('queued_for'))}" if one.old("queued_for") else ""
    return f"{one.by} put it on hold{one.how}{was}"


def _released(one: Told) -> str:
    goes = "; its approval stands, so it goes on" if one.after("flag") else ""
    return f"{one.by} took it off hold{one.how}{goes}"


_ANSWERS = {
    "found": "it is there",
    "not-there": "it is not there",
    "send-again": "it is not there, send it again",
}


def _answered(one: Told) -> str:
    """In the post's chain the human's answer, in a channel's what came of it."""
    says = str(one.row.get("action", "")).partition(": ")[2]
    if one.channel:
        return f"{one.channel}: by that answer it counts as {_state(one)}"
    several = one.new("answers")
    answers = [found for found in several if isinstance(found, Mapping)] if isinstance(several, list) else []
    channel = clipped(answers[-1].get("channel", ""), 60) if answers else ""
    return f"{one.by} looked{f' on {channel}' if channel else ''} and answered{one.how}: {_ANSWERS.get(says, clipped(says, 40))}"


# sending


def _state(one: Told) -> str:
    return clipped(one.new("state") or "as before", 40)


def _try(one: Told) -> str:
    attempts = one.new("attempts")
    return f" (try {attempts})" if attempts else ""


def _detail(one: Told) -> str:
    return f": {clipped(one.new('detail')).rstrip('.')}" if one.new("detail") else ""


def _booked(one: Told) -> str:
    booking = one.after("booking")
    again = f" (try {booking['attempt']})" if booking.get("attempt", 1) != 1 else ""
    return (
        f"{one.channel}: booked for {one.when(booking.get('at'))}{again}{one.why}"
        if booking
        else f"{one.channel}: made ready to be sent{one.why}"
    )


def _again(one: Told) -> str:
    next_at = f"; next on {one.when(one.new('next_at'))}" if one.new("next_at") else ""
    return f"{one.channel}: not out{_detail(one)}; it is tried again{next_at}"


def _published(one: Told) -> str:
    return f"{one.channel}: posted{f', {clipped(url)}' if (url := one.new('posted_url')) else ''}"


def _found(one: Told) -> str:
    return f"{one.channel}: looked, and it is there{f', {clipped(url)}' if (url := one.new('posted_url')) else ''}"


def _looked(one: Told) -> str:
    """Only the first of its rows sets ``asked_at``: one mail asks, and what follows are looks."""
    if one.new("asked_at"):
        return f"{one.channel}: looked, and still cannot tell: you were asked whether it is there{_in_brackets(one)}"
    again, asked = (" again", "; you were asked already") if one.row.get("action") == "ask" else ("", "")
    return f"{one.channel}: looked{again}, and still cannot tell{asked}{_in_brackets(one)}"


def _in_brackets(one: Told) -> str:
    return f" ({clipped(one.new('detail')).rstrip('.')})" if one.new("detail") else ""


def _pause(one: Told) -> str:
    return f"{one.channel} was paused{_detail(one)}"


# the draft, before there is a row


def _draft_ready(one: Told) -> str:
    wordings = one.after("proposal").get("wordings")
    count = len(wordings) if isinstance(wordings, Sequence) and not isinstance(wordings, str) else 1
    return "A draft of it was made from the note" if count < 2 else f"There are {count} drafts of it now"


def _batch_planned(one: Told) -> str:
    proposal = one.after("proposal")
    if proposal.get("state") == "failed":
        return "No plan could be made; the note is kept"
    plan = proposal.get("plan")
    count = len(plan) if isinstance(plan, Sequence) and not isinstance(plan, str) else 0
    return f"A plan of {count} {'post' if count == 1 else 'posts'} was made" if count else "A plan was made"


SENTENCES: Mapping[str, Sentence] = {
    "the row changed": _row_changed,
    "the row is gone": lambda one: "Its row was taken out of the sheet; nothing of it goes out",
    "row of a recurring post wanted": lambda one: "By the rules doc it comes again: a row for it was wanted",
    "draft of a recurring post wanted": lambda one: "By the rules doc it comes again: a draft of it was wanted",
    "note taken": lambda one: f"{one.by} wrote a note to be drafted{one.how}",
    "row being inserted": lambda one: "Its row is being put into the sheet",
    "row inserted": lambda one: "Its row was put into the sheet",
    "draft card sent": _draft_card_sent,
    "draft card refused": lambda one: f"The mail about its draft could not be delivered{_card_error(one)}",
    "draft edited": lambda one: f"{one.by} changed the draft{one.how}",
    "other wording chosen": lambda one: f"{one.by} chose another of its wordings{one.how}",
    "other wordings wanted": lambda one: f"{one.by} asked for two other wordings{one.how}",
    "draft wanted again": lambda one: f"{one.by} asked for the draft once more{one.how}",
    "draft accepted": _draft_accepted,
    "draft discarded": lambda one: f"{one.by} discarded the draft{one.how}; nothing of it goes into the sheet",
    "drafting began": lambda one: "A draft of it is being made",
    "drafting put off": lambda one: "The draft could not be made at that moment; it is tried again",
    "draft ready": _draft_ready,
    "draft checked": lambda one: "What was typed into its draft was checked against the rules",
    "draft failed": lambda one: "No draft could be made; the note is kept, and whoever sent it was told why",
    "package ready": _package_ready,
    "package problems": _package_problems,
    "waits for its card": lambda one: f"Its card waits for the others until {one.when(one.new('asks_at'))}{one.why}",
    "waits for no card": lambda one: "It waits for no common card any more",
    "card sent": _card_sent,
    "card refused": _card_refused,
    "card came back": lambda one: f"A mail with its card came back{_card_error(one)}",
    "card sent to Slack": lambda one: "The card stands in Slack",
    "card refused by Slack": lambda one: f"Slack did not take the card{_slack_error(one)}",
    "approved": _approved,
    "approved to go now": _approved_now,
    "held": _held,
    "released": _released,
    "held by untick": lambda one: "The tick was taken away in the sheet: it is on hold",
    "ticked by hand": lambda one: "Somebody ticked it in the sheet; a tick alone approves nothing",
    "approval stands again": lambda one: "It is again exactly what was approved, so nobody has to click",
    "flag written": lambda one: "Tick and stamp were written into the sheet: cleared to go out",
    "flag cleared": lambda one: "Tick and stamp were taken out of the sheet",
    "queued": lambda one: f"It is due to go out on {one.when(one.new('queued_for'))}{one.why}",
    "not queued": lambda one: f"It is no longer due to go out{one.why}",
    "derived": lambda one: f"All channels together: {_state(one)}",
    "everything held": lambda one: f"{one.by} put everything on hold{one.how}{one.why}",
    "everything released": lambda one: f"{one.by} let everything go on{one.how}{one.why}",
    "device enrolled": lambda one: f"A device of {one.by} acts at once from now on",
    "device for notes": lambda one: f"A device of {one.by} opens the page for notes from now on",
    "device not for notes": lambda one: f"A device of {one.by} does not open the page for notes any more",
    "device stopped": lambda one: f"A device of {one.by} does not act at once any more",
    "all devices stopped": lambda one: f"No device of {one.by} acts at once any more",
    "booked": _booked,
    "booking cancelled": lambda one: f"{one.channel}: the booking was taken back{one.why}",
    "booking not made": lambda one: f"{one.channel}: the booking could not be made; it is tried again",
    "claim": lambda one: f"{one.channel}: handed to the network{_try(one)}",
    "noted": lambda one: f"{one.channel}: noted how far it has come{_try(one)}",
    "not sent": lambda one: f"{one.channel}: not sent{_detail(one)}",
    "published": _published,
    "found": _found,
    "failed": lambda one: f"{one.channel}: not posted{_detail(one)}",
    "to be retried": _again,
    "unknown": lambda one: f"{one.channel}: nobody can tell yet whether it is out{_detail(one)}",
    "look again": _looked,
    "ask": _looked,
    "restored": lambda one: (
        f"{one.by} restored an older record of it; whether it went out since is looked for, and asked"
    ),
    "pause": _pause,
    "lift pause": lambda one: f"{one.channel} works again",
    "batch begun": lambda one: "Its plan, or its drafts, are being made",
    "batch planned": _batch_planned,
    "batch stopped": lambda one: "Making it came to a halt; it is taken up again by itself",
    "batch delivered": lambda one: "All of its drafts were told of",
    "batch discarded": lambda one: f"{one.by} discarded the plan and all of its posts{one.how}",
    "plan agreed to": lambda one: f"{one.by} agreed to the plan{one.how}: each of its posts is drafted",
    "plan edited": lambda one: f"{one.by} changed the plan{one.how}",
    "plan wanted again": lambda one: f"{one.by} asked for another plan{one.how}",
    "plan card sent": lambda one: "The mail about its plan was sent",
    "plan card refused": lambda one: "The mail about its plan could not be delivered",
    "planned post noted": lambda one: "It is one of several posts that were planned together, and is to be drafted",
    "planned post failed": lambda one: "No draft could be made; the note is kept, and the mail says why",
    "planned post discarded": lambda one: "All of its plan was discarded, and it with them",
}
FAMILIES: Mapping[str, Sentence] = {"asked": _asked, "answered": _answered}
LOOKS = frozenset({"ask", "look again"})
MINOR = frozenset(
    {
        "batch begun",
        "drafting began",
        "draft checked",
        "drafting put off",
        "derived",
        "noted",
        "queued",
        "not queued",
        "row being inserted",
        "waits for no card",
    }
)
