"""Sunday evening's message: what needs somebody, what went out, what failed and why, what is coming, how the channels are."""
