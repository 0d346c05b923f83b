"""The only writer of the owner's sheet."""

from mesh.start import search_for_cycles_later

search_for_cycles_later()
