"""Whether a secret, a signed link or a word of a post stands where it must not: in lines, events, histories, dead letters, the audit."""
