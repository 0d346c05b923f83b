"""Watches what every test tells: no secret, signed link or word of a post in a line, an event, a schedule, an audit row."""
