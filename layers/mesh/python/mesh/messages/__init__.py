"""Messages to people by mail and in Slack: each once, with signed links, and Slack's brought up to date."""
