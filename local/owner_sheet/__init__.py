"""The owner's sheet at Google, as its commands see it: setup-sheet, import and export (docs/setup-sheet.md, docs/import.md)."""
