"""What a stack holds, as files with checksums; and put back so that nothing of it can be posted a second time (docs/backup.md)."""
