"""The only writer of the owner's sheet."""
