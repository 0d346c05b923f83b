"""Reads the rules doc: forgiving of how it is dressed, naming every line that it cannot read. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mesh.errors import Damaged
from mesh.rulebook import settings
from mesh.rulebook.channels import channel_of, limit_of, names_a_network
from mesh.rulebook.days import days_in, is_day_like
from mesh.rulebook.lines import LONGEST_CHARACTERS, LONGEST_RULE_CHARACTERS, MOST_LINES, Line, split_lines
from mesh.rulebook.model import Channel, Rulebook, RuleProblem, Wrong, fatal_in, quote
from mesh.rulebook.near import nearest
from networks.limited import Of

if TYPE_CHECKING:
    from mesh.rulebook.templates import Recurring

MOST_PROBLEMS = 40
_HEADINGS = {
    **dict.fromkeys(("channels", "channel", "our channels", "kanäle", "kanal", "unsere kanäle"), "channels"),
    **dict.fromkeys(("limits", "limit", "grenzen", "obergrenzen"), "limits"),
    **dict.fromkeys(
        (
            "recurring posts",
            "recurring",
            "recurring post",
            "recurring templates",
            "templates",
            "template",
            "regular posts",
            "wiederkehrende beiträge",
            "wiederkehrende posts",
            "wiederkehrend",
            "vorlagen",
        ),
        "recurring",
    ),
}
_KNOWN = (*settings.RULES, "channels", "limits", "recurring posts")
_TITLE_WORDS = ("rules", "regeln", "our rules", "unsere regeln", "posting rules")
_COMMENT = re.compile(r"(?<=\S)\s*\([^()]*\)")
_DAYS_AHEAD = re.compile(
    r"(.+?):\s*(\d{1,4})\s*(?:days?|tage?n?)(?:\s+(?:ahead|before|earlier|vorher|vorab|im voraus))?"
)
MOST_DAYS_AHEAD = 60
_SHORT_NAME = 8  # "late:" and "gap:" may begin a line of a post's text; "time zone:" does not


def parse_rules(
    text: str, *, default_zone: str, with_holidays: bool = True
) -> tuple[Rulebook, tuple[RuleProblem, ...]]:
    """The rules, and every mistake in order of lines. What cannot be read changes nothing; the rest goes on. No text raises.

    ``default_zone`` holds until the doc names another; ZoneInfoNotFoundError or ValueError where it is none. Of more than
    ``MOST_PROBLEMS`` mistakes the last entry counts the rest. A doc too long to be one of rules is not read at all.
    ``with_holidays=False`` leaves the rule of public holidays out, for who asks for no day and has not the library for it.
    """
    ZoneInfo(default_zone)
    if len(text) > LONGEST_CHARACTERS:
        size = f"the doc has {len(text):,} characters and rules take {LONGEST_CHARACTERS:,} at most"
        return Rulebook(default_zone), (
            RuleProblem(1, f"{size}; nothing of it was read. Is it the right doc?", fatal=True),
        )
    lines = split_lines(text)
    if len(lines) > MOST_LINES:
        size = f"the doc has {len(lines):,} lines and rules take {MOST_LINES:,} at most"
        return Rulebook(default_zone), (
            RuleProblem(MOST_LINES + 1, f"{size}; nothing of it was read. Is it the right doc?", fatal=True),
        )
    return _Reading(default_zone, with_holidays=with_holidays).read(lines)


_kept = lru_cache(maxsize=4)(parse_rules)


def usable_rules(text: str, *, default_zone: str, with_holidays: bool = True) -> Rulebook:
    """As ``parse_rules``, for who plans by them and tells nobody of mistakes. Damaged where one of them is fatal.

    A warm function meets the same doc time and again, and reading it takes longer than all else that a send does itself: the last few
    are kept, by their whole text.
    """
    rulebook, problems = _kept(text, default_zone=default_zone, with_holidays=with_holidays)
    if fatal := fatal_in(problems):  # by another zone every post would be at a wrong time, and every row look edited
        raise Damaged(f"line {fatal.line} cannot be used, so that no time zone is known: a name like Europe/Berlin")
    return rulebook


class _Reading:
    def __init__(self, default_zone: str, *, with_holidays: bool) -> None:
        self._book = Rulebook(default_zone)
        self._with_holidays = with_holidays
        self._channels: dict[str, Channel] = {}
        self._limits: dict[str, dict[Of, int]] = {}
        self._problems: list[RuleProblem] = []
        self._recurring: Recurring | None = None
        self._section = ""
        self._days_go_on = False
        self._about_goes_on = False
        self._unsaid: tuple[str, str, int] | None = None  # a rule's name alone: rule, as written, line
        self._number = 0

    def read(self, lines: list[Line]) -> tuple[Rulebook, tuple[RuleProblem, ...]]:
        titled = False
        for index, line in enumerate(lines):
            self._number = line.number
            try:
                recurring = self._recurring if self._section == "recurring" else None
                if recurring is not None and not _leaves(recurring, lines, index):
                    recurring.take(lines, index)
                elif line.plain:
                    self._rule(line, may_be_title=not titled)
                elif line.is_blank:
                    self._about_goes_on = False
                titled = titled or bool(line.plain)
            except Wrong as wrong:
                self._problems.append(RuleProblem(line.number, str(wrong), fatal=wrong.fatal))
        self._settle()
        book = replace(
            self._book,
            channels=self._channels,
            limits=self._limits,
            templates=self._recurring.finish(self._channels) if self._recurring else (),
        )
        return book, _capped(self._problems)

    def _tell(self, number: int, message: str) -> None:
        self._problems.append(RuleProblem(number, message))

    def _tell_here(self, message: str) -> None:
        self._tell(self._number, message)

    def _open_recurring(self) -> None:
        from mesh.rulebook.templates import (
            Recurring,
        )  # every word of a schedule, and only a doc with the section needs them

        self._recurring = self._recurring or Recurring(self._tell)

    def _rule(self, line: Line, *, may_be_title: bool) -> None:
        plain = line.plain
        if len(plain) > LONGEST_RULE_CHARACTERS - 1:
            raise Wrong(
                f"{quote(plain)}: the line is too long for a rule; {LONGEST_RULE_CHARACTERS:,} characters at most"
            )
        if heading := _heading(plain) or self._days_ahead(plain):
            self._settle()
            self._section, self._days_go_on, self._about_goes_on = heading, False, False
            if heading == "recurring":
                self._open_recurring()
            return
        is_channel = self._section == "channels" and names_a_network(plain)  # also one that is called "gap"
        setting = None if is_channel else settings.setting_in(plain)
        if setting is not None:
            self._settle()
            rule, value, _ = setting
            self._setting(rule, settings.own_value(line.own, value) if rule in settings.OWN_WORDS else value, plain)
        elif self._unsaid is not None:
            rule, _, _ = self._unsaid
            self._unsaid = None
            self._apply(rule, settings.own_words(line.own) if rule in settings.OWN_WORDS else plain)
            self._about_goes_on = rule == settings.ABOUT
        elif self._days_go_on and _is_listed_day(plain):
            self._apply(settings.BLACKOUT, plain)
        elif self._about_goes_on and not is_channel and not _misspelt(plain):
            self._apply(settings.ABOUT, settings.own_words(line.own))
        else:
            self._days_go_on = self._about_goes_on = False
            self._listed(plain, may_be_title=may_be_title)

    def _days_ahead(self, plain: str) -> str:
        """ "Recurring posts: 14 days ahead" is the section's heading too."""
        found = _DAYS_AHEAD.fullmatch(plain.lower())
        if found is None or _heading(found[1]) != "recurring":
            return ""
        if not 1 <= int(found[2]) <= MOST_DAYS_AHEAD:
            self._tell_here(
                f"recurring posts come 1 to {MOST_DAYS_AHEAD} days ahead; write it like “{found[1]}: 7 days ahead”"
            )
        else:
            self._book = replace(self._book, recurring_days=int(found[2]))
        return "recurring"

    def _setting(self, rule: str, value: str, plain: str) -> None:
        if self._section != "channels":
            self._section = ""
        self._days_go_on = rule == settings.BLACKOUT
        self._about_goes_on = rule == settings.ABOUT
        if value:
            self._apply(rule, value)
        elif rule != settings.BLACKOUT:
            self._unsaid = (rule, plain.strip(" \"':"), self._number)

    def _apply(self, rule: str, value: str) -> None:
        if rule != settings.HOLIDAYS or self._with_holidays:
            self._book = settings.apply(self._book, rule, value, self._tell_here)

    def _settle(self) -> None:
        """A rule's name stood alone, and no value came below it."""
        if self._unsaid is not None:
            _, name, number = self._unsaid
            self._unsaid = None
            self._tell(number, f"“{name}” says nothing; write its value after a colon")

    def _listed(self, plain: str, *, may_be_title: bool) -> None:
        if self._section == "channels":
            name = plain.partition(":")[0].strip(" \"'")
            if not names_a_network(plain) and (near := nearest(name, settings.NAMES, alike=0.8)):
                raise Wrong(f"{quote(name)} is no rule I know; did you mean “{near}”?")
            channel = channel_of(plain)
            if channel.name in self._channels:
                raise Wrong(f"there is a channel {channel.name} already; give this one another name")
            self._channels[channel.name] = channel
        elif self._section == "limits":
            network, of, value = limit_of(plain)
            self._limits.setdefault(network, {})[of] = value
        elif not (may_be_title and _is_title(plain)):
            raise Wrong(_unknown(plain))


