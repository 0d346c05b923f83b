"""Every message that an event causes: cards, receipts, troubles."""

from mesh.start import search_for_cycles_later

search_for_cycles_later()
