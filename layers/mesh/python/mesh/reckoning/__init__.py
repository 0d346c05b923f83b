"""What happened in a week or a month, read from the tables and counted: what digest, recap and ``status`` tell."""
