"""Asking a model on Bedrock: the question, everything that can go wrong, and what it costs."""
