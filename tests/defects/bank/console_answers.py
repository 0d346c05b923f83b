"""The console's answers: edits of the sheet, what is new, the plan, a calendar of one's own."""

from __future__ import annotations

from .model import Defect

CONSOLE = "local/console"
UNIT = "tests/unit/local"
EDITS = (f"{UNIT}/test_console_edits.py",)
APP = (f"{UNIT}/test_console_app.py",)
SLACK_PART = (f"{UNIT}/test_console_slack.py",)
BOOKINGS = (f"{UNIT}/test_console_bookings.py",)
PLAN = (f"{UNIT}/test_console_plan.py",)
OWN = (f"{UNIT}/test_console_own_calendar.py",)

DEFECTS: tuple[Defect, ...] = (
    # the console: edits
    Defect(
        "an edit lands in whatever row has its number by now",
        f"{CONSOLE}/edits.py",
        "        if row in places:\n            return int(row)\n",
        "        if isinstance(row, int):\n            return row\n",
        EDITS,
    ),
    Defect(
        "rows that moved between the look and the edit are edited all the same",
        f"{CONSOLE}/stack.py",
        '"/owner/cells", {"edits": edits, "version": version}',
        '"/owner/cells", {"edits": edits}',
        EDITS,
    ),
    Defect(
        "an undo writes over what somebody wrote since",
        f"{CONSOLE}/edits.py",
        '    if place is None or column not in was or grid.cells(place).get(column, "") != was[column]:',
        "    if place is None or column not in was:",
        EDITS,
    ),
    Defect(
        "who leaves out where a request is from may change the sheet from any page",
        f"{CONSOLE}/bodies.py",
        '    origin = request.headers.get("origin")',
        '    origin = request.headers.get("referer")',
        EDITS,
    ),
    # the console: what is new
    Defect(
        "a fresh stack's first mails are taken for those that the page has",
        f"{CONSOLE}/state.py",
        '    if seen.life and seen.life != life.name:\n        return {"life": life.name}\n    trouble',
        "    trouble",
        APP,
    ),
    Defect(
        "a part that fails takes the sheet from the page",
        f"{CONSOLE}/state.py",
        "    except Exception as error:  # noqa: BLE001 - whatever",
        "    except ServerError as error:  # whatever",
        APP,
    ),
    Defect(
        "what stands in a mail may run",
        f"{CONSOLE}/mails.py",
        '    "sandbox allow-same-origin allow-popups',
        '    "sandbox allow-scripts allow-same-origin allow-popups',
        APP,
    ),
    Defect(
        "a picture gets the name of another one that is there",
        f"{CONSOLE}/pictures.py",
        '        if known.get("md5") == md5:',
        '        if known.get("md5"):',
        (f"{UNIT}/test_console_pictures.py",),
    ),
    # the console: cards, Slack and previews
    Defect(
        "a preview is of the version that was approved once",
        f"{CONSOLE}/previews.py",
        'package = found[0].get("package") if found else None',
        'package = found[0].get("approval") if found else None',
        (f"{UNIT}/test_console_previews.py",),
    ),
    Defect(
        "a card is about the posts of its first link alone",
        f"{CONSOLE}/mail_about.py",
        "    asked = [pair for token in tokens if token.action",
        "    asked = [pair for token in tokens[:1] if token.action",
        SLACK_PART,
    ),
    Defect(
        "a card of before counts as the new one",
        f"{CONSOLE}/card_posts.py",
        '        newer = status.asked.round_id if status.asked.revision == status.current_revision else ""',
        "        newer = status.asked.round_id",
        SLACK_PART,
    ),
    # the console: what comes
    Defect(
        "a booked post that was changed since is told as one that goes",
        f"{CONSOLE}/coming.py",
        '    return "" if status.approved else "Changed',
        '    return "" if status.approval else "Changed',
        BOOKINGS,
    ),
    Defect(
        "what is booked already keeps no other post of its channel away",
        f"{CONSOLE}/planned.py",
        "                taken.setdefault(going.channel, []).append(going.at)",
        "                taken[going.channel] = []",
        PLAN,
    ),
    Defect(
        "a text of a channel's own is judged by the text of all",
        f"{CONSOLE}/judged.py",
        "_limits(rulebook, channel), row.text_for(channel), row.link, alts)",
        "_limits(rulebook, channel), row.text, row.link, alts)",
        (*PLAN, *OWN),
    ),
    Defect(
        "at speed the clock passes over a booking",
        f"{CONSOLE}/speed.py",
        "        goal = min([goal, *(at for at in booked if at > now)])\n",
        "",
        (f"{UNIT}/test_console_clock.py",),
    ),
    # the console: a calendar of one's own, and out again
    Defect(
        "a file that was saved here puts its ids into the sheet",
        f"{CONSOLE}/own_calendar.py",
        "            if title.lower() in columns and title not in _NOT_TAKEN\n",
        "            if title.lower() in columns\n",
        OWN,
    ),
    Defect(
        "a month that is saved is the month of UTC",
        f"{CONSOLE}/exports.py",
        'date.strftime(at.astimezone(zone), "%Y-%m")',
        'date.strftime(at, "%Y-%m")',
        OWN,
    ),
    Defect(
        "a post that moved is another entry for a calendar program",
        f"{CONSOLE}/exports.py",
        '            uid=post["post_id"],',
        """            uid=f"{post['post_id']}-{post['goes_at']}",""",
        OWN,
    ),
)
