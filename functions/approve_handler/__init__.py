"""The public door: shows, verifies and commits a click."""

from mesh.start import search_for_cycles_later

search_for_cycles_later()
