"""The console for developers, and the local servers that it asks: faults and their books, schedules, what set off what."""

from __future__ import annotations

from .model import Defect

UNIT = "tests/unit/local"
TALLY = (f"{UNIT}/test_console_tally.py",)
SWITCHES = (f"{UNIT}/test_console_switches.py",)
MET = (f"{UNIT}/test_console_kills.py",)
JOURNAL = (f"{UNIT}/test_console_mesh_journal.py",)

DEFECTS: tuple[Defect, ...] = (
    # faults, and what came of them
    Defect(
        "a post that stands twice counts as one that is still looked for",
        "local/console/tally.py",
        'if head["state"] not in _SETTLED and head.get("attempts"))',
        'if head.get("attempts"))',
        TALLY,
    ),
    Defect(
        "what the books call sent and nobody sees is out",
        "local/console/tally.py",
        '        return "out" if not url or url in shown else "missing"',
        '        return "out" if url else "missing"',
        TALLY,
    ),
    Defect(
        "all off leaves on what somebody else ordered",
        "local/console/faults.py",
        '    return "switch" not in told or one.switch == told["switch"]',
        '    return bool(one.switch) and one.switch == told.get("switch", one.switch)',
        SWITCHES,
    ),
    Defect(
        "a fault that is on is hidden by a later one that is used up",
        "local/console/faults.py",
        '        if one.switch in found and found[one.switch]["on"] and not one.is_on:\n            continue\n',
        "",
        SWITCHES,
    ),
    Defect(
        "a fault that is switched off is forgotten, with what came of it",
        "local/orders.py",
        "            for order in found:\n                order.count = 0\n",
        "            for order in found:\n                self._orders.remove(order)\n",
        SWITCHES,
    ),
    Defect(
        "what one order lets through meets the next",
        "local/orders.py",
        "                        order.skip -= 1\n                        return None\n",
        "                        order.skip -= 1\n                        continue\n",
        SWITCHES,
    ),
    Defect(
        "a kill at a call meets whoever makes it first",
        "local/aws/kills.py",
        "            return here and kill.fits(call.caller) and kill.match in text",
        "            return here and kill.match in text",
        MET,
    ),
    Defect(
        "who only looks on uses up a fault of the mesh",
        "local/aws/faults.py",
        '        if self.caller == "functions" and not call.caller:\n            return False\n',
        "",
        MET,
    ),
    # the clock's schedules
    Defect(
        "the schedules ahead stand in no order",
        "local/aws/schedules.py",
        "            coming = sorted((mark.next, key) for key, mark in self._marks.items() if mark.next)",
        "            coming = [(mark.next, key) for key, mark in self._marks.items() if mark.next]",
        ("tests/contract/emulator/test_emulator_schedules.py",),
    ),
    # what set off what
    Defect(
        "what woke a run is told with the token of its link",
        "local/console/mesh_journal.py",
        '        return " ".join(told.split()[:2]) if told.startswith("url ") else told',
        "        return told",
        JOURNAL,
    ),
    Defect(
        "a hold counts as an approval in the tour",
        "local/console/tour.py",
        '            if row["action"] == "approved"\n',
        '            if row.get("how")\n',
        (f"{UNIT}/test_console_tour_server.py",),
    ),
)
