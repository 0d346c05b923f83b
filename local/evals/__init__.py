"""A small set of notes by which prompts and models are compared: ``make eval``."""
