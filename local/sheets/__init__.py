"""A local Google Sheets and Drive: what gspread and the functions need of them, on one loopback origin.

```
serve      the process: socket, signals, one ready line
app        puts the routes of tokens, sheets_api, drive_api and owner together behind the gate (faults, call log)
workspace  the owner's Drive: files, workbooks, the change feed, and their keeping on disk
workbook   tabs of typed cells; reading, writing, structure and furniture work on it
```

The shapes follow Google's discovery documents for sheets v4 and drive v3; every response seen in the contract
tests is held to them.
Formulas are not calculated beyond arithmetic on constants and HYPERLINK: any other shows `#NAME?`.
"""
