"""The monthly recap: the month in figures, a picture and a paragraph that is held to them."""
