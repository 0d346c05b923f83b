"""Sunday evening's message: what needs somebody, what went out, what failed and why, what is coming, how the channels are."""

from mesh.start import search_for_cycles_later

search_for_cycles_later()
