"""Decides a move per post and channel; the only one that books and the one that asks."""

from mesh.start import search_for_cycles_later

search_for_cycles_later()
