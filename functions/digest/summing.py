"""The digest's first lines: what needs somebody, counted, and the week in one sentence. Pure."""

from __future__ import annotations

from datetime import datetime

from digest.decide import Gathered, Lists


def needed(found: Gathered, listed: Lists) -> tuple[str, ...]:
    """What needs somebody, each kind with its number; the most pressing first."""
    counted = (
        (len(listed.late), "late post to decide", "late posts to decide"),
        (len(listed.waiting), "post to approve", "posts to approve"),
        (len(listed.questions), "question to answer", "questions to answer"),
        (len(listed.problems), "row to mend", "rows to mend"),
        (sum(1 for one in listed.health if one.needs), "channel to look after", "channels to look after"),
        (len(listed.held), "post on hold", "posts on hold"),
        (len(listed.drafts), "draft to look at", "drafts to look at"),
        (len(found.bounced), "address whose mails come back", "addresses whose mails come back"),
        (len(listed.damaged), "damaged record", "damaged records"),
    )
    said = [_count(number, one, many) for number, one, many in counted if number]
    return (*(["everything is on hold"] if found.hold is not None else []), *said)


def empty(found: Gathered, listed: Lists) -> bool:
    """Nothing happened, nothing is planned, nobody has anything to do."""
    happened = listed.posted or listed.failed or listed.coming or found.happened.incomplete
    return not (happened or needed(found, listed) or listed.older)


def title(needs: tuple[str, ...]) -> str:
    return f"Needs you: {_and(needs)}" if needs else "Nothing needs you"


def subject(found: Gathered, listed: Lists, needs: tuple[str, ...]) -> str:
    """What is to do; else what went out."""
    if needs:
        return f"Your week: {_and(needs) if len(needs) <= 3 else ', '.join(needs[:3]) + ' and more'}"
    if empty(found, listed):
        return "Your week: nothing went out, nothing is planned"
    return f"Your week: nothing needs you, {_out(listed)}"


def summary(found: Gathered, listed: Lists) -> str:
    """The week in a sentence or two, with its dates; an empty one says what to do next."""
    week = f"From {_day(found, found.week.begins)} to {_day(found, found.week.ends)}"
    until = _day(found, found.coming.ends)
    if empty(found, listed):
        return (
            f"{week} nothing went out, and nothing is planned until {until}. To plan a post, put a row with a date and a time into the "
            "sheet, or write a note for it."
        )
    said = f"{week}: {_out(listed)}{f', {len(listed.failed):,} failed' if listed.failed else ''}."
    ahead = f"{_count(len(listed.coming), 'post', 'posts')} coming" if listed.coming else "Nothing is planned"
    said += f" {ahead} until {until}."
    if found.rulebook is not None and listed.health and all(one.works for one in listed.health):
        said += " No channel is in trouble."
    return said


def _out(listed: Lists) -> str:
    return f"{_count(len(listed.posted), 'post', 'posts')} out" if listed.posted else "nothing went out"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _and(parts: tuple[str, ...]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _day(found: Gathered, moment: datetime) -> str:
    wall = moment.astimezone(found.week.zone)
    return f"{wall:%A} {wall.day} {wall:%B}"
