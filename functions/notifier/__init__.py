"""Every message that an event causes: cards, receipts, troubles."""
