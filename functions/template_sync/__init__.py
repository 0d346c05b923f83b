"""template-sync: README.md."""
