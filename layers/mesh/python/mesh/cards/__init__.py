"""Cards: one model of what a human is shown, and its renderings as mail and as page. Pure."""
