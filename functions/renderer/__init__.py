"""Renderer: makes, once, exactly what each network will show."""

from mesh.start import search_for_cycles_later

search_for_cycles_later()
