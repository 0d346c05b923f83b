"""``make setup``: a business set up step by step, each looked at at once, and taken up again wherever it was left."""
