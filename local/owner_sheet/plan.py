"""What setup-sheet changes: one list of requests, and what it says of them. Pure.

Only what is missing is asked for, so that a second run asks for nothing. Formats, lists and boxes are put on cells, never
content: what stands in the owner's rows is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.owner_sheet import looks
from local.owner_sheet.connection import SheetError
from local.owner_sheet.found import TAB, Found, Tab, header_row
from local.owner_sheet.looks import Look, look_of
from mesh.posts import COLUMNS

Json = dict[str, Any]

_NEW_TAB_ROWS, _NEW_TAB_COLUMNS = 1000, 26
_SERIAL_EPOCH = date(1899, 12, 30)
_EXAMPLE_TEXT = (
    "This row is an example: write your post here, or delete the row. Nothing goes out before you approve it in a mail."
)

_COMPOSE_NOTE = "Write a note, and a post is drafted from it: "


@dataclass
class Plan:
    """``requests`` for one batchUpdate; ``done`` says what they do; ``look_at`` what a person should check."""

    requests: list[Json] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    look_at: list[str] = field(default_factory=list)


def make_plan(
    found: Found,
    channels: Sequence[str] | None,
    *,
    zone: ZoneInfo | None,
    now: datetime,
    new_id: Callable[[], int],
    compose: str = "",
) -> Plan:
    """``channels`` None: no rules doc was found. ``compose`` is the address where notes are written, "" where it is not known.

    SheetError where a person has to decide first.
    """
    plan = Plan()
    tab = _tab(found, plan, new_id)
    at = header_row(tab)
    tab, at = _header(tab, at, plan)
    if tab.frozen_rows < at + 1:
        grid = {"sheetId": tab.sheet_id, "gridProperties": {"frozenRowCount": at + 1}}
        plan.requests.append({"updateSheetProperties": {"properties": grid, "fields": "gridProperties.frozenRowCount"}})
        plan.done.append("the header stays in view")
    titles = tab.texts(at)
    _doubles(titles, plan)
    for column, title in enumerate(titles):
        look = look_of(title)
        if look is not None and titles.index(title) == column:
            _dress(tab, at, column, title, look, channels, plan)
    _colour(tab, at, titles.index("status"), plan)
    if compose:
        _compose_note(tab, at, titles.index("note"), compose, plan)
    if not any(row > at for row in tab.filled_rows()):
        _example(tab, at, titles, channels, zone, now, plan)
    return plan


def _tab(found: Found, plan: Plan, new_id: Callable[[], int]) -> Tab:
    tab, twins = found.posts, found.look_alikes()
    if tab is not None:
        plan.look_at += [f"the tab {twin.title} has the same columns; only the tab {TAB} is read" for twin in twins]
        if tab.title != TAB:
            _rename(tab, plan)
        return tab
    if len(twins) > 1:
        names = " and ".join(twin.title for twin in twins)
        raise SheetError(f"the tabs {names} both look like the plan; rename the right one to {TAB} and run this again")
    if twins:
        raise SheetError(
            f"there is no tab {TAB}, and {twins[0].title} looks like it; rename it to {TAB} and run this again"
        )
    if len(found.tabs) == 1 and not any(True for _ in found.tabs[0].filled_rows()):
        _rename(found.tabs[0], plan)
        return found.tabs[0]
    grid = {"rowCount": _NEW_TAB_ROWS, "columnCount": _NEW_TAB_COLUMNS}
    new = Tab(new_id(), TAB, _NEW_TAB_ROWS, _NEW_TAB_COLUMNS)
    plan.requests.append({"addSheet": {"properties": {"sheetId": new.sheet_id, "title": TAB, "gridProperties": grid}}})
    plan.done.append(f"a tab {TAB} beside the others")
    return new


def _rename(tab: Tab, plan: Plan) -> None:
    properties = {"sheetId": tab.sheet_id, "title": TAB}
    plan.requests.append({"updateSheetProperties": {"properties": properties, "fields": "title"}})
    plan.done.append(f"the tab {tab.title} is called {TAB} now")


def _header(tab: Tab, at: int | None, plan: Plan) -> tuple[Tab, int]:
    """The tab as it will be with every column there: new ones at the end, none moved."""
    row = at or 0
    missing = [name for name in COLUMNS if at is None or name not in tab.texts(row)]
    if not missing:
        return tab, row
    start = tab.end_column if at is not None else 0
    if at is not None:
        # Inserted, not written over: whatever the owner puts beside the table in this second moves aside.
        if start >= tab.column_count:
            plan.requests.append(
                {
                    "appendDimension": {
                        "sheetId": tab.sheet_id,
                        "dimension": "COLUMNS",
                        "length": start - tab.column_count + 1,
                    }
                }
            )
        span = {"sheetId": tab.sheet_id, "dimension": "COLUMNS", "startIndex": start, "endIndex": start + len(missing)}
        plan.requests.append({"insertDimension": {"range": span, "inheritFromBefore": False}})
        plan.done.append(f"the {'columns' if len(missing) > 1 else 'column'} {', '.join(missing)} at the end")
    else:
        if tab.column_count < len(missing):
            length = len(missing) - tab.column_count
            plan.requests.append(
                {"appendDimension": {"sheetId": tab.sheet_id, "dimension": "COLUMNS", "length": length}}
            )
        plan.done.append(f"the header: {', '.join(missing)}")
    cells = [
        {"userEnteredValue": {"stringValue": name}, "userEnteredFormat": {"textFormat": {"bold": True}}}
        for name in missing
    ]
    plan.requests.append(
        {
            "updateCells": {
                "start": {"sheetId": tab.sheet_id, "rowIndex": row, "columnIndex": start},
                "rows": [{"values": cells}],
                "fields": "userEnteredValue,userEnteredFormat.textFormat.bold",
            }
        }
    )
    return _widened(tab, row, start, cells, inserted=at is not None), row


def _widened(tab: Tab, row: int, start: int, cells: list[Json], *, inserted: bool) -> Tab:
    """As the tab will stand then. What was behind the table had no content, and gets the new columns' look."""
    lines = [list(line[:start]) for line in tab.rows] + [[] for _ in range(row + 1 - len(tab.rows))]
    lines[row] = lines[row] + [{} for _ in range(start - len(lines[row]))] + cells
    widths = [*tab.widths_px[:start], *[looks.USUAL_WIDTH_PX] * len(cells)]
    columns = max(tab.column_count, start + len(cells)) + (len(cells) if inserted else 0)
    return replace(tab, rows=lines, widths_px=widths, column_count=columns)


