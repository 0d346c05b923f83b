"""draft-helper: README.md."""

from mesh.start import search_for_cycles_later

search_for_cycles_later()
