"""Recurring posts."""

from __future__ import annotations

from .model import MESH, TEMPLATES, TIME, Defect

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "a recurring post's row is wanted again when its owner deleted it",
        "functions/template_sync/decide.py",
        "        for one in days\n        for post_id, clock in _missing(one, known)",
        "        for one in days\n        for post_id, clock in _missing(one, {key: item for key, item in known.items() if not item.gone_at})",
        TEMPLATES,
    ),
    Defect(
        "a recurring post that was moved stands in the sheet at both times",
        "functions/template_sync/decide.py",
        "        if len(left) > len(free):",
        "        if len(left) > len(free) + 24:",
        TEMPLATES,
    ),
    Defect(
        "a run writes over the item of a recurring post that another made",
        "functions/template_sync/handler.py",
        "lambda before: None if before else fresh, read={}",
        'lambda before: fresh.model_copy(update={"version": -1}), read={}',
        TEMPLATES,
    ),
    Defect(
        "a recurring post's row comes an hour late after a clock change",
        "functions/template_sync/decide.py",
        "    return planned_moment(wall.date() + lead, wall.time(), zone).at",
        "    return now + lead if wall else now",
        TEMPLATES,
    ),
    Defect(
        "a day's number in its recurring post's id is left out",
        "functions/template_sync/decide.py",
        '{day.isoformat()}\\n{number}"',
        '{day.isoformat()}\\n{number and 0}"',
        TEMPLATES,
    ),
    Defect(
        "what an outage kept from being wanted is wanted after it",
        "functions/template_sync/decide.py",
        "occurrences(template, now, until, zone)[:MOST_AHEAD]",
        "occurrences(template, now - timedelta(days=3), until, zone)[:MOST_AHEAD]",
        TEMPLATES,
    ),
    Defect(
        "schedules of others in the group of the recurring posts are deleted",
        "functions/template_sync/edges.py",
        "for name in there - set(wanted) if name.startswith(self._prefix)",
        "for name in there - set(wanted) if name",
        TEMPLATES,
    ),
    Defect(
        "a recurring post's schedule does not follow the time zone",
        "functions/template_sync/edges.py",
        '            "ScheduleExpressionTimezone": time_zone,',
        '            "ScheduleExpressionTimezone": self._settings.tz_name,',
        TEMPLATES,
    ),
    Defect(
        "rules by which nothing may be planned end all recurring posts",
        "functions/template_sync/handler.py",
        "        return {}\n    if rulebook is None:",
        "        rulebook = Rulebook(wiring.settings.tz_name)\n    if rulebook is None:",
        TEMPLATES,
    ),
    Defect(
        "a list that takes turns says its first word each time",
        f"{MESH}/rulebook/variables.py",
        "part.options[turn % len(part.options)]",
        "part.options[0 * turn]",
        TIME,
    ),
    Defect(
        "a word in braces that stands for nothing is posted",
        f"{MESH}/rulebook/variables.py",
        "        if part.wrong:\n",
        "        if part.wrong and part.options:\n",
        TIME,
    ),
)
