"""Calendars of posts as files: read from .csv, .tsv and .xlsx, and written back (docs/import.md)."""