def _leaves(recurring: Recurring, lines: list[Line], index: int) -> bool:
    """Whether the section of recurring posts ends before this line: at another heading or a rule, but not within a text."""
    line = lines[index]
    if not line.plain or not recurring.may_end_at(line):
        return False
    if line.plain.endswith(":") and recurring.lists_names(lines, index):
        return False
    setting = settings.setting_in(line.plain)
    name = line.plain.partition(":")[0]
    leaves = _heading(line.plain) != "" or (setting is not None and setting[2] and len(name) >= _SHORT_NAME)
    if leaves:
        recurring.pause()
    return leaves


def _heading(plain: str) -> str:
    return _HEADINGS.get(_COMMENT.sub("", plain).rstrip(": ").lower(), "")


def _is_listed_day(plain: str) -> bool:
    """A day below "Blackout days:", readable or not. "Christmas Eve: 24 December 2026" is one, "Posting windw: 7-21" is not."""
    name, colon, rest = plain.partition(":")
    if not is_day_like(plain):
        return False
    return not colon or plain[0].isdigit() or (any(letter.isdigit() for letter in rest) and _is_dates(rest, name))


def _is_dates(rest: str, name: str) -> bool:
    heard: list[str] = []
    found = days_in(rest, heard.append)
    return bool(found) and not heard and not nearest(name, settings.NAMES, alike=0.8)


