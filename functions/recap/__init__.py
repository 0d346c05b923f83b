"""The monthly recap: the month in figures, a picture and a paragraph that is held to them."""

from mesh.start import search_for_cycles_later

search_for_cycles_later()