def _doubles(titles: Sequence[str], plan: Plan) -> None:
    for title in dict.fromkeys(title for title in titles if title in COLUMNS and titles.count(title) > 1):
        plan.look_at.append(f"two columns are called {title}; the first counts, so rename the other")


def _dress(tab: Tab, at: int, column: int, title: str, look: Look, channels: Sequence[str] | None, plan: Plan) -> None:
    if look.number is not None:

        def unformatted(cell: Json) -> bool:
            kind = ((cell.get("userEnteredFormat") or {}).get("numberFormat") or {}).get("type")
            return kind not in look.kinds

        what = {"DATE": "as a date", "TIME": "as a time"}.get(look.number["type"], "as text, so that it stays as typed")
        body = {
            "cell": {"userEnteredFormat": {"numberFormat": look.number}},
            "fields": "userEnteredFormat.numberFormat",
        }
        _on_rows(tab, at, column, unformatted, "repeatCell", body, f"{title} {what}", plan)
    if look.wrap:

        def unwrapped(cell: Json) -> bool:
            return not (cell.get("userEnteredFormat") or {}).get("wrapStrategy")

        body = {"cell": {"userEnteredFormat": {"wrapStrategy": "WRAP"}}, "fields": "userEnteredFormat.wrapStrategy"}
        _on_rows(tab, at, column, unwrapped, "repeatCell", body, f"{title} with line breaks", plan)
    if look.checkbox:
        _on_rows(
            tab,
            at,
            column,
            _unlike(looks.CHECKBOX),
            "setDataValidation",
            {"rule": looks.CHECKBOX},
            f"boxes to tick in {title}",
            plan,
        )
    if title == "channels" and channels:
        rule = looks.channel_list(channels)
        _on_rows(
            tab,
            at,
            column,
            _unlike(rule),
            "setDataValidation",
            {"rule": rule},
            f"channels to choose from: {', '.join(channels)}",
            plan,
        )
    width_px = tab.widths_px[column] if column < len(tab.widths_px) else looks.USUAL_WIDTH_PX
    if width_px == looks.USUAL_WIDTH_PX:
        span = {"sheetId": tab.sheet_id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
        properties = {"pixelSize": look.width_px}
        plan.requests.append(
            {"updateDimensionProperties": {"range": span, "properties": properties, "fields": "pixelSize"}}
        )
        _once(plan, "columns as wide as what goes into them")
    if look.guarded and not any(_covers(protected, tab, column, look) for protected in tab.protected):
        area = _whole(tab, at, column)
        guard = {"range": area, "description": look.guarded, "warningOnly": True}
        plan.requests.append({"addProtectedRange": {"protectedRange": guard}})
        plan.done.append(f"a warning before somebody types into {title}")


def _unlike(rule: Json) -> Callable[[Json], bool]:
    """Whether a cell has another condition; its owner may have made it stricter or given it colours."""
    wanted = rule["condition"]

    def differs(cell: Json) -> bool:
        condition = (cell.get("dataValidation") or {}).get("condition") or {}
        return (condition.get("type"), condition.get("values") or []) != (wanted["type"], wanted.get("values") or [])

    return differs


def _on_rows(
    tab: Tab, at: int, column: int, lacks: Callable[[Json], bool], kind: str, body: Json, what: str, plan: Plan
) -> None:
    """One request for each run of rows under the header that lack it."""
    start: int | None = None
    found = False
    for row in range(at + 1, tab.row_count + 1):
        lacking = row < tab.row_count and lacks(tab.cell(row, column))
        if lacking and start is None:
            start = row
        elif not lacking and start is not None:
            area = {
                "startRowIndex": start,
                "endRowIndex": row,
                "startColumnIndex": column,
                "endColumnIndex": column + 1,
            }
            plan.requests.append({kind: {"range": {"sheetId": tab.sheet_id, **area}, **body}})
            start, found = None, True
    if found:
        plan.done.append(what)


def _compose_note(tab: Tab, at: int, column: int, compose: str, plan: Plan) -> None:
    """Seen by whoever points at the header: no cell's content. A note of the owner's own stays."""
    wanted, there = f"{_COMPOSE_NOTE}{compose}", str(tab.cell(at, column).get("note") or "")
    if there == wanted:
        return
    if there and not there.startswith(_COMPOSE_NOTE):
        plan.look_at.append(
            f"the header of note has a note of your own, which stays; posts are drafted from notes at {compose}"
        )
        return
    start = {"sheetId": tab.sheet_id, "rowIndex": at, "columnIndex": column}
    plan.requests.append({"updateCells": {"start": start, "rows": [{"values": [{"note": wanted}]}], "fields": "note"}})
    plan.done.append("the address where notes are written, at the header of note")


def _once(plan: Plan, sentence: str) -> None:
    if sentence not in plan.done:
        plan.done.append(sentence)


def _covers(protected: Json, tab: Tab, column: int, look: Look) -> bool:
    """Whether the column, or the whole tab, is protected already, by us or by its owner's own means."""
    area = protected.get("range") or {}
    start, end = int(area.get("startColumnIndex") or 0), area.get("endColumnIndex")
    if not (start <= column and (end is None or column < int(end))):
        return False
    end_row = area.get("endRowIndex")
    return end_row is None or int(end_row) >= tab.row_count or protected.get("description") == look.guarded


def _whole(tab: Tab, at: int, column: int) -> Json:
    """The column without an end, from its header on: a row put in directly under the header is inside."""
    return {"sheetId": tab.sheet_id, "startRowIndex": at, "startColumnIndex": column, "endColumnIndex": column + 1}


def _colour(tab: Tab, at: int, column: int, plan: Plan) -> None:
    """Colours that are missing, after those that are there: an owner's own rules stay before ours, and changed colours stay."""
    area = _whole(tab, at, column)
    there = {_condition(rule) for rule in tab.colours if _is_on(rule, column)}
    index = len(tab.colours)
    for condition, text, colour in looks.COLOURS:
        if (condition, text) not in there:
            rule = looks.colour_rule(condition, text, colour, area)
            plan.requests.append({"addConditionalFormatRule": {"rule": rule, "index": index}})
            _once(plan, "colours in status")
            index += 1


def _condition(rule: Json) -> tuple[str, str]:
    condition = (rule.get("booleanRule") or {}).get("condition") or {}
    values = condition.get("values") or [{}]
    return str(condition.get("type")), str(values[0].get("userEnteredValue"))


def _is_on(rule: Json, column: int) -> bool:
    areas = rule.get("ranges") or []
    return any(
        int(area.get("startColumnIndex") or 0) <= column < int(area.get("endColumnIndex") or column + 1)
        for area in areas
    )


def _example(
    tab: Tab,
    at: int,
    titles: Sequence[str],
    channels: Sequence[str] | None,
    zone: ZoneInfo | None,
    now: datetime,
    plan: Plan,
) -> None:
    """In a row of its own, inserted: whatever is typed under the header in this second moves down."""
    day = (now.astimezone(zone) if zone else now).date() + timedelta(days=7)
    content: dict[str, Json] = {
        "date": {"numberValue": (day - _SERIAL_EPOCH).days},
        "time": {"numberValue": 9 / 24},
        "text": {"stringValue": _EXAMPLE_TEXT},
    }
    if channels:
        content["channels"] = {"stringValue": channels[0]}
    span = {"sheetId": tab.sheet_id, "dimension": "ROWS", "startIndex": at + 1, "endIndex": at + 2}
    cells = [{"userEnteredValue": content[title]} if title in content else {} for title in titles]
    plan.requests += [
        {"insertDimension": {"range": span, "inheritFromBefore": False}},
        {
            "updateCells": {
                "start": {"sheetId": tab.sheet_id, "rowIndex": at + 1, "columnIndex": 0},
                "rows": [{"values": cells}],
                "fields": "userEnteredValue",
            }
        },
    ]
    plan.done.append(f"an example row for {day:%d %B %Y}; delete it when you like")
