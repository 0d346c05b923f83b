"""A local Google Sheets and Drive: what gspread and the functions need of them, on one loopback origin.

```
serve      the process: socket, signals, one ready line
app        puts the routes of tokens, sheets_api, drive_api and owner together behind the gate
gate       what every call passes: faults (and hanging_up), quotas, the record of calls; refusals has Google's words
owner      the owner's hands (owner_desk, _rows, _layout, _files, _trouble), and undo
workspace  the owner's Drive: files, workbooks, who may what; feed is Drive's view of what changed; keeping the disk
workbook   tabs of typed cells; values, views and the batch modules work on it
cells      one cell: typed_numbers and serials read what a person types, patterns shows it
```

The shapes follow Google's discovery documents for sheets v4 and drive v3; every response seen in the contract
tests is held to them.
Formulas are not calculated beyond arithmetic on constants and HYPERLINK: any other shows `#NAME?`.
"""