def _misspelt(plain: str) -> bool:
    """A line below "About us:" that was meant as a rule."""
    return nearest(plain.partition(":")[0].strip(" \"'"), [*settings.NAMES, *_HEADINGS], alike=0.8) != ""


def _is_title(plain: str) -> bool:
    """The doc's first words: "Rules for Café Möwe" is no rule, "Chanels" is a slip."""
    if plain.lower().startswith(_TITLE_WORDS):
        return True
    return ":" not in plain and not nearest(plain, [*settings.NAMES, *_HEADINGS], alike=0.75)


def _unknown(plain: str) -> str:
    from mesh.rulebook.schedule_words import begins_like_a_schedule  # only a mistake needs it

    name = plain.partition(":")[0].strip(" \"'")
    if names_a_network(plain):
        return f"{quote(name)} looks like a channel; put it below a heading “Channels”"
    if begins_like_a_schedule(plain.partition(":")[2].strip()):
        return f"{quote(name)} looks like a recurring post; put it below a heading “Recurring posts”"
    near = nearest(name, [*settings.NAMES, *_HEADINGS])
    return f"{quote(name)} is no rule I know; " + (
        f"did you mean “{near}”?" if near else f"known are: {', '.join(_KNOWN)}"
    )


def _capped(problems: list[RuleProblem]) -> tuple[RuleProblem, ...]:
    ordered = sorted(problems, key=lambda problem: problem.line)
    more = ordered[MOST_PROBLEMS:]
    if not more:
        return tuple(ordered)
    mistakes = "mistake" if len(more) == 1 else "mistakes"
    return (
        *ordered[:MOST_PROBLEMS],
        RuleProblem(
            more[0].line,
            f"and {len(more)} more {mistakes} from here on",
            len(more),
            fatal=any(problem.fatal for problem in more),
        ),
    )
