"""The figures: ``make bench``. Each is a count, or a ratio to a floor measured in the same run."""
