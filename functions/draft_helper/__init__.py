"""draft-helper: README.md."""
