"""A Slack for one computer: the parts of its Web API that the cards use, as strict as the real one, and the channel to look at."""
